/* wp_viewporter: crop and scale of a surface. */
#include <viewporter-server-protocol.h>
#include <wayland-server-protocol.h>

#include "compositor.h"
#include "surface.h"

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static struct dc_surface *
surface_of(struct wl_resource *viewport)
{
    struct dc_surface *surface = wl_resource_get_user_data(viewport);
    if (!surface)
        wl_resource_post_error(viewport, WP_VIEWPORT_ERROR_NO_SURFACE, "the surface was destroyed");
    return surface;
}

static void
handle_set_source(struct wl_client *client, struct wl_resource *resource, wl_fixed_t x, wl_fixed_t y, wl_fixed_t width,
                  wl_fixed_t height)
{
    struct dc_surface *surface = surface_of(resource);
    if (!surface)
        return;
    wl_fixed_t unset = wl_fixed_from_int(-1), limit = wl_fixed_from_int(DC_DISPLAY_MAX_SIZE);
    bool none = x == unset && y == unset && width == unset && height == unset;
    if (!none && (x < 0 || y < 0 || width <= 0 || height <= 0 || x > limit || y > limit || width > limit ||
                  height > limit)) {
        wl_resource_post_error(resource, WP_VIEWPORT_ERROR_BAD_VALUE, "impossible source rectangle");
        return;
    }
    surface->pending.source = none ? (struct dc_viewport_source){ 0 }
                                   : (struct dc_viewport_source){ x, y, width, height };
    surface->pending.changes |= DC_CHANGE_VIEWPORT_SOURCE;
}

static void
handle_set_destination(struct wl_client *client, struct wl_resource *resource, int32_t width, int32_t height)
{
    struct dc_surface *surface = surface_of(resource);
    if (!surface)
        return;
    bool none = width == -1 && height == -1;
    if (!none && (width <= 0 || height <= 0 || width > DC_DISPLAY_MAX_SIZE || height > DC_DISPLAY_MAX_SIZE)) {
        wl_resource_post_error(resource, WP_VIEWPORT_ERROR_BAD_VALUE, "impossible size %d×%d", width, height);
        return;
    }
    surface->pending.viewport_width = none ? 0 : width;
    surface->pending.viewport_height = none ? 0 : height;
    surface->pending.changes |= DC_CHANGE_VIEWPORT_SIZE;
}

static const struct wp_viewport_interface viewport_impl = {
    .destroy = handle_destroy,
    .set_source = handle_set_source,
    .set_destination = handle_set_destination,
};

static void
handle_viewport_destroyed(struct wl_resource *resource)
{
    struct dc_surface *surface = wl_resource_get_user_data(resource);
    if (!surface)
        return;
    surface->viewport = NULL;
    surface->pending.source = (struct dc_viewport_source){ 0 };
    surface->pending.viewport_width = surface->pending.viewport_height = 0;
    surface->pending.changes |= DC_CHANGE_VIEWPORT_SOURCE | DC_CHANGE_VIEWPORT_SIZE;
}

static void
handle_get_viewport(struct wl_client *client, struct wl_resource *resource, uint32_t id,
                    struct wl_resource *surface_resource)
{
    struct dc_surface *surface = dc_surface_from_resource(surface_resource);
    if (surface->viewport) {
        wl_resource_post_error(resource, WP_VIEWPORTER_ERROR_VIEWPORT_EXISTS, "the surface has a viewport");
        return;
    }
    surface->viewport = wl_resource_create(client, &wp_viewport_interface, wl_resource_get_version(resource), id);
    if (surface->viewport)
        wl_resource_set_implementation(surface->viewport, &viewport_impl, surface, handle_viewport_destroyed);
    else
        wl_client_post_no_memory(client);
}

static const struct wp_viewporter_interface viewporter_impl = {
    .destroy = handle_destroy,
    .get_viewport = handle_get_viewport,
};

static void
bind_viewporter(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct wl_resource *resource = wl_resource_create(client, &wp_viewporter_interface, (int)version, id);
    if (resource)
        wl_resource_set_implementation(resource, &viewporter_impl, data, NULL);
    else
        wl_client_post_no_memory(client);
}

bool
dc_viewporter_global_create(struct dc_display *display)
{
    return wl_global_create(display->wl, &wp_viewporter_interface, 1, display, bind_viewporter);
}
