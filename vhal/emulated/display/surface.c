#include "surface.h"

#include <stdlib.h>

#define DC_LOG_COMPONENT "display"
#include <common/log.h>
#include <wayland-server-protocol.h>

#include "buffer.h"
#include "client.h"
#include "compositor.h"
#include "presentation.h"
#include "shm.h"
#include "subsurface.h"
#include "surface_requests.h"

struct dc_surface *
dc_surface_from_resource(struct wl_resource *resource)
{
    return resource ? wl_resource_get_user_data(resource) : NULL;
}

bool
dc_surface_set_role(struct dc_surface *surface, const struct dc_surface_role *role, struct wl_resource *error_resource,
                    uint32_t error_code)
{
    if (surface->role && (surface->role != role || surface->role_data)) {
        wl_resource_post_error(error_resource, error_code, "wl_surface@%u already has the role %s",
                               wl_resource_get_id(surface->resource), surface->role->name);
        return false;
    }
    surface->role = role;
    return true;
}

bool
dc_surface_has_content(const struct dc_surface *surface)
{
    return surface->content.kind != DC_CONTENT_NONE;
}

bool
dc_surface_takes_input(const struct dc_surface *surface, int32_t x, int32_t y)
{
    struct dc_rect all = { 0, 0, surface->width, surface->height };
    return dc_rect_contains(&all, x, y) && dc_region_contains(&surface->current.input, x, y);
}

struct dc_surface *
dc_surface_root(struct dc_surface *surface)
{
    struct dc_subsurface *sub;
    while ((sub = dc_subsurface_from_surface(surface)) && sub->parent)
        surface = sub->parent;
    return surface;
}

static void
update_size(struct dc_surface *surface)
{
    const struct dc_surface_state *state = &surface->current;
    if (!dc_surface_has_content(surface)) {
        surface->width = surface->height = 0;
    } else if (state->viewport_width > 0) {
        surface->width = state->viewport_width;
        surface->height = state->viewport_height;
    } else if (state->source.width > 0) {
        surface->width = wl_fixed_to_int(state->source.width);
        surface->height = wl_fixed_to_int(state->source.height);
    } else {
        surface->width = (int32_t)surface->content.width / state->scale;
        surface->height = (int32_t)surface->content.height / state->scale;
    }
}

static void
drop_content(struct dc_surface *surface)
{
    if (surface->content.kind == DC_CONTENT_GPU)
        dc_gpu_buffer_superseded(surface->display, &surface->content);
    else if (surface->content.kind == DC_CONTENT_SHM)
        dc_shm_image_destroy(surface->display, &surface->content);
    surface->content = (struct dc_content){ .kind = DC_CONTENT_NONE };
}

static void
apply_buffer(struct dc_surface *surface)
{
    struct wl_resource *buffer = surface->current.buffer;
    if (!buffer) {
        drop_content(surface);
        return;
    }
    struct dc_gpu_buffer *gpu = dc_gpu_buffer_from_resource(buffer);
    if (gpu) {
        struct dc_content old = surface->content;
        surface->content = (struct dc_content){ .kind = DC_CONTENT_NONE };
        dc_gpu_buffer_commit(surface->display, gpu, &surface->content);
        if (old.kind == DC_CONTENT_GPU)
            dc_gpu_buffer_superseded(surface->display, &old);
        else if (old.kind == DC_CONTENT_SHM)
            dc_shm_image_destroy(surface->display, &old);
        return;
    }
    if (surface->content.kind == DC_CONTENT_GPU)
        drop_content(surface);
    dc_shm_image_commit(surface, buffer);
    wl_buffer_send_release(buffer); // its pixels are on their way
    struct dc_client *client = dc_client_from_wl(wl_resource_get_client(surface->resource));
    if (!client)
        return;
    // Such a client says nothing about its frame's beginning: what it has read by now counts.
    dc_client_note_read(client);
    dc_client_take_input(client, 0, INT64_MAX);
}

void
dc_surface_apply(struct dc_surface *surface, struct dc_surface_state *state)
{
    struct dc_display *display = surface->display;
    surface->current.changes = 0;
    surface->current.dx = surface->current.dy = 0;
    surface->current.damage.count = surface->current.buffer_damage.count = 0;
    uint32_t callback_count = (uint32_t)wl_list_length(&state->frame_callbacks);
    dc_surface_state_move(&surface->current, state);
    if (surface->current.changes & DC_CHANGE_BUFFER) {
        apply_buffer(surface);
        dc_surface_state_set_buffer(&surface->current, NULL);
        struct dc_client *client = dc_client_from_wl(wl_resource_get_client(surface->resource));
        if (client && surface->content.kind == DC_CONTENT_GPU)
            dc_client_note_pacing(client, callback_count);
    }
    update_size(surface);
    if (dc_surface_has_content(surface) && !surface->output_entered) {
        surface->output_entered = true;
        dc_output_send_enter(display, surface->resource);
    }
    if (!wl_list_empty(&surface->current.frame_callbacks))
        dc_vsync_arm(&display->vsync);
    dc_subsurface_parent_committed(surface);
    if (surface->role && surface->role->commit)
        surface->role->commit(surface);
    if (surface->current.changes)
        dc_presenter_damage(&display->presenter);
}

void
dc_surface_send_frames(struct dc_display *display, int64_t time_us)
{
    struct dc_surface *surface;
    wl_list_for_each(surface, &display->surfaces, link) {
        struct wl_resource *callback, *next;
        wl_resource_for_each_safe(callback, next, &surface->current.frame_callbacks) {
            wl_callback_send_done(callback, (uint32_t)(time_us / 1000));
            wl_resource_destroy(callback);
        }
    }
}

bool
dc_surface_wants_frames(struct dc_display *display)
{
    struct dc_surface *surface;
    wl_list_for_each(surface, &display->surfaces, link) {
        if (!wl_list_empty(&surface->current.frame_callbacks))
            return true;
    }
    return false;
}

static void
handle_resource_destroyed(struct wl_resource *resource)
{
    struct dc_surface *surface = wl_resource_get_user_data(resource);
    struct dc_display *display = surface->display;
    if (surface->role && surface->role->surface_destroyed && surface->role_data)
        surface->role->surface_destroyed(surface);
    wl_signal_emit_mutable(&surface->destroyed, surface);
    dc_subsurface_parent_destroyed(surface);
    if (surface->viewport)
        wl_resource_set_user_data(surface->viewport, NULL);
    if (dc_surface_has_content(surface))
        dc_presenter_damage(&display->presenter);
    drop_content(surface);
    dc_surface_state_finish(&surface->pending);
    dc_surface_state_finish(&surface->current);
    wl_list_remove(&surface->link);
    struct dc_client *client = dc_client_from_wl(wl_resource_get_client(resource));
    if (client)
        client->surface_count--;
    free(surface);
}

void
dc_surface_create(struct dc_display *display, struct wl_client *wl, uint32_t version, uint32_t id)
{
    struct dc_client *client = dc_client_from_wl(wl);
    if (!client || client->surface_count >= DC_DISPLAY_MAX_SURFACES_PER_CLIENT) {
        dc_warn("process %d has too many surfaces: disconnected", client ? (int)client->pid : 0);
        wl_client_post_no_memory(wl);
        return;
    }
    struct dc_surface *surface = calloc(1, sizeof(*surface));
    if (surface)
        surface->resource = wl_resource_create(wl, &wl_surface_interface, (int)version, id);
    if (!surface || !surface->resource) {
        free(surface);
        wl_client_post_no_memory(wl);
        return;
    }
    surface->display = display;
    dc_surface_state_init(&surface->pending);
    dc_surface_state_init(&surface->current);
    surface->current.input.everything = true;
    wl_list_init(&surface->subsurfaces);
    wl_list_insert(&surface->subsurfaces, &surface->self_marker);
    wl_list_init(&surface->pending_subsurfaces);
    wl_list_insert(&surface->pending_subsurfaces, &surface->pending_self_marker);
    wl_signal_init(&surface->destroyed);
    wl_list_insert(&display->surfaces, &surface->link);
    wl_resource_set_implementation(surface->resource, &dc_surface_requests, surface, handle_resource_destroyed);
    client->surface_count++;
}
