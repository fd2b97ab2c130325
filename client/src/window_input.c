#include "window.h"

#include <linux/input-event-codes.h>

#include "hotkeys.h"
#include "keymap.h"

#define TYPING_INTERVAL_US 10000 // applications that look at keys once a frame see most, and line and socket hold all

static void
send(struct dc_window *window, struct dc_input_event event)
{
    dc_client_send_input(window->client, &event);
}

/* Window coordinates → output pixels, 24.8. What lies beside the picture is clamped to its edge. */
static void
to_output(const struct dc_window *window, float x, float y, int32_t *out_x, int32_t *out_y)
{
    const SDL_Rect *p = &window->place;
    float u = p->w > 0 ? (x * window->pixels_per_point - (float)p->x) / (float)p->w : 0;
    float v = p->h > 0 ? (y * window->pixels_per_point - (float)p->y) / (float)p->h : 0;
    u = u < 0 ? 0 : u > 1 ? 1 : u;
    v = v < 0 ? 0 : v > 1 ? 1 : v;
    *out_x = (int32_t)(u * (float)window->texture_width * 256);
    *out_y = (int32_t)(v * (float)window->texture_height * 256);
}

void
dc_window_flush_motion(struct dc_window *window)
{
    struct dc_input_event event = { .kind = DC_INPUT_POINTER_MOTION };
    if (!window->motion.pending || window->place.w <= 0 || window->place.h <= 0) // before the first picture there is no place to point at
        return;
    window->motion.pending = false;
    window->motion.sent = true;
    window->motion.sent_x = window->motion.x;
    window->motion.sent_y = window->motion.y;
    to_output(window, (float)window->motion.x, (float)window->motion.y, &event.motion.x, &event.motion.y);
    float across = (float)window->texture_width * window->pixels_per_point / (float)window->place.w;
    float down = (float)window->texture_height * window->pixels_per_point / (float)window->place.h;
    event.motion.dx = (int32_t)((float)window->motion.dx * across * 256);
    event.motion.dy = (int32_t)((float)window->motion.dy * down * 256);
    window->motion.dx = window->motion.dy = 0;
    send(window, event);
}

static void
collect_motion(struct dc_window *window, const SDL_MouseMotionEvent *motion)
{
    if (motion->which == SDL_TOUCH_MOUSEID)
        return;
    window->motion.pending = true;
    window->motion.x = motion->x;
    window->motion.y = motion->y;
    window->motion.dx += motion->xrel;
    window->motion.dy += motion->yrel;
}

static void
press(struct dc_window *window, enum dc_input_kind kind, uint32_t evdev_code, bool pressed)
{
    struct dc_input_event event = { .kind = kind };
    if (!evdev_code || evdev_code >= DC_WINDOW_KEYS || window->held[evdev_code] == pressed)
        return;
    window->held[evdev_code] = pressed;
    event.key.evdev_code = evdev_code; // key and button share their layout
    event.key.pressed = pressed;
    send(window, event);
}

void
dc_window_release_all(struct dc_window *window)
{
    for (uint32_t code = 0; code < DC_WINDOW_KEYS; code++) {
        bool is_button = code >= BTN_MISC && code <= BTN_TASK;
        if (window->held[code])
            press(window, is_button ? DC_INPUT_POINTER_BUTTON : DC_INPUT_KEY, code, false);
    }
}

void
dc_window_set_relative(struct dc_window *window, bool relative)
{
    window->relative = relative;
    SDL_SetRelativeMouseMode(relative ? SDL_TRUE : SDL_FALSE);
}

void
dc_window_set_grab(struct dc_window *window, bool grabbed)
{
    window->grabbed = grabbed;
    SDL_SetWindowMouseGrab(window->window, grabbed ? SDL_TRUE : SDL_FALSE);
    SDL_SetWindowKeyboardGrab(window->window, grabbed ? SDL_TRUE : SDL_FALSE);
}

int64_t
dc_window_type(struct dc_window *window, int64_t now_us)
{
    struct dc_typing_key key;
    if (window->typing.next == window->typing.size_bytes)
        return INT64_MAX;
    if (now_us < window->next_typing_us)
        return window->next_typing_us;
    // The player's own modifiers, which the hotkey may leave in his hand, would make other characters of these.
    dc_window_release_all(window);
    if (dc_typing_next(&window->typing, &key)) {
        if (key.shift)
            press(window, DC_INPUT_KEY, KEY_LEFTSHIFT, true);
        press(window, DC_INPUT_KEY, key.evdev_code, true);
        press(window, DC_INPUT_KEY, key.evdev_code, false);
        if (key.shift)
            press(window, DC_INPUT_KEY, KEY_LEFTSHIFT, false);
    }
    window->next_typing_us = now_us + TYPING_INTERVAL_US;
    return window->next_typing_us;
}

static void
handle_wheel(struct dc_window *window, const SDL_MouseWheelEvent *wheel)
{
    struct dc_input_event event = { .kind = DC_INPUT_POINTER_AXIS };
    float flip = wheel->direction == SDL_MOUSEWHEEL_FLIPPED ? -1 : 1;
    float right = wheel->preciseX * flip, down = -wheel->preciseY * flip; // SDL counts upwards
    event.axis.dx_120 = (int32_t)(right * 120);
    event.axis.dy_120 = (int32_t)(down * 120);
    event.axis.dx = (int32_t)(right * 10 * 256); // a notch is 10 units, as libinput's
    event.axis.dy = (int32_t)(down * 10 * 256);
    send(window, event);
}

static void
handle_finger(struct dc_window *window, const SDL_TouchFingerEvent *finger, enum dc_touch_kind kind)
{
    struct dc_input_event event = { .kind = DC_INPUT_TOUCH };
    int width, height;
    SDL_GetWindowSize(window->window, &width, &height);
    event.touch.kind = kind;
    event.touch.id = (uint32_t)finger->fingerId;
    to_output(window, finger->x * (float)width, finger->y * (float)height, &event.touch.x, &event.touch.y);
    send(window, event);
}

static void
handle_window(struct dc_window *window, const SDL_WindowEvent *event)
{
    struct dc_input_event focus = { .kind = DC_INPUT_FOCUS };
    switch (event->event) {
    case SDL_WINDOWEVENT_FOCUS_LOST:
        dc_window_release_all(window);
        send(window, focus);
        break;
    case SDL_WINDOWEVENT_FOCUS_GAINED:
        focus.focus.active = true;
        send(window, focus);
        break;
    case SDL_WINDOWEVENT_EXPOSED:
    case SDL_WINDOWEVENT_SIZE_CHANGED:
        window->must_draw = true;
        break;
    default:
        break;
    }
}

static void
handle_key(struct dc_window *window, const SDL_KeyboardEvent *key)
{
    if (dc_hotkeys_handle(window, key) || key->repeat) // the guest repeats by itself
        return;
    press(window, DC_INPUT_KEY, dc_keymap_from_scancode(key->keysym.scancode), key->state == SDL_PRESSED);
}

/* A window can open under a pointer that does not move: its first button says where that is. */
static void
handle_button(struct dc_window *window, const SDL_MouseButtonEvent *button)
{
    if (button->which == SDL_TOUCH_MOUSEID)
        return;
    if (!window->relative &&
        (!window->motion.sent || window->motion.sent_x != button->x || window->motion.sent_y != button->y)) {
        window->motion.pending = true;
        window->motion.x = button->x;
        window->motion.y = button->y;
        dc_window_flush_motion(window);
    }
    press(window, DC_INPUT_POINTER_BUTTON, dc_keymap_from_button(button->button), button->state == SDL_PRESSED);
}

void
dc_window_handle_event(struct dc_window *window, const SDL_Event *event)
{
    if (event->type == SDL_MOUSEMOTION) {
        collect_motion(window, &event->motion);
        return;
    }
    if (event->type != window->wake_event)
        dc_window_flush_motion(window); // a click is where the pointer was moved to before it
    switch (event->type) {
    case SDL_QUIT: dc_client_quit(window->client); break;
    case SDL_KEYDOWN:
    case SDL_KEYUP: handle_key(window, &event->key); break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP: handle_button(window, &event->button); break;
    case SDL_MOUSEWHEEL: handle_wheel(window, &event->wheel); break;
    case SDL_FINGERDOWN: handle_finger(window, &event->tfinger, DC_TOUCH_DOWN); break;
    case SDL_FINGERMOTION: handle_finger(window, &event->tfinger, DC_TOUCH_MOTION); break;
    case SDL_FINGERUP: handle_finger(window, &event->tfinger, DC_TOUCH_UP); break;
    case SDL_WINDOWEVENT: handle_window(window, &event->window); break;
    default: break;
    }
}
