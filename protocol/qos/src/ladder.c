#include <protocol/qos/ladder.h>

#define UP_AFTER_US 4000000
#define UP_MARGIN 1.4
/* Least bits per pixel: below it x264's ultrafast shows blocks wherever something moves (720p60: 1.9 Mb/s). */
#define LEAST_BITS_PER_PIXEL 0.035

static const struct dc_ladder_step steps[DC_LADDER_STEPS] = {
    { .rate_divisor = 1, .scale_num = 1, .scale_den = 1 },
    { .rate_divisor = 2, .scale_num = 1, .scale_den = 1 },
    { .rate_divisor = 2, .scale_num = 3, .scale_den = 4 },
    { .rate_divisor = 2, .scale_num = 1, .scale_den = 2 },
};

void
dc_ladder_init(struct dc_ladder *ladder, uint32_t width, uint32_t height, uint32_t refresh_mhz)
{
    *ladder = (struct dc_ladder){ .width = width, .height = height, .refresh_mhz = refresh_mhz, .current = steps[0] };
}

static double
needed_kbps(const struct dc_ladder *ladder, unsigned step)
{
    double scale = (double)steps[step].scale_num / steps[step].scale_den;
    double pixels_per_s = (double)ladder->width * ladder->height * scale * scale * ladder->refresh_mhz / 1000 /
                          steps[step].rate_divisor;
    return pixels_per_s * LEAST_BITS_PER_PIXEL / 1000;
}

const struct dc_ladder_step *
dc_ladder_update(struct dc_ladder *ladder, uint32_t target_kbps, int64_t now_us)
{
    while (ladder->step + 1 < DC_LADDER_STEPS && target_kbps < needed_kbps(ladder, ladder->step)) {
        ladder->step++;
        ladder->enough_since_us = 0;
    }
    if (ladder->step && target_kbps >= UP_MARGIN * needed_kbps(ladder, ladder->step - 1)) {
        if (!ladder->enough_since_us)
            ladder->enough_since_us = now_us;
        if (now_us - ladder->enough_since_us >= UP_AFTER_US) {
            ladder->step--;
            ladder->enough_since_us = now_us;
        }
    } else {
        ladder->enough_since_us = 0;
    }
    ladder->current = steps[ladder->step];
    ladder->current.bitrate_kbps = target_kbps;
    return &ladder->current;
}
