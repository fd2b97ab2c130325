/*
 * An instance without application, link and renderer: DC-Network with the real encoders behind it. One process, one
 * thread. The picture is a test pattern whose colours are known; every input event flips the colour of one square, and
 * the frame that shows it carries the event's id. Sound is a sine of −20 dBFS.
 *
 * Commands on standard input, one a line: "token [TTL_MS]" prints a new token, "bye STATUS" says that the application
 * ended, "goodbye" that the instance does, "die" exits at once without a word, "mute"/"unmute" for the sound,
 * "freeze"/"thaw" for the picture, "resize W H".
 * Events are printed: "port N", "token HEX", "connected REFRESH", "gone", "input KIND ID …", "keyframe".
 */
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <common/clock.h>
#include <encoder/audio/encoder.h>
#include <encoder/video/encoder.h>
#include <instance/network/server.h>
#include <session.pb-c.h>

#define FRAME_US 16667
#define AUDIO_FRAMES 480

struct fake {
    struct dc_network *network;
    const struct dc_video_encoder_impl *video_impl;
    struct dc_video_encoder *video;
    struct dc_audio_encoder *audio;
    uint32_t width, height;
    uint8_t *pixels; // BGRX
    uint64_t frame_id, frames;
    bool wants_keyframe, connected, muted, frozen, quit;
    bool flipped;
    struct dc_frame_meta pending; // ids of inputs that the next frame shows
    int64_t first_input_us;
    double phase;
    int64_t audio_us;
    char command[256];
    size_t command_bytes;
};

static void
say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void
say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    fflush(stdout);
}

static void
fill(struct fake *fake, uint32_t x0, uint32_t y0, uint32_t w, uint32_t h, uint32_t rgb)
{
    for (uint32_t y = y0; y < y0 + h && y < fake->height; y++) {
        for (uint32_t x = x0; x < x0 + w && x < fake->width; x++) {
            uint8_t *p = fake->pixels + 4 * ((size_t)y * fake->width + x);
            p[0] = (uint8_t)rgb;
            p[1] = (uint8_t)(rgb >> 8);
            p[2] = (uint8_t)(rgb >> 16);
        }
    }
}

/* Eight bars over the upper half; below, a square for the input and one that moves. */
static void
draw(struct fake *fake)
{
    static const uint32_t bars[8] = { 0xffffff, 0xffff00, 0x00ffff, 0x00ff00, 0xff00ff, 0xff0000, 0x0000ff, 0x000000 };
    uint32_t w = fake->width / 8, half = fake->height / 2;
    for (uint32_t i = 0; i < 8; i++)
        fill(fake, i * w, 0, w, half, bars[i]);
    fill(fake, 0, half, fake->width, half, 0x202020);
    fill(fake, 16, half + 16, 64, 64, fake->flipped ? 0xff8000 : 0x0080ff);
    fill(fake, 120 + (uint32_t)(fake->frame_id * 4 % (fake->width - 200)), half + 16, 64, 64, 0xc0c0c0);
}

static void
handle_video(void *user, const struct dc_packet *packet)
{
    struct fake *fake = user;
    dc_network_send_packet(fake->network, packet);
}

static const struct dc_video_encoder_listener video_listener = { .handle_packet = handle_video };
static const struct dc_audio_encoder_listener audio_listener = { .handle_packet = handle_video };

static void
encode_frame(struct fake *fake)
{
    int64_t now_us = dc_clock_now_us();
    struct dc_frame frame = {
        .kind = DC_FRAME_CPU_BGRX, .width = fake->width, .height = fake->height, .planes = { fake->pixels },
        .strides = { (int32_t)fake->width * 4 }, .fds = { -1, -1, -1 }, .acquire_fence_fd = -1, .meta = fake->pending,
    };
    frame.meta.frame_id = ++fake->frame_id;
    frame.meta.times.first_command_us = now_us - 3000;
    frame.meta.times.swap_us = now_us - 2000;
    frame.meta.times.present_us = now_us - 1000;
    fake->pending = (struct dc_frame_meta){ .frame_id = 0 };
    draw(fake);
    frame.meta.times.execute_us = dc_clock_now_us();
    fake->frames++;
    fake->video_impl->encode(fake->video, &frame, fake->wants_keyframe);
    fake->wants_keyframe = false;
}

static void
encode_audio(struct fake *fake, int64_t now_us)
{
    int16_t samples[2 * AUDIO_FRAMES];
    while (fake->audio_us + 10000 <= now_us) {
        for (int i = 0; i < AUDIO_FRAMES; i++) {
            double v = fake->muted ? 0 : 0.1 * sqrt(2) * sin(fake->phase);
            fake->phase += 2 * M_PI * 440 / 48000;
            samples[2 * i] = samples[2 * i + 1] = (int16_t)lrint(v * 32767);
        }
        dc_audio_encoder_push(fake->audio, fake->audio_us, samples, AUDIO_FRAMES);
        fake->audio_us += 10000;
    }
}

static void
handle_input(void *user, const struct dc_input_event *event)
{
    static const char *const kinds[] = { "key", "motion", "button", "axis", "touch", "focus" };
    struct fake *fake = user;
    say("input %s %llu", kinds[event->kind], (unsigned long long)event->id);
    if (event->kind == DC_INPUT_KEY || event->kind == DC_INPUT_POINTER_BUTTON)
        say(" %u %d", event->key.evdev_code, event->key.pressed);
    else if (event->kind == DC_INPUT_POINTER_MOTION)
        say(" %d %d", event->motion.x / 256, event->motion.y / 256);
    else if (event->kind == DC_INPUT_FOCUS)
        say(" %d", event->focus.active);
    say("\n");
    if (event->id && fake->pending.input_id_count < DC_FRAME_MAX_INPUT_IDS) {
        fake->pending.input_ids[fake->pending.input_id_count++] = event->id;
        fake->flipped = !fake->flipped;
    }
}

static void
handle_keyframe_request(void *user)
{
    struct fake *fake = user;
    fake->wants_keyframe = true;
    say("keyframe\n");
}

static void
handle_connected(void *user, bool connected, uint32_t refresh_mhz)
{
    struct fake *fake = user;
    fake->connected = connected;
    if (connected)
        say("connected %u\n", refresh_mhz);
    else
        say("gone\n");
}

static void
handle_stats_request(void *user, Dc__Session__InstanceStats *stats)
{
    struct fake *fake = user;
    stats->time_us = dc_clock_now_us();
    stats->link_kind = (char *)"local";
    stats->frames = fake->frames;
    stats->link_bytes = fake->frames * 1000;
    stats->link_wire_bytes = fake->frames * 250;
    stats->round_trips = 0;
    stats->app_waits = fake->frames / 2;
    stats->instance_cpu_us = dc_clock_process_cpu_us();
    stats->app_cpu_us = stats->instance_cpu_us / 2;
    stats->worker_cpu_us = stats->instance_cpu_us / 4;
    stats->frames_encoded = fake->frames;
    stats->renderer = (char *)"test pattern";
    stats->app = (char *)"fake";
    stats->runtime = (char *)"none";
}

static const struct dc_network_listener network_listener = {
    .handle_input = handle_input,
    .handle_keyframe_request = handle_keyframe_request,
    .handle_connected = handle_connected,
    .handle_stats_request = handle_stats_request,
};

static void
issue_token(struct fake *fake, uint32_t ttl_ms)
{
    uint8_t token[16];
    if (!dc_network_issue_token(fake->network, ttl_ms, token))
        exit(1);
    say("token ");
    for (int i = 0; i < 16; i++)
        say("%02x", token[i]);
    say("\n");
}

static bool
open_video(struct fake *fake)
{
    struct dc_video_encoder_config config = { .width = fake->width, .height = fake->height, .refresh_mhz = 60000,
                                              .bitrate_kbps = 6000, .threads = 1 };
    fake->pixels = realloc(fake->pixels, (size_t)fake->width * fake->height * 4);
    fake->video = fake->pixels ? fake->video_impl->create(&config, &video_listener, fake) : NULL;
    return fake->video != NULL;
}

static void
handle_command(struct fake *fake, const char *line)
{
    unsigned a = 0, b = 0;
    int status = 0;
    if (!strncmp(line, "token", 5)) {
        sscanf(line, "token %u", &a);
        issue_token(fake, a);
    } else if (sscanf(line, "bye %d", &status) == 1) {
        dc_network_send_bye(fake->network, "", status, true);
    } else if (!strcmp(line, "goodbye")) {
        dc_network_send_bye(fake->network, "the instance is being stopped", 0, false);
    } else if (!strcmp(line, "die")) {
        _exit(0);
    } else if (!strcmp(line, "quit")) {
        fake->quit = true;
    } else if (!strcmp(line, "mute") || !strcmp(line, "unmute")) {
        fake->muted = line[0] == 'm';
    } else if (!strcmp(line, "freeze") || !strcmp(line, "thaw")) {
        fake->frozen = line[0] == 'f';
    } else if (sscanf(line, "resize %u %u", &a, &b) == 2) {
        fake->video_impl->destroy(fake->video);
        fake->width = a;
        fake->height = b;
        fake->quit = !open_video(fake);
    }
}

static void
read_commands(struct fake *fake)
{
    char *end;
    ssize_t n = read(0, fake->command + fake->command_bytes, sizeof(fake->command) - fake->command_bytes - 1);
    if (n <= 0) {
        fake->quit = true; // whoever started us is gone
        return;
    }
    fake->command_bytes += (size_t)n;
    fake->command[fake->command_bytes] = '\0';
    while ((end = strchr(fake->command, '\n'))) {
        *end++ = '\0';
        handle_command(fake, fake->command);
        fake->command_bytes = strlen(end);
        memmove(fake->command, end, fake->command_bytes + 1);
    }
}

static void
run(struct fake *fake, int timer_fd)
{
    while (!fake->quit) {
        struct pollfd fds[3] = { { .fd = 0, .events = POLLIN }, { .fd = timer_fd, .events = POLLIN },
                                 { .fd = dc_network_fd(fake->network), .events = POLLIN } };
        uint64_t ticks;
        if (poll(fds, 3, -1) < 0)
            continue;
        if (fds[0].revents)
            read_commands(fake);
        if (fds[2].revents)
            dc_network_dispatch(fake->network);
        if (fds[1].revents && read(timer_fd, &ticks, sizeof(ticks)) == sizeof(ticks)) {
            if (!fake->connected)
                fake->audio_us = dc_clock_now_us();
            else
                encode_audio(fake, dc_clock_now_us());
            if (fake->connected && !fake->frozen)
                encode_frame(fake);
        }
    }
}

int
main(int argc, char **argv)
{
    struct fake fake = { .width = argc > 2 ? (uint32_t)atoi(argv[1]) : 640,
                         .height = argc > 2 ? (uint32_t)atoi(argv[2]) : 360,
                         .video_impl = &dc_video_encoder_x264 };
    struct dc_network_config config = { .listen_fd = -1, .instance = "fake", .width = fake.width,
                                        .height = fake.height, .refresh_mhz = 60000, .audio_frame_ms = 10 };
    struct dc_audio_encoder_config audio = { .frame_ms = 10, .dtx = true };
    struct itimerspec spec = { .it_interval.tv_nsec = FRAME_US * 1000, .it_value.tv_nsec = FRAME_US * 1000 };
    int timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    fake.network = dc_network_create(&config, &network_listener, &fake);
    fake.audio = dc_audio_encoder_create(&audio, &audio_listener, &fake);
    if (!fake.network || !fake.audio || !open_video(&fake) || timer_fd < 0)
        return 1;
    timerfd_settime(timer_fd, 0, &spec, NULL);
    say("port %u\n", dc_network_port(fake.network));
    run(&fake, timer_fd);
    dc_network_destroy(fake.network);
    fake.video_impl->destroy(fake.video);
    dc_audio_encoder_destroy(fake.audio);
    free(fake.pixels);
    return 0;
}
