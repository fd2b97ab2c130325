#include "keyboard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xkbcommon/xkbcommon.h>

#define DC_LOG_COMPONENT "display"
#include <common/clock.h>
#include <common/log.h>
#include <wayland-server-protocol.h>

#include "compositor.h"
#include "data_device.h"
#include "surface.h"

#define REPEAT_PER_SECOND 25
#define REPEAT_DELAY_MS 600
#define EVDEV_TO_XKB 8
#define MAX_EVDEV_CODE 0x2ff

static bool
export_keymap(struct dc_keyboard *keyboard)
{
    char *text = xkb_keymap_get_as_string(keyboard->keymap, XKB_KEYMAP_FORMAT_TEXT_V1);
    if (!text)
        return false;
    keyboard->keymap_bytes = (uint32_t)strlen(text) + 1;
    keyboard->keymap_fd = memfd_create("droidcloud-keymap", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    bool ok = keyboard->keymap_fd >= 0 &&
              write(keyboard->keymap_fd, text, keyboard->keymap_bytes) == (ssize_t)keyboard->keymap_bytes &&
              // One file for all clients, so none of them may change it.
              fcntl(keyboard->keymap_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;
    if (!ok)
        dc_error("keymap file: %s", strerror(errno));
    free(text);
    return ok;
}

static void
handle_focus_lost(struct dc_focus *focus)
{
    struct dc_keyboard *keyboard = wl_container_of(focus, keyboard, focus);
    dc_keyboard_set_focus(keyboard, NULL);
}

bool
dc_keyboard_init(struct dc_keyboard *keyboard, struct dc_seat *seat)
{
    *keyboard = (struct dc_keyboard){ .seat = seat, .keymap_fd = -1 };
    dc_focus_init(&keyboard->focus);
    keyboard->focus.handle_lost = handle_focus_lost;
    wl_list_init(&keyboard->resources);
    struct xkb_rule_names names = { .rules = "evdev", .model = "pc105", .layout = "us" };
    keyboard->context = xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
    if (keyboard->context)
        keyboard->keymap = xkb_keymap_new_from_names(keyboard->context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
    if (keyboard->keymap)
        keyboard->state = xkb_state_new(keyboard->keymap);
    if (!keyboard->state) {
        dc_error("no keyboard map \"us\" (package xkb-data)");
        return false;
    }
    return export_keymap(keyboard);
}

void
dc_keyboard_finish(struct dc_keyboard *keyboard)
{
    if (keyboard->state)
        xkb_state_unref(keyboard->state);
    if (keyboard->keymap)
        xkb_keymap_unref(keyboard->keymap);
    if (keyboard->context)
        xkb_context_unref(keyboard->context);
    if (keyboard->keymap_fd >= 0)
        close(keyboard->keymap_fd);
    keyboard->state = NULL;
    keyboard->keymap = NULL;
    keyboard->context = NULL;
    keyboard->keymap_fd = -1;
}

static void
send_modifiers(struct dc_keyboard *keyboard, struct wl_resource *resource, uint32_t serial)
{
    struct xkb_state *state = keyboard->state;
    wl_keyboard_send_modifiers(resource, serial, xkb_state_serialize_mods(state, XKB_STATE_MODS_DEPRESSED),
                               xkb_state_serialize_mods(state, XKB_STATE_MODS_LATCHED),
                               xkb_state_serialize_mods(state, XKB_STATE_MODS_LOCKED),
                               xkb_state_serialize_layout(state, XKB_STATE_LAYOUT_EFFECTIVE));
}

static void
send_enter(struct dc_keyboard *keyboard, struct wl_resource *resource, uint32_t serial)
{
    struct wl_array keys = {
        .size = keyboard->pressed_count * sizeof(uint32_t),
        .alloc = sizeof(keyboard->pressed),
        .data = keyboard->pressed,
    };
    wl_keyboard_send_enter(resource, serial, keyboard->focus.surface->resource, &keys);
    send_modifiers(keyboard, resource, serial);
}

static void
send_leave(struct dc_keyboard *keyboard)
{
    struct wl_client *client = dc_focus_client(&keyboard->focus);
    uint32_t serial = wl_display_next_serial(keyboard->seat->display->wl);
    struct wl_resource *resource;
    wl_resource_for_each(resource, &keyboard->resources) {
        if (wl_resource_get_client(resource) == client)
            wl_keyboard_send_leave(resource, serial, keyboard->focus.surface->resource);
    }
}

void
dc_keyboard_set_focus(struct dc_keyboard *keyboard, struct dc_surface *surface)
{
    if (keyboard->focus.surface == surface)
        return;
    if (keyboard->focus.surface)
        send_leave(keyboard);
    dc_focus_set(&keyboard->focus, surface);
    if (!surface)
        return;
    struct wl_client *client = dc_focus_client(&keyboard->focus);
    dc_data_device_focus(keyboard->seat->display, client);
    uint32_t serial = wl_display_next_serial(keyboard->seat->display->wl);
    struct wl_resource *resource;
    wl_resource_for_each(resource, &keyboard->resources) {
        if (wl_resource_get_client(resource) == client)
            send_enter(keyboard, resource, serial);
    }
}

/* false: nothing changed (a repeat, or a release of what was never pressed). */
static bool
track(struct dc_keyboard *keyboard, uint32_t code, bool pressed)
{
    uint32_t i = 0;
    while (i < keyboard->pressed_count && keyboard->pressed[i] != code)
        i++;
    bool was_pressed = i < keyboard->pressed_count;
    if (was_pressed == pressed || code > MAX_EVDEV_CODE)
        return false;
    if (pressed && keyboard->pressed_count == DC_KEYBOARD_MAX_PRESSED)
        return false;
    if (pressed)
        keyboard->pressed[keyboard->pressed_count++] = code;
    else
        keyboard->pressed[i] = keyboard->pressed[--keyboard->pressed_count];
    return true;
}

void
dc_keyboard_handle_key(struct dc_keyboard *keyboard, const struct dc_input_event *event)
{
    uint32_t code = event->key.evdev_code;
    bool pressed = event->key.pressed, sent = false;
    if (!track(keyboard, code, pressed))
        return;
    enum xkb_state_component changed =
        xkb_state_update_key(keyboard->state, code + EVDEV_TO_XKB, pressed ? XKB_KEY_DOWN : XKB_KEY_UP);
    struct wl_client *client = dc_focus_client(&keyboard->focus);
    if (!client)
        return;
    uint32_t serial = wl_display_next_serial(keyboard->seat->display->wl);
    struct wl_resource *resource;
    wl_resource_for_each(resource, &keyboard->resources) {
        if (wl_resource_get_client(resource) != client)
            continue;
        wl_keyboard_send_key(resource, serial, (uint32_t)(event->time_us / 1000), code,
                             pressed ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED);
        if (changed)
            send_modifiers(keyboard, resource, serial);
        sent = true;
    }
    if (sent)
        dc_seat_event_sent(keyboard->seat, client, event->id, true);
}

void
dc_keyboard_release_all(struct dc_keyboard *keyboard)
{
    while (keyboard->pressed_count > 0) {
        struct dc_input_event event = { .time_us = dc_clock_now_us(), .kind = DC_INPUT_KEY };
        event.key.evdev_code = keyboard->pressed[keyboard->pressed_count - 1];
        dc_keyboard_handle_key(keyboard, &event);
    }
}

static void
handle_release(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static const struct wl_keyboard_interface keyboard_impl = { .release = handle_release };

static void
unlink_resource(struct wl_resource *resource)
{
    wl_list_remove(wl_resource_get_link(resource));
}

void
dc_keyboard_bind(struct dc_keyboard *keyboard, struct wl_client *client, uint32_t version, uint32_t id)
{
    struct wl_resource *resource = wl_resource_create(client, &wl_keyboard_interface, (int)version, id);
    if (!resource) {
        wl_client_post_no_memory(client);
        return;
    }
    wl_resource_set_implementation(resource, &keyboard_impl, keyboard, unlink_resource);
    wl_list_insert(&keyboard->resources, wl_resource_get_link(resource));
    wl_keyboard_send_keymap(resource, WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1, keyboard->keymap_fd, keyboard->keymap_bytes);
    if (version >= WL_KEYBOARD_REPEAT_INFO_SINCE_VERSION)
        wl_keyboard_send_repeat_info(resource, REPEAT_PER_SECOND, REPEAT_DELAY_MS);
    if (dc_focus_client(&keyboard->focus) == client)
        send_enter(keyboard, resource, wl_display_next_serial(keyboard->seat->display->wl));
}
