/* What a person writes: the URL, the script, names of keys. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <SDL_scancode.h>
#include <linux/input-event-codes.h>

#include "keymap.h"
#include "script.h"
#include "url.h"

static void
test_urls(void **state)
{
    struct dc_url url;
    const char *error;
    assert_true(dc_url_parse("dc://127.0.0.1:5000/?token=000102030405060708090a0B0c0D0e0f", &url, &error));
    assert_string_equal(url.host, "127.0.0.1");
    assert_int_equal(url.port, 5000);
    assert_int_equal(url.token_bytes, 16);
    assert_int_equal(url.token[15], 15);
    assert_true(dc_url_parse("dc://[::1]:1/", &url, &error));
    assert_string_equal(url.host, "::1");
    assert_int_equal(url.token_bytes, 0);
    assert_true(dc_url_parse("dc://host:65535", &url, &error));
    assert_int_equal(url.scheme, DC_URL_TCP);
}

#define HEX64 "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

static void
test_http_urls(void **state)
{
    struct dc_url url;
    const char *error;
    char text[600];
    assert_true(dc_url_parse("https://host.example:8443/whep#fp=" HEX64 "&token=000102030405060708090a0b0c0d0e0f", &url,
                             &error));
    assert_int_equal(url.scheme, DC_URL_HTTPS);
    assert_string_equal(url.host, "host.example");
    assert_int_equal(url.port, 8443);
    assert_string_equal(url.path, "/whep");
    assert_true(url.has_fingerprint);
    assert_int_equal(url.fingerprint[31], 0xff);
    assert_int_equal(url.token_bytes, 16);
    dc_url_format(&url, text, sizeof(text));
    assert_string_equal(text, "https://host.example:8443/whep");
    assert_true(dc_url_parse("https://[2001:db8::1]#token=000102030405060708090a0b0c0d0e0f&later=1", &url, &error));
    assert_int_equal(url.port, 443);
    assert_false(url.has_fingerprint);
    dc_url_format(&url, text, sizeof(text));
    assert_string_equal(text, "https://[2001:db8::1]:443/whep");
    assert_true(dc_url_parse("http://127.8.9.1:80/a/b?c=d", &url, &error));
    assert_string_equal(url.path, "/a/b?c=d");
    assert_int_equal(url.token_bytes, 0);
    assert_true(dc_url_parse("http://[::1]:1/", &url, &error));
    assert_true(dc_url_parse("http://localhost:1/whep", &url, &error));
}

static void
test_bad_urls(void **state)
{
    static const char *const urls[] = {
        "", "ftp://x:1/", "http://x:1/", "http://10.0.0.1:1/", "http://localhost.example:1/", "https://", "https://x:1x",
        "https://x:1/#fp=00", "https://x:1/#fp=" HEX64 "00", "https://x:1/#token=00", "https://x:0/", "https://x/a b",
        "dc://", "dc://:1", "dc://x", "dc://x:", "dc://x:0", "dc://x:65536", "dc://x:123456", "dc://x:1a",
        "dc://[::1:1/", "dc://x:1/?token=", "dc://x:1/?token=00", "dc://x:1/?token=zz0102030405060708090a0b0c0d0e0f",
        "dc://x:1/?token=000102030405060708090a0b0c0d0e0f00", "dc://x:1/path", "dc://x:1/?other=1",
    };
    for (unsigned i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct dc_url url;
        const char *error;
        if (dc_url_parse(urls[i], &url, &error) || !error)
            fail_msg("accepted: %s", urls[i]);
    }
}

static void
parse(struct dc_script *script, const char *text)
{
    char copy[1024];
    snprintf(copy, sizeof(copy), "%s", text);
    assert_true(dc_script_parse(script, "test", copy));
}

static void
expect(struct dc_script *script, int64_t at_us, enum dc_input_kind kind, uint32_t code, bool pressed)
{
    assert_int_equal(dc_script_next_us(script), at_us);
    assert_null(dc_script_pull(script, at_us - 1));
    const struct dc_input_event *event = dc_script_pull(script, at_us);
    assert_non_null(event);
    assert_int_equal(event->kind, kind);
    assert_int_equal(event->key.evdev_code, code);
    assert_int_equal(event->key.pressed, pressed);
}

static void
test_script_keys(void **state)
{
    struct dc_script script;
    parse(&script, "# a comment\n\n1.50 key Return press\n1.6\tkey return release # and another\r\n0.5 tap Left 0.25\n");
    assert_int_equal(script.count, 4);
    expect(&script, 500000, DC_INPUT_KEY, KEY_LEFT, true); // sorted
    expect(&script, 750000, DC_INPUT_KEY, KEY_LEFT, false);
    expect(&script, 1500000, DC_INPUT_KEY, KEY_ENTER, true);
    expect(&script, 1600000, DC_INPUT_KEY, KEY_ENTER, false);
    assert_int_equal(dc_script_next_us(&script), INT64_MAX);
    assert_null(dc_script_pull(&script, INT64_MAX));
    dc_script_finish(&script);
}

static void
test_script_pointer(void **state)
{
    struct dc_script script;
    parse(&script, "0 move 10.5 -2\n1 click right 640 360\n2 wheel 0 -1\n3 touch down 1 5 6\n3 touch up 1\n4 focus off");
    assert_int_equal(script.count, 8);
    const struct dc_input_event *event = dc_script_pull(&script, 0);
    assert_int_equal(event->motion.x, 2688); // 10.5 in 24.8
    assert_int_equal(event->motion.y, -512);
    event = dc_script_pull(&script, 1000000);
    assert_int_equal(event->kind, DC_INPUT_POINTER_MOTION);
    assert_int_equal(event->motion.x, 640 * 256);
    expect(&script, 1000000, DC_INPUT_POINTER_BUTTON, BTN_RIGHT, true);
    expect(&script, 1050000, DC_INPUT_POINTER_BUTTON, BTN_RIGHT, false);
    event = dc_script_pull(&script, 2000000);
    assert_int_equal(event->axis.dy_120, -120);
    assert_int_equal(event->axis.dy, -2560);
    event = dc_script_pull(&script, 3000000);
    assert_int_equal(event->touch.kind, DC_TOUCH_DOWN);
    assert_int_equal(event->touch.id, 1);
    assert_int_equal(event->touch.y, 6 * 256);
    event = dc_script_pull(&script, 3000000); // the order of equal times is that of the file
    assert_int_equal(event->touch.kind, DC_TOUCH_UP);
    event = dc_script_pull(&script, 4000000);
    assert_int_equal(event->kind, DC_INPUT_FOCUS);
    assert_false(event->focus.active);
    dc_script_finish(&script);
}

static void
test_script_repeat(void **state)
{
    struct dc_script script;
    parse(&script, "1 repeat 3 0.1 tap Space 0.15\n");
    assert_int_equal(script.count, 6);
    expect(&script, 1000000, DC_INPUT_KEY, KEY_SPACE, true);
    expect(&script, 1100000, DC_INPUT_KEY, KEY_SPACE, true); // overlapping is the writer's business
    expect(&script, 1150000, DC_INPUT_KEY, KEY_SPACE, false);
    expect(&script, 1200000, DC_INPUT_KEY, KEY_SPACE, true);
    expect(&script, 1250000, DC_INPUT_KEY, KEY_SPACE, false);
    expect(&script, 1350000, DC_INPUT_KEY, KEY_SPACE, false);
    dc_script_finish(&script);
}

/* The message on stderr names line and column. */
static void
expect_error(const char *text, const char *position)
{
    char copy[256], message[256] = "";
    int pipe_fds[2], saved = dup(2);
    struct dc_script script;
    snprintf(copy, sizeof(copy), "%s", text);
    assert_int_equal(pipe(pipe_fds), 0);
    dup2(pipe_fds[1], 2);
    bool parsed = dc_script_parse(&script, "f", copy);
    dup2(saved, 2);
    close(saved);
    close(pipe_fds[1]);
    ssize_t n = read(pipe_fds[0], message, sizeof(message) - 1);
    close(pipe_fds[0]);
    assert_true(n > 0);
    if (parsed || !strstr(message, position))
        fail_msg("'%s' gave '%s'", text, message);
}

static void
test_script_errors(void **state)
{
    expect_error("key Return press", "f:1:1:");
    expect_error("1 tap Return\n2 kee Return press", "f:2:3:");
    expect_error("1 key Retrun press", "f:1:7:");
    expect_error("1 key Return pressed", "f:1:14:");
    expect_error("1 key Return", "f:1:13:");
    expect_error("1 tap Return 0.1 again", "f:1:18:");
    expect_error("-1 tap Return", "f:1:1:");
    expect_error("nan tap Return", "f:1:1:");
    expect_error("1 move 5", "f:1:9:");
    expect_error("1 repeat 0 1 tap A", "f:1:10:");
    expect_error("1 repeat 5 0 tap A", "f:1:12:");
    expect_error("1 repeat 5 1 repeat 5 1 tap A", "f:1:14:");
    expect_error("1 repeat 1000000 3600 tap A", "f:1:");
    expect_error("1", "f:1:2:");
}

static void
test_keys(void **state)
{
    assert_int_equal(dc_keymap_from_scancode(SDL_SCANCODE_A), KEY_A);
    assert_int_equal(dc_keymap_from_scancode(SDL_SCANCODE_RETURN), KEY_ENTER);
    assert_int_equal(dc_keymap_from_scancode(SDL_SCANCODE_LEFT), KEY_LEFT);
    assert_int_equal(dc_keymap_from_scancode(SDL_SCANCODE_F12), KEY_F12);
    assert_int_equal(dc_keymap_from_scancode(SDL_SCANCODE_KP_0), KEY_KP0);
    assert_int_equal(dc_keymap_from_scancode(SDL_SCANCODE_UNKNOWN), 0);
    assert_int_equal(dc_keymap_from_name("leftshift"), KEY_LEFTSHIFT);
    assert_int_equal(dc_keymap_from_name("1"), KEY_1);
    assert_int_equal(dc_keymap_from_name("z"), KEY_Z);
    assert_int_equal(dc_keymap_from_name(""), 0);
    assert_int_equal(dc_keymap_from_button(1), BTN_LEFT);
    assert_int_equal(dc_keymap_from_button(3), BTN_RIGHT);
    assert_int_equal(dc_keymap_from_button(0), 0);
    assert_int_equal(dc_keymap_from_button(6), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_http_urls),          cmocka_unit_test(test_bad_urls),      cmocka_unit_test(test_script_keys),
        cmocka_unit_test(test_script_pointer), cmocka_unit_test(test_script_repeat), cmocka_unit_test(test_script_errors),
        cmocka_unit_test(test_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
