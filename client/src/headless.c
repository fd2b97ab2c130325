#define DC_LOG_COMPONENT "client"
#include "headless.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <common/clock.h>
#include <common/log.h>

#include "display_phase.h"

struct headless {
    struct dc_client *client;
    int wake_fd;
    int64_t start_us, refresh_mhz;
    int64_t last_tick;            // at which something was presented
    struct dc_picture *candidate; // owned; the newest picture before its tick, so far
    uint64_t pulled_frames;       // of sound, since the start
    struct dc_display_phase phase;
};

/* The session's end, a signal, a picture. */
static void
wake(void *user)
{
    struct headless *headless = user;
    uint64_t one = 1;
    if (write(headless->wake_fd, &one, sizeof(one)) < 0)
        dc_trace("already awake");
}

static int64_t
tick_us(const struct headless *headless, int64_t tick)
{
    return headless->start_us + tick * 1000000000 / headless->refresh_mhz;
}

/* The first tick at or after a time. */
static int64_t
tick_after(const struct headless *headless, int64_t time_us)
{
    int64_t tick = (time_us - headless->start_us) * headless->refresh_mhz / 1000000000;
    while (tick_us(headless, tick) < time_us)
        tick++;
    return tick;
}

static int64_t
picture_tick(const struct headless *headless, const struct dc_picture *picture)
{
    int64_t tick = tick_after(headless, picture->record.decoded_us);
    return tick > headless->last_tick ? tick : headless->last_tick + 1; // no tick presents twice
}

static void
present_candidate(struct headless *headless)
{
    headless->last_tick = picture_tick(headless, headless->candidate);
    dc_client_presented(headless->client, headless->candidate, tick_us(headless, headless->last_tick));
    headless->candidate = NULL;
}

/* The instance's vsync follows this display's: like its rate, its phase. */
static void
adjust_phase(struct headless *headless, const struct dc_picture *picture)
{
    int64_t tick = tick_after(headless, picture->record.decoded_us);
    int64_t shift_us = dc_display_phase_add(&headless->phase, tick_us(headless, tick) - picture->record.decoded_us);
    if (!shift_us)
        return;
    dc_debug("frames come at the wrong time: vsync %+lld us", (long long)shift_us);
    dc_player_send_display_shift(&headless->client->player, shift_us);
}

/* Whose tick has come is presented, unless a newer one came before that tick. */
static void
handle_pictures(struct headless *headless)
{
    struct dc_picture *picture;
    int64_t now_us = dc_clock_now_us(); // before looking: nothing decoded until now can be missed
    while ((picture = dc_client_take_picture(headless->client))) {
        adjust_phase(headless, picture);
        if (headless->candidate && picture_tick(headless, picture) == picture_tick(headless, headless->candidate))
            dc_client_skipped(headless->client, headless->candidate);
        else if (headless->candidate)
            present_candidate(headless);
        headless->candidate = picture;
    }
    if (headless->candidate && tick_us(headless, picture_tick(headless, headless->candidate)) < now_us)
        present_candidate(headless);
}

static void
pull_audio(struct headless *headless, int64_t now_us)
{
    int16_t samples[2 * DC_AUDIO_RATE_HZ / 50];
    uint64_t due = (uint64_t)(now_us - headless->start_us) * DC_AUDIO_RATE_HZ / 1000000;
    while (headless->client->audio_works && headless->pulled_frames < due) {
        uint64_t n = due - headless->pulled_frames;
        if (n > DC_AUDIO_RATE_HZ / 50)
            n = DC_AUDIO_RATE_HZ / 50;
        dc_audio_pull(&headless->client->audio, samples, (uint32_t)n);
        headless->pulled_frames += n;
    }
}

static void
sleep_until(struct headless *headless, int64_t until_us)
{
    struct pollfd fd = { .fd = headless->wake_fd, .events = POLLIN };
    int64_t left_us = until_us - dc_clock_now_us();
    struct timespec timeout = { .tv_sec = left_us / 1000000, .tv_nsec = left_us % 1000000 * 1000 };
    uint64_t count;
    if (left_us <= 0)
        return;
    if (ppoll(&fd, 1, &timeout, NULL) > 0 && read(headless->wake_fd, &count, sizeof(count)) < 0)
        dc_trace("nobody woke us");
}

bool
dc_headless_run(struct dc_client *client, int signal_fd)
{
    struct headless headless = { .client = client, .refresh_mhz = client->options->refresh_mhz, .last_tick = -1 };
    headless.wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    client->wake = wake;
    client->wake_user = &headless;
    headless.start_us = dc_clock_now_us();
    dc_display_phase_init(&headless.phase, 1000000000 / headless.refresh_mhz);
    bool started = headless.wake_fd >= 0 && dc_client_start(client, signal_fd);
    while (started && dc_client_is_running(client)) {
        handle_pictures(&headless);
        pull_audio(&headless, dc_clock_now_us());
        int64_t next_us = dc_client_pump(client);
        int64_t next_tick_us = tick_us(&headless, tick_after(&headless, dc_clock_now_us())) + 1;
        sleep_until(&headless, next_us < next_tick_us ? next_us : next_tick_us);
    }
    dc_picture_destroy(headless.candidate);
    return started;
}
