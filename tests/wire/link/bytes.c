/* Bytes of the link, written out. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <protocol/link/bulk_codec.h>
#include <protocol/link/channel.h>
#include <protocol/link/command_codec.h>
#include <protocol/link/frontend_socket.h>
#include <protocol/link/packet_wire.h>
#include <protocol/link/replication.h>
#include <protocol/link/ring.h>

static const uint8_t packet_bytes[] = {
    1,                                              // kind: H.264
    1,                                              // keyframe
    2,                                              // number of input ids
    0,                                              // reserved
    0xdc, 5, 0, 0,                                  // duration: 1500 / 90 kHz
    0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe, // timestamp
    42, 0, 0, 0, 0, 0, 0, 0,                        // frame_id
    40, 0, 0, 0, 0, 0, 0, 0,                        // reference_id
    1, 0, 0, 0, 0, 0, 0, 0,                         // first_command_us
    2, 0, 0, 0, 0, 0, 0, 0,                         // swap_us
    3, 0, 0, 0, 0, 0, 0, 0,                         // present_us
    4, 0, 0, 0, 0, 0, 0, 0,                         // execute_us
    5, 0, 0, 0, 0, 0, 0, 0,                         // convert_us
    6, 0, 0, 0, 0, 0, 0, 0,                         // encode_us
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, // send_us: -1
    7, 0, 0, 0, 0, 0, 0, 0,                         // input id
    8, 1, 0, 0, 0, 0, 0, 0,                         // input id
    0, 0, 0, 1, 0x65,                               // data: Annex B
};

static void
test_packet_packs(void **state)
{
    struct dc_packet p = {
        .kind = DC_PACKET_VIDEO_H264, .keyframe = true, .duration = 1500, .timestamp = 0xfedcba9876543210u,
        .meta = { .frame_id = 42, .reference_id = 40, .input_id_count = 2, .input_ids = { 7, 0x108 },
                  .times = { 1, 2, 3, 4, 5, 6, -1 } },
    };
    struct dc_writer w;
    dc_writer_init(&w);
    dc_packet_pack(&w, &p);
    assert_int_equal(w.size_bytes, sizeof(packet_bytes) - 5);
    assert_memory_equal(w.data, packet_bytes, w.size_bytes);
    dc_writer_finish(&w);
}

static void
test_packet_unpacks(void **state)
{
    struct dc_packet p;
    assert_true(dc_packet_unpack(packet_bytes, sizeof(packet_bytes), &p));
    assert_int_equal(p.kind, DC_PACKET_VIDEO_H264);
    assert_true(p.keyframe);
    assert_int_equal(p.duration, 1500);
    assert_int_equal(p.timestamp, 0xfedcba9876543210u);
    assert_int_equal(p.meta.frame_id, 42);
    assert_int_equal(p.meta.reference_id, 40);
    assert_int_equal(p.meta.times.first_command_us, 1);
    assert_int_equal(p.meta.times.encode_us, 6);
    assert_int_equal(p.meta.times.send_us, -1);
    assert_int_equal(p.meta.input_id_count, 2);
    assert_int_equal(p.meta.input_ids[1], 0x108);
    assert_int_equal(p.size_bytes, 5);
    assert_ptr_equal(p.data, packet_bytes + sizeof(packet_bytes) - 5);
}

static void
test_malformed_packets(void **state)
{
    struct dc_packet p;
    for (size_t size = 0; size < sizeof(packet_bytes) - 5; size++)
        assert_false(dc_packet_unpack(packet_bytes, size, &p));
    uint8_t bad[sizeof(packet_bytes)];
    memcpy(bad, packet_bytes, sizeof(bad));
    bad[0] = 3; // unknown kind
    assert_false(dc_packet_unpack(bad, sizeof(bad), &p));
    bad[0] = 1;
    bad[1] = 2; // not a bool
    assert_false(dc_packet_unpack(bad, sizeof(bad), &p));
    bad[1] = 1;
    bad[2] = 17; // more input ids than a frame may have
    assert_false(dc_packet_unpack(bad, sizeof(bad), &p));
}

static bool
ignore(void *user, struct dc_channel_message *message)
{
    return true;
}

static void
test_channel_frame(void **state)
{
    static const uint8_t expected[] = {
        5, 0, 0, 0,              // size of the payload
        16, 0,                   // type: DC_LINK_RING_CMD
        1, 0,                    // flags; no descriptors in bits 12-15
        'h', 'e', 'a', 'd', 'b', // payload
    };
    static const struct dc_channel_listener listener = { .handle_message = ignore };
    uint8_t got[32];
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    struct dc_channel *channel = dc_channel_create(fds[0], &listener, NULL);
    assert_int_equal(dc_channel_send2(channel, DC_LINK_RING_CMD, 0xf001, "head", 4, "b", 1), 0);
    assert_int_equal(read(fds[1], got, sizeof(got)), sizeof(expected));
    assert_memory_equal(got, expected, sizeof(expected));
    assert_int_equal(dc_channel_send(channel, DC_LINK_CONTROL, 0, NULL, 0, (int[]){ 0, 0 }, 2), 0);
    assert_int_equal(read(fds[1], got, sizeof(got)), 8);
    assert_int_equal(got[7], 0x20); // two descriptors
    dc_channel_destroy(channel);
    close(fds[1]);
}

static void
test_replication(void **state)
{
    static const uint8_t expected[] = {
        20, 0, 0, 0,              // size of the payload
        16, 0,                    // type: DC_LINK_RING_CMD
        1, 0,                     // flags: more
        7, 0, 0, 0,               // ring_id
        0, 0, 0, 0,               // reserved
        0, 0, 0, 0, 1, 0, 0, 0,   // position: 4 GiB
        'd', 'a', 't', 'a',       // bytes of the ring
        24, 0, 0, 0,              // size of the payload
        20, 0,                    // type: DC_LINK_RING_STATE
        0, 0,                     // flags
        7, 0, 0, 0,               // ring_id
        1, 0, 0, 0,               // state: closed
        0x78, 0x56, 0x34, 0x12, 0, 0, 0, 0, // cmd_head
        9, 0, 0, 0, 0, 0, 0, 0,   // bulk_head
    };
    static const struct dc_channel_listener listener = { .handle_message = ignore };
    const struct dc_replication_ack closed = { .ring_id = 7, .state = DC_RING_CLOSED, .first = 0x12345678, .second = 9 };
    uint8_t got[128];
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    struct dc_channel *channel = dc_channel_create(fds[0], &listener, NULL);
    const uint8_t *data = (const uint8_t *)"data";
    assert_int_equal(dc_replication_send_data(channel, DC_LINK_RING_CMD, 7, 1ull << 32, data, 4, true), 0);
    assert_int_equal(dc_replication_send_ack(channel, DC_LINK_RING_STATE, &closed), 0);
    assert_int_equal(recv(fds[1], got, sizeof(got), 0), sizeof(expected));
    assert_memory_equal(got, expected, sizeof(expected));

    struct dc_replication_data d;
    struct dc_replication_ack a;
    struct dc_channel_message m = { .type = 16, .flags = 1, .payload = expected + 8, .size_bytes = 20 };
    assert_true(dc_replication_unpack_data(&m, &d));
    assert_int_equal(d.ring_id, 7);
    assert_int_equal(d.position, 1ull << 32);
    assert_int_equal(d.size_bytes, 4);
    assert_true(d.more);
    m.size_bytes = 16; // no bytes
    assert_false(dc_replication_unpack_data(&m, &d));
    m = (struct dc_channel_message){ .type = 16, .flags = 4, .payload = expected + 8, .size_bytes = 20 };
    assert_false(dc_replication_unpack_data(&m, &d)); // unknown flag
    m = (struct dc_channel_message){ .type = 18, .flags = 2, .payload = expected + 8, .size_bytes = 20 };
    assert_false(dc_replication_unpack_data(&m, &d)); // only commands are packed
    m = (struct dc_channel_message){ .type = 20, .payload = expected + 36, .size_bytes = 24 };
    assert_true(dc_replication_unpack_ack(&m, &a));
    assert_memory_equal(&a, &closed, sizeof(a));
    m.size_bytes = 23;
    assert_false(dc_replication_unpack_ack(&m, &a));
    dc_channel_destroy(channel);
    close(fds[1]);
}

static void
test_packed_commands(void **state)
{
    static const uint8_t expected[] = {
        31, 0, 0, 0,              // size of the payload
        16, 0,                    // type: DC_LINK_RING_CMD
        2, 0,                     // flags: packed, nothing follows
        7, 0, 0, 0,               // ring_id
        0, 0, 0, 0,               // reserved
        8, 0, 0, 0, 0, 0, 0, 0,   // position
        80, 0, 0, 0,              // raw size
        0x1f,                     // LZ4: a literal, a match of 19 and more bytes
        'a', 1, 0,                // the literal; distance 1
        55,                       // 55 more: 74 of the match
        0x50, 'a', 'a', 'a', 'a', 'a', // the last five are literals
    };
    static const struct dc_channel_listener listener = { .handle_message = ignore };
    uint8_t got[128], raw[80];
    int fds[2];
    memset(raw, 'a', sizeof(raw));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    struct dc_channel *channel = dc_channel_create(fds[0], &listener, NULL);
    struct dc_command_packer *packer = dc_command_packer_create();
    size_t packed_bytes;
    bool is_packed;
    const uint8_t *packed = dc_command_pack(packer, raw, sizeof(raw), &packed_bytes, &is_packed);
    assert_true(is_packed);
    assert_int_equal(dc_replication_send_commands(channel, 7, 8, packed, packed_bytes, false, is_packed), 0);
    assert_int_equal(recv(fds[1], got, sizeof(got), 0), sizeof(expected));
    assert_memory_equal(got, expected, sizeof(expected));
    struct dc_replication_data d;
    struct dc_channel_message m = { .type = 16, .flags = 2, .payload = expected + 8, .size_bytes = 31 };
    assert_true(dc_replication_unpack_data(&m, &d));
    assert_true(d.is_packed);
    dc_command_packer_destroy(packer);
    dc_channel_destroy(channel);
    close(fds[1]);
}

static void
expect_sent(int fd, const uint8_t *expected, size_t size_bytes)
{
    static uint8_t got[256];
    assert_int_equal(recv(fd, got, sizeof(got), 0), size_bytes);
    assert_memory_equal(got, expected, size_bytes);
}

static void
test_chunks(void **state)
{
    static const uint8_t kept[] = {
        63, 0, 0, 0,             // size of the payload
        17, 0,                   // type: DC_LINK_RING_BULK
        12, 0,                   // flags: zstd, keep
        7, 0, 0, 0,              // ring_id
        0, 0, 0, 0,              // reserved
        64, 0, 0, 0, 0, 0, 0, 0, // position
        1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // SHA-256 (made up)
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 32, 0, 0,             // raw size: 8192
        'f', 'r', 'a', 'm', 'e', 0, 0, 0, 0, 0, 0, // the zstd frame
    };
    static const uint8_t reference[] = {
        88, 0, 0, 0,             // size of the payload
        24, 0,                   // type: DC_LINK_BULK_REF
        0, 0,                    // flags
        7, 0, 0, 0,              // ring_id
        0, 0, 0, 0,              // reserved
        64, 0, 0, 0, 0, 0, 0, 0, // position
        1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // SHA-256
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 32, 0, 0,             // raw size: 8192
        4, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // the next one's
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 1, 0,              // 65536
    };
    static const struct dc_channel_listener listener = { .handle_message = ignore };
    const struct dc_digest digest = { { 1, 2, 3 } };
    struct dc_bulk_chunk c;
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    struct dc_channel *channel = dc_channel_create(fds[0], &listener, NULL);
    assert_int_equal(dc_bulk_send(channel, 7, 64, &digest, 8192, (const uint8_t *)"frame\0\0\0\0\0", 11, true), 0);
    expect_sent(fds[1], kept, sizeof(kept));
    const struct dc_bulk_reference two[] = { { digest, 8192 }, { { { 4, 5, 6 } }, 65536 } };
    assert_int_equal(dc_bulk_send_references(channel, 7, 64, two, 2), 0);
    expect_sent(fds[1], reference, sizeof(reference));

    struct dc_channel_message m = { .type = 17, .flags = 12, .payload = kept + 8, .size_bytes = 63 };
    assert_true(dc_bulk_unpack_message(&m, &c));
    assert_true(c.is_packed && c.is_kept && !c.is_reference);
    assert_int_equal(c.position, 64);
    assert_int_equal(c.raw_bytes, 8192);
    assert_int_equal(c.size_bytes, 11);
    assert_memory_equal(&c.digest, &digest, sizeof(digest));
    for (size_t n = 0; n <= 52; n++) {
        m.size_bytes = n;
        assert_false(dc_bulk_unpack_message(&m, &c)); // no frame, or less
    }
    m = (struct dc_channel_message){ .type = 17, .flags = 8, .payload = kept + 8, .size_bytes = 63 };
    assert_false(dc_bulk_unpack_message(&m, &c)); // so small ones are not kept
    m.flags = 16;
    assert_false(dc_bulk_unpack_message(&m, &c)); // unknown flag
    m = (struct dc_channel_message){ .type = 24, .payload = reference + 8, .size_bytes = 88 };
    assert_true(dc_bulk_unpack_message(&m, &c));
    assert_true(c.is_reference && c.position == 64 && c.raw_bytes == 8192);
    assert_memory_equal(&c.digest, &two[0].digest, sizeof(c.digest));
    assert_true(dc_bulk_next_reference(&c));
    assert_true(c.position == 64 + 8192 && c.raw_bytes == 65536);
    assert_memory_equal(&c.digest, &two[1].digest, sizeof(c.digest));
    assert_false(dc_bulk_next_reference(&c));
    m.flags = 8;
    assert_false(dc_bulk_unpack_message(&m, &c));
    m.flags = 0;
    for (size_t n = 0; n < 88; n++) {
        m.size_bytes = n;
        assert_int_equal(dc_bulk_unpack_message(&m, &c), n == 52); // whole ones only
    }
    m = (struct dc_channel_message){ .type = 24, .payload = kept + 8, .size_bytes = 63 };
    assert_false(dc_bulk_unpack_message(&m, &c)); // a reference with bytes
    static uint8_t many[16 + 257 * 36];
    for (size_t i = 0; i < 257; i++)
        many[16 + i * 36 + 33] = 32; // 8192
    m = (struct dc_channel_message){ .type = 24, .payload = many, .size_bytes = sizeof(many) };
    assert_false(dc_bulk_unpack_message(&m, &c));
    m.size_bytes -= 36;
    assert_true(dc_bulk_unpack_message(&m, &c));
    many[16 + 255 * 36 + 34] = 2; // the last one is too long
    assert_false(dc_bulk_unpack_message(&m, &c));
    dc_channel_destroy(channel);
    close(fds[1]);
}

static void
test_store_messages(void **state)
{
    static const uint8_t expected[] = {
        8, 0, 0, 0, 25, 0, 0, 0, // DC_LINK_STORE_OPEN
        0, 0, 0, 16, 0, 0, 0, 0, // budget: 256 MiB
        8, 0, 0, 0, 27, 0, 0, 0, // DC_LINK_STORE_EVICT
        5, 0, 0, 0, 1, 0, 0, 0,  // epoch
        48, 0, 0, 0, 26, 0, 0, 0, // DC_LINK_STORE_HAVE
        5, 0, 0, 0, 1, 0, 0, 0,  // epoch
        1, 0, 0, 0, 0, 0, 0, 0,  // one digest; reserved
        9, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    };
    static const struct dc_channel_listener listener = { .handle_message = ignore };
    const struct dc_digest digest = { { 9, 8, 7 } }, *digests;
    uint64_t number;
    uint32_t count;
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    struct dc_channel *channel = dc_channel_create(fds[0], &listener, NULL);
    assert_int_equal(dc_store_send_open(channel, 256u << 20), 0);
    assert_int_equal(dc_store_send_evict(channel, 0x100000005), 0);
    assert_int_equal(dc_store_send_have(channel, 0x100000005, &digest, 1), 0);
    expect_sent(fds[1], expected, sizeof(expected));

    struct dc_channel_message m = { .type = 27, .payload = expected + 24, .size_bytes = 8 };
    assert_true(dc_store_unpack_number(&m, &number));
    assert_int_equal(number, 0x100000005);
    m.size_bytes = 7;
    assert_false(dc_store_unpack_number(&m, &number));
    uint8_t copy[48];
    memcpy(copy, expected + 40, sizeof(copy));
    m = (struct dc_channel_message){ .type = 26, .payload = copy, .size_bytes = 48 };
    assert_true(dc_store_unpack_have(&m, &number, &digests, &count));
    assert_int_equal(count, 1);
    assert_memory_equal(digests, &digest, sizeof(digest));
    copy[8] = 2; // more than there are
    assert_false(dc_store_unpack_have(&m, &number, &digests, &count));
    copy[8] = 1;
    memset(copy, 0, 8); // no epoch
    assert_false(dc_store_unpack_have(&m, &number, &digests, &count));
    memset(copy + 8, 0xff, 4);
    assert_false(dc_store_unpack_have(&m, &number, &digests, &count));
    dc_channel_destroy(channel);
    close(fds[1]);
}

// Other processes of other builds map this page and read these structures.
static void
test_layouts(void **state)
{
    assert_int_equal(offsetof(struct dc_ring_shared, geometry), 8);
    assert_int_equal(offsetof(struct dc_ring_shared, epoch), 20);
    assert_int_equal(offsetof(struct dc_ring_shared, state), 24);
    assert_int_equal(offsetof(struct dc_ring_shared, cmd_head), 64);
    assert_int_equal(offsetof(struct dc_ring_shared, bulk_head), 72);
    assert_int_equal(offsetof(struct dc_ring_shared, reply_tail), 80);
    assert_int_equal(offsetof(struct dc_ring_shared, frontend_waiters), 88);
    assert_int_equal(offsetof(struct dc_ring_shared, cmd_tail), 128);
    assert_int_equal(offsetof(struct dc_ring_shared, bulk_tail), 136);
    assert_int_equal(offsetof(struct dc_ring_shared, reply_head), 144);
    assert_int_equal(offsetof(struct dc_ring_shared, frontend_wake), 152);
    assert_int_equal(offsetof(struct dc_ring_shared, cmd_consumer_sleeping), 156);
    assert_int_equal(offsetof(struct dc_ring_shared, input_id), 192);
    assert_int_equal(offsetof(struct dc_ring_shared, link_rtt_us), 200);
    assert_int_equal(offsetof(struct dc_ring_shared, app_paced), 204);
    assert_int_equal(offsetof(struct dc_ring_shared, round_trips), 256);
    assert_int_equal(sizeof(struct dc_batch_header), 16);
    assert_int_equal(offsetof(struct dc_batch_header, bulk_end), 8);
    assert_int_equal(sizeof(struct dc_reply_header), 16);
    assert_int_equal(offsetof(struct dc_reply_header, serial), 8);
    assert_int_equal(sizeof(struct dc_frontend_hello), 32);
    assert_int_equal(sizeof(struct dc_frontend_welcome), 160);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packet_packs),     cmocka_unit_test(test_packet_unpacks),
        cmocka_unit_test(test_malformed_packets), cmocka_unit_test(test_channel_frame),
        cmocka_unit_test(test_replication),      cmocka_unit_test(test_packed_commands),
        cmocka_unit_test(test_chunks),           cmocka_unit_test(test_store_messages),
        cmocka_unit_test(test_layouts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
