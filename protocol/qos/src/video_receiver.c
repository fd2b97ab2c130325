#include <protocol/qos/video_receiver.h>

#include <protocol/rtp/rtcp_feedback.h>
#include <protocol/rtp/rtp.h>
#include <protocol/rtp/rtx.h>
#include <protocol/rtp/transport_sequence.h>

#define REPORT_INTERVAL_US 500000
#define FIRST_NACK_US 4000     // overtaking, and the rest of the frame with its parity
#define MIN_WAIT_US 40000      // for a gap
#define MAX_WAIT_US 150000
#define MAX_NACKS 128

bool
dc_video_receiver_init(struct dc_video_receiver *receiver, const struct dc_video_receiver_config *config, int64_t now_us)
{
    *receiver = (struct dc_video_receiver){ .config = *config, .report_us = now_us + REPORT_INTERVAL_US };
    dc_nack_list_init(&receiver->missing, FIRST_NACK_US);
    dc_fec_decoder_init(&receiver->fec, config->video_ssrc, config->transport_extension_id);
    dc_arrival_recorder_init(&receiver->arrivals);
    dc_receive_statistics_init(&receiver->statistics, config->video_ssrc, 90000);
    bool good = dc_jitter_buffer_init(&receiver->buffer);
    dc_video_receiver_set_round_trip(receiver, 30000);
    return good;
}

void
dc_video_receiver_finish(struct dc_video_receiver *receiver)
{
    dc_fec_decoder_finish(&receiver->fec);
    dc_jitter_buffer_finish(&receiver->buffer);
}

void
dc_video_receiver_set_round_trip(struct dc_video_receiver *receiver, int64_t round_trip_us)
{
    receiver->round_trip_us = round_trip_us < 1000 ? 1000 : round_trip_us > 500000 ? 500000 : round_trip_us;
    // Two requests and their answers. Beyond it a frame that does without the lost one is there sooner.
    int64_t wait_us = FIRST_NACK_US + receiver->round_trip_us * 5 / 2 + 10000;
    if (!receiver->config.wants_nack) // only overtaking and parity can help
        wait_us = 20000;
    else if (wait_us < MIN_WAIT_US)
        wait_us = MIN_WAIT_US;
    receiver->buffer.wait_us = wait_us > MAX_WAIT_US ? MAX_WAIT_US : wait_us;
}

/* Everything up to `end` was sent: what is not here is missing. */
static void
note_end(struct dc_video_receiver *receiver, int64_t end)
{
    if (receiver->end && end > receiver->end && receiver->config.wants_nack)
        dc_nack_list_add(&receiver->missing, receiver->end, end, receiver->now_us);
    if (end > receiver->end)
        receiver->end = end;
}

static void insert(struct dc_video_receiver *receiver, const uint8_t *packet, size_t size_bytes, bool is_canonical);

static void
handle_recovered(void *user, const uint8_t *packet, size_t size_bytes)
{
    insert(user, packet, size_bytes, true);
}

static void
insert(struct dc_video_receiver *receiver, const uint8_t *packet, size_t size_bytes, bool is_canonical)
{
    int64_t sequence;
    if (!dc_jitter_buffer_insert(&receiver->buffer, packet, size_bytes, is_canonical, receiver->now_us, &sequence))
        return;
    note_end(receiver, sequence + 1);
    dc_nack_list_remove(&receiver->missing, sequence);
    if (!is_canonical)
        dc_fec_decoder_handle_data(&receiver->fec, &receiver->buffer, sequence, handle_recovered, receiver);
}

static void
push_resent(struct dc_video_receiver *receiver, const struct dc_rtp_packet *rtp)
{
    uint8_t packet[DC_RTP_MAX_PACKET_BYTES];
    size_t size_bytes = dc_rtx_unpack(rtp, receiver->config.video_ssrc, receiver->config.video_payload_type, packet,
                                      sizeof(packet));
    receiver->resent++;
    if (size_bytes && receiver->buffer.started) // nothing is missing before there was something
        insert(receiver, packet, size_bytes, false);
}

static void
push_parity(struct dc_video_receiver *receiver, const struct dc_rtp_packet *rtp)
{
    receiver->parity++;
    int64_t end = dc_fec_decoder_push(&receiver->fec, &receiver->buffer, rtp->payload, rtp->payload_bytes,
                                      handle_recovered, receiver);
    if (end > 0)
        note_end(receiver, end);
}

bool
dc_video_receiver_push(struct dc_video_receiver *receiver, const uint8_t *packet, size_t size_bytes, int64_t now_us)
{
    const struct dc_video_receiver_config *config = &receiver->config;
    struct dc_rtp_packet rtp;
    uint16_t number;
    if (size_bytes > DC_RTP_MAX_PACKET_BYTES || !dc_rtp_unpack(packet, size_bytes, &rtp))
        return false;
    bool is_video = rtp.ssrc == config->video_ssrc && rtp.payload_type == config->video_payload_type;
    bool is_rtx = config->rtx_payload_type && rtp.ssrc == config->rtx_ssrc && rtp.payload_type == config->rtx_payload_type;
    bool is_fec = config->fec_payload_type && rtp.ssrc == config->fec_ssrc && rtp.payload_type == config->fec_payload_type;
    if (!is_video && !is_rtx && !is_fec)
        return false;
    receiver->now_us = now_us;
    if (config->transport_extension_id && dc_transport_sequence_get(&rtp, config->transport_extension_id, &number))
        dc_arrival_recorder_push(&receiver->arrivals, number, now_us);
    if (is_video) {
        receiver->received++;
        dc_receive_statistics_push(&receiver->statistics, rtp.sequence, rtp.timestamp, now_us);
        insert(receiver, packet, size_bytes, false);
    } else if (is_rtx) {
        push_resent(receiver, &rtp);
    } else {
        push_parity(receiver, &rtp);
    }
    return true;
}

const struct dc_jitter_slot *
dc_video_receiver_next(struct dc_video_receiver *receiver, int64_t now_us)
{
    const struct dc_jitter_slot *slot = dc_jitter_buffer_next(&receiver->buffer, now_us);
    if (slot)
        dc_nack_list_remove_before(&receiver->missing, receiver->buffer.next);
    return slot;
}

void
dc_video_receiver_handle_report(struct dc_video_receiver *receiver, const struct dc_rtcp_report *report, int64_t now_us)
{
    dc_receive_statistics_handle_sender_report(&receiver->statistics, report, now_us);
}

static int64_t
earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t
dc_video_receiver_deadline_us(const struct dc_video_receiver *receiver)
{
    int64_t deadline_us = earlier(receiver->report_us, dc_jitter_buffer_deadline_us(&receiver->buffer));
    deadline_us = earlier(deadline_us, dc_nack_list_deadline_us(&receiver->missing));
    return earlier(deadline_us, dc_arrival_recorder_deadline_us(&receiver->arrivals));
}

static void
put_report(struct dc_video_receiver *receiver, struct dc_rtcp_writer *writer, int64_t now_us)
{
    struct dc_rtcp_report report = { .ssrc = receiver->config.own_ssrc };
    if (dc_receive_statistics_report(&receiver->statistics, now_us, &report.blocks[0]))
        report.block_count = 1;
    dc_rtcp_put_report(writer, &report);
    dc_rtcp_put_cname(writer, receiver->config.own_ssrc, receiver->config.cname);
}

/* Reduced-size RTCP (RFC 5506) for all but the reports themselves, which are due twice a second. */
void
dc_video_receiver_write_rtcp(struct dc_video_receiver *receiver, struct dc_rtcp_writer *writer, int64_t now_us)
{
    const struct dc_video_receiver_config *config = &receiver->config;
    uint16_t sequences[MAX_NACKS];
    if (now_us >= receiver->report_us) {
        put_report(receiver, writer, now_us);
        receiver->report_us = now_us + REPORT_INTERVAL_US;
    }
    if (now_us >= dc_arrival_recorder_deadline_us(&receiver->arrivals))
        dc_arrival_recorder_report(&receiver->arrivals, writer, config->own_ssrc, config->video_ssrc, now_us);
    unsigned count = dc_nack_list_collect(&receiver->missing, now_us, receiver->round_trip_us, sequences, MAX_NACKS);
    dc_rtcp_put_nack(writer, config->own_ssrc, config->video_ssrc, sequences, count);
}
