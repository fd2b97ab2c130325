#ifndef DC_CLIENT_DISPLAY_PHASE_H
#define DC_CLIENT_DISPLAY_PHASE_H
/*
 * When in the display's refresh do frames come? From the last frames, by how much the instance's vsync should move so
 * that nearly all of them come shortly before a tick: neither waiting for most of a refresh nor missing it by a little.
 */
#include <stdint.h>

#define DC_DISPLAY_PHASE_FRAMES 96

struct dc_display_phase {
    int64_t period_us;
    int64_t before_tick_us[DC_DISPLAY_PHASE_FRAMES]; // 0 … period
    unsigned count;                                  // since the last shift
};

void dc_display_phase_init(struct dc_display_phase *phase, int64_t period_us);
/* `before_tick_us`: how long before the next tick a frame was ready, 0 … period. Returns the shift to ask for (positive:
 * later), 0: none. */
int64_t dc_display_phase_add(struct dc_display_phase *phase, int64_t before_tick_us);

#endif
