/* wl_surface requests and wl_compositor: they fill the pending state. */
#include <wayland-server-protocol.h>

#define DC_LOG_COMPONENT "display"
#include <common/log.h>

#include "buffer.h"
#include "compositor.h"
#include "subsurface.h"
#include "surface.h"
#include "surface_requests.h"

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static void
handle_attach(struct wl_client *client, struct wl_resource *resource, struct wl_resource *buffer, int32_t x, int32_t y)
{
    struct dc_surface *surface = dc_surface_from_resource(resource);
    if (buffer && !dc_gpu_buffer_from_resource(buffer) && !wl_shm_buffer_get(buffer)) {
        wl_resource_post_error(resource, WL_DISPLAY_ERROR_IMPLEMENTATION, "unknown kind of buffer");
        return;
    }
    if (wl_resource_get_version(resource) >= WL_SURFACE_OFFSET_SINCE_VERSION) {
        if (x || y)
            wl_resource_post_error(resource, WL_SURFACE_ERROR_INVALID_OFFSET, "offsets need wl_surface.offset");
    } else {
        surface->pending.dx = x;
        surface->pending.dy = y;
    }
    dc_surface_state_set_buffer(&surface->pending, buffer);
    surface->pending.changes |= DC_CHANGE_BUFFER;
}

static void
handle_offset(struct wl_client *client, struct wl_resource *resource, int32_t x, int32_t y)
{
    struct dc_surface *surface = dc_surface_from_resource(resource);
    surface->pending.dx = x;
    surface->pending.dy = y;
}

static void
handle_damage(struct wl_client *client, struct wl_resource *resource, int32_t x, int32_t y, int32_t width,
              int32_t height)
{
    dc_damage_add(&dc_surface_from_resource(resource)->pending.damage, &(struct dc_rect){ x, y, width, height });
}

static void
handle_damage_buffer(struct wl_client *client, struct wl_resource *resource, int32_t x, int32_t y, int32_t width,
                     int32_t height)
{
    dc_damage_add(&dc_surface_from_resource(resource)->pending.buffer_damage, &(struct dc_rect){ x, y, width, height });
}

static void
unlink_callback(struct wl_resource *resource)
{
    wl_list_remove(wl_resource_get_link(resource));
}

static void
handle_frame(struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
    struct dc_surface *surface = dc_surface_from_resource(resource);
    struct wl_resource *callback = wl_resource_create(client, &wl_callback_interface, 1, id);
    if (!callback) {
        wl_client_post_no_memory(client);
        return;
    }
    wl_resource_set_implementation(callback, NULL, NULL, unlink_callback);
    wl_list_insert(surface->pending.frame_callbacks.prev, wl_resource_get_link(callback));
}

static void
handle_set_opaque_region(struct wl_client *client, struct wl_resource *resource, struct wl_resource *region)
{
    struct dc_surface *surface = dc_surface_from_resource(resource);
    surface->pending.opaque = region ? *dc_region_from_resource(region) : (struct dc_region){ 0 };
    surface->pending.changes |= DC_CHANGE_OPAQUE;
}

static void
handle_set_input_region(struct wl_client *client, struct wl_resource *resource, struct wl_resource *region)
{
    struct dc_surface *surface = dc_surface_from_resource(resource);
    surface->pending.input = region ? *dc_region_from_resource(region) : (struct dc_region){ .everything = true };
    surface->pending.changes |= DC_CHANGE_INPUT;
}

static void
handle_commit(struct wl_client *client, struct wl_resource *resource)
{
    struct dc_surface *surface = dc_surface_from_resource(resource);
    if (!dc_subsurface_cache_commit(surface))
        dc_surface_apply(surface, &surface->pending);
}

static void
handle_set_buffer_transform(struct wl_client *client, struct wl_resource *resource, int32_t transform)
{
    if (transform < 0 || transform > WL_OUTPUT_TRANSFORM_FLIPPED_270)
        wl_resource_post_error(resource, WL_SURFACE_ERROR_INVALID_TRANSFORM, "transform %d", transform);
    else if (transform != WL_OUTPUT_TRANSFORM_NORMAL)
        dc_debug("wl_surface@%u asks for buffer transform %d; this output is never turned, it is ignored",
                 wl_resource_get_id(resource), transform);
}

static void
handle_set_buffer_scale(struct wl_client *client, struct wl_resource *resource, int32_t scale)
{
    struct dc_surface *surface = dc_surface_from_resource(resource);
    if (scale < 1 || scale > DC_SURFACE_MAX_SCALE) {
        wl_resource_post_error(resource, WL_SURFACE_ERROR_INVALID_SCALE, "scale %d", scale);
        return;
    }
    surface->pending.scale = scale;
    surface->pending.changes |= DC_CHANGE_SCALE;
}

const struct wl_surface_interface dc_surface_requests = {
    .destroy = handle_destroy,
    .attach = handle_attach,
    .damage = handle_damage,
    .frame = handle_frame,
    .set_opaque_region = handle_set_opaque_region,
    .set_input_region = handle_set_input_region,
    .commit = handle_commit,
    .set_buffer_transform = handle_set_buffer_transform,
    .set_buffer_scale = handle_set_buffer_scale,
    .damage_buffer = handle_damage_buffer,
    .offset = handle_offset,
};

static void
handle_create_surface(struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
    dc_surface_create(wl_resource_get_user_data(resource), client, (uint32_t)wl_resource_get_version(resource), id);
}

static void
handle_create_region(struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
    dc_region_create(client, id);
}

static const struct wl_compositor_interface compositor_impl = {
    .create_surface = handle_create_surface,
    .create_region = handle_create_region,
};

static void
bind_compositor(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct wl_resource *resource = wl_resource_create(client, &wl_compositor_interface, (int)version, id);
    if (resource)
        wl_resource_set_implementation(resource, &compositor_impl, data, NULL);
    else
        wl_client_post_no_memory(client);
}

bool
dc_compositor_global_create(struct dc_display *display)
{
    return wl_global_create(display->wl, &wl_compositor_interface, 5, display, bind_compositor);
}
