#include "attempt.h"

#include <signal.h>

#include <common/clock.h>

const struct dc_attempt dc_attempt_first = { .signals_kill = true };

bool
dc_attempt_is_over(const struct dc_attempt *attempt)
{
    sigset_t pending;
    if (attempt->signals_kill)
        return false;
    sigpending(&pending); // blocked in every thread: it stays until the descriptor is read
    return *attempt->stop || sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1 ||
           dc_clock_now_us() >= attempt->until_us;
}

int64_t
dc_attempt_next_us(const struct dc_attempt *attempt, int64_t until_us)
{
    int64_t step_us = dc_clock_now_us() + DC_ATTEMPT_STEP_US;
    return attempt->signals_kill || until_us < step_us ? until_us : step_us;
}
