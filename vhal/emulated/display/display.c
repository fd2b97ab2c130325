#include <vhal/display.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DC_LOG_COMPONENT "display"
#include <common/clock.h>
#include <common/log.h>

#include "buffer.h"
#include "client.h"
#include "compositor.h"
#include "presentation.h"
#include "surface.h"

/* Frame callbacks go out at the tick, or, where the worker is behind, when it is about to come free. */
static void
send_frames(struct dc_display *display, int64_t now_us)
{
    struct dc_backlog *backlog = &display->presenter.backlog;
    int64_t ready_us = dc_backlog_ready_us(backlog, now_us);
    if (!display->frames_due)
        return;
    if (!dc_surface_wants_frames(display)) {
        display->frames_due = false;
    } else if (ready_us <= now_us) {
        display->frames_due = false;
        dc_backlog_handle_callbacks(backlog, now_us);
        dc_surface_send_frames(display, now_us);
    } else {
        dc_vsync_arm_at(&display->vsync, ready_us);
    }
}

static void
handle_tick(struct dc_vsync *vsync, int64_t time_us)
{
    struct dc_display *display = wl_container_of(vsync, display, vsync);
    struct dc_client *client;
    wl_list_for_each(client, &display->clients, link)
        dc_client_note_read(client);
    dc_presenter_handle_tick(&display->presenter);
    display->frames_due = true;
    send_frames(display, time_us);
}

static void
handle_libwayland_log(const char *format, va_list args)
{
    char text[512];
    vsnprintf(text, sizeof(text), format, args);
    text[strcspn(text, "\n")] = '\0';
    dc_debug("libwayland: %s", text);
}

static bool
create_globals(struct dc_display *display)
{
    return wl_display_init_shm(display->wl) == 0 && dc_compositor_global_create(display) &&
           dc_subcompositor_global_create(display) && dc_buffer_manager_global_create(display) &&
           dc_output_global_create(display) && dc_xdg_output_global_create(display) &&
           dc_data_device_global_create(display) && dc_xdg_wm_base_global_create(display) &&
           dc_decoration_global_create(display) && dc_presentation_global_create(display) &&
           dc_viewporter_global_create(display) && dc_pointer_constraints_global_create(display) &&
           dc_relative_pointer_global_create(display);
}

static bool
open_socket(struct dc_display *display, const char *name)
{
    if (!name) {
        name = wl_display_add_socket_auto(display->wl);
    } else if (wl_display_add_socket(display->wl, name) < 0) {
        dc_error("Wayland socket %s: %s", name, strerror(errno));
        return false;
    }
    display->socket_name = name ? strdup(name) : NULL;
    if (!display->socket_name)
        dc_error("Wayland socket: %s (is XDG_RUNTIME_DIR set?)", strerror(errno));
    return display->socket_name != NULL;
}

struct dc_display *
dc_display_create(const struct dc_display_config *config, const struct dc_display_listener *listener, void *user)
{
    if (config->width == 0 || config->height == 0 || config->width > DC_DISPLAY_MAX_SIZE ||
        config->height > DC_DISPLAY_MAX_SIZE) {
        dc_error("impossible output size %ux%u", config->width, config->height);
        return NULL;
    }
    struct dc_display *display = calloc(1, sizeof(*display));
    if (!display)
        return NULL;
    display->listener = *listener;
    display->user = user;
    display->width = config->width;
    display->height = config->height;
    display->refresh_mhz = config->refresh_mhz ? config->refresh_mhz : 60000;
    display->vsync.timer_fd = display->presenter.timer_fd = display->seat.keyboard.keymap_fd = -1;
    wl_list_init(&display->clients);
    wl_list_init(&display->surfaces);
    wl_list_init(&display->toplevels);
    wl_list_init(&display->all_toplevels);
    wl_list_init(&display->popups);
    wl_list_init(&display->gpu_buffers);
    wl_list_init(&display->output_resources);
    dc_selection_init(&display->selection);
    wl_log_set_handler_server(handle_libwayland_log);
    display->wl = wl_display_create();
    if (!display->wl)
        goto fail;
    display->loop = wl_display_get_event_loop(display->wl);
    display->client_created.notify = dc_client_handle_created;
    wl_display_add_client_created_listener(display->wl, &display->client_created);
    if (!dc_presenter_init(&display->presenter, display->loop) ||
        !dc_vsync_init(&display->vsync, display->loop, display->refresh_mhz, handle_tick) ||
        !dc_seat_init(&display->seat, display) || !create_globals(display) ||
        !open_socket(display, config->socket_name))
        goto fail;
    return display;
fail:
    dc_display_destroy(display);
    return NULL;
}

void
dc_display_destroy(struct dc_display *display)
{
    if (!display)
        return;
    if (display->wl)
        wl_display_destroy_clients(display->wl);
    dc_vsync_finish(&display->vsync);
    dc_presenter_finish(&display->presenter);
    dc_seat_finish(&display->seat);
    if (display->wl)
        wl_display_destroy(display->wl);
    free(display->socket_name);
    free(display);
}

const char *
dc_display_socket_name(const struct dc_display *display)
{
    return display->socket_name;
}

int
dc_display_fd(const struct dc_display *display)
{
    return wl_event_loop_get_fd(display->loop);
}

void
dc_display_settle(struct dc_display *display)
{
    dc_presenter_run(&display->presenter);
    wl_display_flush_clients(display->wl);
}

void
dc_display_dispatch(struct dc_display *display)
{
    if (wl_event_loop_dispatch(display->loop, 0) < 0)
        dc_warn("Wayland event loop: %s", strerror(errno));
    dc_display_settle(display);
}

void
dc_display_handle_input(struct dc_display *display, const struct dc_input_event *event)
{
    dc_seat_handle_input(&display->seat, event);
    dc_display_settle(display);
}

void
dc_display_handle_release(struct dc_display *display, uint32_t ring_id, uint32_t surface_id, uint64_t seq)
{
    dc_gpu_buffer_release(display, ring_id, surface_id, seq);
    wl_display_flush_clients(display->wl);
}

void
dc_display_handle_present_done(struct dc_display *display, uint64_t present_id, int64_t time_us)
{
    dc_backlog_handle_done(&display->presenter.backlog, present_id, dc_clock_now_us());
    send_frames(display, dc_clock_now_us());
    // The worker's clock may be another machine's: what the guest compares with its own clock is when we heard of it.
    dc_presentation_handle_done(display, present_id, dc_clock_now_us());
    wl_display_flush_clients(display->wl);
}

void
dc_display_handle_worker_lost(struct dc_display *display)
{
    dc_backlog_handle_done(&display->presenter.backlog, display->presenter.last_id, dc_clock_now_us());
    dc_feedback_list_discard(&display->presenter.feedbacks);
    dc_gpu_buffer_release_all(display);
    send_frames(display, dc_clock_now_us());
    wl_display_flush_clients(display->wl);
}

void
dc_display_set_link_rtt(struct dc_display *display, int64_t rtt_us)
{
    display->presenter.backlog.rtt_us = rtt_us > 0 ? rtt_us : 0;
}

void
dc_display_set_refresh(struct dc_display *display, uint32_t refresh_mhz)
{
    if (refresh_mhz < 1000 || refresh_mhz > 1000000)
        return;
    display->refresh_mhz = refresh_mhz;
    dc_vsync_set_refresh(&display->vsync, refresh_mhz);
}

void
dc_display_shift_phase(struct dc_display *display, int64_t shift_us)
{
    dc_vsync_shift(&display->vsync, shift_us);
}

void
dc_display_repaint(struct dc_display *display)
{
    dc_presenter_damage(&display->presenter);
    dc_display_settle(display);
}
