#include <protocol/qos/video_sender.h>

#include <stdlib.h>
#include <string.h>

#include <protocol/qos/fec_rate.h>
#include <protocol/rtp/frame_extension.h>
#include <protocol/rtp/rtcp_feedback.h>
#include <protocol/rtp/rtp.h>
#include <protocol/rtp/rtx.h>
#include <protocol/rtp/transport_sequence.h>

#define FEC_TARGET 0.0002       // share of the blocks that parity may fail to bring back
#define FEC_LEAST_LIMIT 0.25    // of the data, however little room there is
#define FEC_MOST_LIMIT 1.0
#define KEYFRAME_INTERVAL_US 250000
#define REPORT_INTERVAL_US 500000
#define RESENT_SHARE 4          // of the target: a quarter
#define RESENT_BURST_US 500000
#define MIN_KBPS 300
#define SEND_TIME_BYTES 8       // frame_extension.h
#define TOTAL_OVER_ENCODER 2.2  // headers, parity and resent packets on top of the encoder's most

bool
dc_video_sender_init(struct dc_video_sender *sender, const struct dc_video_sender_config *config,
                     const struct dc_video_sender_listener *listener, void *user, int64_t now_us)
{
    const struct dc_congestion_config congestion = {
        .start_bps = (uint32_t)(config->bitrate_kbps * 1300ull), .min_bps = MIN_KBPS * 1000,
        .max_bps = (uint32_t)(config->bitrate_kbps * 1000 * TOTAL_OVER_ENCODER),
    };
    *sender = (struct dc_video_sender){
        .config = *config, .listener = listener, .user = user, .overhead = 1.1, .report_us = now_us, .budget_us = now_us,
        .keyframe_us = now_us - KEYFRAME_INTERVAL_US,
        .packetizer = { .ssrc = config->video_ssrc, .payload_type = config->video_payload_type,
                        .sequence = (uint16_t)config->video_ssrc, .max_packet_bytes = DC_FEC_MAX_MEDIA_BYTES },
        .rtx_sequence = (uint16_t)config->rtx_ssrc,
    };
    dc_packet_history_init(&sender->history);
    dc_fec_encoder_init(&sender->fec, config->fec_ssrc, config->fec_payload_type, (uint16_t)config->fec_ssrc);
    dc_pacer_init(&sender->pacer);
    sender->block.data = malloc((size_t)DC_FEC_MAX_DATA * DC_RTP_MAX_PACKET_BYTES);
    return dc_congestion_init(&sender->congestion, &congestion, now_us) && sender->block.data;
}

void
dc_video_sender_finish(struct dc_video_sender *sender)
{
    dc_packet_history_finish(&sender->history);
    dc_fec_encoder_finish(&sender->fec);
    dc_pacer_finish(&sender->pacer);
    dc_congestion_finish(&sender->congestion);
    free(sender->block.data);
    sender->block.data = NULL;
}

static void
queue_parity(void *user, const uint8_t *packet, size_t size_bytes)
{
    struct dc_video_sender *sender = user;
    if (dc_pacer_push(&sender->pacer, DC_PACER_FRESH, packet, size_bytes, sender->push_us)) {
        sender->parity_packets++;
        sender->parity_bytes += size_bytes;
    }
}

/* Most parity for `count` packets: what the line has room for beside a picture at its best; where it has none, parity takes
 * from the picture, but never more than a quarter. */
static unsigned
parity_limit(const struct dc_video_sender *sender, unsigned count)
{
    double share = dc_congestion_target_bps(&sender->congestion) / (sender->config.bitrate_kbps * 1050.0) - 1;
    share = share < FEC_LEAST_LIMIT ? FEC_LEAST_LIMIT : share > FEC_MOST_LIMIT ? FEC_MOST_LIMIT : share;
    return (unsigned)(count * share) + 1;
}

static void
finish_block(struct dc_video_sender *sender)
{
    const uint8_t *packets[DC_FEC_MAX_DATA];
    unsigned count = sender->block.count;
    sender->block.count = 0;
    if (!count)
        return;
    for (unsigned i = 0; i < count; i++)
        packets[i] = sender->block.data + (size_t)i * DC_RTP_MAX_PACKET_BYTES;
    unsigned parity = dc_fec_parity_count(count, sender->loss, sender->burst, FEC_TARGET);
    unsigned limit = parity_limit(sender, count);
    dc_fec_encoder_push(&sender->fec, packets, sender->block.sizes, count, parity < limit ? parity : limit, queue_parity,
                        sender);
}

static void
queue_media(void *user, const uint8_t *packet, size_t size_bytes, size_t send_time_offset)
{
    struct dc_video_sender *sender = user;
    struct dc_paced_packet *paced = dc_pacer_push(&sender->pacer, DC_PACER_FRESH, packet, size_bytes, sender->push_us);
    if (!paced) {
        sender->push_failed = true;
        return;
    }
    paced->is_media = true;
    paced->send_time_offset = send_time_offset;
    sender->media_bytes += size_bytes;
    if (!sender->config.fec_payload_type)
        return;
    uint8_t *copy = sender->block.data + (size_t)sender->block.count * DC_RTP_MAX_PACKET_BYTES;
    memcpy(copy, packet, size_bytes);
    if (send_time_offset && send_time_offset + SEND_TIME_BYTES <= size_bytes)
        memset(copy + send_time_offset, 0, SEND_TIME_BYTES); // it is known later: dc_fec_canonical()
    sender->block.sizes[sender->block.count++] = size_bytes;
    if (sender->block.count == DC_FEC_MAX_DATA)
        finish_block(sender);
}

void
dc_video_sender_begin_frame(struct dc_video_sender *sender, uint64_t frame_id, bool keyframe, uint32_t timestamp,
                            int64_t now_us)
{
    sender->push_us = now_us;
    sender->push_failed = false;
    sender->frame_payload_bytes = 0;
    sender->frame_began_bytes = sender->media_bytes + sender->parity_bytes;
    sender->loss = dc_loss_estimate_loss(&sender->congestion.loss);
    sender->burst = dc_loss_estimate_burst(&sender->congestion.loss);
    if (sender->answered_from && !sender->answered_id && frame_id)
        sender->answered_id = frame_id;
    sender->last_frame_id = frame_id;
    if (keyframe)
        sender->keyframe_id = frame_id;
    sender->last_timestamp = timestamp;
}

void
dc_video_sender_add_packet(struct dc_video_sender *sender, const uint8_t *packet, size_t size_bytes,
                           size_t send_time_offset)
{
    sender->frame_payload_bytes += size_bytes > DC_RTP_HEADER_BYTES ? size_bytes - DC_RTP_HEADER_BYTES : 0;
    queue_media(sender, packet, size_bytes, send_time_offset);
}

bool
dc_video_sender_end_frame(struct dc_video_sender *sender, int64_t now_us)
{
    finish_block(sender);
    uint64_t sent_bytes = sender->media_bytes + sender->parity_bytes - sender->frame_began_bytes;
    if (sender->push_failed)
        sender->awaits_keyframe = true;
    else if (sender->frame_payload_bytes)
        sender->overhead += ((double)sent_bytes / (double)sender->frame_payload_bytes - sender->overhead) / 16;
    dc_video_sender_handle_timer(sender, now_us);
    return !sender->push_failed;
}

static void
add_cut_packet(void *user, const uint8_t *packet, size_t size_bytes, size_t send_time_offset)
{
    dc_video_sender_add_packet(user, packet, size_bytes, send_time_offset);
}

bool
dc_video_sender_push(struct dc_video_sender *sender, const struct dc_packet *frame, int64_t now_us)
{
    dc_video_sender_begin_frame(sender, frame->meta.frame_id, frame->keyframe, (uint32_t)frame->timestamp, now_us);
    if (!dc_h264_packetizer_push(&sender->packetizer, frame, add_cut_packet, sender))
        sender->push_failed = true;
    return dc_video_sender_end_frame(sender, now_us);
}

static void
send_packet(struct dc_video_sender *sender, struct dc_paced_packet *packet, int64_t now_us)
{
    if (packet->send_time_offset)
        dc_frame_extension_put_send_time(packet->data + packet->send_time_offset, now_us);
    if (packet->is_media) {
        uint16_t sequence = (uint16_t)(packet->data[2] << 8 | packet->data[3]);
        dc_packet_history_store(&sender->history, sequence, packet->data, packet->size_bytes, now_us);
        sender->packet_count++;
        sender->octet_count += (uint32_t)packet->size_bytes - DC_RTP_HEADER_BYTES;
    }
    uint8_t id = sender->config.transport_extension_id;
    if (id && dc_transport_sequence_put(packet->data, &packet->size_bytes, DC_RTP_MAX_PACKET_BYTES, id,
                                        dc_congestion_next_number(&sender->congestion)))
        dc_congestion_handle_sent(&sender->congestion, packet->size_bytes, now_us);
    sender->listener->send(sender->user, packet->data, packet->size_bytes);
}

void
dc_video_sender_handle_timer(struct dc_video_sender *sender, int64_t now_us)
{
    struct dc_paced_packet *packet;
    sender->pacer.bps = dc_congestion_pacing_bps(&sender->congestion, now_us);
    while ((packet = dc_pacer_pop(&sender->pacer, now_us))) {
        send_packet(sender, packet, now_us);
        free(packet);
    }
}

int64_t
dc_video_sender_deadline_us(const struct dc_video_sender *sender)
{
    int64_t pacer_us = dc_pacer_deadline_us(&sender->pacer);
    return pacer_us < sender->report_us ? pacer_us : sender->report_us;
}

static int64_t
round_trip(const struct dc_video_sender *sender)
{
    return sender->round_trip_us ? sender->round_trip_us : sender->congestion.round_trip_us;
}

/* Resent packets compete with fresh ones for a line that may be losing because it is full: a quarter of the target. */
static bool
spend_budget(struct dc_video_sender *sender, size_t size_bytes, int64_t now_us)
{
    int64_t bytes_per_s = dc_congestion_target_bps(&sender->congestion) / 8 / RESENT_SHARE;
    int64_t most_bytes = bytes_per_s * RESENT_BURST_US / 1000000;
    sender->resent_budget_bytes += bytes_per_s * (now_us - sender->budget_us) / 1000000;
    sender->budget_us = now_us;
    if (sender->resent_budget_bytes > most_bytes)
        sender->resent_budget_bytes = most_bytes;
    if (sender->resent_budget_bytes < (int64_t)size_bytes)
        return false;
    sender->resent_budget_bytes -= (int64_t)size_bytes;
    return true;
}

static void
resend(struct dc_video_sender *sender, uint16_t sequence, int64_t now_us)
{
    uint8_t out[DC_RTP_MAX_PACKET_BYTES];
    const struct dc_history_slot *slot;
    sender->nacked++;
    slot = dc_packet_history_take(&sender->history, sequence, now_us, round_trip(sender));
    if (!slot || !spend_budget(sender, slot->size_bytes, now_us))
        return;
    const uint8_t *packet = slot->data;
    size_t size_bytes = slot->size_bytes;
    if (sender->config.rtx_payload_type) {
        size_bytes = dc_rtx_pack(slot->data, slot->size_bytes, sender->config.rtx_ssrc, sender->config.rtx_payload_type,
                                 sender->rtx_sequence, out, sizeof(out));
        sender->rtx_sequence = (uint16_t)(sender->rtx_sequence + (size_bytes != 0));
        packet = out;
    }
    if (size_bytes && dc_pacer_push(&sender->pacer, DC_PACER_RESENT, packet, size_bytes, now_us))
        sender->resent_bytes += size_bytes;
}

/* A request that a frame on its way answers already needs no second answer. */
static void
request_invalidation(struct dc_video_sender *sender, const struct dc_rtcp_feedback *feedback)
{
    if (!feedback->first_lost_id || feedback->first_lost_id > sender->last_frame_id)
        return;
    bool answered = sender->answered_from && feedback->first_lost_id >= sender->answered_from &&
                    (!sender->answered_id || feedback->newest_id < sender->answered_id);
    answered |= feedback->first_lost_id <= sender->keyframe_id && feedback->newest_id < sender->keyframe_id;
    if (answered)
        return;
    if (!sender->request.first_lost_id || feedback->first_lost_id < sender->request.first_lost_id)
        sender->request.first_lost_id = feedback->first_lost_id;
}

static void
handle_feedback(struct dc_video_sender *sender, const struct dc_rtcp_packet *packet, int64_t now_us)
{
    struct dc_rtcp_feedback feedback;
    struct dc_transport_feedback transport;
    if (!dc_rtcp_unpack_feedback(packet, &feedback))
        return;
    if (feedback.kind == DC_FEEDBACK_TRANSPORT_CC && dc_transport_feedback_unpack(packet, &transport))
        dc_congestion_handle_feedback(&sender->congestion, &transport, now_us);
    if (feedback.media_ssrc != sender->config.video_ssrc)
        return;
    if (feedback.kind == DC_FEEDBACK_NACK)
        for (unsigned i = 0; i < feedback.sequence_count; i++)
            resend(sender, feedback.sequences[i], now_us);
    else if (feedback.kind == DC_FEEDBACK_PLI || feedback.kind == DC_FEEDBACK_FIR)
        sender->awaits_keyframe = true;
    else if (feedback.kind == DC_FEEDBACK_INVALIDATE)
        request_invalidation(sender, &feedback);
}

void
dc_video_sender_handle_rtcp(struct dc_video_sender *sender, const uint8_t *data, size_t size_bytes, int64_t now_us)
{
    struct dc_rtcp_reader reader;
    struct dc_rtcp_packet packet;
    struct dc_rtcp_report report;
    dc_rtcp_reader_init(&reader, data, size_bytes);
    while (dc_rtcp_reader_next(&reader, &packet)) {
        handle_feedback(sender, &packet, now_us);
        if (!dc_rtcp_unpack_report(&packet, &report))
            continue;
        for (unsigned i = 0; i < report.block_count; i++) {
            int64_t us = report.blocks[i].ssrc == sender->config.video_ssrc
                             ? dc_rtcp_round_trip_us(&report.blocks[i], now_us) : -1;
            if (us >= 0 && us < 10000000)
                sender->round_trip_us = sender->round_trip_us ? sender->round_trip_us + (us - sender->round_trip_us) / 4 : us;
        }
    }
    dc_video_sender_handle_timer(sender, now_us);
}

void
dc_video_sender_write_rtcp(struct dc_video_sender *sender, struct dc_rtcp_writer *writer, int64_t now_us)
{
    if (now_us < sender->report_us)
        return;
    sender->report_us = now_us + REPORT_INTERVAL_US;
    const struct dc_rtcp_report report = {
        .is_sender = true, .ssrc = sender->config.video_ssrc, .ntp_time = dc_ntp_from_us(now_us),
        .rtp_timestamp = sender->last_timestamp, .packet_count = sender->packet_count, .octet_count = sender->octet_count,
    };
    dc_rtcp_put_report(writer, &report);
    dc_rtcp_put_cname(writer, sender->config.video_ssrc, sender->config.cname);
}

bool
dc_video_sender_may_encode(struct dc_video_sender *sender, int64_t now_us)
{
    // What waits here is not in the network's queue yet, but will be.
    if (dc_pacer_backlog_us(&sender->pacer) > 16000)
        return false;
    return !sender->config.transport_extension_id || dc_congestion_may_encode(&sender->congestion, now_us);
}

uint32_t
dc_video_sender_encoder_kbps(const struct dc_video_sender *sender)
{
    if (!sender->config.transport_extension_id)
        return sender->config.bitrate_kbps;
    double kbps = dc_congestion_target_bps(&sender->congestion) / 1000 / sender->overhead;
    if (kbps > sender->config.bitrate_kbps)
        return sender->config.bitrate_kbps;
    return kbps < MIN_KBPS ? MIN_KBPS : (uint32_t)kbps;
}

bool
dc_video_sender_take_request(struct dc_video_sender *sender, int64_t now_us, struct dc_video_request *request)
{
    *request = sender->request;
    sender->request = (struct dc_video_request){ 0 };
    if (sender->awaits_keyframe && now_us - sender->keyframe_us >= KEYFRAME_INTERVAL_US) {
        sender->awaits_keyframe = false;
        sender->keyframe_us = now_us;
        *request = (struct dc_video_request){ .keyframe = true };
    }
    if (request->first_lost_id) {
        sender->answered_from = request->first_lost_id;
        sender->answered_id = 0;
    }
    return request->keyframe || request->first_lost_id;
}
