#ifndef DC_INSTANCE_NETWORK_MEDIA_SENDER_H
#define DC_INSTANCE_NETWORK_MEDIA_SENDER_H
/*
 * Packets of the encoders → RTP → send queue, and what happens when the client is slower than the stream: whole frames
 * are dropped, and once the queue has drained a key frame is asked for. Delta frames before a key frame are useless to
 * the decoder and are not sent.
 */
#include <stdbool.h>
#include <stdint.h>

#include <common/packet.h>
#include <protocol/rtp/h264_packetizer.h>
#include <protocol/rtp/opus_payload.h>

#include "send_queue.h"

/* Video that waits longer, or more of it, is not worth sending any more. */
#define DC_MEDIA_MAX_WAIT_US 250000
#define DC_MEDIA_MAX_VIDEO_BYTES (2u << 20)
#define DC_MEDIA_MAX_AUDIO_PACKETS 40

struct dc_media_sender {
    struct dc_send_queue *queue; // borrowed
    struct dc_h264_packetizer video;
    struct dc_opus_packetizer audio;
    bool wants_video, wants_audio;
    bool awaits_keyframe; // delta frames are dropped
    bool is_draining;     // frames are dropped until the queue has emptied
    uint32_t carried_count; // inputs whose frame was dropped: the next one sent is the first to show their effect
    uint64_t carried_ids[DC_FRAME_MAX_INPUT_IDS];
    uint64_t frames_sent, frames_dropped, audio_dropped;
    bool queue_failed;    // scratch of one push: out of memory
    int64_t push_us;
    bool push_first;
};

/* Random SSRCs and sequence numbers. */
void dc_media_sender_init(struct dc_media_sender *sender, struct dc_send_queue *queue);
/* false: the frame was dropped and will not be missed before a key frame. */
bool dc_media_sender_push(struct dc_media_sender *sender, const struct dc_packet *packet, int64_t now_us);
/* After the queue was served. true: ask for a key frame now. */
bool dc_media_sender_needs_keyframe(struct dc_media_sender *sender);

#endif
