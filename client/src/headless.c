#define DC_LOG_COMPONENT "client"
#include "headless.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <common/clock.h>
#include <common/log.h>

#include "exit_code.h"

struct headless {
    struct dc_client *client;
    int wake_fd;
    int64_t start_us, refresh_mhz;
    uint64_t tick;         // number of the next one
    uint64_t pulled_frames; // of sound, since the start
};

/* Only the session's end and signals matter here: pictures wait for the tick anyway. */
static void
wake(void *user)
{
    struct headless *headless = user;
    uint64_t one = 1;
    if (write(headless->wake_fd, &one, sizeof(one)) < 0)
        dc_trace("already awake");
}

static int64_t
tick_us(const struct headless *headless)
{
    return headless->start_us + (int64_t)(headless->tick * 1000000000u / (uint64_t)headless->refresh_mhz);
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
handle_tick(struct headless *headless, int64_t now_us)
{
    struct dc_picture *picture = dc_client_take_picture(headless->client);
    // A late wake-up presents at the tick that has really come, not at the one that was missed.
    while (tick_us(headless) <= now_us)
        headless->tick++;
    headless->tick--;
    int64_t present_us = tick_us(headless);
    headless->tick++;
    if (picture && picture->record.decoded_us > present_us) // decoded while this thread was late: the next tick's
        present_us = tick_us(headless);
    if (picture)
        dc_client_presented(headless->client, picture, present_us);
    pull_audio(headless, now_us);
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
    struct headless headless = { .client = client, .refresh_mhz = client->options->refresh_mhz };
    headless.wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    client->wake = wake;
    client->wake_user = &headless;
    headless.start_us = dc_clock_now_us();
    bool started = headless.wake_fd >= 0 && dc_client_start(client, signal_fd);
    while (started && dc_client_is_running(client)) {
        int64_t now_us = dc_clock_now_us();
        if (now_us >= tick_us(&headless))
            handle_tick(&headless, now_us);
        int64_t next_us = dc_client_pump(client);
        sleep_until(&headless, next_us < tick_us(&headless) ? next_us : tick_us(&headless));
    }
    return started;
}
