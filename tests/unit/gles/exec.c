/* Encoder → executor → a real driver, and back. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <gles_encode.h>
#include <protocol/gles/reflection.h>
#include "driver.h"
#include "loop.h"

static const char vertex_source[] =
    "attribute vec2 position; attribute vec4 tint; varying vec4 color; uniform vec4 scale[3];"
    "void main() { gl_Position = vec4(position, 0.0, 1.0); color = tint * scale[2]; }";
static const char fragment_source[] = "precision mediump float; varying vec4 color; void main() { gl_FragColor = color; }";
static const float quad[] = { -1, -1, 1, -1, -1, 1, 1, 1 };
static const float ones[] = { 1, 1, 1, 1 };

static struct dc_encoder *
encoder(struct loop *loop)
{
    return &loop->encoder;
}

/* Shaders 1 and 2, program 3, as the frontend numbers them. */
static void
make_program(struct loop *loop)
{
    struct dc_encoder *e = encoder(loop);
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
    assert_int_equal(loop_run(loop), 0);
    struct loop_reply *reply = loop_take(loop, DC_REPLY_PROGRAM);
    struct dc_reflection reflection;
    assert_non_null(reply);
    assert_true(dc_reflection_unpack(&reflection, reply->data, reply->size_bytes));
    dc_enc_Uniform4fv(e, dc_reflection_location(&reflection, GL_UNIFORM, "scale[2]"), 1, ones, sizeof(ones));
    dc_reflection_finish(&reflection);
    loop_reply_free(reply);
}

/* One pixel of the framebuffer as 0xRRGGBBAA. */
static uint32_t
pixel(struct loop *loop, int x, int y)
{
    dc_enc_ReadPixels(encoder(loop), 77, x, y, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, false, 0);
    assert_int_equal(loop_run(loop), 0);
    struct loop_reply *reply = loop_take(loop, DC_REPLY_SYNC);
    assert_non_null(reply);
    assert_int_equal(reply->serial, 77);
    assert_int_equal(reply->size_bytes, 4);
    uint32_t value = (uint32_t)reply->data[0] << 24 | (uint32_t)reply->data[1] << 16 | (uint32_t)reply->data[2] << 8
                     | reply->data[3];
    loop_reply_free(reply);
    return value;
}

static void
clear(struct loop *loop)
{
    dc_enc_ClearColor(encoder(loop), 0, 0, 0, 0);
    dc_enc_Clear(encoder(loop), GL_COLOR_BUFFER_BIT);
}

static void
test_buffers_draw(void **state)
{
    struct loop *loop = loop_create(*state);
    struct dc_encoder *e = encoder(loop);
    const GLuint names[] = { 1, 2 };
    make_program(loop);
    clear(loop);
    dc_enc_GenBuffers(e, 2, names, sizeof(names));
    dc_enc_BindBuffer(e, GL_ARRAY_BUFFER, 1);
    dc_enc_BufferData(e, GL_ARRAY_BUFFER, sizeof(quad), quad, sizeof(quad), GL_STATIC_DRAW);
    dc_enc_VertexAttribPointer(e, 0, 2, GL_FLOAT, GL_FALSE, 0, 0);
    dc_enc_EnableVertexAttribArray(e, 0);
    dc_enc_VertexAttrib4f(e, 1, 1, 0, 0, 1);
    dc_enc_DrawArrays(e, GL_TRIANGLE_STRIP, 0, 4);
    assert_int_equal(pixel(loop, 5, 60), 0xff0000ff);
    const uint16_t indices[] = { 0, 1, 2, 2, 1, 3 };
    dc_enc_BindBuffer(e, GL_ELEMENT_ARRAY_BUFFER, 2);
    dc_enc_BufferData(e, GL_ELEMENT_ARRAY_BUFFER, sizeof(indices), indices, sizeof(indices), GL_STATIC_DRAW);
    dc_enc_VertexAttrib4f(e, 1, 0, 1, 0, 1);
    dc_enc_DrawElements(e, GL_TRIANGLES, 6, GL_UNSIGNED_SHORT, true, 0, NULL, 0);
    assert_int_equal(pixel(loop, 33, 3), 0x00ff00ff);
    assert_int_equal(loop_error(loop), GL_NO_ERROR);
    loop_destroy(loop);
}

static void
test_client_arrays(void **state)
{
    struct loop *loop = loop_create(*state);
    struct dc_encoder *e = encoder(loop);
    const uint8_t indices[] = { 5, 6, 7, 7, 6, 8 };
    const uint8_t tints[] = { 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255 };
    make_program(loop);
    clear(loop);
    dc_enc_EnableVertexAttribArray(e, 0);
    dc_enc_EnableVertexAttribArray(e, 1);
    dc_enc_VertexAttribPointer(e, 0, 2, GL_FLOAT, GL_FALSE, 0, 0xdeadbeef000);
    dc_enc_dcClientArray(e, 0, 2, GL_FLOAT, 0, 0, 0, 5, quad, sizeof(quad));
    dc_enc_dcClientArray(e, 1, 4, GL_UNSIGNED_BYTE, 1, 0, 0, 5, tints, sizeof(tints));
    dc_enc_DrawElements(e, GL_TRIANGLES, 6, GL_UNSIGNED_BYTE, false, 0, indices, sizeof(indices));
    assert_int_equal(pixel(loop, 60, 60), 0x0000ffff);
    // without its array, an attribute has its constant value, and nothing is read from anywhere
    dc_enc_VertexAttrib4f(e, 1, 0, 1, 1, 1);
    dc_enc_dcClientArray(e, 0, 2, GL_FLOAT, 0, 0, 0, 0, quad, sizeof(quad));
    dc_enc_DrawArrays(e, GL_TRIANGLE_STRIP, 0, 4);
    assert_int_equal(pixel(loop, 60, 60), 0x00ffffff);
    dc_enc_DrawArrays(e, GL_TRIANGLE_STRIP, 0, 4000);
    assert_int_equal(loop_error(loop), GL_NO_ERROR);
    // an index outside what was sent ends the stream
    const uint8_t bad[] = { 5, 6, 9 };
    dc_enc_dcClientArray(e, 0, 2, GL_FLOAT, 0, 0, 0, 5, quad, sizeof(quad));
    dc_enc_DrawElements(e, GL_TRIANGLES, 3, GL_UNSIGNED_BYTE, false, 0, bad, sizeof(bad));
    assert_int_not_equal(loop_run(loop), 0);
    assert_int_equal(loop->exec.failed_op, DC_OP_DrawElements);
    loop_destroy(loop);
}

/* Two arrays that do not fit the stream's buffer together are both there when the draw comes. */
static void
test_large_client_arrays(void **state)
{
    enum { VERTICES = 400000 };
    struct loop *loop = loop_create(*state);
    struct dc_encoder *e = encoder(loop);
    float *positions = calloc(VERTICES, 2 * sizeof(float)), *tints = calloc(VERTICES, 4 * sizeof(float));
    make_program(loop);
    clear(loop);
    dc_enc_EnableVertexAttribArray(e, 0);
    dc_enc_EnableVertexAttribArray(e, 1);
    for (int frame = 0; frame < 3; frame++) {
        for (int i = 0; i < VERTICES; i++) {
            memcpy(positions + 2 * i, quad + 2 * (i % 4), 2 * sizeof(float));
            tints[4 * i + frame] = tints[4 * i + 3] = 1;
        }
        dc_enc_dcClientArray(e, 0, 2, GL_FLOAT, 0, 0, 0, 0, positions, VERTICES * 2 * sizeof(float));
        dc_enc_dcClientArray(e, 1, 4, GL_FLOAT, 0, 0, 0, 0, tints, VERTICES * 4 * sizeof(float));
        dc_enc_DrawArrays(e, GL_TRIANGLE_STRIP, 0, 4);
        const uint32_t expected[] = { 0xff0000ff, 0xffff00ff, 0xffffffff };
        assert_int_equal(pixel(loop, 9, 9), expected[frame]);
    }
    assert_int_equal(loop_error(loop), GL_NO_ERROR);
    free(positions);
    free(tints);
    loop_destroy(loop);
}

static void
test_client_pointer_in_array_object(void **state)
{
    struct loop *loop = loop_create(*state);
    struct dc_encoder *e = encoder(loop);
    const GLuint name = 1;
    make_program(loop);
    dc_enc_GenVertexArrays(e, 1, &name, sizeof(name));
    dc_enc_BindVertexArray(e, 1);
    dc_enc_EnableVertexAttribArray(e, 0);
    dc_enc_VertexAttribPointer(e, 0, 2, GL_FLOAT, GL_FALSE, 0, 0x1234);
    assert_int_equal(loop_error(loop), GL_INVALID_OPERATION);
    dc_enc_VertexAttribPointer(e, 0, 2, GL_FLOAT, GL_FALSE, 0, 0);
    dc_enc_DrawArrays(e, GL_TRIANGLES, 0, 3);
    dc_enc_DrawElements(e, GL_TRIANGLES, 3, GL_UNSIGNED_SHORT, true, 0x5678, NULL, 0);
    assert_int_equal(loop_error(loop), GL_INVALID_OPERATION);
    // deleting the buffer leaves the attribute with nothing, not with an address
    const GLuint buffer = 9;
    dc_enc_GenBuffers(e, 1, &buffer, sizeof(buffer));
    dc_enc_BindBuffer(e, GL_ARRAY_BUFFER, 9);
    dc_enc_BufferData(e, GL_ARRAY_BUFFER, sizeof(quad), quad, sizeof(quad), GL_STATIC_DRAW);
    dc_enc_VertexAttribPointer(e, 0, 2, GL_FLOAT, GL_FALSE, 0, 16);
    dc_enc_DeleteBuffers(e, 1, &buffer, sizeof(buffer));
    dc_enc_DrawArrays(e, GL_TRIANGLES, 0, 3);
    assert_int_equal(loop_error(loop), GL_NO_ERROR);
    loop_destroy(loop);
}

static void
test_texture_store(void **state)
{
    struct loop *loop = loop_create(*state);
    struct dc_encoder *e = encoder(loop);
    const uint8_t texels[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18 }; // 3 × 2 RGB, tight
    const GLuint name = 4;
    dc_enc_GenTextures(e, 1, &name, sizeof(name));
    dc_enc_BindTexture(e, GL_TEXTURE_2D, 4);
    dc_enc_PixelStorei(e, GL_UNPACK_ROW_LENGTH, 100);
    dc_enc_PixelStorei(e, GL_UNPACK_SKIP_ROWS, 7);
    dc_enc_PixelStorei(e, GL_PACK_ALIGNMENT, 8);
    dc_enc_TexImage2D(e, GL_TEXTURE_2D, 0, GL_RGB, 3, 2, 0, GL_RGB, GL_UNSIGNED_BYTE, false, 0, texels, sizeof(texels));
    dc_enc_BindFramebuffer(e, GL_FRAMEBUFFER, 6);
    dc_enc_FramebufferTexture2D(e, GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, 4, 0);
    dc_enc_ReadPixels(e, 5, 0, 0, 3, 2, GL_RGBA, GL_UNSIGNED_BYTE, false, 0);
    assert_int_equal(loop_run(loop), 0);
    struct loop_reply *reply = loop_take(loop, DC_REPLY_SYNC);
    const uint8_t expected[] = { 1, 2, 3, 255, 4, 5, 6, 255, 7, 8, 9, 255, 10, 11, 12, 255, 13, 14, 15, 255, 16, 17, 18, 255 };
    assert_int_equal(reply->size_bytes, sizeof(expected));
    assert_memory_equal(reply->data, expected, sizeof(expected));
    loop_reply_free(reply);
    assert_int_equal(loop_error(loop), GL_NO_ERROR);
    dc_enc_PixelStorei(e, GL_UNPACK_ALIGNMENT, 3);
    assert_int_equal(loop_error(loop), GL_INVALID_VALUE);
    // bad enums come without data and leave the error to the driver
    dc_enc_TexSubImage2D(e, GL_TEXTURE_2D, 0, 0, 0, 3, 2, 0x1234, GL_UNSIGNED_BYTE, false, 0, NULL, 0);
    assert_int_equal(loop_error(loop), GL_INVALID_ENUM);
    dc_enc_TexSubImage2D(e, GL_TEXTURE_2D, 0, 0, 0, 3, 2, GL_RGB, GL_UNSIGNED_BYTE, false, 0, texels, sizeof(texels) - 1);
    assert_int_not_equal(loop_run(loop), 0);
    assert_int_equal(loop->exec.failed_op, DC_OP_TexSubImage2D);
    loop_destroy(loop);
}

static void
test_unpack_buffer(void **state)
{
    struct loop *loop = loop_create(*state);
    struct dc_encoder *e = encoder(loop);
    const uint32_t texels[] = { 0, 0, 0, 0xff112233, 0xff445566, 0 };
    const GLuint name = 1;
    dc_enc_GenBuffers(e, 1, &name, sizeof(name));
    dc_enc_BindBuffer(e, GL_PIXEL_UNPACK_BUFFER, 1);
    dc_enc_BufferData(e, GL_PIXEL_UNPACK_BUFFER, sizeof(texels), texels, sizeof(texels), GL_STATIC_DRAW);
    dc_enc_PixelStorei(e, GL_UNPACK_ROW_LENGTH, 3);
    dc_enc_PixelStorei(e, GL_UNPACK_SKIP_ROWS, 1);
    dc_enc_BindTexture(e, GL_TEXTURE_2D, 1000000);
    dc_enc_TexImage2D(e, GL_TEXTURE_2D, 0, GL_RGBA, 2, 1, 0, GL_RGBA, GL_UNSIGNED_BYTE, true, 0, NULL, 0);
    dc_enc_BindFramebuffer(e, GL_FRAMEBUFFER, 1);
    dc_enc_FramebufferTexture2D(e, GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, 1000000, 0);
    assert_int_equal(pixel(loop, 1, 0), 0x665544ff);
    // data in the command while the buffer is bound, then the buffer again
    const uint32_t direct = 0xffaabbcc;
    dc_enc_TexSubImage2D(e, GL_TEXTURE_2D, 0, 0, 0, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, false, 0, &direct, 4);
    assert_int_equal(pixel(loop, 0, 0), 0xccbbaaff);
    dc_enc_TexSubImage2D(e, GL_TEXTURE_2D, 0, 0, 0, 2, 1, GL_RGBA, GL_UNSIGNED_BYTE, true, 0, NULL, 0);
    assert_int_equal(pixel(loop, 0, 0), 0x332211ff);
    assert_int_equal(loop_error(loop), GL_NO_ERROR);
    // an offset into a buffer that is not there is not an address
    dc_enc_BindBuffer(e, GL_PIXEL_UNPACK_BUFFER, 0);
    dc_enc_TexSubImage2D(e, GL_TEXTURE_2D, 0, 0, 0, 2, 1, GL_RGBA, GL_UNSIGNED_BYTE, true, 0x1000, NULL, 0);
    assert_int_equal(pixel(loop, 0, 0), 0x332211ff);
    loop_destroy(loop);
}

static void
test_reflection(void **state)
{
    struct loop *loop = loop_create(*state);
    struct dc_encoder *e = encoder(loop);
    make_program(loop);
    struct loop_reply *shader = loop_take(loop, DC_REPLY_SHADER);
    struct dc_shader_reflection compiled = { 0 };
    assert_int_equal(shader->serial, 1 | 1ull << 32);
    assert_true(dc_shader_reflection_unpack(&compiled, shader->data, shader->size_bytes));
    assert_true(compiled.compiled);
    dc_shader_reflection_finish(&compiled);
    loop_reply_free(shader);
    loop_reply_free(loop_take(loop, DC_REPLY_SHADER));
    dc_enc_ShaderSource(e, 1, "nonsense", 8);
    dc_enc_CompileShader(e, 1);
    dc_enc_LinkProgram(e, 3);
    assert_int_equal(loop_run(loop), 0);
    shader = loop_take(loop, DC_REPLY_SHADER);
    assert_true(dc_shader_reflection_unpack(&compiled, shader->data, shader->size_bytes));
    assert_false(compiled.compiled);
    assert_true(strlen(compiled.log) > 5);
    dc_shader_reflection_finish(&compiled);
    loop_reply_free(shader);
    struct loop_reply *program = loop_take(loop, DC_REPLY_PROGRAM);
    struct dc_reflection reflection;
    assert_true(dc_reflection_unpack(&reflection, program->data, program->size_bytes));
    assert_false(reflection.linked);
    dc_reflection_finish(&reflection);
    loop_reply_free(program);
    // back to a program that links, and all that the frontend answers from
    dc_enc_ShaderSource(e, 1, vertex_source, sizeof(vertex_source) - 1);
    dc_enc_CompileShader(e, 1);
    dc_enc_LinkProgram(e, 3);
    assert_int_equal(loop_run(loop), 0);
    program = loop_take(loop, DC_REPLY_PROGRAM);
    assert_true(dc_reflection_unpack(&reflection, program->data, program->size_bytes));
    int32_t value[3];
    assert_int_equal(dc_reflection_program_value(&reflection, GL_LINK_STATUS, value), 1);
    assert_int_equal(value[0], GL_TRUE);
    assert_int_equal(dc_reflection_program_value(&reflection, GL_ACTIVE_UNIFORMS, value), 1);
    assert_int_equal(value[0], 1);
    assert_int_equal(dc_reflection_program_value(&reflection, GL_ACTIVE_ATTRIBUTES, value), 1);
    assert_int_equal(value[0], 2);
    assert_int_equal(dc_reflection_program_value(&reflection, GL_ACTIVE_UNIFORM_MAX_LENGTH, value), 1);
    assert_int_equal(value[0], sizeof("scale[0]"));
    assert_int_equal(dc_reflection_location(&reflection, GL_PROGRAM_INPUT, "tint"), 1);
    int32_t first = dc_reflection_location(&reflection, GL_UNIFORM, "scale");
    assert_true(first >= 0);
    assert_int_equal(dc_reflection_location(&reflection, GL_UNIFORM, "scale[1]"), first + 1);
    assert_int_equal(dc_reflection_location(&reflection, GL_UNIFORM, "scale[3]"), -1);
    assert_int_equal(dc_reflection_location(&reflection, GL_UNIFORM, "nothing"), -1);
    dc_reflection_finish(&reflection);
    loop_reply_free(program);
    loop_destroy(loop);
}

static void
test_errors_once(void **state)
{
    struct loop *loop = loop_create(*state);
    struct dc_encoder *e = encoder(loop);
    dc_enc_Enable(e, 0x1234);
    assert_int_equal(loop_run(loop), 0);
    dc_exec_check_errors(&loop->exec);
    dc_exec_check_errors(&loop->exec);
    struct loop_reply *reply = loop_take(loop, DC_REPLY_GL_ERROR);
    assert_non_null(reply);
    assert_int_equal(reply->serial, 1);
    assert_int_equal(*(uint32_t *)(void *)reply->data, GL_INVALID_ENUM);
    loop_reply_free(reply);
    assert_null(loop_take(loop, DC_REPLY_GL_ERROR));
    assert_int_equal(loop_error(loop), GL_INVALID_ENUM);
    assert_int_equal(loop_error(loop), GL_NO_ERROR);
    loop_destroy(loop);
}

static void
poll_until_quiet(struct loop *loop)
{
    for (int i = 0; i < 1000000 && dc_exec_poll_fences(&loop->exec); i++)
        ;
}

/* A frame's fence is answered while later commands are executed, not only when there are none left. */
static void
test_glance_between_batches(void **state)
{
    struct loop *loop = loop_create(*state);
    struct dc_encoder *e = encoder(loop);
    dc_enc_Clear(e, GL_COLOR_BUFFER_BIT);
    dc_enc_dcFence(e, 5);
    dc_enc_Flush(e);
    assert_int_equal(loop_run(loop), 0);
    struct loop_reply *fence = NULL;
    for (int i = 0; i < 1000000 && !fence; i++) {
        dc_exec_glance_fences(&loop->exec);
        fence = loop_take(loop, DC_REPLY_FENCE);
    }
    assert_non_null(fence);
    assert_int_equal(fence->serial, 5);
    loop_reply_free(fence);
    assert_int_equal(dc_exec_poll_fences(&loop->exec), 0);
    loop_destroy(loop);
}

static void
test_queries_and_fences(void **state)
{
    struct loop *loop = loop_create(*state);
    struct dc_encoder *e = encoder(loop);
    const GLuint name = 3;
    make_program(loop);
    dc_enc_GenQueries(e, 1, &name, sizeof(name));
    dc_enc_BeginQuery(e, GL_ANY_SAMPLES_PASSED, 3);
    dc_enc_EnableVertexAttribArray(e, 0);
    dc_enc_dcClientArray(e, 0, 2, GL_FLOAT, 0, 0, 0, 0, quad, sizeof(quad));
    dc_enc_DrawArrays(e, GL_TRIANGLE_STRIP, 0, 4);
    dc_enc_EndQuery(e, GL_ANY_SAMPLES_PASSED);
    dc_enc_dcFence(e, 0x123456789abull);
    dc_enc_dcFinish(e, 8);
    assert_int_equal(loop_run(loop), 0);
    poll_until_quiet(loop);
    struct loop_reply *query = loop_take(loop, DC_REPLY_QUERY), *fence = loop_take(loop, DC_REPLY_FENCE);
    assert_non_null(query);
    assert_int_equal(query->serial, 3 | 1ull << 32);
    assert_int_equal(*(uint64_t *)(void *)query->data, 1);
    assert_non_null(fence);
    assert_int_equal(fence->serial, 0x123456789abull);
    loop_reply_free(query);
    loop_reply_free(fence);
    loop_destroy(loop);
}

static void
test_getters_and_buffer_read(void **state)
{
    struct loop *loop = loop_create(*state);
    struct dc_encoder *e = encoder(loop);
    dc_enc_Viewport(e, 1, 2, 30, 40);
    dc_enc_GetIntegerv(e, 1, GL_VIEWPORT);
    dc_enc_GetIntegerv(e, 2, 0x1234);
    dc_enc_BindBuffer(e, GL_ARRAY_BUFFER, 12);
    uint8_t bytes[5000];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 7);
    dc_enc_BufferData(e, GL_ARRAY_BUFFER, sizeof(bytes), bytes, sizeof(bytes), GL_DYNAMIC_DRAW);
    dc_enc_dcBufferRead(e, 3, 12, 4000, 1000);
    dc_enc_dcBufferRead(e, 4, 12, 4001, 1000);
    assert_int_equal(loop_run(loop), 0);
    const int32_t viewport[] = { 1, 2, 30, 40 };
    struct loop_reply *reply = loop_take(loop, DC_REPLY_SYNC);
    assert_int_equal(reply->size_bytes, sizeof(viewport));
    assert_memory_equal(reply->data, viewport, sizeof(viewport));
    loop_reply_free(reply);
    reply = loop_take(loop, DC_REPLY_SYNC); // an error writes nothing
    assert_int_equal(reply->size_bytes, 0);
    loop_reply_free(reply);
    reply = loop_take(loop, DC_REPLY_SYNC);
    assert_int_equal(reply->size_bytes, 1000);
    assert_memory_equal(reply->data, bytes + 4000, 1000);
    loop_reply_free(reply);
    reply = loop_take(loop, DC_REPLY_SYNC); // outside
    assert_int_equal(reply->size_bytes, 0);
    loop_reply_free(reply);
    loop_destroy(loop);
}

static void
test_long_reply_is_cut(void **state)
{
    struct loop *loop = loop_create(*state);
    struct dc_encoder *e = encoder(loop);
    dc_enc_BindTexture(e, GL_TEXTURE_2D, 1);
    dc_enc_TexImage2D(e, GL_TEXTURE_2D, 0, GL_RGBA, 512, 300, 0, GL_RGBA, GL_UNSIGNED_BYTE, false, 0, NULL, 0);
    dc_enc_BindFramebuffer(e, GL_FRAMEBUFFER, 1);
    dc_enc_FramebufferTexture2D(e, GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, 1, 0);
    dc_enc_ClearColor(e, 0, 1, 0, 1);
    dc_enc_Clear(e, GL_COLOR_BUFFER_BIT);
    dc_enc_ReadPixels(e, 9, 0, 0, 512, 300, GL_RGBA, GL_UNSIGNED_BYTE, false, 0);
    assert_int_equal(loop_run(loop), 0);
    struct loop_reply *reply = loop_take(loop, DC_REPLY_SYNC);
    assert_int_equal(reply->size_bytes, 512 * 300 * 4);
    assert_int_equal(reply->data[512 * 300 * 4 - 3], 255);
    loop_reply_free(reply);
    loop_destroy(loop);
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
        TEST(test_buffers_draw), TEST(test_client_arrays), TEST(test_large_client_arrays), TEST(test_client_pointer_in_array_object),
        TEST(test_texture_store), TEST(test_unpack_buffer), TEST(test_reflection), TEST(test_errors_once),
        TEST(test_glance_between_batches), TEST(test_queries_and_fences), TEST(test_getters_and_buffer_read),
        TEST(test_long_reply_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
