#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <protocol/qos/ladder.h>
#include <protocol/qos/video_sender.h>
#include <protocol/rtp/rtcp_feedback.h>
#include <protocol/rtp/rtp.h>

static void
test_history(void **state)
{
    static const uint8_t packet[100] = { 1, 2, 3 };
    struct dc_packet_history history;
    dc_packet_history_init(&history);
    assert_null(dc_packet_history_take(&history, 0, 0, 20000)); // nothing was sent: 0 is not an empty slot's number
    for (unsigned i = 0; i < DC_HISTORY_PACKETS + 10; i++)
        assert_true(dc_packet_history_store(&history, (uint16_t)(65000 + i), packet, 100, 1000));
    assert_null(dc_packet_history_take(&history, 65009, 2000, 20000)); // overwritten
    assert_non_null(dc_packet_history_take(&history, 65010, 2000, 20000));
    assert_null(dc_packet_history_take(&history, 65010, 16999, 20000)); // its answer is on the way
    for (unsigned i = 1; i < DC_HISTORY_MAX_RESENDS; i++)
        assert_non_null(dc_packet_history_take(&history, 65010, 2000 + i * 20000, 20000));
    assert_null(dc_packet_history_take(&history, 65010, 9000000, 20000)); // often enough
    assert_false(dc_packet_history_store(&history, 1, packet, 0, 0));
    assert_false(dc_packet_history_store(&history, 1, packet, DC_RTP_MAX_PACKET_BYTES + 1, 0));
    dc_packet_history_finish(&history);
}

static void
test_pacer_spreads_and_prefers_resent(void **state)
{
    static const uint8_t packet[1000] = { 0 };
    struct dc_pacer pacer;
    struct dc_paced_packet *p;
    unsigned left = 0;
    dc_pacer_init(&pacer);
    pacer.bps = 8000000; // a packet a millisecond
    assert_int_equal(dc_pacer_deadline_us(&pacer), INT64_MAX);
    for (unsigned i = 0; i < 10; i++)
        assert_non_null(dc_pacer_push(&pacer, DC_PACER_FRESH, packet, 1000, 5000));
    assert_int_equal(dc_pacer_backlog_us(&pacer), 10000);
    dc_pacer_push(&pacer, DC_PACER_RESENT, packet, 500, 5000);
    p = dc_pacer_pop(&pacer, 5000);
    assert_int_equal(p->size_bytes, 500);
    free(p);
    for (int64_t now_us = 5000; now_us <= 10000; now_us += 100) {
        while ((p = dc_pacer_pop(&pacer, now_us))) {
            free(p);
            left++;
        }
        // Half a packet's time was spent; a millisecond may be had early.
        assert_true(left <= (unsigned)(now_us - 5000) / 1000 + 2);
    }
    assert_in_range(left, 5, 7);
    dc_pacer_finish(&pacer);
}

static void
test_pacer_is_bounded(void **state)
{
    static const uint8_t packet[1200] = { 0 };
    struct dc_pacer pacer;
    unsigned count = 0;
    dc_pacer_init(&pacer);
    while (dc_pacer_push(&pacer, DC_PACER_FRESH, packet, 1200, 0))
        count++;
    assert_int_equal(count, DC_PACER_MAX_BYTES / 1200);
    dc_pacer_finish(&pacer);
}

static void
test_ladder(void **state)
{
    struct dc_ladder ladder;
    const struct dc_ladder_step *step;
    dc_ladder_init(&ladder, 1280, 720, 60000);
    step = dc_ladder_update(&ladder, 4000, 0);
    assert_int_equal(step->rate_divisor, 1);
    assert_int_equal(step->bitrate_kbps, 4000);
    step = dc_ladder_update(&ladder, 1500, 1000); // at once
    assert_int_equal(step->rate_divisor, 2);
    assert_int_equal(step->scale_den, 1);
    step = dc_ladder_update(&ladder, 2000, 2000); // above the line, but not enough above it
    assert_int_equal(step->rate_divisor, 2);
    step = dc_ladder_update(&ladder, 350, 3000);
    assert_int_equal(step->scale_num, 1);
    assert_int_equal(step->scale_den, 2);
    dc_ladder_update(&ladder, 8000, 1000000);
    dc_ladder_update(&ladder, 350, 3000000); // a dip begins the wait anew
    dc_ladder_update(&ladder, 8000, 4000000);
    assert_int_equal(dc_ladder_update(&ladder, 8000, 7900000)->scale_den, 2);
    assert_int_equal(dc_ladder_update(&ladder, 8000, 8000000)->scale_den, 4); // one step
    assert_int_equal(dc_ladder_update(&ladder, 8000, 11000000)->scale_den, 4);
    assert_int_equal(dc_ladder_update(&ladder, 8000, 12000000)->scale_den, 1);
    assert_int_equal(dc_ladder_update(&ladder, 8000, 16000000)->rate_divisor, 1);
}

struct sent {
    unsigned count, parity, resent;
    uint16_t first_sequence;
};

static void
collect(void *user, uint8_t *packet, size_t size_bytes)
{
    struct sent *sent = user;
    struct dc_rtp_packet rtp;
    assert_true(size_bytes <= DC_RTP_MAX_PACKET_BYTES && dc_rtp_unpack(packet, size_bytes, &rtp));
    if (!sent->count)
        sent->first_sequence = rtp.sequence;
    sent->count++;
    sent->parity += rtp.payload_type == 99;
    sent->resent += rtp.payload_type == 98;
}

static const struct dc_video_sender_listener listener = { .send = collect };

static void
make_sender(struct dc_video_sender *sender, struct sent *sent)
{
    const struct dc_video_sender_config config = {
        .video_ssrc = 1, .rtx_ssrc = 2, .fec_ssrc = 3, .video_payload_type = 96, .rtx_payload_type = 98,
        .fec_payload_type = 99, .transport_extension_id = 5, .bitrate_kbps = 10000, .cname = "s",
    };
    *sent = (struct sent){ 0 };
    assert_true(dc_video_sender_init(sender, &config, &listener, sent, 1000000));
}

static void
push_frame(struct dc_video_sender *sender, uint64_t id, size_t size_bytes, int64_t now_us)
{
    static uint8_t data[100000] = { 0, 0, 0, 1, 0x41 };
    memset(data + 5, 0x55, sizeof(data) - 5);
    struct dc_packet packet = { .kind = DC_PACKET_VIDEO_H264, .data = data, .size_bytes = size_bytes,
                                .timestamp = id * 1500, .meta.frame_id = id };
    assert_true(dc_video_sender_push(sender, &packet, now_us));
    for (int64_t end_us = now_us + 16000; now_us < end_us; now_us += 500)
        dc_video_sender_handle_timer(sender, now_us);
}

static void
push_keyframe(struct dc_video_sender *sender, uint64_t id, int64_t now_us)
{
    static const uint8_t data[] = { 0, 0, 0, 1, 0x65, 1, 2, 3 };
    struct dc_packet packet = { .kind = DC_PACKET_VIDEO_H264, .keyframe = true, .data = data, .size_bytes = sizeof(data),
                                .timestamp = id * 1500, .meta.frame_id = id };
    assert_true(dc_video_sender_push(sender, &packet, now_us));
}

static void
hear(struct dc_video_sender *sender, struct dc_rtcp_writer *writer, int64_t now_us)
{
    assert_false(writer->failed);
    dc_video_sender_handle_rtcp(sender, writer->data, writer->size_bytes, now_us);
    writer->size_bytes = 0;
}

static void
test_nacks_are_answered_within_a_budget(void **state)
{
    struct dc_video_sender sender;
    struct sent sent;
    uint8_t data[1200];
    uint16_t sequences[200];
    struct dc_rtcp_writer writer;
    make_sender(&sender, &sent);
    dc_rtcp_writer_init(&writer, data, sizeof(data));
    push_frame(&sender, 1, 21000, 1000000);
    assert_true(sent.parity >= 1 && sent.count >= 19);
    sequences[0] = (uint16_t)(sent.first_sequence + 4);
    dc_rtcp_put_nack(&writer, 9, 1, sequences, 1);
    hear(&sender, &writer, 1100000);
    assert_int_equal(sent.resent, 1);
    dc_rtcp_put_nack(&writer, 9, 77, sequences, 1); // of somebody else's stream
    hear(&sender, &writer, 1200000);
    assert_int_equal(sent.resent, 1);
    for (uint64_t id = 2; id < 12; id++)
        push_frame(&sender, id, 21000, 1000000 + (int64_t)id * 100000);
    unsigned before = sent.count;
    for (unsigned i = 0; i < 200; i++)
        sequences[i] = (uint16_t)(sent.first_sequence + i);
    for (unsigned round = 0; round < 50; round++) { // a peer that asks for everything, all the time
        dc_rtcp_put_nack(&writer, 9, 1, sequences, 200);
        hear(&sender, &writer, 3000000 + round * 20000);
        for (unsigned i = 0; i < 40; i++)
            dc_video_sender_handle_timer(&sender, 3000000 + round * 20000 + i * 500);
    }
    // A quarter of 13 Mb/s for a second, and the half second saved up.
    assert_true(sent.count - before > 100);
    assert_true((sent.count - before) * 1200.0 < 1.5 * 13e6 / 8 / 4 + 2400);
    dc_video_sender_finish(&sender);
}

static void
test_requests_are_limited_and_not_answered_twice(void **state)
{
    struct dc_video_sender sender;
    struct dc_video_request request;
    struct sent sent;
    uint8_t data[1200];
    struct dc_rtcp_writer writer;
    unsigned keyframes = 0;
    make_sender(&sender, &sent);
    dc_rtcp_writer_init(&writer, data, sizeof(data));
    for (unsigned i = 0; i < 1000; i++) { // a second of PLIs
        dc_rtcp_put_pli(&writer, 9, 1);
        hear(&sender, &writer, 2000000 + i * 1000);
        keyframes += dc_video_sender_take_request(&sender, 2000000 + i * 1000, &request) && request.keyframe;
    }
    assert_int_equal(keyframes, 4);
    assert_true(dc_video_sender_take_request(&sender, 4000000, &request)); // the last one is not forgotten
    for (uint64_t id = 1; id <= 5; id++)
        push_frame(&sender, id, 3000, 4000000 + (int64_t)id * 20000);
    dc_rtcp_put_invalidate(&writer, 9, 1, 4, 5);
    hear(&sender, &writer, 4200000);
    assert_true(dc_video_sender_take_request(&sender, 4200000, &request));
    assert_false(request.keyframe);
    assert_int_equal(request.first_lost_id, 4);
    push_frame(&sender, 6, 3000, 4210000); // the answer
    dc_rtcp_put_invalidate(&writer, 9, 1, 4, 5); // asked again before it arrived
    hear(&sender, &writer, 4220000);
    assert_false(dc_video_sender_take_request(&sender, 4220000, &request));
    dc_rtcp_put_invalidate(&writer, 9, 1, 4, 6); // the answer got lost, too
    hear(&sender, &writer, 4230000);
    assert_true(dc_video_sender_take_request(&sender, 4230000, &request));
    push_keyframe(&sender, 7, 4232000);
    dc_rtcp_put_invalidate(&writer, 9, 1, 4, 6); // a key frame is on its way
    hear(&sender, &writer, 4234000);
    assert_false(dc_video_sender_take_request(&sender, 4234000, &request));
    dc_rtcp_put_invalidate(&writer, 9, 1, 4, 7); // it did not arrive whole
    hear(&sender, &writer, 4236000);
    assert_true(dc_video_sender_take_request(&sender, 4236000, &request));
    dc_rtcp_put_invalidate(&writer, 9, 1, 100, 101); // frames that there never were
    hear(&sender, &writer, 4240000);
    assert_false(dc_video_sender_take_request(&sender, 4240000, &request));
    dc_video_sender_finish(&sender);
}

/* Without feedback nothing is known: the rate is what was asked for, and nothing is skipped. */
static void
test_without_feedback(void **state)
{
    struct dc_video_sender sender;
    struct sent sent = { 0 };
    const struct dc_video_sender_config config = { .video_ssrc = 1, .video_payload_type = 96, .bitrate_kbps = 5000 };
    assert_true(dc_video_sender_init(&sender, &config, &listener, &sent, 0));
    for (uint64_t id = 1; id < 100; id++) {
        assert_true(dc_video_sender_may_encode(&sender, (int64_t)id * 20000));
        push_frame(&sender, id, 10000, (int64_t)id * 20000);
    }
    assert_int_equal(dc_video_sender_encoder_kbps(&sender), 5000);
    assert_int_equal(sent.parity, 0);
    dc_video_sender_finish(&sender);
}

struct parity_bytes {
    uint8_t payload[DC_RTP_MAX_PACKET_BYTES];
    size_t size_bytes;
};

static void
keep_parity(void *user, uint8_t *packet, size_t size_bytes)
{
    struct parity_bytes *kept = user;
    struct dc_rtp_packet rtp;
    assert_true(dc_rtp_unpack(packet, size_bytes, &rtp));
    if (rtp.payload_type != 99 || kept->size_bytes)
        return;
    memcpy(kept->payload, rtp.payload, rtp.payload_bytes);
    kept->size_bytes = rtp.payload_bytes;
}

/* The first parity packet of a frame whose only packet has this send time at byte 24. */
static void
make_parity(uint8_t send_time_byte, struct parity_bytes *kept)
{
    static const struct dc_video_sender_listener keeper = { .send = keep_parity };
    const struct dc_video_sender_config config = { .video_ssrc = 10, .fec_ssrc = 12, .video_payload_type = 96,
                                                   .fec_payload_type = 99, .bitrate_kbps = 10000 };
    struct dc_video_sender sender;
    uint8_t packet[100] = { 0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 10 };
    memset(packet + 24, send_time_byte, 8);
    *kept = (struct parity_bytes){ .size_bytes = 0 };
    assert_true(dc_video_sender_init(&sender, &config, &keeper, kept, 1000));
    dc_video_sender_begin_frame(&sender, 1, true, 0, 1000);
    sender.loss = 0.1;
    dc_video_sender_add_packet(&sender, packet, sizeof(packet), 24);
    assert_true(dc_video_sender_end_frame(&sender, 1000));
    dc_video_sender_handle_timer(&sender, 1000000);
    assert_true(kept->size_bytes > 0);
    dc_video_sender_finish(&sender);
}

/* Whoever cut the frame may have put a time in already; the real one comes when the packet leaves. */
static void
test_parity_does_without_send_times(void **state)
{
    static struct parity_bytes without, with;
    make_parity(0, &without);
    make_parity(0x5a, &with);
    assert_int_equal(with.size_bytes, without.size_bytes);
    assert_memory_equal(with.payload, without.payload, with.size_bytes);
}

static void
test_sender_report(void **state)
{
    struct dc_video_sender sender;
    struct sent sent;
    uint8_t data[200];
    struct dc_rtcp_writer writer;
    struct dc_rtcp_reader reader;
    struct dc_rtcp_packet packet;
    struct dc_rtcp_report report;
    make_sender(&sender, &sent);
    push_frame(&sender, 1, 5000, 1000000);
    dc_rtcp_writer_init(&writer, data, sizeof(data));
    dc_video_sender_write_rtcp(&sender, &writer, 1020000);
    dc_rtcp_reader_init(&reader, data, writer.size_bytes);
    assert_true(dc_rtcp_reader_next(&reader, &packet) && dc_rtcp_unpack_report(&packet, &report));
    assert_int_equal(report.packet_count, sent.count - sent.parity);
    assert_int_equal(report.rtp_timestamp, 1500);
    writer.size_bytes = 0;
    dc_video_sender_write_rtcp(&sender, &writer, 1030000); // not due
    assert_int_equal(writer.size_bytes, 0);
    report = (struct dc_rtcp_report){ .ssrc = 9, .block_count = 1 };
    report.blocks[0] = (struct dc_rtcp_block){ .ssrc = 1, .last_report = dc_ntp_middle(dc_ntp_from_us(1020000)) };
    dc_rtcp_put_report(&writer, &report);
    hear(&sender, &writer, 1050000);
    assert_in_range(sender.round_trip_us, 29900, 30100);
    dc_video_sender_finish(&sender);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_pacer_spreads_and_prefers_resent),
        cmocka_unit_test(test_pacer_is_bounded),
        cmocka_unit_test(test_ladder),
        cmocka_unit_test(test_nacks_are_answered_within_a_budget),
        cmocka_unit_test(test_requests_are_limited_and_not_answered_twice),
        cmocka_unit_test(test_without_feedback),
        cmocka_unit_test(test_parity_does_without_send_times),
        cmocka_unit_test(test_sender_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
