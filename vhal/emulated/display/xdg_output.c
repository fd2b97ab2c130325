/* zxdg_output_manager_v1: the logical size, which is the physical one. */
#include <wayland-server-protocol.h>
#include <xdg-output-unstable-v1-server-protocol.h>

#include "compositor.h"

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static const struct zxdg_output_v1_interface xdg_output_impl = { .destroy = handle_destroy };

static void
handle_get_xdg_output(struct wl_client *client, struct wl_resource *manager, uint32_t id, struct wl_resource *output)
{
    struct dc_display *display = wl_resource_get_user_data(manager);
    int version = wl_resource_get_version(manager);
    struct wl_resource *resource = wl_resource_create(client, &zxdg_output_v1_interface, version, id);
    if (!resource) {
        wl_client_post_no_memory(client);
        return;
    }
    wl_resource_set_implementation(resource, &xdg_output_impl, display, NULL);
    zxdg_output_v1_send_logical_position(resource, 0, 0);
    zxdg_output_v1_send_logical_size(resource, (int32_t)display->width, (int32_t)display->height);
    if (version >= ZXDG_OUTPUT_V1_NAME_SINCE_VERSION)
        zxdg_output_v1_send_name(resource, "DC-1");
    if (version >= 3 && wl_resource_get_version(output) >= WL_OUTPUT_DONE_SINCE_VERSION)
        wl_output_send_done(output);
    else if (version < 3)
        zxdg_output_v1_send_done(resource);
}

static const struct zxdg_output_manager_v1_interface manager_impl = {
    .destroy = handle_destroy,
    .get_xdg_output = handle_get_xdg_output,
};

static void
bind_manager(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct wl_resource *resource = wl_resource_create(client, &zxdg_output_manager_v1_interface, (int)version, id);
    if (resource)
        wl_resource_set_implementation(resource, &manager_impl, data, NULL);
    else
        wl_client_post_no_memory(client);
}

bool
dc_xdg_output_global_create(struct dc_display *display)
{
    return wl_global_create(display->wl, &zxdg_output_manager_v1_interface, 3, display, bind_manager);
}
