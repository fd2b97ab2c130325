#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "line.h"

#define COUNT 200000

struct pattern {
    unsigned lost, runs, overtaken;
    int64_t least_us, most_us, mean_us;
};

static struct pattern
offer(const struct dc_line_config *config, uint64_t seed, unsigned count, int64_t interval_us, uint8_t *fates)
{
    struct dc_line line;
    struct pattern p = { .least_us = INT64_MAX };
    bool before = false;
    int64_t due_us, newest_us = 0, sum_us = 0;
    dc_line_init(&line, config, seed);
    for (unsigned i = 0; i < count; i++) {
        int64_t now_us = i * interval_us;
        bool passed = dc_line_offer(&line, 1250, now_us, &due_us);
        if (fates)
            fates[i] = passed;
        p.runs += !passed && !before;
        before = !passed;
        if (!passed) {
            p.lost++;
            continue;
        }
        p.overtaken += due_us < newest_us;
        newest_us = due_us > newest_us ? due_us : newest_us;
        sum_us += due_us - now_us;
        p.least_us = due_us - now_us < p.least_us ? due_us - now_us : p.least_us;
        p.most_us = due_us - now_us > p.most_us ? due_us - now_us : p.most_us;
    }
    p.mean_us = count > p.lost ? sum_us / (count - p.lost) : 0;
    assert_int_equal(line.counters.datagrams, count);
    assert_int_equal(line.counters.passed + line.counters.lost + line.counters.dropped_queue + line.counters.dropped_outage,
                     count);
    return p;
}

static void
test_same_seed_same_fates(void **state)
{
    static uint8_t a[COUNT], b[COUNT];
    const struct dc_line_config config = { .loss = 0.1, .burst = 3 };
    struct dc_line_config slower = config;
    slower.jitter_us = 5000; // what else is set does not change who is lost
    offer(&config, 5, COUNT, 1000, a);
    offer(&slower, 5, COUNT, 1000, b);
    assert_memory_equal(a, b, COUNT);
    offer(&config, 6, COUNT, 1000, b);
    assert_memory_not_equal(a, b, COUNT);
}

static void
test_loss_and_bursts(void **state)
{
    struct pattern p = offer(&(struct dc_line_config){ .loss = 0.03 }, 1, COUNT, 1000, NULL);
    assert_in_range(p.lost, COUNT * 0.028, COUNT * 0.032);
    assert_true(p.lost < p.runs * 1.06);
    p = offer(&(struct dc_line_config){ .loss = 0.02, .burst = 5 }, 1, COUNT, 1000, NULL);
    assert_in_range(p.lost, COUNT * 0.018, COUNT * 0.022);
    assert_true(p.lost > p.runs * 4.6 && p.lost < p.runs * 5.4);
    p = offer(&(struct dc_line_config){ .loss = 1 }, 1, 1000, 1000, NULL);
    assert_int_equal(p.lost, 1000);
}

static void
test_delay_jitter_order(void **state)
{
    struct pattern p = offer(&(struct dc_line_config){ .delay_us = 10000, .jitter_us = 4000 }, 1, COUNT, 1000, NULL);
    assert_int_equal(p.overtaken, 0);
    assert_in_range(p.least_us, 10000, 10100);
    assert_in_range(p.most_us, 13900, 14000);
    p = offer(&(struct dc_line_config){ .reorder = 0.01, .reorder_us = 2500 }, 1, COUNT, 1000, NULL);
    assert_in_range(p.overtaken, COUNT * 0.017, COUNT * 0.023); // the two behind it
    assert_int_equal(p.most_us, 2500);
}

static void
test_rate_and_queue(void **state)
{
    // 1250 bytes a millisecond are 10 Mb/s.
    struct dc_line_config config = { .rates = { { 0, 20000000 }, { 100000, 5000000 } }, .rate_count = 2, .queue_us = 50000 };
    struct pattern p = offer(&config, 1, 100, 1000, NULL);
    assert_int_equal(p.most_us, 500); // as long as it takes to send one
    p = offer(&config, 1, 1100, 1000, NULL);
    assert_in_range(p.most_us, 50000, 52000);
    assert_in_range(p.lost, 440, 500); // half of the last thousand, less what waits
}

static void
test_outage(void **state)
{
    static uint8_t fates[1000];
    struct dc_line_config config = { .outage_from_us = 200000, .outage_us = 300000 };
    struct pattern p = offer(&config, 1, 1000, 1000, fates);
    assert_int_equal(p.lost, 300);
    assert_true(fates[199] && !fates[200] && !fates[499] && fates[500]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_same_fates),
        cmocka_unit_test(test_loss_and_bursts),
        cmocka_unit_test(test_delay_jitter_order),
        cmocka_unit_test(test_rate_and_queue),
        cmocka_unit_test(test_outage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
