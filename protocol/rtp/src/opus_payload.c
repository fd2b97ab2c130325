#include <protocol/rtp/opus_payload.h>

#include <protocol/rtp/rtp.h>

size_t
dc_opus_packetizer_push(struct dc_opus_packetizer *packetizer, const struct dc_packet *packet, uint8_t *out,
                        size_t capacity)
{
    struct dc_rtp_packet rtp = {
        .marker = packet->timestamp != packetizer->next_timestamp || packetizer->next_timestamp == 0,
        .payload_type = packetizer->payload_type,
        .sequence = packetizer->sequence,
        .timestamp = (uint32_t)packet->timestamp,
        .ssrc = packetizer->ssrc,
        .payload = packet->data,
        .payload_bytes = packet->size_bytes,
    };
    size_t size_bytes = dc_rtp_pack(&rtp, out, capacity);
    if (!size_bytes)
        return 0;
    packetizer->sequence++;
    packetizer->next_timestamp = packet->timestamp + packet->duration;
    return size_bytes;
}

/* One frame's length by the five configuration bits of the TOC byte (RFC 6716 table 2). */
static uint32_t
frame_duration(uint8_t toc)
{
    static const uint16_t silk[4] = { 480, 960, 1920, 2880 };
    uint8_t config = toc >> 3;
    if (config < 12)
        return silk[config & 3];
    if (config < 16)
        return config & 1 ? 960 : 480;
    return 120u << (config & 3);
}

uint32_t
dc_opus_duration(const uint8_t *packet, size_t size_bytes)
{
    if (size_bytes < 1)
        return 0;
    uint32_t frames = (packet[0] & 3) == 0 ? 1 : 2;
    if ((packet[0] & 3) == 3) {
        if (size_bytes < 2)
            return 0;
        frames = packet[1] & 0x3f;
    }
    uint32_t duration = frames * frame_duration(packet[0]);
    return duration <= 5760 ? duration : 0; // 120 ms at most
}
