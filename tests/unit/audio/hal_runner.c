#include "hal_runner.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void
handle_period(void *user, int64_t time_us, const int16_t *samples, uint32_t frame_count)
{
    struct hal_runner *r = user; // locked by run()

    if (!r->frame_count)
        r->first_us = time_us;
    else if (time_us != r->last_us + (int64_t)r->period_ms * 1000)
        r->gaps++;
    r->last_us = time_us;
    if (frame_count != r->period_ms * 48)
        abort();
    if (r->frame_count + frame_count <= HAL_RUNNER_MAX_FRAMES) {
        memcpy(r->samples + 2 * (size_t)r->frame_count, samples, frame_count * 4);
        r->frame_count += frame_count;
    }
}

static const struct dc_audio_hal_listener listener = {.handle_period = handle_period};

static void *
run(void *user)
{
    struct hal_runner *r = user;
    struct pollfd fds[2] = {{.fd = dc_audio_hal_fd(r->hal), .events = POLLIN}, {.fd = r->stop_fd, .events = POLLIN}};

    while (poll(fds, 2, -1) >= 0 && !fds[1].revents) {
        pthread_mutex_lock(&r->lock);
        dc_audio_hal_dispatch(r->hal);
        pthread_mutex_unlock(&r->lock);
    }
    return NULL;
}

void
hal_runner_start(struct hal_runner *r, uint32_t period_ms)
{
    *r = (struct hal_runner){.period_ms = period_ms, .stop_fd = eventfd(0, 0), .lock = PTHREAD_MUTEX_INITIALIZER};
    strcpy(r->directory, "/tmp/dc-audio-test-XXXXXX");
    r->samples = malloc(HAL_RUNNER_MAX_FRAMES * 4);
    if (!mkdtemp(r->directory) || !r->samples || r->stop_fd < 0)
        abort();
    snprintf(r->path, sizeof(r->path), "%s/audio", r->directory);
    r->hal = dc_audio_hal_create(&(struct dc_audio_hal_config){.socket_path = r->path, .period_ms = period_ms},
                                 &listener, r);
    if (!r->hal || pthread_create(&r->thread, NULL, run, r))
        abort();
    setenv("DROIDCLOUD_AUDIO", r->path, 1);
}

void
hal_runner_stop(struct hal_runner *r)
{
    const uint64_t one = 1;

    if (write(r->stop_fd, &one, sizeof(one)) != sizeof(one))
        abort();
    pthread_join(r->thread, NULL);
    dc_audio_hal_destroy(r->hal);
    close(r->stop_fd);
    free(r->samples);
    if (rmdir(r->directory)) // the HAL removed its socket
        abort();
}

void
hal_runner_reset(struct hal_runner *r)
{
    pthread_mutex_lock(&r->lock);
    r->frame_count = r->gaps = 0;
    pthread_mutex_unlock(&r->lock);
}

uint32_t
hal_runner_frames(struct hal_runner *r)
{
    pthread_mutex_lock(&r->lock);
    const uint32_t frames = r->frame_count;
    pthread_mutex_unlock(&r->lock);
    return frames;
}

struct dc_audio_hal_stats
hal_runner_stats(struct hal_runner *r)
{
    struct dc_audio_hal_stats stats;

    pthread_mutex_lock(&r->lock);
    dc_audio_hal_get_stats(r->hal, &stats);
    pthread_mutex_unlock(&r->lock);
    return stats;
}

bool
hal_runner_wait_running(struct hal_runner *r, uint32_t streams)
{
    for (int i = 0; i < 300; i++) {
        if (hal_runner_stats(r).streams_running == streams)
            return true;
        usleep(10000);
    }
    return false;
}

double
hal_runner_rms_dbfs(struct hal_runner *r, uint32_t *frames)
{
    uint32_t first = 0, end;
    double sum = 0;

    pthread_mutex_lock(&r->lock);
    end = r->frame_count;
    while (first < end && !r->samples[2 * first] && !r->samples[2 * first + 1])
        first++;
    while (end > first && !r->samples[2 * end - 2] && !r->samples[2 * end - 1])
        end--;
    for (uint32_t i = 2 * first; i < 2 * end; i++)
        sum += (double)r->samples[i] * r->samples[i];
    pthread_mutex_unlock(&r->lock);
    *frames = end - first;
    return sum == 0 ? -999 : 10 * log10(sum / (2.0 * (end - first)) / (32768.0 * 32768.0));
}
