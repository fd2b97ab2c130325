#include "presenter.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "display"
#include <common/clock.h>
#include <common/log.h>

#include "buffer.h"
#include "compositor.h"
#include "presentation.h"
#include "scene.h"

static struct dc_display *
display_of(struct dc_presenter *presenter)
{
    struct dc_display *display = wl_container_of(presenter, display, presenter);
    return display;
}

static int
handle_timer(int fd, uint32_t mask, void *data)
{
    struct dc_presenter *presenter = data;
    uint64_t expirations;
    if (read(fd, &expirations, sizeof(expirations)) == (ssize_t)sizeof(expirations))
        presenter->waiting = false; // the settling at the end of the dispatch presents
    return 0;
}

bool
dc_presenter_init(struct dc_presenter *presenter, struct wl_event_loop *loop)
{
    *presenter = (struct dc_presenter){ .timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK) };
    wl_list_init(&presenter->feedbacks);
    if (presenter->timer_fd < 0) {
        dc_error("present timer: %s", strerror(errno));
        return false;
    }
    presenter->timer = wl_event_loop_add_fd(loop, presenter->timer_fd, WL_EVENT_READABLE, handle_timer, presenter);
    return presenter->timer != NULL;
}

void
dc_presenter_finish(struct dc_presenter *presenter)
{
    if (presenter->timer)
        wl_event_source_remove(presenter->timer);
    if (presenter->timer_fd >= 0)
        close(presenter->timer_fd);
    presenter->timer = NULL;
    presenter->timer_fd = -1;
}

static void
drop_input(struct dc_presenter *presenter)
{
    uint32_t at = 0;
    while (at < presenter->input_count && presenter->input_edges[at])
        at++;
    if (at == presenter->input_count)
        at = 0;
    presenter->input_count--;
    for (uint32_t i = at; i < presenter->input_count; i++) {
        presenter->input_ids[i] = presenter->input_ids[i + 1];
        presenter->input_edges[i] = presenter->input_edges[i + 1];
    }
}

void
dc_presenter_add_input(struct dc_presenter *presenter, uint64_t input_id, bool edge)
{
    if (presenter->input_count == DC_FRAME_MAX_INPUT_IDS)
        drop_input(presenter);
    presenter->input_ids[presenter->input_count] = input_id;
    presenter->input_edges[presenter->input_count++] = edge;
}

void
dc_presenter_set_times(struct dc_presenter *presenter, int64_t first_command_us, int64_t swap_us)
{
    presenter->first_command_us = first_command_us;
    presenter->swap_us = swap_us;
}

void
dc_presenter_damage(struct dc_presenter *presenter)
{
    presenter->dirty = true;
    presenter->at_tick = false;
}

void
dc_presenter_damage_pointer(struct dc_presenter *presenter)
{
    if (presenter->dirty)
        return;
    presenter->dirty = presenter->at_tick = true;
    dc_vsync_arm(&display_of(presenter)->vsync);
}

void
dc_presenter_handle_tick(struct dc_presenter *presenter)
{
    presenter->at_tick = false;
}

static bool
rate_allows(struct dc_presenter *presenter, int64_t now_us)
{
    // A little faster than the refresh: a client that runs at the refresh rate works off what a burst or a moving vsync
    // left waiting, instead of waiting that long for ever.
    int64_t period_us = display_of(presenter)->vsync.period_ns * 15 / 16000;
    int64_t due_us = presenter->earliest_us - period_us; // one period of credit: bursts of two
    if (now_us >= due_us) {
        presenter->earliest_us = (presenter->earliest_us > now_us ? presenter->earliest_us : now_us) + period_us;
        return true;
    }
    struct itimerspec when = {
        .it_value = { .tv_sec = due_us / 1000000, .tv_nsec = due_us % 1000000 * 1000 },
    };
    presenter->waiting = timerfd_settime(presenter->timer_fd, TFD_TIMER_ABSTIME, &when, NULL) == 0;
    return !presenter->waiting;
}

void
dc_presenter_run(struct dc_presenter *presenter)
{
    if (!presenter->dirty || presenter->at_tick || presenter->waiting)
        return;
    int64_t now_us = dc_clock_now_us();
    if (!rate_allows(presenter, now_us))
        return;
    struct dc_display *display = display_of(presenter);
    struct dc_display_layer layers[DC_DISPLAY_MAX_LAYERS];
    struct dc_display_present present = {
        .present_id = ++presenter->last_id,
        .layers = layers,
        .layer_count = dc_scene_layers(display, layers, DC_DISPLAY_MAX_LAYERS),
        .input_ids = presenter->input_ids,
        .input_id_count = presenter->input_count,
        .first_command_us = presenter->first_command_us,
        .swap_us = presenter->swap_us,
        .present_us = now_us,
    };
    presenter->dirty = false;
    dc_backlog_handle_present(&presenter->backlog, present.present_id, now_us);
    if (present.input_id_count)
        dc_trace("present %llu carries %u input events, %llu … %llu", (unsigned long long)present.present_id,
                 present.input_id_count, (unsigned long long)present.input_ids[0],
                 (unsigned long long)present.input_ids[present.input_id_count - 1]);
    dc_presentation_handle_present(display, present.present_id);
    display->listener.handle_present(display->user, &present);
    presenter->input_count = 0;
    presenter->first_command_us = presenter->swap_us = 0;
}
