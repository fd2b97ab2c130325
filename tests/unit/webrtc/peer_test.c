#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <common/clock.h>

#include "pair.h"

#define SECOND_US 1000000

static bool
never(struct pair *pair)
{
    return false;
}

static bool
channels_open(struct pair *pair)
{
    return pair->client.channels >= 2 && pair->server.channels >= 2;
}

/* Stream 0 by DCEP, stream 9 negotiated. */
static struct pair *
connect_with_channels(const struct pair_options *options)
{
    struct pair *pair = pair_create(options);
    assert_true(dc_webrtc_peer_open_channel(pair->client.peer, 0, "control", true, -1));
    assert_true(dc_webrtc_peer_add_channel(pair->client.peer, 9, "stats", true, -1));
    assert_true(dc_webrtc_peer_add_channel(pair->server.peer, 9, "stats", true, -1));
    assert_true(pair_run(pair, channels_open, 20 * SECOND_US));
    assert_true(pair_connected(pair));
    return pair;
}

static void
test_connects(void **state)
{
    struct pair_options options = { 0 };
    struct pair *pair = pair_create(&options);
    int64_t start_us = dc_clock_now_us();
    assert_true(pair_run(pair, pair_connected, 5 * SECOND_US));
    print_message("connected in %.1f ms\n", (double)(dc_clock_now_us() - start_us) / 1000);
    assert_true(dc_webrtc_peer_is_connected(pair->client.peer));
    assert_true(dc_webrtc_peer_is_connected(pair->server.peer));
    assert_memory_equal(dc_webrtc_peer_get_path(pair->server.peer), &pair->client.path, sizeof(struct dc_webrtc_path));
    assert_true(dc_webrtc_peer_has_path(pair->server.peer, &pair->client.path));
    assert_false(dc_webrtc_peer_has_path(pair->server.peer, &pair->server.path));
    assert_int_equal(pair->client.closed + pair->server.closed, 0);
    pair_destroy(pair);
}

static void
test_refuses_configuration(void **state)
{
    struct dc_webrtc_identity *identity = dc_webrtc_identity_create();
    struct dc_webrtc_peer_listener listener = { 0 };
    struct dc_webrtc_peer_config good = { .identity = identity, .local_ufrag = "abcd", .remote_ufrag = "efgh",
                                          .local_password = "0123456789012345678901",
                                          .remote_password = "0123456789012345678901" };
    struct dc_webrtc_peer *peer = dc_webrtc_peer_create(&good, &listener, NULL, 0);
    assert_non_null(peer);
    dc_webrtc_peer_destroy(peer);
    struct dc_webrtc_peer_config bad = good;
    bad.local_ufrag = "abc";
    assert_null(dc_webrtc_peer_create(&bad, &listener, NULL, 0));
    bad = good;
    bad.remote_password = "012345678901234567890";
    assert_null(dc_webrtc_peer_create(&bad, &listener, NULL, 0));
    bad = good;
    bad.remote_ufrag = "ab:d";
    assert_null(dc_webrtc_peer_create(&bad, &listener, NULL, 0));
    dc_webrtc_identity_destroy(identity);
}

static void
test_channels_open(void **state)
{
    struct pair_options options = { 0 };
    struct pair *pair = connect_with_channels(&options);
    for (unsigned i = 0; i < 2; i++) {
        struct pair_end *end = i ? &pair->server : &pair->client;
        assert_int_equal(end->channels, 2);
        for (unsigned k = 0; k < 2; k++)
            assert_string_equal(end->channel_labels[k], end->channel_streams[k] == 0 ? "control" : "stats");
    }
    // Not ours to open, beyond the last one, open already, and the label that does not fit.
    char label[66];
    memset(label, 'x', 65);
    label[65] = '\0';
    assert_false(dc_webrtc_peer_open_channel(pair->client.peer, 1, "a", true, -1));
    assert_false(dc_webrtc_peer_open_channel(pair->server.peer, 2, "a", true, -1));
    assert_false(dc_webrtc_peer_open_channel(pair->client.peer, DC_WEBRTC_MAX_CHANNELS, "a", true, -1));
    assert_false(dc_webrtc_peer_open_channel(pair->client.peer, 0, "a", true, -1));
    assert_false(dc_webrtc_peer_open_channel(pair->client.peer, 2, label, true, -1));
    assert_false(dc_webrtc_peer_send_message(pair->client.peer, 2, true, (const uint8_t *)"a", 1));
    assert_true(dc_webrtc_peer_open_channel(pair->server.peer, 3, "server's", false, 0));
    pair_destroy(pair);
}

static unsigned expected_messages;

static bool
echoed(struct pair *pair)
{
    return pair->client.messages >= expected_messages;
}

static void
fill(uint8_t *data, size_t size_bytes, unsigned seed)
{
    for (size_t i = 0; i < size_bytes; i++) {
        seed = seed * 1103515245u + 12345u;
        data[i] = (uint8_t)(seed >> 16);
    }
}

/* Messages of every size go there and come back, in order. */
static void
exchange_messages(struct pair *pair)
{
    static const size_t sizes[] = { 1, 2, 17, 1000, 1159, 1160, 4096, 0, 16384, 65536, 100000, 200000 };
    static uint8_t data[200000];
    uint32_t hash = 0;
    pair->server.echoes = true;
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        fill(data, sizes[i], i + 1);
        hash = pair_hash(hash, data, sizes[i]);
        assert_true(dc_webrtc_peer_send_message(pair->client.peer, i % 2 ? 9 : 0, i % 3 == 0, data, sizes[i]));
        expected_messages = i + 1;
        int64_t start_us = dc_clock_now_us();
        assert_true(pair_run(pair, echoed, 20 * SECOND_US));
        print_message("%zu bytes and back: %.1f ms\n", sizes[i], (double)(dc_clock_now_us() - start_us) / 1000);
        assert_int_equal(pair->server.was_text, i % 3 == 0);
        assert_int_equal(pair->server.last_stream, i % 2 ? 9 : 0);
    }
    assert_int_equal(pair->server.message_hash, hash);
    assert_int_equal(pair->client.message_hash, hash);
    print_message("longest datagram: %zu bytes\n", pair->client.max_datagram_bytes);
    assert_true(pair->client.max_datagram_bytes <= 1200);
    assert_true(pair->server.max_datagram_bytes <= 1200);
}

static void
test_messages(void **state)
{
    struct pair_options options = { .sctp_max_message_bytes = 262144 };
    struct pair *pair = connect_with_channels(&options);
    exchange_messages(pair);
    pair_destroy(pair);
}

static void
test_messages_through_loss(void **state)
{
    struct pair_options options = { .sctp_max_message_bytes = 262144, .seed = 7, .loss_percent = 10, .delay_us = 2000,
                                    .jitter_us = 4000 };
    struct pair *pair = connect_with_channels(&options);
    exchange_messages(pair);
    pair_destroy(pair);
}

static void
test_connects_through_loss(void **state)
{
    for (unsigned seed = 1; seed <= 5; seed++) {
        struct pair_options options = { .seed = seed, .loss_percent = 10, .delay_us = 3000, .jitter_us = 5000 };
        int64_t start_us = dc_clock_now_us();
        struct pair *pair = connect_with_channels(&options);
        print_message("seed %u: channels open in %.1f ms\n", seed, (double)(dc_clock_now_us() - start_us) / 1000);
        pair_destroy(pair);
    }
}

static void
test_too_long_messages_are_refused(void **state)
{
    struct pair_options options = { .sctp_max_message_bytes = 1000 };
    struct pair *pair = connect_with_channels(&options);
    static const uint8_t data[1001];
    assert_true(dc_webrtc_peer_send_message(pair->client.peer, 0, false, data, 1000));
    assert_false(dc_webrtc_peer_send_message(pair->client.peer, 0, false, data, 1001));
    pair_destroy(pair);
}

static bool
server_closed(struct pair *pair)
{
    return pair->server.closed;
}

static void
test_a_message_beyond_the_limit_ends_the_session(void **state)
{
    struct pair_options options = { .sctp_max_message_bytes = 1u << 20 };
    struct pair *pair = connect_with_channels(&options);
    static const uint8_t data[DC_WEBRTC_MAX_MESSAGE_BYTES + 1];
    assert_true(dc_webrtc_peer_send_message(pair->client.peer, 0, false, data, sizeof(data)));
    assert_true(pair_run(pair, server_closed, 10 * SECOND_US));
    assert_non_null(strstr(pair->server.reason, "too long"));
    assert_int_equal(pair->server.messages, 0);
    pair_destroy(pair);
}

static void
test_backlog_is_bounded(void **state)
{
    struct pair_options options = { .sctp_max_message_bytes = 262144 };
    struct pair *pair = connect_with_channels(&options);
    static const uint8_t data[65536];
    unsigned taken = 0;
    pair->is_cut = true;
    while (taken < 1000 && dc_webrtc_peer_send_message(pair->client.peer, 0, false, data, sizeof(data)))
        taken++;
    assert_int_equal(taken, 16); // 1 MiB
    assert_int_equal(dc_webrtc_peer_unsent_bytes(pair->client.peer), 1 << 20);
    assert_false(dc_webrtc_peer_send_message(pair->client.peer, 9, false, data, 1));
    pair->is_cut = false;
    expected_messages = 16;
    pair->server.echoes = true;
    assert_true(pair_run(pair, echoed, 20 * SECOND_US));
    assert_int_equal(pair->server.message_bytes, 1 << 20);
    pair_run(pair, never, SECOND_US / 10);
    assert_int_equal(dc_webrtc_peer_unsent_bytes(pair->client.peer), 0);
    assert_true(dc_webrtc_peer_send_message(pair->client.peer, 9, false, data, 1));
    pair_destroy(pair);
}

static size_t
make_rtp(uint8_t *packet, uint16_t sequence, uint32_t ssrc, size_t size_bytes)
{
    fill(packet, size_bytes, sequence);
    packet[0] = 0x80;
    packet[1] = 96;
    packet[2] = (uint8_t)(sequence >> 8);
    packet[3] = (uint8_t)sequence;
    packet[8] = (uint8_t)(ssrc >> 24);
    packet[9] = (uint8_t)(ssrc >> 16);
    packet[10] = (uint8_t)(ssrc >> 8);
    packet[11] = (uint8_t)ssrc;
    return size_bytes;
}

static bool
rtp_arrived(struct pair *pair)
{
    return pair->client.rtp_packets >= expected_messages;
}

static void
test_media(void **state)
{
    struct pair_options options = { 0 };
    struct pair *pair = pair_create(&options);
    uint8_t packet[DC_WEBRTC_MAX_RTP_BYTES + DC_WEBRTC_SRTP_TRAILER_BYTES], copy[sizeof(packet)];
    size_t size_bytes = make_rtp(packet, 1, 77, 1100);
    assert_false(dc_webrtc_peer_send_rtp(pair->server.peer, packet, size_bytes)); // no keys yet
    assert_true(pair_run(pair, pair_connected, 5 * SECOND_US));
    for (unsigned i = 0; i < 2; i++) {
        struct pair_end *from = i ? &pair->client : &pair->server, *to = i ? &pair->server : &pair->client;
        for (uint16_t n = 0; n < 50; n++) {
            size_bytes = make_rtp(packet, (uint16_t)(65500 + n), 77 + n % 3, n ? 1100 : DC_WEBRTC_MAX_RTP_BYTES);
            memcpy(copy, packet, size_bytes);
            assert_true(dc_webrtc_peer_send_rtp(from->peer, packet, size_bytes));
            assert_memory_not_equal(copy + 12, packet + 12, size_bytes - 12);
            // The number is used up: what would go out again is refused, and must be.
            memcpy(packet, copy, size_bytes);
            assert_false(dc_webrtc_peer_send_rtp(from->peer, packet, size_bytes));
        }
        pair_run(pair, never, SECOND_US / 20);
        assert_int_equal(to->rtp_packets, 50);
        assert_int_equal(to->last_rtp_bytes, size_bytes);
        assert_memory_equal(to->last_rtp, copy, size_bytes);
        uint8_t report[28 + DC_WEBRTC_SRTP_TRAILER_BYTES] = { 0x80, 200, 0, 6, 0, 0, 0, 77, 1, 2, 3 }, report_copy[28];
        memcpy(report_copy, report, 28);
        assert_true(dc_webrtc_peer_send_rtcp(from->peer, report, 28));
        pair_run(pair, never, SECOND_US / 20);
        assert_int_equal(to->rtcp_packets, 1);
        assert_int_equal(to->last_rtcp_bytes, 28);
        assert_memory_equal(to->last_rtcp, report_copy, 28);
    }
    assert_false(dc_webrtc_peer_send_rtp(pair->server.peer, packet, 11));
    assert_false(dc_webrtc_peer_send_rtp(pair->server.peer, packet, DC_WEBRTC_MAX_RTP_BYTES + 1));
    pair_destroy(pair);
}

static void
test_media_is_not_replayed_or_forged(void **state)
{
    struct pair_options options = { 0 };
    struct pair *pair = pair_create(&options);
    uint8_t packet[200 + DC_WEBRTC_SRTP_TRAILER_BYTES];
    assert_true(pair_run(pair, pair_connected, 5 * SECOND_US));
    pair_run(pair, never, SECOND_US / 10);
    assert_true(dc_webrtc_peer_send_rtp(pair->server.peer, packet, make_rtp(packet, 1, 5, 200)));
    size_t wire_bytes = pair->flying[pair->flying_count - 1].size_bytes;
    expected_messages = 1;
    assert_true(pair_run(pair, rtp_arrived, SECOND_US));
    uint64_t refused = dc_webrtc_peer_counters(pair->client.peer)->refused_packets;
    dc_webrtc_peer_receive(pair->client.peer, &pair->server.path, packet, wire_bytes, dc_clock_now_us()); // again
    packet[20] ^= 1;
    dc_webrtc_peer_receive(pair->client.peer, &pair->server.path, packet, wire_bytes, dc_clock_now_us());
    assert_int_equal(pair->client.rtp_packets, 1);
    assert_int_equal(dc_webrtc_peer_counters(pair->client.peer)->refused_packets, refused + 2);
    dc_webrtc_peer_receive(pair->client.peer, &pair->client.path, packet, wire_bytes, dc_clock_now_us());
    assert_int_equal(dc_webrtc_peer_counters(pair->client.peer)->foreign_datagrams, 1);
    // So many sources of media nobody has: memory is bounded.
    for (uint32_t ssrc = 100; ssrc < 200; ssrc++)
        assert_true(dc_webrtc_peer_send_rtp(pair->server.peer, packet, make_rtp(packet, 1, ssrc, 200)));
    pair_run(pair, never, SECOND_US / 10);
    assert_int_equal(pair->client.rtp_packets, 32);
    pair_destroy(pair);
}

static bool
client_closed(struct pair *pair)
{
    return pair->client.closed;
}

static void
test_wrong_server_is_refused(void **state)
{
    uint8_t fingerprint[32] = { 1 };
    struct pair_options options = { .wrong_server_fingerprint = fingerprint };
    struct pair *pair = pair_create(&options);
    assert_true(pair_run(pair, client_closed, 5 * SECOND_US));
    assert_non_null(strstr(pair->client.reason, "fingerprint"));
    pair_run(pair, never, SECOND_US / 10);
    assert_false(pair->client.is_connected || pair->server.is_connected);
    assert_int_equal(pair->client.closed, 1);
    assert_int_equal(pair->server.closed, 1); // the alert said so
    pair_destroy(pair);
}

static void
test_wrong_client_is_refused(void **state)
{
    uint8_t fingerprint[32] = { 1 };
    struct pair_options options = { .wrong_client_fingerprint = fingerprint };
    struct pair *pair = pair_create(&options);
    assert_true(pair_run(pair, server_closed, 5 * SECOND_US));
    assert_non_null(strstr(pair->server.reason, "fingerprint"));
    pair_run(pair, never, SECOND_US / 10);
    assert_false(pair->client.is_connected || pair->server.is_connected);
    pair_destroy(pair);
}

static void
test_wrong_password_is_ignored(void **state)
{
    struct pair_options options = { .wrong_password = "WrongWrongWrongWrongWrong" };
    struct pair *pair = pair_create(&options);
    pair_run(pair, never, SECOND_US);
    assert_int_equal(pair->client.closed + pair->server.closed, 0);
    assert_null(dc_webrtc_peer_get_path(pair->server.peer));
    assert_false(dc_webrtc_peer_has_path(pair->server.peer, &pair->client.path));
    assert_true(dc_webrtc_peer_counters(pair->server.peer)->refused_checks >= 3);
    assert_true(dc_webrtc_peer_counters(pair->client.peer)->refused_checks >= 3); // 401 without a proof means nothing
    // Nobody answers: it gives up in the end.
    dc_webrtc_peer_handle_timer(pair->client.peer, dc_clock_now_us() + 31 * SECOND_US);
    assert_int_equal(pair->client.closed, 1);
    pair_destroy(pair);
}

static bool
path_changed(struct pair *pair)
{
    return dc_webrtc_peer_counters(pair->server.peer)->path_changes > 0;
}

/* The client is somewhere else all at once, and does not know it: a NAT has forgotten it. */
static void
test_path_change(void **state)
{
    struct pair_options options = { .sctp_max_message_bytes = 262144 };
    struct pair *pair = connect_with_channels(&options);
    struct dc_webrtc_path old = pair->client.path;
    int64_t start_us = dc_clock_now_us();
    pair_path(&pair->client.path, "198.51.100.9", 4711);
    assert_true(pair_run(pair, path_changed, 5 * SECOND_US));
    print_message("found again after %.0f ms\n", (double)(dc_clock_now_us() - start_us) / 1000);
    assert_memory_equal(dc_webrtc_peer_get_path(pair->server.peer), &pair->client.path, sizeof(struct dc_webrtc_path));
    assert_true(dc_webrtc_peer_has_path(pair->server.peer, &old)); // what is still under way counts
    exchange_messages(pair);
    pair_destroy(pair);
}

/* The client changes the path: TCP instead of UDP. Traffic moves when the new one has answered. */
static void
test_path_set_by_client(void **state)
{
    struct pair_options options = { .sctp_max_message_bytes = 262144 };
    struct pair *pair = connect_with_channels(&options);
    struct dc_webrtc_path elsewhere, old = pair->server.path;
    pair_path(&elsewhere, "203.0.113.5", 443);
    dc_webrtc_peer_set_path(pair->client.peer, &elsewhere, dc_clock_now_us());
    pair_run(pair, never, SECOND_US / 5);
    assert_memory_equal(dc_webrtc_peer_get_path(pair->client.peer), &old, sizeof(old)); // nobody answered there
    pair->server.path = elsewhere;
    pair_path(&pair->client.path, "192.0.2.1", 1001);
    assert_true(pair_run(pair, path_changed, 5 * SECOND_US));
    exchange_messages(pair);
    assert_memory_equal(dc_webrtc_peer_get_path(pair->client.peer), &elsewhere, sizeof(elsewhere));
    pair_destroy(pair);
}

static void
test_outage(void **state)
{
    struct pair_options options = { .sctp_max_message_bytes = 262144 };
    struct pair *pair = connect_with_channels(&options);
    pair->is_cut = true;
    assert_true(dc_webrtc_peer_send_message(pair->client.peer, 0, true, (const uint8_t *)"hello", 5));
    pair_run(pair, never, 2 * SECOND_US);
    pair->is_cut = false;
    pair->server.echoes = true;
    expected_messages = 1;
    int64_t start_us = dc_clock_now_us();
    assert_true(pair_run(pair, echoed, 5 * SECOND_US));
    int64_t took_us = dc_clock_now_us() - start_us;
    print_message("back %.0f ms after the outage\n", (double)took_us / 1000);
    assert_true(took_us < SECOND_US); // RTO at most 500 ms
    assert_int_equal(pair->client.closed + pair->server.closed, 0);
    pair_destroy(pair);
}

static void
test_goodbye(void **state)
{
    struct pair_options options = { 0 };
    struct pair *pair = connect_with_channels(&options);
    dc_webrtc_peer_destroy(pair->client.peer);
    pair->client.peer = NULL;
    assert_true(pair_run(pair, server_closed, SECOND_US));
    assert_non_null(strstr(pair->server.reason, "the other end"));
    pair_run(pair, never, SECOND_US / 20);
    assert_int_equal(pair->server.closed, 1);
    assert_false(dc_webrtc_peer_send_message(pair->server.peer, 0, true, (const uint8_t *)"a", 1));
    assert_true(dc_webrtc_peer_deadline_us(pair->server.peer) == INT64_MAX);
    pair_destroy(pair);
}

static void
test_silence_ends_the_session(void **state)
{
    struct pair_options options = { 0 };
    struct pair *pair = connect_with_channels(&options);
    pair->is_cut = true;
    dc_webrtc_peer_handle_timer(pair->server.peer, dc_clock_now_us() + 29 * SECOND_US);
    assert_int_equal(pair->server.closed, 0);
    dc_webrtc_peer_handle_timer(pair->server.peer, dc_clock_now_us() + 31 * SECOND_US);
    assert_int_equal(pair->server.closed, 1);
    assert_non_null(strstr(pair->server.reason, "no sign of life"));
    pair_destroy(pair);
}

/* Garbage of every kind, from the right path and from others; the session does not notice. */
static void
test_garbage(void **state)
{
    struct pair_options options = { .sctp_max_message_bytes = 262144 };
    struct pair *pair = connect_with_channels(&options);
    struct dc_webrtc_path stranger;
    unsigned seed = 3, rounds = 200000;
    pair_path(&stranger, "203.0.113.77", 9);
    unsigned answers = pair->server.sent_datagrams;
    int64_t start_us = dc_clock_now_us();
    for (unsigned i = 0; i < rounds; i++) {
        uint8_t data[64];
        seed = seed * 1103515245u + 12345u;
        size_t size_bytes = seed >> 8 & 63;
        fill(data, size_bytes, seed);
        uint8_t *exact = malloc(size_bytes ? size_bytes : 1);
        memcpy(exact, data, size_bytes);
        dc_webrtc_peer_receive(pair->server.peer, i % 2 ? &stranger : &pair->client.path, exact, size_bytes, start_us);
        free(exact);
    }
    int64_t took_us = dc_clock_now_us() - start_us;
    print_message("%.2f us a datagram of garbage\n", (double)took_us / rounds);
    assert_true(pair->server.sent_datagrams - answers < 10);
    assert_int_equal(pair->server.closed, 0);
    exchange_messages(pair);
    pair_destroy(pair);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connects),
        cmocka_unit_test(test_refuses_configuration),
        cmocka_unit_test(test_channels_open),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_messages_through_loss),
        cmocka_unit_test(test_connects_through_loss),
        cmocka_unit_test(test_too_long_messages_are_refused),
        cmocka_unit_test(test_a_message_beyond_the_limit_ends_the_session),
        cmocka_unit_test(test_backlog_is_bounded),
        cmocka_unit_test(test_media),
        cmocka_unit_test(test_media_is_not_replayed_or_forged),
        cmocka_unit_test(test_wrong_server_is_refused),
        cmocka_unit_test(test_wrong_client_is_refused),
        cmocka_unit_test(test_wrong_password_is_ignored),
        cmocka_unit_test(test_path_change),
        cmocka_unit_test(test_path_set_by_client),
        cmocka_unit_test(test_outage),
        cmocka_unit_test(test_goodbye),
        cmocka_unit_test(test_silence_ends_the_session),
        cmocka_unit_test(test_garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
