/* The container of program binaries: what is written is read again, and nothing else is taken. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <common/wire.h>
#include <protocol/gles/reflection.h>

#include "gles/program_binary.h"
#include "gles/result_key.h"

#define DRIVER 0x1122334455667788u
#define HEAD_BYTES 32

static void
put(struct dc_link_settings *settings, uint32_t kind, uint32_t a, uint32_t b, const char *text, size_t size_bytes)
{
    struct dc_link_setting setting = { kind, { a, b }, dc_glsl_text_create(text, size_bytes) };
    assert_true(dc_link_settings_put(settings, &setting));
    dc_glsl_text_unref(setting.text);
}

static void
add(struct dc_link_recipe *recipe, uint32_t type, const char *source)
{
    struct dc_glsl_text *text = dc_glsl_text_create(source, strlen(source));
    assert_true(dc_link_recipe_add(recipe, type, text));
    dc_glsl_text_unref(text);
}

/* Two stages, an attribute, an output, two varyings, an input at location 7. */
static struct dc_writer
make(void)
{
    struct dc_link_recipe recipe = { .separable = true };
    struct dc_resource resource = { .name = (char *)"tint", .prop[DC_PROP_LOCATION] = 7 };
    struct dc_reflection reflection = { .interfaces[0] = { 0x92E3, &resource, 1 }, .interface_count = 1 }; // GL_PROGRAM_INPUT
    struct dc_writer w;
    add(&recipe, 0x8B31, "void main() { }");
    add(&recipe, 0x8B30, "void main() { discard; }");
    put(&recipe.settings, DC_LINK_ATTRIB, 1, 0, "pos", 3);
    put(&recipe.settings, DC_LINK_ATTRIB, 3, 0, "pos", 3); // the later one counts
    put(&recipe.settings, DC_LINK_OUTPUT_INDEXED, 0, 1, "o", 1);
    put(&recipe.settings, DC_LINK_VARYINGS, 0x8C8C, 2, "v\0w", 4);
    assert_int_equal(recipe.settings.count, 3);
    dc_writer_init(&w);
    dc_program_binary_pack(&w, DRIVER, &recipe, &reflection);
    assert_false(w.failed);
    dc_link_recipe_finish(&recipe);
    return w;
}

/* A forger knows how to make the digest. */
static void
sign(uint8_t *data, size_t size_bytes)
{
    struct dc_result_key key = dc_result_key_fold((struct dc_result_key){ 0 }, data + HEAD_BYTES, size_bytes - HEAD_BYTES);
    memcpy(data + 16, &key.low, 8);
    memcpy(data + 24, &key.high, 8);
}

static void
is_read_as_written(void **state)
{
    (void)state;
    struct dc_writer w = make();
    struct dc_program_binary binary;
    assert_true(dc_program_binary_unpack(&binary, DRIVER, w.data, w.size_bytes));
    assert_int_equal(binary.recipe.stage_count, 2);
    assert_string_equal(binary.recipe.stages[1].source->data, "void main() { discard; }");
    assert_true(binary.recipe.separable);
    assert_int_equal(binary.recipe.settings.list[0].numbers[0], 3);
    assert_string_equal(binary.recipe.settings.list[0].text->data, "pos");
    assert_int_equal(binary.recipe.settings.list[2].numbers[1], 2);
    assert_int_equal(binary.inputs.count, 1);
    assert_int_equal(binary.inputs.list[0].numbers[0], 7);
    assert_string_equal(binary.inputs.list[0].text->data, "tint");
    dc_program_binary_finish(&binary);
    assert_false(dc_program_binary_unpack(&binary, DRIVER + 1, w.data, w.size_bytes));
    dc_writer_finish(&w);
}

static void
a_changed_one_is_refused(void **state)
{
    (void)state;
    struct dc_writer w = make();
    struct dc_program_binary binary;
    for (size_t size_bytes = 0; size_bytes < w.size_bytes; size_bytes++)
        assert_false(dc_program_binary_unpack(&binary, DRIVER, w.data, size_bytes));
    for (size_t i = 0; i < w.size_bytes; i++) {
        w.data[i] ^= 1;
        assert_false(dc_program_binary_unpack(&binary, DRIVER, w.data, w.size_bytes));
        w.data[i] ^= 1;
    }
    dc_writer_finish(&w);
}

/* Cut off and with each word replaced, signed again: what is taken after all is whole. */
static void
a_forged_one_does_no_harm(void **state)
{
    (void)state;
    static const uint32_t words[] = { 0, 1, 2, 3, 7, 4097, 0x7fffffff, 0x80000000, 0xffffffff };
    struct dc_writer w = make();
    for (size_t size_bytes = HEAD_BYTES; size_bytes < w.size_bytes; size_bytes++) {
        uint8_t *cut = malloc(size_bytes); // its end is the allocation's
        struct dc_program_binary binary;
        memcpy(cut, w.data, size_bytes);
        sign(cut, size_bytes);
        assert_false(dc_program_binary_unpack(&binary, DRIVER, cut, size_bytes));
        free(cut);
    }
    for (size_t at = HEAD_BYTES; at + 4 <= w.size_bytes; at++) {
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            struct dc_program_binary binary;
            uint8_t *forged = malloc(w.size_bytes);
            memcpy(forged, w.data, w.size_bytes);
            memcpy(forged + at, &words[i], 4);
            sign(forged, w.size_bytes);
            if (dc_program_binary_unpack(&binary, DRIVER, forged, w.size_bytes)) {
                assert_in_range(binary.recipe.stage_count, 1, DC_LINK_STAGES);
                for (uint32_t k = 0; k < binary.recipe.settings.count; k++)
                    assert_true(binary.recipe.settings.list[k].kind < DC_LINK_KINDS);
                dc_program_binary_finish(&binary);
            }
            free(forged);
        }
    }
    dc_writer_finish(&w);
}

static void
counts_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    struct dc_link_recipe recipe = { 0 };
    struct dc_reflection reflection = { 0 };
    struct dc_program_binary binary;
    struct dc_writer w;
    add(&recipe, 0x8B31, "void main() { }");
    put(&recipe.settings, DC_LINK_VARYINGS, 0x8C8C, 3, "v\0w", 4); // says three, has two
    dc_writer_init(&w);
    dc_program_binary_pack(&w, DRIVER, &recipe, &reflection);
    assert_false(dc_program_binary_unpack(&binary, DRIVER, w.data, w.size_bytes));
    dc_writer_reset(&w);
    put(&recipe.settings, DC_LINK_VARYINGS, 0x8C8C, 2, "v\0w", 4);
    add(&recipe, 0x8B31, "void main() { }"); // a type twice
    dc_program_binary_pack(&w, DRIVER, &recipe, &reflection);
    assert_false(dc_program_binary_unpack(&binary, DRIVER, w.data, w.size_bytes));
    dc_writer_finish(&w);
    dc_link_recipe_finish(&recipe);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_read_as_written),
        cmocka_unit_test(a_changed_one_is_refused),
        cmocka_unit_test(a_forged_one_does_no_harm),
        cmocka_unit_test(counts_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
