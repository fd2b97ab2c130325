#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <protocol/rtp/rtcp_feedback.h>
#include <protocol/rtp/transport_feedback.h>

static struct dc_rtcp_packet
only_packet(const struct dc_rtcp_writer *writer)
{
    struct dc_rtcp_reader reader;
    struct dc_rtcp_packet packet, more;
    assert_false(writer->failed);
    dc_rtcp_reader_init(&reader, writer->data, writer->size_bytes);
    assert_true(dc_rtcp_reader_next(&reader, &packet));
    assert_false(dc_rtcp_reader_next(&reader, &more));
    assert_false(reader.failed);
    return packet;
}

static void
test_compound_round_trip(void **state)
{
    uint8_t data[512];
    struct dc_rtcp_writer writer;
    struct dc_rtcp_reader reader;
    struct dc_rtcp_packet packet;
    struct dc_rtcp_report report = { .is_sender = true, .ssrc = 1, .ntp_time = 0x123456789abcdef0, .rtp_timestamp = 2,
                                     .packet_count = 3, .octet_count = 4, .block_count = 2 }, got;
    struct dc_rtcp_bye bye;
    uint32_t ssrc;
    const char *text;
    size_t size_bytes;
    report.blocks[0] = (struct dc_rtcp_block){ 5, 6, -7, 8, 9, 10, 11 };
    report.blocks[1] = (struct dc_rtcp_block){ 12, 255, 0x7fffff, 13, 14, 15, 16 };
    dc_rtcp_writer_init(&writer, data, sizeof(data));
    dc_rtcp_put_report(&writer, &report);
    dc_rtcp_put_cname(&writer, 1, "abc");
    dc_rtcp_put_bye(&writer, 1, "over");
    assert_false(writer.failed);
    dc_rtcp_reader_init(&reader, data, writer.size_bytes);
    assert_true(dc_rtcp_reader_next(&reader, &packet));
    assert_true(dc_rtcp_unpack_report(&packet, &got));
    assert_memory_equal(&got, &report, sizeof(got));
    assert_true(dc_rtcp_reader_next(&reader, &packet));
    assert_true(dc_rtcp_unpack_cname(&packet, &ssrc, &text, &size_bytes));
    assert_int_equal(ssrc, 1);
    assert_int_equal(size_bytes, 3);
    assert_memory_equal(text, "abc", 3);
    assert_true(dc_rtcp_reader_next(&reader, &packet));
    assert_true(dc_rtcp_unpack_bye(&packet, &bye));
    assert_int_equal(bye.ssrc_count, 1);
    assert_int_equal(bye.reason_bytes, 4);
    assert_memory_equal(bye.reason, "over", 4);
    assert_false(dc_rtcp_reader_next(&reader, &packet));
    assert_false(reader.failed);
}

static void
test_what_does_not_fit_is_left_out_whole(void **state)
{
    uint8_t data[64];
    struct dc_rtcp_writer writer;
    struct dc_rtcp_report report = { .ssrc = 1 };
    for (size_t capacity = 0; capacity < 12; capacity++) {
        dc_rtcp_writer_init(&writer, data, capacity);
        dc_rtcp_put_report(&writer, &report);
        dc_rtcp_put_pli(&writer, 1, 2);
        assert_true(writer.failed);
        assert_int_equal(writer.size_bytes, capacity < 8 ? 0 : 8);
    }
}

static void
test_malformed_headers(void **state)
{
    static const struct { uint8_t data[12]; size_t size_bytes; } bad[] = {
        { { 0x80, 200, 0 }, 3 },                            // cut header
        { { 0x40, 200, 0, 0 }, 4 },                         // version 1
        { { 0x80, 200, 0, 1 }, 4 },                         // longer than the datagram
        { { 0xa0, 200, 0, 0 }, 4 },                         // padding in nothing
        { { 0xa0, 200, 0, 1, 0, 0, 0, 0 }, 8 },             // padding of zero bytes
        { { 0xa0, 200, 0, 1, 0, 0, 0, 8 }, 8 },             // more padding than body
        { { 0xa0, 200, 0, 1, 0, 0, 0, 4, 0x80, 200 }, 10 }, // padding before the last packet
    };
    struct dc_rtcp_reader reader;
    struct dc_rtcp_packet packet;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        dc_rtcp_reader_init(&reader, bad[i].data, bad[i].size_bytes);
        assert_false(dc_rtcp_reader_next(&reader, &packet));
        assert_true(reader.failed);
    }
}

static void
test_nack(void **state)
{
    static const uint16_t sequences[] = { 65530, 65534, 3, 10, 11, 27, 28, 5000 };
    uint8_t data[128];
    struct dc_rtcp_writer writer;
    struct dc_rtcp_feedback feedback;
    dc_rtcp_writer_init(&writer, data, sizeof(data));
    dc_rtcp_put_nack(&writer, 1, 2, sequences, 8);
    struct dc_rtcp_packet packet = only_packet(&writer);
    assert_int_equal(packet.body_bytes, 8 + 4 * 4); // {65530, 65534, 3, 10}, {11, 27}, {28}, {5000}
    assert_true(dc_rtcp_unpack_feedback(&packet, &feedback));
    assert_int_equal(feedback.kind, DC_FEEDBACK_NACK);
    assert_int_equal(feedback.sender_ssrc, 1);
    assert_int_equal(feedback.media_ssrc, 2);
    assert_int_equal(feedback.sequence_count, 8);
    assert_memory_equal(feedback.sequences, sequences, sizeof(sequences));
}

static void
test_nack_list_is_bounded(void **state)
{
    uint8_t data[4 + 8 + 4 * 200];
    struct dc_rtcp_writer writer;
    struct dc_rtcp_feedback feedback;
    dc_rtcp_writer_init(&writer, data, sizeof(data));
    uint8_t *p = dc_rtcp_writer_begin(&writer, DC_RTCP_TRANSPORT_FEEDBACK, DC_RTPFB_NACK, sizeof(data) - 4);
    memset(p, 0xff, sizeof(data) - 4); // 200 × 17 numbers
    struct dc_rtcp_packet packet = only_packet(&writer);
    assert_true(dc_rtcp_unpack_feedback(&packet, &feedback));
    assert_int_equal(feedback.sequence_count, DC_NACK_MAX_SEQUENCES);
}

static void
test_requests(void **state)
{
    uint8_t data[256];
    struct dc_rtcp_writer writer;
    struct dc_rtcp_packet packet;
    struct dc_rtcp_feedback feedback;
    dc_rtcp_writer_init(&writer, data, sizeof(data));
    dc_rtcp_put_pli(&writer, 1, 2);
    packet = only_packet(&writer);
    assert_true(dc_rtcp_unpack_feedback(&packet, &feedback));
    assert_int_equal(feedback.kind, DC_FEEDBACK_PLI);
    assert_int_equal(feedback.media_ssrc, 2);
    dc_rtcp_writer_init(&writer, data, sizeof(data));
    dc_rtcp_put_fir(&writer, 1, 2, 200);
    packet = only_packet(&writer);
    assert_true(dc_rtcp_unpack_feedback(&packet, &feedback));
    assert_int_equal(feedback.kind, DC_FEEDBACK_FIR);
    assert_int_equal(feedback.media_ssrc, 2);
    assert_int_equal(feedback.fir_sequence, 200);
    dc_rtcp_writer_init(&writer, data, sizeof(data));
    dc_rtcp_put_invalidate(&writer, 1, 2, 0x100000000, 0x100000005);
    packet = only_packet(&writer);
    assert_true(dc_rtcp_unpack_feedback(&packet, &feedback));
    assert_int_equal(feedback.kind, DC_FEEDBACK_INVALIDATE);
    assert_int_equal(feedback.media_ssrc, 2);
    assert_true(feedback.first_lost_id == 0x100000000 && feedback.newest_id == 0x100000005);
    dc_rtcp_writer_init(&writer, data, sizeof(data));
    dc_rtcp_put_invalidate(&writer, 1, 2, 6, 5); // a loss that is newer than everything
    packet = only_packet(&writer);
    assert_false(dc_rtcp_unpack_feedback(&packet, &feedback));
}

static void
test_remb_is_tolerated(void **state)
{
    static const uint8_t remb[] = { 0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E', 'M', 'B', 1, 0x0b, 0x13, 0x88,
                                    0, 0, 0, 9 };
    struct dc_rtcp_writer writer = { .data = (uint8_t *)remb, .size_bytes = sizeof(remb) };
    struct dc_rtcp_packet packet = only_packet(&writer);
    struct dc_rtcp_feedback feedback;
    assert_true(dc_rtcp_unpack_feedback(&packet, &feedback));
    assert_int_equal(feedback.kind, DC_FEEDBACK_REMB);
    assert_int_equal(feedback.remb_bitrate, 0x31388 << 2);
    assert_int_equal(feedback.media_ssrc, 9);
}

/* Writes arrivals in as many messages as it takes; reads them and compares. */
static unsigned
check_arrivals(const struct dc_transport_arrival *arrivals, unsigned count, size_t capacity)
{
    unsigned done = 0, messages = 0;
    uint16_t base = (uint16_t)(arrivals[0].sequence - 3 * (count & 1)); // now and then the first ones are missing
    while (done < count) {
        uint8_t *data = malloc(capacity);
        struct dc_rtcp_writer writer;
        struct dc_transport_feedback feedback;
        struct dc_transport_status status;
        dc_rtcp_writer_init(&writer, data, capacity);
        unsigned n = dc_rtcp_put_transport_feedback(&writer, 1, 2, 77, base, arrivals + done, count - done);
        assert_true(n > 0);
        struct dc_rtcp_packet packet = only_packet(&writer);
        assert_true(dc_transport_feedback_unpack(&packet, &feedback));
        assert_int_equal(feedback.feedback_count, 77);
        assert_int_equal(feedback.base_sequence, base);
        unsigned i = done;
        uint16_t sequence = base;
        while (dc_transport_feedback_next(&feedback, &status)) {
            assert_int_equal(status.sequence, sequence++);
            bool expected = i < done + n && arrivals[i].sequence == status.sequence;
            assert_int_equal(status.received, expected);
            if (expected)
                assert_int_equal(status.arrival_us / 250, arrivals[i++].arrival_us / 250);
        }
        assert_int_equal(i, done + n);
        done += n;
        base = done < count && (uint16_t)(arrivals[done].sequence - sequence) > 20000 ? arrivals[done].sequence : sequence;
        messages++;
        free(data);
    }
    return messages;
}

static void
test_transport_feedback_of_every_kind(void **state)
{
    static struct dc_transport_arrival arrivals[3000];
    srand(4);
    for (unsigned round = 0; round < 300; round++) {
        unsigned count = 1 + (unsigned)rand() % (round < 250 ? 40 : 3000), kind = round % 5;
        uint16_t sequence = (uint16_t)rand();
        int64_t now_us = rand();
        for (unsigned i = 0; i < count; i++) {
            unsigned gap = kind == 0 ? 1 : kind == 1 ? 1 + (rand() % 20 == 0) : kind == 2 ? 1 + (unsigned)rand() % 30 :
                           kind == 3 ? 1 + (rand() % 50 == 0) * 9000u : 1 + (unsigned)rand() % 2;
            now_us += kind == 4 ? rand() % 200000 - 60000 : rand() % (round % 2 ? 2000 : 70000);
            now_us = now_us < 0 ? 0 : now_us;
            arrivals[i] = (struct dc_transport_arrival){ sequence, now_us };
            sequence = (uint16_t)(sequence + gap);
        }
        check_arrivals(arrivals, count, round % 3 ? 1200 : 60);
    }
}

static void
test_transport_feedback_splits_at_long_pauses(void **state)
{
    static const struct dc_transport_arrival pause[] = { { 1, 1000 }, { 2, 2000 }, { 3, 20000000 }, { 4, 20000250 } };
    static const struct dc_transport_arrival jump[] = { { 1, 1000 }, { 40000, 2000 } };
    static const struct dc_transport_arrival usual[] = { { 1, 1000 }, { 2, 2000 }, { 3, 2000 }, { 4, 9000 } };
    assert_int_equal(check_arrivals(pause, 4, 1200), 2);
    assert_int_equal(check_arrivals(jump, 2, 1200), 2);
    assert_int_equal(check_arrivals(usual, 4, 1200), 1);
}

static void
test_transport_feedback_malformed(void **state)
{
    uint8_t body[24] = { 0, 0, 0, 1, 0, 0, 0, 2, 0, 10, 0, 3, 0, 0, 1, 0, 0x20, 3, 1, 2, 3, 0 };
    struct dc_rtcp_packet packet = { DC_RTCP_TRANSPORT_FEEDBACK, DC_RTPFB_TRANSPORT_CC, body, 24 };
    struct dc_transport_feedback feedback;
    assert_true(dc_transport_feedback_unpack(&packet, &feedback));
    packet.body_bytes = 20; // a delta is missing
    assert_false(dc_transport_feedback_unpack(&packet, &feedback));
    packet.body_bytes = 24;
    body[16] = 0x20, body[17] = 0; // a run of nothing
    assert_false(dc_transport_feedback_unpack(&packet, &feedback));
    body[16] = 0x60, body[17] = 3; // reserved status
    assert_false(dc_transport_feedback_unpack(&packet, &feedback));
    body[16] = 0x00, body[17] = 3, body[10] = 0x10; // statuses beyond the chunks
    assert_false(dc_transport_feedback_unpack(&packet, &feedback));
    body[10] = 0, body[11] = 0; // about nothing
    assert_false(dc_transport_feedback_unpack(&packet, &feedback));
}

static void
test_round_trip_time(void **state)
{
    int64_t sent_us = 5000000000;
    struct dc_rtcp_block block = { .last_report = dc_ntp_middle(dc_ntp_from_us(sent_us)), .delay_since_report = 65536 / 2 };
    int64_t round_trip_us = dc_rtcp_round_trip_us(&block, sent_us + 500000 + 20000);
    assert_true(round_trip_us > 19900 && round_trip_us < 20100);
    assert_true(dc_rtcp_round_trip_us(&block, sent_us) < 0); // held for longer than it was away
    block.last_report = 0;
    assert_true(dc_rtcp_round_trip_us(&block, sent_us) < 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compound_round_trip),
        cmocka_unit_test(test_what_does_not_fit_is_left_out_whole),
        cmocka_unit_test(test_malformed_headers),
        cmocka_unit_test(test_nack),
        cmocka_unit_test(test_nack_list_is_bounded),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_remb_is_tolerated),
        cmocka_unit_test(test_transport_feedback_of_every_kind),
        cmocka_unit_test(test_transport_feedback_splits_at_long_pauses),
        cmocka_unit_test(test_transport_feedback_malformed),
        cmocka_unit_test(test_round_trip_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
