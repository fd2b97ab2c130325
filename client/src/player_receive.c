/* What comes from the instance. Network thread. */
#include <session.pb-c.h>

#include <common/clock.h>

#include "messages.h"
#include "player_internal.h"

static void
handle_video(void *user, const uint8_t *data, size_t size_bytes, int64_t arrival_us)
{
    struct dc_player *player = user;
    struct dc_rtp_packet packet;
    struct dc_access_unit unit;
    if (!dc_rtp_unpack(data, size_bytes, &packet))
        return;
    if (packet.payload_type != DC_RTP_VIDEO_PAYLOAD_TYPE || packet.ssrc != player->video_ssrc)
        return;
    if (dc_h264_depacketizer_push(&player->depacketizer, &packet, arrival_us, &unit)) {
        player->last_frame_id = unit.has_meta ? unit.meta.frame_id : player->last_frame_id;
        bool is_good = dc_frame_gate_push(&player->gate, unit.has_meta ? unit.meta.frame_id : 0, unit.meta.reference_id,
                                          unit.keyframe);
        player->listener->handle_video(player->user, &unit, is_good, player->clock.offset_us);
    }
    player->lost_packets = player->lost_before + player->depacketizer.lost_packets;
    if (player->depacketizer.dropped_units != player->dropped_units) {
        player->dropped_units = player->dropped_frames = player->depacketizer.dropped_units;
        dc_frame_gate_handle_loss(&player->gate);
    }
}

/* A frame without what was lost, where the instance can make one of it; otherwise, and over TCP, a key frame. */
static void
ask_for_picture(struct dc_player *player)
{
    if (atomic_exchange(&player->decoder_failed, false))
        dc_frame_gate_handle_decoder_failure(&player->gate);
    switch (dc_frame_gate_request(&player->gate, dc_clock_now_us(), player->round_trip_us)) {
    case DC_GATE_NOTHING: return;
    case DC_GATE_INVALIDATE:
        if (dc_video_repair_is_on(&player->repair)) {
            dc_video_repair_invalidate(&player->repair, player->gate.last_good + 1, player->gate.newest);
            return;
        }
        break;
    case DC_GATE_KEYFRAME: break;
    }
    dc_player_request_keyframe(player);
}

void
dc_player_handle_decoder_failure(struct dc_player *player)
{
    atomic_store(&player->decoder_failed, true);
    dc_player_request_keyframe(player);
}

static void
handle_rtp(struct dc_player *player, const uint8_t *data, size_t size_bytes, int64_t now_us)
{
    struct dc_rtp_packet packet;
    if (dc_video_repair_is_on(&player->repair) && dc_video_repair_push(&player->repair, data, size_bytes, now_us))
        return; // dc_player_repair() hands it out
    if (!dc_rtp_unpack(data, size_bytes, &packet))
        return;
    if (packet.payload_type == DC_RTP_AUDIO_PAYLOAD_TYPE && packet.ssrc == player->audio_ssrc)
        player->listener->handle_audio(player->user, &packet, now_us);
    else if (!dc_video_repair_is_on(&player->repair))
        handle_video(player, data, size_bytes, now_us);
}

void
dc_player_repair(struct dc_player *player)
{
    if (dc_video_repair_is_on(&player->repair)) {
        dc_video_repair_work(&player->repair, player->round_trip_us, handle_video, player, dc_clock_now_us());
        player->recovered_packets = player->repair.receiver.fec.recovered;
        player->resent_packets = player->repair.receiver.resent;
    }
    ask_for_picture(player);
}

static void
handle_bye(struct dc_player *player, const Dc__Session__Bye *bye)
{
    pthread_mutex_lock(&player->lock);
    player->exit_status = bye->exit_status;
    player->app_exited = bye->app_exited;
    pthread_mutex_unlock(&player->lock);
    dc_player_end(player, DC_PLAYER_BYE, bye->reason);
}

static void
handle_control(struct dc_player *player, const uint8_t *data, size_t size_bytes, int64_t now_us)
{
    Dc__Session__Control *control = dc__session__control__unpack(NULL, size_bytes, data);
    if (!control)
        return;
    if (control->body_case == DC__SESSION__CONTROL__BODY_PONG) {
        const Dc__Session__Pong *pong = control->pong;
        dc_clock_offset_add(&player->clock, pong->t1_us, pong->t2_us, pong->t3_us, now_us);
        player->round_trip_us = player->clock.round_trip_us;
        player->clock_offset_us = player->clock.offset_us;
    } else if (control->body_case == DC__SESSION__CONTROL__BODY_BYE) {
        handle_bye(player, control->bye);
    } else if (control->body_case == DC__SESSION__CONTROL__BODY_REFUSED) {
        dc_player_end(player, DC_PLAYER_REFUSED, control->refused->text);
    }
    dc__session__control__free_unpacked(control, NULL);
}

static void
handle_stats(struct dc_player *player, const uint8_t *data, size_t size_bytes)
{
    struct dc_instance_stats stats;
    if (!dc_messages_unpack_stats(data, size_bytes, &stats))
        return;
    pthread_mutex_lock(&player->lock);
    player->stats = stats;
    pthread_mutex_unlock(&player->lock);
    player->listener->handle_wake(player->user);
}

void
dc_player_handle_frame(struct dc_player *player, const uint8_t *frame, size_t size_bytes, int64_t now_us)
{
    uint8_t channel = frame[0];
    player->received_bytes += size_bytes;
    player->received_packets++;
    if (channel >= DC_CHANNEL_RTP_FIRST && channel <= DC_CHANNEL_RTP_LAST)
        handle_rtp(player, frame, size_bytes, now_us);
    else if (channel == DC_CHANNEL_CONTROL)
        handle_control(player, frame + 1, size_bytes - 1, now_us);
    else if (channel == DC_CHANNEL_STATS)
        handle_stats(player, frame + 1, size_bytes - 1);
}
