#include "seat.h"

#define DC_LOG_COMPONENT "display"
#include <common/log.h>
#include <wayland-server-protocol.h>

#include "client.h"
#include "compositor.h"
#include "surface.h"
#include "xdg_popup.h"
#include "xdg_surface.h"
#include "xdg_toplevel.h"

static void
handle_get_pointer(struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
    struct dc_seat *seat = wl_resource_get_user_data(resource);
    dc_pointer_bind(&seat->pointer, client, (uint32_t)wl_resource_get_version(resource), id);
}

static void
handle_get_keyboard(struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
    struct dc_seat *seat = wl_resource_get_user_data(resource);
    dc_keyboard_bind(&seat->keyboard, client, (uint32_t)wl_resource_get_version(resource), id);
}

static void
handle_get_touch(struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
    struct dc_seat *seat = wl_resource_get_user_data(resource);
    dc_touch_bind(&seat->touch, client, (uint32_t)wl_resource_get_version(resource), id);
}

static void
handle_release(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static const struct wl_seat_interface seat_impl = {
    .get_pointer = handle_get_pointer,
    .get_keyboard = handle_get_keyboard,
    .get_touch = handle_get_touch,
    .release = handle_release,
};

static void
bind_seat(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct wl_resource *resource = wl_resource_create(client, &wl_seat_interface, (int)version, id);
    if (!resource) {
        wl_client_post_no_memory(client);
        return;
    }
    wl_resource_set_implementation(resource, &seat_impl, data, NULL);
    wl_seat_send_capabilities(resource,
                              WL_SEAT_CAPABILITY_POINTER | WL_SEAT_CAPABILITY_KEYBOARD | WL_SEAT_CAPABILITY_TOUCH);
    if (version >= WL_SEAT_NAME_SINCE_VERSION)
        wl_seat_send_name(resource, "client");
}

bool
dc_seat_init(struct dc_seat *seat, struct dc_display *display)
{
    seat->display = display;
    dc_pointer_init(&seat->pointer, seat);
    dc_touch_init(&seat->touch, seat);
    return dc_keyboard_init(&seat->keyboard, seat) && wl_global_create(display->wl, &wl_seat_interface, 8, seat, bind_seat);
}

void
dc_seat_finish(struct dc_seat *seat)
{
    dc_keyboard_finish(&seat->keyboard);
}

void
dc_seat_event_sent(struct dc_seat *seat, struct wl_client *wl, uint64_t input_id, bool edge)
{
    struct dc_client *client = dc_client_from_wl(wl);
    if (client)
        dc_client_input_sent(client, input_id, edge);
}

void
dc_seat_refocus(struct dc_seat *seat)
{
    struct dc_display *display = seat->display;
    struct dc_popup *popup = dc_popup_grabbing(display);
    struct dc_surface *wanted = popup ? popup->xdg->surface : display->focus ? display->focus->xdg->surface : NULL;
    dc_keyboard_set_focus(&seat->keyboard, wanted);
    dc_pointer_update_focus(&seat->pointer);
}

void
dc_seat_handle_geometry(struct dc_seat *seat)
{
    dc_pointer_update_focus(&seat->pointer);
}

void
dc_seat_handle_input(struct dc_seat *seat, const struct dc_input_event *event)
{
    switch (event->kind) {
    case DC_INPUT_KEY:
        dc_keyboard_handle_key(&seat->keyboard, event);
        break;
    case DC_INPUT_POINTER_MOTION:
        dc_pointer_handle_motion(&seat->pointer, event);
        break;
    case DC_INPUT_POINTER_BUTTON:
        dc_pointer_handle_button(&seat->pointer, event);
        break;
    case DC_INPUT_POINTER_AXIS:
        dc_pointer_handle_axis(&seat->pointer, event);
        break;
    case DC_INPUT_TOUCH:
        dc_touch_handle_event(&seat->touch, event);
        break;
    case DC_INPUT_FOCUS:
        if (event->focus.active)
            break;
        dc_keyboard_release_all(&seat->keyboard);
        dc_pointer_release_all(&seat->pointer);
        dc_touch_cancel(&seat->touch);
        break;
    }
}
