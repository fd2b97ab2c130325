/* All 358 core commands of GLES 2.0 to 3.2 are carried, and what GLES 1.1 has beside them: on the wire, or answered by the frontend. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <gles_opcodes.h>
#include <protocol/gles/table.h>
#include "loop.h"

static void
test_every_core_command(void **state)
{
    unsigned core = 0, local = 0, ours = 0, gles1 = 0;
    for (uint32_t op = 0; op < DC_OP_END; op++) {
        const struct dc_op_info *info = dc_op_info(op);
        if (!info) {
            assert_null(dc_exec_ops[op].run);
            continue;
        }
        core += op < 512;
        gles1 += op >= DC_OP_GLES1_FIRST;
        ours += (info->flags & DC_OP_OURS) != 0;
        local += op < 512 && (info->flags & DC_OP_LOCAL);
        // exactly the commands that cross the wire have a handler
        assert_int_equal(dc_exec_ops[op].run == NULL, (info->flags & DC_OP_LOCAL) != 0);
    }
    assert_int_equal(core, 358);
    assert_int_equal(local, 21);
    assert_int_equal(ours, 26);
    assert_int_equal(gles1, 85 + 19); // core and extensions
}

/* A command of its exact size; the blob, if any, is NULL. */
static size_t
shape(uint32_t op, uint32_t *words)
{
    const struct dc_op_info *info = dc_op_info(op);
    size_t n = info->fixed_words + (info->flags & DC_OP_BLOB ? 2u : 0u);
    memset(words, 0, 64 * sizeof(*words));
    words[0] = (uint32_t)n << 16 | op;
    return n;
}

/* Every wire command is taken with exactly its words, and refused with one more or one less. */
static void
test_every_length(void **state)
{
    for (uint32_t op = 0; op < DC_OP_END; op++) {
        uint32_t words[64];
        if (!dc_exec_ops[op].run)
            continue;
        for (int off = -1; off <= 1; off++) {
            struct loop *loop = loop_create(&dc_gl_probe);
            loop->context->api = op < DC_OP_GLES1_FIRST ? DC_API_GLES2 : DC_API_GLES1;
            size_t n = shape(op, words) + (size_t)off;
            words[0] = (uint32_t)n << 16 | op;
            int rc = n ? loop_run_words(loop, words, n) : -1;
            const char *reason = loop->exec.fail_reason;
            if (off) {
                assert_int_not_equal(rc, 0);
            } else if (rc) { // what zeros can be refused for
                assert_in_range(op, DC_OP_dcClientArray, DC_OP_dcClientEvict);
                assert_non_null(strstr(reason, "client"));
            }
            loop_destroy(loop);
        }
    }
}

/* A command of the one API in a context of the other is no error of GL's: the frontend does not send it. */
static void
test_other_api(void **state)
{
    for (uint32_t op = 0; op < DC_OP_END; op++) {
        uint32_t words[64];
        if (!dc_exec_ops[op].run || (dc_exec_ops[op].apis != DC_API_GLES1 && dc_exec_ops[op].apis != DC_API_GLES2))
            continue;
        struct loop *loop = loop_create(&dc_gl_null);
        loop->context->api = dc_exec_ops[op].apis == DC_API_GLES1 ? DC_API_GLES2 : DC_API_GLES1;
        assert_int_not_equal(loop_run_words(loop, words, shape(op, words)), 0);
        assert_non_null(strstr(loop->exec.fail_reason, "another API"));
        loop_destroy(loop);
    }
}

static void
test_names(void **state)
{
    assert_string_equal(dc_op_name(DC_OP_ActiveTexture), "ActiveTexture");
    assert_string_equal(dc_op_name(DC_OP_TexStorage3DMultisample), "TexStorage3DMultisample");
    assert_int_equal(DC_OP_TexStorage3DMultisample, 358);
    assert_string_equal(dc_op_name(DC_OP_dcSwap), "dcSwap");
    assert_string_equal(dc_op_name(0), "?");
    assert_string_equal(dc_op_name(UINT32_MAX), "?");
    assert_string_equal(dc_gles_enum_name(0x0DE1), "TEXTURE_2D");
    assert_null(dc_gles_enum_name(0x0DEF));
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_core_command), cmocka_unit_test(test_every_length),
                                        cmocka_unit_test(test_names), cmocka_unit_test(test_other_api) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
