/* xdg_wm_base: the entrance to windows. */
#include <wayland-server-protocol.h>
#include <xdg-shell-server-protocol.h>

#include "compositor.h"
#include "xdg_positioner.h"
#include "xdg_surface.h"

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static void
handle_create_positioner(struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
    dc_positioner_create(client, (uint32_t)wl_resource_get_version(resource), id);
}

static void
handle_get_xdg_surface(struct wl_client *client, struct wl_resource *resource, uint32_t id,
                       struct wl_resource *surface)
{
    dc_xdg_surface_create(wl_resource_get_user_data(resource), client, resource, id, surface);
}

static void
handle_pong(struct wl_client *client, struct wl_resource *resource, uint32_t serial)
{
    // We never ping: an application that hangs is what the player sees, and killing it is the operator's choice.
}

static const struct xdg_wm_base_interface wm_base_impl = {
    .destroy = handle_destroy,
    .create_positioner = handle_create_positioner,
    .get_xdg_surface = handle_get_xdg_surface,
    .pong = handle_pong,
};

static void
bind_wm_base(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct wl_resource *resource = wl_resource_create(client, &xdg_wm_base_interface, (int)version, id);
    if (resource)
        wl_resource_set_implementation(resource, &wm_base_impl, data, NULL);
    else
        wl_client_post_no_memory(client);
}

bool
dc_xdg_wm_base_global_create(struct dc_display *display)
{
    return wl_global_create(display->wl, &xdg_wm_base_interface, 3, display, bind_wm_base);
}
