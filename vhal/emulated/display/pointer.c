#include "pointer.h"

#include <linux/input-event-codes.h>

#define DC_LOG_COMPONENT "display"
#include <common/clock.h>
#include <common/log.h>
#include <wayland-server-protocol.h>

#include "compositor.h"
#include "cursor.h"
#include "pointer_constraints.h"
#include "scene.h"
#include "surface.h"
#include "xdg_popup.h"
#include "xdg_surface.h"
#include "xdg_toplevel.h"

/* A wl_pointer of the client that has the pointer. */
#define for_each_focused(resource, pointer)                                                                             \
    wl_resource_for_each(resource, &(pointer)->resources)                                                               \
        if (wl_resource_get_client(resource) == dc_focus_client(&(pointer)->focus))

static uint32_t
next_serial(struct dc_pointer *pointer)
{
    return wl_display_next_serial(pointer->seat->display->wl);
}

static void
send_frame(struct wl_resource *resource)
{
    if (wl_resource_get_version(resource) >= WL_POINTER_FRAME_SINCE_VERSION)
        wl_pointer_send_frame(resource);
}

static void
send_enter(struct dc_pointer *pointer, struct wl_resource *resource, uint32_t serial)
{
    wl_pointer_send_enter(resource, serial, pointer->focus.surface->resource, pointer->x - pointer->origin_x * 256,
                          pointer->y - pointer->origin_y * 256);
    send_frame(resource);
}

static void
set_focus(struct dc_pointer *pointer, struct dc_surface *surface)
{
    if (pointer->focus.surface == surface)
        return;
    struct wl_client *before = dc_focus_client(&pointer->focus);
    uint32_t serial = next_serial(pointer);
    struct wl_resource *resource;
    for_each_focused(resource, pointer)
    {
        wl_pointer_send_leave(resource, serial, pointer->focus.surface->resource);
        send_frame(resource);
    }
    dc_focus_set(&pointer->focus, surface);
    if (dc_focus_client(&pointer->focus) != before)
        dc_cursor_set(pointer, NULL, 0, 0); // the next client says what it wants
    serial = next_serial(pointer);
    for_each_focused(resource, pointer) send_enter(pointer, resource, serial);
    dc_pointer_constraints_update(pointer);
}

static void
handle_focus_lost(struct dc_focus *focus)
{
    struct dc_pointer *pointer = wl_container_of(focus, pointer, focus);
    set_focus(pointer, NULL);
}

void
dc_pointer_init(struct dc_pointer *pointer, struct dc_seat *seat)
{
    *pointer = (struct dc_pointer){ .seat = seat };
    wl_list_init(&pointer->resources);
    wl_list_init(&pointer->relative_resources);
    wl_list_init(&pointer->constraints);
    dc_focus_init(&pointer->focus);
    dc_focus_init(&pointer->cursor);
    pointer->focus.handle_lost = handle_focus_lost;
}

void
dc_pointer_update_focus(struct dc_pointer *pointer)
{
    struct dc_display *display = pointer->seat->display;
    if (!pointer->present)
        return;
    // While a button is held the surface that got the press keeps the pointer.
    if (pointer->focus.surface && pointer->button_count > 0 &&
        dc_scene_find(display, pointer->focus.surface, &pointer->origin_x, &pointer->origin_y))
        return;
    int32_t x, y;
    struct dc_surface *surface = dc_scene_pick(display, pointer->x >> 8, pointer->y >> 8, &x, &y);
    if (surface) {
        pointer->origin_x = x;
        pointer->origin_y = y;
    }
    set_focus(pointer, surface);
}

static int32_t
clamp(int32_t value, int32_t low, int32_t high)
{
    return value < low ? low : value > high ? high : value;
}

static void
move_to(struct dc_pointer *pointer, int32_t x, int32_t y)
{
    struct dc_display *display = pointer->seat->display;
    pointer->x = clamp(x, 0, (int32_t)display->width * 256 - 1);
    pointer->y = clamp(y, 0, (int32_t)display->height * 256 - 1);
    struct dc_surface *confined = dc_pointer_confined_to(pointer);
    if (confined) {
        pointer->x = clamp(pointer->x, pointer->origin_x * 256, (pointer->origin_x + confined->width) * 256 - 1);
        pointer->y = clamp(pointer->y, pointer->origin_y * 256, (pointer->origin_y + confined->height) * 256 - 1);
    }
    pointer->present = true;
    if (pointer->cursor.surface)
        dc_presenter_damage_pointer(&display->presenter);
}

void
dc_pointer_handle_motion(struct dc_pointer *pointer, const struct dc_input_event *event)
{
    bool sent = dc_relative_pointer_send(pointer, event);
    if (!dc_pointer_is_locked(pointer)) {
        struct dc_surface *before = pointer->focus.surface;
        move_to(pointer, event->motion.x, event->motion.y);
        dc_pointer_update_focus(pointer);
        struct wl_resource *resource;
        for_each_focused(resource, pointer)
        {
            if (pointer->focus.surface == before) // an enter says the position itself
                wl_pointer_send_motion(resource, (uint32_t)(event->time_us / 1000),
                                       pointer->x - pointer->origin_x * 256, pointer->y - pointer->origin_y * 256);
            sent = true;
        }
    }
    if (!sent)
        return;
    struct wl_resource *resource;
    for_each_focused(resource, pointer) send_frame(resource);
    if (pointer->focus.surface)
        dc_seat_event_sent(pointer->seat, dc_focus_client(&pointer->focus), event->id, false);
}

/* false: a repeat, or a release of what is not held. */
static bool
track(struct dc_pointer *pointer, uint32_t code, bool pressed)
{
    uint32_t i = 0;
    while (i < pointer->button_count && pointer->buttons[i] != code)
        i++;
    bool was_pressed = i < pointer->button_count;
    if (was_pressed == pressed || (pressed && i == DC_POINTER_MAX_BUTTONS))
        return false;
    if (pressed)
        pointer->buttons[pointer->button_count++] = code;
    else
        pointer->buttons[i] = pointer->buttons[--pointer->button_count];
    return true;
}

/* A press chooses the window; elsewhere than in the menus' own client it closes them and goes no further. */
static bool
press_is_for_client(struct dc_pointer *pointer)
{
    struct dc_display *display = pointer->seat->display;
    struct dc_popup *popup = dc_popup_grabbing(display);
    struct wl_client *client = dc_focus_client(&pointer->focus);
    if (popup && wl_resource_get_client(popup->resource) != client) {
        dc_popup_dismiss_all(display);
        return false;
    }
    struct dc_surface *root = pointer->focus.surface ? dc_surface_root(pointer->focus.surface) : NULL;
    struct dc_xdg_surface *xdg = root ? dc_xdg_surface_from_surface(root) : NULL;
    if (xdg && xdg->toplevel && xdg->toplevel != display->focus)
        dc_toplevel_raise(xdg->toplevel);
    return client != NULL;
}

void
dc_pointer_handle_button(struct dc_pointer *pointer, const struct dc_input_event *event)
{
    bool pressed = event->button.pressed;
    if (!track(pointer, event->button.evdev_code, pressed))
        return;
    if (pressed && pointer->button_count == 1)
        pointer->swallow = !press_is_for_client(pointer);
    struct wl_client *client = dc_focus_client(&pointer->focus);
    if (client && !pointer->swallow) {
        uint32_t serial = next_serial(pointer);
        bool sent = false;
        struct wl_resource *resource;
        for_each_focused(resource, pointer)
        {
            wl_pointer_send_button(resource, serial, (uint32_t)(event->time_us / 1000), event->button.evdev_code,
                                   pressed ? WL_POINTER_BUTTON_STATE_PRESSED : WL_POINTER_BUTTON_STATE_RELEASED);
            send_frame(resource);
            sent = true;
        }
        if (sent)
            dc_seat_event_sent(pointer->seat, client, event->id, true);
    }
    if (pointer->button_count == 0)
        dc_pointer_update_focus(pointer);
}

static void
send_axis(struct wl_resource *resource, uint32_t time_ms, uint32_t axis, int32_t value, int32_t value_120)
{
    int version = wl_resource_get_version(resource);
    if (value == 0 && value_120 == 0)
        return;
    if (value_120 != 0 && version >= WL_POINTER_AXIS_VALUE120_SINCE_VERSION)
        wl_pointer_send_axis_value120(resource, axis, value_120);
    else if (value_120 / 120 != 0 && version >= WL_POINTER_AXIS_DISCRETE_SINCE_VERSION)
        wl_pointer_send_axis_discrete(resource, axis, value_120 / 120);
    wl_pointer_send_axis(resource, time_ms, axis, value);
}

void
dc_pointer_handle_axis(struct dc_pointer *pointer, const struct dc_input_event *event)
{
    uint32_t time_ms = (uint32_t)(event->time_us / 1000);
    bool sent = false;
    struct wl_resource *resource;
    for_each_focused(resource, pointer)
    {
        if (wl_resource_get_version(resource) >= WL_POINTER_AXIS_SOURCE_SINCE_VERSION)
            wl_pointer_send_axis_source(resource, event->axis.dx_120 || event->axis.dy_120
                                                      ? WL_POINTER_AXIS_SOURCE_WHEEL
                                                      : WL_POINTER_AXIS_SOURCE_CONTINUOUS);
        send_axis(resource, time_ms, WL_POINTER_AXIS_HORIZONTAL_SCROLL, event->axis.dx, event->axis.dx_120);
        send_axis(resource, time_ms, WL_POINTER_AXIS_VERTICAL_SCROLL, event->axis.dy, event->axis.dy_120);
        send_frame(resource);
        sent = true;
    }
    if (sent)
        dc_seat_event_sent(pointer->seat, dc_focus_client(&pointer->focus), event->id, true);
}

void
dc_pointer_release_all(struct dc_pointer *pointer)
{
    while (pointer->button_count > 0) {
        struct dc_input_event event = { .time_us = dc_clock_now_us(), .kind = DC_INPUT_POINTER_BUTTON };
        event.button.evdev_code = pointer->buttons[pointer->button_count - 1];
        dc_pointer_handle_button(pointer, &event);
    }
}

static void
handle_set_cursor(struct wl_client *client, struct wl_resource *resource, uint32_t serial,
                  struct wl_resource *surface_resource, int32_t hotspot_x, int32_t hotspot_y)
{
    struct dc_pointer *pointer = wl_resource_get_user_data(resource);
    struct dc_surface *surface = dc_surface_from_resource(surface_resource);
    if (surface && !dc_cursor_take_role(surface, resource))
        return;
    if (dc_focus_client(&pointer->focus) == client)
        dc_cursor_set(pointer, surface, hotspot_x, hotspot_y);
}

static void
handle_release(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static const struct wl_pointer_interface pointer_impl = {
    .set_cursor = handle_set_cursor,
    .release = handle_release,
};

static void
unlink_resource(struct wl_resource *resource)
{
    wl_list_remove(wl_resource_get_link(resource));
}

void
dc_pointer_bind(struct dc_pointer *pointer, struct wl_client *client, uint32_t version, uint32_t id)
{
    struct wl_resource *resource = wl_resource_create(client, &wl_pointer_interface, (int)version, id);
    if (!resource) {
        wl_client_post_no_memory(client);
        return;
    }
    wl_resource_set_implementation(resource, &pointer_impl, pointer, unlink_resource);
    wl_list_insert(&pointer->resources, wl_resource_get_link(resource));
    if (dc_focus_client(&pointer->focus) == client)
        send_enter(pointer, resource, next_serial(pointer));
}
