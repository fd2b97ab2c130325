#include "data_device.h"

#include <stdlib.h>
#include <unistd.h>

#include <wayland-server-protocol.h>

#include "compositor.h"
#include "data_source.h"

struct offer {
    struct dc_data_source *source; // NULL once destroyed
    struct wl_listener source_destroyed;
};

static void
handle_offer_source_destroyed(struct wl_listener *listener, void *data)
{
    struct offer *offer = wl_container_of(listener, offer, source_destroyed);
    wl_list_remove(&offer->source_destroyed.link);
    wl_list_init(&offer->source_destroyed.link);
    offer->source = NULL;
}

static void
handle_accept(struct wl_client *client, struct wl_resource *resource, uint32_t serial, const char *mime_type)
{
}

static void
handle_receive(struct wl_client *client, struct wl_resource *resource, const char *mime_type, int32_t fd)
{
    struct offer *offer = wl_resource_get_user_data(resource);
    if (offer->source)
        wl_data_source_send_send(offer->source->resource, mime_type, fd);
    close(fd);
}

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static void
handle_finish(struct wl_client *client, struct wl_resource *resource)
{
}

static void
handle_set_actions(struct wl_client *client, struct wl_resource *resource, uint32_t actions, uint32_t preferred)
{
}

static const struct wl_data_offer_interface offer_impl = {
    .accept = handle_accept,
    .receive = handle_receive,
    .destroy = handle_destroy,
    .finish = handle_finish,
    .set_actions = handle_set_actions,
};

static void
free_offer(struct wl_resource *resource)
{
    struct offer *offer = wl_resource_get_user_data(resource);
    wl_list_remove(&offer->source_destroyed.link);
    free(offer);
}

static struct wl_resource *
create_offer(struct wl_resource *device, struct dc_data_source *source)
{
    struct offer *offer = calloc(1, sizeof(*offer));
    struct wl_resource *resource =
        offer ? wl_resource_create(wl_resource_get_client(device), &wl_data_offer_interface,
                                   wl_resource_get_version(device), 0)
              : NULL;
    if (!resource) {
        free(offer);
        return NULL;
    }
    offer->source = source;
    offer->source_destroyed.notify = handle_offer_source_destroyed;
    wl_signal_add(&source->destroyed, &offer->source_destroyed);
    wl_resource_set_implementation(resource, &offer_impl, offer, free_offer);
    return resource;
}

static void
send_selection(struct dc_selection *selection, struct wl_resource *device)
{
    struct wl_resource *offer = selection->source ? create_offer(device, selection->source) : NULL;
    if (offer) {
        wl_data_device_send_data_offer(device, offer);
        for (uint32_t i = 0; i < selection->source->type_count; i++)
            wl_data_offer_send_offer(offer, selection->source->types[i]);
    }
    wl_data_device_send_selection(device, offer);
}

void
dc_data_device_focus(struct dc_display *display, struct wl_client *client)
{
    struct wl_resource *device;
    wl_resource_for_each(device, &display->selection.devices) {
        if (wl_resource_get_client(device) == client)
            send_selection(&display->selection, device);
    }
}

static void
set_source(struct dc_selection *selection, struct dc_data_source *source)
{
    wl_list_remove(&selection->source_destroyed.link);
    wl_list_init(&selection->source_destroyed.link);
    selection->source = source;
    if (source)
        wl_signal_add(&source->destroyed, &selection->source_destroyed);
}

static void
handle_selection_source_destroyed(struct wl_listener *listener, void *data)
{
    struct dc_selection *selection = wl_container_of(listener, selection, source_destroyed);
    set_source(selection, NULL);
}

void
dc_selection_init(struct dc_selection *selection)
{
    wl_list_init(&selection->devices);
    selection->source = NULL;
    selection->source_destroyed.notify = handle_selection_source_destroyed;
    wl_list_init(&selection->source_destroyed.link);
}

static void
handle_start_drag(struct wl_client *client, struct wl_resource *resource, struct wl_resource *source,
                  struct wl_resource *origin, struct wl_resource *icon, uint32_t serial)
{
    if (source)
        wl_data_source_send_cancelled(source);
}

static void
handle_set_selection(struct wl_client *client, struct wl_resource *resource, struct wl_resource *source_resource,
                     uint32_t serial)
{
    struct dc_display *display = wl_resource_get_user_data(resource);
    struct dc_selection *selection = &display->selection;
    struct dc_data_source *source = source_resource ? wl_resource_get_user_data(source_resource) : NULL;
    if (selection->source == source)
        return;
    if (selection->source)
        wl_data_source_send_cancelled(selection->source->resource);
    set_source(selection, source);
    dc_data_device_focus(display, dc_focus_client(&display->seat.keyboard.focus));
}

static const struct wl_data_device_interface device_impl = {
    .start_drag = handle_start_drag,
    .set_selection = handle_set_selection,
    .release = handle_destroy,
};

static void
unlink_resource(struct wl_resource *resource)
{
    wl_list_remove(wl_resource_get_link(resource));
}

static void
handle_create_data_source(struct wl_client *client, struct wl_resource *manager, uint32_t id)
{
    dc_data_source_create(client, (uint32_t)wl_resource_get_version(manager), id);
}

static void
handle_get_data_device(struct wl_client *client, struct wl_resource *manager, uint32_t id, struct wl_resource *seat)
{
    struct dc_display *display = wl_resource_get_user_data(manager);
    struct wl_resource *device =
        wl_resource_create(client, &wl_data_device_interface, wl_resource_get_version(manager), id);
    if (!device) {
        wl_client_post_no_memory(client);
        return;
    }
    wl_resource_set_implementation(device, &device_impl, display, unlink_resource);
    wl_list_insert(&display->selection.devices, wl_resource_get_link(device));
    if (dc_focus_client(&display->seat.keyboard.focus) == client)
        send_selection(&display->selection, device);
}

static const struct wl_data_device_manager_interface manager_impl = {
    .create_data_source = handle_create_data_source,
    .get_data_device = handle_get_data_device,
};

static void
bind_manager(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct wl_resource *resource = wl_resource_create(client, &wl_data_device_manager_interface, (int)version, id);
    if (resource)
        wl_resource_set_implementation(resource, &manager_impl, data, NULL);
    else
        wl_client_post_no_memory(client);
}

bool
dc_data_device_global_create(struct dc_display *display)
{
    return wl_global_create(display->wl, &wl_data_device_manager_interface, 3, display, bind_manager);
}
