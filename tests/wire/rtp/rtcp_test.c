/* Every byte of the RTCP that we send, written out. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <protocol/rtp/rtcp_feedback.h>
#include <protocol/rtp/transport_feedback.h>

static void
test_report(void **state)
{
    static const uint8_t expected[] = {
        0x81, 200, 0, 12,               // V=2, one block; SR; 13 words
        0x11, 0x22, 0x33, 0x44,         // SSRC
        0, 0, 0, 1, 0x80, 0, 0, 0,      // NTP: 1.5 s
        0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, // RTP time, packets, octets
        0x55, 0x66, 0x77, 0x88,         // block: SSRC
        0x40, 0xff, 0xff, 0xff,         // a quarter lost, cumulative −1
        0, 1, 0, 2, 0, 0, 0, 5,         // highest sequence, jitter
        0, 0, 0, 6, 0, 0, 0, 7,         // LSR, DLSR
    };
    uint8_t data[128];
    struct dc_rtcp_writer writer;
    struct dc_rtcp_report report = { .is_sender = true, .ssrc = 0x11223344, .ntp_time = dc_ntp_from_us(1500000),
        .rtp_timestamp = 2, .packet_count = 3, .octet_count = 4, .block_count = 1,
        .blocks = { { 0x55667788, 0x40, -1, 0x00010002, 5, 6, 7 } } };
    dc_rtcp_writer_init(&writer, data, sizeof(data));
    dc_rtcp_put_report(&writer, &report);
    assert_int_equal(writer.size_bytes, 52);
    assert_memory_equal(data, expected, 52);
}

static void
test_description_and_bye(void **state)
{
    static const uint8_t expected[] = {
        0x81, 202, 0, 3, 0x11, 0x22, 0x33, 0x44, // one chunk; SDES; SSRC
        1, 2, 'd', 'c', 0, 0, 0, 0,              // CNAME, 2 bytes; end, to a word
        0x81, 203, 0, 2, 0x11, 0x22, 0x33, 0x44, // BYE
        3, 'e', 'n', 'd',                        // reason
    };
    uint8_t data[128];
    struct dc_rtcp_writer writer;
    dc_rtcp_writer_init(&writer, data, sizeof(data));
    dc_rtcp_put_cname(&writer, 0x11223344, "dc");
    dc_rtcp_put_bye(&writer, 0x11223344, "end");
    assert_int_equal(writer.size_bytes, sizeof(expected));
    assert_memory_equal(data, expected, sizeof(expected));
}

static void
test_feedback(void **state)
{
    static const uint8_t expected[] = {
        0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, // generic NACK, receiver 1, of media 2
        0xff, 0xff, 0x80, 0x01,                  // 65535, and 65535 + 1, + 16
        0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, // PLI
        0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, // FIR
        0, 0, 0, 2, 9, 0, 0, 0,                  // of media 2, request 9
        0x80, 204, 0, 7, 0, 0, 0, 1, 'D', 'C', 'R', 'I', 0, 0, 0, 2, // reference invalidation
        0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 3,              // lost from 256 on, seen up to 259
    };
    static const uint16_t lost[] = { 65535, 0, 15 };
    uint8_t data[128];
    struct dc_rtcp_writer writer;
    dc_rtcp_writer_init(&writer, data, sizeof(data));
    dc_rtcp_put_nack(&writer, 1, 2, lost, 3);
    dc_rtcp_put_pli(&writer, 1, 2);
    dc_rtcp_put_fir(&writer, 1, 2, 9);
    dc_rtcp_put_invalidate(&writer, 1, 2, 256, 259);
    assert_int_equal(writer.size_bytes, sizeof(expected));
    assert_memory_equal(data, expected, sizeof(expected));
}

static void
test_transport_feedback(void **state)
{
    static const uint8_t expected[] = {
        0x8f, 205, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, // transport-cc, receiver 1, of media 2
        0x00, 0x0a, 0, 29,                       // from 10 on, 29 statuses
        0, 0, 1, 5,                              // reference 64 ms, message 5
        0xd8, 0x40,                              // two bits each: small, large (-), none, small, none × 3
        0x00, 21,                                // none, 21 times
        0x20, 1,                                 // small, once
        4, 0xff, 0xfe, 2, 8,                     // + 1 ms; − 0.5 ms; + 0.5 ms; + 2 ms
        0,
    };
    static const struct dc_transport_arrival arrivals[] = { { 10, 65000 }, { 11, 64500 }, { 13, 65000 }, { 38, 67000 } };
    uint8_t data[128];
    struct dc_rtcp_writer writer;
    dc_rtcp_writer_init(&writer, data, sizeof(data));
    assert_int_equal(dc_rtcp_put_transport_feedback(&writer, 1, 2, 5, 10, arrivals, 4), 4);
    assert_int_equal(writer.size_bytes, sizeof(expected));
    assert_memory_equal(data, expected, sizeof(expected));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_description_and_bye),
        cmocka_unit_test(test_feedback),
        cmocka_unit_test(test_transport_feedback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
