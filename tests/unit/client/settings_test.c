/* The table of settings, and the file that sets them. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "settings_file.h"

static struct dc_settings settings;
static char error[512];

static bool
parse_bytes(const char *text, size_t size_bytes)
{
    char *copy = malloc(size_bytes ? size_bytes : 1); // exactly so large: a sanitizer sees what lies beyond
    memcpy(copy, text, size_bytes);
    dc_settings_init(&settings);
    error[0] = '\0';
    bool parsed = dc_settings_file_parse(&settings, copy, size_bytes, error, sizeof(error));
    free(copy);
    return parsed;
}

static bool
parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static void
refuses(const char *text, const char *wanted)
{
    assert_false(parse(text));
    assert_string_equal(error, wanted);
}

static void
test_file_sets(void **state)
{
    assert_true(parse(""));
    assert_true(settings.audio);
    assert_false(settings.fullscreen);
    assert_true(parse("# mine\n\n  fullscreen = yes\r\n\tvsync=on\naudio = no\ndisplay = 3\n"
                      "audio-device = Built-in Audio, # 2 = left "));
    assert_true(settings.fullscreen && settings.vsync);
    assert_false(settings.audio || settings.stats);
    assert_int_equal(settings.display, 3);
    assert_string_equal(settings.audio_device, "Built-in Audio, # 2 = left");
}

static void
test_file_names_the_line(void **state)
{
    char line[1024];
    refuses("vsync = yes\n# x\nvsnc = yes\n", "3: there is no setting 'vsnc'");
    refuses("fullscreen", "1: 'fullscreen' is not name = value");
    refuses("\nvsync = maybe", "2: vsync: 'maybe' is neither yes nor no");
    refuses("stats = yes\nstats = no", "2: stats is set twice");
    refuses("display = 64", "1: display: '64' is not a number between 0 and 63");
    refuses("display = -1", "1: display: '-1' is not a number between 0 and 63");
    refuses("display = 99999999999999999999", "1: display: '99999999999999999999' is not a number between 0 and 63");
    refuses("display =", "1: display: '' is not a number between 0 and 63");
    refuses("= yes", "1: there is no setting ''");
    memset(line, 'x', sizeof(line));
    assert_false(parse_bytes(line, sizeof(line)));
    assert_string_equal(error, "1: the line is too long");
    assert_false(parse_bytes("vsync = yes\0", 12));
    assert_string_equal(error, "1: the line has a NUL");
}

static void
test_text_is_bounded(void **state)
{
    char text[400] = "audio-device = ";
    size_t length = strlen(text);
    memset(text + length, 'x', sizeof(settings.audio_device) - 1);
    assert_true(parse_bytes(text, length + sizeof(settings.audio_device) - 1));
    assert_int_equal(strlen(settings.audio_device), sizeof(settings.audio_device) - 1);
    text[length + sizeof(settings.audio_device) - 1] = 'x';
    assert_false(parse_bytes(text, length + sizeof(settings.audio_device)));
    assert_string_equal(error, "1: audio-device: longer than 255 bytes");
    assert_string_equal(settings.audio_device, "");
}

static void
test_choice(void **state)
{
    static const char *const names[] = { "one", "two", NULL };
    const struct dc_setting choice = { "c", DC_SETTING_CHOICE, offsetof(struct dc_settings, display), 4, .choices = names };
    assert_true(dc_setting_set(&settings, &choice, "two", error, sizeof(error)));
    assert_int_equal(settings.display, 1);
    assert_false(dc_setting_set(&settings, &choice, "three", error, sizeof(error)));
    assert_string_equal(error, "'three' is none of one, two");
    assert_int_equal(settings.display, 1);
    assert_false(dc_setting_set(&settings, &choice, "three", error, 8)); // cut short, not beyond
    assert_string_equal(error, "'three'");
}

static void
test_picture(void **state)
{
    assert_true(parse("scale = integer\naspect = 16:10"));
    assert_int_equal(settings.scale, DC_SCALE_INTEGER);
    assert_int_equal(settings.aspect.width, 16);
    assert_int_equal(settings.aspect.height, 10);
    assert_true(parse("aspect = auto"));
    assert_int_equal(settings.aspect.width, 0);
    refuses("scale = zoom", "1: scale: 'zoom' is none of fit, integer, stretch");
    static const char *const wrong[] = { "", "4", "4:", ":3", "0:3", "4:0", "-4:3", "4:3:2", "4:3 ", "99999:1", "4: 3" };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(dc_setting_set(&settings, dc_settings_find("aspect"), wrong[i], error, sizeof(error)));
    assert_int_equal(settings.aspect.width, 0);
}

static void
test_path(void **state)
{
    char path[64];
    setenv("XDG_CONFIG_HOME", "/x", 1);
    assert_true(dc_settings_file_path(path, sizeof(path)));
    assert_string_equal(path, "/x/droidcloud/client.conf");
    setenv("XDG_CONFIG_HOME", "relative", 1);
    setenv("HOME", "/h", 1);
    assert_true(dc_settings_file_path(path, sizeof(path)));
    assert_string_equal(path, "/h/.config/droidcloud/client.conf");
    assert_false(dc_settings_file_path(path, 8));
    unsetenv("HOME");
    assert_false(dc_settings_file_path(path, sizeof(path)));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_sets), cmocka_unit_test(test_file_names_the_line), cmocka_unit_test(test_text_is_bounded),
        cmocka_unit_test(test_choice), cmocka_unit_test(test_picture), cmocka_unit_test(test_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
