/*
 * The period clock and the mixer. A timerfd ticks every period_ms while at least one stream runs and is disarmed
 * otherwise, so that a silent instance wakes nobody. Periods carry the time at which they were due, not the one at
 * which this thread came round to them.
 */
#define DC_LOG_COMPONENT "audio"
#include <vhal/audio.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include <common/clock.h>
#include <common/log.h>

#include "stream.h"

#define MAX_STREAMS 32
#define MAX_PERIOD_FRAMES (DC_AUDIO_RATE / 100)
#define SILENCE_US 100000  // of it are handed on; then a stream that plays nothing costs the link and the encoder nothing
#define MAX_LATE_PERIODS 8 // later than that, time jumps: stale sound is worse than a gap

struct dc_audio_hal {
    const struct dc_audio_hal_listener *listener;
    void *user;
    int epoll_fd, listen_fd, timer_fd; // owned
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    int64_t period_us;
    uint32_t period_frames;
    int64_t next_us; // first sample of the next period; 0: the clock stands
    int64_t silent_us; // digital silence so far
    struct dc_audio_stream *streams;
    uint32_t stream_count;
    struct dc_audio_hal_stats stats;
};

static bool
watch(struct dc_audio_hal *hal, int fd, void *key)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = key};

    return epoll_ctl(hal->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool
open_socket(struct dc_audio_hal *hal, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof(address.sun_path)) {
        dc_error("the socket's path is too long: %s", path);
        return false;
    }
    strcpy(address.sun_path, path);
    hal->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (hal->listen_fd < 0)
        goto fail;
    unlink(path); // of a supervisor that was killed
    if (bind(hal->listen_fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        goto fail;
    strcpy(hal->path, path);
    if (listen(hal->listen_fd, MAX_STREAMS) < 0)
        goto fail;
    return true;
fail:
    dc_error("%s: %s", path, strerror(errno));
    return false;
}

struct dc_audio_hal *
dc_audio_hal_create(const struct dc_audio_hal_config *config, const struct dc_audio_hal_listener *listener, void *user)
{
    struct dc_audio_hal *hal;

    if (config->period_ms != 5 && config->period_ms != 10) {
        dc_error("periods of %u ms; 5 or 10 are possible", config->period_ms);
        return NULL;
    }
    hal = calloc(1, sizeof(*hal));
    if (!hal)
        return NULL;
    hal->listener = listener;
    hal->user = user;
    hal->listen_fd = -1;
    hal->period_us = (int64_t)config->period_ms * 1000;
    hal->period_frames = DC_AUDIO_RATE / 1000 * config->period_ms;
    hal->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    hal->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (hal->epoll_fd < 0 || hal->timer_fd < 0) {
        dc_error("cannot make the period clock: %s", strerror(errno));
        goto fail;
    }
    if (!open_socket(hal, config->socket_path))
        goto fail;
    if (!watch(hal, hal->listen_fd, &hal->listen_fd) || !watch(hal, hal->timer_fd, &hal->timer_fd))
        goto fail;
    return hal;
fail:
    dc_audio_hal_destroy(hal);
    return NULL;
}

void
dc_audio_hal_destroy(struct dc_audio_hal *hal)
{
    if (!hal)
        return;
    while (hal->streams) {
        struct dc_audio_stream *stream = hal->streams;

        hal->streams = stream->next;
        dc_audio_stream_destroy(stream);
    }
    if (hal->listen_fd >= 0)
        close(hal->listen_fd);
    if (hal->path[0])
        unlink(hal->path);
    if (hal->timer_fd >= 0)
        close(hal->timer_fd);
    if (hal->epoll_fd >= 0)
        close(hal->epoll_fd);
    free(hal);
}

int
dc_audio_hal_fd(const struct dc_audio_hal *hal)
{
    return hal->epoll_fd;
}

void
dc_audio_hal_get_stats(const struct dc_audio_hal *hal, struct dc_audio_hal_stats *stats)
{
    *stats = hal->stats;
}

static void
accept_stream(struct dc_audio_hal *hal)
{
    const int fd = accept4(hal->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct dc_audio_stream *stream;

    if (fd < 0)
        return;
    if (hal->stream_count == MAX_STREAMS) {
        dc_warn("a PCM stream is refused: %d are open", MAX_STREAMS);
        close(fd);
        return;
    }
    stream = dc_audio_stream_create(fd, hal->period_frames);
    if (!stream)
        return;
    if (!watch(hal, stream->fd, stream)) {
        dc_error("cannot watch a PCM stream: %s", strerror(errno));
        dc_audio_stream_destroy(stream);
        return;
    }
    stream->next = hal->streams;
    hal->streams = stream;
    hal->stream_count++;
    hal->stats.streams_opened++;
    dc_debug("PCM stream opened, %u now", hal->stream_count);
}

static void
reap_streams(struct dc_audio_hal *hal)
{
    struct dc_audio_stream **at = &hal->streams;

    while (*at) {
        struct dc_audio_stream *stream = *at;

        if (!stream->dead) {
            at = &stream->next;
            continue;
        }
        *at = stream->next;
        hal->stream_count--;
        dc_audio_stream_destroy(stream);
        dc_debug("PCM stream closed, %u left", hal->stream_count);
    }
}

/* Starts or stops the clock as the streams need it. */
static void
update_clock(struct dc_audio_hal *hal)
{
    uint32_t running = 0;

    for (const struct dc_audio_stream *stream = hal->streams; stream; stream = stream->next)
        running += dc_audio_stream_is_running(stream);
    hal->stats.streams_running = running;
    if ((running > 0) == (hal->next_us != 0))
        return;

    struct itimerspec spec = {0};
    hal->next_us = 0;
    if (running) {
        // The first period is taken at once: what the guest has queued should not wait for it.
        hal->next_us = dc_clock_now_us();
        spec.it_interval.tv_nsec = hal->period_us * 1000;
        spec.it_value.tv_sec = hal->next_us / 1000000;
        spec.it_value.tv_nsec = hal->next_us % 1000000 * 1000;
    }
    timerfd_settime(hal->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

static int16_t
saturate(int32_t v)
{
    return (int16_t)(v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v);
}

static void
run_period(struct dc_audio_hal *hal)
{
    int32_t mix[MAX_PERIOD_FRAMES * DC_AUDIO_CHANNELS] = {0};
    int16_t samples[MAX_PERIOD_FRAMES * DC_AUDIO_CHANNELS];
    const int64_t time_us = hal->next_us;
    int16_t any = 0;

    for (struct dc_audio_stream *stream = hal->streams; stream; stream = stream->next)
        if (dc_audio_stream_is_running(stream))
            hal->stats.underruns += dc_audio_stream_mix(stream, mix, hal->period_frames);
    for (uint32_t i = 0; i < hal->period_frames * DC_AUDIO_CHANNELS; i++) {
        samples[i] = saturate(mix[i]);
        any |= samples[i];
    }
    hal->next_us += hal->period_us;
    hal->stats.periods++;
    hal->silent_us = any ? 0 : hal->silent_us + hal->period_us;
    if (hal->silent_us <= SILENCE_US)
        hal->listener->handle_period(hal->user, time_us, samples, hal->period_frames);
}

static void
handle_tick(struct dc_audio_hal *hal)
{
    uint64_t due = 0;

    if (read(hal->timer_fd, &due, sizeof(due)) != sizeof(due) || !hal->next_us)
        return;
    if (due > MAX_LATE_PERIODS) {
        dc_warn("the period clock is %llu ms late", (unsigned long long)(due * (uint64_t)hal->period_us / 1000));
        hal->next_us += (int64_t)(due - MAX_LATE_PERIODS) * hal->period_us;
        due = MAX_LATE_PERIODS;
    }
    while (due--)
        run_period(hal);
}

void
dc_audio_hal_dispatch(struct dc_audio_hal *hal)
{
    struct epoll_event events[MAX_STREAMS + 2];
    const int count = epoll_wait(hal->epoll_fd, events, MAX_STREAMS + 2, 0);

    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr == &hal->listen_fd)
            accept_stream(hal);
        else if (events[i].data.ptr == &hal->timer_fd)
            handle_tick(hal);
        else
            dc_audio_stream_dispatch(events[i].data.ptr);
    }
    reap_streams(hal);
    update_clock(hal);
}
