#ifndef DC_DISPLAY_POINTER_H
#define DC_DISPLAY_POINTER_H
#include <stdbool.h>
#include <stdint.h>

#include "focus.h"

struct dc_input_event;
struct dc_pointer_constraint;
struct dc_seat;

#define DC_POINTER_MAX_BUTTONS 16

struct dc_pointer {
    struct dc_seat *seat;
    struct wl_list resources;          // wl_pointer
    struct wl_list relative_resources; // zwp_relative_pointer_v1
    struct wl_list constraints;        // dc_pointer_constraint.link
    struct dc_focus focus;
    struct dc_focus cursor; // what the focused client wants drawn
    int32_t hotspot_x, hotspot_y;
    bool present;                  // moved at least once
    int32_t x, y;                  // 24.8 output position
    int32_t origin_x, origin_y;    // of the focused surface on the output, pixels
    uint32_t buttons[DC_POINTER_MAX_BUTTONS]; // evdev codes held
    uint32_t button_count;
    bool swallow; // the press dismissed a menu: its release is swallowed too
};

void dc_pointer_init(struct dc_pointer *pointer, struct dc_seat *seat);
void dc_pointer_bind(struct dc_pointer *pointer, struct wl_client *client, uint32_t version, uint32_t id);
/* What is under the pointer may have changed. */
void dc_pointer_update_focus(struct dc_pointer *pointer);
void dc_pointer_handle_motion(struct dc_pointer *pointer, const struct dc_input_event *event);
void dc_pointer_handle_button(struct dc_pointer *pointer, const struct dc_input_event *event);
void dc_pointer_handle_axis(struct dc_pointer *pointer, const struct dc_input_event *event);
void dc_pointer_release_all(struct dc_pointer *pointer);

#endif
