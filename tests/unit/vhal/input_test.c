/* Input through the seat, and how its ids come back with frames. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/input-event-codes.h>
#include <string.h>
#include <unistd.h>

#include <common/clock.h>
#include <vhal/hub.h>
#include <vhal/seat_sink.h>

#include "fixture.h"

struct seen {
    uint32_t keys, last_key, enters, leaves, buttons, motions, touches, keymap_bytes;
    bool key_pressed;
    double x, y;
};

static void
keyboard_keymap(void *data, struct wl_keyboard *keyboard, uint32_t format, int fd, uint32_t size)
{
    ((struct seen *)data)->keymap_bytes = size;
    close(fd);
}
static void
keyboard_enter(void *data, struct wl_keyboard *keyboard, uint32_t serial, struct wl_surface *surface,
               struct wl_array *keys)
{
    ((struct seen *)data)->enters++;
}
static void
keyboard_leave(void *data, struct wl_keyboard *keyboard, uint32_t serial, struct wl_surface *surface)
{
    ((struct seen *)data)->leaves++;
}
static void
keyboard_key(void *data, struct wl_keyboard *keyboard, uint32_t serial, uint32_t time, uint32_t key, uint32_t key_state)
{
    struct seen *seen = data;
    seen->keys++;
    seen->last_key = key;
    seen->key_pressed = key_state == WL_KEYBOARD_KEY_STATE_PRESSED;
}
static void
keyboard_modifiers(void *data, struct wl_keyboard *keyboard, uint32_t serial, uint32_t depressed, uint32_t latched,
                   uint32_t locked, uint32_t group)
{
}
static void
keyboard_repeat(void *data, struct wl_keyboard *keyboard, int32_t rate, int32_t delay)
{
}
static const struct wl_keyboard_listener keyboard_listener = {
    keyboard_keymap, keyboard_enter, keyboard_leave, keyboard_key, keyboard_modifiers, keyboard_repeat,
};

static void
pointer_enter(void *data, struct wl_pointer *pointer, uint32_t serial, struct wl_surface *surface, wl_fixed_t x,
              wl_fixed_t y)
{
    struct seen *seen = data;
    seen->x = wl_fixed_to_double(x);
    seen->y = wl_fixed_to_double(y);
}
static void
pointer_leave(void *data, struct wl_pointer *pointer, uint32_t serial, struct wl_surface *surface)
{
}
static void
pointer_motion(void *data, struct wl_pointer *pointer, uint32_t time, wl_fixed_t x, wl_fixed_t y)
{
    struct seen *seen = data;
    seen->motions++;
    seen->x = wl_fixed_to_double(x);
    seen->y = wl_fixed_to_double(y);
}
static void
pointer_button(void *data, struct wl_pointer *pointer, uint32_t serial, uint32_t time, uint32_t button,
               uint32_t button_state)
{
    ((struct seen *)data)->buttons++;
}
static void
pointer_axis(void *data, struct wl_pointer *pointer, uint32_t time, uint32_t axis, wl_fixed_t value)
{
}
static void
pointer_frame(void *data, struct wl_pointer *pointer)
{
}
static void
pointer_axis_source(void *data, struct wl_pointer *pointer, uint32_t source)
{
}
static void
pointer_axis_stop(void *data, struct wl_pointer *pointer, uint32_t time, uint32_t axis)
{
}
static void
pointer_axis_discrete(void *data, struct wl_pointer *pointer, uint32_t axis, int32_t discrete)
{
}
static const struct wl_pointer_listener pointer_listener = {
    pointer_enter, pointer_leave,       pointer_motion,    pointer_button,        pointer_axis,
    pointer_frame, pointer_axis_source, pointer_axis_stop, pointer_axis_discrete,
};

static void
send_key(struct fixture *f, uint64_t id, uint32_t code, bool pressed)
{
    struct dc_input_event event = { .id = id, .time_us = 1000, .kind = DC_INPUT_KEY };
    event.key.evdev_code = code;
    event.key.pressed = pressed;
    dc_display_handle_input(f->display, &event);
}

static void
send_motion(struct fixture *f, uint64_t id, int32_t x, int32_t y)
{
    struct dc_input_event event = { .id = id, .time_us = 1000, .kind = DC_INPUT_POINTER_MOTION };
    event.motion.x = x * 256;
    event.motion.y = y * 256;
    dc_display_handle_input(f->display, &event);
}

static void
test_keys_reach_the_focused_window(void **state)
{
    struct fixture *f = *state;
    struct seen seen = { 0 };
    struct window w;
    struct wl_keyboard *keyboard = wl_seat_get_keyboard(f->seat);
    wl_keyboard_add_listener(keyboard, &keyboard_listener, &seen);
    send_key(f, 1, KEY_A, true); // no window yet: dropped, but the state is kept
    send_key(f, 2, KEY_A, false);
    window_init(&w, f);
    assert_true(seen.keymap_bytes > 1000);
    window_show_shm(&w, 1280, 720, 0);
    assert_int_equal(seen.enters, 1);
    assert_int_equal(f->input_sent_count, 0);
    send_key(f, 3, KEY_RIGHT, true);
    assert_true(f->input_sent == 3); // flushed before it is told
    send_key(f, 4, KEY_RIGHT, true); // a client that repeats
    pump(f);
    assert_int_equal(seen.keys, 1);
    assert_int_equal(seen.last_key, KEY_RIGHT);
    struct dc_input_event away = { .kind = DC_INPUT_FOCUS };
    dc_display_handle_input(f->display, &away);
    pump(f);
    assert_int_equal(seen.keys, 2);
    assert_false(seen.key_pressed);
    window_finish(&w);
    wl_keyboard_destroy(keyboard);
}

static void
test_shm_frame_carries_what_its_client_has_read(void **state)
{
    struct fixture *f = *state;
    struct seen seen = { 0 };
    struct window w;
    struct wl_keyboard *keyboard = wl_seat_get_keyboard(f->seat);
    wl_keyboard_add_listener(keyboard, &keyboard_listener, &seen);
    window_init(&w, f);
    window_show_shm(&w, 1280, 720, 0);
    pump_for(f, 40);
    send_key(f, 10, KEY_A, true);
    // Committed before the client reads the event: not its effect.
    struct wl_buffer *buffer = make_shm_buffer(f, 1280, 720, 0, WL_SHM_FORMAT_XRGB8888);
    wl_surface_attach(w.surface, buffer, 0, 0);
    wl_surface_commit(w.surface);
    wl_display_flush(f->client);
    dc_display_dispatch(f->display);
    assert_int_equal(last_present(f)->input_id_count, 0);
    pump_for(f, 40);
    assert_int_equal(seen.keys, 1);
    window_show(&w, buffer, 1280, 720);
    assert_int_equal(last_present(f)->input_id_count, 1);
    assert_true(last_present(f)->input_ids[0] == 10);
    pump_for(f, 40);
    window_show(&w, buffer, 1280, 720);
    assert_int_equal(last_present(f)->input_id_count, 0); // only the first frame shows it first
    wl_buffer_destroy(buffer);
    window_finish(&w);
    wl_keyboard_destroy(keyboard);
}

static void
test_gpu_frame_carries_the_ids_up_to_its_own(void **state)
{
    struct fixture *f = *state;
    struct seen seen = { 0 };
    struct window w;
    struct wl_keyboard *keyboard = wl_seat_get_keyboard(f->seat);
    wl_keyboard_add_listener(keyboard, &keyboard_listener, &seen);
    f->allow_ring = true;
    window_init(&w, f);
    window_show_shm(&w, 1280, 720, 0);
    for (uint64_t id = 1; id <= 5; id++)
        send_key(f, id, KEY_A + (uint32_t)id, true);
    pump_for(f, 40);
    struct wl_buffer *buffer =
        dc_buffer_manager_v1_create_buffer(f->buffers, 7, 1, 0, 1, 1280, 720, 0, 0, 3, 0, 0, 0, 0);
    window_show(&w, buffer, 1280, 720);
    const struct recorded_present *p = last_present(f);
    assert_int_equal(p->input_id_count, 3);
    for (uint64_t i = 0; i < 3; i++)
        assert_true(p->input_ids[i] == i + 1);
    wl_buffer_destroy(buffer);
    window_finish(&w);
    wl_keyboard_destroy(keyboard);
}

static void
test_event_read_before_a_frame_began_is_its_own(void **state)
{
    struct fixture *f = *state;
    struct seen seen = { 0 };
    struct window w;
    struct wl_keyboard *keyboard = wl_seat_get_keyboard(f->seat);
    wl_keyboard_add_listener(keyboard, &keyboard_listener, &seen);
    f->allow_ring = true;
    window_init(&w, f);
    window_show_shm(&w, 1280, 720, 0);
    send_key(f, 1, KEY_A, true);
    pump(f); // read
    uint64_t early_us = (uint64_t)dc_clock_now_us();
    // The frontend never saw an empty socket (id 0). The first frame's commit shows us that the event was read …
    struct wl_buffer *first = dc_buffer_manager_v1_create_buffer(
        f->buffers, 7, 1, 0, 1, 1280, 720, 0, 0, 0, (uint32_t)(early_us >> 32), (uint32_t)early_us, 0, 0);
    window_show(&w, first, 1280, 720);
    pump_for(f, 40);
    for (uint32_t i = 0; i < f->present_count; i++)
        assert_int_equal(f->presents[i].input_id_count, 0);
    uint64_t late_us = (uint64_t)dc_clock_now_us();
    struct wl_buffer *second = dc_buffer_manager_v1_create_buffer(
        f->buffers, 7, 1, 0, 2, 1280, 720, 0, 0, 0, (uint32_t)(late_us >> 32), (uint32_t)late_us, 0, 0);
    window_show(&w, second, 1280, 720); // … and this one began after that
    pump_for(f, 40);
    assert_int_equal(last_present(f)->input_id_count, 1);
    wl_buffer_destroy(first);
    wl_buffer_destroy(second);
    window_finish(&w);
    wl_keyboard_destroy(keyboard);
}

static void
test_pointer_is_in_surface_coordinates(void **state)
{
    struct fixture *f = *state;
    struct seen seen = { 0 };
    struct window w;
    struct wl_pointer *pointer = wl_seat_get_pointer(f->seat);
    wl_pointer_add_listener(pointer, &pointer_listener, &seen);
    window_init(&w, f);
    xdg_toplevel_set_min_size(w.toplevel, 320, 200);
    xdg_toplevel_set_max_size(w.toplevel, 320, 200);
    wl_surface_commit(w.surface);
    window_show_shm(&w, 320, 200, 0);
    send_motion(f, 1, 5, 5); // beside the window
    pump(f);
    assert_true(f->input_sent == 0);
    send_motion(f, 2, 500, 300);
    pump(f);
    assert_true(seen.x == 20 && seen.y == 40); // window at 480, 260
    assert_true(f->input_sent == 2);
    struct dc_input_event press = { .id = 3, .kind = DC_INPUT_POINTER_BUTTON };
    press.button.evdev_code = BTN_LEFT;
    press.button.pressed = true;
    dc_display_handle_input(f->display, &press);
    send_motion(f, 4, 0, 0); // a held button keeps the surface
    pump(f);
    assert_int_equal(seen.buttons, 1);
    assert_true(seen.x == -480 && seen.y == -260);
    window_finish(&w);
    wl_pointer_destroy(pointer);
}

static void
test_hub_keeps_nonsense_out(void **state)
{
    struct fixture *f = *state;
    struct seen seen = { 0 };
    struct window w;
    struct wl_keyboard *keyboard = wl_seat_get_keyboard(f->seat);
    wl_keyboard_add_listener(keyboard, &keyboard_listener, &seen);
    window_init(&w, f);
    window_show_shm(&w, 1280, 720, 0);
    struct dc_hub hub;
    dc_hub_init(&hub, 1280, 720);
    assert_true(dc_seat_sink_add(&hub, f->display));
    struct dc_input_event event = { .id = 5, .kind = DC_INPUT_KEY };
    event.key.evdev_code = 100000;
    event.key.pressed = true;
    dc_hub_handle_input(&hub, &event);
    assert_int_equal(hub.stats.dropped, 1);
    event.id = 6;
    event.key.evdev_code = KEY_A;
    dc_hub_handle_input(&hub, &event);
    event.id = 6; // an id used again has its effect, but is not counted again
    event.key.pressed = false;
    dc_hub_handle_input(&hub, &event);
    pump(f);
    assert_int_equal(seen.keys, 2);
    assert_int_equal(f->input_sent_count, 1);
    event.id = 7;
    event.key.pressed = true;
    dc_hub_handle_input(&hub, &event);
    dc_hub_handle_disconnected(&hub, 0);
    pump(f);
    assert_int_equal(seen.keys, 4);
    assert_false(seen.key_pressed);
    event.id = 1; // the next client counts from one
    dc_hub_handle_input(&hub, &event);
    assert_true(f->input_sent == 1);
    window_finish(&w);
    wl_keyboard_destroy(keyboard);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(test_keys_reach_the_focused_window),
        TEST(test_shm_frame_carries_what_its_client_has_read),
        TEST(test_gpu_frame_carries_the_ids_up_to_its_own),
        TEST(test_event_read_before_a_frame_began_is_its_own),
        TEST(test_pointer_is_in_surface_coordinates),
        TEST(test_hub_keeps_nonsense_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
