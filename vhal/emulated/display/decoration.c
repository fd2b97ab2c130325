#include "decoration.h"

#include <xdg-decoration-unstable-v1-server-protocol.h>

#include "compositor.h"
#include "xdg_surface.h"
#include "xdg_toplevel.h"

void
dc_decoration_send_mode(struct dc_toplevel *toplevel)
{
    if (toplevel->decoration)
        zxdg_toplevel_decoration_v1_send_configure(toplevel->decoration, ZXDG_TOPLEVEL_DECORATION_V1_MODE_SERVER_SIDE);
}

void
dc_decoration_toplevel_destroyed(struct dc_toplevel *toplevel)
{
    if (toplevel->decoration)
        wl_resource_set_user_data(toplevel->decoration, NULL);
    toplevel->decoration = NULL;
}

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static void
answer(struct wl_resource *resource)
{
    struct dc_toplevel *toplevel = wl_resource_get_user_data(resource);
    if (toplevel && toplevel->xdg && toplevel->xdg->configure_sent)
        dc_toplevel_configure(toplevel);
}

static void
handle_set_mode(struct wl_client *client, struct wl_resource *resource, uint32_t mode)
{
    answer(resource);
}

static void
handle_unset_mode(struct wl_client *client, struct wl_resource *resource)
{
    answer(resource);
}

static const struct zxdg_toplevel_decoration_v1_interface decoration_impl = {
    .destroy = handle_destroy,
    .set_mode = handle_set_mode,
    .unset_mode = handle_unset_mode,
};

static void
handle_decoration_destroyed(struct wl_resource *resource)
{
    struct dc_toplevel *toplevel = wl_resource_get_user_data(resource);
    if (toplevel)
        toplevel->decoration = NULL;
}

static void
handle_get_toplevel_decoration(struct wl_client *client, struct wl_resource *resource, uint32_t id,
                               struct wl_resource *toplevel_resource)
{
    struct dc_toplevel *toplevel = wl_resource_get_user_data(toplevel_resource);
    struct wl_resource *decoration = wl_resource_create(client, &zxdg_toplevel_decoration_v1_interface,
                                                        wl_resource_get_version(resource), id);
    if (!decoration) {
        wl_client_post_no_memory(client);
        return;
    }
    if (toplevel->decoration) {
        wl_resource_post_error(decoration, ZXDG_TOPLEVEL_DECORATION_V1_ERROR_ALREADY_CONSTRUCTED,
                               "the toplevel has a decoration object");
        toplevel = NULL;
    }
    wl_resource_set_implementation(decoration, &decoration_impl, toplevel, handle_decoration_destroyed);
    if (toplevel) {
        toplevel->decoration = decoration;
        answer(decoration);
    }
}

static const struct zxdg_decoration_manager_v1_interface manager_impl = {
    .destroy = handle_destroy,
    .get_toplevel_decoration = handle_get_toplevel_decoration,
};

static void
bind_manager(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct wl_resource *resource =
        wl_resource_create(client, &zxdg_decoration_manager_v1_interface, (int)version, id);
    if (resource)
        wl_resource_set_implementation(resource, &manager_impl, data, NULL);
    else
        wl_client_post_no_memory(client);
}

bool
dc_decoration_global_create(struct dc_display *display)
{
    return wl_global_create(display->wl, &zxdg_decoration_manager_v1_interface, 1, display, bind_manager);
}
