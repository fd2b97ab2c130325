/* Streams that no frontend writes: each ends its ring, with the opcode and a reason. Driver: none. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <gles_encode.h>
#include "loop.h"

static void
expect_failure(const uint32_t *words, size_t count, uint32_t op, const char *reason)
{
    struct loop *loop = loop_create(&dc_gl_null);
    assert_int_not_equal(loop_run_words(loop, words, count), 0);
    assert_true(loop->exec.failed);
    assert_int_equal(loop->exec.failed_op, op);
    assert_string_equal(loop->exec.fail_reason, reason);
    // sticky: what comes after is not executed
    const uint32_t clear[] = { 2u << 16 | DC_OP_Clear, GL_COLOR_BUFFER_BIT };
    uint64_t before = loop->exec.commands;
    assert_int_not_equal(loop_run_words(loop, clear, 2), 0);
    assert_int_equal(loop->exec.commands, before);
    loop_destroy(loop);
}

#define EXPECT(op, reason, ...)                                                                                         \
    do {                                                                                                                \
        const uint32_t words[] = { __VA_ARGS__ };                                                                       \
        expect_failure(words, sizeof(words) / sizeof(words[0]), op, reason);                                            \
    } while (0)
#define HEADER(op, n) ((uint32_t)(n) << 16 | (op))

static void
test_headers(void **state)
{
    EXPECT(DC_OP_Clear, "length runs past its batch", HEADER(DC_OP_Clear, 3), 0);
    EXPECT(DC_OP_Clear, "wrong length", HEADER(DC_OP_Clear, 3), 0, 0);
    EXPECT(DC_OP_Clear, "wrong length", HEADER(DC_OP_Clear, 1));
    EXPECT(DC_OP_Clear, "length runs past its batch", HEADER(DC_OP_Clear, 0));
    EXPECT(DC_OP_Clear, "length runs past its batch", HEADER(DC_OP_Clear, 0), 1);
    EXPECT(DC_OP_Clear, "length runs past its batch", HEADER(DC_OP_Clear, 0), 0xffffffff, 0);
    EXPECT(0, "unknown command", HEADER(0, 1));
    EXPECT(500, "unknown command", HEADER(500, 1));
    EXPECT(0xffff, "unknown command", HEADER(0xffff, 1));
    EXPECT(DC_OP_GetString, "unknown command", HEADER(DC_OP_GetString, 2), GL_VENDOR);
}

static void
test_long_form(void **state)
{
    struct loop *loop = loop_create(&dc_gl_null);
    const uint32_t words[] = { HEADER(DC_OP_Clear, 0), 3, GL_COLOR_BUFFER_BIT, HEADER(DC_OP_Clear, 2), 0 };
    assert_int_equal(loop_run_words(loop, words, 5), 0);
    assert_int_equal(loop->exec.commands, 2);
    loop_destroy(loop);
}

static void
test_blobs(void **state)
{
    const uint32_t op = DC_OP_BufferSubData; // target, offset, size, data
    EXPECT(op, "inline data does not fill its command", HEADER(op, 9), GL_ARRAY_BUFFER, 0, 0, 4, 0, 8, DC_BLOB_INLINE, 0);
    EXPECT(op, "inline data does not fill its command", HEADER(op, 8), GL_ARRAY_BUFFER, 0, 0, 4, 0, 0xffffffff,
           DC_BLOB_INLINE);
    EXPECT(op, "data is shorter than the arguments say", HEADER(op, 9), GL_ARRAY_BUFFER, 0, 0, 5, 0, 4, DC_BLOB_INLINE, 0);
    EXPECT(op, "data with a null blob", HEADER(op, 8), GL_ARRAY_BUFFER, 0, 0, 4, 0, 4, DC_BLOB_NULL);
    EXPECT(op, "malformed blob", HEADER(op, 8), GL_ARRAY_BUFFER, 0, 0, 4, 0, 4, 7);
    EXPECT(op, "malformed blob", HEADER(op, 9), GL_ARRAY_BUFFER, 0, 0, 4, 0, 4, DC_BLOB_BULK, 0);
    EXPECT(op, "bulk range is not published", HEADER(op, 10), GL_ARRAY_BUFFER, 0, 0, 4, 0, 4, DC_BLOB_BULK, 0, 0);
    EXPECT(op, "bulk range is not published", HEADER(op, 10), GL_ARRAY_BUFFER, 0, 0, 4, 0, 4, DC_BLOB_BULK, 0xfffffffc,
           0xffffffff);
    EXPECT(op, "bulk position is not aligned", HEADER(op, 10), GL_ARRAY_BUFFER, 0, 0, 4, 0, 4, DC_BLOB_BULK, 2, 0);
    EXPECT(op, "too short", HEADER(op, 7), GL_ARRAY_BUFFER, 0, 0, 4, 0, 0);
}

static void
test_counts(void **state)
{
    // 2^28 matrices of 64 bytes wrap 32 bits
    EXPECT(DC_OP_UniformMatrix4fv, "data is shorter than the arguments say", HEADER(DC_OP_UniformMatrix4fv, 7), 0,
           0x10000000, 0, 4, DC_BLOB_INLINE, 0);
    EXPECT(DC_OP_DeleteTextures, "data is shorter than the arguments say", HEADER(DC_OP_DeleteTextures, 5), 2, 4,
           DC_BLOB_INLINE, 1);
    EXPECT(DC_OP_DrawElements, "data is shorter than the arguments say", HEADER(DC_OP_DrawElements, 10), GL_TRIANGLES, 3,
           GL_UNSIGNED_SHORT, 0, 0, 0, 4, DC_BLOB_INLINE, 0);
    EXPECT(DC_OP_TransformFeedbackVaryings, "fewer strings than counted", HEADER(DC_OP_TransformFeedbackVaryings, 7), 1, 2,
           GL_INTERLEAVED_ATTRIBS, 4, DC_BLOB_INLINE, 0x00636261);
    EXPECT(DC_OP_dcClientArray, "malformed client array", HEADER(DC_OP_dcClientArray, 11), 99, 4, GL_FLOAT, 0, 0, 0, 0, 4,
           DC_BLOB_INLINE, 0);
}

static void
test_no_context(void **state)
{
    struct loop *loop = loop_create(&dc_gl_null);
    dc_exec_context_made_current(&loop->exec, NULL);
    const uint32_t fence[] = { HEADER(DC_OP_dcFence, 3), 1, 0 };
    assert_int_equal(loop_run_words(loop, fence, 3), 0);
    const uint32_t words[] = { HEADER(DC_OP_Clear, 2), 0 };
    assert_int_not_equal(loop_run_words(loop, words, 2), 0);
    assert_string_equal(loop->exec.fail_reason, "no current context");
    loop_destroy(loop);
}

static void
test_quotas(void **state)
{
    struct loop *loop = loop_create(&dc_gl_null);
    loop->exec.quota.objects = 3;
    loop->exec.quota.shader_bytes = 10;
    const uint32_t names[] = { 1, 2, 3, 4 };
    dc_enc_ShaderSource(&loop->encoder, 1, "0123456789", 10);
    dc_enc_GenTextures(&loop->encoder, 3, names, 12);
    assert_int_equal(loop_run(loop), 0);
    dc_enc_GenTextures(&loop->encoder, 4, names, 16);
    assert_int_not_equal(loop_run(loop), 0);
    assert_string_equal(loop->exec.fail_reason, "too many objects");
    loop_destroy(loop);
    loop = loop_create(&dc_gl_null);
    loop->exec.quota.shader_bytes = 10;
    dc_enc_ShaderSource(&loop->encoder, 1, "0123456789a", 11);
    assert_int_not_equal(loop_run(loop), 0);
    assert_string_equal(loop->exec.fail_reason, "shader source is too long");
    loop_destroy(loop);
    loop = loop_create(&dc_gl_null);
    dc_enc_BufferData(&loop->encoder, GL_ARRAY_BUFFER, 1ll << 40, NULL, 0, GL_STATIC_DRAW);
    assert_int_equal(loop_error(loop), GL_OUT_OF_MEMORY);
    loop_destroy(loop);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers), cmocka_unit_test(test_long_form),  cmocka_unit_test(test_blobs),
        cmocka_unit_test(test_counts),  cmocka_unit_test(test_no_context), cmocka_unit_test(test_quotas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
