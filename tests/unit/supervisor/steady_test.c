/* Notes of a life of any length, and its later half. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "steady.h"

/* Loading for 10 time units at 1000 bytes each, then 7 bytes a unit. */
static struct dc_steady_note
note_at(int64_t time_us)
{
    uint64_t t = (uint64_t)time_us, loading = t < 10 ? t : 10;
    return (struct dc_steady_note){ .time_us = time_us, .frames = t, .command_bytes = loading * 1000 + t * 7,
                                    .wire_bytes = t * 3, .round_trips = loading };
}

static void
the_later_half_is_steady(void **state)
{
    for (int64_t length = 25; length < 2000; length += 97) {
        struct dc_steady steady = { 0 };
        for (int64_t t = 0; t < length; t++) {
            struct dc_steady_note note = note_at(t);
            dc_steady_add(&steady, &note);
            assert_true(steady.count <= DC_STEADY_NOTES);
        }
        struct dc_steady_note end = note_at(length), half = dc_steady_since_middle(&steady, 0, &end);
        assert_in_range(half.time_us, length / 4, length / 2 + 1);
        assert_int_equal(half.command_bytes, half.frames * 7);
        assert_int_equal(half.wire_bytes, half.frames * 3);
        assert_int_equal(half.round_trips, 0);
    }
}

static void
without_notes_it_is_the_whole(void **state)
{
    const struct dc_steady steady = { 0 };
    const struct dc_steady_note end = note_at(30);
    struct dc_steady_note all = dc_steady_since_middle(&steady, 5, &end);
    assert_int_equal(all.time_us, 25);
    assert_int_equal(all.frames, 30);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_later_half_is_steady),
                                        cmocka_unit_test(without_notes_it_is_the_whole) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
