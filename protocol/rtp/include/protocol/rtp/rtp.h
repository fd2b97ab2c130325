#ifndef DC_PROTOCOL_RTP_RTP_H
#define DC_PROTOCOL_RTP_RTP_H
/* RTP data packets (RFC 3550 §5.1) with one header extension (§5.3.1). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DC_RTP_HEADER_BYTES 12

struct dc_rtp_packet {
    bool marker;
    uint8_t payload_type; // 0 … 127
    uint16_t sequence;
    uint32_t timestamp;
    uint32_t ssrc;
    bool has_extension;
    uint16_t extension_profile;
    const uint8_t *extension; // borrowed
    size_t extension_bytes;   // multiple of 4
    const uint8_t *payload;   // borrowed
    size_t payload_bytes;
};

/* Views into `data`. CSRCs are skipped and padding is cut off. false: malformed. */
bool dc_rtp_unpack(const void *data, size_t size_bytes, struct dc_rtp_packet *packet);

/* Returns the number of bytes written, 0 when they do not fit or the extension is not a multiple of 4 bytes. */
size_t dc_rtp_pack(const struct dc_rtp_packet *packet, uint8_t *out, size_t capacity);

#endif
