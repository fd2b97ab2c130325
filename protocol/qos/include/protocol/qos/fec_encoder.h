#ifndef DC_PROTOCOL_QOS_FEC_ENCODER_H
#define DC_PROTOCOL_QOS_FEC_ENCODER_H
/* Parity of a frame's packets (protocol/rtp/fec_payload.h), through ISA-L. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/rtp/channel.h>
#include <protocol/rtp/fec_payload.h>

/* The largest media packet whose parity packet still fits: parity header, length, and the RTP header on top. */
#define DC_FEC_MAX_MEDIA_BYTES (DC_RTP_MAX_PACKET_BYTES - 12 - 8 - DC_FEC_HEADER_BYTES - DC_FEC_LENGTH_BYTES)

struct dc_fec_encoder {
    uint32_t ssrc;
    uint8_t payload_type;
    uint16_t sequence; // of the next parity packet
    uint8_t *shards;   // owned; of one block, data then parity; NULL until the first block
};

void dc_fec_encoder_init(struct dc_fec_encoder *encoder, uint32_t ssrc, uint8_t payload_type, uint16_t sequence);
void dc_fec_encoder_finish(struct dc_fec_encoder *encoder);

typedef void (*dc_fec_emit)(void *user, const uint8_t *packet, size_t size_bytes);
/* `packets`: `count` (1 … DC_FEC_MAX_DATA) consecutive RTP packets before a transport-wide number was put in, the send
 * time still zero. Emits `parity_count` (1 … DC_FEC_MAX_PARITY) packets. false: a packet is too long, or no memory. */
bool dc_fec_encoder_push(struct dc_fec_encoder *encoder, const uint8_t *const *packets, const size_t *sizes,
                         unsigned count, unsigned parity_count, dc_fec_emit emit, void *user);

#endif
