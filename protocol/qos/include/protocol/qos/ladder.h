#ifndef DC_PROTOCOL_QOS_LADDER_H
#define DC_PROTOCOL_QOS_LADDER_H
/*
 * What to do with a target: the bit rate follows it at once; where too few bits a pixel are left for it, first the frame
 * rate, then the resolution goes down. Down at once, up only when the bits for it have been there for a while, with a
 * margin: a picture that changes its size every second is worse than a small one.
 */
#include <stdint.h>

#define DC_LADDER_STEPS 4

struct dc_ladder_step {
    uint32_t bitrate_kbps;
    uint32_t rate_divisor;       // every n-th refresh
    uint32_t scale_num, scale_den; // of both sides
};

struct dc_ladder {
    uint32_t width, height, refresh_mhz; // full size and rate
    unsigned step;
    int64_t enough_since_us; // since when the bits for the step above have been there; 0: they are not
    struct dc_ladder_step current;
};

void dc_ladder_init(struct dc_ladder *ladder, uint32_t width, uint32_t height, uint32_t refresh_mhz);
/* What holds from now on. */
const struct dc_ladder_step *dc_ladder_update(struct dc_ladder *ladder, uint32_t target_kbps, int64_t now_us);

#endif
