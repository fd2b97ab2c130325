#include "video_repair.h"

#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include <protocol/rtp/rtcp_feedback.h>

#include "sdp.h"

#define RTCP_FIRST 192 // of an RTP packet's second byte, marker included (RFC 5761 §4)
#define RTCP_LAST 223
#define SSRC_OFFSET 8
#define INVALIDATE_BYTES 64

bool
dc_video_repair_init(struct dc_video_repair *repair, struct dc_carrier *carrier, uint32_t video_ssrc, int64_t now_us)
{
    struct dc_video_receiver_config config = {
        .video_ssrc = video_ssrc,
        .video_payload_type = DC_RTP_VIDEO_PAYLOAD_TYPE,
        .rtx_payload_type = DC_SDP_RTX_PAYLOAD_TYPE,
        .fec_payload_type = DC_SDP_PARITY_PAYLOAD_TYPE,
        .transport_extension_id = DC_SDP_TRANSPORT_EXTENSION_ID,
        .wants_nack = true,
        .cname = "dc-client",
    };
    *repair = (struct dc_video_repair){ 0 };
    if (!carrier->impl->send_rtcp)
        return true;
    if (RAND_bytes((unsigned char *)&config.own_ssrc, sizeof(config.own_ssrc)) != 1 ||
        !dc_video_receiver_init(&repair->receiver, &config, now_us))
        return false;
    repair->carrier = carrier;
    return true;
}

void
dc_video_repair_finish(struct dc_video_repair *repair)
{
    if (repair->carrier)
        dc_video_receiver_finish(&repair->receiver);
    repair->carrier = NULL;
}

bool
dc_video_repair_is_on(const struct dc_video_repair *repair)
{
    return repair->carrier != NULL;
}

static void
handle_rtcp(struct dc_video_repair *repair, const uint8_t *data, size_t size_bytes, int64_t now_us)
{
    struct dc_rtcp_reader reader;
    struct dc_rtcp_packet packet;
    struct dc_rtcp_report report;
    dc_rtcp_reader_init(&reader, data, size_bytes);
    while (dc_rtcp_reader_next(&reader, &packet)) {
        if (dc_rtcp_unpack_report(&packet, &report) && report.is_sender &&
            report.ssrc == repair->receiver.config.video_ssrc)
            dc_video_receiver_handle_report(&repair->receiver, &report, now_us);
    }
}

static uint32_t
read_ssrc(const uint8_t *packet)
{
    return (uint32_t)packet[SSRC_OFFSET] << 24 | (uint32_t)packet[SSRC_OFFSET + 1] << 16 |
           (uint32_t)packet[SSRC_OFFSET + 2] << 8 | packet[SSRC_OFFSET + 3];
}

/* The answer need not name the streams of retransmissions and parity: their payload types do. */
static void
learn_ssrcs(struct dc_video_repair *repair, const uint8_t *packet)
{
    struct dc_video_receiver_config *config = &repair->receiver.config;
    uint8_t type = packet[1] & 0x7f;
    if (!config->rtx_ssrc && type == config->rtx_payload_type)
        config->rtx_ssrc = read_ssrc(packet);
    else if (!config->fec_ssrc && type == config->fec_payload_type)
        config->fec_ssrc = read_ssrc(packet);
}

bool
dc_video_repair_push(struct dc_video_repair *repair, const uint8_t *packet, size_t size_bytes, int64_t now_us)
{
    if (size_bytes < SSRC_OFFSET + 4)
        return size_bytes >= 2 && packet[1] >= RTCP_FIRST && packet[1] <= RTCP_LAST; // a report is longer
    if (packet[1] >= RTCP_FIRST && packet[1] <= RTCP_LAST) {
        handle_rtcp(repair, packet, size_bytes, now_us);
        return true;
    }
    learn_ssrcs(repair, packet);
    return dc_video_receiver_push(&repair->receiver, packet, size_bytes, now_us);
}

void
dc_video_repair_work(struct dc_video_repair *repair, int64_t round_trip_us, dc_video_repair_handle_packet handle,
                     void *user, int64_t now_us)
{
    uint8_t packet[DC_RTP_MAX_PACKET_BYTES + DC_CARRIER_RTCP_TRAILER_BYTES];
    const struct dc_jitter_slot *slot;
    struct dc_rtcp_writer writer;
    if (round_trip_us > 0)
        dc_video_receiver_set_round_trip(&repair->receiver, round_trip_us);
    while ((slot = dc_video_receiver_next(&repair->receiver, now_us)))
        handle(user, slot->data, slot->size_bytes, slot->arrival_us);
    dc_rtcp_writer_init(&writer, packet, DC_RTP_MAX_PACKET_BYTES);
    dc_video_receiver_write_rtcp(&repair->receiver, &writer, now_us);
    if (writer.size_bytes)
        repair->carrier->impl->send_rtcp(repair->carrier, packet, writer.size_bytes);
}

void
dc_video_repair_invalidate(struct dc_video_repair *repair, uint64_t first_lost_id, uint64_t newest_id)
{
    uint8_t packet[INVALIDATE_BYTES + DC_CARRIER_RTCP_TRAILER_BYTES];
    const struct dc_video_receiver_config *config = &repair->receiver.config;
    struct dc_rtcp_writer writer;
    dc_rtcp_writer_init(&writer, packet, INVALIDATE_BYTES);
    dc_rtcp_put_invalidate(&writer, config->own_ssrc, config->video_ssrc, first_lost_id, newest_id);
    repair->carrier->impl->send_rtcp(repair->carrier, packet, writer.size_bytes);
}

void
dc_video_repair_get_counts(const struct dc_video_repair *repair, struct dc_video_repair_counts *counts)
{
    const struct dc_video_receiver *receiver = &repair->receiver;
    *counts = (struct dc_video_repair_counts){
        .received = receiver->received, .resent = receiver->resent, .parity = receiver->parity,
        .recovered = receiver->fec.recovered,
    };
}

int64_t
dc_video_repair_deadline_us(const struct dc_video_repair *repair)
{
    return repair->carrier ? dc_video_receiver_deadline_us(&repair->receiver) : INT64_MAX;
}
