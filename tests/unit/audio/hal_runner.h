#ifndef DC_TESTS_AUDIO_HAL_RUNNER_H
#define DC_TESTS_AUDIO_HAL_RUNNER_H
/* An audio HAL on a thread of its own, and everything that comes out of it. */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <vhal/audio.h>

#define HAL_RUNNER_MAX_FRAMES (48000 * 20)

struct hal_runner {
    char directory[64], path[80];
    uint32_t period_ms;
    pthread_t thread;
    int stop_fd;
    pthread_mutex_t lock; // protects all below
    struct dc_audio_hal *hal;
    int16_t *samples; // owned; stereo
    uint32_t frame_count;
    int64_t first_us, last_us;
    uint32_t gaps; // periods that did not follow the one before
};

void hal_runner_start(struct hal_runner *r, uint32_t period_ms);
void hal_runner_stop(struct hal_runner *r);
/* Forgets what came out. */
void hal_runner_reset(struct hal_runner *r);
uint32_t hal_runner_frames(struct hal_runner *r);
struct dc_audio_hal_stats hal_runner_stats(struct hal_runner *r);
/* Waits up to 3 s for the number of running streams. */
bool hal_runner_wait_running(struct hal_runner *r, uint32_t streams);
/* RMS in dBFS (0 = square wave at full scale) of the stretch between the first and last sample that are not silent. */
double hal_runner_rms_dbfs(struct hal_runner *r, uint32_t *frames);

#endif
