/* Quotas and the watchdog, through dc-render: what is beyond a limit costs its own instance, or gets an error from GL. */
#undef NDEBUG
#include <assert.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <common/clock.h>
#include <gles_opcodes.h>

#include "rig.h"

#define PROGRAM 50
#define VERTEX "#version 300 es\nvoid main() { gl_Position = vec4(ivec2(gl_VertexID & 1, gl_VertexID >> 1) * 4 - 1, 0, 1); }"
#define FRAGMENT "#version 300 es\nprecision highp float; out vec4 c; void main() { c = vec4(1); }"
// Neither the compiler nor a count of rounds known beforehand may end it; llvmpipe leaves it after 65535 rounds, so that it
// takes many vertices or pixels, too.
#define LOOP "while (v < 1e9) v = v * 0.5 + 3.0;"

static const char *dc_render;
// What a test that fails leaves behind is ended by its tear-down.
static struct rig_server server;
static struct rig_link good, bad;

static int
tear_down(void **state)
{
    rig_link_finish(&bad);
    rig_link_finish(&good);
    rig_server_abort(&server);
    return 0;
}

static void
start(const char *limit)
{
    server = (struct rig_server){ 0 };
    snprintf(server.limit, sizeof server.limit, "%s", limit);
    rig_server_start(&server, dc_render);
}

static void
use_program(struct rig_link *link, const char *vertex, const char *fragment)
{
    struct dc_encoder *e = &link->writer->encoder;
    const char *sources[] = { vertex, fragment };
    const GLenum types[] = { GL_VERTEX_SHADER, GL_FRAGMENT_SHADER };
    dc_enc_CreateProgram(e, PROGRAM);
    for (uint32_t i = 0; i < 2; i++) {
        dc_enc_CreateShader(e, types[i], 60 + i);
        dc_enc_ShaderSource(e, 60 + i, sources[i], (uint32_t)strlen(sources[i]));
        dc_enc_CompileShader(e, 60 + i);
        dc_enc_AttachShader(e, PROGRAM, 60 + i);
    }
    dc_enc_LinkProgram(e, PROGRAM);
    dc_enc_UseProgram(e, PROGRAM);
    ring_writer_submit(link->writer);
}

/* The application waits for all of it. */
static uint32_t
get_error(struct rig_link *link)
{
    uint32_t error = UINT32_MAX;
    dc_enc_GetError(&link->writer->encoder, 77);
    ring_writer_submit(link->writer);
    for (uint64_t serial = 0; serial != 77;)
        if (ring_writer_wait_reply(link->writer, DC_REPLY_SYNC, &serial, &error, sizeof error, 20000) < 0)
            return UINT32_MAX;
    return error;
}

/* The bad one ends with `reason` and one line of the log; the good one plays on all the time. */
static void
expect_end(const char *reason)
{
    static uint64_t seq = 100;
    int64_t end_us = dc_clock_now_us() + 30000000;
    while (!bad.failed && !bad.closed && dc_clock_now_us() < end_us) {
        assert_true(rig_link_play(&good, seq++));
        rig_link_poll(&bad);
    }
    assert_true(bad.failed);
    assert_string_equal(bad.reason, reason);
    assert_int_equal(rig_log_count(&server, reason), 1);
    assert_true(rig_link_play(&good, seq++));
}

static void
hang(const char *vertex, const char *fragment, int32_t vertices, const char *reason, const char *line)
{
    start("--draw-timeout=2");
    rig_link_start(&good, &server, dc_render, "good");
    rig_link_start(&bad, &server, dc_render, "bad");
    assert_true(rig_link_play(&bad, 1));
    use_program(&bad, vertex, fragment);
    dc_enc_BlendFunc(&bad.writer->encoder, GL_ONE, GL_ONE);
    dc_enc_Enable(&bad.writer->encoder, GL_BLEND); // or only the last one of what covers a pixel is drawn
    dc_enc_DrawArraysInstanced(&bad.writer->encoder, GL_TRIANGLES, 0, vertices, 1000);
    dc_enc_dcFence(&bad.writer->encoder, 7); // a swap or flush would wait in llvmpipe, whose pbuffers have no back
    int64_t start_us = dc_clock_now_us();
    ring_writer_submit(bad.writer);
    expect_end(reason);
    assert_in_range(dc_clock_now_us() - start_us, 1900000, 25000000);
    assert_int_equal(rig_log_count(&server, line), 1);
    rig_link_finish(&bad);
    rig_link_finish(&good);
    rig_server_stop(&server);
}

/* The draw itself does not return. */
static void
test_vertex_loop(void **state)
{
    hang("#version 300 es\nvoid main() { float v = float(gl_VertexID); " LOOP " gl_Position = vec4(v); }", FRAGMENT,
         3000, "the driver does not come back", "instance bad: ring 1 (test): opcode");
}

/* Commands return, and the fence behind them never passes. */
static void
test_fragment_loop(void **state)
{
    hang(VERTEX,
         "#version 300 es\nprecision highp float; out vec4 c; void main() { float v = gl_FragCoord.x; " LOOP " c = vec4(v); }",
         3, "a frame takes the GPU longer than allowed", "(dcFence): a frame takes the GPU longer than allowed");
}

/* More textures than the worker may have memory: GL says so, and the worker lives. */
static void
test_bytes(void **state)
{
    start("");
    server.memory_mib = 1024; // 768 for objects
    rig_link_start(&good, &server, dc_render, "demo");
    struct dc_encoder *e = &good.writer->encoder;
    const uint32_t names[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 };
    assert_int_equal(get_error(&good), GL_NO_ERROR);
    dc_enc_GenTextures(e, 20, names, sizeof names);
    for (uint32_t i = 0; i < 11; i++) { // 11 × 64 MiB
        dc_enc_BindTexture(e, GL_TEXTURE_2D, names[i]);
        dc_enc_TexStorage2D(e, GL_TEXTURE_2D, 1, GL_RGBA32F, 2048, 2048);
    }
    assert_int_equal(get_error(&good), GL_NO_ERROR);
    dc_enc_BindTexture(e, GL_TEXTURE_2D, names[11]);
    dc_enc_TexStorage2D(e, GL_TEXTURE_2D, 2, GL_RGBA32F, 2048, 2048);
    assert_int_equal(get_error(&good), GL_OUT_OF_MEMORY);
    dc_enc_BindRenderbuffer(e, GL_RENDERBUFFER, 1);
    dc_enc_RenderbufferStorageMultisample(e, GL_RENDERBUFFER, 4, GL_RGBA8, 4096, 2048);
    assert_int_equal(get_error(&good), GL_OUT_OF_MEMORY);
    dc_enc_BindBuffer(e, GL_ARRAY_BUFFER, 1);
    dc_enc_BufferData(e, GL_ARRAY_BUFFER, 128 << 20, NULL, 0, GL_STATIC_DRAW);
    assert_int_equal(get_error(&good), GL_OUT_OF_MEMORY);
    dc_enc_BufferData(e, GL_ARRAY_BUFFER, 2ll << 30, NULL, 0, GL_STATIC_DRAW); // one object's limit
    assert_int_equal(get_error(&good), GL_OUT_OF_MEMORY);
    // What is given back can be had again.
    dc_enc_DeleteTextures(e, 11, names, 44);
    dc_enc_TexStorage2D(e, GL_TEXTURE_2D, 1, GL_RGBA32F, 2048, 2048);
    dc_enc_BufferData(e, GL_ARRAY_BUFFER, 128 << 20, NULL, 0, GL_STATIC_DRAW);
    dc_enc_BufferData(e, GL_ARRAY_BUFFER, 16, NULL, 0, GL_STATIC_DRAW);
    assert_int_equal(get_error(&good), GL_NO_ERROR);
    assert_true(rig_link_play(&good, 1));
    rig_link_finish(&good);
    rig_server_stop(&server);
}

/* Draws that select what no buffer has: the driver that is shipped, with robust access, survives them. Not among them: an
 * indirect draw whose first index is far outside, which ends llvmpipe 22.3 (docs/security.md). */
static void
test_draws_beyond(void **state)
{
    static const uint32_t indices[] = { 0, 1, UINT32_MAX, 0x80000000, 0x7fffffff, 0x40000000, 0xfffffffe, 3 };
    static const uint32_t arrays[] = { 100, 2, 0xfffffff0, 0x7fffffff }, elements[] = { 100, 2, 5, 1000, 0 };
    static const int32_t bases[] = { 0, INT32_MIN, INT32_MAX, -1, 1 << 30 };
    start("");
    rig_link_start(&good, &server, dc_render, "demo");
    struct dc_encoder *e = &good.writer->encoder;
    use_program(&good, "#version 300 es\nlayout(location = 0) in vec4 p; layout(location = 1) in vec4 q; out vec4 v;"
                       "void main() { gl_Position = p + q; gl_PointSize = 1.0; v = q; }", FRAGMENT);
    dc_enc_BindBuffer(e, GL_ARRAY_BUFFER, 1);
    dc_enc_BufferData(e, GL_ARRAY_BUFFER, sizeof indices, indices, sizeof indices, GL_STATIC_DRAW);
    const uint32_t array = 1; // indirect draws are for those only
    dc_enc_GenVertexArrays(e, 1, &array, sizeof array);
    dc_enc_BindVertexArray(e, 1);
    for (uint32_t i = 0; i < 2; i++) {
        dc_enc_VertexAttribPointer(e, i, 4, GL_FLOAT, GL_FALSE, 0, i ? UINT32_MAX : 0);
        dc_enc_VertexAttribDivisor(e, i, i);
        dc_enc_EnableVertexAttribArray(e, i);
    }
    dc_enc_BindBuffer(e, GL_ELEMENT_ARRAY_BUFFER, 2);
    dc_enc_BufferData(e, GL_ELEMENT_ARRAY_BUFFER, sizeof indices, indices, sizeof indices, GL_STATIC_DRAW);
    dc_enc_BindBuffer(e, GL_DRAW_INDIRECT_BUFFER, 3);
    for (uint32_t restart = 0; restart < 2; restart++) {
        dc_enc_DrawArrays(e, GL_TRIANGLES, INT32_MAX - 2, 99);
        dc_enc_DrawArraysInstanced(e, GL_POINTS, INT32_MAX, 9, 1000);
        for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
            const uint64_t offsets[] = { 0, 4, 28, 32, 1ull << 34, UINT64_MAX - 3 };
            for (size_t k = 0; k < sizeof offsets / sizeof offsets[0]; k++)
                dc_enc_DrawElementsInstancedBaseVertex(e, GL_TRIANGLES, 99, GL_UNSIGNED_INT, true, offsets[k], NULL, 0, 3,
                                                       bases[i]);
            dc_enc_DrawElementsBaseVertex(e, GL_TRIANGLES, 8, GL_UNSIGNED_INT, false, 0, indices, sizeof indices, bases[i]);
        }
        dc_enc_BufferData(e, GL_DRAW_INDIRECT_BUFFER, sizeof arrays, arrays, sizeof arrays, GL_STATIC_DRAW);
        dc_enc_DrawArraysIndirect(e, GL_TRIANGLES, 0);
        dc_enc_BufferData(e, GL_DRAW_INDIRECT_BUFFER, sizeof elements, elements, sizeof elements, GL_STATIC_DRAW);
        dc_enc_DrawElementsIndirect(e, GL_TRIANGLES, GL_UNSIGNED_INT, 0);
        dc_enc_Enable(e, GL_PRIMITIVE_RESTART_FIXED_INDEX);
    }
    dc_enc_dcFinish(e, 5);
    assert_int_equal(get_error(&good), GL_NO_ERROR); // none of them was refused
    assert_true(rig_link_play(&good, 1));
    rig_link_finish(&good);
    rig_server_stop(&server);
}

static void
too_many_objects(struct rig_link *link)
{
    uint32_t names[100];
    for (uint32_t i = 0; i < 100; i++)
        names[i] = 1000 + i;
    dc_enc_GenTextures(&link->writer->encoder, 100, names, sizeof names);
}
static void
too_many_programs(struct rig_link *link)
{
    for (uint32_t i = 1; i < 40; i++)
        dc_enc_CreateShader(&link->writer->encoder, GL_VERTEX_SHADER, i);
}
static void
too_long_shader(struct rig_link *link)
{
    static char source[3000];
    memset(source, ' ', sizeof source);
    dc_enc_ShaderSource(&link->writer->encoder, 1, source, sizeof source);
}

/* As an application does that draws forever with programs that it deletes: those do not count. */
static void
many_deleted_programs(struct rig_link *link)
{
    struct dc_encoder *e = &link->writer->encoder;
    for (uint32_t i = 0; i < 60; i++) {
        dc_enc_CreateProgram(e, 10 + i * 2);
        dc_enc_CreateShader(e, GL_VERTEX_SHADER, 11 + i * 2);
        dc_enc_AttachShader(e, 10 + i * 2, 11 + i * 2);
        dc_enc_DeleteShader(e, 11 + i * 2);
        dc_enc_DeleteProgram(e, 10 + i * 2);
    }
    assert_int_equal(get_error(link), GL_NO_ERROR);
}

static void
exceed(const char *limit, void (*harmless)(struct rig_link *link), void (*send)(struct rig_link *link), const char *reason)
{
    start(limit);
    rig_link_start(&good, &server, dc_render, "good");
    rig_link_start(&bad, &server, dc_render, "bad");
    assert_true(rig_link_play(&bad, 1));
    if (harmless)
        harmless(&bad);
    send(&bad);
    ring_writer_submit(bad.writer);
    expect_end(reason);
    rig_link_finish(&bad);
    rig_link_finish(&good);
    rig_server_stop(&server);
}

static void test_objects(void **state) { exceed("--max-objects=99", NULL, too_many_objects, "too many objects"); }
static void
test_programs(void **state)
{
    exceed("--max-programs=32", many_deleted_programs, too_many_programs, "too many programs and shaders");
}
static void test_shader(void **state) { exceed("--max-shader-kib=2", NULL, too_long_shader, "shader source is too long"); }

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_vertex_loop), TEST(test_fragment_loop), TEST(test_bytes), TEST(test_draws_beyond), TEST(test_objects),
        TEST(test_programs), TEST(test_shader),
    };
    assert(argc == 2);
    dc_render = argv[1];
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
