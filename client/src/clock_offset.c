#include "clock_offset.h"

#define MAX_TIME_US (INT64_MAX / 4)

static bool
is_time(int64_t us)
{
    return us >= 0 && us < MAX_TIME_US;
}

void
dc_clock_offset_add(struct dc_clock_offset *clock, int64_t t1_us, int64_t t2_us, int64_t t3_us, int64_t t4_us)
{
    if (!is_time(t1_us) || !is_time(t2_us) || !is_time(t3_us) || t2_us > t3_us || t1_us > t4_us)
        return;
    int64_t round_trip_us = (t4_us - t1_us) - (t3_us - t2_us);
    if (round_trip_us < 0)
        return;
    unsigned slot = clock->count++ % DC_CLOCK_OFFSET_SAMPLES;
    clock->samples[slot].round_trip_us = round_trip_us;
    clock->samples[slot].offset_us = ((t2_us - t1_us) + (t3_us - t4_us)) / 2;
    unsigned filled = clock->count < DC_CLOCK_OFFSET_SAMPLES ? clock->count : DC_CLOCK_OFFSET_SAMPLES;
    unsigned best = 0;
    for (unsigned i = 1; i < filled; i++)
        best = clock->samples[i].round_trip_us < clock->samples[best].round_trip_us ? i : best;
    clock->offset_us = clock->samples[best].offset_us;
    clock->round_trip_us = clock->samples[best].round_trip_us;
}
