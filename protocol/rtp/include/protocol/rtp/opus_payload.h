#ifndef DC_PROTOCOL_RTP_OPUS_PAYLOAD_H
#define DC_PROTOCOL_RTP_OPUS_PAYLOAD_H
/* Opus over RTP (RFC 7587): one Opus packet per RTP packet, 48 kHz clock, marker on the first packet after a pause. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <common/packet.h>

struct dc_opus_packetizer {
    uint32_t ssrc;
    uint8_t payload_type;
    uint16_t sequence;       // of the next packet
    uint64_t next_timestamp; // where a packet without a pause would start; 0: none was sent yet
};

/* Returns the bytes written, 0: the packet does not fit. */
size_t dc_opus_packetizer_push(struct dc_opus_packetizer *packetizer, const struct dc_packet *packet, uint8_t *out,
                               size_t capacity);

/* Length in samples of 48 kHz that an Opus packet's first bytes announce (RFC 6716 §3.1), 0: malformed. */
uint32_t dc_opus_duration(const uint8_t *packet, size_t size_bytes);

#endif
