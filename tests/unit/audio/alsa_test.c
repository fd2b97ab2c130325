/* Programs' way: alsa-lib, its `plug`, our plug-in, the socket, the HAL. DROIDCLOUD_ALSA_PLUGIN and ALSA_CONFIG_PATH
 * come from meson. */
#undef NDEBUG
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <alsa/asoundlib.h>
#include <cmocka.h>

#include <common/clock.h>

#include "hal_runner.h"

#define SINE_DBFS(amplitude) (20 * log10((amplitude) / 32768.0 / sqrt(2)))

static snd_pcm_t *
open_pcm(const char *name, snd_pcm_format_t format, unsigned channels, unsigned rate, unsigned latency_us)
{
    snd_pcm_t *pcm;

    assert_int_equal(snd_pcm_open(&pcm, name, SND_PCM_STREAM_PLAYBACK, 0), 0);
    assert_int_equal(
        snd_pcm_set_params(pcm, format, SND_PCM_ACCESS_RW_INTERLEAVED, channels, rate, 1, latency_us), 0);
    return pcm;
}

static void
sine_s16(int16_t *out, uint32_t frames, unsigned channels, unsigned rate, uint64_t position, double amplitude)
{
    for (uint32_t i = 0; i < frames; i++)
        for (unsigned c = 0; c < channels; c++)
            out[i * channels + c] = (int16_t)(amplitude * sin(2 * M_PI * 440 * (double)(position + i) / rate));
}

static void
play_sine(snd_pcm_t *pcm, uint32_t frames, double amplitude)
{
    int16_t buffer[512 * 2];

    for (uint32_t done = 0; done < frames;) {
        const uint32_t n = frames - done < 512 ? frames - done : 512;

        sine_s16(buffer, n, 2, 48000, done, amplitude);
        assert_int_equal(snd_pcm_writei(pcm, buffer, n), n);
        done += n;
    }
}

/* As it is, sample by sample: nothing lost, nothing repeated. */
static void
test_exact(void **state)
{
    struct hal_runner hal;
    int16_t *sent = malloc(24000 * 4);
    snd_pcm_t *pcm;

    assert_non_null(sent);
    hal_runner_start(&hal, 5);
    pcm = open_pcm("default", SND_PCM_FORMAT_S16, 2, 48000, 40000);
    sine_s16(sent, 24000, 2, 48000, 1, 9000);
    const int64_t start_us = dc_clock_now_us();
    assert_int_equal(snd_pcm_writei(pcm, sent, 24000), 24000);
    assert_int_equal(snd_pcm_drain(pcm), 0);
    const int64_t took_us = dc_clock_now_us() - start_us;
    // Half a second of sound takes half a second: the supervisor's clock is what holds it back.
    assert_in_range(took_us, 450000, 2000000);
    assert_true(hal_runner_wait_running(&hal, 0));
    pthread_mutex_lock(&hal.lock);
    uint32_t first = 0;
    while (first < hal.frame_count && !hal.samples[2 * first])
        first++;
    // Only under load may there be silence in between; then the samples still come in order.
    uint32_t matched = 0;
    for (uint32_t i = first; i < hal.frame_count && matched < 24000; i++)
        if (hal.samples[2 * i] == sent[2 * matched] && hal.samples[2 * i + 1] == sent[2 * matched + 1])
            matched++;
        else
            assert_int_equal(hal.samples[2 * i], 0);
    assert_int_equal(matched, 24000);
    pthread_mutex_unlock(&hal.lock);
    snd_pcm_close(pcm);
    hal_runner_stop(&hal);
    free(sent);
}

/* 44.1 kHz mono float through alsa-lib's converters: same loudness, same length. */
static void
test_converted(void **state)
{
    struct hal_runner hal;
    snd_pcm_t *pcm;
    float buffer[441];
    uint32_t frames;

    hal_runner_start(&hal, 10);
    pcm = open_pcm("default", SND_PCM_FORMAT_FLOAT, 1, 44100, 60000);
    for (uint32_t done = 0; done < 44100; done += 441) {
        for (uint32_t i = 0; i < 441; i++)
            buffer[i] = (float)(0.5 * sin(2 * M_PI * 440 * (done + i) / 44100.0));
        assert_int_equal(snd_pcm_writei(pcm, buffer, 441), 441);
    }
    assert_int_equal(snd_pcm_drain(pcm), 0);
    assert_true(hal_runner_wait_running(&hal, 0));
    const double rms = hal_runner_rms_dbfs(&hal, &frames);
    print_message("RMS %.2f dBFS, %u frames\n", rms, frames);
    assert_true(fabs(rms - SINE_DBFS(16384)) < 0.5);
    assert_in_range(frames, 47500, 48500);
    snd_pcm_close(pcm);
    hal_runner_stop(&hal);
}

/* Two streams add up, and what does not fit is clipped, not wrapped round. */
static void
test_mix(void **state)
{
    struct hal_runner hal;
    snd_pcm_t *pcm[2];
    int16_t high[4800 * 2];
    uint32_t loudest = 0;

    hal_runner_start(&hal, 5);
    for (int i = 0; i < 4800 * 2; i++)
        high[i] = i % 2 ? -20000 : 20000;
    for (int i = 0; i < 2; i++)
        pcm[i] = open_pcm("droidcloud", SND_PCM_FORMAT_S16, 2, 48000, 100000);
    for (int i = 0; i < 2; i++) // fills both, starts both
        assert_int_equal(snd_pcm_writei(pcm[i], high, 4800), 4800);
    for (int i = 0; i < 2; i++)
        snd_pcm_start(pcm[i]);
    for (int i = 0; i < 2; i++)
        assert_int_equal(snd_pcm_drain(pcm[i]), 0);
    pthread_mutex_lock(&hal.lock);
    for (uint32_t i = 0; i < hal.frame_count; i++) {
        assert_true(hal.samples[2 * i] == 0 || hal.samples[2 * i] == 20000 || hal.samples[2 * i] == 32767);
        assert_true(hal.samples[2 * i + 1] == 0 || hal.samples[2 * i + 1] == -20000 ||
                    hal.samples[2 * i + 1] == -32768);
        loudest += hal.samples[2 * i] == 32767;
    }
    pthread_mutex_unlock(&hal.lock);
    assert_true(loudest > 1000); // they did overlap
    assert_int_equal(hal_runner_stats(&hal).streams_opened, 2);
    for (int i = 0; i < 2; i++)
        snd_pcm_close(pcm[i]);
    hal_runner_stop(&hal);
}

/* A stream that has nothing to say is silence, counted once, and goes on without the application's help. */
static void
test_underrun(void **state)
{
    struct hal_runner hal;
    snd_pcm_t *pcm;

    hal_runner_start(&hal, 5);
    pcm = open_pcm("droidcloud", SND_PCM_FORMAT_S16, 2, 48000, 20000);
    play_sine(pcm, 4800, 8000);
    usleep(200000);
    assert_int_equal(snd_pcm_state(pcm), SND_PCM_STATE_RUNNING);
    const uint64_t underruns = hal_runner_stats(&hal).underruns;
    assert_true(underruns >= 1);
    usleep(100000);
    assert_int_equal(hal_runner_stats(&hal).underruns, underruns); // still the same one
    play_sine(pcm, 4800, 8000);
    assert_int_equal(snd_pcm_drain(pcm), 0);
    assert_true(hal.gaps >= 1); // the silence beyond its first 100 ms
    snd_pcm_close(pcm);
    hal_runner_stop(&hal);
}

/* While nothing runs, the clock stands: not one period comes. */
static void
test_idle(void **state)
{
    struct hal_runner hal;
    snd_pcm_t *pcm;
    snd_pcm_sframes_t delay;

    hal_runner_start(&hal, 5);
    pcm = open_pcm("droidcloud", SND_PCM_FORMAT_S16, 2, 48000, 160000);
    usleep(50000);
    assert_int_equal(hal_runner_frames(&hal), 0); // open, but not started

    play_sine(pcm, 7680, 8000);
    assert_true(hal_runner_wait_running(&hal, 1));
    assert_int_equal(snd_pcm_pause(pcm, 1), 0);
    assert_true(hal_runner_wait_running(&hal, 0));
    hal_runner_reset(&hal);
    assert_int_equal(snd_pcm_delay(pcm, &delay), 0);
    usleep(50000);
    assert_int_equal(hal_runner_frames(&hal), 0);
    snd_pcm_sframes_t later;
    assert_int_equal(snd_pcm_delay(pcm, &later), 0);
    assert_int_equal(delay, later); // what is queued waits
    assert_true(delay > 240);
    assert_int_equal(snd_pcm_pause(pcm, 0), 0);
    assert_true(hal_runner_wait_running(&hal, 1));

    assert_int_equal(snd_pcm_drop(pcm), 0); // what is queued is gone
    assert_true(hal_runner_wait_running(&hal, 0));
    assert_int_equal(snd_pcm_prepare(pcm), 0);
    hal_runner_reset(&hal);
    usleep(30000);
    assert_int_equal(hal_runner_frames(&hal), 0);
    assert_int_equal(snd_pcm_avail(pcm), 7680); // all of the buffer is free
    snd_pcm_close(pcm);
    hal_runner_stop(&hal);
}

/* An application that polls, without blocking: woken when there is room, and only then. */
static void
test_poll(void **state)
{
    struct hal_runner hal;
    snd_pcm_t *pcm;
    struct pollfd fds[4];
    int16_t buffer[480 * 2];
    uint32_t written = 0, wakes = 0;

    hal_runner_start(&hal, 5);
    pcm = open_pcm("droidcloud", SND_PCM_FORMAT_S16, 2, 48000, 40000);
    assert_int_equal(snd_pcm_nonblock(pcm, 1), 0);
    const int count = snd_pcm_poll_descriptors_count(pcm);
    assert_true(count >= 1 && count <= 4);
    assert_int_equal(snd_pcm_poll_descriptors(pcm, fds, (unsigned)count), count);
    while (written < 24000) {
        unsigned short revents = 0;

        assert_true(poll(fds, (nfds_t)count, 1000) > 0); // a prepared stream, too, is ready to be written
        wakes++;
        assert_int_equal(snd_pcm_poll_descriptors_revents(pcm, fds, (unsigned)count, &revents), 0);
        assert_false(revents & (POLLERR | POLLHUP));
        if (!(revents & POLLOUT))
            continue;
        assert_true(snd_pcm_avail_update(pcm) > 0); // it did not say so for nothing
        for (;;) {
            sine_s16(buffer, 480, 2, 48000, written, 8000);
            const snd_pcm_sframes_t n = snd_pcm_writei(pcm, buffer, 480);
            if (n <= 0) {
                assert_int_equal(n, -EAGAIN);
                break;
            }
            written += (uint32_t)n;
        }
    }
    print_message("%u wakes for %u periods\n", wakes, written / 240);
    assert_true(wakes < 2 * written / 240);
    snd_pcm_nonblock(pcm, 0);
    assert_int_equal(snd_pcm_drain(pcm), 0);
    snd_pcm_close(pcm);
    hal_runner_stop(&hal);
}

/* An application that dies in the middle: its stream goes, the others play on. */
static void
test_killed(void **state)
{
    struct hal_runner hal;
    snd_pcm_t *pcm;
    pid_t child;

    hal_runner_start(&hal, 5);
    child = fork();
    assert_true(child >= 0);
    if (!child) {
        pcm = open_pcm("default", SND_PCM_FORMAT_S16, 2, 48000, 50000);
        for (;;)
            play_sine(pcm, 4800, 8000);
    }
    assert_true(hal_runner_wait_running(&hal, 1));
    pcm = open_pcm("default", SND_PCM_FORMAT_S16, 2, 48000, 50000);
    play_sine(pcm, 9600, 8000);
    assert_int_equal(hal_runner_stats(&hal).streams_running, 2);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    play_sine(pcm, 9600, 8000);
    assert_int_equal(hal_runner_stats(&hal).streams_running, 1);
    assert_int_equal(snd_pcm_drain(pcm), 0);
    snd_pcm_close(pcm);
    assert_true(hal_runner_wait_running(&hal, 0));
    hal_runner_stop(&hal);
}

/* The supervisor goes away under a playing application: an error, no hang. */
static void
test_supervisor_gone(void **state)
{
    struct hal_runner hal;
    snd_pcm_t *pcm;
    int16_t buffer[480 * 2] = {0};
    snd_pcm_sframes_t n = 0;

    hal_runner_start(&hal, 5);
    pcm = open_pcm("droidcloud", SND_PCM_FORMAT_S16, 2, 48000, 40000);
    play_sine(pcm, 4800, 8000);
    hal_runner_stop(&hal);
    for (int i = 0; i < 100 && n >= 0; i++)
        n = snd_pcm_writei(pcm, buffer, 480);
    assert_true(n < 0);
    snd_pcm_close(pcm);
    assert_true(snd_pcm_open(&pcm, "default", SND_PCM_STREAM_PLAYBACK, 0) < 0); // nobody listens
}

/* No capture, no controls: refused at once and without harm. */
static void
test_absent(void **state)
{
    struct hal_runner hal;
    snd_pcm_t *pcm;
    snd_ctl_t *ctl;

    hal_runner_start(&hal, 5);
    assert_true(snd_pcm_open(&pcm, "default", SND_PCM_STREAM_CAPTURE, 0) < 0);
    assert_true(snd_ctl_open(&ctl, "default", 0) < 0);
    hal_runner_stop(&hal);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact), cmocka_unit_test(test_converted), cmocka_unit_test(test_mix),
        cmocka_unit_test(test_underrun), cmocka_unit_test(test_idle), cmocka_unit_test(test_poll),
        cmocka_unit_test(test_killed), cmocka_unit_test(test_supervisor_gone), cmocka_unit_test(test_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
