/* The WebRTC carrier against an instance's end of it, over real sockets. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <common/clock.h>
#include <session.pb-c.h>

#include "sdp.h"
#include "webrtc_carrier.h"
#include "whep_server.h"

#define TOKEN "000102030405060708090a0b0c0d0e0f"

static struct dc_url
url_of(const struct whep_server *server, const uint8_t *fingerprint)
{
    struct dc_url url;
    const char *error;
    char text[300], hex[65] = "";
    for (unsigned i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", fingerprint[i]);
    snprintf(text, sizeof(text), "http%s://127.0.0.1:%u/whep#%s%s&token=" TOKEN, server->is_plain ? "" : "s",
             server->http_port, server->is_plain ? "" : "fp=", server->is_plain ? "" : hex);
    assert_true(dc_url_parse(text, &url, &error));
    return url;
}

static struct dc_carrier *
open_carrier(struct whep_server *server, enum dc_webrtc_result expected, char *error)
{
    enum dc_webrtc_result result;
    struct dc_url url = url_of(server, dc_webrtc_identity_fingerprint(server->identity));
    int64_t start_us = dc_clock_now_us();
    struct dc_carrier *carrier = dc_webrtc_carrier_open(&url, &dc_attempt_first, &result, error);
    print_message("%.0f ms: %s %s\n", (double)(dc_clock_now_us() - start_us) / 1000, carrier ? carrier->name : "",
                  carrier ? "" : error);
    assert_int_equal(result, expected);
    assert_int_equal(carrier != NULL, expected == DC_WEBRTC_OPEN);
    return carrier;
}

struct received {
    unsigned messages, packets;
    uint8_t last[4096];
    size_t last_bytes;
};

static void
handle_frame(void *user, const uint8_t *frame, size_t size_bytes, int64_t now_us)
{
    struct received *received = user;
    if (frame[0] >= 128) {
        received->packets++;
        return;
    }
    received->messages++;
    memcpy(received->last, frame, size_bytes);
    received->last_bytes = size_bytes;
}

/* What goes to each channel comes back from it. */
static void
exchange(struct dc_carrier *carrier, struct whep_server *server)
{
    static const enum dc_channel channels[] = { DC_CHANNEL_CONTROL, DC_CHANNEL_INPUT_EDGES, DC_CHANNEL_INPUT_MOTION,
                                                DC_CHANNEL_STATS };
    struct received received = { 0 };
    for (unsigned i = 0; i < 4; i++) {
        int64_t until_us = dc_clock_now_us() + 3000000;
        assert_true(carrier->impl->send(carrier, channels[i], (const uint8_t *)"hello", 5));
        while ((received.messages <= i || received.packets <= i) && dc_clock_now_us() < until_us)
            assert_true(dc_carrier_wait(carrier, until_us, NULL, handle_frame, &received) >= 0);
        assert_int_equal(received.messages, i + 1);
        assert_int_equal(received.packets, i + 1);
        assert_int_equal(received.last[0], channels[i]);
        assert_int_equal(received.last_bytes, 6);
        assert_memory_equal(received.last + 1, "hello", 5);
        assert_int_equal(server->last_stream, channels[i]);
    }
}

static void
close_carrier(struct dc_carrier *carrier, struct whep_server *server)
{
    int64_t until_us = dc_clock_now_us() + 1000000;
    dc_carrier_drain(carrier, 200);
    carrier->impl->shutdown(carrier);
    carrier->impl->destroy(carrier);
    while (!server->is_closed && dc_clock_now_us() < until_us)
        sched_yield();
    assert_true(server->is_closed); // it was told
}

static void
play(struct whep_server *server, const char *expected_name)
{
    char error[256];
    whep_server_start(server);
    struct dc_carrier *carrier = open_carrier(server, DC_WEBRTC_OPEN, error);
    assert_string_equal(carrier->name, expected_name);
    assert_non_null(strstr(server->request, "POST /whep HTTP/1.1\r\n"));
    assert_non_null(strstr(server->request, "Authorization: Bearer " TOKEN "\r\n"));
    assert_non_null(strstr(server->request, "Content-Type: application/sdp\r\n"));
    exchange(carrier, server);
    close_carrier(carrier, server);
    assert_int_equal(server->uses_tcp, strcmp(expected_name, "webrtc/tcp") == 0);
    whep_server_stop(server);
}

static void
test_udp(void **state)
{
    static struct whep_server server;
    play(&server, "webrtc/udp");
}

static void
test_plain_http(void **state)
{
    static struct whep_server server = { .is_plain = true };
    play(&server, "webrtc/udp");
}

static void
test_tcp_when_udp_is_dead(void **state)
{
    static struct whep_server server = { .is_udp_dead = true };
    int64_t start_us = dc_clock_now_us();
    play(&server, "webrtc/tcp");
    assert_true(dc_clock_now_us() - start_us < 4000000);
}

static void
test_tcp_alone(void **state)
{
    static struct whep_server server = { .has_no_udp = true };
    play(&server, "webrtc/tcp");
}

static void
test_refused(void **state)
{
    static struct whep_server server = { .status = 401, .reason = "the token was used already\n" };
    char error[256];
    whep_server_start(&server);
    open_carrier(&server, DC_WEBRTC_REFUSED, error);
    assert_string_equal(error, "the token was used already");
    whep_server_stop(&server);
}

static void
test_broken_server(void **state)
{
    static struct whep_server server = { .status = 500, .reason = "" };
    char error[256];
    whep_server_start(&server);
    open_carrier(&server, DC_WEBRTC_UNREACHABLE, error);
    assert_string_equal(error, "HTTP status 500");
    whep_server_stop(&server);
}

static void
test_other_certificate(void **state)
{
    static struct whep_server server;
    uint8_t fingerprint[32] = { 1 };
    char error[256];
    enum dc_webrtc_result result;
    whep_server_start(&server);
    struct dc_url url = url_of(&server, fingerprint);
    assert_null(dc_webrtc_carrier_open(&url, &dc_attempt_first, &result, error));
    assert_int_equal(result, DC_WEBRTC_UNREACHABLE);
    assert_non_null(strstr(error, "certificate"));
    assert_null(strstr(server.request, TOKEN)); // nothing was said to a stranger
    url.has_fingerprint = false;
    assert_null(dc_webrtc_carrier_open(&url, &dc_attempt_first, &result, error)); // nor to one that no authority knows
    assert_null(strstr(server.request, TOKEN));
    whep_server_stop(&server);
}

static void
test_nobody_there(void **state)
{
    struct dc_url url;
    const char *parse_error;
    char error[256];
    enum dc_webrtc_result result;
    assert_true(dc_url_parse("http://127.0.0.1:1/whep#token=" TOKEN, &url, &parse_error));
    assert_null(dc_webrtc_carrier_open(&url, &dc_attempt_first, &result, error));
    assert_int_equal(result, DC_WEBRTC_UNREACHABLE);
    assert_true(*error);
}

static void
test_instance_hangs_up(void **state)
{
    static struct whep_server server;
    char error[256];
    struct received received = { 0 };
    whep_server_start(&server);
    struct dc_carrier *carrier = open_carrier(&server, DC_WEBRTC_OPEN, error);
    int64_t until_us = dc_clock_now_us() + 3000000;
    int result = 0;
    server.hang_up = true;
    while (result >= 0 && dc_clock_now_us() < until_us)
        result = dc_carrier_wait(carrier, until_us, NULL, handle_frame, &received);
    assert_true(result < 0);
    assert_non_null(strstr(carrier->error, "the other end"));
    assert_false(carrier->impl->send(carrier, DC_CHANNEL_CONTROL, (const uint8_t *)"x", 1) &&
                 dc_carrier_wait(carrier, until_us, NULL, handle_frame, &received) >= 0);
    carrier->impl->destroy(carrier);
    whep_server_stop(&server);
}

static void
test_answers(void **state)
{
    struct dc_sdp_answer_values a;
    const char *error;
    char text[2048];
#define FP "a=fingerprint:sha-256 AB:84:9A:B0:B9:00:01:A9:DC:2F:3D:CF:39:06:11:42:46:5E:95:82:E4:F5:FC:5B:84:D8:16:79:6B:6D:BB:E1\r\n"
    snprintf(text, sizeof(text), "v=0\r\na=ice-lite\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ice-ufrag:abcd\r\n"
             "a=ice-pwd:0123456789012345678901\r\n" FP "a=setup:passive\r\n"
             "a=candidate:1 1 UDP 2130706431 10.0.0.1 5000 typ host\r\n"
             "a=candidate:1 1 udp 2130706431 10.0.0.1 5000 typ host generation 0\r\n"
             "a=candidate:1 2 udp 2130706431 10.0.0.1 5001 typ host\r\n"
             "a=candidate:2 1 tcp 1 2001:db8::1 5000 typ host tcptype passive\r\n"
             "a=candidate:3 1 udp 1 x 99999 typ host\r\na=candidate:nonsense\r\n"
             "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=ice-ufrag:abcd\r\na=max-message-size:1000\r\n");
    assert_true(dc_sdp_read_answer(text, strlen(text), &a, &error));
    assert_string_equal(a.ufrag, "abcd");
    assert_string_equal(a.password, "0123456789012345678901");
    assert_int_equal(a.max_message_bytes, 1000);
    assert_int_equal(a.address_count, 2);
    assert_string_equal(a.addresses[0].host, "10.0.0.1");
    assert_int_equal(a.addresses[0].port, 5000);
    assert_false(a.addresses[0].is_tcp);
    assert_string_equal(a.addresses[1].host, "2001:db8::1");
    assert_true(a.addresses[1].is_tcp);
    static const char *const bad[] = { "", "v=0", "<html>", "v=0\r\na=ice-ufrag:abcd\r\n", "v=0\n" FP,
        "v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n",
        "v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n" FP "a=setup:active\r\n" };
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(dc_sdp_read_answer(bad[i], strlen(bad[i]), &a, &error));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_udp),
        cmocka_unit_test(test_plain_http),
        cmocka_unit_test(test_tcp_when_udp_is_dead),
        cmocka_unit_test(test_tcp_alone),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_broken_server),
        cmocka_unit_test(test_other_certificate),
        cmocka_unit_test(test_nobody_there),
        cmocka_unit_test(test_instance_hangs_up),
        cmocka_unit_test(test_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
