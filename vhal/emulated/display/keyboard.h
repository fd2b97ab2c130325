#ifndef DC_DISPLAY_KEYBOARD_H
#define DC_DISPLAY_KEYBOARD_H
#include <stdbool.h>
#include <stdint.h>

#include "focus.h"

struct dc_input_event;
struct dc_seat;
struct xkb_context;
struct xkb_keymap;
struct xkb_state;

#define DC_KEYBOARD_MAX_PRESSED 32

struct dc_keyboard {
    struct dc_seat *seat;
    struct wl_list resources;
    struct dc_focus focus;
    struct xkb_context *context; // owned, as are the next two
    struct xkb_keymap *keymap;
    struct xkb_state *state;
    int keymap_fd; // sealed memfd
    uint32_t keymap_bytes;
    uint32_t pressed[DC_KEYBOARD_MAX_PRESSED]; // evdev codes
    uint32_t pressed_count;
};

bool dc_keyboard_init(struct dc_keyboard *keyboard, struct dc_seat *seat);
void dc_keyboard_finish(struct dc_keyboard *keyboard);
void dc_keyboard_bind(struct dc_keyboard *keyboard, struct wl_client *client, uint32_t version, uint32_t id);
void dc_keyboard_set_focus(struct dc_keyboard *keyboard, struct dc_surface *surface);
void dc_keyboard_handle_key(struct dc_keyboard *keyboard, const struct dc_input_event *event);
void dc_keyboard_release_all(struct dc_keyboard *keyboard);

#endif
