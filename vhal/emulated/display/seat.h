#ifndef DC_DISPLAY_SEAT_H
#define DC_DISPLAY_SEAT_H
/* wl_seat: keyboard, pointer and touch, always all three (SDL 2.26 needs a seat, and a client may bring any of them). */
#include <stdbool.h>

#include <vhal/input.h>

#include "keyboard.h"
#include "pointer.h"
#include "touch.h"

struct dc_display;

struct dc_seat {
    struct dc_display *display;
    struct dc_keyboard keyboard;
    struct dc_pointer pointer;
    struct dc_touch touch;
};

bool dc_seat_init(struct dc_seat *seat, struct dc_display *display);
void dc_seat_finish(struct dc_seat *seat);
void dc_seat_handle_input(struct dc_seat *seat, const struct dc_input_event *event);
/* Windows came, went or changed their order. */
void dc_seat_refocus(struct dc_seat *seat);
/* A window changed its size: something else may be under the pointer. */
void dc_seat_handle_geometry(struct dc_seat *seat);
/* Events for `client` were queued: flush, and tell who counts. */
void dc_seat_event_sent(struct dc_seat *seat, struct wl_client *client, uint64_t input_id, bool edge);

#endif
