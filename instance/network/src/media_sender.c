#define DC_LOG_COMPONENT "network"
#include "media_sender.h"

#include <sys/random.h>

#include <common/log.h>
#include <protocol/rtp/channel.h>
#include <protocol/rtp/frame_extension.h>
#include <protocol/rtp/rtp.h>

void
dc_media_sender_init(struct dc_media_sender *sender, struct dc_send_queue *queue)
{
    uint32_t random[4] = { 0x5eed0001, 0x5eed0002, 0, 0 }; // distinct even without random bytes
    if (getrandom(random, sizeof(random), GRND_NONBLOCK) < 0)
        dc_debug("no random bytes for SSRCs");
    *sender = (struct dc_media_sender){
        .queue = queue,
        .video = { .ssrc = random[0], .payload_type = DC_RTP_VIDEO_PAYLOAD_TYPE, .sequence = (uint16_t)random[2],
                   .max_packet_bytes = DC_RTP_MAX_PACKET_BYTES },
        .audio = { .ssrc = random[1], .payload_type = DC_RTP_AUDIO_PAYLOAD_TYPE, .sequence = (uint16_t)random[3] },
        .awaits_keyframe = true,
    };
}

static void
queue_video(void *user, const uint8_t *packet, size_t size_bytes, size_t send_time_offset)
{
    struct dc_media_sender *sender = user;
    struct dc_send_item *item = dc_send_queue_push(sender->queue, DC_LANE_VIDEO, packet, size_bytes, sender->push_us);
    if (!item) {
        sender->queue_failed = true;
        return;
    }
    item->send_time_offset = send_time_offset;
    item->frame_start = sender->push_first;
    item->frame_end = send_time_offset != 0;
    sender->push_first = false;
}

static bool
is_clogged(const struct dc_media_sender *sender, int64_t now_us)
{
    const struct dc_send_item *head = sender->queue->lanes[DC_LANE_VIDEO].head;
    return head && (now_us - head->queued_us > DC_MEDIA_MAX_WAIT_US ||
                    sender->queue->lanes[DC_LANE_VIDEO].size_bytes > DC_MEDIA_MAX_VIDEO_BYTES);
}

static void
carry_inputs(struct dc_media_sender *sender, const struct dc_frame_meta *meta)
{
    for (uint32_t i = 0; i < meta->input_id_count && sender->carried_count < DC_FRAME_MAX_INPUT_IDS; i++)
        sender->carried_ids[sender->carried_count++] = meta->input_ids[i];
}

/* What the next frame says: its own inputs and those of the frames that were dropped before it. */
static void
add_carried_inputs(struct dc_media_sender *sender, struct dc_frame_meta *meta)
{
    uint32_t taken = 0;
    while (taken < sender->carried_count && meta->input_id_count < DC_FRAME_MAX_INPUT_IDS)
        meta->input_ids[meta->input_id_count++] = sender->carried_ids[taken++];
    sender->carried_count = 0;
}

static void
handle_dropped_frame(void *user, const struct dc_send_item *first)
{
    struct dc_rtp_packet packet;
    struct dc_frame_extension extension;
    if (dc_rtp_unpack(first->data, first->size_bytes, &packet) &&
        dc_frame_extension_unpack(packet.extension_profile, packet.extension, packet.extension_bytes, &extension))
        carry_inputs(user, &extension.meta);
}

static void
begin_draining(struct dc_media_sender *sender)
{
    unsigned dropped = dc_send_queue_drop_frames(sender->queue, handle_dropped_frame, sender);
    sender->frames_dropped += dropped;
    sender->is_draining = true;
    sender->awaits_keyframe = true;
    dc_info("the client cannot keep up: %u queued frames dropped", dropped);
}

static bool
push_video(struct dc_media_sender *sender, const struct dc_packet *packet, int64_t now_us)
{
    if (!sender->is_draining && is_clogged(sender, now_us))
        begin_draining(sender);
    if (sender->is_draining || (sender->awaits_keyframe && !packet->keyframe)) {
        sender->frames_dropped++;
        carry_inputs(sender, &packet->meta);
        return false;
    }
    struct dc_packet frame = *packet;
    add_carried_inputs(sender, &frame.meta);
    sender->push_us = now_us;
    sender->push_first = true;
    sender->queue_failed = false;
    bool packed = dc_h264_packetizer_push(&sender->video, &frame, queue_video, sender);
    if (!packed || sender->queue_failed) {
        sender->frames_dropped++;
        sender->awaits_keyframe = true;
        return false;
    }
    sender->awaits_keyframe = false;
    sender->frames_sent++;
    return true;
}

static bool
push_audio(struct dc_media_sender *sender, const struct dc_packet *packet, int64_t now_us)
{
    uint8_t out[DC_RTP_MAX_PACKET_BYTES];
    size_t size_bytes = dc_opus_packetizer_push(&sender->audio, packet, out, sizeof(out));
    if (!size_bytes)
        return false;
    if (sender->queue->lanes[DC_LANE_AUDIO].count >= DC_MEDIA_MAX_AUDIO_PACKETS) {
        dc_send_queue_pop_lane(sender->queue, DC_LANE_AUDIO); // the oldest is the least worth
        sender->audio_dropped++;
    }
    return dc_send_queue_push(sender->queue, DC_LANE_AUDIO, out, size_bytes, now_us) != NULL;
}

bool
dc_media_sender_push(struct dc_media_sender *sender, const struct dc_packet *packet, int64_t now_us)
{
    switch (packet->kind) {
    case DC_PACKET_VIDEO_H264: return sender->wants_video && push_video(sender, packet, now_us);
    case DC_PACKET_AUDIO_OPUS: return sender->wants_audio && push_audio(sender, packet, now_us);
    }
    return false;
}

bool
dc_media_sender_needs_keyframe(struct dc_media_sender *sender)
{
    if (!sender->is_draining || sender->queue->lanes[DC_LANE_VIDEO].head)
        return false;
    sender->is_draining = false;
    return true;
}
