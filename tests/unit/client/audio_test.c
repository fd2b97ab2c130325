/* The jitter buffer, fed with real Opus packets at times of the test's choosing. */
#undef NDEBUG
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <opus/opus.h>

#include "audio.h"

#define FRAMES 480 // 10 ms

struct fixture {
    struct dc_audio audio;
    OpusEncoder *encoder;
    uint16_t sequence;
    uint32_t timestamp;
    double phase;
};

static int
setup(void **state)
{
    static struct fixture f;
    int error;
    f = (struct fixture){ .sequence = 65530 };
    assert_true(dc_audio_init(&f.audio));
    f.encoder = opus_encoder_create(48000, 2, OPUS_APPLICATION_RESTRICTED_LOWDELAY, &error);
    *state = &f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;
    opus_encoder_destroy(f->encoder);
    dc_audio_finish(&f->audio);
    return 0;
}

static void
send(struct fixture *f, bool arrives)
{
    int16_t samples[2 * FRAMES];
    uint8_t data[1000];
    for (int i = 0; i < FRAMES; i++) {
        samples[2 * i] = samples[2 * i + 1] = (int16_t)lrint(0.5 * 32767 * sin(f->phase));
        f->phase += 2 * M_PI * 440 / 48000;
    }
    int n = opus_encode(f->encoder, samples, FRAMES, data, sizeof(data));
    assert_true(n > 0);
    struct dc_rtp_packet packet = { .sequence = f->sequence++, .timestamp = f->timestamp, .payload = data,
                                    .payload_bytes = (size_t)n };
    f->timestamp += FRAMES;
    if (arrives)
        dc_audio_push(&f->audio, &packet);
}

static double
pull(struct fixture *f, uint32_t frame_count)
{
    int16_t samples[2 * 4800];
    double energy = 0;
    dc_audio_pull(&f->audio, samples, frame_count);
    for (uint32_t i = 0; i < 2 * frame_count; i++)
        energy += samples[i] * (double)samples[i] / (32768.0 * 32768.0);
    return energy / (2 * frame_count);
}

static void
test_steady(void **state)
{
    struct fixture *f = *state;
    double energy = 0;
    for (int i = 0; i < 500; i++) {
        send(f, true);
        energy = pull(f, FRAMES);
    }
    assert_float_equal(10 * log10(energy), -9.03, 0.3); // a sine of half the range
    assert_int_equal(f->audio.stats.packets, 500);
    assert_int_equal(f->audio.stats.underruns, 0);
    assert_int_equal(f->audio.stats.lost, 0);
    assert_true(f->audio.stats.buffered_ms <= 20);
}

static void
test_underrun_lengthens(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 50; i++) {
        send(f, true);
        pull(f, FRAMES);
    }
    uint32_t target = f->audio.target;
    for (int i = 0; i < 5; i++) // nothing arrives for 50 ms
        pull(f, FRAMES);
    for (int i = 0; i < 5; i++) // then all at once
        send(f, true);
    assert_int_equal(f->audio.stats.underruns, 1);
    assert_int_equal(f->audio.target, target + 240);
    pull(f, FRAMES); // playing again
    for (int i = 0; i < 500; i++) {
        send(f, true);
        pull(f, FRAMES);
    }
    assert_int_equal(f->audio.stats.underruns, 1);
    assert_true(f->audio.stats.buffered_ms <= 25); // and what the burst left over was cut away again
}

static void
test_pause_is_no_underrun(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 50; i++) {
        send(f, true);
        pull(f, FRAMES);
    }
    for (int i = 0; i < 20; i++)
        assert_true(pull(f, FRAMES) >= 0);
    assert_float_equal(pull(f, FRAMES), 0, 1e-9);
    f->timestamp += 20 * FRAMES; // DTX: the clock went on, nothing was sent
    for (int i = 0; i < 50; i++) {
        send(f, true);
        pull(f, FRAMES);
    }
    assert_int_equal(f->audio.stats.underruns, 0);
}

static void
test_loss_is_concealed(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 50; i++)
        send(f, i != 25 && i != 26);
    assert_int_equal(f->audio.stats.packets, 48);
    assert_int_equal(f->audio.stats.lost, 2);
    assert_int_equal(f->audio.count, 50 * FRAMES); // nothing shifts in time
}

static void
test_nobody_pulls(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 500; i++)
        send(f, true);
    assert_true(f->audio.count <= DC_AUDIO_RING_FRAMES);
    for (int i = 0; i < 300; i++) { // five seconds later the delay is gone
        send(f, true);
        pull(f, FRAMES);
    }
    assert_true(f->audio.stats.buffered_ms < 40);
}

static void
test_large_pulls(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 300; i++) { // a 20 Hz "display" takes 50 ms at once
        send(f, true);
        if (i % 5 == 4)
            pull(f, 5 * FRAMES);
    }
    assert_int_equal(f->audio.stats.underruns, 0);
}

static void
test_malformed(void **state)
{
    struct fixture *f = *state;
    static const uint8_t noise[] = { 0xff, 0xff, 0x12, 0x34 }; // more than 120 ms
    struct dc_rtp_packet packet = { .payload = noise, .payload_bytes = sizeof(noise) };
    dc_audio_push(&f->audio, &packet);
    packet.payload_bytes = 0;
    dc_audio_push(&f->audio, &packet);
    assert_int_equal(f->audio.stats.packets, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_steady, setup, teardown),
        cmocka_unit_test_setup_teardown(test_underrun_lengthens, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pause_is_no_underrun, setup, teardown),
        cmocka_unit_test_setup_teardown(test_loss_is_concealed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nobody_pulls, setup, teardown),
        cmocka_unit_test_setup_teardown(test_large_pulls, setup, teardown),
        cmocka_unit_test_setup_teardown(test_malformed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
