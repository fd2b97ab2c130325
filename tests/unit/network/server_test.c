/* The server with real TCP clients: slow ones, vanishing ones, many of them. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <common/clock.h>
#include <instance/network/server.h>
#include <protocol/rtp/h264_depacketizer.h>
#include <protocol/rtp/stream_framing.h>
#include <session.pb-c.h>

struct fixture {
    struct dc_network *network;
    unsigned connects, gones, keyframe_requests, releases;
};

static void
handle_input(void *user, const struct dc_input_event *event)
{
    struct fixture *f = user;
    f->releases += event->kind == DC_INPUT_FOCUS && !event->focus.active;
}

static void
handle_keyframe_request(void *user)
{
    ((struct fixture *)user)->keyframe_requests++;
}

static void
handle_connected(void *user, bool connected, uint32_t refresh_mhz)
{
    struct fixture *f = user;
    f->connects += connected;
    f->gones += !connected;
}

static void
handle_stats_request(void *user, Dc__Session__InstanceStats *stats)
{
}

static const struct dc_network_listener listener = {
    .handle_input = handle_input,
    .handle_keyframe_request = handle_keyframe_request,
    .handle_connected = handle_connected,
    .handle_stats_request = handle_stats_request,
};

static int
setup(void **state)
{
    static struct fixture f;
    struct dc_network_config config = { .listen_fd = -1, .instance = "test", .width = 640, .height = 360 };
    f = (struct fixture){ .network = dc_network_create(&config, &listener, &f) };
    assert_non_null(f.network);
    *state = &f;
    return 0;
}

static int
teardown(void **state)
{
    dc_network_destroy(((struct fixture *)*state)->network);
    return 0;
}

static void
dispatch(struct fixture *f)
{
    struct pollfd fd = { .fd = dc_network_fd(f->network), .events = POLLIN };
    for (int i = 0; i < 100 && poll(&fd, 1, 20) > 0; i++)
        dc_network_dispatch(f->network);
}

static int
connect_client(struct fixture *f, int receive_buffer_bytes)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(dc_network_port(f->network)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer_bytes)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof(receive_buffer_bytes));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void
send_hello_with(struct fixture *f, int fd, uint8_t token[16])
{
    Dc__Session__Control control = DC__SESSION__CONTROL__INIT;
    Dc__Session__Hello hello = DC__SESSION__HELLO__INIT;
    uint8_t message[256];
    hello.version = 1;
    hello.token.data = token;
    hello.token.len = 16;
    hello.video = hello.audio = true;
    control.body_case = DC__SESSION__CONTROL__BODY_HELLO;
    control.hello = &hello;
    size_t size_bytes = dc__session__control__pack(&control, message + 3);
    dc_stream_put_header(message, size_bytes + 1);
    message[2] = 0;
    assert_int_equal(write(fd, message, size_bytes + 3), size_bytes + 3);
    dispatch(f);
}

static void
send_hello(struct fixture *f, int fd)
{
    uint8_t token[16];
    assert_true(dc_network_issue_token(f->network, 0, token));
    send_hello_with(f, fd, token);
}

static void
send_frame(struct fixture *f, uint64_t frame_id, bool keyframe)
{
    static uint8_t slice[30000] = { 0, 0, 1, 0x41 };
    memset(slice + 4, 0x55, sizeof(slice) - 4);
    slice[3] = keyframe ? 0x65 : 0x41;
    struct dc_packet packet = { .kind = DC_PACKET_VIDEO_H264, .keyframe = keyframe, .data = slice,
                                .size_bytes = sizeof(slice), .timestamp = frame_id * 1500, .meta.frame_id = frame_id };
    dc_network_send_packet(f->network, &packet);
}

/* A client that reads nothing: sending never blocks, memory is bounded, and when it wakes up it gets whole frames that
 * begin with a key frame. */
static void
test_slow_client(void **state)
{
    struct fixture *f = *state;
    int fd = connect_client(f, 8192);
    send_hello(f, fd);
    assert_int_equal(f->connects, 1);
    int64_t start_us = dc_clock_now_us();
    for (uint64_t i = 1; i <= 200; i++) // 6 MB
        send_frame(f, i, i == 1);
    assert_true(dc_clock_now_us() - start_us < 2000000);
    assert_int_equal(f->keyframe_requests, 1); // on admission; the next one only when the queue is empty

    struct dc_stream_reader reader;
    struct dc_h264_depacketizer d;
    struct dc_access_unit unit;
    uint64_t frames = 0, last_id = 0;
    bool after_gap_is_key = false;
    dc_stream_reader_init(&reader, 4096);
    dc_h264_depacketizer_init(&d);
    for (int idle = 0; idle < 20;) {
        struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
        const uint8_t *frame;
        size_t size_bytes;
        dispatch(f);
        if (f->keyframe_requests == 2) {
            f->keyframe_requests++;
            send_frame(f, 1000, true);
        }
        if (poll(&poll_fd, 1, 10) <= 0) {
            idle++;
            continue;
        }
        uint8_t *room = dc_stream_reader_room(&reader, &size_bytes);
        ssize_t n = read(fd, room, size_bytes);
        assert_true(n > 0);
        dc_stream_reader_commit(&reader, (size_t)n);
        while (dc_stream_reader_pull(&reader, &frame, &size_bytes)) {
            struct dc_rtp_packet packet;
            if (frame[0] < 128 || !dc_rtp_unpack(frame, size_bytes, &packet) ||
                !dc_h264_depacketizer_push(&d, &packet, 0, &unit))
                continue;
            frames++;
            if (unit.meta.frame_id != last_id + 1)
                after_gap_is_key = unit.keyframe && unit.meta.frame_id == 1000;
            last_id = unit.meta.frame_id;
        }
    }
    assert_int_equal(last_id, 1000);
    assert_true(after_gap_is_key);
    assert_true(frames > 1 && frames < 200);
    assert_int_equal(d.malformed_packets + d.dropped_units, 0); // no frame was cut
    assert_true(dc_network_has_client(f->network));
    dc_stream_reader_finish(&reader);
    dc_h264_depacketizer_finish(&d);
    close(fd);
}

static void
test_client_vanishes_mid_frame(void **state)
{
    struct fixture *f = *state;
    struct linger hard = { .l_onoff = 1, .l_linger = 0 };
    int fd = connect_client(f, 4096);
    send_hello(f, fd);
    for (uint64_t i = 1; i <= 20; i++) // more than the kernel takes: a frame is under way
        send_frame(f, i, i == 1);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)); // a reset, as from a crashed client
    close(fd);
    for (uint64_t i = 21; i <= 30; i++)
        send_frame(f, i, false);
    dispatch(f);
    assert_int_equal(f->gones, 1);
    assert_int_equal(f->releases, 1); // nobody holds its keys any more
    assert_false(dc_network_has_client(f->network));
    fd = connect_client(f, 0); // and somebody else may play
    send_hello(f, fd);
    assert_int_equal(f->connects, 2);
    assert_true(dc_network_has_client(f->network));
    close(fd);
    dispatch(f);
    assert_int_equal(f->gones, 2);
}

static bool
is_closed(int fd)
{
    uint8_t bytes[256];
    struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
    ssize_t n = 1;
    while (n > 0 && poll(&poll_fd, 1, 50) > 0)
        n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    return n <= 0;
}

static void
test_second_client_is_refused(void **state)
{
    struct fixture *f = *state;
    int first = connect_client(f, 0), second = connect_client(f, 0);
    send_hello(f, first);
    send_hello(f, second);
    assert_true(is_closed(second));
    assert_false(is_closed(first));
    assert_int_equal(f->connects, 1);
    assert_int_equal(f->gones, 0);
    close(second);
    dispatch(f);
    assert_true(dc_network_has_client(f->network));
    close(first);
}

/* The next message on channel 0; the caller frees it. */
static Dc__Session__Control *
read_control(int fd)
{
    uint8_t header[2], frame[4096];
    struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
    for (;;) {
        assert_int_equal(poll(&poll_fd, 1, 1000), 1);
        assert_int_equal(recv(fd, header, sizeof(header), MSG_WAITALL), sizeof(header));
        size_t size_bytes = (size_t)header[0] << 8 | header[1];
        assert_true(size_bytes > 0 && size_bytes <= sizeof(frame));
        assert_int_equal(recv(fd, frame, size_bytes, MSG_WAITALL), size_bytes);
        if (frame[0] == 0)
            return dc__session__control__unpack(NULL, size_bytes - 1, frame + 1);
    }
}

static void
take_secret(int fd, uint8_t secret[16])
{
    Dc__Session__Control *control = read_control(fd);
    assert_non_null(control);
    assert_int_equal(control->body_case, DC__SESSION__CONTROL__BODY_WELCOME);
    assert_int_equal(control->welcome->resume.len, 16);
    memcpy(secret, control->welcome->resume.data, 16);
    dc__session__control__free_unpacked(control, NULL);
}

/* The same player comes back while the connection that he lost still seems to be there: that one is told, and goes. */
static void
test_resume(void **state)
{
    struct fixture *f = *state;
    uint8_t secret[16], again[16], other[16];
    int first = connect_client(f, 0), second = connect_client(f, 0), third = connect_client(f, 0), late = connect_client(f, 0);
    send_hello(f, first);
    take_secret(first, secret);
    memcpy(other, secret, sizeof(other));
    other[15] ^= 1;
    send_hello_with(f, late, other); // nearly right
    assert_true(is_closed(late));
    send_hello_with(f, second, secret);
    take_secret(second, again);
    assert_memory_equal(secret, again, sizeof(secret)); // a lost Welcome must not shut the player out
    Dc__Session__Control *control = read_control(first);
    assert_int_equal(control->body_case, DC__SESSION__CONTROL__BODY_BYE);
    assert_string_equal(control->bye->reason, "another client has taken over");
    dc__session__control__free_unpacked(control, NULL);
    assert_int_equal(f->connects, 2);
    assert_int_equal(f->releases, 1);
    assert_int_equal(f->keyframe_requests, 2);
    close(second);
    dispatch(f);
    send_hello(f, third); // somebody else, by a token: the secret is another one now
    take_secret(third, again);
    assert_memory_not_equal(secret, again, sizeof(secret));
    close(late);
    late = connect_client(f, 0);
    send_hello_with(f, late, secret);
    control = read_control(late);
    assert_int_equal(control->body_case, DC__SESSION__CONTROL__BODY_REFUSED);
    dc__session__control__free_unpacked(control, NULL);
    assert_false(is_closed(third));
    close(first);
    close(third);
    close(late);
}

static void
test_silent_connections(void **state)
{
    struct fixture *f = *state;
    int fds[24];
    for (int i = 0; i < 24; i++) {
        fds[i] = connect_client(f, 0);
        dispatch(f);
    }
    for (int i = 0; i < 24; i++)
        assert_int_equal(is_closed(fds[i]), i >= 16); // more than 16 are not even heard
    int64_t start_us = dc_clock_now_us();
    struct pollfd fd = { .fd = dc_network_fd(f->network), .events = POLLIN };
    while (dc_clock_now_us() - start_us < 5500000 && poll(&fd, 1, 6000) > 0)
        dc_network_dispatch(f->network);
    for (int i = 0; i < 24; i++) {
        assert_true(is_closed(fds[i])); // five seconds without a Hello
        close(fds[i]);
    }
}

static void
test_unauthenticated_bytes_are_bounded(void **state)
{
    struct fixture *f = *state;
    uint8_t bytes[8192] = { 0x0f, 0xff }; // a first message of 4095 bytes that is no Hello
    int fd = connect_client(f, 0);
    assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
    dispatch(f);
    assert_true(is_closed(fd));
    close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_slow_client, setup, teardown),
        cmocka_unit_test_setup_teardown(test_client_vanishes_mid_frame, setup, teardown),
        cmocka_unit_test_setup_teardown(test_second_client_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_resume, setup, teardown),
        cmocka_unit_test_setup_teardown(test_silent_connections, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unauthenticated_bytes_are_bounded, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
