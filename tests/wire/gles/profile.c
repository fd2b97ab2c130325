/* Bytes of the profile and of reflection, and that malformed ones are refused. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <GLES3/gl32.h>

#include <common/wire.h>
#include <protocol/gles/profile.h>
#include <protocol/gles/reflection.h>

static void
test_limits_bytes(void **state)
{
    struct dc_profile_limit limits[] = {
        { .pname = GL_MAX_TEXTURE_SIZE, .value_count = 1, .i = { 16384 } },
        { .pname = GL_ALIASED_POINT_SIZE_RANGE, .is_float = true, .value_count = 2, .f = { 1.0f, 255.0f } },
    };
    char *strings[] = { "v", "r", "", "", "", "", "" };
    struct dc_profile profile = { .limits = limits, .limit_count = 2 };
    memcpy(profile.strings, strings, sizeof(strings));
    struct dc_writer w;
    dc_writer_init(&w);
    dc_profile_pack(&w, &profile);
    const uint8_t expected[] = {
        'D', 'C', 'P', 'F', 1, 0, 0, 0,      // magic, version
        1, 0, 0, 0, 30, 0, 0, 0,             // STRINGS, 30 bytes
        1, 0, 0, 0, 'v',                     // GL_VENDOR
        1, 0, 0, 0, 'r',                     // GL_RENDERER
        0, 0, 0, 0, 0, 0, 0, 0,              // versions
        0, 0, 0, 0, 0, 0, 0, 0,              // extensions, EGL vendor
        0, 0, 0, 0,                          // EGL extensions
        2, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0,  // CONFIGS: none
        3, 0, 0, 0, 44, 0, 0, 0, 2, 0, 0, 0, // LIMITS: two
        0x33, 0x0d, 0, 0, 1, 0, 0, 0,        // MAX_TEXTURE_SIZE, one integer
        0, 0x40, 0, 0, 0, 0, 0, 0,           // 16384
        0x6d, 0x84, 0, 0, 2, 0, 0, 0x80,     // ALIASED_POINT_SIZE_RANGE, two floats
        0, 0, 0x80, 0x3f, 0, 0, 0, 0,        // 1.0
        0, 0, 0x7f, 0x43, 0, 0, 0, 0,        // 255.0
        4, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0,  // PRECISION: none
        5, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0,  // FORMATS: none
    };
    assert_int_equal(w.size_bytes, sizeof(expected));
    assert_memory_equal(w.data, expected, sizeof(expected));
    struct dc_profile back;
    assert_true(dc_profile_unpack(&back, w.data, w.size_bytes));
    assert_string_equal(back.strings[DC_PROFILE_GL_VENDOR], "v");
    assert_int_equal(dc_profile_find_limit(&back, GL_MAX_TEXTURE_SIZE)->i[0], 16384);
    assert_true(dc_profile_find_limit(&back, GL_ALIASED_POINT_SIZE_RANGE)->f[1] == 255.0f);
    dc_profile_finish(&back);
    for (size_t cut = 0; cut < w.size_bytes; cut++) // cut anywhere: no crash, and nothing leaks
        if (dc_profile_unpack(&back, w.data, cut))
            dc_profile_finish(&back);
    w.data[66] = 0xff; // LIMITS claims more than there is
    assert_false(dc_profile_unpack(&back, w.data, w.size_bytes));
    dc_writer_finish(&w);
}

static void
test_reflection_bytes(void **state)
{
    int32_t elements[] = { 4, 9 };
    struct dc_resource resource = { .name = "a[0]", .locations = elements, .location_count = 2 };
    for (int i = 0; i < DC_PROP_COUNT; i++)
        resource.prop[i] = i;
    resource.prop[DC_PROP_ARRAY_SIZE] = 2;
    struct dc_reflection reflection = {
        .linked = true, .log = "", .value_count = 1, .values = { { GL_TRANSFORM_FEEDBACK_VARYINGS, { 7 } } },
        .interface_count = 1, .interfaces = { { GL_UNIFORM, &resource, 1 } },
    };
    struct dc_writer w;
    dc_writer_init(&w);
    dc_reflection_pack(&w, &reflection);
    const uint8_t expected[] = {
        1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,                        // linked, not validated, no log
        1, 0, 0, 0,                                                // one value
        0x83, 0x8c, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,      // TRANSFORM_FEEDBACK_VARYINGS 7
        1, 0, 0, 0, 0xe1, 0x92, 0, 0, 1, 0, 0, 0,                  // one interface: UNIFORM, one resource
        4, 0, 0, 0, 'a', '[', '0', ']',                            // name
        0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0,            // type, array size, location, block index
        4, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0,            // offset, strides, row major
        8, 0, 0, 0, 9, 0, 0, 0, 10, 0, 0, 0, 11, 0, 0, 0,          // atomic buffer, top level, binding
        12, 0, 0, 0, 13, 0, 0, 0, 14, 0, 0, 0,                     // data size, stages, per patch
        0, 0, 0, 0,                                                // no variables
        2, 0, 0, 0, 4, 0, 0, 0, 9, 0, 0, 0,                        // locations of the elements
    };
    assert_int_equal(w.size_bytes, sizeof(expected));
    assert_memory_equal(w.data, expected, sizeof(expected));
    struct dc_reflection back;
    assert_true(dc_reflection_unpack(&back, w.data, w.size_bytes));
    assert_int_equal(dc_reflection_location(&back, GL_UNIFORM, "a"), 4);
    assert_int_equal(dc_reflection_location(&back, GL_UNIFORM, "a[1]"), 9);
    assert_int_equal(dc_reflection_location(&back, GL_UNIFORM, "a[2]"), -1);
    assert_int_equal(dc_reflection_location(&back, GL_UNIFORM, "a[01]"), -1);
    assert_int_equal(dc_reflection_location(&back, GL_UNIFORM, "b"), -1);
    dc_reflection_finish(&back);
    for (size_t cut = 0; cut < w.size_bytes; cut++)
        assert_false(dc_reflection_unpack(&back, w.data, cut));
    dc_writer_finish(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits_bytes),
        cmocka_unit_test(test_reflection_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
