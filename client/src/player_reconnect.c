/* The way to the instance broke and the game goes on: back to it with the resume secret, by itself. Network thread. */
#define DC_LOG_COMPONENT "client"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include <common/clock.h>
#include <common/log.h>

#include "player_internal.h"

#define FIRST_PAUSE_US 250000
#define MAX_PAUSE_US 2000000
#define ATTEMPT_US 8000000 // enough for HTTPS, two seconds of UDP in vain, and DTLS over TCP

static void
enter(struct dc_player *player, enum dc_player_state state)
{
    pthread_mutex_lock(&player->lock);
    player->state = state;
    pthread_mutex_unlock(&player->lock);
    player->listener->handle_wake(player->user);
}

/* Signals are heard meanwhile, and the player's end. */
static void
pause_for(struct dc_player *player, int64_t pause_us)
{
    int64_t until_us = dc_clock_now_us() + pause_us, left_us = pause_us;
    do {
        struct pollfd fds[2] = { { .fd = player->wake_fd, .events = POLLIN }, { .fd = player->signal_fd, .events = POLLIN } };
        if (poll(fds, 2, left_us > 0 ? (int)(left_us / 1000) + 1 : 0) > 0 && fds[1].revents)
            dc_player_read_signal(player);
        left_us = until_us - dc_clock_now_us();
    } while (left_us > 0 && !player->stop);
}

/* What belongs to one session and not to the game. */
static bool
begin_session(struct dc_player *player)
{
    int64_t now_us = dc_clock_now_us();
    player->lost_before += player->depacketizer.lost_packets;
    dc_h264_depacketizer_finish(&player->depacketizer);
    dc_h264_depacketizer_init(&player->depacketizer);
    dc_frame_gate_handle_decoder_failure(&player->gate); // nothing before the next key frame is to be shown
    dc_video_repair_finish(&player->repair);
    player->repair = (struct dc_video_repair){ .carrier = NULL };
    player->clock = (struct dc_clock_offset){ .count = 0 }; // another way, another round trip
    player->dropped_units = 0;
    player->next_ping_us = 0;
    player->started_us = player->last_received_us = now_us;
    player->listener->handle_reconnected(player->user);
    return dc_video_repair_init(&player->repair, player->carrier, player->video_ssrc, now_us);
}

static void
finish(struct dc_player *player, int64_t lost_us)
{
    int64_t outage_us = dc_clock_now_us() - lost_us;
    player->reconnects++;
    if (outage_us > player->longest_outage_us)
        player->longest_outage_us = outage_us;
    fprintf(stderr, "dc-client: connected again after %.1f s without the instance\n", (double)outage_us / 1e6);
    if (!begin_session(player))
        dc_player_end(player, DC_PLAYER_LOST, "out of memory");
    else
        enter(player, DC_PLAYER_PLAYING);
    dc_player_handle_early_frames(player);
}

static void
give_up(struct dc_player *player, const char *reason, const char *error)
{
    char text[256];
    snprintf(text, sizeof(text), "%.100s; not connected again within %.0f s: %.100s", reason,
             (double)player->reconnect_us / 1e6, error);
    dc_player_end(player, DC_PLAYER_LOST, text);
}

void
dc_player_reconnect(struct dc_player *player)
{
    int64_t lost_us = player->last_received_us, pause_us = 0;
    int64_t give_up_us = dc_clock_now_us() + player->reconnect_us;
    char error[256] = "no attempt was made", reason[160];
    snprintf(reason, sizeof(reason), "%s", player->lost_reason);
    player->is_lost = false;
    fprintf(stderr, "dc-client: connection lost: %s; connecting again for up to %.0f s\n", reason,
            (double)player->reconnect_us / 1e6);
    enter(player, DC_PLAYER_RECONNECTING);
    dc_player_disconnect(player);
    while (!player->stop && dc_clock_now_us() < give_up_us) {
        int64_t now_us = dc_clock_now_us();
        struct dc_attempt attempt = { .stop = &player->stop,
            .until_us = now_us + ATTEMPT_US < give_up_us ? now_us + ATTEMPT_US : give_up_us };
        enum dc_player_result result = dc_player_connect(player, &attempt, error);
        if (result == DC_PLAYER_OK) {
            finish(player, lost_us);
            return;
        }
        if (result == DC_PLAYER_WAS_REFUSED) {
            dc_player_end(player, DC_PLAYER_REFUSED, error);
            return;
        }
        dc_debug("not yet: %s", error);
        pause_us = pause_us == 0 ? FIRST_PAUSE_US : pause_us * 2 < MAX_PAUSE_US ? pause_us * 2 : MAX_PAUSE_US;
        int64_t left_us = give_up_us - dc_clock_now_us();
        pause_for(player, left_us < pause_us ? left_us : pause_us);
    }
    give_up(player, reason, error);
}
