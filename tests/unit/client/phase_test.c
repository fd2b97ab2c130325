/* Where frames fall in the display's refresh, with an instance that does what it is asked. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "display_phase.h"

#define PERIOD_US 16667

struct run {
    unsigned messages, missed, frames;
    int64_t waited_us;
};

/* Frames that are ready at `ready_us` after a tick, plus jitter. */
static struct run
play(struct dc_display_phase *phase, int64_t *ready_us, int64_t jitter_us, unsigned frames)
{
    struct run run = { .frames = frames };
    int64_t last_tick = INT64_MIN;
    for (unsigned i = 0; i < frames; i++) {
        int64_t at_us = (i + 100) * (int64_t)PERIOD_US + *ready_us + (jitter_us ? rand() % jitter_us : 0);
        int64_t tick = (at_us + PERIOD_US - 1) / PERIOD_US;
        run.missed += tick == last_tick;
        last_tick = tick;
        run.waited_us += tick * PERIOD_US - at_us;
        int64_t shift_us = dc_display_phase_add(phase, tick * PERIOD_US - at_us);
        run.messages += shift_us != 0;
        *ready_us += shift_us;
    }
    return run;
}

static void
test_converges_from_everywhere(void **state)
{
    srand(1);
    for (int64_t start_us = 0; start_us < PERIOD_US; start_us += 500) {
        struct dc_display_phase phase;
        int64_t ready_us = start_us;
        dc_display_phase_init(&phase, PERIOD_US);
        play(&phase, &ready_us, 2000, 600);
        struct run run = play(&phase, &ready_us, 2000, 600);
        assert_true(run.missed <= 1);
        assert_true(run.messages <= 1);
        assert_true(run.waited_us / run.frames < 8200); // of 16.7 ms
    }
}

static void
test_moves_no_more_than_half_a_period(void **state)
{
    struct dc_display_phase phase;
    int64_t ready_us = 5000, before_us = ready_us;
    dc_display_phase_init(&phase, PERIOD_US);
    struct run run = play(&phase, &ready_us, 0, 150);
    assert_int_equal(run.messages, 1);
    assert_true(llabs(ready_us - before_us) <= PERIOD_US / 2 + 1);
}

static void
test_no_phase_no_message(void **state)
{
    struct dc_display_phase phase;
    int64_t ready_us = 0;
    dc_display_phase_init(&phase, PERIOD_US);
    srand(2);
    assert_int_equal(play(&phase, &ready_us, PERIOD_US, 1000).messages, 0); // at any time
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_converges_from_everywhere), cmocka_unit_test(test_moves_no_more_than_half_a_period),
        cmocka_unit_test(test_no_phase_no_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
