#include "vsync.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "display"
#include <common/clock.h>
#include <common/log.h>

static int
handle_timer(int fd, uint32_t mask, void *data)
{
    struct dc_vsync *vsync = data;
    uint64_t expirations;
    if (read(fd, &expirations, sizeof(expirations)) != (ssize_t)sizeof(expirations))
        return 0;
    vsync->armed = false;
    vsync->handle_tick(vsync, dc_clock_now_us());
    return 0;
}

bool
dc_vsync_init(struct dc_vsync *vsync, struct wl_event_loop *loop, uint32_t refresh_mhz,
              void (*handle_tick)(struct dc_vsync *vsync, int64_t time_us))
{
    *vsync = (struct dc_vsync){ .timer_fd = -1, .handle_tick = handle_tick, .phase_us = dc_clock_now_us() };
    dc_vsync_set_refresh(vsync, refresh_mhz);
    vsync->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (vsync->timer_fd < 0) {
        dc_error("vsync timer: %s", strerror(errno));
        return false;
    }
    vsync->source = wl_event_loop_add_fd(loop, vsync->timer_fd, WL_EVENT_READABLE, handle_timer, vsync);
    return vsync->source != NULL;
}

void
dc_vsync_finish(struct dc_vsync *vsync)
{
    if (vsync->source)
        wl_event_source_remove(vsync->source);
    if (vsync->timer_fd >= 0)
        close(vsync->timer_fd);
    vsync->source = NULL;
    vsync->timer_fd = -1;
}

void
dc_vsync_set_refresh(struct dc_vsync *vsync, uint32_t refresh_mhz)
{
    vsync->period_ns = 1000000000000ll / (refresh_mhz ? refresh_mhz : 60000);
}

void
dc_vsync_shift(struct dc_vsync *vsync, int64_t shift_us)
{
    int64_t period_us = vsync->period_ns / 1000;
    vsync->shift_us = (vsync->shift_us + shift_us) % period_us; // a whole period changes nothing
}

/* At most 1/32 of a period per tick: half a millisecond at 60 Hz, which nobody sees. */
static void
move_phase(struct dc_vsync *vsync)
{
    int64_t limit_us = vsync->period_ns / 32000;
    int64_t step_us = vsync->shift_us > limit_us ? limit_us : vsync->shift_us < -limit_us ? -limit_us : vsync->shift_us;
    vsync->phase_us += step_us;
    vsync->shift_us -= step_us;
}

static void
arm(struct dc_vsync *vsync, int64_t due_ns)
{
    struct itimerspec when = {
        .it_value = { .tv_sec = due_ns / 1000000000, .tv_nsec = due_ns % 1000000000 },
    };
    vsync->armed = timerfd_settime(vsync->timer_fd, TFD_TIMER_ABSTIME, &when, NULL) == 0;
}

void
dc_vsync_arm_at(struct dc_vsync *vsync, int64_t due_us)
{
    arm(vsync, due_us * 1000);
}

void
dc_vsync_arm(struct dc_vsync *vsync)
{
    if (vsync->armed)
        return;
    move_phase(vsync);
    int64_t phase_ns = vsync->phase_us * 1000;
    int64_t ticks = (dc_clock_now_us() * 1000 - phase_ns) / vsync->period_ns + 1;
    arm(vsync, phase_ns + ticks * vsync->period_ns);
}
