#include "touch.h"

#include <wayland-server-protocol.h>

#include "compositor.h"
#include "scene.h"
#include "surface.h"
#include "xdg_surface.h"
#include "xdg_toplevel.h"

void
dc_touch_init(struct dc_touch *touch, struct dc_seat *seat)
{
    *touch = (struct dc_touch){ .seat = seat };
    wl_list_init(&touch->resources);
    for (int i = 0; i < DC_TOUCH_MAX_POINTS; i++)
        dc_focus_init(&touch->points[i].focus);
}

static struct dc_touch_point *
find_point(struct dc_touch *touch, bool down, uint32_t id)
{
    for (int i = 0; i < DC_TOUCH_MAX_POINTS; i++) {
        struct dc_touch_point *point = &touch->points[i];
        if (point->down == down && (!down || point->id == id))
            return point;
    }
    return NULL;
}

static void
send_event(struct dc_touch *touch, struct dc_touch_point *point, const struct dc_input_event *event)
{
    int32_t slot = (int32_t)(point - touch->points);
    uint32_t time_ms = (uint32_t)(event->time_us / 1000);
    uint32_t serial = wl_display_next_serial(touch->seat->display->wl);
    wl_fixed_t x = event->touch.x - point->origin_x * 256, y = event->touch.y - point->origin_y * 256;
    struct wl_client *client = dc_focus_client(&point->focus);
    struct wl_resource *resource;
    bool sent = false;
    if (!client)
        return;
    wl_resource_for_each(resource, &touch->resources) {
        if (wl_resource_get_client(resource) != client)
            continue;
        if (event->touch.kind == DC_TOUCH_DOWN)
            wl_touch_send_down(resource, serial, time_ms, point->focus.surface->resource, slot, x, y);
        else if (event->touch.kind == DC_TOUCH_MOTION)
            wl_touch_send_motion(resource, time_ms, slot, x, y);
        else
            wl_touch_send_up(resource, serial, time_ms, slot);
        wl_touch_send_frame(resource);
        sent = true;
    }
    if (sent)
        dc_seat_event_sent(touch->seat, client, event->id, event->touch.kind != DC_TOUCH_MOTION);
}

static void
press(struct dc_touch *touch, const struct dc_input_event *event)
{
    struct dc_display *display = touch->seat->display;
    struct dc_touch_point *point = find_point(touch, false, 0);
    if (!point || find_point(touch, true, event->touch.id))
        return;
    struct dc_surface *surface =
        dc_scene_pick(display, event->touch.x >> 8, event->touch.y >> 8, &point->origin_x, &point->origin_y);
    if (!surface)
        return;
    point->down = true;
    point->id = event->touch.id;
    dc_focus_set(&point->focus, surface);
    struct dc_xdg_surface *xdg = dc_xdg_surface_from_surface(dc_surface_root(surface));
    if (xdg && xdg->toplevel && xdg->toplevel != display->focus)
        dc_toplevel_raise(xdg->toplevel);
    send_event(touch, point, event);
}

void
dc_touch_handle_event(struct dc_touch *touch, const struct dc_input_event *event)
{
    if (event->touch.kind == DC_TOUCH_CANCEL) {
        dc_touch_cancel(touch);
        return;
    }
    if (event->touch.kind == DC_TOUCH_DOWN) {
        press(touch, event);
        return;
    }
    struct dc_touch_point *point = find_point(touch, true, event->touch.id);
    if (!point)
        return;
    send_event(touch, point, event);
    if (event->touch.kind == DC_TOUCH_UP) {
        point->down = false;
        dc_focus_set(&point->focus, NULL);
    }
}

void
dc_touch_cancel(struct dc_touch *touch)
{
    struct wl_resource *resource;
    bool any = false;
    for (int i = 0; i < DC_TOUCH_MAX_POINTS; i++) {
        any |= touch->points[i].down;
        touch->points[i].down = false;
        dc_focus_set(&touch->points[i].focus, NULL);
    }
    if (!any)
        return;
    wl_resource_for_each(resource, &touch->resources)
        wl_touch_send_cancel(resource);
}

static void
handle_release(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static const struct wl_touch_interface touch_impl = { .release = handle_release };

static void
unlink_resource(struct wl_resource *resource)
{
    wl_list_remove(wl_resource_get_link(resource));
}

void
dc_touch_bind(struct dc_touch *touch, struct wl_client *client, uint32_t version, uint32_t id)
{
    struct wl_resource *resource = wl_resource_create(client, &wl_touch_interface, (int)version, id);
    if (!resource) {
        wl_client_post_no_memory(client);
        return;
    }
    wl_resource_set_implementation(resource, &touch_impl, touch, unlink_resource);
    wl_list_insert(&touch->resources, wl_resource_get_link(resource));
}
