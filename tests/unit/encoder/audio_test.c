/* The Opus encoder, seen from the decoder's end. */
#undef NDEBUG
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <opus.h>

#include <encoder/audio/encoder.h>

#define RATE 48000

struct sink {
    OpusDecoder *decoder;
    uint32_t count, bytes;
    uint64_t first_timestamp, next_timestamp; // expected, without gaps
    uint32_t gaps;
    uint64_t gap_samples;
    uint32_t duration;
    double squares;
    uint64_t samples;
};

static void
handle_packet(void *user, const struct dc_packet *packet)
{
    struct sink *sink = user;
    int16_t pcm[480 * 2];

    assert_int_equal(packet->kind, DC_PACKET_AUDIO_OPUS);
    assert_int_equal(packet->duration, sink->duration);
    if (!sink->count)
        sink->first_timestamp = packet->timestamp;
    else if (packet->timestamp != sink->next_timestamp) {
        assert_true(packet->timestamp > sink->next_timestamp); // never backwards
        sink->gaps++;
        sink->gap_samples += packet->timestamp - sink->next_timestamp;
    }
    sink->next_timestamp = packet->timestamp + packet->duration;
    sink->count++;
    sink->bytes += (uint32_t)packet->size_bytes;
    const int n = opus_decode(sink->decoder, packet->data, (opus_int32)packet->size_bytes, pcm, 480, 0);
    assert_int_equal(n, sink->duration);
    if (sink->count > 10) // the codec's own start
        for (int i = 0; i < n * 2; i++)
            sink->squares += (double)pcm[i] * pcm[i];
    if (sink->count > 10)
        sink->samples += (uint64_t)n * 2;
}

static const struct dc_audio_encoder_listener listener = {.handle_packet = handle_packet};

static void
sine(int16_t *pcm, uint32_t count, uint64_t position, double amplitude)
{
    for (uint32_t i = 0; i < count; i++)
        pcm[2 * i] = pcm[2 * i + 1] = (int16_t)(amplitude * sin(2 * M_PI * 440 * (double)(position + i) / RATE));
}

static struct dc_audio_encoder *
open_encoder(struct sink *sink, uint32_t frame_ms, bool dtx)
{
    const struct dc_audio_encoder_config config = {.frame_ms = frame_ms, .bitrate_kbps = 128, .dtx = dtx};
    struct dc_audio_encoder *encoder;
    int error;

    *sink = (struct sink){.decoder = opus_decoder_create(RATE, 2, &error), .duration = frame_ms * 48};
    assert_non_null(sink->decoder);
    encoder = dc_audio_encoder_create(&config, &listener, sink);
    assert_non_null(encoder);
    return encoder;
}

static void
check_sine(uint32_t frame_ms, uint32_t push_samples)
{
    struct sink sink;
    struct dc_audio_encoder *encoder = open_encoder(&sink, frame_ms, true);
    int16_t pcm[2048 * 2];
    uint64_t position = 0;

    while (position < RATE) {
        sine(pcm, push_samples, position, 10000);
        // ±1 ms of jitter in the stamps is not a gap
        const int64_t jitter_us = position / push_samples % 2 ? 1000 : -1000;
        assert_true(dc_audio_encoder_push(encoder, 5000000 + (int64_t)position * 1000 / 48 + jitter_us, pcm,
                                          push_samples));
        position += push_samples;
    }
    assert_int_equal(sink.count, position / (frame_ms * 48));
    assert_int_equal(sink.gaps, 0);
    const double rms = sqrt(sink.squares / (double)sink.samples), expected = 10000 / sqrt(2);
    assert_true(fabs(20 * log10(rms / expected)) < 0.5);
    const double kbps = sink.bytes * 8.0 / 1000 * RATE / (double)position;
    assert_true(kbps > 60 && kbps < 180);
    opus_decoder_destroy(sink.decoder);
    dc_audio_encoder_destroy(encoder);
}

static void
test_sine(void **state)
{
    check_sine(5, 240);
    check_sine(10, 480);
    check_sine(10, 240);
    check_sine(5, 1000);
    check_sine(5, 77);
}

static void
test_digital_silence(void **state)
{
    struct sink sink;
    struct dc_audio_encoder *encoder = open_encoder(&sink, 5, true);
    int16_t pcm[240 * 2];

    for (uint32_t i = 0; i < 1200; i++) { // 1 s sine, 4 s zeros, 1 s sine
        const bool loud = i < 200 || i >= 1000;

        memset(pcm, 0, sizeof(pcm));
        if (loud)
            sine(pcm, 240, i * 240, 8000);
        assert_true(dc_audio_encoder_push(encoder, (int64_t)i * 5000, pcm, 240));
        if (i == 990)
            assert_in_range(sink.count, 200, 215); // the 60 ms hang-over at most
    }
    assert_int_equal(sink.gaps, 1);
    assert_in_range(sink.gap_samples, (800 - 15) * 240, 800 * 240);
    assert_int_equal(sink.next_timestamp - sink.first_timestamp, 1200 * 240);
    opus_decoder_destroy(sink.decoder);
    dc_audio_encoder_destroy(encoder);
}

static void
test_no_dtx(void **state)
{
    struct sink sink;
    struct dc_audio_encoder *encoder = open_encoder(&sink, 10, false);
    int16_t pcm[480 * 2] = {0};

    for (uint32_t i = 0; i < 100; i++)
        assert_true(dc_audio_encoder_push(encoder, (int64_t)i * 10000, pcm, 480));
    assert_int_equal(sink.count, 100);
    opus_decoder_destroy(sink.decoder);
    dc_audio_encoder_destroy(encoder);
}

static void
test_gap(void **state)
{
    struct sink sink;
    struct dc_audio_encoder *encoder = open_encoder(&sink, 5, true);
    int16_t pcm[360 * 2];

    sine(pcm, 360, 0, 8000);
    assert_true(dc_audio_encoder_push(encoder, 1000000, pcm, 360)); // a frame and a half
    assert_int_equal(sink.count, 1);
    assert_true(dc_audio_encoder_push(encoder, 2000000, pcm, 240)); // one second later
    assert_int_equal(sink.count, 3);                                // the half was completed
    assert_int_equal(sink.gaps, 1);
    assert_int_equal(sink.first_timestamp, 48000);
    assert_int_equal(sink.next_timestamp, 2 * 48000 + 240);
    opus_decoder_destroy(sink.decoder);
    dc_audio_encoder_destroy(encoder);
}

static void
test_refusals(void **state)
{
    const struct dc_audio_encoder_config config = {.frame_ms = 7};

    assert_null(dc_audio_encoder_create(&config, &listener, NULL));
    dc_audio_encoder_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sine), cmocka_unit_test(test_digital_silence), cmocka_unit_test(test_no_dtx),
        cmocka_unit_test(test_gap),  cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
