/* A peer that speaks TLS and talks nonsense, or no TLS at all: it ends, and nobody else. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <common/clock.h>
#include <protocol/link/bulk_codec.h>
#include <protocol/link/replication.h>
#include <protocol/link/tls.h>
#include "rig.h"

static struct rig rig;
static const struct dc_ring_geometry small = { .cmd_bytes = 8192, .bulk_bytes = 65536, .reply_bytes = 8192 };

static int
setup(void **state)
{
    rig_start(&rig);
    return 0;
}

static int
teardown(void **state)
{
    rig_finish(&rig);
    return 0;
}

struct raw {
    struct dc_tls_context *context;
    struct dc_channel *a, *b;
    uint8_t token[64];
    size_t token_bytes;
    int answers;
};

static bool
raw_message(void *user, struct dc_channel_message *message)
{
    struct raw *raw = user;
    Dc__Render__FromWorker *m = NULL;
    if (message->type == DC_LINK_CONTROL)
        m = dc__render__from_worker__unpack(NULL, message->size_bytes, message->payload);
    if (m && m->body_case == DC__RENDER__FROM_WORKER__BODY_ADMITTED) {
        raw->answers++;
        raw->token_bytes = m->admitted->bulk_token.len;
        if (raw->token_bytes)
            memcpy(raw->token, m->admitted->bulk_token.data, raw->token_bytes);
    }
    if (m)
        dc__render__from_worker__free_unpacked(m, NULL);
    return true;
}

static int
raw_socket(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(rig.tcp_port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    return fd;
}

static struct dc_channel *
raw_open(struct raw *raw, struct dc_tls **tls)
{
    static const struct dc_channel_listener listener = { .handle_message = raw_message };
    int fd = raw_socket();
    *tls = dc_tls_create(raw->context, fd, "127.0.0.1");
    assert_int_equal(dc_tls_handshake(*tls, 5000, -1), 0);
    return dc_channel_create_over(fd, &dc_tls_transport, *tls, &listener, raw);
}

static void
raw_context(struct raw *raw)
{
    char ca[128], cert[128], key[128];
    snprintf(ca, sizeof(ca), "%s/ca.pem", rig.dir);
    snprintf(cert, sizeof(cert), "%s/demo.pem", rig.dir);
    snprintf(key, sizeof(key), "%s/demo.key", rig.dir);
    const struct dc_tls_config config = { .ca_file = ca, .cert_file = cert, .key_file = key };
    *raw = (struct raw){ .context = dc_tls_context_create(&config) };
    assert_non_null(raw->context);
}

static void
raw_send(struct dc_channel *channel, Dc__Render__ToWorker *m)
{
    uint8_t bytes[1024];
    dc_channel_send(channel, DC_LINK_CONTROL, 0, bytes, dc__render__to_worker__pack(m, bytes), NULL, 0);
}

static void
raw_admit(struct raw *raw, struct dc_channel *channel, bool bulk)
{
    uint8_t capability[RIG_CAPABILITY_BYTES];
    Dc__Render__Admit admit = DC__RENDER__ADMIT__INIT;
    Dc__Render__ToWorker m = DC__RENDER__TO_WORKER__INIT;
    m.body_case = DC__RENDER__TO_WORKER__BODY_ADMIT;
    m.admit = &admit;
    admit.version = 1;
    admit.instance = (char *)"demo";
    admit.capability = (ProtobufCBinaryData){ .len = rig_capability("demo", capability), .data = capability };
    if (bulk) {
        admit.capability.len = 0;
        admit.bulk_token = (ProtobufCBinaryData){ .len = raw->token_bytes, .data = raw->token };
    }
    raw_send(channel, &m);
    int wanted = raw->answers + 1;
    int64_t end_us = dc_clock_now_us() + 5000000;
    while (raw->answers < wanted && dc_clock_now_us() < end_us) {
        struct pollfd p = { .fd = dc_channel_fd(channel), .events = POLLIN };
        poll(&p, 1, 100);
        assert_int_equal(dc_channel_process(channel, POLLIN), 0);
    }
    assert_int_equal(raw->answers, wanted);
}

static void
raw_start(struct raw *raw)
{
    struct dc_tls *tls;
    raw_context(raw);
    raw->a = raw_open(raw, &tls);
    raw_admit(raw, raw->a, false);
    raw->b = raw_open(raw, &tls);
    raw_admit(raw, raw->b, true);
}

// Both connections are ended by the other side.
static void
expect_end(struct raw *raw)
{
    struct dc_channel *channels[2] = { raw->a, raw->b };
    for (int i = 0; i < 2; i++) {
        int error = 0;
        int64_t end_us = dc_clock_now_us() + 5000000;
        while (channels[i] && !error && dc_clock_now_us() < end_us) {
            struct pollfd p = { .fd = dc_channel_fd(channels[i]), .events = POLLIN };
            poll(&p, 1, 100);
            error = dc_channel_process(channels[i], POLLIN);
        }
        assert_true(!channels[i] || error == -EPIPE || error == -ECONNRESET);
        dc_channel_destroy(channels[i]);
    }
    dc_tls_context_destroy(raw->context);
}

static void
raw_attach(struct raw *raw, uint32_t ring_id, uint32_t cmd_bytes)
{
    Dc__Render__RingAttach attach = DC__RENDER__RING_ATTACH__INIT;
    Dc__Render__ToWorker m = DC__RENDER__TO_WORKER__INIT;
    m.body_case = DC__RENDER__TO_WORKER__BODY_RING_ATTACH;
    m.ring_attach = &attach;
    attach.ring_id = ring_id;
    attach.cmd_bytes = cmd_bytes;
    attach.bulk_bytes = attach.reply_bytes = 4096;
    raw_send(raw->a, &m);
}

static const uint8_t bytes_4096[8192];

static void nonsense_type(struct raw *r) { dc_channel_send(r->a, 77, 0, "x", 1, NULL, 0); }
static void nonsense_control(struct raw *r) { dc_channel_send(r->a, DC_LINK_CONTROL, 0, "\377\377\377", 3, NULL, 0); }
static void nonsense_pcm(struct raw *r)
{
    static uint8_t pcm[100000];
    dc_channel_send(r->a, DC_LINK_PCM, 0, pcm, sizeof(pcm), NULL, 0);
}
static void nonsense_geometry(struct raw *r) { raw_attach(r, 1, 5000); }
static void nonsense_huge_geometry(struct raw *r) { raw_attach(r, 1, 1u << 30); }
static void nonsense_ring_zero(struct raw *r) { raw_attach(r, 0, 4096); }
static void nonsense_twice(struct raw *r) { raw_attach(r, 1, 4096), raw_attach(r, 1, 4096); }
static void nonsense_too_many(struct raw *r)
{
    for (uint32_t i = 1; i < 70; i++)
        raw_attach(r, i, 4096);
}
static void nonsense_no_ring(struct raw *r)
{
    dc_replication_send_data(r->a, DC_LINK_RING_CMD, 3, 0, bytes_4096, 8, false);
}
static void nonsense_position(struct raw *r)
{
    raw_attach(r, 1, 4096);
    dc_replication_send_data(r->a, DC_LINK_RING_CMD, 1, 8, bytes_4096, 8, false);
}
static void nonsense_overrun(struct raw *r)
{
    raw_attach(r, 1, 4096);
    dc_replication_send_data(r->a, DC_LINK_RING_CMD, 1, 0, bytes_4096, 4096, true);
    dc_replication_send_data(r->a, DC_LINK_RING_CMD, 1, 4096, bytes_4096, 8, false);
}
static void nonsense_bulk_overrun(struct raw *r)
{
    raw_attach(r, 1, 4096);
    usleep(50000);
    dc_replication_send_data(r->b, DC_LINK_RING_BULK, 1, 0, bytes_4096, 8192, false);
}
static void nonsense_bulk_control(struct raw *r) { dc_channel_send(r->b, DC_LINK_CONTROL, 0, "", 0, NULL, 0); }
static void nonsense_short_cmd(struct raw *r) { dc_channel_send(r->a, DC_LINK_RING_CMD, 0, bytes_4096, 16, NULL, 0); }
static void nonsense_ack(struct raw *r)
{
    const struct dc_replication_ack ack = { .ring_id = 1, .first = 8 };
    raw_attach(r, 1, 4096);
    dc_replication_send_ack(r->a, DC_LINK_RING_ACK, &ack);
}
static void nonsense_state(struct raw *r)
{
    const struct dc_replication_ack state = { .ring_id = 1, .state = DC_RING_CLOSED, .first = 8 };
    raw_attach(r, 1, 4096);
    dc_replication_send_ack(r->a, DC_LINK_RING_STATE, &state);
}
static void nonsense_packed(struct raw *r)
{
    static const uint8_t outside[25] = { 20, 0, 0, 0, 0x10, 'x', 2, 0, 0xf0, 0, 'a', 'b', 'c' };
    raw_attach(r, 1, 4096);
    dc_replication_send_commands(r->a, 1, 0, outside, sizeof(outside), false, true);
}
static void nonsense_packed_bomb(struct raw *r)
{
    static uint8_t bomb[300] = { 0, 0, 1, 0, 0x1f, 'x', 1, 0 }; // 64 KiB, into a ring of 4
    memset(bomb + 8, 0xff, sizeof(bomb) - 8);
    bomb[264] = 100, bomb[265] = 0x50;
    raw_attach(r, 1, 4096);
    dc_replication_send_commands(r->a, 1, 0, bomb, 271, true, true);
}
static void nonsense_packed_bulk(struct raw *r) { dc_channel_send(r->b, DC_LINK_RING_BULK, 2, bytes_4096, 40, NULL, 0); }
static void
send_chunk(struct raw *r, const struct dc_digest *digest, const void *bytes, size_t size_bytes, uint32_t raw_bytes,
           bool is_packed)
{
    raw_attach(r, 1, 4096);
    usleep(50000); // it goes over the other connection
    dc_bulk_send(r->b, 1, 0, digest, raw_bytes, bytes, size_bytes, is_packed);
}
static void
send_reference(struct raw *r, uint32_t raw_bytes)
{
    const struct dc_bulk_reference reference = { { { 4, 5, 6 } }, raw_bytes };
    raw_attach(r, 1, 4096);
    usleep(50000);
    dc_bulk_send_references(r->b, 1, 0, &reference, 1);
}
static void nonsense_digest(struct raw *r)
{
    static const struct dc_digest wrong = { { 1, 2, 3 } };
    send_chunk(r, &wrong, bytes_4096, 4096, 4096, false);
}
static void nonsense_reference(struct raw *r) { send_reference(r, 4096); }
static void nonsense_short_reference(struct raw *r) { dc_channel_send(r->b, DC_LINK_BULK_REF, 0, bytes_4096, 51, NULL, 0); }
static void nonsense_long_reference(struct raw *r) { send_reference(r, UINT32_MAX); }
static void nonsense_zstd(struct raw *r) { send_chunk(r, NULL, bytes_4096, 100, 4096, true); }
static void nonsense_zstd_size(struct raw *r)
{
    struct dc_bulk_codec *codec = dc_bulk_codec_create();
    size_t packed_bytes;
    const uint8_t *packed = dc_bulk_pack(codec, bytes_4096, 8192, &packed_bytes);
    send_chunk(r, NULL, packed, packed_bytes, 4096, true);
    dc_bulk_codec_destroy(codec);
}
static void nonsense_zstd_bomb(struct raw *r)
{
    // A frame of 128 MiB (window 128 MiB), one block of a repeated byte: what zstd can do with 17 bytes.
    static const uint8_t bomb[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x80, 0x88, 0, 0, 0, 8, 0x03, 0, 0x10, 0 };
    send_chunk(r, NULL, bomb, sizeof(bomb), 65536, true);
}
static void nonsense_budget(struct raw *r)
{
    struct dc_bulk_codec *codec = dc_bulk_codec_create();
    struct dc_digest digest;
    static uint8_t bytes[65536];
    raw_attach(r, 1, 4096);
    for (uint32_t i = 0; i <= 12u << 4; i++) { // one more than 12 MiB; of a ring that is lost on the way nobody speaks
        memcpy(bytes, &i, sizeof(i));
        dc_bulk_digest(codec, bytes, sizeof(bytes), &digest);
        dc_bulk_send(r->b, 7, 0, &digest, sizeof(bytes), bytes, sizeof(bytes), false);
        while (dc_channel_queued_bytes(r->b) && dc_channel_process(r->b, POLLOUT) == 0)
            ;
    }
    dc_bulk_codec_destroy(codec);
}
static void nonsense_eviction(struct raw *r) { dc_store_send_evict(r->b, 1); }
static void nonsense_inventory(struct raw *r) { dc_store_send_open(r->b, 1); }
static void nonsense_long_ack(struct raw *r) { dc_channel_send(r->a, DC_LINK_RING_ACK, 0, bytes_4096, 25, NULL, 0); }
static void nonsense_ring_close(struct raw *r)
{
    Dc__Render__RingClose close_ring = DC__RENDER__RING_CLOSE__INIT;
    Dc__Render__ToWorker m = DC__RENDER__TO_WORKER__INIT;
    m.body_case = DC__RENDER__TO_WORKER__BODY_RING_CLOSE;
    m.ring_close = &close_ring;
    raw_send(r->a, &m);
}

static void
test_nonsense_ends_only_its_own_link(void **state)
{
    static void (*const cases[])(struct raw *) = {
        nonsense_type,      nonsense_control,  nonsense_pcm,         nonsense_geometry,     nonsense_huge_geometry,
        nonsense_ring_zero, nonsense_twice,    nonsense_too_many,    nonsense_no_ring,      nonsense_position,
        nonsense_overrun,   nonsense_bulk_overrun, nonsense_bulk_control, nonsense_short_cmd, nonsense_ack,
        nonsense_state,     nonsense_long_ack, nonsense_ring_close,  nonsense_packed,       nonsense_packed_bomb,
        nonsense_packed_bulk, nonsense_digest, nonsense_reference, nonsense_short_reference, nonsense_long_reference,
        nonsense_zstd, nonsense_zstd_size, nonsense_zstd_bomb, nonsense_budget, nonsense_eviction, nonsense_inventory,
    };
    struct dc_ring ring;
    struct dc_link *bystander = rig_open(&rig, "tcp", "other");
    assert_int_equal(dc_ring_create(&ring, &small), 0);
    assert_int_equal(dc_link_attach_ring(bystander, 1, &ring, "bystander"), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct raw raw;
        raw_start(&raw);
        cases[i](&raw);
        expect_end(&raw);
        uint64_t hash;
        uint32_t sync[2] = { OP_SYNC, 3 };
        assert_true(rig_submit(&ring, sync, sizeof(sync)));
        assert_int_equal(rig_answer(&ring, 3, &hash, 8), 8);
    }
    assert_int_equal(rig.closed_count, 0);
    dc_link_destroy(bystander);
    dc_ring_finish(&ring);
}

/* What one tenant has sent does not exist for another, who names it, whatever he knows of it. */
static void
test_another_tenants_chunk_cannot_be_named(void **state)
{
    static uint8_t bytes[4096];
    struct dc_bulk_codec *codec = dc_bulk_codec_create();
    struct dc_digest digest;
    rig_pattern(bytes, sizeof(bytes), 99);
    assert_true(dc_bulk_digest(codec, bytes, sizeof(bytes), &digest));
    for (int i = 0; i < 3; i++) { // the owner keeps it, names it later, and then somebody else tries
        struct raw raw;
        rig_tenant = i < 2 ? "owner" : "thief";
        raw_start(&raw);
        raw_attach(&raw, 1, 4096);
        usleep(100000);
        if (i == 0) {
            assert_int_equal(dc_bulk_send(raw.b, 1, 0, &digest, 4096, bytes, 4096, false), 0);
            usleep(100000);
        } else {
            const struct dc_bulk_reference reference = { digest, 4096 };
            assert_int_equal(dc_bulk_send_references(raw.b, 1, 0, &reference, 1), 0);
        }
        struct pollfd p = { .fd = dc_channel_fd(raw.a), .events = POLLIN };
        int64_t end_us = dc_clock_now_us() + (i < 2 ? 500000 : 5000000);
        int error = 0;
        while (!error && dc_clock_now_us() < end_us) {
            poll(&p, 1, 100);
            error = dc_channel_process(raw.a, POLLIN);
        }
        assert_int_equal(error != 0, i == 2);
        dc_channel_destroy(raw.a);
        dc_channel_destroy(raw.b);
        dc_tls_context_destroy(raw.context);
        usleep(200000);
    }
    rig_tenant = NULL;
    dc_bulk_codec_destroy(codec);
}

static void
test_oversized_and_strange_first_messages(void **state)
{
    static uint8_t big[2000];
    for (int i = 0; i < 4; i++) {
        struct raw raw;
        struct dc_tls *tls;
        raw_context(&raw);
        raw.a = raw_open(&raw, &tls);
        if (i == 0)
            dc_channel_send(raw.a, DC_LINK_CONTROL, 0, big, sizeof(big), NULL, 0);
        else if (i == 1)
            dc_channel_send(raw.a, DC_LINK_PCM, 0, big, 8, NULL, 0);
        else if (i == 2)
            dc_channel_send(raw.a, DC_LINK_CONTROL, 0, big, 8, NULL, 0);
        else
            dc_tls_transport.send(tls, "\377\377\377\377\377\377\377\377", 8);
        expect_end(&raw);
    }
}

static void
test_peer_vanishes_in_a_message(void **state)
{
    struct raw raw;
    struct dc_tls *tls;
    raw_context(&raw);
    raw.a = raw_open(&raw, &tls);
    raw_admit(&raw, raw.a, false);
    const uint8_t header[12] = { 100, 0, 0, 0, DC_LINK_CONTROL }; // promises more than will come
    assert_int_equal(dc_tls_transport.send(tls, header, sizeof(header)), sizeof(header));
    usleep(20000);
    shutdown(dc_channel_fd(raw.a), SHUT_RDWR); // no goodbye
    dc_channel_destroy(raw.a);
    dc_tls_context_destroy(raw.context);
    usleep(100000); // rig_finish() sees whether anybody crashed over it
}

static void
test_without_tls(void **state)
{
    char byte;
    for (int i = 0; i < 3; i++) {
        int fd = raw_socket();
        const char *text = i == 0 ? "GET / HTTP/1.0\r\n\r\n" : "\026\003\001\002";
        assert_true(write(fd, text, strlen(text)) > 0);
        if (i == 2)
            shutdown(fd, SHUT_WR);
        struct pollfd p = { .fd = fd, .events = POLLIN };
        if (i != 1)
            assert_int_equal(poll(&p, 1, 5000), 1);
        if (i == 0) // an alert, then the end
            while (read(fd, &byte, 1) > 0)
                ;
        close(fd);
    }
    struct dc_link *link = rig_open(&rig, "tcp", "demo");
    rig_send_start(link);
    assert_true(rig_wait(link, &rig.hello_count, 1));
    dc_link_destroy(link);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nonsense_ends_only_its_own_link, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_tenants_chunk_cannot_be_named, setup, teardown),
        cmocka_unit_test_setup_teardown(test_oversized_and_strange_first_messages, setup, teardown),
        cmocka_unit_test_setup_teardown(test_peer_vanishes_in_a_message, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_tls, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
