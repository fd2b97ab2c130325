#ifndef DC_PROTOCOL_QOS_FEC_DECODER_H
#define DC_PROTOCOL_QOS_FEC_DECODER_H
/*
 * Parity packets of the newest few blocks, and the packets that they bring back. Data packets stay in the jitter buffer;
 * this looks there for what arrived.
 */
#include <protocol/qos/jitter_buffer.h>
#include <protocol/rtp/fec_payload.h>

#define DC_FEC_BLOCKS 8

struct dc_fec_block {
    int64_t base; // unwrapped sequence of the first data packet; 0: unused
    uint8_t data_count, parity_count;
    uint8_t received; // parity shards that are here
    bool done;        // complete, or beyond help
    size_t shard_bytes;
    uint8_t rows[DC_FEC_MAX_PARITY];
    uint8_t *shards; // owned; DC_FEC_MAX_PARITY of them, allocated at the first use
};

struct dc_fec_decoder {
    struct dc_fec_block blocks[DC_FEC_BLOCKS];
    unsigned next; // block to be used next
    uint32_t media_ssrc;
    uint8_t transport_extension_id; // 0: packets carry none
    uint64_t recovered, malformed;
};

typedef void (*dc_fec_recover)(void *user, const uint8_t *packet, size_t size_bytes);

void dc_fec_decoder_init(struct dc_fec_decoder *decoder, uint32_t media_ssrc, uint8_t transport_extension_id);
void dc_fec_decoder_finish(struct dc_fec_decoder *decoder);
/* A parity packet's payload. The end of its block (unwrapped, one behind) goes to `end`, so that losses at the end of a
 * frame are seen; 0: the payload was malformed or too old. Recovery is tried. */
int64_t dc_fec_decoder_push(struct dc_fec_decoder *decoder, const struct dc_jitter_buffer *buffer, const uint8_t *payload,
                            size_t size_bytes, dc_fec_recover recover, void *user);
/* A data packet came. */
void dc_fec_decoder_handle_data(struct dc_fec_decoder *decoder, const struct dc_jitter_buffer *buffer, int64_t sequence,
                                dc_fec_recover recover, void *user);

#endif
