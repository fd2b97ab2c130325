#include "display_phase.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SETTLE_FRAMES 40   // after a shift, while the instance moves there: not looked at
#define MARGIN_US 5000       // the latest of the usual frames should come this long before the tick: one in a hundred is later
#define LATEST_PERCENT 98    // what comes later than this share of the frames is left to chance
// A frame that misses its tick is a frame that nobody sees: earlier at once, later (for less delay) only if it is much.
#define WORTH_EARLIER_US 600
#define WORTH_LATER_US 2000
#define MAX_SPREAD 0.6     // of a period: frames come at any time, there is no phase to find

void
dc_display_phase_init(struct dc_display_phase *phase, int64_t period_us)
{
    *phase = (struct dc_display_phase){ .period_us = period_us };
}

static int
compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t
wrap(int64_t us, int64_t period_us)
{
    us %= period_us;
    if (us > period_us / 2)
        us -= period_us;
    return us < -period_us / 2 ? us + period_us : us;
}

/* The direction of the mean of points on a circle. */
static int64_t
circular_mean(const struct dc_display_phase *phase)
{
    double x = 0, y = 0;
    for (unsigned i = 0; i < DC_DISPLAY_PHASE_FRAMES; i++) {
        double angle = 2 * M_PI * (double)phase->before_tick_us[i] / (double)phase->period_us;
        x += cos(angle);
        y += sin(angle);
    }
    return (int64_t)(atan2(y, x) / (2 * M_PI) * (double)phase->period_us);
}

static int64_t
find_shift(const struct dc_display_phase *phase)
{
    int64_t around[DC_DISPLAY_PHASE_FRAMES]; // of the mean, earlier ones positive
    int64_t mean_us = circular_mean(phase);
    for (unsigned i = 0; i < DC_DISPLAY_PHASE_FRAMES; i++)
        around[i] = wrap(phase->before_tick_us[i] - mean_us, phase->period_us);
    qsort(around, DC_DISPLAY_PHASE_FRAMES, sizeof(around[0]), compare);
    unsigned edge = DC_DISPLAY_PHASE_FRAMES * (100 - LATEST_PERCENT) / 100;
    int64_t latest_us = around[edge], earliest_us = around[DC_DISPLAY_PHASE_FRAMES - 1 - edge];
    if ((double)(earliest_us - latest_us) > MAX_SPREAD * (double)phase->period_us)
        return 0;
    // Now the usual latest frame comes mean + latest before the tick; it should come MARGIN before it.
    int64_t shift_us = wrap(mean_us + latest_us - MARGIN_US, phase->period_us);
    return shift_us > -WORTH_EARLIER_US && shift_us < WORTH_LATER_US ? 0 : shift_us;
}

int64_t
dc_display_phase_add(struct dc_display_phase *phase, int64_t before_tick_us)
{
    unsigned slot = phase->count++;
    if (slot < SETTLE_FRAMES)
        return 0;
    phase->before_tick_us[slot - SETTLE_FRAMES] = before_tick_us;
    if (phase->count < SETTLE_FRAMES + DC_DISPLAY_PHASE_FRAMES)
        return 0;
    phase->count = 0;
    return find_shift(phase);
}
