/* zwp_relative_pointer_v1: motion that no edge of the output stops. */
#include <relative-pointer-unstable-v1-server-protocol.h>
#include <wayland-server-protocol.h>

#include "compositor.h"
#include "pointer_constraints.h"

bool
dc_relative_pointer_send(struct dc_pointer *pointer, const struct dc_input_event *event)
{
    struct wl_client *client = dc_focus_client(&pointer->focus);
    uint64_t time_us = (uint64_t)event->time_us;
    struct wl_resource *resource;
    bool sent = false;
    if (!client || (event->motion.dx == 0 && event->motion.dy == 0))
        return false;
    wl_resource_for_each(resource, &pointer->relative_resources) {
        if (wl_resource_get_client(resource) != client)
            continue;
        zwp_relative_pointer_v1_send_relative_motion(resource, (uint32_t)(time_us >> 32), (uint32_t)time_us,
                                                     event->motion.dx, event->motion.dy, event->motion.dx,
                                                     event->motion.dy);
        sent = true;
    }
    return sent;
}

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static const struct zwp_relative_pointer_v1_interface relative_impl = { .destroy = handle_destroy };

static void
unlink_resource(struct wl_resource *resource)
{
    wl_list_remove(wl_resource_get_link(resource));
}

static void
handle_get_relative_pointer(struct wl_client *client, struct wl_resource *manager, uint32_t id,
                            struct wl_resource *pointer_resource)
{
    struct dc_pointer *pointer = wl_resource_get_user_data(manager);
    struct wl_resource *resource =
        wl_resource_create(client, &zwp_relative_pointer_v1_interface, wl_resource_get_version(manager), id);
    if (!resource) {
        wl_client_post_no_memory(client);
        return;
    }
    wl_resource_set_implementation(resource, &relative_impl, pointer, unlink_resource);
    wl_list_insert(&pointer->relative_resources, wl_resource_get_link(resource));
}

static const struct zwp_relative_pointer_manager_v1_interface manager_impl = {
    .destroy = handle_destroy,
    .get_relative_pointer = handle_get_relative_pointer,
};

static void
bind_manager(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct wl_resource *resource =
        wl_resource_create(client, &zwp_relative_pointer_manager_v1_interface, (int)version, id);
    if (resource)
        wl_resource_set_implementation(resource, &manager_impl, data, NULL);
    else
        wl_client_post_no_memory(client);
}

bool
dc_relative_pointer_global_create(struct dc_display *display)
{
    return wl_global_create(display->wl, &zwp_relative_pointer_manager_v1_interface, 1, &display->seat.pointer,
                            bind_manager);
}
