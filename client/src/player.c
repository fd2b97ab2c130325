#define DC_LOG_COMPONENT "client"
#include "player.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <common/clock.h>
#include <common/log.h>
#include <session.pb-c.h>

#include "connection.h"
#include "messages.h"
#include "player_internal.h"
#include "webrtc_carrier.h"

#define CONNECT_TIMEOUT_MS 5000
#define WELCOME_TIMEOUT_MS 5000
#define PING_FAST_US 100000 // for the first two seconds, so that the offset is good soon
#define PING_FAST_FOR_US 2000000
#define PING_US 1000000
#define KEYFRAME_INTERVAL_US 250000
#define SILENCE_US 10000000 // pongs come every second
#define MAX_EARLY_BYTES (1u << 20)

void
dc_player_end(struct dc_player *player, enum dc_player_state state, const char *text)
{
    pthread_mutex_lock(&player->lock);
    if (player->state == DC_PLAYER_PLAYING) {
        player->state = state;
        dc_messages_copy_text(player->end_text, sizeof(player->end_text), text);
    }
    pthread_mutex_unlock(&player->lock);
}

/* The answer to the Hello. true: it was one. */
static bool
handle_answer(struct dc_player *player, const uint8_t *frame, size_t size_bytes)
{
    Dc__Session__Control *control =
        frame[0] == DC_CHANNEL_CONTROL ? dc__session__control__unpack(NULL, size_bytes - 1, frame + 1) : NULL;
    bool is_answer = false;
    if (control && control->body_case == DC__SESSION__CONTROL__BODY_WELCOME) {
        const Dc__Session__Welcome *w = control->welcome;
        player->welcome = (struct dc_player_welcome){ .width = w->width, .height = w->height,
            .refresh_mhz = w->refresh_mhz, .audio_frame_ms = w->audio_frame_ms, .video_ssrc = w->video_ssrc,
            .audio_ssrc = w->audio_ssrc };
        dc_messages_copy_text(player->welcome.instance, sizeof(player->welcome.instance), w->instance);
        is_answer = true;
    } else if (control && control->body_case == DC__SESSION__CONTROL__BODY_REFUSED) {
        dc_player_end(player, DC_PLAYER_REFUSED, control->refused->text);
        is_answer = true;
    }
    if (control)
        dc__session__control__free_unpacked(control, NULL);
    return is_answer;
}

struct answer {
    struct dc_player *player;
    bool came;
};

static void
handle_early_frame(void *user, const uint8_t *frame, size_t size_bytes, int64_t now_us)
{
    struct answer *answer = user;
    if (!answer->came) {
        answer->came = handle_answer(answer->player, frame, size_bytes);
    } else if (answer->player->early.size_bytes < MAX_EARLY_BYTES) {
        dc_writer_u32le(&answer->player->early, (uint32_t)size_bytes);
        dc_writer_bytes(&answer->player->early, frame, size_bytes);
    }
}

/* false: it did not come; the state is LOST. */
static bool
wait_for_answer(struct dc_player *player)
{
    struct answer answer = { .player = player };
    int64_t until_us = dc_clock_now_us() + WELCOME_TIMEOUT_MS * 1000;
    while (!answer.came) {
        if (dc_clock_now_us() >= until_us) {
            dc_player_end(player, DC_PLAYER_LOST, "no answer; is this a droidcloud instance?");
            return false;
        }
        if (dc_carrier_wait(player->carrier, until_us, true, handle_early_frame, &answer) < 0) {
            dc_player_end(player, DC_PLAYER_LOST, player->carrier->error);
            return false;
        }
    }
    return true;
}

/* Over WebRTC the token goes with the offer, and the Hello has none. */
static enum dc_player_result
open_carrier(struct dc_player *player, const struct dc_url *url, char *error)
{
    enum dc_webrtc_result result;
    if (url->scheme == DC_URL_TCP) {
        player->carrier = dc_connection_open(url->host, url->port, CONNECT_TIMEOUT_MS, error);
        return player->carrier ? DC_PLAYER_OK : DC_PLAYER_CANNOT_CONNECT;
    }
    player->carrier = dc_webrtc_carrier_open(url, &result, error);
    switch (result) {
    case DC_WEBRTC_OPEN: return DC_PLAYER_OK;
    case DC_WEBRTC_REFUSED: return DC_PLAYER_WAS_REFUSED;
    case DC_WEBRTC_UNREACHABLE: break;
    }
    return DC_PLAYER_CANNOT_CONNECT;
}

enum dc_player_result
dc_player_open(struct dc_player *player, const struct dc_url *url, uint32_t refresh_mhz, bool audio, char *error)
{
    *player = (struct dc_player){ .signal_fd = -1, .last_keyframe_request_us = -KEYFRAME_INTERVAL_US };
    pthread_mutex_init(&player->lock, NULL);
    dc_h264_depacketizer_init(&player->depacketizer);
    dc_frame_gate_init(&player->gate);
    dc_writer_init(&player->early);
    player->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    enum dc_player_result result = open_carrier(player, url, error);
    if (result != DC_PLAYER_OK)
        return result;
    dc_messages_send_hello(player->carrier, url->token, url->scheme == DC_URL_TCP ? url->token_bytes : 0, refresh_mhz,
                           audio);
    bool answered = wait_for_answer(player);
    snprintf(error, 256, "%s", player->end_text);
    if (!answered)
        return DC_PLAYER_WAS_LOST;
    return player->state == DC_PLAYER_REFUSED ? DC_PLAYER_WAS_REFUSED : DC_PLAYER_OK;
}

void
dc_player_request_keyframe(struct dc_player *player)
{
    int64_t now_us = dc_clock_now_us();
    pthread_mutex_lock(&player->lock);
    bool due = now_us - player->last_keyframe_request_us >= KEYFRAME_INTERVAL_US;
    if (due)
        player->last_keyframe_request_us = now_us;
    pthread_mutex_unlock(&player->lock);
    if (due)
        dc_messages_send_keyframe_request(player->carrier, player->last_frame_id);
}

static void
handle_frame(void *user, const uint8_t *frame, size_t size_bytes, int64_t now_us)
{
    dc_player_handle_frame(user, frame, size_bytes, now_us);
}

static void
work(struct dc_player *player)
{
    int result = player->carrier->impl->work(player->carrier, handle_frame, player);
    if (result >= 0)
        dc_player_repair(player);
    if (result > 0)
        player->last_received_us = dc_clock_now_us();
    if (result < 0)
        dc_player_end(player, DC_PLAYER_LOST, player->carrier->error);
}

static void
ping_if_due(struct dc_player *player)
{
    int64_t now_us = dc_clock_now_us();
    if (now_us < player->next_ping_us)
        return;
    dc_messages_send_ping(player->carrier, ++player->ping_id, now_us);
    if (now_us - player->last_received_us > SILENCE_US)
        dc_player_end(player, DC_PLAYER_LOST, "no sign of life from the instance for 10 s");
    player->next_ping_us = now_us + (now_us - player->started_us < PING_FAST_FOR_US ? PING_FAST_US : PING_US);
}

static void
read_signal(struct dc_player *player)
{
    struct signalfd_siginfo info;
    if (read(player->signal_fd, &info, sizeof(info)) == sizeof(info))
        player->signal = (int)info.ssi_signo;
    player->listener->handle_wake(player->user);
}

static void
handle_early_frames(struct dc_player *player)
{
    struct dc_reader r;
    dc_reader_init(&r, player->early.data, player->early.size_bytes);
    while (dc_reader_left(&r) && !player->early.failed) {
        size_t size_bytes = dc_reader_u32le(&r);
        dc_player_handle_frame(player, dc_reader_bytes(&r, size_bytes), size_bytes, dc_clock_now_us());
    }
    dc_writer_finish(&player->early);
}

static int
wait_ms(const struct dc_player *player)
{
    int64_t carrier_us = player->carrier->impl->deadline_us(player->carrier);
    int64_t repair_us = dc_video_repair_deadline_us(&player->repair);
    int64_t until_us = player->next_ping_us < carrier_us ? player->next_ping_us : carrier_us;
    until_us = repair_us < until_us ? repair_us : until_us;
    int64_t left_us = until_us - dc_clock_now_us();
    return left_us > 0 ? (int)(left_us / 1000) + 1 : 0;
}

static void *
run(void *user)
{
    struct dc_player *player = user;
    if (!dc_video_repair_init(&player->repair, player->carrier, player->welcome.video_ssrc, dc_clock_now_us()))
        dc_player_end(player, DC_PLAYER_LOST, "out of memory");
    handle_early_frames(player);
    while (!player->stop && dc_player_get_state(player) == DC_PLAYER_PLAYING) {
        struct pollfd fds[2 + DC_CARRIER_MAX_FDS] = {
            { .fd = player->wake_fd, .events = POLLIN },
            { .fd = player->signal_fd, .events = POLLIN },
        };
        ping_if_due(player);
        unsigned count = player->carrier->impl->get_fds(player->carrier, fds + 2);
        if (poll(fds, 2 + count, wait_ms(player)) < 0)
            continue;
        if (fds[1].revents)
            read_signal(player);
        work(player);
    }
    player->listener->handle_wake(player->user);
    return NULL;
}

bool
dc_player_start(struct dc_player *player, const struct dc_player_listener *listener, void *user, int signal_fd)
{
    player->listener = listener;
    player->user = user;
    player->signal_fd = signal_fd;
    player->started_us = player->last_received_us = dc_clock_now_us();
    player->thread_runs = pthread_create(&player->thread, NULL, run, player) == 0;
    if (!player->thread_runs)
        dc_error("cannot start the network thread");
    return player->thread_runs;
}

void
dc_player_stop(struct dc_player *player)
{
    uint64_t one = 1;
    player->stop = true;
    if (!player->thread_runs)
        return;
    if (write(player->wake_fd, &one, sizeof(one)) < 0)
        dc_debug("the network thread is not woken: %s", strerror(errno));
    pthread_join(player->thread, NULL);
    player->thread_runs = false;
    if (player->state == DC_PLAYER_PLAYING)
        dc_messages_send_bye(player->carrier, "the player has left");
    dc_carrier_drain(player->carrier, 200);
    player->carrier->impl->shutdown(player->carrier);
}

void
dc_player_finish(struct dc_player *player)
{
    if (player->carrier)
        player->carrier->impl->destroy(player->carrier);
    if (player->wake_fd >= 0)
        close(player->wake_fd);
    dc_writer_finish(&player->early);
    dc_video_repair_finish(&player->repair);
    dc_h264_depacketizer_finish(&player->depacketizer);
    pthread_mutex_destroy(&player->lock);
}

void
dc_player_send_input(struct dc_player *player, struct dc_input_event *event)
{
    event->id = ++player->next_input_id;
    event->time_us = dc_clock_now_us();
    dc_messages_send_input(player->carrier, event);
}

uint64_t
dc_player_request_stats(struct dc_player *player)
{
    uint64_t id = ++player->next_stats_id;
    dc_messages_send_stats_request(player->carrier, id);
    return id;
}

void
dc_player_get_stats(struct dc_player *player, struct dc_instance_stats *stats)
{
    pthread_mutex_lock(&player->lock);
    *stats = player->stats;
    pthread_mutex_unlock(&player->lock);
}

enum dc_player_state
dc_player_get_state(struct dc_player *player)
{
    pthread_mutex_lock(&player->lock);
    enum dc_player_state state = player->state;
    pthread_mutex_unlock(&player->lock);
    return state;
}
