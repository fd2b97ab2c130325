#define DC_LOG_COMPONENT "client"
#include "player.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <common/clock.h>
#include <common/log.h>
#include <session.pb-c.h>

#include "messages.h"
#include "player_internal.h"

#define CONNECT_TIMEOUT_MS 5000
#define WELCOME_TIMEOUT_MS 5000
#define PING_FAST_US 100000 // for the first two seconds, so that the offset is good soon
#define PING_FAST_FOR_US 2000000
#define PING_US 1000000
#define KEYFRAME_INTERVAL_US 250000
#define SILENCE_US 10000000 // pongs come every second

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

static const char *
connection_error(int error)
{
    if (error == -EPIPE)
        return "the instance closed the connection";
    return error == -EBADMSG ? "broken framing" : strerror(-error);
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

/* false: it did not come; the state is LOST. */
static bool
wait_for_answer(struct dc_player *player)
{
    int64_t until_us = dc_clock_now_us() + WELCOME_TIMEOUT_MS * 1000;
    const uint8_t *frame;
    size_t size_bytes;
    for (;;) {
        int64_t left_us = until_us - dc_clock_now_us();
        if (left_us <= 0 || dc_connection_wait(player->connection.fd, POLLIN, (int)(left_us / 1000) + 1) < 0) {
            dc_player_end(player, DC_PLAYER_LOST, "no answer; is this a droidcloud instance?");
            return false;
        }
        int error = dc_connection_receive(&player->connection);
        if (error < 0) {
            dc_player_end(player, DC_PLAYER_LOST, connection_error(error));
            return false;
        }
        while (dc_stream_reader_pull(&player->connection.reader, &frame, &size_bytes)) {
            if (handle_answer(player, frame, size_bytes))
                return true;
        }
    }
}

enum dc_player_result
dc_player_open(struct dc_player *player, const struct dc_url *url, uint32_t refresh_mhz, bool audio, char *error)
{
    *player = (struct dc_player){ .signal_fd = -1, .last_keyframe_request_us = -KEYFRAME_INTERVAL_US };
    pthread_mutex_init(&player->lock, NULL);
    dc_h264_depacketizer_init(&player->depacketizer);
    if (!dc_connection_open(&player->connection, url->host, url->port, CONNECT_TIMEOUT_MS, error))
        return DC_PLAYER_CANNOT_CONNECT;
    dc_messages_send_hello(&player->connection, url->token, url->token_bytes, refresh_mhz, audio);
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
        dc_messages_send_keyframe_request(&player->connection, player->last_frame_id);
}

static void
receive(struct dc_player *player)
{
    const uint8_t *frame;
    size_t size_bytes;
    int result = dc_connection_receive(&player->connection);
    int64_t now_us = dc_clock_now_us();
    player->last_received_us = now_us;
    while (result > 0 && dc_stream_reader_pull(&player->connection.reader, &frame, &size_bytes))
        dc_player_handle_frame(player, frame, size_bytes, now_us);
    if (player->connection.reader.failed)
        result = -EBADMSG;
    if (result < 0)
        dc_player_end(player, DC_PLAYER_LOST, connection_error(result));
}

static void
ping_if_due(struct dc_player *player)
{
    int64_t now_us = dc_clock_now_us();
    if (now_us < player->next_ping_us)
        return;
    dc_messages_send_ping(&player->connection, ++player->ping_id, now_us);
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

static void *
run(void *user)
{
    struct dc_player *player = user;
    const uint8_t *frame;
    size_t size_bytes;
    while (dc_stream_reader_pull(&player->connection.reader, &frame, &size_bytes)) // came with the Welcome
        dc_player_handle_frame(player, frame, size_bytes, dc_clock_now_us());
    while (!player->stop && dc_player_get_state(player) == DC_PLAYER_PLAYING) {
        struct pollfd fds[3] = {
            { .fd = player->connection.fd, .events = POLLIN },
            { .fd = player->connection.wake_fd, .events = POLLIN },
            { .fd = player->signal_fd, .events = POLLIN },
        };
        uint64_t count;
        ping_if_due(player);
        if (dc_connection_has_unsent(&player->connection))
            fds[0].events |= POLLOUT;
        int64_t wait_us = player->next_ping_us - dc_clock_now_us();
        if (poll(fds, 3, wait_us > 0 ? (int)(wait_us / 1000) + 1 : 0) < 0)
            continue;
        if (fds[1].revents && read(player->connection.wake_fd, &count, sizeof(count)) < 0)
            continue;
        if (fds[2].revents)
            read_signal(player);
        if (fds[0].revents & POLLOUT)
            dc_connection_flush(&player->connection);
        if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
            receive(player);
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
    if (write(player->connection.wake_fd, &one, sizeof(one)) < 0)
        dc_debug("the network thread is not woken: %s", strerror(errno));
    pthread_join(player->thread, NULL);
    player->thread_runs = false;
    if (player->state == DC_PLAYER_PLAYING)
        dc_messages_send_bye(&player->connection, "the player has left");
    dc_connection_drain(&player->connection, 200);
    shutdown(player->connection.fd, SHUT_RDWR);
}

void
dc_player_finish(struct dc_player *player)
{
    dc_connection_close(&player->connection);
    dc_h264_depacketizer_finish(&player->depacketizer);
    pthread_mutex_destroy(&player->lock);
}

void
dc_player_send_input(struct dc_player *player, struct dc_input_event *event)
{
    event->id = ++player->next_input_id;
    event->time_us = dc_clock_now_us();
    dc_messages_send_input(&player->connection, event);
}

uint64_t
dc_player_request_stats(struct dc_player *player)
{
    uint64_t id = ++player->next_stats_id;
    dc_messages_send_stats_request(&player->connection, id);
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
