/* Client arrays that the worker keeps, through a real driver, and streams that break the agreement about them. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <gles_encode.h>
#include <protocol/gles/client_range.h>
#include "driver.h"
#include "gles/client_arrays.h"
#include "loop.h"

static const char vertex_source[] =
    "attribute vec2 position; attribute vec4 tint; varying vec4 color;"
    "void main() { gl_Position = vec4(position, 0.0, 1.0); color = tint; }";
static const char fragment_source[] = "precision mediump float; varying vec4 color; void main() { gl_FragColor = color; }";

struct vertex {
    float x, y;
    uint8_t tint[4];
    float unused;
};
#define QUAD(r, g, b)                                                                                                   \
    { { -1, -1, { r, g, b, 255 }, 0 }, { 1, -1, { r, g, b, 255 }, 0 }, { -1, 1, { r, g, b, 255 }, 0 },                   \
      { 1, 1, { r, g, b, 255 }, 0 } }
static const struct vertex red[4] = QUAD(255, 0, 0), green[4] = QUAD(0, 255, 0);

static void
make_program(struct loop *loop)
{
    struct dc_encoder *e = &loop->encoder;
    dc_enc_CreateShader(e, GL_VERTEX_SHADER, 1);
    dc_enc_ShaderSource(e, 1, vertex_source, sizeof(vertex_source) - 1);
    dc_enc_CompileShader(e, 1);
    dc_enc_CreateShader(e, GL_FRAGMENT_SHADER, 2);
    dc_enc_ShaderSource(e, 2, fragment_source, sizeof(fragment_source) - 1);
    dc_enc_CompileShader(e, 2);
    dc_enc_CreateProgram(e, 3);
    dc_enc_AttachShader(e, 3, 1);
    dc_enc_AttachShader(e, 3, 2);
    dc_enc_BindAttribLocation(e, 3, 0, "position", 8);
    dc_enc_BindAttribLocation(e, 3, 1, "tint", 4);
    dc_enc_LinkProgram(e, 3);
    dc_enc_UseProgram(e, 3);
    dc_enc_EnableVertexAttribArray(e, 0);
    dc_enc_EnableVertexAttribArray(e, 1);
    assert_int_equal(loop_run(loop), 0);
}

static uint32_t
pixel(struct loop *loop)
{
    dc_enc_ReadPixels(&loop->encoder, 77, 9, 50, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, false, 0);
    assert_int_equal(loop_run(loop), 0);
    struct loop_reply *reply = loop_take(loop, DC_REPLY_SYNC);
    assert_non_null(reply);
    uint32_t value = (uint32_t)reply->data[0] << 24 | (uint32_t)reply->data[1] << 16 | (uint32_t)reply->data[2] << 8
                     | reply->data[3];
    loop_reply_free(reply);
    dc_enc_Clear(&loop->encoder, GL_COLOR_BUFFER_BIT);
    return value;
}

static void
attribs(struct dc_encoder *e, int32_t first, uint32_t slot)
{
    dc_enc_dcClientAttrib(e, 0, 2, GL_FLOAT, 0, 0, sizeof(struct vertex), first, slot, offsetof(struct vertex, x));
    dc_enc_dcClientAttrib(e, 1, 4, GL_UNSIGNED_BYTE, DC_CLIENT_NORMALIZED, 0, sizeof(struct vertex), first, slot,
                          offsetof(struct vertex, tint));
}

static void
a_range_is_drawn_from_again_and_again(void **state)
{
    struct loop *loop = loop_create(*state);
    struct dc_encoder *e = &loop->encoder;
    make_program(loop);
    dc_enc_dcClientRange(e, 7, 0, red, sizeof(red));
    dc_enc_dcClientRange(e, 8, 5 * sizeof(struct vertex), green, sizeof(green));
    for (int i = 0; i < 3; i++) {
        attribs(e, 0, 7);
        dc_enc_DrawArrays(e, GL_TRIANGLE_STRIP, 0, 4);
        assert_int_equal(pixel(loop), 0xff0000ff);
        attribs(e, 5, 8);
        dc_enc_DrawArrays(e, GL_TRIANGLE_STRIP, 5, 4);
        assert_int_equal(pixel(loop), 0x00ff00ff);
        dc_enc_dcClientRange(e, DC_CLIENT_SLOT_NEXT_DRAW, 2 * sizeof(struct vertex), red, sizeof(red));
        attribs(e, 2, DC_CLIENT_SLOT_NEXT_DRAW);
        const uint16_t indices[] = { 2, 3, 4, 5 };
        dc_enc_DrawElements(e, GL_TRIANGLE_STRIP, 4, GL_UNSIGNED_SHORT, false, 0, indices, sizeof(indices));
        assert_int_equal(pixel(loop), 0xff0000ff);
    }
    // Replaced while the last draw may still be under way.
    attribs(e, 0, 7);
    dc_enc_DrawArrays(e, GL_TRIANGLE_STRIP, 0, 4);
    dc_enc_dcClientRange(e, 7, 0, green, sizeof(green));
    attribs(e, 0, 7);
    dc_enc_DrawArrays(e, GL_TRIANGLE_STRIP, 0, 4);
    assert_int_equal(pixel(loop), 0x00ff00ff);
    dc_enc_dcClientEvict(e, 7);
    dc_enc_dcClientEvict(e, 8);
    assert_int_equal(loop_run(loop), 0);
    assert_int_equal(loop->context->kept_bytes, 0);
    assert_int_equal(loop_error(loop), GL_NO_ERROR);
    loop_destroy(loop);
}

static void
release_deletes_the_buffers(void **state)
{
    struct loop *loop = loop_create(*state);
    make_program(loop);
    dc_enc_dcClientRange(&loop->encoder, 1, 0, red, sizeof(red));
    assert_int_equal(loop_run(loop), 0);
    uint32_t driver = loop->context->kept[1].driver;
    assert_true(loop->exec.gl->IsBuffer(driver));
    dc_client_arrays_release(&loop->exec);
    assert_false(loop->exec.gl->IsBuffer(driver));
    loop_destroy(loop);
}

static void
expect_failure(struct loop *loop, const char *reason)
{
    assert_int_not_equal(loop_run(loop), 0);
    assert_string_equal(loop->exec.fail_reason, reason);
    loop_destroy(loop);
}

static struct loop *
loop_with_a_range(void **state)
{
    struct loop *loop = loop_create(*state);
    make_program(loop);
    dc_enc_dcClientRange(&loop->encoder, 3, 0, red, sizeof(red));
    return loop;
}

static void
hostile_attributes(void **state)
{
    struct loop *loop = loop_with_a_range(state);
    attribs(&loop->encoder, 0, 4); // never stored
    expect_failure(loop, "client attribute outside its range");
    loop = loop_with_a_range(state);
    attribs(&loop->encoder, 0, DC_CLIENT_SLOTS + 1);
    expect_failure(loop, "malformed client attribute");
    loop = loop_with_a_range(state);
    attribs(&loop->encoder, 1, 3); // vertex 0 would lie before the buffer
    expect_failure(loop, "client attribute outside its range");
    loop = loop_with_a_range(state);
    attribs(&loop->encoder, -1, 3);
    expect_failure(loop, "malformed client attribute");
    loop = loop_with_a_range(state);
    dc_enc_dcClientAttrib(&loop->encoder, 0, 2, GL_FLOAT, 0, 0, 0, 0, 3, 0);
    expect_failure(loop, "malformed client attribute"); // no stride
    loop = loop_with_a_range(state);
    dc_enc_dcClientAttrib(&loop->encoder, 0, 2, GL_FLOAT, 0, 0, 8, 0, 3, sizeof(red) - 7);
    expect_failure(loop, "client attribute outside its range");
    loop = loop_with_a_range(state);
    dc_enc_dcClientAttrib(&loop->encoder, 0, 2, GL_FLOAT, 0, 0, 8, 0, 3, UINT32_MAX);
    expect_failure(loop, "client attribute outside its range");
    loop = loop_with_a_range(state);
    attribs(&loop->encoder, 0, 3);
    dc_enc_DrawArrays(&loop->encoder, GL_TRIANGLE_STRIP, 0, 5);
    expect_failure(loop, "vertex outside its client array");
    loop = loop_with_a_range(state); // of the draw before
    dc_enc_dcClientRange(&loop->encoder, DC_CLIENT_SLOT_NEXT_DRAW, 0, red, sizeof(red));
    attribs(&loop->encoder, 0, DC_CLIENT_SLOT_NEXT_DRAW);
    dc_enc_DrawArrays(&loop->encoder, GL_TRIANGLE_STRIP, 0, 4);
    attribs(&loop->encoder, 0, DC_CLIENT_SLOT_NEXT_DRAW);
    expect_failure(loop, "client attribute outside its range");
}

static void
hostile_ranges(void **state)
{
    struct loop *loop = loop_with_a_range(state);
    dc_enc_dcClientRange(&loop->encoder, DC_CLIENT_SLOTS + 1, 0, red, sizeof(red));
    expect_failure(loop, "malformed client range");
    loop = loop_with_a_range(state);
    dc_enc_dcClientRange(&loop->encoder, 1, 0, NULL, 0);
    expect_failure(loop, "malformed client range");
    loop = loop_with_a_range(state);
    dc_enc_dcClientRange(&loop->encoder, 1, 0, red, 0);
    expect_failure(loop, "more client arrays than are kept");
    loop = loop_with_a_range(state);
    dc_enc_dcClientRange(&loop->encoder, 1, DC_CLIENT_RANGE_MAX_BYTES, red, sizeof(red));
    expect_failure(loop, "more client arrays than are kept");
    loop = loop_with_a_range(state);
    for (uint32_t slot = 1; slot <= DC_CLIENT_SLOTS_BYTES / DC_CLIENT_RANGE_MAX_BYTES; slot++)
        dc_enc_dcClientRange(&loop->encoder, slot, DC_CLIENT_RANGE_MAX_BYTES - sizeof(red), red, sizeof(red));
    assert_int_equal(loop_run(loop), 0);
    assert_int_equal(loop->context->kept_bytes, DC_CLIENT_SLOTS_BYTES);
    dc_enc_dcClientRange(&loop->encoder, 100, 0, red, sizeof(red));
    expect_failure(loop, "more client arrays than are kept");
    loop = loop_with_a_range(state);
    attribs(&loop->encoder, 0, 3);
    dc_enc_dcClientRange(&loop->encoder, 3, 0, red, 16);
    expect_failure(loop, "client range replaced before its draw");
    loop = loop_with_a_range(state);
    attribs(&loop->encoder, 0, 3);
    dc_enc_dcClientEvict(&loop->encoder, 3);
    expect_failure(loop, "evicted client range does not exist, or is in use");
    static const uint32_t none[] = { 0, 1, DC_CLIENT_SLOTS + 1, UINT32_MAX };
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        loop = loop_with_a_range(state);
        dc_enc_dcClientEvict(&loop->encoder, none[i]);
        expect_failure(loop, "evicted client range does not exist, or is in use");
    }
}

static int
setup(void **state)
{
    *state = (void *)(uintptr_t)driver_create();
    return *state ? 0 : -1;
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
        TEST(a_range_is_drawn_from_again_and_again), TEST(release_deletes_the_buffers), TEST(hostile_attributes),
        TEST(hostile_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
