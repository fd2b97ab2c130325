/* Every byte of the media layouts, written out. docs/protocol.md draws the same. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <protocol/rtp/frame_extension.h>
#include <protocol/rtp/h264_packetizer.h>
#include <protocol/rtp/opus_payload.h>
#include <protocol/rtp/rtp.h>
#include <protocol/rtp/stream_framing.h>

struct collected {
    uint8_t packets[8][1200];
    size_t sizes[8];
    size_t send_time_offsets[8];
    unsigned count;
};

static void
collect(void *user, const uint8_t *packet, size_t size_bytes, size_t send_time_offset)
{
    struct collected *c = user;
    assert_true(c->count < 8 && size_bytes <= 1200);
    memcpy(c->packets[c->count], packet, size_bytes);
    c->sizes[c->count] = size_bytes;
    c->send_time_offsets[c->count++] = send_time_offset;
}

static const struct dc_h264_packetizer packetizer_template = {
    .ssrc = 0x11223344, .payload_type = 96, .sequence = 0xfffe, .max_packet_bytes = 1200,
};

static struct dc_packet
video_packet(const uint8_t *data, size_t size_bytes)
{
    return (struct dc_packet){
        .kind = DC_PACKET_VIDEO_H264, .keyframe = true, .timestamp = 0x1a2b3c4d5, .data = data, .size_bytes = size_bytes,
        .meta = { .frame_id = 0x0102030405060708, .input_id_count = 2, .input_ids = { 7, 0x100 },
                  .times = { .first_command_us = 1000000, .swap_us = 1000010, .present_us = 1000020,
                             .execute_us = 2000005, .convert_us = 2000000, .encode_us = 0 } },
    };
}

static const uint8_t first_extension[] = {
    0x10, 0x00, // profile: RFC 8285 two-byte header
    0x00, 0x12, // length: 18 words
    0x01, 9,    // element 1, frame
    0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, // frame id
    0x01,       // flags: key frame
    0x02, 16,   // element 2, input ids
    0, 0, 0, 0, 0, 0, 0, 7,
    0, 0, 0, 0, 0, 0, 1, 0,
    0x03, 40,   // element 3, times
    0, 0, 0, 0, 0x00, 0x0f, 0x42, 0x40, // base of the instance: 1,000,000 µs
    0, 0, 0, 0,                         // first command: + 0
    0, 0, 0, 10,                        // swap: + 10
    0, 0, 0, 20,                        // present: + 20
    0, 0, 0, 0, 0x00, 0x1e, 0x84, 0x80, // base of the worker: 2,000,000 µs
    0, 0, 0, 5,                         // execute: + 5
    0, 0, 0, 0,                         // convert: + 0
    0xff, 0xff, 0xff, 0xff,             // encode: not passed
};

static void
test_parameter_sets_and_slice(void **state)
{
    static const uint8_t unit[] = {
        0, 0, 0, 1, 0x67, 0x42, 0xc0, // SPS
        0, 0, 0, 1, 0x68, 0xce,       // PPS
        0, 0, 1, 0x65, 0x88, 0x80,    // IDR slice, short start code
    };
    static const uint8_t header_1[] = {
        0x90,                   // version 2, extension
        0x60,                   // no marker, payload type 96
        0xff, 0xfe,             // sequence
        0xa2, 0xb3, 0xc4, 0xd5, // timestamp: the low 32 bits
        0x11, 0x22, 0x33, 0x44, // SSRC
    };
    static const uint8_t stap_a[] = {
        0x78,                   // F 0, NRI 3, type 24
        0x00, 0x03, 0x67, 0x42, 0xc0,
        0x00, 0x02, 0x68, 0xce,
    };
    static const uint8_t packet_2[] = {
        0x90,
        0xe0,                   // marker: the access unit ends here
        0xff, 0xff,             // sequence
        0xa2, 0xb3, 0xc4, 0xd5,
        0x11, 0x22, 0x33, 0x44,
        0x10, 0x00, 0x00, 0x03, // extension of 3 words
        0x04, 8,                // element 4, send time
        0, 0, 0, 0, 0, 0, 0, 0, // written when the packet leaves
        0, 0,                   // padding
        0x65, 0x88, 0x80,       // single NAL unit
    };
    struct collected c = { .count = 0 };
    struct dc_h264_packetizer packetizer = packetizer_template;
    struct dc_packet packet = video_packet(unit, sizeof(unit));
    assert_true(dc_h264_packetizer_push(&packetizer, &packet, collect, &c));
    assert_int_equal(c.count, 2);
    // 9 + 2, 16 + 2, 40 + 2 bytes of elements are 71, and one of padding.
    size_t extension_bytes = 4 + 72;
    assert_int_equal(sizeof(first_extension), extension_bytes - 1);
    assert_int_equal(c.sizes[0], sizeof(header_1) + extension_bytes + sizeof(stap_a));
    assert_memory_equal(c.packets[0], header_1, sizeof(header_1));
    assert_memory_equal(c.packets[0] + 12, first_extension, sizeof(first_extension));
    assert_int_equal(c.packets[0][12 + sizeof(first_extension)], 0);
    assert_memory_equal(c.packets[0] + 12 + extension_bytes, stap_a, sizeof(stap_a));
    assert_int_equal(c.send_time_offsets[0], 0);
    assert_int_equal(c.sizes[1], sizeof(packet_2));
    assert_memory_equal(c.packets[1], packet_2, sizeof(packet_2));
    assert_int_equal(c.send_time_offsets[1], 18);
    assert_int_equal(packetizer.sequence, 0);
}

static void
test_send_time(void **state)
{
    static const uint8_t expected[8] = { 0, 0, 0, 0x02, 0xdf, 0xdc, 0x1c, 0x35 };
    uint8_t bytes[8];
    dc_frame_extension_put_send_time(bytes, 12345678901);
    assert_memory_equal(bytes, expected, 8);
}

static void
test_fragments(void **state)
{
    static uint8_t unit[3 + 1300];
    struct collected c = { .count = 0 };
    struct dc_h264_packetizer packetizer = packetizer_template;
    unit[2] = 1;
    unit[3] = 0x41; // NRI 2, non-IDR slice
    for (size_t i = 4; i < sizeof(unit); i++)
        unit[i] = (uint8_t)(i | 1);
    struct dc_packet packet = video_packet(unit, sizeof(unit));
    assert_true(dc_h264_packetizer_push(&packetizer, &packet, collect, &c));
    assert_int_equal(c.count, 2);
    size_t first = 12 + 4 + 72; // header and extension of the first packet
    assert_int_equal(c.packets[0][first], 0x5c);     // F 0, NRI 2, type 28: FU-A
    assert_int_equal(c.packets[0][first + 1], 0x81); // start, type 1
    assert_int_equal(c.packets[0][first + 2], unit[4]);
    assert_int_equal(c.packets[1][28], 0x5c);
    assert_int_equal(c.packets[1][29], 0x41); // end, type 1
    assert_int_equal(c.sizes[0] - first - 2 + c.sizes[1] - 30, 1299); // the unit without its first byte
    assert_int_equal(c.packets[1][c.sizes[1] - 1], unit[sizeof(unit) - 1]);
}

static void
test_opus(void **state)
{
    static const uint8_t expected[] = {
        0x80,                   // version 2
        0xe1,                   // marker: the first after a pause; payload type 97
        0x00, 0x05,             // sequence
        0x00, 0x00, 0x03, 0xc0, // timestamp, 48 kHz
        0xaa, 0xbb, 0xcc, 0xdd, // SSRC
        0xf4, 1, 2, 3,          // the Opus packet
    };
    static const uint8_t opus[] = { 0xf4, 1, 2, 3 };
    struct dc_opus_packetizer packetizer = { .ssrc = 0xaabbccdd, .payload_type = 97, .sequence = 5 };
    struct dc_packet packet = { .kind = DC_PACKET_AUDIO_OPUS, .timestamp = 960, .duration = 480, .data = opus,
                                .size_bytes = sizeof(opus) };
    uint8_t out[64];
    assert_int_equal(dc_opus_packetizer_push(&packetizer, &packet, out, sizeof(out)), sizeof(expected));
    assert_memory_equal(out, expected, sizeof(expected));
    packet.timestamp = 1440; // goes on where the last one ended
    assert_int_equal(dc_opus_packetizer_push(&packetizer, &packet, out, sizeof(out)), sizeof(expected));
    assert_int_equal(out[1], 0x61);
    packet.timestamp = 48000; // after a pause
    assert_int_equal(dc_opus_packetizer_push(&packetizer, &packet, out, sizeof(out)), sizeof(expected));
    assert_int_equal(out[1], 0xe1);
    assert_int_equal(dc_opus_duration(opus, sizeof(opus)), 480); // configuration 30: 10 ms, one frame
}

static void
test_stream_framing(void **state)
{
    static const uint8_t stream[] = {
        0x00, 0x03, 0x00, 0x0a, 0x0b, // three bytes, channel 0
        0x00, 0x01, 0x80,             // one byte
        0x00, 0x02, 0x01,             // two bytes, of which one is still to come
    };
    struct dc_stream_reader reader;
    const uint8_t *frame;
    size_t size_bytes;
    assert_true(dc_stream_reader_init(&reader, 4096));
    for (size_t i = 0; i < 4; i++) { // byte by byte
        uint8_t *room = dc_stream_reader_room(&reader, &size_bytes);
        room[0] = stream[i];
        dc_stream_reader_commit(&reader, 1);
        assert_false(dc_stream_reader_pull(&reader, &frame, &size_bytes));
    }
    memcpy(dc_stream_reader_room(&reader, &size_bytes), stream + 4, sizeof(stream) - 4);
    dc_stream_reader_commit(&reader, sizeof(stream) - 4);
    assert_true(dc_stream_reader_pull(&reader, &frame, &size_bytes));
    assert_int_equal(size_bytes, 3);
    assert_memory_equal(frame, stream + 2, 3);
    assert_true(dc_stream_reader_pull(&reader, &frame, &size_bytes));
    assert_int_equal(size_bytes, 1);
    assert_int_equal(frame[0], 0x80);
    assert_false(dc_stream_reader_pull(&reader, &frame, &size_bytes));
    assert_false(reader.failed);
    dc_stream_reader_finish(&reader);
}

static void
test_header_with_everything(void **state)
{
    static const uint8_t bytes[] = {
        0xb2,                   // version 2, padding, extension, 2 CSRCs
        0xe0, 0x12, 0x34,       // marker, 96, sequence
        0, 0, 0, 1, 0, 0, 0, 2, // timestamp, SSRC
        0, 0, 0, 3, 0, 0, 0, 4, // CSRCs
        0xbe, 0xde, 0x00, 0x01, 0x10, 0x01, 0, 0, // somebody else's one-byte extension
        0x41, 0x9a,             // payload
        0, 0, 3,                // padding of three
    };
    struct dc_rtp_packet packet;
    assert_true(dc_rtp_unpack(bytes, sizeof(bytes), &packet));
    assert_true(packet.marker && packet.has_extension);
    assert_int_equal(packet.sequence, 0x1234);
    assert_int_equal(packet.timestamp, 1);
    assert_int_equal(packet.ssrc, 2);
    assert_int_equal(packet.extension_profile, 0xbede);
    assert_int_equal(packet.extension_bytes, 4);
    assert_int_equal(packet.payload_bytes, 2);
    assert_int_equal(packet.payload[0], 0x41);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameter_sets_and_slice), cmocka_unit_test(test_send_time),
        cmocka_unit_test(test_fragments),                cmocka_unit_test(test_opus),
        cmocka_unit_test(test_stream_framing),           cmocka_unit_test(test_header_with_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
