/* SDL's events → input messages on the wire, with a window of SDL's dummy driver and a socket pair as the instance. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <linux/input-event-codes.h>
#include <protocol/rtp/stream_framing.h>
#include <session.pb-c.h>

#include "connection.h"
#include "window.h"

struct fixture {
    struct dc_client client;
    struct dc_window window;
    struct dc_options options;
    struct dc_stream_reader reader; // the instance's side
    int fd;
    uint64_t last_id;
};

static int
setup(void **state)
{
    static struct fixture f;
    int fds[2];
    f = (struct fixture){ .client.options = &f.options, .window = { .client = &f.client, .wake_event = SDL_USEREVENT } };
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    assert_int_equal(SDL_Init(SDL_INIT_VIDEO), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    f.fd = fds[1];
    f.client.player.carrier = dc_connection_create(fds[0]);
    assert_non_null(f.client.player.carrier);
    dc_stream_reader_init(&f.reader, 4096);
    assert_true(dc_measure_init(&f.client.measure, false));
    f.window.window = SDL_CreateWindow("", 0, 0, 800, 600, 0);
    assert_non_null(f.window.window);
    f.window.pixels_per_point = 1; // a 1280×720 picture, half as large, with bars above and below
    f.window.texture_width = 1280;
    f.window.texture_height = 720;
    f.window.place = (SDL_Rect){ 80, 120, 640, 360 };
    *state = &f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;
    SDL_DestroyWindow(f->window.window);
    SDL_Quit();
    dc_measure_finish(&f->client.measure);
    f->client.player.carrier->impl->destroy(f->client.player.carrier);
    dc_stream_reader_finish(&f->reader);
    close(f->fd);
    return 0;
}

/* The next message; the caller frees. NULL: nothing was sent. Ids count up. */
static Dc__Session__Input *
receive(struct fixture *f, unsigned channel)
{
    const uint8_t *frame;
    size_t size_bytes;
    if (!dc_stream_reader_pull(&f->reader, &frame, &size_bytes)) {
        uint8_t *room = dc_stream_reader_room(&f->reader, &size_bytes);
        ssize_t n = read(f->fd, room, size_bytes);
        dc_stream_reader_commit(&f->reader, n > 0 ? (size_t)n : 0);
        if (!dc_stream_reader_pull(&f->reader, &frame, &size_bytes))
            return NULL;
    }
    assert_int_equal(frame[0], channel);
    Dc__Session__Input *input = dc__session__input__unpack(NULL, size_bytes - 1, frame + 1);
    assert_non_null(input);
    assert_int_equal(input->id, ++f->last_id);
    assert_true(input->time_us > 0);
    return input;
}

static void
expect_key(struct fixture *f, uint32_t code, bool pressed)
{
    Dc__Session__Input *input = receive(f, 1);
    assert_non_null(input);
    assert_int_equal(input->body_case, DC__SESSION__INPUT__BODY_KEY);
    assert_int_equal(input->key->evdev_code, code);
    assert_int_equal(input->key->pressed, pressed);
    dc__session__input__free_unpacked(input, NULL);
}

static void
expect_nothing(struct fixture *f)
{
    assert_null(receive(f, 1));
}

static void
key(struct fixture *f, SDL_Scancode scancode, bool pressed, Uint16 modifiers)
{
    SDL_Event event = { .key = { .type = pressed ? SDL_KEYDOWN : SDL_KEYUP, .state = pressed ? SDL_PRESSED : SDL_RELEASED,
                                 .keysym = { .scancode = scancode, .mod = modifiers } } };
    dc_window_handle_event(&f->window, &event);
}

static void
test_keys(void **state)
{
    struct fixture *f = *state;
    key(f, SDL_SCANCODE_W, true, 0);
    expect_key(f, KEY_W, true);
    SDL_Event repeat = { .key = { .type = SDL_KEYDOWN, .state = SDL_PRESSED, .repeat = 1, .keysym.scancode = SDL_SCANCODE_W } };
    dc_window_handle_event(&f->window, &repeat); // the guest repeats by itself
    expect_nothing(f);
    key(f, SDL_SCANCODE_W, false, 0);
    expect_key(f, KEY_W, false);
    key(f, SDL_SCANCODE_W, false, 0); // a release that has no press
    expect_nothing(f);
}

static void
test_focus_loss_releases(void **state)
{
    struct fixture *f = *state;
    SDL_Event button = { .button = { .type = SDL_MOUSEBUTTONDOWN, .state = SDL_PRESSED, .button = SDL_BUTTON_LEFT } };
    SDL_Event lost = { .window = { .type = SDL_WINDOWEVENT, .event = SDL_WINDOWEVENT_FOCUS_LOST } };
    key(f, SDL_SCANCODE_LEFT, true, 0);
    dc_window_handle_event(&f->window, &button);
    expect_key(f, KEY_LEFT, true);
    dc__session__input__free_unpacked(receive(f, 2), NULL); // where the pointer is
    dc__session__input__free_unpacked(receive(f, 1), NULL);
    dc_window_handle_event(&f->window, &lost);
    expect_key(f, KEY_LEFT, false);
    Dc__Session__Input *input = receive(f, 1);
    assert_int_equal(input->body_case, DC__SESSION__INPUT__BODY_BUTTON);
    assert_int_equal(input->button->evdev_code, BTN_LEFT);
    assert_false(input->button->pressed);
    dc__session__input__free_unpacked(input, NULL);
    input = receive(f, 1);
    assert_int_equal(input->body_case, DC__SESSION__INPUT__BODY_FOCUS);
    assert_false(input->focus->active);
    dc__session__input__free_unpacked(input, NULL);
    key(f, SDL_SCANCODE_LEFT, false, 0); // the late release from the window system
    expect_nothing(f);
}

static void
test_hotkeys(void **state)
{
    struct fixture *f = *state;
    const Uint16 all = KMOD_LCTRL | KMOD_LALT | KMOD_LSHIFT;
    key(f, SDL_SCANCODE_LCTRL, true, KMOD_LCTRL);
    key(f, SDL_SCANCODE_LALT, true, KMOD_LCTRL | KMOD_LALT);
    key(f, SDL_SCANCODE_LSHIFT, true, all);
    expect_key(f, KEY_LEFTCTRL, true);
    expect_key(f, KEY_LEFTALT, true);
    expect_key(f, KEY_LEFTSHIFT, true);
    key(f, SDL_SCANCODE_B, true, all); // no hotkey: the application's
    expect_key(f, KEY_B, true);
    key(f, SDL_SCANCODE_S, true, all);
    assert_true(f->window.shows_stats);
    expect_key(f, KEY_LEFTCTRL, false); // in the order of their codes
    expect_key(f, KEY_LEFTSHIFT, false);
    expect_key(f, KEY_B, false);
    expect_key(f, KEY_LEFTALT, false);
    key(f, SDL_SCANCODE_S, false, all);
    key(f, SDL_SCANCODE_LCTRL, false, 0);
    expect_nothing(f);
    key(f, SDL_SCANCODE_S, true, all);
    assert_false(f->window.shows_stats);
    key(f, SDL_SCANCODE_X, true, all);
    assert_true(f->window.fullscreen);
    key(f, SDL_SCANCODE_Z, true, all);
    assert_true(f->window.grabbed);
    key(f, SDL_SCANCODE_M, true, all);
    assert_true(f->window.relative);
    for (unsigned i = 1; i <= 3; i++) {
        key(f, SDL_SCANCODE_A, true, all);
        assert_int_equal(f->window.scale, i % 3);
    }
    int cursor = SDL_ShowCursor(SDL_QUERY);
    key(f, SDL_SCANCODE_C, true, all);
    assert_int_not_equal(SDL_ShowCursor(SDL_QUERY), cursor);
    key(f, SDL_SCANCODE_P, true, all); // before the first picture there is none to keep
    assert_false(f->client.user_quit);
    key(f, SDL_SCANCODE_Q, true, all);
    assert_true(f->client.user_quit);
    expect_nothing(f);
    key(f, SDL_SCANCODE_Q, true, KMOD_LCTRL | KMOD_LALT); // two of three are not enough
    expect_key(f, KEY_Q, true);
}

/* The clipboard becomes keys, one each ten milliseconds; nothing that is held changes them. */
static void
test_typing(void **state)
{
    struct fixture *f = *state;
    const Uint16 all = KMOD_LCTRL | KMOD_LALT | KMOD_LSHIFT;
    assert_int_equal(dc_window_type(&f->window, 1000), INT64_MAX);
    assert_int_equal(SDL_SetClipboardText("aZ"), 0);
    key(f, SDL_SCANCODE_V, true, all);
    expect_nothing(f);
    assert_int_equal(dc_window_type(&f->window, 1000), 11000);
    expect_key(f, KEY_A, true);
    expect_key(f, KEY_A, false);
    key(f, SDL_SCANCODE_LCTRL, true, KMOD_LCTRL); // still in the player's hand
    expect_key(f, KEY_LEFTCTRL, true);
    assert_int_equal(dc_window_type(&f->window, 10999), 11000);
    expect_nothing(f);
    assert_int_equal(dc_window_type(&f->window, 11000), 21000);
    expect_key(f, KEY_LEFTCTRL, false);
    expect_key(f, KEY_LEFTSHIFT, true);
    expect_key(f, KEY_Z, true);
    expect_key(f, KEY_Z, false);
    expect_key(f, KEY_LEFTSHIFT, false);
    assert_int_equal(dc_window_type(&f->window, 21000), INT64_MAX);
    expect_nothing(f);
}

static void
motion(struct fixture *f, int x, int y, int dx, int dy)
{
    SDL_Event event = { .motion = { .type = SDL_MOUSEMOTION, .x = x, .y = y, .xrel = dx, .yrel = dy } };
    dc_window_handle_event(&f->window, &event);
}

static void
expect_motion(struct fixture *f, int x, int y, int dx, int dy)
{
    Dc__Session__Input *input = receive(f, 2);
    assert_non_null(input);
    assert_int_equal(input->body_case, DC__SESSION__INPUT__BODY_MOTION);
    assert_int_equal(input->motion->x, x * 256);
    assert_int_equal(input->motion->y, y * 256);
    assert_int_equal(input->motion->dx, dx * 256);
    assert_int_equal(input->motion->dy, dy * 256);
    dc__session__input__free_unpacked(input, NULL);
}

static void
test_motion(void **state)
{
    struct fixture *f = *state;
    motion(f, 100, 200, 5, 6);
    motion(f, 400, 300, 7, -2); // many motions, one message
    expect_nothing(f);
    dc_window_flush_motion(&f->window);
    expect_motion(f, 640, 360, 24, 8); // the middle; the picture is shown at half its size
    dc_window_flush_motion(&f->window);
    expect_nothing(f);
    motion(f, 0, 599, 0, 0); // beside the picture
    SDL_Event button = { .button = { .type = SDL_MOUSEBUTTONDOWN, .state = SDL_PRESSED, .button = SDL_BUTTON_RIGHT,
                                     .x = 0, .y = 599 } };
    dc_window_handle_event(&f->window, &button);
    expect_motion(f, 0, 720, 0, 0); // before the click that happens there
    Dc__Session__Input *input = receive(f, 1);
    assert_int_equal(input->button->evdev_code, BTN_RIGHT);
    dc__session__input__free_unpacked(input, NULL);
}

/* The window opened under the pointer, which never moved. */
static void
test_button_without_motion(void **state)
{
    struct fixture *f = *state;
    SDL_Event button = { .button = { .type = SDL_MOUSEBUTTONDOWN, .state = SDL_PRESSED, .button = SDL_BUTTON_LEFT,
                                     .x = 400, .y = 300 } };
    dc_window_handle_event(&f->window, &button);
    expect_motion(f, 640, 360, 0, 0);
    dc__session__input__free_unpacked(receive(f, 1), NULL);
    button.button.type = SDL_MOUSEBUTTONUP;
    button.button.state = SDL_RELEASED;
    dc_window_handle_event(&f->window, &button); // at the same place: said already
    dc__session__input__free_unpacked(receive(f, 1), NULL);
    assert_null(receive(f, 2));
}

/* Before the first picture nothing says where on the output the pointer is. */
static void
test_motion_before_the_picture(void **state)
{
    struct fixture *f = *state;
    SDL_Rect place = f->window.place;
    f->window.place = (SDL_Rect){ 0 };
    motion(f, 400, 300, 0, 0);
    dc_window_flush_motion(&f->window);
    assert_null(receive(f, 2));
    f->window.place = place;
    dc_window_flush_motion(&f->window);
    expect_motion(f, 640, 360, 0, 0);
}

static void
test_wheel_and_touch(void **state)
{
    struct fixture *f = *state;
    SDL_Event wheel = { .wheel = { .type = SDL_MOUSEWHEEL, .y = 1, .preciseY = 1 } };
    dc_window_handle_event(&f->window, &wheel);
    Dc__Session__Input *input = receive(f, 1);
    assert_int_equal(input->body_case, DC__SESSION__INPUT__BODY_AXIS);
    assert_int_equal(input->axis->dy_120, -120); // away from the user is up
    assert_int_equal(input->axis->dx_120, 0);
    dc__session__input__free_unpacked(input, NULL);
    SDL_Event finger = { .tfinger = { .type = SDL_FINGERDOWN, .fingerId = 3, .x = 0.5f, .y = 0.5f } };
    dc_window_handle_event(&f->window, &finger);
    input = receive(f, 1);
    assert_int_equal(input->body_case, DC__SESSION__INPUT__BODY_TOUCH);
    assert_int_equal(input->touch->kind, DC__SESSION__TOUCH__KIND__DOWN);
    assert_int_equal(input->touch->touch_id, 3);
    assert_int_equal(input->touch->x, 640 * 256);
    assert_int_equal(input->touch->y, 360 * 256);
    dc__session__input__free_unpacked(input, NULL);
    finger.type = SDL_FINGERMOTION;
    dc_window_handle_event(&f->window, &finger);
    dc__session__input__free_unpacked(receive(f, 2), NULL);
    SDL_Event synthetic = { .button = { .type = SDL_MOUSEBUTTONDOWN, .which = SDL_TOUCH_MOUSEID, .state = SDL_PRESSED,
                                        .button = SDL_BUTTON_LEFT } };
    dc_window_handle_event(&f->window, &synthetic); // a touch is not also a click
    expect_nothing(f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_focus_loss_releases, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hotkeys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_typing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_motion, setup, teardown),
        cmocka_unit_test_setup_teardown(test_button_without_motion, setup, teardown),
        cmocka_unit_test_setup_teardown(test_motion_before_the_picture, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wheel_and_touch, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
