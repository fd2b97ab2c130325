/* When packing and hashing are given up, and taken up again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bulk_misses.h"
#include "line_rate.h"

#define VERTICES 50001u // no multiple of 4 KiB
#define IMAGE 65536u

static void
test_a_line_is_slow_only_while_it_is_behind(void **state)
{
    (void)state;
    struct dc_line_rate rate = { 0 };
    assert_false(dc_line_rate_is_slow(&rate, 1000000, 0, 0));
    // 1 Gbit/s, never idle: 2.4 MB in 20 ms.
    assert_false(dc_line_rate_is_slow(&rate, 1010000, 100000, 1200000));
    assert_true(dc_line_rate_is_slow(&rate, 1020000, 100000, 2400000));
    assert_true(dc_line_rate_is_slow(&rate, 1030000, 100000, 3600000));
    // It has caught up.
    assert_false(dc_line_rate_is_slow(&rate, 1031000, 0, 3700000));
    // A fast one that is never idle: 10 MB in 20 ms.
    assert_false(dc_line_rate_is_slow(&rate, 1051000, 100000, 13700000));
}

static void
test_a_size_that_never_comes_twice_is_given_up(void **state)
{
    (void)state;
    struct dc_bulk_misses misses = { 0 };
    uint64_t missed_bytes = 0;
    for (; dc_bulk_misses_is_worth(&misses, VERTICES); missed_bytes += VERTICES)
        dc_bulk_misses_note(&misses, VERTICES, false);
    assert_in_range(missed_bytes, 8u << 20, (8u << 20) + 2 * VERTICES);
    // Other sizes are not concerned, and images last longer.
    assert_true(dc_bulk_misses_is_worth(&misses, VERTICES + 1));
    for (missed_bytes = 0; missed_bytes < (100u << 20); missed_bytes += IMAGE) {
        assert_true(dc_bulk_misses_is_worth(&misses, IMAGE));
        dc_bulk_misses_note(&misses, IMAGE, false);
    }
    // Tried now and then; a hit makes it worth while again.
    int tries = 0;
    for (int i = 0; i < 256; i++)
        tries += dc_bulk_misses_is_worth(&misses, VERTICES);
    assert_int_equal(tries, 4);
    dc_bulk_misses_note(&misses, VERTICES, true);
    assert_true(dc_bulk_misses_is_worth(&misses, VERTICES));
}

static void
test_many_sizes_take_turns(void **state)
{
    (void)state;
    struct dc_bulk_misses misses = { 0 };
    for (uint32_t i = 0; i < 1000; i++)
        dc_bulk_misses_note(&misses, 4097 + i, false);
    assert_true(dc_bulk_misses_is_worth(&misses, 4097));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_is_slow_only_while_it_is_behind),
        cmocka_unit_test(test_a_size_that_never_comes_twice_is_given_up),
        cmocka_unit_test(test_many_sizes_take_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
