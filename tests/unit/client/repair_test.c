/* What is lost over WebRTC is asked for and put back; over TCP nothing is touched; nonsense does nothing. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <protocol/rtp/rtcp_feedback.h>
#include <protocol/rtp/rtx.h>

#include "sdp.h"
#include "video_repair.h"

#define VIDEO_SSRC 0x01020304u
#define RTX_SSRC 0x01020305u
#define MS 1000

struct fixture {
    struct dc_carrier carrier;
    struct dc_video_repair repair;
    uint16_t out[64]; // sequences that were handed out
    unsigned out_count, rtcp_count;
    uint16_t asked[64];
    unsigned asked_count;
};

static struct fixture *the_fixture;

static bool
send_rtcp(struct dc_carrier *carrier, uint8_t *data, size_t size_bytes)
{
    struct fixture *f = the_fixture;
    struct dc_rtcp_reader reader;
    struct dc_rtcp_packet packet;
    struct dc_rtcp_feedback feedback;
    dc_rtcp_reader_init(&reader, data, size_bytes);
    while (dc_rtcp_reader_next(&reader, &packet)) {
        if (!dc_rtcp_unpack_feedback(&packet, &feedback) || feedback.kind != DC_FEEDBACK_NACK)
            continue;
        assert_int_equal(feedback.media_ssrc, VIDEO_SSRC);
        for (unsigned i = 0; i < feedback.sequence_count; i++)
            f->asked[f->asked_count++ % 64] = feedback.sequences[i];
    }
    assert_false(reader.failed);
    memset(data + size_bytes, 0xee, DC_CARRIER_RTCP_TRAILER_BYTES); // as SRTCP does
    f->rtcp_count++;
    return true;
}

static const struct dc_carrier_impl lossy = { .send_rtcp = send_rtcp };
static const struct dc_carrier_impl reliable = { 0 };

static void
start(struct fixture *f, const struct dc_carrier_impl *impl)
{
    *f = (struct fixture){ .carrier.impl = impl };
    the_fixture = f;
    assert_true(dc_video_repair_init(&f->repair, &f->carrier, VIDEO_SSRC, 1000 * MS));
}

static void
handle(void *user, const uint8_t *data, size_t size_bytes, int64_t arrival_us)
{
    struct fixture *f = user;
    struct dc_rtp_packet packet;
    assert_true(dc_rtp_unpack(data, size_bytes, &packet));
    assert_int_equal(packet.ssrc, VIDEO_SSRC);
    assert_true(arrival_us >= 1000 * MS);
    f->out[f->out_count++] = packet.sequence;
}

static size_t
make_packet(uint16_t sequence, uint8_t *data)
{
    const struct dc_rtp_packet packet = { .payload_type = DC_RTP_VIDEO_PAYLOAD_TYPE, .sequence = sequence,
                                          .timestamp = 90u * sequence, .ssrc = VIDEO_SSRC,
                                          .payload = (const uint8_t *)"\x41pixels", .payload_bytes = 7 };
    return dc_rtp_pack(&packet, data, DC_RTP_MAX_PACKET_BYTES);
}

static void
receive(struct fixture *f, uint16_t sequence, int64_t now_us)
{
    uint8_t data[DC_RTP_MAX_PACKET_BYTES];
    size_t size_bytes = make_packet(sequence, data);
    assert_true(dc_video_repair_push(&f->repair, data, size_bytes, now_us));
    dc_video_repair_work(&f->repair, 20 * MS, handle, f, now_us);
}

static void
test_lost_packet_comes_again(void **state)
{
    struct fixture f;
    uint8_t data[DC_RTP_MAX_PACKET_BYTES], again[DC_RTP_MAX_PACKET_BYTES];
    int64_t now_us = 1000 * MS;
    start(&f, &lossy);
    receive(&f, 65534, now_us);
    receive(&f, 0, now_us); // 65535 is missing
    receive(&f, 1, now_us);
    assert_int_equal(f.out_count, 1);
    for (; !f.asked_count && now_us < 1050 * MS; now_us += MS)
        dc_video_repair_work(&f.repair, 20 * MS, handle, &f, now_us);
    assert_int_equal(f.asked_count, 1);
    assert_int_equal(f.asked[0], 65535);
    size_t size_bytes = make_packet(65535, data);
    size_bytes = dc_rtx_pack(data, size_bytes, RTX_SSRC, DC_SDP_RTX_PAYLOAD_TYPE, 7, again, sizeof(again));
    assert_true(dc_video_repair_push(&f.repair, again, size_bytes, now_us));
    dc_video_repair_work(&f.repair, 20 * MS, handle, &f, now_us);
    assert_int_equal(f.out_count, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(f.out[i], (uint16_t)(65534 + i));
    dc_video_repair_finish(&f.repair);
}

static void
test_gap_is_given_up(void **state)
{
    struct fixture f;
    int64_t now_us = 1000 * MS;
    start(&f, &lossy);
    receive(&f, 1, now_us);
    receive(&f, 3, now_us);
    assert_true(dc_video_repair_deadline_us(&f.repair) < now_us + 500 * MS);
    for (; f.out_count < 2 && now_us < 1500 * MS; now_us += MS)
        dc_video_repair_work(&f.repair, 20 * MS, handle, &f, now_us);
    assert_int_equal(f.out_count, 2);
    assert_int_equal(f.out[1], 3);
    assert_true(now_us > 1020 * MS); // an answer could have been there
    dc_video_repair_finish(&f.repair);
}

static void
test_nothing_over_tcp(void **state)
{
    struct fixture f;
    start(&f, &reliable);
    assert_false(dc_video_repair_is_on(&f.repair));
    assert_true(dc_video_repair_deadline_us(&f.repair) == INT64_MAX);
    dc_video_repair_finish(&f.repair);
}

/* Each prefix of a packet and of a report, other streams, random bytes. */
static void
test_nonsense(void **state)
{
    struct fixture f;
    uint8_t data[DC_RTP_MAX_PACKET_BYTES];
    start(&f, &lossy);
    size_t size_bytes = make_packet(5, data);
    for (size_t n = 0; n < size_bytes - 7; n++) // up to its payload
        dc_video_repair_push(&f.repair, data, n, 1000 * MS);
    data[11] ^= 1; // another stream
    assert_false(dc_video_repair_push(&f.repair, data, size_bytes, 1000 * MS));
    data[1] = 200; // a report that is too short for its length
    for (size_t n = 0; n < size_bytes; n++)
        dc_video_repair_push(&f.repair, data, n, 1000 * MS);
    srand(1);
    for (int i = 0; i < 20000; i++) {
        size_t n = (size_t)rand() % 60;
        for (size_t k = 0; k < n; k++)
            data[k] = (uint8_t)rand();
        if (n)
            data[0] = (uint8_t)(0x80 | (data[0] & 0x3f));
        dc_video_repair_push(&f.repair, data, n, 1000 * MS + i);
    }
    dc_video_repair_finish(&f.repair);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lost_packet_comes_again),
        cmocka_unit_test(test_gap_is_given_up),
        cmocka_unit_test(test_nothing_over_tcp),
        cmocka_unit_test(test_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
