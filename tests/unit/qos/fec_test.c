#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <protocol/qos/fec_decoder.h>
#include <protocol/qos/fec_encoder.h>
#include <protocol/qos/fec_rate.h>
#include <protocol/rtp/rtp.h>

#include "line.h"

#define BASE 65530 // numbers wrap within a block

struct block {
    unsigned data_count, parity_count;
    uint8_t packets[DC_FEC_MAX_DATA + DC_FEC_MAX_PARITY][DC_RTP_MAX_PACKET_BYTES];
    size_t sizes[DC_FEC_MAX_DATA + DC_FEC_MAX_PARITY];
    struct dc_jitter_buffer buffer;
    unsigned recovered;
};

static void
collect_parity(void *user, const uint8_t *packet, size_t size_bytes)
{
    struct block *block = user;
    unsigned i = block->data_count + block->parity_count++;
    assert_true(size_bytes > 0 && size_bytes + 8 <= DC_RTP_MAX_PACKET_BYTES);
    memcpy(block->packets[i], packet, size_bytes);
    block->sizes[i] = size_bytes;
}

static void
collect_recovered(void *user, const uint8_t *packet, size_t size_bytes)
{
    struct block *block = user;
    unsigned i = (uint16_t)((uint16_t)(packet[2] << 8 | packet[3]) - BASE);
    assert_true(i < block->data_count);
    assert_int_equal(size_bytes, block->sizes[i]);
    assert_memory_equal(packet, block->packets[i], size_bytes);
    assert_true(dc_jitter_buffer_insert(&block->buffer, packet, size_bytes, true, 0, NULL));
    block->recovered++;
}

static struct block *
make_block(unsigned data_count, unsigned parity_count)
{
    struct block *block = calloc(1, sizeof(*block));
    struct dc_fec_encoder encoder;
    const uint8_t *pointers[DC_FEC_MAX_DATA];
    block->data_count = data_count;
    for (unsigned i = 0; i < data_count; i++) {
        uint8_t payload[DC_RTP_MAX_PACKET_BYTES];
        struct dc_rtp_packet packet = { .payload_type = 96, .sequence = (uint16_t)(BASE + i), .timestamp = 5, .ssrc = 1,
                                        .payload = payload };
        packet.payload_bytes = i + 1 < data_count ? 1100 : 1 + (size_t)rand() % 1100;
        for (size_t j = 0; j < packet.payload_bytes; j++)
            payload[j] = (uint8_t)rand();
        block->sizes[i] = dc_rtp_pack(&packet, block->packets[i], DC_RTP_MAX_PACKET_BYTES);
        pointers[i] = block->packets[i];
    }
    dc_fec_encoder_init(&encoder, 3, 99, 100);
    assert_true(dc_fec_encoder_push(&encoder, pointers, block->sizes, data_count, parity_count, collect_parity, block));
    assert_int_equal(block->parity_count, parity_count);
    dc_fec_encoder_finish(&encoder);
    assert_true(dc_jitter_buffer_init(&block->buffer));
    return block;
}

/* Packets come in the order of sending without those that `lost` names, after one of an older frame. */
static unsigned
receive(struct block *block, const bool *lost, bool parity_first)
{
    struct dc_fec_decoder decoder;
    uint8_t before[12] = { 0x80, 96, (BASE - 1) >> 8, (BASE - 1) & 0xff, 0, 0, 0, 0, 0, 0, 0, 1 };
    unsigned total = block->data_count + block->parity_count;
    int64_t sequence;
    dc_fec_decoder_init(&decoder, 1, 0);
    assert_true(dc_jitter_buffer_insert(&block->buffer, before, sizeof(before), false, 0, NULL));
    assert_non_null(dc_jitter_buffer_next(&block->buffer, 0));
    for (unsigned n = 0; n < total; n++) {
        unsigned i = parity_first ? (n + block->data_count) % total : n;
        if (lost[i])
            continue;
        if (i < block->data_count) {
            if (!dc_jitter_buffer_insert(&block->buffer, block->packets[i], block->sizes[i], false, 0, &sequence))
                continue; // recovered already
            dc_fec_decoder_handle_data(&decoder, &block->buffer, sequence, collect_recovered, block);
        } else {
            struct dc_rtp_packet packet;
            assert_true(dc_rtp_unpack(block->packets[i], block->sizes[i], &packet));
            assert_int_equal(packet.payload_type, 99);
            dc_fec_decoder_push(&decoder, &block->buffer, packet.payload, packet.payload_bytes, collect_recovered, block);
        }
    }
    unsigned complete = 0;
    while (dc_jitter_buffer_next(&block->buffer, 0))
        complete++;
    dc_fec_decoder_finish(&decoder);
    return complete;
}

static void
free_block(struct block *block)
{
    dc_jitter_buffer_finish(&block->buffer);
    free(block);
}

/* Any k of k + m bring the frame back, in any order; one fewer does not. */
static void
test_any_k_of_n(void **state)
{
    srand(3);
    for (unsigned round = 0; round < 400; round++) {
        unsigned k = 1 + (unsigned)rand() % (round < 350 ? 24 : DC_FEC_MAX_DATA);
        unsigned m = 1 + (unsigned)rand() % (round < 350 ? 8 : DC_FEC_MAX_PARITY);
        bool lost[DC_FEC_MAX_DATA + DC_FEC_MAX_PARITY] = { false };
        unsigned losses = round % 4 ? m : m + 1, data_lost = 0;
        losses = losses > k + m ? k + m : losses;
        for (unsigned i = 0; i < losses;) {
            unsigned at = (unsigned)rand() % (k + m);
            i += !lost[at];
            data_lost += !lost[at] && at < k;
            lost[at] = true;
        }
        struct block *block = make_block(k, m);
        unsigned complete = receive(block, lost, round & 1);
        if (losses <= m || !data_lost) {
            assert_int_equal(complete, k);
        } else {
            assert_true(complete < k);
            assert_int_equal(block->recovered, 0);
        }
        free_block(block);
    }
}

static void
test_hostile_parity(void **state)
{
    bool lost[16] = { [2] = true };
    struct block *block = make_block(8, 2);
    block->packets[8][12 + DC_FEC_HEADER_BYTES + 5] ^= 0x40; // parity that is nobody's: SSRC or number come out wrong
    block->packets[8][12 + DC_FEC_HEADER_BYTES + 12] ^= 0x40;
    block->packets[9][12 + 6] ^= 1;                          // another shard size than the first one's
    assert_int_equal(receive(block, lost, false), 2);
    assert_int_equal(block->recovered, 0);
    free_block(block);
}

static void
test_too_long_packets_are_refused(void **state)
{
    static uint8_t packet[DC_RTP_MAX_PACKET_BYTES] = { 0x80, 96 };
    const uint8_t *packets[] = { packet };
    size_t size_bytes = DC_FEC_MAX_MEDIA_BYTES + 1;
    struct dc_fec_encoder encoder;
    dc_fec_encoder_init(&encoder, 3, 99, 0);
    assert_false(dc_fec_encoder_push(&encoder, packets, &size_bytes, 1, 1, collect_parity, NULL));
    dc_fec_encoder_finish(&encoder);
}

static double
simulated_failure(unsigned packets, unsigned parity, double loss, double burst)
{
    struct dc_line line;
    struct dc_line_config config = { .loss = loss, .burst = burst };
    const unsigned frames = 200000;
    unsigned failed = 0;
    dc_line_init(&line, &config, 12345);
    for (unsigned f = 0; f < frames; f++) {
        unsigned lost = 0;
        int64_t due_us;
        for (unsigned i = 0; i < packets; i++)
            lost += !dc_line_offer(&line, 1200, 0, &due_us);
        failed += lost > parity;
    }
    return (double)failed / frames;
}

/* The share of frames that parity cannot bring back: computed and counted. 720p60 at 10 Mb/s is 18 packets a frame. */
static void
test_computed_and_simulated_frame_loss(void **state)
{
    static const struct { unsigned parity; double loss, burst; } cases[] = {
        { 0, 0.01, 1 }, { 1, 0.01, 1 }, { 2, 0.01, 1 }, { 4, 0.01, 1 }, { 0, 0.03, 1 }, { 2, 0.03, 1 }, { 4, 0.03, 1 },
        { 5, 0.03, 1 }, { 0, 0.02, 5 }, { 4, 0.02, 5 }, { 8, 0.02, 5 }, { 16, 0.02, 5 },
    };
    print_message("parity of 18 | loss, burst | computed   simulated (200000 frames)\n");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned packets = 18 + cases[i].parity;
        double computed = dc_fec_failure(packets, cases[i].parity, cases[i].loss, cases[i].burst);
        double simulated = simulated_failure(packets, cases[i].parity, cases[i].loss, cases[i].burst);
        print_message("          %2u | %.2f  %.0f | %.6f   %.6f\n", cases[i].parity, cases[i].loss, cases[i].burst, computed,
                      simulated);
        assert_true(simulated < computed * 1.15 + 0.00005 && simulated > computed * 0.85 - 0.00005);
    }
}

static void
test_parity_follows_loss(void **state)
{
    assert_int_equal(dc_fec_parity_count(18, 0.0001, 1, 0.0002), 1);
    unsigned at_1 = dc_fec_parity_count(18, 0.01, 1, 0.0002), at_3 = dc_fec_parity_count(18, 0.03, 1, 0.0002);
    unsigned in_bursts = dc_fec_parity_count(18, 0.02, 5, 0.0002);
    assert_true(at_1 >= 2 && at_1 <= 4);
    assert_true(at_3 > at_1 && at_3 <= 6);
    assert_true(in_bursts > 10);
    for (unsigned k = 1; k <= DC_FEC_MAX_DATA; k++) {
        unsigned m = dc_fec_parity_count(k, 0.5, 30, 0);
        assert_true(m >= 1 && m <= DC_FEC_MAX_PARITY && m <= k);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_k_of_n),
        cmocka_unit_test(test_hostile_parity),
        cmocka_unit_test(test_too_long_packets_are_refused),
        cmocka_unit_test(test_computed_and_simulated_frame_loss),
        cmocka_unit_test(test_parity_follows_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
