#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <protocol/qos/frame_gate.h>
#include <protocol/qos/video_receiver.h>
#include <protocol/rtp/rtcp_feedback.h>
#include <protocol/rtp/rtp.h>
#include <protocol/rtp/rtx.h>
#include <protocol/rtp/transport_feedback.h>
#include <protocol/rtp/transport_sequence.h>

static size_t
make_packet(uint16_t sequence, uint16_t number, uint8_t *out)
{
    struct dc_rtp_packet packet = { .payload_type = 96, .sequence = sequence, .timestamp = 90u * sequence, .ssrc = 1,
                                    .payload = (const uint8_t *)"x", .payload_bytes = 1 };
    size_t size_bytes = dc_rtp_pack(&packet, out, DC_RTP_MAX_PACKET_BYTES);
    assert_true(dc_transport_sequence_put(out, &size_bytes, DC_RTP_MAX_PACKET_BYTES, 5, number));
    return size_bytes;
}

static bool
insert(struct dc_jitter_buffer *buffer, uint16_t sequence, int64_t now_us)
{
    uint8_t packet[DC_RTP_MAX_PACKET_BYTES];
    return dc_jitter_buffer_insert(buffer, packet, make_packet(sequence, 0, packet), false, now_us, NULL);
}

static int
next(struct dc_jitter_buffer *buffer, int64_t now_us)
{
    const struct dc_jitter_slot *slot = dc_jitter_buffer_next(buffer, now_us);
    return slot ? slot->data[2] << 8 | slot->data[3] : -1;
}

static void
test_order_is_restored(void **state)
{
    struct dc_jitter_buffer buffer;
    assert_true(dc_jitter_buffer_init(&buffer));
    buffer.wait_us = 1000;
    assert_int_equal(next(&buffer, 0), -1);
    assert_true(insert(&buffer, 65535, 0));
    assert_int_equal(next(&buffer, 0), 65535); // at once
    assert_true(insert(&buffer, 1, 10));
    assert_int_equal(next(&buffer, 10), -1);
    assert_int_equal(dc_jitter_buffer_deadline_us(&buffer), 1010);
    assert_true(insert(&buffer, 0, 20));
    assert_false(insert(&buffer, 0, 21)); // once more
    assert_int_equal(next(&buffer, 21), 0);
    assert_int_equal(next(&buffer, 21), 1);
    assert_int_equal(next(&buffer, 21), -1);
    assert_false(insert(&buffer, 65535, 22));
    assert_int_equal(buffer.duplicates, 2);
    assert_int_equal(dc_jitter_buffer_deadline_us(&buffer), INT64_MAX);
    dc_jitter_buffer_finish(&buffer);
}

static void
test_a_gap_is_waited_for_and_given_up(void **state)
{
    struct dc_jitter_buffer buffer;
    assert_true(dc_jitter_buffer_init(&buffer));
    buffer.wait_us = 1000;
    insert(&buffer, 10, 0);
    assert_int_equal(next(&buffer, 0), 10);
    insert(&buffer, 12, 100);
    insert(&buffer, 15, 600); // behind a second gap, which has its own time
    assert_int_equal(next(&buffer, 1099), -1);
    assert_int_equal(next(&buffer, 1100), 12);
    assert_int_equal(next(&buffer, 1100), -1);
    assert_int_equal(dc_jitter_buffer_deadline_us(&buffer), 1600);
    assert_false(insert(&buffer, 11, 1200)); // too late
    assert_int_equal(buffer.late, 1);
    assert_int_equal(next(&buffer, 1600), 15);
    assert_int_equal(buffer.skipped, 3);
    dc_jitter_buffer_finish(&buffer);
}

static void
test_a_flood_stays_in_the_ring(void **state)
{
    struct dc_jitter_buffer buffer;
    assert_true(dc_jitter_buffer_init(&buffer));
    buffer.wait_us = INT64_MAX / 2;
    insert(&buffer, 0, 0);
    assert_int_equal(next(&buffer, 0), 0);
    for (unsigned i = 2; i < 70000; i++) // number 1 never comes, and nothing is given up by time
        insert(&buffer, (uint16_t)i, i);
    assert_true(buffer.next > 0x10000 + 1);
    assert_true(buffer.unwrapper.newest - buffer.next < DC_JITTER_PACKETS);
    assert_true(next(&buffer, 70000) >= 0);
    insert(&buffer, (uint16_t)(70000 + 30000), 70001); // a jump
    assert_true(buffer.unwrapper.newest - buffer.next < DC_JITTER_PACKETS);
    dc_jitter_buffer_finish(&buffer);
}

static void
test_nack_timing(void **state)
{
    static struct dc_nack_list list;
    uint16_t sequences[8];
    dc_nack_list_init(&list, 4000);
    dc_nack_list_add(&list, 100, 103, 0);
    assert_int_equal(dc_nack_list_deadline_us(&list), 4000);
    assert_int_equal(dc_nack_list_collect(&list, 3999, 20000, sequences, 8), 0);
    dc_nack_list_remove(&list, 101); // it had only been overtaken
    assert_int_equal(dc_nack_list_collect(&list, 4000, 20000, sequences, 8), 2);
    assert_int_equal(sequences[0], 100);
    assert_int_equal(sequences[1], 102);
    assert_true(dc_nack_list_deadline_us(&list) > 24000); // not before an answer can be here
    assert_int_equal(dc_nack_list_collect(&list, 24000, 20000, sequences, 8), 0);
    for (unsigned i = 1; i < DC_NACK_MAX_REQUESTS; i++)
        assert_int_equal(dc_nack_list_collect(&list, 4000 + i * 100000, 20000, sequences, 8), 2);
    assert_int_equal(dc_nack_list_deadline_us(&list), INT64_MAX); // often enough
    dc_nack_list_remove_before(&list, 102);
    assert_int_equal(list.count, 1);
    dc_nack_list_add(&list, 103, 100000, 0);
    assert_int_equal(list.count, DC_NACK_MAX_MISSING);
    assert_int_equal(list.entries[DC_NACK_MAX_MISSING - 1].sequence, 99999);
}

static struct dc_video_receiver *
make_receiver(void)
{
    const struct dc_video_receiver_config config = {
        .own_ssrc = 9, .video_ssrc = 1, .rtx_ssrc = 2, .fec_ssrc = 3, .video_payload_type = 96, .rtx_payload_type = 98,
        .fec_payload_type = 99, .transport_extension_id = 5, .wants_nack = true, .cname = "r",
    };
    struct dc_video_receiver *receiver = malloc(sizeof(*receiver));
    assert_true(dc_video_receiver_init(receiver, &config, 0));
    dc_video_receiver_set_round_trip(receiver, 20000);
    return receiver;
}

static void
push(struct dc_video_receiver *receiver, uint16_t sequence, int64_t now_us)
{
    uint8_t packet[DC_RTP_MAX_PACKET_BYTES];
    size_t size_bytes = make_packet(sequence, sequence, packet);
    assert_true(dc_video_receiver_push(receiver, packet, size_bytes, now_us));
}

/* The kinds of packets in what the receiver says at `now_us`; the NACK's numbers. */
static unsigned
listen_to(struct dc_video_receiver *receiver, int64_t now_us, struct dc_rtcp_feedback *nack, struct dc_rtcp_report *report,
          struct dc_transport_feedback *transport, uint8_t *data)
{
    struct dc_rtcp_writer writer;
    struct dc_rtcp_reader reader;
    struct dc_rtcp_packet packet;
    struct dc_rtcp_feedback feedback;
    unsigned kinds = 0;
    dc_rtcp_writer_init(&writer, data, DC_RTP_MAX_PACKET_BYTES);
    dc_video_receiver_write_rtcp(receiver, &writer, now_us);
    assert_false(writer.failed);
    dc_rtcp_reader_init(&reader, data, writer.size_bytes);
    while (dc_rtcp_reader_next(&reader, &packet)) {
        if (packet.type == DC_RTCP_RECEIVER_REPORT) {
            assert_true(dc_rtcp_unpack_report(&packet, report));
            kinds |= 1;
        }
        if (packet.type == DC_RTCP_TRANSPORT_FEEDBACK && packet.count == DC_RTPFB_TRANSPORT_CC) {
            assert_true(dc_transport_feedback_unpack(&packet, transport));
            kinds |= 2;
        }
        if (dc_rtcp_unpack_feedback(&packet, &feedback) && feedback.kind == DC_FEEDBACK_NACK) {
            *nack = feedback;
            kinds |= 4;
        }
    }
    return kinds;
}

static void
test_receiver_asks_and_reports(void **state)
{
    struct dc_video_receiver *receiver = make_receiver();
    struct dc_rtcp_feedback nack;
    struct dc_rtcp_report report;
    struct dc_transport_feedback transport;
    struct dc_transport_status status;
    uint8_t data[DC_RTP_MAX_PACKET_BYTES], packet[DC_RTP_MAX_PACKET_BYTES], rtx[DC_RTP_MAX_PACKET_BYTES];
    unsigned received = 0, statuses = 0;
    for (uint16_t i = 0; i < 10; i++)
        if (i != 3 && i != 7)
            push(receiver, i, 1000 + i);
    for (unsigned i = 0; i < 3; i++)
        assert_non_null(dc_video_receiver_next(receiver, 1010));
    assert_null(dc_video_receiver_next(receiver, 1010));
    assert_int_equal(listen_to(receiver, 1010, &nack, &report, &transport, data), 0);
    assert_int_equal(dc_video_receiver_deadline_us(receiver), 1004 + 4000);
    assert_int_equal(listen_to(receiver, 5010, &nack, &report, &transport, data), 4);
    assert_int_equal(nack.sequence_count, 2);
    assert_int_equal(nack.sequences[0], 3);
    assert_int_equal(nack.sequences[1], 7);
    size_t size_bytes = dc_rtx_pack(packet, make_packet(3, 10, packet), 2, 98, 0, rtx, sizeof(rtx));
    assert_true(dc_video_receiver_push(receiver, rtx, size_bytes, 16000));
    for (unsigned i = 3; i < 7; i++)
        assert_non_null(dc_video_receiver_next(receiver, 16000));
    assert_null(dc_video_receiver_next(receiver, 16000));
    assert_int_equal(listen_to(receiver, 17001, &nack, &report, &transport, data), 2);
    assert_int_equal(transport.base_sequence, 0);
    while (dc_transport_feedback_next(&transport, &status)) {
        received += status.received;
        statuses++;
    }
    assert_int_equal(statuses, 11); // number 10 came as a retransmission
    assert_int_equal(received, 9);
    assert_int_equal(listen_to(receiver, 500000, &nack, &report, &transport, data) & 1, 1);
    assert_int_equal(report.blocks[0].ssrc, 1);
    assert_int_equal(report.blocks[0].cumulative_lost, 2); // by itself the network lost two
    assert_int_equal(report.blocks[0].fraction_lost, 2 * 256 / 10);
    assert_int_equal(report.blocks[0].highest_sequence, 9);
    dc_video_receiver_finish(receiver);
    free(receiver);
}

/* A message of feedback begins where the one before it ended, so a loss between them is reported. */
static void
test_feedback_leaves_no_hole(void **state)
{
    struct dc_video_receiver *receiver = make_receiver();
    struct dc_rtcp_feedback nack;
    struct dc_rtcp_report report;
    struct dc_transport_feedback transport;
    struct dc_transport_status status;
    uint8_t data[DC_RTP_MAX_PACKET_BYTES];
    push(receiver, 0, 1000);
    push(receiver, 1, 1000);
    assert_int_equal(listen_to(receiver, 17000, &nack, &report, &transport, data) & 2, 2);
    push(receiver, 4, 20000);
    assert_int_equal(listen_to(receiver, 36000, &nack, &report, &transport, data) & 2, 2);
    assert_int_equal(transport.base_sequence, 2);
    assert_int_equal(transport.status_count, 3);
    push(receiver, 3, 40000); // late: said once more, from there on
    assert_int_equal(listen_to(receiver, 56000, &nack, &report, &transport, data) & 2, 2);
    assert_int_equal(transport.base_sequence, 3);
    assert_int_equal(transport.status_count, 2);
    assert_true(dc_transport_feedback_next(&transport, &status) && status.received);
    dc_video_receiver_finish(receiver);
    free(receiver);
}

static void
test_jitter_and_round_trip_in_reports(void **state)
{
    struct dc_receive_statistics statistics;
    struct dc_rtcp_block block;
    const struct dc_rtcp_report sender = { .is_sender = true, .ssrc = 1, .ntp_time = dc_ntp_from_us(5000000) };
    dc_receive_statistics_init(&statistics, 1, 90000);
    assert_false(dc_receive_statistics_report(&statistics, 0, &block));
    for (unsigned i = 0; i < 400; i++) // every second packet comes 2 ms late: the mean of |D| is 180 units
        dc_receive_statistics_push(&statistics, (uint16_t)i, 900 * i, 10000 * i + i % 2 * 2000);
    dc_receive_statistics_handle_sender_report(&statistics, &sender, 5010000);
    assert_true(dc_receive_statistics_report(&statistics, 5510000, &block));
    assert_in_range(block.jitter, 170, 185);
    assert_int_equal(block.fraction_lost, 0);
    assert_in_range(dc_rtcp_round_trip_us(&block, 5520000), 19000, 21000); // 10 ms there, 10 ms back
}

static void
test_gate(void **state)
{
    struct dc_frame_gate gate;
    dc_frame_gate_init(&gate);
    assert_int_equal(dc_frame_gate_request(&gate, 1, 20000), DC_GATE_NOTHING);
    assert_false(dc_frame_gate_push(&gate, 4, 0, false)); // in the middle of a stream
    assert_int_equal(dc_frame_gate_request(&gate, 100000, 20000), DC_GATE_KEYFRAME);
    assert_int_equal(dc_frame_gate_request(&gate, 120000, 20000), DC_GATE_NOTHING);
    assert_true(dc_frame_gate_push(&gate, 7, 0, true));
    assert_true(dc_frame_gate_push(&gate, 8, 0, false));
    assert_int_equal(dc_frame_gate_request(&gate, 200000, 20000), DC_GATE_NOTHING);
    assert_false(dc_frame_gate_push(&gate, 10, 0, false)); // 9 was lost
    assert_int_equal(dc_frame_gate_request(&gate, 210000, 20000), DC_GATE_INVALIDATE);
    assert_int_equal(gate.last_good, 8);
    assert_int_equal(gate.newest, 10);
    assert_false(dc_frame_gate_push(&gate, 11, 9, false));
    assert_int_equal(dc_frame_gate_request(&gate, 220000, 20000), DC_GATE_NOTHING);
    assert_int_equal(dc_frame_gate_request(&gate, 300000, 20000), DC_GATE_INVALIDATE); // not answered
    assert_true(dc_frame_gate_push(&gate, 12, 8, false)); // refers to what is there
    assert_int_equal(dc_frame_gate_request(&gate, 400000, 20000), DC_GATE_NOTHING);
    dc_frame_gate_handle_loss(&gate);
    assert_int_equal(dc_frame_gate_request(&gate, 400001, 20000), DC_GATE_INVALIDATE);
    assert_true(dc_frame_gate_push(&gate, 20, 0, true));
    assert_int_equal(gate.refused, 3);
    dc_frame_gate_handle_decoder_failure(&gate);
    assert_int_equal(dc_frame_gate_request(&gate, 500000, 20000), DC_GATE_KEYFRAME);
    assert_false(dc_frame_gate_push(&gate, 21, 0, false));
    assert_true(dc_frame_gate_push(&gate, 22, 0, true));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_is_restored),
        cmocka_unit_test(test_a_gap_is_waited_for_and_given_up),
        cmocka_unit_test(test_a_flood_stays_in_the_ring),
        cmocka_unit_test(test_nack_timing),
        cmocka_unit_test(test_receiver_asks_and_reports),
        cmocka_unit_test(test_feedback_leaves_no_hole),
        cmocka_unit_test(test_jitter_and_round_trip_in_reports),
        cmocka_unit_test(test_gate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
