/* When an application's next frame is to begin, by the work that the worker still has. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "backlog.h"

#define START_US 1000000

/* Frames one after the other: the application takes app_us, the worker service_us, answers take half of rtt_us each way.
 * Returns when the last present was answered. */
static int64_t
play(struct dc_backlog *backlog, uint64_t count, int64_t app_us, int64_t service_us)
{
    int64_t now_us = backlog->done_us > START_US ? backlog->done_us : START_US;
    for (uint64_t i = 0; i < count; i++) {
        dc_backlog_handle_callbacks(backlog, now_us);
        now_us += app_us;
        dc_backlog_handle_present(backlog, backlog->sent_id + 1, now_us);
        now_us += backlog->rtt_us + service_us;
        dc_backlog_handle_done(backlog, backlog->sent_id, now_us);
    }
    return now_us;
}

static void
test_idle_worker_holds_nobody(void **state)
{
    struct dc_backlog backlog = { 0 };
    assert_int_equal(dc_backlog_ready_us(&backlog, START_US), START_US);
    int64_t now_us = play(&backlog, 20, 1000, 30000);
    assert_int_equal(dc_backlog_ready_us(&backlog, now_us), now_us);
}

static void
test_means_are_learned(void **state)
{
    struct dc_backlog backlog = { 0 };
    play(&backlog, 100, 2000, 30000);
    assert_int_equal(backlog.app_us, 2000);
    assert_int_equal(backlog.service_us, 30000);
    play(&backlog, 100, 2000, 10000);
    assert_in_range(backlog.service_us, 9900, 10100);
}

/* With one present under way, the next frame begins so that it arrives a millisecond before that is done. */
static void
test_busy_worker_is_never_without_work(void **state)
{
    struct dc_backlog backlog = { 0 };
    int64_t now_us = play(&backlog, 100, 2000, 30000);
    dc_backlog_handle_present(&backlog, backlog.sent_id + 1, now_us);
    assert_int_equal(dc_backlog_ready_us(&backlog, now_us), now_us + 30000 - 2000 - 1000);
    dc_backlog_handle_present(&backlog, backlog.sent_id + 1, now_us + 1000);
    assert_int_equal(dc_backlog_ready_us(&backlog, now_us), now_us + 60000 - 2000 - 1000);
}

/* The application's own time overlaps with the worker's: both may take most of a period. */
static void
test_slow_application_begins_early(void **state)
{
    struct dc_backlog backlog = { 0 };
    int64_t now_us = play(&backlog, 100, 15000, 14000);
    dc_backlog_handle_present(&backlog, backlog.sent_id + 1, now_us);
    assert_true(dc_backlog_ready_us(&backlog, now_us) <= now_us);
}

static void
test_link_is_not_the_workers_time(void **state)
{
    struct dc_backlog backlog = { .rtt_us = 40000 };
    int64_t now_us = play(&backlog, 100, 2000, 10000);
    assert_int_equal(backlog.service_us, 10000);
    dc_backlog_handle_present(&backlog, backlog.sent_id + 1, now_us);
    assert_int_equal(dc_backlog_ready_us(&backlog, now_us), now_us + 10000 - 2000 - 1000);
}

static void
test_silent_worker_holds_for_a_quarter_second(void **state)
{
    struct dc_backlog backlog = { 0 };
    int64_t now_us = play(&backlog, 100, 2000, 30000);
    for (int i = 0; i < 10; i++)
        dc_backlog_handle_present(&backlog, backlog.sent_id + 1, now_us);
    assert_int_equal(dc_backlog_ready_us(&backlog, now_us), now_us + 250000);
}

static void
test_stray_answers_change_nothing(void **state)
{
    struct dc_backlog backlog = { 0 };
    int64_t now_us = play(&backlog, 10, 2000, 30000);
    struct dc_backlog before = backlog;
    dc_backlog_handle_done(&backlog, backlog.done_id, now_us + 5000);
    dc_backlog_handle_done(&backlog, backlog.sent_id + 7, now_us + 5000);
    dc_backlog_handle_done(&backlog, UINT64_MAX, now_us + 5000);
    assert_memory_equal(&before, &backlog, sizeof(backlog));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idle_worker_holds_nobody),
        cmocka_unit_test(test_means_are_learned),
        cmocka_unit_test(test_busy_worker_is_never_without_work),
        cmocka_unit_test(test_slow_application_begins_early),
        cmocka_unit_test(test_link_is_not_the_workers_time),
        cmocka_unit_test(test_silent_worker_holds_for_a_quarter_second),
        cmocka_unit_test(test_stray_answers_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
