/* Offsets into buffers that no driver is to follow. The driver: a real one, behind functions that count what reaches it. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <gles_encode.h>
#include "driver.h"
#include "loop.h"

static struct dc_gl spied;
static unsigned calls;

static void GL_APIENTRY
spy_sub_image(GLenum target, GLint level, GLint x, GLint y, GLint z, GLsizei width, GLsizei height, GLsizei depth,
              GLenum format, GLenum type, const void *pixels)
{
    calls++;
}
static void GL_APIENTRY
spy_compressed(GLenum target, GLint level, GLint x, GLint y, GLsizei width, GLsizei height, GLenum format, GLsizei size,
               const void *data)
{
    calls++;
}
static void GL_APIENTRY
spy_read_pixels(GLint x, GLint y, GLsizei width, GLsizei height, GLenum format, GLenum type, void *pixels)
{
    calls++;
}
static void GL_APIENTRY spy_arrays(GLenum mode, const void *indirect) { calls++; }
static void GL_APIENTRY spy_elements(GLenum mode, GLenum type, const void *indirect) { calls++; }
static void GL_APIENTRY spy_dispatch(GLintptr indirect) { calls++; }

/* Whether the commands so far reached the driver: then without an error, else with INVALID_OPERATION. */
static bool
reached(struct loop *loop)
{
    calls = 0;
    assert_int_equal(loop_run(loop), 0);
    assert_int_equal(loop_error(loop), calls ? GL_NO_ERROR : GL_INVALID_OPERATION);
    return calls == 1;
}

static struct loop *
start(GLenum target, GLsizeiptr size)
{
    struct loop *loop = loop_create(&spied);
    dc_enc_BindBuffer(&loop->encoder, target, 1);
    dc_enc_BufferData(&loop->encoder, target, size, NULL, 0, GL_STATIC_DRAW);
    assert_int_equal(loop_run(loop), 0);
    assert_int_equal(loop_error(loop), GL_NO_ERROR);
    return loop;
}

static bool
upload(struct loop *loop, GLsizei width, GLsizei height, GLsizei depth, uint64_t offset)
{
    dc_enc_TexSubImage3D(&loop->encoder, GL_TEXTURE_3D, 0, 0, 0, 0, width, height, depth, GL_RGBA, GL_UNSIGNED_BYTE, true,
                         offset, NULL, 0);
    return reached(loop);
}

static void
test_uploads(void **state)
{
    struct loop *loop = start(GL_PIXEL_UNPACK_BUFFER, 256);
    struct dc_encoder *e = &loop->encoder;
    assert_true(upload(loop, 4, 4, 4, 0));
    assert_false(upload(loop, 4, 4, 4, 4));
    assert_false(upload(loop, 4, 4, 5, 0));
    assert_false(upload(loop, 4, 4, 4, UINT64_MAX - 128));
    dc_enc_PixelStorei(e, GL_UNPACK_ROW_LENGTH, 5); // the last row ends where its texels do
    assert_true(upload(loop, 4, 4, 3, 0));
    assert_false(upload(loop, 4, 4, 4, 0));
    dc_enc_PixelStorei(e, GL_UNPACK_SKIP_IMAGES, 1);
    assert_false(upload(loop, 4, 4, 3, 0));
    // Larger than any number.
    dc_enc_PixelStorei(e, GL_UNPACK_ROW_LENGTH, INT32_MAX);
    dc_enc_PixelStorei(e, GL_UNPACK_IMAGE_HEIGHT, INT32_MAX);
    dc_enc_PixelStorei(e, GL_UNPACK_SKIP_IMAGES, INT32_MAX);
    assert_false(upload(loop, 4, 4, 4, 0));
    loop_destroy(loop);
}

static void
test_compressed(void **state)
{
    struct loop *loop = start(GL_PIXEL_UNPACK_BUFFER, 64);
    for (unsigned i = 0; i < 3; i++) {
        const uint64_t offsets[] = { 32, 40, UINT64_MAX - 16 };
        dc_enc_CompressedTexSubImage2D(&loop->encoder, GL_TEXTURE_2D, 0, 0, 0, 8, 8, GL_COMPRESSED_RGB8_ETC2, 32, true,
                                       offsets[i], NULL, 0);
        assert_int_equal(reached(loop), i == 0);
    }
    loop_destroy(loop);
}

static void
test_read_pixels(void **state)
{
    struct loop *loop = start(GL_PIXEL_PACK_BUFFER, 64);
    dc_enc_ReadPixels(&loop->encoder, 1, 0, 0, 4, 4, GL_RGBA, GL_UNSIGNED_BYTE, true, 0);
    assert_true(reached(loop));
    dc_enc_ReadPixels(&loop->encoder, 1, 0, 0, 4, 4, GL_RGBA, GL_UNSIGNED_BYTE, true, 4);
    assert_false(reached(loop));
    dc_enc_PixelStorei(&loop->encoder, GL_PACK_ROW_LENGTH, INT32_MAX);
    dc_enc_PixelStorei(&loop->encoder, GL_PACK_SKIP_ROWS, INT32_MAX);
    dc_enc_ReadPixels(&loop->encoder, 1, 0, 0, 4, INT32_MAX, GL_RGBA, GL_FLOAT, true, 0);
    assert_false(reached(loop));
    loop_destroy(loop);
}

static void
test_indirect(void **state)
{
    struct loop *loop = start(GL_DRAW_INDIRECT_BUFFER, 64);
    struct dc_encoder *e = &loop->encoder;
    dc_enc_BindBuffer(e, GL_ELEMENT_ARRAY_BUFFER, 2);
    dc_enc_DrawArraysIndirect(e, GL_POINTS, 48);
    assert_true(reached(loop));
    dc_enc_DrawArraysIndirect(e, GL_POINTS, 52);
    assert_false(reached(loop));
    dc_enc_DrawArraysIndirect(e, GL_POINTS, UINT64_MAX - 3);
    assert_false(reached(loop));
    dc_enc_DrawElementsIndirect(e, GL_POINTS, GL_UNSIGNED_INT, 44);
    assert_true(reached(loop));
    dc_enc_DrawElementsIndirect(e, GL_POINTS, GL_UNSIGNED_INT, 48);
    assert_false(reached(loop));
    dc_enc_BindBuffer(e, GL_DISPATCH_INDIRECT_BUFFER, 1);
    dc_enc_DispatchComputeIndirect(e, 52);
    assert_true(reached(loop));
    dc_enc_DispatchComputeIndirect(e, 56);
    assert_false(reached(loop));
    // A buffer that became smaller.
    dc_enc_BufferData(e, GL_DRAW_INDIRECT_BUFFER, 16, NULL, 0, GL_STATIC_DRAW);
    dc_enc_DispatchComputeIndirect(e, 52);
    assert_false(reached(loop));
    loop_destroy(loop);
}

static int
setup(void **state)
{
    const struct dc_gl *gl = driver_create();
    if (!gl)
        return -1;
    spied = *gl;
    spied.TexSubImage3D = spy_sub_image;
    spied.CompressedTexSubImage2D = spy_compressed;
    spied.ReadPixels = spy_read_pixels;
    spied.DrawArraysIndirect = spy_arrays;
    spied.DrawElementsIndirect = spy_elements;
    spied.DispatchComputeIndirect = spy_dispatch;
    return 0;
}

static int
teardown(void **state)
{
    driver_destroy();
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_uploads), TEST(test_compressed), TEST(test_read_pixels), TEST(test_indirect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
