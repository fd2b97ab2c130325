/* What happens to packets between the packetizers and SRTP, and how often an address may try. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <netinet/in.h>

#include <protocol/rtp/frame_extension.h>
#include <protocol/rtp/opus_payload.h>
#include <protocol/rtp/rtcp.h>
#include <protocol/rtp/rtp.h>

#include "opus_bundle.h"
#include "rate_limit.h"
#include "rtp_map.h"
#include "sender_reports.h"

static size_t
make_packet(uint8_t out[1200])
{
    struct dc_frame_extension extension = { .has_frame = true, .keyframe = true, .has_send_time = true };
    uint8_t bytes[DC_FRAME_EXTENSION_MAX_BYTES];
    size_t send_time;
    extension.meta.frame_id = 7;
    extension.meta.times.present_us = 1000;
    struct dc_rtp_packet rtp = { .payload_type = 96, .sequence = 5, .timestamp = 6, .ssrc = 9, .marker = true,
                                 .has_extension = true, .extension_profile = DC_FRAME_EXTENSION_PROFILE,
                                 .extension = bytes, .payload = (const uint8_t *)"abc", .payload_bytes = 3 };
    rtp.extension_bytes = dc_frame_extension_pack(&extension, bytes, &send_time);
    return dc_rtp_pack(&rtp, out, 1200);
}

static void
test_map_strips(void **state)
{
    uint8_t packet[1200], out[1200];
    struct dc_rtp_packet rtp;
    struct dc_sdp_section section = { .payload_type = 108 };
    struct dc_rtp_map map;
    size_t size_bytes = make_packet(packet);
    dc_rtp_map_init(&map, &section, 9, true);
    assert_true(dc_rtp_unpack(out, dc_rtp_map_apply(&map, packet, size_bytes, out, sizeof(out)), &rtp));
    assert_false(rtp.has_extension);
    assert_int_equal(rtp.payload_type, 108);
    assert_int_equal(rtp.sequence, 5);
    assert_true(rtp.marker);
    assert_memory_equal(rtp.payload, "abc", 3);
    section.extension_ids[DC_SDP_EXTENSION_PLAYOUT_DELAY] = 5;
    dc_rtp_map_init(&map, &section, 9, true);
    assert_true(dc_rtp_unpack(out, dc_rtp_map_apply(&map, packet, size_bytes, out, sizeof(out)), &rtp));
    assert_int_equal(rtp.extension_profile, 0xbede);
    assert_memory_equal(rtp.extension, ((uint8_t[]){ 0x52, 0, 0, 0 }), 4); // id 5, three bytes: from 0 to 0 ms
    assert_int_equal(dc_rtp_map_apply(&map, packet, size_bytes, out, 20), 0);
    assert_int_equal(dc_rtp_map_apply(&map, packet, 5, out, sizeof(out)), 0);
}

static void
test_map_renumbers(void **state)
{
    uint8_t packet[1200], out[1200];
    struct dc_rtp_packet rtp;
    struct dc_sdp_section section = { .payload_type = 108 };
    struct dc_rtp_map map;
    size_t size_bytes = make_packet(packet);
    section.extension_ids[DC_SDP_EXTENSION_FRAME] = 12;
    dc_rtp_map_init(&map, &section, 9, true);
    assert_true(dc_rtp_unpack(out, dc_rtp_map_apply(&map, packet, size_bytes, out, sizeof(out)), &rtp));
    assert_int_equal(rtp.extension_profile, DC_FRAME_EXTENSION_PROFILE);
    assert_int_equal(rtp.extension_bytes, 12); // 2 + 9, one byte of padding
    assert_memory_equal(rtp.extension, ((uint8_t[]){ 12, 9, 0, 0, 0, 0, 0, 0, 0, 7, 1, 0 }), 12);
    dc_rtp_map_init(&map, &section, 9, false); // the two-byte form was not agreed on
    assert_true(dc_rtp_unpack(out, dc_rtp_map_apply(&map, packet, size_bytes, out, sizeof(out)), &rtp));
    assert_false(rtp.has_extension);
}

static void
test_bundle(void **state)
{
    struct dc_opus_bundle bundle = { .duration = 960 };
    uint8_t long_packet[400], out[1100];
    const uint8_t small[] = { 0xf0, 1, 2, 3 }; // CELT, full band, 10 ms, one frame
    memset(long_packet, 9, sizeof(long_packet));
    long_packet[0] = 0xf0;
    assert_int_equal(dc_opus_bundle_push(&bundle, small, sizeof(small), 480, true, out, sizeof(out)), 0);
    assert_int_equal(dc_opus_bundle_push(&bundle, small, sizeof(small), 960, false, out, sizeof(out)), 9);
    assert_memory_equal(out, ((uint8_t[]){ 0xf3, 0x82, 3, 1, 2, 3, 1, 2, 3 }), 9);
    assert_int_equal(dc_opus_duration(out, 9), 960);
    assert_int_equal(bundle.timestamp, 480);
    assert_true(bundle.marker);
    assert_int_equal(dc_opus_bundle_push(&bundle, long_packet, sizeof(long_packet), 1440, false, out, sizeof(out)), 0);
    assert_int_equal(dc_opus_bundle_push(&bundle, small, sizeof(small), 1920, false, out, sizeof(out)), 2 + 2 + 399 + 3);
    assert_int_equal(out[2] + 4 * out[3], 399); // a length of two bytes
    assert_false(bundle.marker);
}

static void
test_bundle_at_a_pause(void **state)
{
    struct dc_opus_bundle bundle = { .duration = 960 };
    uint8_t out[1100];
    const uint8_t packet[] = { 0xf0, 1 }, two_frames[] = { 0xf1, 1, 2 };
    dc_opus_bundle_push(&bundle, packet, 2, 480, false, out, sizeof(out));
    assert_int_equal(dc_opus_bundle_push(&bundle, packet, 2, 9600, true, out, sizeof(out)), 0); // not its neighbour
    assert_int_equal(dc_opus_bundle_push(&bundle, packet, 2, 10080, false, out, sizeof(out)), 5);
    assert_int_equal(bundle.timestamp, 9600);
    assert_true(bundle.marker);
    assert_int_equal(dc_opus_bundle_push(&bundle, two_frames, 3, 10560, false, out, sizeof(out)), 0);
    assert_int_equal(dc_opus_bundle_push(&bundle, packet, 0, 10560, false, out, sizeof(out)), 0);
    assert_int_equal(bundle.frame_count, 0);
}

static void
test_reports(void **state)
{
    struct dc_sender_reports reports = { .streams = { { .ssrc = 1, .clock_hz = 90000 }, { .ssrc = 2, .clock_hz = 48000 } },
                                         .cname = "x" };
    uint8_t out[DC_SENDER_REPORTS_MAX_BYTES];
    struct dc_rtcp_reader reader;
    struct dc_rtcp_packet packet;
    struct dc_rtcp_report report;
    assert_int_equal(dc_sender_reports_pull(&reports, out, sizeof(out), 5000000), 0); // nothing was sent
    dc_sender_reports_count(&reports, DC_SENDER_VIDEO, 100);
    dc_sender_reports_count(&reports, DC_SENDER_VIDEO, 50);
    dc_sender_reports_count(&reports, DC_SENDER_AUDIO, 10);
    assert_int_equal(dc_sender_reports_pull(&reports, out, sizeof(out), 5999999), 0);
    size_t size_bytes = dc_sender_reports_pull(&reports, out, sizeof(out), 6000000);
    dc_rtcp_reader_init(&reader, out, size_bytes);
    assert_true(dc_rtcp_reader_next(&reader, &packet) && dc_rtcp_unpack_report(&packet, &report));
    assert_true(report.is_sender);
    assert_int_equal(report.ssrc, 1);
    assert_int_equal(report.rtp_timestamp, 540000); // 6 s: the same moment in both clocks
    assert_int_equal(report.packet_count, 2);
    assert_int_equal(report.octet_count, 150);
    assert_true(dc_rtcp_reader_next(&reader, &packet)); // CNAME
    assert_true(dc_rtcp_reader_next(&reader, &packet) && dc_rtcp_unpack_report(&packet, &report));
    assert_int_equal(report.ssrc, 2);
    assert_int_equal(report.rtp_timestamp, 288000);
    assert_int_equal(report.ntp_time >> 32, 6);
}

static void
test_rate_limit(void **state)
{
    static struct dc_rate_limit limit;
    struct sockaddr_in one = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201) };
    struct sockaddr_in6 two = { .sin6_family = AF_INET6 };
    two.sin6_addr.s6_addr[0] = 0xfd;
    for (int i = 0; i < DC_RATE_LIMIT_BURST; i++)
        assert_true(dc_rate_limit_take(&limit, (struct sockaddr *)&one, 1000));
    assert_false(dc_rate_limit_take(&limit, (struct sockaddr *)&one, 1000));
    assert_true(dc_rate_limit_take(&limit, (struct sockaddr *)&two, 1000)); // another address
    assert_true(dc_rate_limit_take(&limit, (struct sockaddr *)&one, 1000 + DC_RATE_LIMIT_INTERVAL_US));
    assert_false(dc_rate_limit_take(&limit, (struct sockaddr *)&one, 1001 + DC_RATE_LIMIT_INTERVAL_US));
    for (int i = 0; i < DC_RATE_LIMIT_BURST; i++) { // one network, many addresses
        two.sin6_addr.s6_addr[15] = (uint8_t)i;
        assert_int_equal(dc_rate_limit_take(&limit, (struct sockaddr *)&two, 2000), i < DC_RATE_LIMIT_BURST - 1);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map_strips),        cmocka_unit_test(test_map_renumbers), cmocka_unit_test(test_bundle),
        cmocka_unit_test(test_bundle_at_a_pause), cmocka_unit_test(test_reports),       cmocka_unit_test(test_rate_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
