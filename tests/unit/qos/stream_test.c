/*
 * The whole of it in virtual time, through the relay's model of a line: the figures that a stream has to reach on bad
 * networks (720p60, 10 Mb/s, 20 ms round trip). Losses hit both directions. "Shown" counts pictures on an emulated display
 * of 60 Hz, of which each tick shows the newest: a frame that comes late counts only if no newer one has come.
 */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "simulation.h"

#define SEEDS 3

static struct simulation_result
run(const char *name, struct simulation_config config, uint64_t seed)
{
    struct simulation_result r;
    config.seed = seed;
    config.bitrate_kbps = 10000;
    simulation_run(&config, &r);
    print_message("%-22s shown %6.2f %%, p50 %4.1f p95 %4.1f p99 %5.1f ms, sent/media %.2f, recovered %4u, resent %3u, "
                  "skipped %2u, key frames %u\n", name, 100 * r.shown_share, r.p50_ms, r.p95_ms, r.p99_ms, r.overhead,
                  (unsigned)r.recovered, (unsigned)r.resent, r.skipped, r.keyframes);
    assert_int_equal(r.corrupt, 0);
    return r;
}

static void
check_row(const char *name, struct dc_line_config line, double shown, double p95_ms)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct simulation_result r = run(name, (struct simulation_config){ .seconds = 30, .forward = line, .backward = line },
                                         seed * 77);
        assert_true(r.shown_share >= shown);
        assert_true(r.p95_ms <= p95_ms);
    }
}

static void
test_clean(void **state)
{
    check_row("clean", (struct dc_line_config){ .loss = 0 }, 1, 8);
}

static void
test_random_loss(void **state)
{
    check_row("1 % random", (struct dc_line_config){ .loss = 0.01 }, 0.999, 25);
    check_row("3 % random", (struct dc_line_config){ .loss = 0.03 }, 0.995, 40);
}

static void
test_burst_loss(void **state)
{
    check_row("2 % in bursts of 5", (struct dc_line_config){ .loss = 0.02, .burst = 5 }, 0.99, 60);
}

static void
test_cut_rate(void **state)
{
    const struct dc_line_config line = { .rates = { { 0, 50000000 }, { 5000000, 4000000 }, { 15000000, 50000000 } },
                                         .rate_count = 3 };
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct simulation_result r = run("50 to 4 Mb/s and back", (struct simulation_config){ .seconds = 25, .forward = line },
                                         seed * 77);
        print_message("    queue above 60 ms until %.0f ms, afterwards at most %.0f ms; %.0f kb/s; 95 %% again after %.1f s\n",
                      r.calm_after_ms, r.late_queue_ms, r.low_kbps, r.recovered_after_s);
        assert_true(r.calm_after_ms <= 1500 && r.late_queue_ms <= 60);
        assert_true(r.low_kbps >= 2400); // 60 % of the line, at least
        assert_true(r.recovered_after_s >= 0 && r.recovered_after_s <= 5);
    }
}

static void
test_outage(void **state)
{
    const struct dc_line_config line = { .outage_from_us = 6000000, .outage_us = 300000 };
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct simulation_result r = run("300 ms outage", (struct simulation_config){ .seconds = 10, .forward = line,
                                                                                     .backward = line }, seed * 77);
        print_message("    picture back %.0f ms after it\n", r.back_after_ms);
        assert_true(r.back_after_ms >= 0 && r.back_after_ms <= 200);
    }
}

static void
test_jitter_and_reordering(void **state)
{
    const struct dc_line_config line = { .jitter_us = 5000, .reorder = 0.01, .reorder_us = 3000 };
    struct simulation_result r = run("jitter, reordering", (struct simulation_config){ .seconds = 20, .forward = line,
                                                                                      .backward = line }, 1);
    assert_true(r.shown_share >= 0.99 && r.skipped == 0 && r.resent < 20);
}

/* A browser has no parity of ours: retransmissions alone. */
static void
test_nack_alone(void **state)
{
    const struct dc_line_config line = { .loss = 0.01 };
    struct simulation_result r = run("1 %, NACK alone", (struct simulation_config){ .seconds = 20, .forward = line,
                                                                                   .backward = line, .no_fec = true }, 1);
    assert_int_equal(r.recovered, 0);
    assert_true(r.resent > 100);
    assert_true(r.decoded >= r.captured - 4 && r.p99_ms < 60);
}

/* And the other way round, with a loss that parity does not cover now and then: references are invalidated. */
static void
test_parity_alone(void **state)
{
    const struct dc_line_config line = { .loss = 0.02, .burst = 5 };
    struct simulation_result r = run("bursts, parity alone", (struct simulation_config){ .seconds = 20, .forward = line,
                                                                                        .backward = line, .no_nack = true }, 1);
    assert_int_equal(r.resent, 0);
    assert_true(r.invalidated > 0);
    assert_true(r.keyframes <= 3); // the ladder stops before the key frame
    assert_true(r.decoded > 0.95 * r.captured);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_random_loss),
        cmocka_unit_test(test_burst_loss),
        cmocka_unit_test(test_cut_rate),
        cmocka_unit_test(test_outage),
        cmocka_unit_test(test_jitter_and_reordering),
        cmocka_unit_test(test_nack_alone),
        cmocka_unit_test(test_parity_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
