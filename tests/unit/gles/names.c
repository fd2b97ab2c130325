#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gles/names.h"

static void
test_dense(void **state)
{
    struct dc_names names = { 0 };
    assert_int_equal(dc_names_find(&names, 0), 0);
    assert_int_equal(dc_names_find(&names, 5), 0);
    assert_true(dc_names_set(&names, 5, 50));
    assert_true(dc_names_set(&names, 60000, 7));
    assert_int_equal(dc_names_find(&names, 5), 50);
    assert_int_equal(dc_names_find(&names, 60000), 7);
    assert_int_equal(names.count, 2);
    assert_true(dc_names_set(&names, 5, 51));
    assert_int_equal(names.count, 2);
    assert_true(dc_names_set(&names, 5, 0));
    assert_true(dc_names_set(&names, 6, 0));
    assert_int_equal(names.count, 1);
    assert_int_equal(dc_names_find(&names, 5), 0);
    dc_names_finish(&names);
}

static void
test_hashed(void **state)
{
    struct dc_names names = { 0 };
    for (uint32_t round = 0; round < 3; round++) { // deleted slots are reclaimed
        for (uint32_t i = 1; i <= 5000; i++)
            assert_true(dc_names_set(&names, i * 0x10003u + 0x10000u, i + round));
        assert_int_equal(names.count, 5000);
        for (uint32_t i = 1; i <= 5000; i++)
            assert_int_equal(dc_names_find(&names, i * 0x10003u + 0x10000u), i + round);
        assert_int_equal(dc_names_find(&names, 0xffffffffu), 0);
        for (uint32_t i = 1; i <= 5000; i++)
            assert_true(dc_names_set(&names, i * 0x10003u + 0x10000u, 0));
        assert_int_equal(names.count, 0);
        assert_int_equal(dc_names_find(&names, 0x10003u + 0x10000u), 0);
    }
    assert_true(names.hash_size <= 65536);
    dc_names_finish(&names);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_dense), cmocka_unit_test(test_hashed) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
