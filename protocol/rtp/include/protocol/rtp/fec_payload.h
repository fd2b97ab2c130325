#ifndef DC_PROTOCOL_RTP_FEC_PAYLOAD_H
#define DC_PROTOCOL_RTP_FEC_PAYLOAD_H
/*
 * Payload of a parity packet: one row of a systematic Reed-Solomon code (GF(2^8), polynomial 0x11d, Cauchy matrix) over k
 * video packets with consecutive sequence numbers. It has a payload type and an SSRC of its own and the RTP timestamp of
 * the frame that it protects.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+---------------+---------------+
 * |  base sequence                |  k            |  m            |
 * +---------------+---------------+-------------------------------+
 * |  row, 0 … m-1 |  0            |  shard bytes                  |
 * +---------------+---------------+-------------------------------+
 * |  parity shard …                                               |
 *
 * A data shard is the length (16 bits) and the bytes of an RTP packet as the receiver can know them (without transport-
 * wide number, send time zero: both are written when the packet leaves), padded with zeros to the longest of its block.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DC_FEC_HEADER_BYTES 8
#define DC_FEC_MAX_DATA 64   // packets of a block; a longer frame is several blocks
#define DC_FEC_MAX_PARITY 32
#define DC_FEC_LENGTH_BYTES 2

struct dc_fec_payload {
    uint16_t base_sequence;
    uint8_t data_count, parity_count, row;
    const uint8_t *shard; // borrowed
    size_t shard_bytes;
};

/* false: malformed, or beyond the bounds above. */
bool dc_fec_payload_unpack(const uint8_t *payload, size_t size_bytes, struct dc_fec_payload *fec);
void dc_fec_payload_pack_header(const struct dc_fec_payload *fec, uint8_t out[DC_FEC_HEADER_BYTES]);

/* A packet as it stands in a data shard: in place. Returns its new size, 0: no RTP packet. */
size_t dc_fec_canonical(uint8_t *packet, size_t size_bytes, uint8_t transport_extension_id);

#endif
