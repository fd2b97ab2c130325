/* What dc-gldump says of commands. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <GLES3/gl32.h>

#include <gles_opcodes.h>
#include <protocol/gles/print.h>

static void
expect(const uint32_t *words, size_t count, bool ok, const char *text)
{
    char *got = NULL;
    size_t size;
    FILE *out = open_memstream(&got, &size);
    assert_int_equal(dc_gles_print(out, "> ", words, count), ok);
    fclose(out);
    assert_string_equal(got, text);
    free(got);
}

#define EXPECT(ok, text, ...)                                                                                           \
    do {                                                                                                                \
        const uint32_t words[] = { __VA_ARGS__ };                                                                       \
        expect(words, sizeof(words) / 4, ok, text);                                                                     \
    } while (0)
#define HEADER(op, n) ((uint32_t)(n) << 16 | DC_OP_##op)

static void
test_commands(void **state)
{
    EXPECT(true, "> BindTexture(target=TEXTURE_2D, texture=#3)\n> Clear(mask=0x4000)\n", HEADER(BindTexture, 3),
           GL_TEXTURE_2D, 3, HEADER(Clear, 2), GL_COLOR_BUFFER_BIT);
    EXPECT(true, "> BindAttribLocation(program=#1, index=2, name=\"ab\\n\")\n", HEADER(BindAttribLocation, 6), 1, 2, 3, 1,
           0x000a6261);
    EXPECT(true, "> Uniform2fv(location=4, count=1, value={1, -0.5})\n", HEADER(Uniform2fv, 7), 4, 1, 8, 1, 0x3f800000,
           0xbf000000);
    EXPECT(true, "> dcSwap(surface=1, seq=4294967298)\n", HEADER(dcSwap, 0), 5, 1, 2, 1);
    EXPECT(true, "> BufferSubData(target=ARRAY_BUFFER, offset=0, size=5000, data=5000 bytes at bulk 0x40)\n",
           HEADER(BufferSubData, 10), GL_ARRAY_BUFFER, 0, 0, 5000, 0, 5000, 2, 0x40, 0);
}

static void
test_malformed(void **state)
{
    EXPECT(false, "> unknown command 500, 1 words\n", 1u << 16 | 500);
    EXPECT(false, "> unknown command 65535, 1 words\n", 1u << 16 | 0xffff);
    EXPECT(false, "> Clear: wrong length, 3 words\n", HEADER(Clear, 3), 0, 0);
    EXPECT(false, "> length runs past its batch\n", HEADER(Clear, 3), 0);
    EXPECT(false, "> length runs past its batch\n", HEADER(Clear, 0), 9);
    EXPECT(false, "> Uniform2fv(location=4, count=1, value=malformed data)\n", HEADER(Uniform2fv, 5), 4, 1, 8, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_commands), cmocka_unit_test(test_malformed) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
