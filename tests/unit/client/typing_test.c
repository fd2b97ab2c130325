/* Text → keys, checked against what libxkbcommon's US layout makes of those keys. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <xkbcommon/xkbcommon.h>

#include "typing.h"

static struct dc_typing typing;

static char
type(struct xkb_state *keyboard, const struct dc_typing_key *key)
{
    char text[8] = "";
    xkb_mod_mask_t shift = 1u << xkb_keymap_mod_get_index(xkb_state_get_keymap(keyboard), XKB_MOD_NAME_SHIFT);
    xkb_state_update_mask(keyboard, key->shift ? shift : 0, 0, 0, 0, 0, 0);
    xkb_state_key_get_utf8(keyboard, key->evdev_code + 8, text, sizeof(text));
    return text[0] == '\r' ? '\n' : text[0];
}

static void
test_every_character(void **state)
{
    struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
    struct xkb_rule_names names = { .rules = "evdev", .model = "pc105", .layout = "us" };
    struct xkb_keymap *keymap = xkb_keymap_new_from_names(context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
    struct xkb_state *keyboard = xkb_state_new(keymap);
    struct dc_typing_key key;
    assert_non_null(keyboard);
    for (int c = 0x20; c < 0x7f; c++) {
        assert_true(dc_typing_find((char)c, &key));
        assert_int_equal(type(keyboard, &key), c);
    }
    assert_true(dc_typing_find('\n', &key));
    assert_int_equal(type(keyboard, &key), '\n');
    assert_true(dc_typing_find('\t', &key));
    assert_int_equal(type(keyboard, &key), '\t');
    assert_false(dc_typing_find('\0', &key));
    assert_false(dc_typing_find('\x7f', &key));
    xkb_state_unref(keyboard);
    xkb_keymap_unref(keymap);
    xkb_context_unref(context);
}

static void
test_text(void **state)
{
    struct dc_typing_key key;
    assert_int_equal(dc_typing_start(&typing, "a\r\n\xc3\xa4\xe2\x82\xac" "B"), 2); // ä and €
    const char *want = "a\nB";
    for (; *want; want++) {
        struct dc_typing_key expected;
        assert_true(dc_typing_next(&typing, &key));
        assert_true(dc_typing_find(*want, &expected));
        assert_int_equal(key.evdev_code, expected.evdev_code);
        assert_int_equal(key.shift, expected.shift);
    }
    assert_false(dc_typing_next(&typing, &key));
}

static void
test_too_long(void **state)
{
    static char text[DC_TYPING_MAX_BYTES + 2];
    struct dc_typing_key key;
    memset(text, 'x', DC_TYPING_MAX_BYTES);
    assert_int_equal(dc_typing_start(&typing, text), 0);
    text[DC_TYPING_MAX_BYTES] = 'x';
    assert_int_equal(dc_typing_start(&typing, text), -1);
    assert_false(dc_typing_next(&typing, &key)); // nor what was to be typed before
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_character), cmocka_unit_test(test_text), cmocka_unit_test(test_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
