#define DC_LOG_COMPONENT "client"
#include "player.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <common/clock.h>
#include <common/log.h>

#include "messages.h"
#include "player_internal.h"
#include "whep.h"

#define PING_FAST_US 100000 // for the first two seconds, so that the offset is good soon
#define PING_FAST_FOR_US 2000000
#define PING_US 500000 // each is answered, so that silence says something
/* A new NAT binding is looked for after one second (ice.c); what is silent for two is dead, if there is another way to be had. */
#define SILENCE_US 2000000
#define LAST_SILENCE_US 10000000

void
dc_player_end(struct dc_player *player, enum dc_player_state state, const char *text)
{
    pthread_mutex_lock(&player->lock);
    if (player->state == DC_PLAYER_PLAYING || player->state == DC_PLAYER_RECONNECTING) {
        player->state = state;
        dc_messages_copy_text(player->end_text, sizeof(player->end_text), text);
    }
    pthread_mutex_unlock(&player->lock);
}

void
dc_player_request_keyframe(struct dc_player *player)
{
    int64_t now_us = dc_clock_now_us();
    uint64_t last_frame_id = player->last_frame_id;
    pthread_mutex_lock(&player->lock);
    bool due = now_us - player->last_keyframe_request_us >= DC_PLAYER_KEYFRAME_INTERVAL_US;
    if (due)
        player->last_keyframe_request_us = now_us;
    pthread_mutex_unlock(&player->lock);
    pthread_mutex_lock(&player->carrier_lock);
    if (due && player->carrier)
        dc_messages_send_keyframe_request(player->carrier, last_frame_id);
    pthread_mutex_unlock(&player->carrier_lock);
}

static void
handle_frame(void *user, const uint8_t *frame, size_t size_bytes, int64_t now_us)
{
    dc_player_handle_frame(user, frame, size_bytes, now_us);
}

/* The end, or a reason to connect again. */
static void
lose(struct dc_player *player, const char *reason)
{
    if (!player->reconnect_us || !player->may_resume) {
        dc_player_end(player, DC_PLAYER_LOST, reason);
        return;
    }
    player->is_lost = true;
    snprintf(player->lost_reason, sizeof(player->lost_reason), "%s", reason);
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
        lose(player, player->carrier->error);
}

static void
ping_if_due(struct dc_player *player)
{
    int64_t now_us = dc_clock_now_us();
    int64_t silence_us = player->reconnect_us && player->may_resume ? SILENCE_US : LAST_SILENCE_US;
    char text[64];
    if (now_us < player->next_ping_us)
        return;
    dc_messages_send_ping(player->carrier, ++player->ping_id, now_us);
    if (now_us - player->last_received_us > silence_us) {
        snprintf(text, sizeof(text), "no sign of life from the instance for %d s", (int)(silence_us / 1000000));
        lose(player, text);
    }
    player->next_ping_us = now_us + (now_us - player->started_us < PING_FAST_FOR_US ? PING_FAST_US : PING_US);
}

void
dc_player_read_signal(struct dc_player *player)
{
    struct signalfd_siginfo info;
    if (read(player->signal_fd, &info, sizeof(info)) == sizeof(info))
        player->signal = (int)info.ssi_signo;
    player->listener->handle_wake(player->user);
}

void
dc_player_handle_early_frames(struct dc_player *player)
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
    if (!dc_video_repair_init(&player->repair, player->carrier, player->video_ssrc, dc_clock_now_us()))
        dc_player_end(player, DC_PLAYER_LOST, "out of memory");
    dc_player_handle_early_frames(player);
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
            dc_player_read_signal(player);
        work(player);
        if (player->is_lost && !player->stop && dc_player_get_state(player) == DC_PLAYER_PLAYING)
            dc_player_reconnect(player);
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
    bool leaves = player->state == DC_PLAYER_PLAYING || player->state == DC_PLAYER_RECONNECTING;
    if (player->carrier && leaves)
        dc_messages_send_bye(player->carrier, "the player has left");
    if (player->carrier)
        dc_carrier_drain(player->carrier, 200);
    dc_player_disconnect(player);
    if (leaves && player->session_path[0]) // where the goodbye did not get through
        dc_whep_delete(&player->url, player->session_path);
}

void
dc_player_finish(struct dc_player *player)
{
    dc_player_disconnect(player);
    if (player->wake_fd >= 0)
        close(player->wake_fd);
    dc_writer_finish(&player->early);
    dc_video_repair_finish(&player->repair);
    dc_h264_depacketizer_finish(&player->depacketizer);
    pthread_mutex_destroy(&player->carrier_lock);
    pthread_mutex_destroy(&player->lock);
}

void
dc_player_send_input(struct dc_player *player, struct dc_input_event *event)
{
    event->id = ++player->next_input_id;
    event->time_us = dc_clock_now_us();
    pthread_mutex_lock(&player->carrier_lock);
    if (player->carrier) // who reconnects comes to an instance that has let go of every key
        dc_messages_send_input(player->carrier, event);
    pthread_mutex_unlock(&player->carrier_lock);
}

uint64_t
dc_player_request_stats(struct dc_player *player)
{
    uint64_t id = ++player->next_stats_id;
    pthread_mutex_lock(&player->carrier_lock);
    if (player->carrier)
        dc_messages_send_stats_request(player->carrier, id);
    pthread_mutex_unlock(&player->carrier_lock);
    return id;
}

void
dc_player_send_display_shift(struct dc_player *player, int64_t shift_us)
{
    pthread_mutex_lock(&player->carrier_lock);
    if (player->carrier)
        dc_messages_send_display_shift(player->carrier, shift_us);
    pthread_mutex_unlock(&player->carrier_lock);
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
