/*
 * Hostile packets for a video receiver: records of { u16 length, u8 time step in ms, bytes }, after a few good packets so
 * that something is known. Whatever comes, what goes out is in order and everything is bounded.
 */
#include <stdlib.h>
#include <string.h>

#include <common/wire.h>
#include <protocol/qos/frame_gate.h>
#include <protocol/qos/video_receiver.h>
#include <protocol/rtp/rtp.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static void
drain(struct dc_video_receiver *receiver, int64_t *last, int64_t now_us)
{
    const struct dc_jitter_slot *slot;
    struct dc_rtp_packet packet;
    while ((slot = dc_video_receiver_next(receiver, now_us))) {
        if (slot->sequence <= *last || slot->size_bytes > DC_RTP_MAX_PACKET_BYTES ||
            !dc_rtp_unpack(slot->data, slot->size_bytes, &packet))
            abort();
        *last = slot->sequence;
    }
    if (receiver->buffer.unwrapper.newest - receiver->buffer.next >= DC_JITTER_PACKETS ||
        receiver->missing.count > DC_NACK_MAX_MISSING)
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    const struct dc_video_receiver_config config = {
        .own_ssrc = 9, .video_ssrc = 0x01010101, .rtx_ssrc = 0x02020202, .fec_ssrc = 0x03030303, .video_payload_type = 96,
        .rtx_payload_type = 98, .fec_payload_type = 99, .transport_extension_id = 5, .wants_nack = true, .cname = "r",
    };
    struct dc_video_receiver receiver;
    struct dc_reader r;
    int64_t last = 0, now_us = 1000000;
    uint8_t good[13] = { 0x80, 96, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 7 };
    if (!dc_video_receiver_init(&receiver, &config, now_us))
        abort();
    for (uint8_t i = 0; i < 4; i++) {
        good[3] = i;
        dc_video_receiver_push(&receiver, good, sizeof(good), now_us);
    }
    dc_reader_init(&r, data, size_bytes);
    while (dc_reader_left(&r) >= 3) {
        uint8_t out[1200];
        struct dc_rtcp_writer writer;
        size_t packet_bytes = dc_reader_u16be(&r);
        now_us += dc_reader_u8(&r) * 1000;
        if (packet_bytes > dc_reader_left(&r))
            packet_bytes = dc_reader_left(&r);
        uint8_t *packet = malloc(packet_bytes ? packet_bytes : 1);
        if (packet_bytes)
            memcpy(packet, dc_reader_bytes(&r, packet_bytes), packet_bytes);
        dc_video_receiver_push(&receiver, packet, packet_bytes, now_us);
        free(packet);
        drain(&receiver, &last, now_us);
        dc_rtcp_writer_init(&writer, out, sizeof(out));
        dc_video_receiver_write_rtcp(&receiver, &writer, now_us);
        if (writer.size_bytes > sizeof(out) || dc_video_receiver_deadline_us(&receiver) == INT64_MAX)
            abort();
    }
    dc_video_receiver_finish(&receiver);
    return 0;
}
