/* Parts of the GL shadow that need no worker: names, values, array objects, index ranges, texel sizes. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gles/client_array.h"
#include "gles/names.h"
#include "gles/value.h"
#include "gles/vao.h"

static void
names_are_given_out_as_mesa_does(void **state)
{
    struct dc_names names;
    uint32_t out[4];
    dc_names_init(&names);
    assert_true(dc_names_generate(&names, 3, out, DC_NAME_RESERVED));
    assert_int_equal(out[0], 1);
    assert_int_equal(out[2], 3);
    assert_true(dc_names_set(&names, 2, DC_NAME_FREE));
    assert_true(dc_names_generate(&names, 1, out, DC_NAME_RESERVED));
    assert_int_equal(out[0], 4); // not the hole
    assert_true(dc_names_set(&names, 1000, DC_NAME_CREATED));
    assert_true(dc_names_generate(&names, 2, out, DC_NAME_RESERVED));
    assert_int_equal(out[0], 1001);
    assert_int_equal(out[1], 1002);
    assert_false(dc_names_exists(&names, 1001)); // generated, never bound
    assert_true(dc_names_exists(&names, 1000));
    assert_false(dc_names_exists(&names, 0));
    assert_ptr_equal(dc_names_get(&names, 0xffffffffu), DC_NAME_FREE);
    dc_names_finish(&names);
}

static void
names_above_the_dense_ones_are_used_again(void **state)
{
    struct dc_names names;
    uint32_t out[8];
    dc_names_init(&names);
    assert_true(dc_names_set(&names, 0xffffffffu, DC_NAME_CREATED)); // an application may bind any number
    assert_true(dc_names_generate(&names, 1, out, DC_NAME_RESERVED));
    assert_int_equal(out[0], 1);
    assert_true(dc_names_generate(&names, 1, out, DC_NAME_RESERVED));
    assert_int_equal(out[0], 2);
    assert_true(dc_names_set(&names, 1, DC_NAME_FREE));
    assert_true(dc_names_generate(&names, 1, out, DC_NAME_RESERVED));
    assert_int_equal(out[0], 1);
    assert_true(dc_names_generate(&names, 4, out, DC_NAME_RESERVED));
    assert_int_equal(out[3], out[0] + 3);
    dc_names_finish(&names);
}

static void
names_churn_does_not_grow(void **state)
{
    struct dc_names names;
    dc_names_init(&names);
    uint32_t highest = 0;
    for (int i = 0; i < 300000; i++) {
        uint32_t name;
        assert_true(dc_names_generate(&names, 1, &name, DC_NAME_CREATED));
        highest = name > highest ? name : highest;
        dc_names_set(&names, name, DC_NAME_FREE);
    }
    assert_true(highest <= DC_NAMES_DENSE + 1);
    dc_names_finish(&names);
}

static void
values_convert(void **state)
{
    struct dc_value value;
    GLint i[4];
    GLint64 l[4];
    GLfloat f[4];
    GLboolean b[4];
    dc_value_set_floats(&value, DC_VALUE_FLOAT, (const float[]){ 1.5f, -2.6f, 0, 0.4f }, 4);
    dc_value_get_ints(&value, i);
    assert_int_equal(i[0], 2);
    assert_int_equal(i[1], -3);
    assert_int_equal(i[3], 0);
    dc_value_get_booleans(&value, b);
    assert_true(b[3]);
    assert_false(b[2]);
    dc_value_set_floats(&value, DC_VALUE_NORMALIZED, (const float[]){ 1, -1, 0.5f }, 3);
    dc_value_get_ints(&value, i);
    assert_int_equal(i[0], INT32_MAX);
    assert_int_equal(i[1], -INT32_MAX);
    assert_int_equal(i[2], 1073741823);
    dc_value_set_int(&value, 4294967295);
    dc_value_get_ints(&value, i);
    assert_int_equal(i[0], INT32_MAX);
    dc_value_get_ints64(&value, l);
    assert_true(l[0] == 4294967295);
    dc_value_set_boolean(&value, true);
    dc_value_get_floats(&value, f);
    assert_true(f[0] == 1.0f);
}

static void
index_ranges(void **state)
{
    uint32_t low, high;
    static const uint8_t bytes[] = { 9, 255, 3, 7 };
    assert_true(dc_index_range(bytes, 4, GL_UNSIGNED_BYTE, false, &low, &high));
    assert_int_equal(low, 3);
    assert_int_equal(high, 255);
    assert_true(dc_index_range(bytes, 4, GL_UNSIGNED_BYTE, true, &low, &high));
    assert_int_equal(high, 9);
    static const uint16_t restart[] = { 0xffff, 0xffff };
    assert_false(dc_index_range(restart, 2, GL_UNSIGNED_SHORT, true, &low, &high));
    uint8_t unaligned[9] = { 0, 1, 0, 0, 0, 5, 0, 0, 0 };
    assert_true(dc_index_range(unaligned + 1, 2, GL_UNSIGNED_INT, true, &low, &high));
    assert_int_equal(low, 1);
    assert_int_equal(high, 5);
    assert_false(dc_index_range(bytes, 4, GL_FLOAT, false, &low, &high));
}

static void
array_objects_know_their_client_arrays(void **state)
{
    static const float data[4];
    struct dc_vao vao;
    dc_vao_init(&vao, 0);
    vao.attribs[3].pointer = data;
    vao.attribs[3].from_client = true;
    dc_vao_update(&vao);
    assert_int_equal(vao.client, 1u << 3);
    vao.bindings[3].buffer = 7;
    dc_vao_update(&vao);
    assert_int_equal(vao.client, 0);
    // An offset into a deleted buffer never becomes an address.
    vao.attribs[3].from_client = false;
    vao.element_buffer = 7;
    dc_vao_detach_buffer(&vao, 7);
    assert_int_equal(vao.client, 0);
    assert_int_equal(vao.element_buffer, 0);
    assert_int_equal(vao.bindings[3].buffer, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_given_out_as_mesa_does),
        cmocka_unit_test(names_above_the_dense_ones_are_used_again),
        cmocka_unit_test(names_churn_does_not_grow),
        cmocka_unit_test(values_convert),
        cmocka_unit_test(index_ranges),
        cmocka_unit_test(array_objects_know_their_client_arrays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
