#include "presentation.h"

#include <stdlib.h>
#include <time.h>

#include <presentation-time-server-protocol.h>
#include <wayland-server-protocol.h>

#include "compositor.h"
#include "surface.h"

static void
free_feedback(struct wl_resource *resource)
{
    struct dc_feedback *feedback = wl_resource_get_user_data(resource);
    wl_list_remove(&feedback->link);
    free(feedback);
}

void
dc_feedback_list_discard(struct wl_list *feedbacks)
{
    struct dc_feedback *feedback, *next;
    wl_list_for_each_safe(feedback, next, feedbacks, link) {
        wp_presentation_feedback_send_discarded(feedback->resource);
        wl_resource_destroy(feedback->resource);
    }
}

void
dc_presentation_handle_present(struct dc_display *display, uint64_t present_id)
{
    struct dc_surface *surface;
    wl_list_for_each(surface, &display->surfaces, link) {
        struct dc_feedback *feedback, *next;
        wl_list_for_each_safe(feedback, next, &surface->current.feedbacks, link) {
            feedback->present_id = present_id;
            wl_list_remove(&feedback->link);
            wl_list_insert(display->presenter.feedbacks.prev, &feedback->link);
        }
    }
}

static void
send_presented(struct dc_display *display, struct dc_feedback *feedback, int64_t time_us)
{
    struct wl_client *client = wl_resource_get_client(feedback->resource);
    struct wl_resource *output;
    wl_resource_for_each(output, &display->output_resources) {
        if (wl_resource_get_client(output) == client)
            wp_presentation_feedback_send_sync_output(feedback->resource, output);
    }
    uint64_t seconds = (uint64_t)time_us / 1000000, ticks = (uint64_t)(time_us * 1000 / display->vsync.period_ns);
    wp_presentation_feedback_send_presented(feedback->resource, (uint32_t)(seconds >> 32), (uint32_t)seconds,
                                            (uint32_t)(time_us % 1000000 * 1000), (uint32_t)display->vsync.period_ns,
                                            (uint32_t)(ticks >> 32), (uint32_t)ticks, 0);
    wl_resource_destroy(feedback->resource);
}

void
dc_presentation_handle_done(struct dc_display *display, uint64_t present_id, int64_t time_us)
{
    struct dc_feedback *feedback, *next;
    wl_list_for_each_safe(feedback, next, &display->presenter.feedbacks, link) {
        if (feedback->present_id <= present_id)
            send_presented(display, feedback, time_us);
    }
}

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static void
handle_feedback(struct wl_client *client, struct wl_resource *resource, struct wl_resource *surface_resource,
                uint32_t id)
{
    struct dc_surface *surface = dc_surface_from_resource(surface_resource);
    struct dc_feedback *feedback = calloc(1, sizeof(*feedback));
    if (feedback)
        feedback->resource = wl_resource_create(client, &wp_presentation_feedback_interface, 1, id);
    if (!feedback || !feedback->resource) {
        free(feedback);
        wl_client_post_no_memory(client);
        return;
    }
    wl_resource_set_implementation(feedback->resource, NULL, feedback, free_feedback);
    wl_list_insert(surface->pending.feedbacks.prev, &feedback->link);
}

static const struct wp_presentation_interface presentation_impl = {
    .destroy = handle_destroy,
    .feedback = handle_feedback,
};

static void
bind_presentation(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct wl_resource *resource = wl_resource_create(client, &wp_presentation_interface, (int)version, id);
    if (!resource) {
        wl_client_post_no_memory(client);
        return;
    }
    wl_resource_set_implementation(resource, &presentation_impl, data, NULL);
    wp_presentation_send_clock_id(resource, CLOCK_MONOTONIC);
}

bool
dc_presentation_global_create(struct dc_display *display)
{
    return wl_global_create(display->wl, &wp_presentation_interface, 1, display, bind_presentation);
}
