/* The command line of dc-instance. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit_status.h"
#include "options.h"

#define PARSE(...)                                                                                                     \
    ({                                                                                                                 \
        char *list[] = { "dc-instance", __VA_ARGS__, NULL };                                                            \
        memcpy(arguments, list, sizeof(list)); /* options.app points into it */                                        \
        optind = 0;                                                                                                    \
        dc_options_parse(&options, (int)(sizeof(list) / sizeof(list[0])) - 1, arguments, &status);                     \
    })

static struct dc_options options;
static int status;
static char *arguments[64];

static void
test_defaults(void **state)
{
    assert_true(PARSE("--", "game", "--level", "3"));
    assert_int_equal(options.width, 1280);
    assert_int_equal(options.refresh_mhz, 60000);
    assert_string_equal(options.listen_host, "127.0.0.1");
    assert_null(options.link);
    assert_string_equal(options.app[0], "game");
    assert_string_equal(options.app[1], "--level"); // the application's, not ours
    assert_null(options.app[3]);
}

static void
test_everything_given(void **state)
{
    assert_true(PARSE("--name", "a.b-C_1", "--size", "1920x1080", "--refresh", "59.94", "--link", "tcp:host:1",
                      "--capability", "00ffA1", "--tls-ca", "a", "--tls-cert", "b", "--tls-key", "c", "--listen",
                      "[::1]:4000", "--wait-client=7", "--bitrate", "8000", "--audio-frame-ms", "5", "--gl-errors",
                      "exact", "--runtime", "none", "--idle-exit", "60", "--", "x"));
    assert_int_equal(options.width, 1920);
    assert_int_equal(options.refresh_mhz, 59940);
    assert_int_equal(options.capability_bytes, 3);
    assert_memory_equal(options.capability, "\x00\xff\xa1", 3);
    assert_string_equal(options.listen_host, "::1");
    assert_int_equal(options.listen_port, 4000);
    assert_int_equal(options.wait_client_s, 7);
    assert_int_equal(options.audio_frame_ms, 5);
    assert_int_equal(options.gl_error_mode, 1);
}

static void
test_capability_from_a_file(void **state)
{
    char path[] = "/tmp/dc-test-XXXXXX", argument[32];
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, "0102\n", 5) == 5);
    close(fd);
    snprintf(argument, sizeof(argument), "@%s", path);
    assert_true(PARSE("--link", "unix:/x", "--capability", argument, "--", "x"));
    assert_int_equal(options.capability_bytes, 2);
    unlink(path);
    assert_false(PARSE("--link", "unix:/x", "--capability", argument, "--", "x"));
}

static void
assert_refused(bool accepted)
{
    assert_false(accepted);
    assert_int_equal(status, DC_EXIT_USAGE);
}

static void
test_mistakes_are_refused(void **state)
{
    assert_refused(PARSE("--size", "1280", "--", "x"));
    assert_refused(PARSE("--size", "1281x720", "--", "x")); // odd
    assert_refused(PARSE("--size", "1280x99999", "--", "x"));
    assert_refused(PARSE("--refresh", "0", "--", "x"));
    assert_refused(PARSE("--refresh", "nan", "--", "x"));
    assert_refused(PARSE("--name", "a/b", "--", "x"));
    assert_refused(PARSE("--name", "", "--", "x"));
    assert_refused(PARSE("--link", "http://x", "--", "x"));
    assert_refused(PARSE("--link", "unix:/x", "--", "x"));                       // no capability
    assert_refused(PARSE("--link", "tcp:h:1", "--capability", "00", "--", "x")); // no certificates
    assert_refused(PARSE("--link", "rdma:h:1", "--capability", "00", "--", "x")); // likewise
    assert_refused(PARSE("--capability", "0", "--", "x"));
    assert_refused(PARSE("--listen", "1234", "--", "x"));
    assert_refused(PARSE("--listen", "host:70000", "--", "x"));
    assert_refused(PARSE("--audio-frame-ms", "7", "--", "x"));
    assert_refused(PARSE("--runtime", "docker", "--", "x"));
    assert_refused(PARSE("--gl-errors", "never", "--", "x"));
    assert_refused(PARSE("--no-client", "--wait-client", "--", "x"));
    assert_refused(PARSE("--no-such-option", "--", "x"));
    assert_refused(PARSE("--name", "x"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_everything_given),
        cmocka_unit_test(test_capability_from_a_file),
        cmocka_unit_test(test_mistakes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
