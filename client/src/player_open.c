/* How a player gets to its instance: the first time, and again after the way there broke. */
#define DC_LOG_COMPONENT "client"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

#include <common/clock.h>
#include <common/log.h>
#include <session.pb-c.h>

#include "connection.h"
#include "messages.h"
#include "player_internal.h"
#include "webrtc_carrier.h"

#define CONNECT_TIMEOUT_MS 5000
#define WELCOME_TIMEOUT_US 5000000
#define MAX_EARLY_BYTES (1u << 20)

struct answer {
    struct dc_player *player;
    bool came, is_refusal;
    char text[256]; // of the refusal
};

static void
take_resume(struct dc_player *player, const uint8_t *secret, size_t size_bytes)
{
    if (size_bytes != sizeof(player->url.token))
        return; // an instance that hands out none
    memcpy(player->url.token, secret, size_bytes);
    player->url.token_bytes = size_bytes;
    player->may_resume = true;
}

static void
take_welcome(struct dc_player *player, const Dc__Session__Welcome *w)
{
    player->video_ssrc = w->video_ssrc;
    player->audio_ssrc = w->audio_ssrc;
    if (player->url.scheme == DC_URL_TCP)
        take_resume(player, w->resume.data, w->resume.len);
    if (player->welcome.instance[0]) // others read it since the first one
        return;
    player->welcome = (struct dc_player_welcome){ .width = w->width, .height = w->height, .refresh_mhz = w->refresh_mhz,
                                                  .audio_frame_ms = w->audio_frame_ms };
    dc_messages_copy_text(player->welcome.instance, sizeof(player->welcome.instance), w->instance);
}

/* The answer to the Hello, or something else. */
static void
handle_answer(struct answer *answer, const uint8_t *frame, size_t size_bytes)
{
    Dc__Session__Control *control =
        frame[0] == DC_CHANNEL_CONTROL ? dc__session__control__unpack(NULL, size_bytes - 1, frame + 1) : NULL;
    if (control && control->body_case == DC__SESSION__CONTROL__BODY_WELCOME) {
        take_welcome(answer->player, control->welcome);
        answer->came = true;
    } else if (control && control->body_case == DC__SESSION__CONTROL__BODY_REFUSED) {
        dc_messages_copy_text(answer->text, sizeof(answer->text), control->refused->text);
        answer->came = answer->is_refusal = true;
    }
    if (control)
        dc__session__control__free_unpacked(control, NULL);
}

static void
handle_early_frame(void *user, const uint8_t *frame, size_t size_bytes, int64_t now_us)
{
    struct answer *answer = user;
    struct dc_writer *early = &answer->player->early;
    if (!answer->came) {
        handle_answer(answer, frame, size_bytes);
    } else if (early->size_bytes < MAX_EARLY_BYTES) {
        dc_writer_u32le(early, (uint32_t)size_bytes);
        dc_writer_bytes(early, frame, size_bytes);
    }
}

static enum dc_player_result
wait_for_answer(struct dc_player *player, struct dc_carrier *carrier, const struct dc_attempt *attempt, char *error)
{
    struct answer answer = { .player = player };
    int64_t until_us = dc_clock_now_us() + WELCOME_TIMEOUT_US;
    while (!answer.came) {
        if (dc_clock_now_us() >= until_us) {
            snprintf(error, 256, "no answer; is this a droidcloud instance?");
            return DC_PLAYER_WAS_LOST;
        }
        if (dc_carrier_wait(carrier, until_us, attempt, handle_early_frame, &answer) < 0) {
            snprintf(error, 256, "%s", carrier->error);
            return DC_PLAYER_WAS_LOST;
        }
    }
    snprintf(error, 256, "%s", answer.text);
    return answer.is_refusal ? DC_PLAYER_WAS_REFUSED : DC_PLAYER_OK;
}

/* Over WebRTC the token goes with the offer, and the Hello has none. */
static enum dc_player_result
open_carrier(struct dc_player *player, const struct dc_attempt *attempt, struct dc_carrier **carrier, char *error)
{
    const struct dc_url *url = &player->url;
    enum dc_webrtc_result result;
    if (url->scheme == DC_URL_TCP) {
        *carrier = dc_connection_open(url->host, url->port, CONNECT_TIMEOUT_MS, attempt, error);
        return *carrier ? DC_PLAYER_OK : DC_PLAYER_CANNOT_CONNECT;
    }
    *carrier = dc_webrtc_carrier_open(url, attempt, &result, error);
    switch (result) {
    case DC_WEBRTC_OPEN:
        snprintf(player->session_path, sizeof(player->session_path), "%s", (*carrier)->session_path);
        if ((*carrier)->has_resume)
            take_resume(player, (*carrier)->resume, sizeof((*carrier)->resume));
        return DC_PLAYER_OK;
    case DC_WEBRTC_REFUSED: return DC_PLAYER_WAS_REFUSED;
    case DC_WEBRTC_UNREACHABLE: break;
    }
    return DC_PLAYER_CANNOT_CONNECT;
}

enum dc_player_result
dc_player_connect(struct dc_player *player, const struct dc_attempt *attempt, char *error)
{
    struct dc_carrier *carrier = NULL;
    bool is_tcp = player->url.scheme == DC_URL_TCP;
    enum dc_player_result result = open_carrier(player, attempt, &carrier, error);
    if (result != DC_PLAYER_OK)
        return result;
    dc_writer_init(&player->early);
    dc_messages_send_hello(carrier, player->url.token, is_tcp ? player->url.token_bytes : 0, player->refresh_mhz,
                           player->wants_audio);
    result = wait_for_answer(player, carrier, attempt, error);
    if (result != DC_PLAYER_OK) {
        carrier->impl->destroy(carrier);
        dc_writer_finish(&player->early);
        return result;
    }
    pthread_mutex_lock(&player->carrier_lock);
    player->carrier = carrier;
    pthread_mutex_unlock(&player->carrier_lock);
    return DC_PLAYER_OK;
}

void
dc_player_disconnect(struct dc_player *player)
{
    pthread_mutex_lock(&player->carrier_lock);
    struct dc_carrier *carrier = player->carrier;
    player->carrier = NULL;
    pthread_mutex_unlock(&player->carrier_lock);
    if (!carrier)
        return;
    carrier->impl->shutdown(carrier);
    carrier->impl->destroy(carrier);
}

enum dc_player_result
dc_player_open(struct dc_player *player, const struct dc_url *url, uint32_t refresh_mhz, bool audio,
               int64_t reconnect_us, char *error)
{
    *player = (struct dc_player){ .signal_fd = -1, .last_keyframe_request_us = -DC_PLAYER_KEYFRAME_INTERVAL_US, .url = *url,
                                  .refresh_mhz = refresh_mhz, .wants_audio = audio, .reconnect_us = reconnect_us };
    pthread_mutex_init(&player->lock, NULL);
    pthread_mutex_init(&player->carrier_lock, NULL);
    dc_h264_depacketizer_init(&player->depacketizer);
    dc_frame_gate_init(&player->gate);
    player->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return dc_player_connect(player, &dc_attempt_first, error);
}
