#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <protocol/rtp/channel.h>
#include <protocol/rtp/fec_payload.h>
#include <protocol/rtp/frame_extension.h>
#include <protocol/rtp/rtx.h>
#include <protocol/rtp/sequence.h>
#include <protocol/rtp/transport_sequence.h>

static size_t
make_packet(uint8_t *out, bool with_extension, size_t *send_time_offset)
{
    static const uint8_t payload[] = "payload bytes";
    uint8_t extension[DC_FRAME_EXTENSION_MAX_BYTES];
    struct dc_frame_extension fields = { .has_frame = true, .has_send_time = true, .meta = { .frame_id = 7, .reference_id = 5 } };
    struct dc_rtp_packet packet = { .marker = true, .payload_type = 96, .sequence = 65535, .timestamp = 3, .ssrc = 4,
                                    .payload = payload, .payload_bytes = sizeof(payload) };
    if (with_extension) {
        packet.has_extension = true;
        packet.extension_profile = DC_FRAME_EXTENSION_PROFILE;
        packet.extension = extension;
        packet.extension_bytes = dc_frame_extension_pack(&fields, extension, send_time_offset);
        *send_time_offset += DC_RTP_HEADER_BYTES + 4;
    }
    return dc_rtp_pack(&packet, out, DC_RTP_MAX_PACKET_BYTES);
}

static void
test_number_is_put_replaced_and_stripped(void **state)
{
    for (unsigned with_extension = 0; with_extension < 2; with_extension++) {
        uint8_t before[DC_RTP_MAX_PACKET_BYTES], packet[DC_RTP_MAX_PACKET_BYTES];
        size_t send_time_offset, size_bytes = make_packet(before, with_extension, &send_time_offset), grown;
        struct dc_rtp_packet rtp;
        struct dc_frame_extension fields;
        uint16_t number;
        memcpy(packet, before, size_bytes);
        grown = size_bytes;
        assert_true(dc_transport_sequence_put(packet, &grown, sizeof(packet), 5, 0xabcd));
        assert_int_equal(grown, size_bytes + (with_extension ? 4 : 8));
        assert_true(dc_transport_sequence_put(packet, &grown, sizeof(packet), 5, 0x1234));
        assert_int_equal(grown, size_bytes + (with_extension ? 4 : 8));
        assert_true(dc_rtp_unpack(packet, grown, &rtp));
        assert_true(dc_transport_sequence_get(&rtp, 5, &number));
        assert_int_equal(number, 0x1234);
        assert_false(dc_transport_sequence_get(&rtp, 6, &number));
        assert_string_equal((const char *)rtp.payload, "payload bytes");
        assert_true(dc_frame_extension_unpack(rtp.extension_profile, rtp.extension, rtp.extension_bytes, &fields));
        assert_int_equal(fields.has_frame, with_extension);
        assert_int_equal(fields.meta.reference_id, with_extension ? 5 : 0);
        assert_int_equal(dc_transport_sequence_strip(packet, grown, 5), size_bytes);
        assert_memory_equal(packet, before, size_bytes);
    }
}

static void
test_number_needs_room(void **state)
{
    uint8_t packet[DC_RTP_MAX_PACKET_BYTES];
    size_t offset, size_bytes = make_packet(packet, false, &offset), same = size_bytes;
    assert_false(dc_transport_sequence_put(packet, &same, size_bytes + 7, 5, 1));
    assert_int_equal(same, size_bytes);
    assert_true(dc_transport_sequence_put(packet, &same, size_bytes + 8, 5, 1));
}

static void
test_rtx_round_trip(void **state)
{
    uint8_t packet[DC_RTP_MAX_PACKET_BYTES], rtx[DC_RTP_MAX_PACKET_BYTES], again[DC_RTP_MAX_PACKET_BYTES];
    size_t offset, size_bytes = make_packet(packet, true, &offset);
    size_t rtx_bytes = dc_rtx_pack(packet, size_bytes, 77, 98, 9, rtx, sizeof(rtx));
    struct dc_rtp_packet rtp;
    assert_int_equal(rtx_bytes, size_bytes + 2);
    assert_true(dc_rtp_unpack(rtx, rtx_bytes, &rtp));
    assert_int_equal(rtp.ssrc, 77);
    assert_int_equal(rtp.payload_type, 98);
    assert_int_equal(rtp.sequence, 9);
    assert_int_equal(rtp.timestamp, 3);
    assert_true(rtp.marker);
    assert_memory_equal(rtp.payload, "\xff\xff" "payload", 9); // the original number first
    assert_int_equal(dc_rtx_unpack(&rtp, 4, 96, again, sizeof(again)), size_bytes);
    assert_memory_equal(again, packet, size_bytes);
    rtp.payload_bytes = 2; // padding to probe with
    assert_int_equal(dc_rtx_unpack(&rtp, 4, 96, again, sizeof(again)), 0);
    assert_int_equal(dc_rtx_pack(packet, size_bytes, 77, 98, 9, rtx, size_bytes + 1), 0);
}

/* What the sender computes parity over and what the receiver has are the same bytes. */
static void
test_canonical_form(void **state)
{
    uint8_t before[DC_RTP_MAX_PACKET_BYTES], packet[DC_RTP_MAX_PACKET_BYTES];
    size_t offset, size_bytes = make_packet(before, true, &offset), grown = size_bytes;
    memcpy(packet, before, size_bytes);
    dc_frame_extension_put_send_time(packet + offset, 123456789);
    assert_true(dc_transport_sequence_put(packet, &grown, sizeof(packet), 5, 999));
    assert_int_equal(dc_fec_canonical(packet, grown, 5), size_bytes);
    assert_memory_equal(packet, before, size_bytes);
    assert_int_equal(dc_fec_canonical(packet, 11, 5), 0);
}

static void
test_fec_header(void **state)
{
    static const uint8_t expected[] = {
        0xfe, 0xdc,    // base sequence
        18, 4, 3,      // k, m, row
        0, 0x00, 0x05, // reserved, shard bytes
        1, 2, 3, 4, 5,
    };
    uint8_t out[13] = { [8] = 1, 2, 3, 4, 5 };
    struct dc_fec_payload fec = { 0xfedc, 18, 4, 3, NULL, 5 }, got;
    dc_fec_payload_pack_header(&fec, out);
    assert_memory_equal(out, expected, sizeof(expected));
    assert_true(dc_fec_payload_unpack(out, sizeof(out), &got));
    assert_int_equal(got.base_sequence, 0xfedc);
    assert_int_equal(got.row, 3);
    assert_ptr_equal(got.shard, out + 8);
    assert_false(dc_fec_payload_unpack(out, 12, &got)); // a byte is missing
    out[4] = 4;                                         // row 4 of 4
    assert_false(dc_fec_payload_unpack(out, sizeof(out), &got));
    out[4] = 0, out[2] = DC_FEC_MAX_DATA + 1;
    assert_false(dc_fec_payload_unpack(out, sizeof(out), &got));
    out[2] = 0;
    assert_false(dc_fec_payload_unpack(out, sizeof(out), &got));
}

static void
test_unwrapping(void **state)
{
    struct dc_sequence_unwrapper u = { 0 };
    int64_t first = dc_sequence_unwrap(&u, 65530);
    assert_int_equal(dc_sequence_unwrap(&u, 5) - first, 11);
    assert_int_equal(dc_sequence_unwrap(&u, 65529) - first, -1); // overtaken
    assert_int_equal(dc_sequence_peek(&u, 6) - first, 12);
    assert_int_equal(u.newest - first, 11);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number_is_put_replaced_and_stripped),
        cmocka_unit_test(test_number_needs_room),
        cmocka_unit_test(test_rtx_round_trip),
        cmocka_unit_test(test_canonical_form),
        cmocka_unit_test(test_fec_header),
        cmocka_unit_test(test_unwrapping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
