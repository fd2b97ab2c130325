#undef NDEBUG
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock_offset.h"
#include "measure.h"
#include "statistics.h"

static void
test_percentiles(void **state)
{
    struct dc_series series = { 0 };
    assert_true(isnan(dc_series_percentile(&series, 50)));
    for (int i = 100; i >= 1; i--)
        dc_series_add(&series, i);
    dc_series_sort(&series);
    assert_float_equal(dc_series_percentile(&series, 50), 50, 0);
    assert_float_equal(dc_series_percentile(&series, 95), 95, 0);
    assert_float_equal(dc_series_percentile(&series, 99), 99, 0);
    assert_float_equal(dc_series_percentile(&series, 100), 100, 0);
    assert_float_equal(dc_series_percentile(&series, 0), 1, 0);
    dc_series_finish(&series);
}

static void
test_1pct_low(void **state)
{
    struct dc_series series = { 0 };
    for (int i = 0; i < 398; i++)
        dc_series_add(&series, 10);
    dc_series_add(&series, 40);
    dc_series_add(&series, 60);
    dc_series_sort(&series);
    // The worst 1 % of 400 are four: 60, 40, 10, 10.
    assert_float_equal(dc_fps_1pct_low(&series), 1000.0 / 30, 0.001);
    dc_series_finish(&series);
    dc_series_add(&series, 20);
    assert_float_equal(dc_fps_1pct_low(&series), 50, 0.001); // at least one
    dc_series_finish(&series);
    assert_float_equal(dc_fps_1pct_low(&series), 0, 0);
}

static void
test_jank(void **state)
{
    static const double times[] = { 16, 16, 16, 90, 16, 16, 16, 130, 16, 16, 16, 80, 80, 80, 80, 100 };
    struct dc_jank jank = dc_jank_count(times, sizeof(times) / sizeof(times[0]));
    assert_int_equal(jank.jank, 2);     // 90 and 130; 80 is short enough, 100 is no more than twice what went before
    assert_int_equal(jank.big_jank, 1); // 130
    double sum = 0;
    for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        sum += times[i];
    assert_float_equal(jank.stutter, 220 / sum, 1e-6);
}

static void
test_clock_offset(void **state)
{
    struct dc_clock_offset clock = { 0 };
    dc_clock_offset_add(&clock, 1000, 501500, 501600, 2100); // 500 µs each way, 500,000 ahead
    assert_int_equal(clock.round_trip_us, 1000);
    assert_int_equal(clock.offset_us, 500000);
    dc_clock_offset_add(&clock, 3000, 508000, 508000, 8100); // a slower exchange tells less
    assert_int_equal(clock.offset_us, 500000);
    dc_clock_offset_add(&clock, 9000, 509010, 509010, 9020);
    assert_int_equal(clock.round_trip_us, 20);
    dc_clock_offset_add(&clock, 10000, 1, 0, 10010);          // impossible: it left before it came
    dc_clock_offset_add(&clock, 10000, INT64_MAX, INT64_MAX, 10010);
    dc_clock_offset_add(&clock, 10000, -5, 5, 10010);
    assert_int_equal(clock.count, 3);
    for (int i = 0; i < 10; i++) // the clocks drift: old exchanges are forgotten
        dc_clock_offset_add(&clock, 20000, 520200, 520200, 20100);
    assert_int_equal(clock.offset_us, 500150);
}

static struct dc_frame_record
frame(uint64_t id, int64_t decoded_us, int64_t presented_us, uint64_t input_id)
{
    return (struct dc_frame_record){
        .frame_id = id, .size_bytes = 100, .decoded_us = decoded_us, .presented_us = presented_us,
        .last_packet_us = decoded_us - 500, .clock_offset_us = 1000000, .input_id_count = input_id ? 1 : 0,
        .input_ids = { input_id },
        .times = { 1000, 2000, 3000, 4500, 4800, 6000, decoded_us - 700 + 1000000 },
    };
}

static void
test_measure(void **state)
{
    struct dc_measure measure;
    struct dc_summary s;
    assert_true(dc_measure_init(&measure, true));
    dc_measure_input_sent(&measure, 1, 5000);
    dc_measure_input_sent(&measure, 2, 6000);
    dc_measure_input_sent(&measure, 3, 90000);
    struct dc_frame_record a = frame(1, 10000, 20000, 0), b = frame(2, 25000, 0, 1), c = frame(3, 30000, 40000, 2);
    struct dc_frame_record d = frame(4, 50000, 60000, 2), e = frame(5, 100000, 120000, 9);
    dc_measure_frame_presented(&measure, &a);
    dc_measure_frame_skipped(&measure, &b); // its input is first seen with the next frame
    dc_measure_frame_presented(&measure, &c);
    dc_measure_frame_presented(&measure, &d); // says 2 again: counted once
    dc_measure_frame_presented(&measure, &e); // an id that nobody sent
    dc_measure_summarise(&measure, 0, 100000, &s);
    assert_int_equal(s.frames_displayed, 3);
    assert_int_equal(s.frames_skipped, 1);
    assert_float_equal(s.fps_mean, 30, 1e-3);
    assert_int_equal(s.input_count, 2);
    assert_float_equal(s.input_p50_ms, 34, 1e-3); // 40000 − 6000
    assert_float_equal(s.input_p99_ms, 35, 1e-3); // 40000 − 5000
    assert_float_equal(s.frame_time_max_ms, 20, 1e-3);
    assert_float_equal(s.stages[DC_STAGE_SWAP].p50_ms, 1, 1e-3);
    assert_float_equal(s.stages[DC_STAGE_RENDER].p50_ms, 1.5, 1e-3);
    assert_float_equal(s.stages[DC_STAGE_NETWORK].p50_ms, 0.2, 1e-3);
    assert_float_equal(s.stages[DC_STAGE_DECODE].p50_ms, 0.5, 1e-3);
    assert_float_equal(s.stages[DC_STAGE_PRESENT].p50_ms, 10, 1e-3);
    assert_int_equal(s.video_bytes, 400);
    dc_measure_summarise(&measure, 100000, 200000, &s);
    assert_int_equal(s.frames_displayed, 1);
    assert_float_equal(s.frame_time_max_ms, 60, 1e-3); // since the last frame, wherever that was
    dc_measure_finish(&measure);
}

/* Without a report, memory is bounded however long the session is. */
static void
test_measure_forgets(void **state)
{
    struct dc_measure measure;
    assert_true(dc_measure_init(&measure, false));
    for (uint64_t i = 1; i < 20000; i++) {
        struct dc_frame_record f = frame(i, (int64_t)i * 100, (int64_t)i * 100 + 50, i);
        dc_measure_input_sent(&measure, i, (int64_t)i * 100 - 50);
        dc_measure_frame_presented(&measure, &f);
    }
    assert_true(measure.frame_capacity <= 1024);
    assert_true(measure.latency_capacity <= 1024);
    assert_int_equal(measure.frames[measure.frame_count - 1].frame_id, 19999);
    assert_int_equal(measure.presented, 19999);
    dc_measure_finish(&measure);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percentiles),  cmocka_unit_test(test_1pct_low), cmocka_unit_test(test_jank),
        cmocka_unit_test(test_clock_offset), cmocka_unit_test(test_measure),  cmocka_unit_test(test_measure_forgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
