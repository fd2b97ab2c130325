#ifndef DC_DISPLAY_VSYNC_H
#define DC_DISPLAY_VSYNC_H
/*
 * The emulated vsync: a fixed grid of ticks. A timer runs only while somebody waits for a tick, so an idle instance
 * wakes nobody; the grid keeps its phase in between.
 */
#include <stdbool.h>
#include <stdint.h>

#include <wayland-server-core.h>

struct dc_vsync {
    struct wl_event_source *source;
    int timer_fd; // owned
    int64_t phase_us, period_ns;
    int64_t shift_us; // how far the phase is still to move
    bool armed;
    void (*handle_tick)(struct dc_vsync *vsync, int64_t time_us);
};

/* Accepts zeroed memory with timer_fd -1 in finish. */
bool dc_vsync_init(struct dc_vsync *vsync, struct wl_event_loop *loop, uint32_t refresh_mhz,
                   void (*handle_tick)(struct dc_vsync *vsync, int64_t time_us));
void dc_vsync_finish(struct dc_vsync *vsync);
void dc_vsync_set_refresh(struct dc_vsync *vsync, uint32_t refresh_mhz);
/* Moves the grid, a little at each tick. */
void dc_vsync_shift(struct dc_vsync *vsync, int64_t shift_us);
/* One tick, at the next point of the grid. */
void dc_vsync_arm(struct dc_vsync *vsync);
/* One tick off the grid; replaces one that is armed. */
void dc_vsync_arm_at(struct dc_vsync *vsync, int64_t due_us);

#endif
