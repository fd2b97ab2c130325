#include <protocol/qos/fec_encoder.h>

#include <stdlib.h>
#include <string.h>

#include <protocol/rtp/rtp.h>

#include "fec_matrix.h"

void
dc_fec_encoder_init(struct dc_fec_encoder *encoder, uint32_t ssrc, uint8_t payload_type, uint16_t sequence)
{
    *encoder = (struct dc_fec_encoder){ .ssrc = ssrc, .payload_type = payload_type, .sequence = sequence };
}

void
dc_fec_encoder_finish(struct dc_fec_encoder *encoder)
{
    free(encoder->shards);
    encoder->shards = NULL;
}

static uint8_t *
shard(const struct dc_fec_encoder *encoder, unsigned i)
{
    return encoder->shards + (size_t)i * DC_RTP_MAX_PACKET_BYTES;
}

/* Data shards: length, bytes, zeros. Returns their size, 0: a packet is too long. */
static size_t
fill_shards(struct dc_fec_encoder *encoder, const uint8_t *const *packets, const size_t *sizes, unsigned count)
{
    size_t shard_bytes = 0;
    for (unsigned i = 0; i < count; i++) {
        if (sizes[i] > DC_FEC_MAX_MEDIA_BYTES || sizes[i] < DC_RTP_HEADER_BYTES)
            return 0;
        shard_bytes = sizes[i] + DC_FEC_LENGTH_BYTES > shard_bytes ? sizes[i] + DC_FEC_LENGTH_BYTES : shard_bytes;
    }
    for (unsigned i = 0; i < count; i++) {
        uint8_t *p = shard(encoder, i);
        p[0] = (uint8_t)(sizes[i] >> 8);
        p[1] = (uint8_t)sizes[i];
        memcpy(p + 2, packets[i], sizes[i]);
        memset(p + 2 + sizes[i], 0, shard_bytes - 2 - sizes[i]);
    }
    return shard_bytes;
}

static void
compute(struct dc_fec_encoder *encoder, unsigned count, unsigned parity_count, size_t shard_bytes)
{
    uint8_t matrix[DC_FEC_MAX_PARITY * DC_FEC_MAX_DATA];
    uint8_t tables[32 * DC_FEC_MAX_PARITY * DC_FEC_MAX_DATA];
    uint8_t *data[DC_FEC_MAX_DATA], *parity[DC_FEC_MAX_PARITY];
    for (unsigned i = 0; i < count; i++)
        data[i] = shard(encoder, i);
    for (unsigned i = 0; i < parity_count; i++) {
        parity[i] = shard(encoder, DC_FEC_MAX_DATA + i);
        dc_fec_parity_row(matrix + i * count, count, i);
    }
    ec_init_tables((int)count, (int)parity_count, matrix, tables);
    ec_encode_data((int)shard_bytes, (int)count, (int)parity_count, tables, data, parity);
}

bool
dc_fec_encoder_push(struct dc_fec_encoder *encoder, const uint8_t *const *packets, const size_t *sizes, unsigned count,
                    unsigned parity_count, dc_fec_emit emit, void *user)
{
    struct dc_rtp_packet first;
    if (!encoder->shards)
        encoder->shards = malloc((size_t)(DC_FEC_MAX_DATA + DC_FEC_MAX_PARITY) * DC_RTP_MAX_PACKET_BYTES);
    if (!encoder->shards || !count || count > DC_FEC_MAX_DATA || !parity_count || parity_count > DC_FEC_MAX_PARITY)
        return false;
    size_t shard_bytes = fill_shards(encoder, packets, sizes, count);
    if (!shard_bytes || !dc_rtp_unpack(packets[0], sizes[0], &first))
        return false;
    compute(encoder, count, parity_count, shard_bytes);
    for (unsigned row = 0; row < parity_count; row++) {
        uint8_t payload[DC_RTP_MAX_PACKET_BYTES], out[DC_RTP_MAX_PACKET_BYTES];
        struct dc_fec_payload fec = { first.sequence, (uint8_t)count, (uint8_t)parity_count, (uint8_t)row, NULL, shard_bytes };
        dc_fec_payload_pack_header(&fec, payload);
        memcpy(payload + DC_FEC_HEADER_BYTES, shard(encoder, DC_FEC_MAX_DATA + row), shard_bytes);
        struct dc_rtp_packet packet = {
            .payload_type = encoder->payload_type, .sequence = encoder->sequence++, .timestamp = first.timestamp,
            .ssrc = encoder->ssrc, .payload = payload, .payload_bytes = DC_FEC_HEADER_BYTES + shard_bytes,
        };
        emit(user, out, dc_rtp_pack(&packet, out, sizeof(out)));
    }
    return true;
}
