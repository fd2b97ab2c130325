/*
 * The session as bytes on a TCP connection: what a client that shares no code with us would send and see. Every frame is
 * RFC 4571 (u16 length), a channel byte, then protobuf (field << 3 | wire type, …).
 */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <instance/network/server.h>
#include <session.pb-c.h>

struct peer {
    struct dc_network *network;
    uint8_t token[16];
    int fd;
    struct dc_input_event events[16];
    unsigned event_count, keyframe_requests, connects, gones;
    uint32_t refresh_mhz;
    int64_t shift_us;
};

static void
handle_input(void *user, const struct dc_input_event *event)
{
    struct peer *peer = user;
    assert_true(peer->event_count < 16);
    peer->events[peer->event_count++] = *event;
}

static void
handle_keyframe_request(void *user)
{
    ((struct peer *)user)->keyframe_requests++;
}

static void
handle_connected(void *user, bool connected, uint32_t refresh_mhz)
{
    struct peer *peer = user;
    peer->refresh_mhz = refresh_mhz;
    if (connected)
        peer->connects++;
    else
        peer->gones++;
}

static void
handle_display_shift(void *user, int64_t shift_us)
{
    ((struct peer *)user)->shift_us += shift_us;
}

static void
handle_stats_request(void *user, Dc__Session__InstanceStats *stats)
{
    stats->time_us = 5;
    stats->link_kind = (char *)"tcp";
    stats->frames = 300;
}

static const struct dc_network_listener listener = {
    .handle_input = handle_input,
    .handle_keyframe_request = handle_keyframe_request,
    .handle_display_shift = handle_display_shift,
    .handle_connected = handle_connected,
    .handle_stats_request = handle_stats_request,
};

static int
connect_to(struct peer *peer)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(dc_network_port(peer->network)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static int
setup(void **state)
{
    static struct peer peer;
    struct dc_network_config config = { .listen_fd = -1, .instance = "demo", .width = 640, .height = 360,
                                        .refresh_mhz = 60000, .audio_frame_ms = 10 };
    peer = (struct peer){ .fd = -1 };
    peer.network = dc_network_create(&config, &listener, &peer);
    assert_non_null(peer.network);
    assert_true(dc_network_issue_token(peer.network, 0, peer.token));
    peer.fd = connect_to(&peer);
    *state = &peer;
    return 0;
}

static int
teardown(void **state)
{
    struct peer *peer = *state;
    if (peer->fd >= 0)
        close(peer->fd);
    dc_network_destroy(peer->network);
    return 0;
}

static void
dispatch(struct peer *peer)
{
    struct pollfd fd = { .fd = dc_network_fd(peer->network), .events = POLLIN };
    while (poll(&fd, 1, 20) > 0)
        dc_network_dispatch(peer->network);
}

static void
send_bytes(struct peer *peer, const void *bytes, size_t size_bytes)
{
    assert_int_equal(write(peer->fd, bytes, size_bytes), size_bytes);
    dispatch(peer);
}

/* What has arrived; 0: the instance has closed. */
static size_t
receive(struct peer *peer, uint8_t *bytes, size_t capacity)
{
    struct pollfd fd = { .fd = peer->fd, .events = POLLIN };
    size_t n = 0;
    while (poll(&fd, 1, 20) > 0) {
        ssize_t got = read(peer->fd, bytes + n, capacity - n);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    return n;
}

static void
send_hello(struct peer *peer)
{
    uint8_t hello[] = {
        0x00, 0x1d,             // RFC 4571 length: 29
        0x00,                   // channel 0, control
        0x0a, 0x1a,             // Control.hello (1), 26 bytes
        0x08, 0x01,             // version (1): 1
        0x12, 0x10,             // token (2), 16 bytes
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0x30, 0xe0, 0xd4, 0x03, // refresh_mhz (6): 60000
        0x38, 0x01,             // video (7)
    };
    memcpy(hello + 9, peer->token, 16);
    send_bytes(peer, hello, sizeof(hello));
}

static void
test_welcome(void **state)
{
    struct peer *peer = *state;
    static const uint8_t begin[] = {
        0x00,                   // channel 0
        0x12,                   // Control.welcome (2)
    };
    static const uint8_t fields[] = {
        0x0a, 4, 'd', 'e', 'm', 'o', // instance (1)
        0x10, 0x80, 0x05,            // width (2): 640
        0x18, 0xe8, 0x02,            // height (3): 360
        0x20, 0xe0, 0xd4, 0x03,      // refresh_mhz (4): 60000
        0x28, 96,                    // video payload type (5)
        0x30, 97,                    // audio payload type (6)
        0x38,                        // video SSRC (7), random
    };
    uint8_t bytes[256];
    send_hello(peer);
    size_t n = receive(peer, bytes, sizeof(bytes));
    assert_true(n > 2 && n == 2u + (bytes[0] << 8 | bytes[1]));
    assert_memory_equal(bytes + 2, begin, sizeof(begin));
    assert_int_equal(bytes[4], n - 5);
    assert_memory_equal(bytes + 5, fields, sizeof(fields));
    assert_int_equal(bytes[n - 20], 0x48); // audio_frame_ms (9)
    assert_int_equal(bytes[n - 19], 10);
    assert_int_equal(bytes[n - 18], 0x52); // resume (10): 16 random bytes
    assert_int_equal(bytes[n - 17], 16);
    assert_int_equal(peer->connects, 1);
    assert_int_equal(peer->refresh_mhz, 60000);
    assert_int_equal(peer->keyframe_requests, 1);
    assert_true(dc_network_has_client(peer->network));
}

static void
expect_refusal(struct peer *peer, uint8_t reason)
{
    uint8_t bytes[256];
    size_t n = receive(peer, bytes, sizeof(bytes));
    assert_true(n > 8 && n == 2u + (bytes[0] << 8 | bytes[1]));
    assert_int_equal(bytes[2], 0x00);  // channel 0
    assert_int_equal(bytes[3], 0x1a);  // Control.refused (3)
    assert_int_equal(bytes[5], 0x08);  // reason (1)
    assert_int_equal(bytes[6], reason);
    assert_int_equal(bytes[7], 0x12);  // text (2)
    assert_int_equal(read(peer->fd, bytes, sizeof(bytes)), 0); // and then it closes
    assert_int_equal(peer->connects, 0);
    assert_false(dc_network_has_client(peer->network));
}

static void
test_no_token(void **state)
{
    static const uint8_t hello[] = { 0x00, 0x05, 0x00, 0x0a, 0x02, 0x08, 0x01 };
    send_bytes(*state, hello, sizeof(hello));
    expect_refusal(*state, 1); // NO_TOKEN
}

static void
test_bad_token(void **state)
{
    struct peer *peer = *state;
    peer->token[3] ^= 1;
    send_hello(peer);
    expect_refusal(peer, 2); // BAD_TOKEN
}

static void
test_other_version(void **state)
{
    static const uint8_t hello[] = { 0x00, 0x05, 0x00, 0x0a, 0x02, 0x08, 0x02 };
    send_bytes(*state, hello, sizeof(hello));
    expect_refusal(*state, 6); // VERSION
}

static void
test_first_message_is_not_hello(void **state)
{
    static const uint8_t ping[] = { 0x00, 0x05, 0x00, 0x2a, 0x02, 0x08, 0x01 }; // Control.ping (5)
    send_bytes(*state, ping, sizeof(ping));
    expect_refusal(*state, 7); // MALFORMED
}

static void
test_first_message_is_noise(void **state)
{
    static const uint8_t noise[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"; // a length of 18245
    send_bytes(*state, noise, sizeof(noise) - 1);
    expect_refusal(*state, 7);
}

static void
test_input(void **state)
{
    struct peer *peer = *state;
    static const uint8_t key[] = {
        0x00, 0x0c, 0x01,       // 12 bytes, channel 1: input edges
        0x08, 0x07,             // id (1): 7
        0x10, 0xe8, 0x07,       // time_us (2): 1000
        0x1a, 0x04,             // key (3)
        0x08, 0x1e,             // evdev_code (1): 30
        0x10, 0x01,             // pressed (2)
    };
    static const uint8_t motion[] = {
        0x00, 0x0b, 0x02,       // channel 2: input motion
        0x08, 0x09,             // id: 9
        0x22, 0x06,             // motion (4)
        0x08, 0x80, 0x0a,       // x (1): zigzag 640, 2.5 pixels in 24.8
        0x10, 0xff, 0x03,       // y (2): zigzag -256, -1 pixel
    };
    static const uint8_t no_such_key[] = { 0x00, 0x0a, 0x01, 0x08, 0x0a, 0x1a, 0x05, 0x08, 0x80, 0x06, 0x10, 0x01 };
    static const uint8_t no_id[] = { 0x00, 0x07, 0x01, 0x1a, 0x04, 0x08, 0x1e, 0x10, 0x01 };
    static const uint8_t not_protobuf[] = { 0x00, 0x04, 0x01, 0xff, 0xff, 0xff };
    send_hello(peer);
    send_bytes(peer, key, sizeof(key));
    send_bytes(peer, no_such_key, sizeof(no_such_key));
    send_bytes(peer, no_id, sizeof(no_id));
    send_bytes(peer, not_protobuf, sizeof(not_protobuf));
    send_bytes(peer, motion, sizeof(motion));
    assert_int_equal(peer->event_count, 2); // what makes no sense is ignored, the session goes on
    assert_int_equal(peer->events[0].kind, DC_INPUT_KEY);
    assert_int_equal(peer->events[0].id, 7);
    assert_int_equal(peer->events[0].key.evdev_code, 30);
    assert_true(peer->events[0].key.pressed);
    assert_int_equal(peer->events[1].kind, DC_INPUT_POINTER_MOTION);
    assert_int_equal(peer->events[1].id, 9);
    assert_int_equal(peer->events[1].motion.x, 640);
    assert_int_equal(peer->events[1].motion.y, -256);
}

static void
test_ping_and_stats(void **state)
{
    struct peer *peer = *state;
    static const uint8_t ping[] = {
        0x00, 0x07, 0x00,       // channel 0
        0x2a, 0x04,             // Control.ping (5)
        0x08, 0x03,             // id (1)
        0x10, 0x2a,             // t1 (2): 42
    };
    static const uint8_t stats[] = {
        0x00, 0x05, 0x09,       // channel 9
        0x0a, 0x02, 0x08, 0x04, // Stats.request (1), id (1): 4
    };
    static const uint8_t answer[] = {
        0x00, 0x0f, 0x09,       // channel 9
        0x12, 0x0c,             // Stats.instance (2)
        0x08, 0x04,             // id (1)
        0x10, 0x05,             // time_us (2)
        0x1a, 3, 't', 'c', 'p', // link_kind (3)
        0x28, 0xac, 0x02,       // frames (5): 300
    };
    uint8_t bytes[256];
    send_hello(peer);
    receive(peer, bytes, sizeof(bytes));
    send_bytes(peer, ping, sizeof(ping));
    size_t n = receive(peer, bytes, sizeof(bytes));
    assert_true(n > 9 && bytes[2] == 0x00 && bytes[3] == 0x32); // Control.pong (6)
    assert_memory_equal(bytes + 5, ping + 5, 4);                // id and t1 come back
    assert_int_equal(bytes[9], 0x18);                           // t2 (3)
    send_bytes(peer, stats, sizeof(stats));
    assert_int_equal(receive(peer, bytes, sizeof(bytes)), sizeof(answer));
    assert_memory_equal(bytes, answer, sizeof(answer));
}

static void
test_display_shift(void **state)
{
    struct peer *peer = *state;
    static const uint8_t shift[] = {
        0x00, 0x06, 0x00,       // channel 0
        0x42, 0x03,             // Control.display_shift (8)
        0x08, 0xcf, 0x0f,       // shift_us (1): zigzag -1000
    };
    static const uint8_t absurd[] = { 0x00, 0x07, 0x00, 0x42, 0x04, 0x08, 0x80, 0x89, 0x7a }; // a second
    send_hello(peer);
    send_bytes(peer, shift, sizeof(shift));
    send_bytes(peer, absurd, sizeof(absurd));
    assert_int_equal(peer->shift_us, -1000);
}

static void
test_bye(void **state)
{
    struct peer *peer = *state;
    static const uint8_t expected[] = {
        0x00, 0x0e, 0x00,       // channel 0
        0x3a, 0x0b,             // Control.bye (7)
        0x0a, 5, 'e', 'n', 'd', 'e', 'd', // reason (1)
        0x10, 0x03,             // exit_status (2): 3
        0x18, 0x01,             // app_exited (3)
    };
    uint8_t bytes[256];
    send_hello(peer);
    receive(peer, bytes, sizeof(bytes));
    dc_network_send_bye(peer->network, "ended", 3, true);
    dispatch(peer);
    assert_int_equal(receive(peer, bytes, sizeof(bytes)), sizeof(expected));
    assert_memory_equal(bytes, expected, sizeof(expected));
    assert_int_equal(read(peer->fd, bytes, sizeof(bytes)), 0);
    assert_int_equal(peer->gones, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_welcome, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_token, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_token, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_version, setup, teardown),
        cmocka_unit_test_setup_teardown(test_first_message_is_not_hello, setup, teardown),
        cmocka_unit_test_setup_teardown(test_first_message_is_noise, setup, teardown),
        cmocka_unit_test_setup_teardown(test_input, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ping_and_stats, setup, teardown),
        cmocka_unit_test_setup_teardown(test_display_shift, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bye, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
