#ifndef DC_DISPLAY_TOUCH_H
#define DC_DISPLAY_TOUCH_H
#include <stdbool.h>
#include <stdint.h>

#include "focus.h"

struct dc_input_event;
struct dc_seat;

#define DC_TOUCH_MAX_POINTS 16

struct dc_touch_point {
    bool down;
    uint32_t id; // the client's
    struct dc_focus focus; // the surface that got the touch keeps it
    int32_t origin_x, origin_y;
};

struct dc_touch {
    struct dc_seat *seat;
    struct wl_list resources;
    struct dc_touch_point points[DC_TOUCH_MAX_POINTS];
};

void dc_touch_init(struct dc_touch *touch, struct dc_seat *seat);
void dc_touch_bind(struct dc_touch *touch, struct wl_client *client, uint32_t version, uint32_t id);
void dc_touch_handle_event(struct dc_touch *touch, const struct dc_input_event *event);
void dc_touch_cancel(struct dc_touch *touch);

#endif
