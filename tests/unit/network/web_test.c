/* HTTP in WHEP's manner, and sessions over UDP and TCP with our own end of WebRTC as the client. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include <common/clock.h>
#include <instance/network/server.h>
#include <protocol/rtp/channel.h>
#include <protocol/qos/arrival_recorder.h>
#include <protocol/rtp/rtcp_feedback.h>
#include <protocol/rtp/transport_sequence.h>
#include <protocol/rtp/rtp.h>
#include <protocol/rtp/stream_framing.h>
#include <protocol/webrtc/peer.h>
#include <session.pb-c.h>

#include "sdp_offers.h"

#define MAX_ANSWER_BYTES 65536

struct fixture {
    struct dc_network *network;
    unsigned connects, gones, keyframe_requests, keys, refreshes;
    uint32_t refresh_mhz;
    bool wants_feedback; // the next client offers transport-wide feedback
    unsigned wishes, skips;
    struct dc_network_encoder_wish wish; // the last one
};

static void
handle_input(void *user, const struct dc_input_event *event)
{
    ((struct fixture *)user)->keys += event->kind == DC_INPUT_KEY;
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

static void
handle_refresh(void *user, uint32_t refresh_mhz)
{
    struct fixture *f = user;
    f->refreshes++;
    f->refresh_mhz = refresh_mhz;
}

static void
handle_encoder(void *user, const struct dc_network_encoder_wish *wish)
{
    struct fixture *f = user;
    f->wishes++;
    f->skips += wish->skip;
    f->wish = *wish;
}

static const struct dc_network_listener listener = {
    .handle_encoder = handle_encoder,
    .handle_refresh = handle_refresh,
    .handle_input = handle_input,
    .handle_keyframe_request = handle_keyframe_request,
    .handle_connected = handle_connected,
    .handle_stats_request = handle_stats_request,
};

static int
setup(void **state)
{
    static struct fixture f;
    struct dc_network_config config = { .listen_fd = -1, .instance = "test", .width = 640, .height = 360,
                                        .web_host = "127.0.0.1", .web_is_plain = true };
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
dispatch(struct fixture *f, int timeout_ms)
{
    struct pollfd fd = { .fd = dc_network_fd(f->network), .events = POLLIN };
    for (int i = 0; i < 100 && poll(&fd, 1, timeout_ms) > 0; i++) {
        dc_network_dispatch(f->network);
        timeout_ms = 0;
    }
}

static int
connect_to(uint16_t port, int type)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, type, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* One request on a connection of its own; the whole answer up to its end. */
static const char *
exchange(struct fixture *f, const char *head, const char *body, size_t body_bytes)
{
    static char answer[MAX_ANSWER_BYTES + 1];
    size_t size_bytes = 0;
    int fd = connect_to(dc_network_web_port(f->network), SOCK_STREAM);
    char end[64];
    snprintf(end, sizeof(end), "Connection: close\r\nContent-Length: %zu\r\n\r\n", body_bytes);
    send(fd, head, strlen(head), 0);
    send(fd, end, strlen(end), 0);
    send(fd, body, body_bytes, MSG_NOSIGNAL);
    for (int i = 0; i < 500; i++) {
        dispatch(f, 2);
        ssize_t n = recv(fd, answer + size_bytes, MAX_ANSWER_BYTES - size_bytes, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno == ECONNRESET))
            break;
        size_bytes += n > 0 ? (size_t)n : 0;
    }
    answer[size_bytes] = '\0';
    close(fd);
    dispatch(f, 0);
    return answer;
}

static const char *
post(struct fixture *f, const char *token, const char *type, const char *body, size_t body_bytes)
{
    char head[512];
    snprintf(head, sizeof(head), "POST /whep HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\n%s%s%s", type,
             token ? "Authorization: Bearer " : "", token ? token : "", token ? "\r\n" : "");
    return exchange(f, head, body, body_bytes);
}

static void
issue(struct fixture *f, uint32_t ttl_ms, char text[33])
{
    uint8_t token[16];
    assert_true(dc_network_issue_token(f->network, ttl_ms, token));
    for (int i = 0; i < 16; i++)
        snprintf(text + 2 * i, 3, "%02x", token[i]);
}

static void
assert_answer(const char *answer, const char *status, const char *text)
{
    if (strncmp(answer, "HTTP/1.1 ", 9) != 0 || strncmp(answer + 9, status, strlen(status)) != 0 || !strstr(answer, text))
        fail_msg("not %s with \"%s\" but:\n%s", status, text, answer);
}

static void
copy_header(const char *answer, const char *name, char *out, size_t capacity)
{
    const char *at = strstr(answer, name);
    assert_non_null(at);
    at += strlen(name);
    snprintf(out, capacity, "%.*s", (int)strcspn(at, "\r\n"), at);
}

static void
test_page(void **state)
{
    assert_answer(exchange(*state, "GET / HTTP/1.1\r\nHost: x\r\n", "", 0), "200", "<video");
    assert_answer(exchange(*state, "GET /player.js HTTP/1.1\r\nHost: x\r\n", "", 0), "200", "RTCPeerConnection");
    assert_answer(exchange(*state, "GET /../etc/passwd HTTP/1.1\r\nHost: x\r\n", "", 0), "404", "nothing");
    assert_answer(exchange(*state, "OPTIONS /whep HTTP/1.1\r\nHost: x\r\n", "", 0), "204",
                  "Access-Control-Allow-Headers: Authorization");
    assert_answer(exchange(*state, "PATCH /whep/x HTTP/1.1\r\nHost: x\r\n", "", 0), "405", "Allow: GET");
    assert_answer(exchange(*state, "DELETE /whep/x HTTP/1.1\r\nHost: x\r\n", "", 0), "404", "no such session");
}

static void
test_refusals(void **state)
{
    static char large[70000];
    struct fixture *f = *state;
    char token[33], used[33], expired[33];
    size_t size_bytes = strlen(chromium_offer);
    issue(f, 1, expired);
    issue(f, 0, token);
    issue(f, 0, used);
    usleep(2000);
    assert_answer(post(f, NULL, "application/sdp", chromium_offer, size_bytes), "401", "\r\n\r\nno token");
    assert_answer(post(f, "00000000000000000000000000000000", "application/sdp", chromium_offer, size_bytes), "401",
                  "not one of this instance");
    assert_answer(post(f, "nonsense", "application/sdp", chromium_offer, size_bytes), "401", "not one of this instance");
    assert_answer(post(f, expired, "application/sdp", chromium_offer, size_bytes), "401", "expired");
    assert_answer(post(f, used, "application/sdp", chromium_offer, size_bytes), "201", "Location: /whep/");
    assert_answer(post(f, used, "application/sdp", chromium_offer, size_bytes), "401", "used already");
    assert_answer(post(f, token, "text/plain", chromium_offer, size_bytes), "415", "application/sdp");
    assert_answer(post(f, token, "application/sdp", "v=0\r\n", 5), "400", "no media section");
    assert_answer(post(f, token, "application/sdp", large, sizeof(large)), "413", "64 KiB");
    // None of that has used the token up.
    assert_answer(post(f, token, "application/sdp", aiortc_offer, strlen(aiortc_offer)), "201", "a=ice-lite");
}

static void
test_rate(void **state)
{
    unsigned refused = 0;
    for (int i = 0; i < 40; i++)
        refused += strncmp(post(*state, "nonsense", "application/sdp", "v=0\r\n", 5), "HTTP/1.1 429", 12) == 0;
    assert_in_range(refused, 15, 21);
}

static void
test_delete(void **state)
{
    struct fixture *f = *state;
    char token[33], location[64], head[256];
    issue(f, 0, token);
    copy_header(post(f, token, "application/sdp", chromium_offer, strlen(chromium_offer)), "Location: ", location,
                sizeof(location));
    snprintf(head, sizeof(head), "DELETE %s HTTP/1.1\r\nHost: x\r\n", location);
    assert_answer(exchange(f, head, "", 0), "200", "");
    assert_answer(exchange(f, head, "", 0), "404", "no such session");
}

/* ---- a client ---- */

struct client {
    int fd;
    bool is_tcp, is_connected, is_closed;
    struct dc_webrtc_peer *peer;
    struct dc_webrtc_identity *identity;
    struct dc_stream_reader reader;
    char location[64], resume[40];
    unsigned welcomes, byes, rtp, rtx, reports;
    uint16_t last_sequence;
    uint32_t last_ssrc;
    struct dc_arrival_recorder arrivals;
    int64_t added_delay_us; // what the client says of a line that it does not have
    unsigned numbered;      // packets with a transport-wide number
};

static void
client_send(void *user, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes)
{
    struct client *client = user;
    uint8_t header[DC_STREAM_HEADER_BYTES];
    dc_stream_put_header(header, size_bytes);
    if (client->is_tcp)
        send(client->fd, header, sizeof(header), MSG_NOSIGNAL | MSG_MORE);
    send(client->fd, datagram, size_bytes, MSG_NOSIGNAL);
}

static void
client_connected(void *user)
{
    ((struct client *)user)->is_connected = true;
}

static void
client_rtp(void *user, const uint8_t *packet, size_t size_bytes, int64_t now_us)
{
    struct client *client = user;
    struct dc_rtp_packet rtp;
    assert_true(dc_rtp_unpack(packet, size_bytes, &rtp));
    uint16_t number;
    if (dc_transport_sequence_get(&rtp, 7, &number)) {
        client->numbered++;
        dc_arrival_recorder_push(&client->arrivals, number, now_us + client->added_delay_us);
    }
    client->rtp += rtp.payload_type == 101;
    client->rtx += rtp.payload_type == 102;
    if (rtp.payload_type == 102) // the packet that was lost, behind its number
        assert_int_equal(rtp.payload[0] << 8 | rtp.payload[1], client->last_sequence);
    else
        client->last_sequence = rtp.sequence;
    client->last_ssrc = rtp.payload_type == 101 ? rtp.ssrc : client->last_ssrc;
}

static void
client_rtcp(void *user, const uint8_t *packet, size_t size_bytes, int64_t now_us)
{
    ((struct client *)user)->reports += packet[1] == DC_RTCP_SENDER_REPORT;
}

static void
client_message(void *user, uint16_t stream, bool is_text, const uint8_t *data, size_t size_bytes, int64_t now_us)
{
    struct client *client = user;
    Dc__Session__Control *control = dc__session__control__unpack(NULL, size_bytes, data);
    assert_non_null(control);
    client->welcomes += control->body_case == DC__SESSION__CONTROL__BODY_WELCOME;
    client->byes += control->body_case == DC__SESSION__CONTROL__BODY_BYE;
    dc__session__control__free_unpacked(control, NULL);
}

static void
client_closed(void *user, const char *reason)
{
    ((struct client *)user)->is_closed = true;
}

static const struct dc_webrtc_peer_listener client_listener = {
    .send = client_send, .handle_connected = client_connected, .handle_rtp = client_rtp, .handle_rtcp = client_rtcp,
    .handle_message = client_message, .handle_closed = client_closed,
};

static void
add_feedback(char *offer, size_t capacity)
{
    static const char before[] = "a=rtpmap:101 H264/90000\r\n";
    static const char lines[] = "a=rtcp-fb:101 transport-cc\r\na=extmap:7 "
                                "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n";
    char *at = strstr(offer, before);
    assert_non_null(at);
    at += strlen(before);
    assert_true(strlen(offer) + sizeof(lines) <= capacity);
    memmove(at + strlen(lines), at, strlen(at) + 1);
    memcpy(at, lines, strlen(lines));
}

static void
client_start(struct client *client, struct fixture *f, bool is_tcp, uint16_t port, const char *token)
{
    char offer[4096], fingerprint[DC_WEBRTC_FINGERPRINT_TEXT_BYTES], ufrag[64], password[64];
    *client = (struct client){ .is_tcp = is_tcp, .identity = dc_webrtc_identity_create() };
    dc_webrtc_fingerprint_format(dc_webrtc_identity_fingerprint(client->identity), fingerprint);
    snprintf(offer, sizeof(offer), "%s", aiortc_offer);
    if (f->wants_feedback)
        add_feedback(offer, sizeof(offer));
    dc_arrival_recorder_init(&client->arrivals);
    for (char *at = offer; (at = strstr(at, FINGERPRINT)); at++)
        memcpy(at, fingerprint, strlen(fingerprint));
    const char *answer = post(f, token, "application/sdp", offer, strlen(offer));
    assert_answer(answer, "201", "a=setup:passive");
    struct dc_webrtc_peer_config config = { .is_client = true, .identity = client->identity, .local_ufrag = "MMs5",
                                            .local_password = "OIJzKgRIckAE7I5fUPIFHE", .remote_ufrag = ufrag,
                                            .remote_password = password, .path = { .bytes = { 1 } } };
    copy_header(answer, "a=ice-ufrag:", ufrag, sizeof(ufrag));
    copy_header(answer, "a=ice-pwd:", password, sizeof(password));
    copy_header(answer, "Location: ", client->location, sizeof(client->location));
    copy_header(answer, "DC-Resume: ", client->resume, sizeof(client->resume));
    char theirs[DC_WEBRTC_FINGERPRINT_TEXT_BYTES], same[DC_NETWORK_FINGERPRINT_BYTES];
    copy_header(answer, "a=fingerprint:sha-256 ", theirs, sizeof(theirs));
    dc_network_fingerprint(f->network, same);
    assert_string_equal(theirs, same);
    assert_true(dc_webrtc_fingerprint_parse(theirs, config.remote_fingerprint));
    client->fd = connect_to(port ? port : dc_network_web_port(f->network), is_tcp ? SOCK_STREAM : SOCK_DGRAM);
    assert_true(dc_stream_reader_init(&client->reader, 4096));
    client->peer = dc_webrtc_peer_create(&config, &client_listener, client, dc_clock_now_us());
    assert_non_null(client->peer);
    for (uint16_t channel = 0; channel < 3; channel++)
        assert_true(dc_webrtc_peer_add_channel(client->peer, channel, "x", true, -1));
}

static void
client_stop(struct client *client)
{
    dc_webrtc_peer_destroy(client->peer);
    dc_webrtc_identity_destroy(client->identity);
    dc_stream_reader_finish(&client->reader);
    close(client->fd);
}

static void
client_receive(struct client *client)
{
    uint8_t datagram[2048];
    const struct dc_webrtc_path path = { .bytes = { 1 } };
    const uint8_t *frame;
    size_t size_bytes;
    ssize_t n;
    while (!client->is_tcp && (n = recv(client->fd, datagram, sizeof(datagram), MSG_DONTWAIT)) >= 0)
        dc_webrtc_peer_receive(client->peer, &path, datagram, (size_t)n, dc_clock_now_us());
    if (!client->is_tcp)
        return;
    uint8_t *room = dc_stream_reader_room(&client->reader, &size_bytes);
    n = recv(client->fd, room, size_bytes, MSG_DONTWAIT);
    if (n > 0)
        dc_stream_reader_commit(&client->reader, (size_t)n);
    while (dc_stream_reader_pull(&client->reader, &frame, &size_bytes))
        dc_webrtc_peer_receive(client->peer, &path, frame, size_bytes, dc_clock_now_us());
}

static void
run(struct fixture *f, struct client *client, const unsigned *until, unsigned count)
{
    for (int i = 0; i < 3000 && *until < count; i++) {
        if (dc_clock_now_us() >= dc_webrtc_peer_deadline_us(client->peer))
            dc_webrtc_peer_handle_timer(client->peer, dc_clock_now_us());
        dispatch(f, 1);
        client_receive(client);
    }
    assert_true(*until >= count);
}

static void
send_picture(struct fixture *f, bool keyframe)
{
    static uint8_t unit[3000] = { 0, 0, 0, 1, 0x65 };
    struct dc_packet packet = { .kind = DC_PACKET_VIDEO_H264, .keyframe = keyframe, .data = unit,
                                .size_bytes = sizeof(unit), .timestamp = 90000 };
    memset(unit + 5, 0x55, sizeof(unit) - 5);
    dc_network_send_packet(f->network, &packet);
}

static void
press_key(struct client *client)
{
    Dc__Session__Input input = DC__SESSION__INPUT__INIT;
    Dc__Session__Key key = DC__SESSION__KEY__INIT;
    uint8_t data[64];
    key.evdev_code = 57;
    key.pressed = true;
    input.id = 1;
    input.body_case = DC__SESSION__INPUT__BODY_KEY;
    input.key = &key;
    size_t size_bytes = dc__session__input__pack(&input, data);
    assert_true(dc_webrtc_peer_send_message(client->peer, DC_CHANNEL_INPUT_EDGES, false, data, size_bytes));
}

static void
say_hello(struct client *client)
{
    Dc__Session__Control control = DC__SESSION__CONTROL__INIT;
    Dc__Session__Hello hello = DC__SESSION__HELLO__INIT;
    uint8_t data[64];
    hello.version = DC_SESSION_VERSION;
    hello.refresh_mhz = 50000;
    control.body_case = DC__SESSION__CONTROL__BODY_HELLO;
    control.hello = &hello;
    size_t size_bytes = dc__session__control__pack(&control, data);
    assert_true(dc_webrtc_peer_send_message(client->peer, DC_CHANNEL_CONTROL, false, data, size_bytes));
}

static void
ask_again(struct client *client, bool with_pli)
{
    uint8_t packet[256];
    struct dc_rtcp_writer writer;
    dc_rtcp_writer_init(&writer, packet, sizeof(packet) - DC_WEBRTC_SRTP_TRAILER_BYTES);
    struct dc_rtcp_report report = { .ssrc = 1 };
    dc_rtcp_put_report(&writer, &report);
    if (with_pli)
        dc_rtcp_put_pli(&writer, 1, client->last_ssrc);
    else
        dc_rtcp_put_nack(&writer, 1, client->last_ssrc, &client->last_sequence, 1);
    assert_true(dc_webrtc_peer_send_rtcp(client->peer, packet, writer.size_bytes));
}

static void
play(struct fixture *f, bool is_tcp, uint16_t port)
{
    struct client client;
    char token[33];
    issue(f, 0, token);
    client_start(&client, f, is_tcp, port, token);
    run(f, &client, &client.welcomes, 1);
    assert_int_equal(f->connects, 1);
    assert_true(dc_network_has_client(f->network));
    say_hello(&client);
    run(f, &client, &f->refreshes, 1);
    assert_int_equal(f->refresh_mhz, 50000);
    run(f, &client, &client.welcomes, 2); // a Hello is answered, even by who said it before
    send_picture(f, true);
    run(f, &client, &client.rtp, 3);
    ask_again(&client, false);
    run(f, &client, &client.rtx, 1);
    unsigned requests = f->keyframe_requests;
    ask_again(&client, true);
    ask_again(&client, true); // within a quarter of a second: once
    run(f, &client, &f->keyframe_requests, requests + 1);
    press_key(&client);
    run(f, &client, &f->keys, 1);
    assert_int_equal(f->keyframe_requests, requests + 1);
    run(f, &client, &client.reports, 1);
    dc_network_send_bye(f->network, "enough", 0, false);
    run(f, &client, &client.byes, 1);
    client_stop(&client);
}

static void
send_feedback(struct client *client, int64_t now_us)
{
    uint8_t packet[1200 + DC_WEBRTC_SRTP_TRAILER_BYTES];
    struct dc_rtcp_writer writer;
    dc_rtcp_writer_init(&writer, packet, 1200);
    dc_arrival_recorder_report(&client->arrivals, &writer, 1, client->last_ssrc, now_us);
    if (writer.size_bytes)
        assert_true(dc_webrtc_peer_send_rtcp(client->peer, packet, writer.size_bytes));
}

/* A line that gets 8 ms slower with each frame, as one does that is too narrow: less is encoded, and nothing for a while. */
static void
test_a_narrow_line(void **state)
{
    struct fixture *f = *state;
    struct client client;
    char token[33];
    f->wants_feedback = true;
    issue(f, 0, token);
    client_start(&client, f, false, 0, token);
    run(f, &client, &client.welcomes, 1);
    for (unsigned i = 0; i < 120 && !(f->skips && f->wish.bitrate_kbps < 9000); i++) {
        int64_t until_us = dc_clock_now_us() + 10000;
        send_picture(f, i == 0);
        while (dc_clock_now_us() < until_us) {
            dispatch(f, 1);
            client_receive(&client);
        }
        client.added_delay_us += i > 20 ? 8000 : 0;
        send_feedback(&client, dc_clock_now_us());
        dispatch(f, 1);
    }
    assert_true(client.numbered >= client.rtp && client.rtp > 20);
    assert_true(f->skips > 0);
    assert_true(f->wish.bitrate_kbps > 0 && f->wish.bitrate_kbps < 9000);
    client_stop(&client);
}

static void
test_udp(void **state)
{
    play(*state, false, 0);
}

static void
test_tcp(void **state)
{
    play(*state, true, 0); // the port of HTTP
}

static void
test_tcp_of_plain_sessions(void **state)
{
    play(*state, true, dc_network_port(((struct fixture *)*state)->network));
}

static void
test_strangers(void **state)
{
    static const struct {
        const char *bytes;
        size_t size_bytes;
    } cases[] = {
        { "\0\5\0hello", 8 },   // a plain session's frame: not where everything is encrypted
        { "\377\377", 2 },       // neither HTTP nor a frame
        { "G\r\n\r\n", 5 },    // HTTP of a kind
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture *f = *state;
        char answer[512];
        int fd = connect_to(dc_network_web_port(f->network), SOCK_STREAM);
        ssize_t n = -1;
        send(fd, cases[i].bytes, cases[i].size_bytes, 0);
        for (int j = 0; j < 200 && n != 0; j++) { // closed, whatever was said before that
            dispatch(f, 5);
            n = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
            n = n < 0 && errno == ECONNRESET ? 0 : n;
        }
        assert_int_equal(n, 0);
        close(fd);
    }
}

static void
test_takeover(void **state)
{
    struct fixture *f = *state;
    struct client first, second;
    char token[33], other[33];
    issue(f, 0, token);
    issue(f, 0, other);
    client_start(&first, f, false, 0, token);
    run(f, &first, &first.welcomes, 1);
    assert_answer(post(f, other, "application/sdp", aiortc_offer, strlen(aiortc_offer)), "409", "playing already");
    client_start(&second, f, false, 0, first.resume);
    assert_string_equal(first.resume, second.resume); // a lost answer must not shut the player out
    run(f, &second, &second.welcomes, 1);
    run(f, &first, &first.byes, 1);
    assert_int_equal(f->connects, 2);
    assert_int_equal(f->gones, 1);
    press_key(&second);
    run(f, &second, &f->keys, 1);
    client_stop(&first);
    client_stop(&second);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_page), TEST(test_refusals), TEST(test_rate), TEST(test_delete),
        TEST(test_udp),  TEST(test_tcp),      TEST(test_tcp_of_plain_sessions), TEST(test_strangers),
        TEST(test_takeover), TEST(test_a_narrow_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
