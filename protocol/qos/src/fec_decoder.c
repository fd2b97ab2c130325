#include <protocol/qos/fec_decoder.h>

#include <stdlib.h>
#include <string.h>

#include <protocol/rtp/rtp.h>

#include "fec_matrix.h"

void
dc_fec_decoder_init(struct dc_fec_decoder *decoder, uint32_t media_ssrc, uint8_t transport_extension_id)
{
    *decoder = (struct dc_fec_decoder){ .media_ssrc = media_ssrc, .transport_extension_id = transport_extension_id };
}

void
dc_fec_decoder_finish(struct dc_fec_decoder *decoder)
{
    for (unsigned i = 0; i < DC_FEC_BLOCKS; i++) {
        free(decoder->blocks[i].shards);
        decoder->blocks[i].shards = NULL;
    }
}

static uint8_t *
parity_shard(const struct dc_fec_block *block, unsigned i)
{
    return block->shards + (size_t)i * DC_RTP_MAX_PACKET_BYTES;
}

/* One block being solved: too large for a stack that other things share, hence allocated for the time of it. */
struct solution {
    const uint8_t *sources[DC_FEC_MAX_DATA]; // k shards: what arrived of the data, parity in place of what did not
    uint8_t missing[DC_FEC_MAX_PARITY];      // their indices
    unsigned missing_count;
    uint8_t matrix[DC_FEC_MAX_DATA * DC_FEC_MAX_DATA], inverse[DC_FEC_MAX_DATA * DC_FEC_MAX_DATA];
    uint8_t tables[32 * DC_FEC_MAX_PARITY * DC_FEC_MAX_DATA];
    uint8_t data[DC_FEC_MAX_DATA][DC_RTP_MAX_PACKET_BYTES], out[DC_FEC_MAX_PARITY][DC_RTP_MAX_PACKET_BYTES];
};

/* false: it does not fit a shard, so it is none of this block's. */
static bool
fill_data_shard(const struct dc_fec_decoder *decoder, const struct dc_jitter_slot *slot, size_t shard_bytes, uint8_t *out)
{
    uint8_t packet[DC_RTP_MAX_PACKET_BYTES];
    memcpy(packet, slot->data, slot->size_bytes);
    size_t size_bytes = dc_fec_canonical(packet, slot->size_bytes, slot->is_canonical ? 0 : decoder->transport_extension_id);
    if (!size_bytes || size_bytes + DC_FEC_LENGTH_BYTES > shard_bytes)
        return false;
    out[0] = (uint8_t)(size_bytes >> 8);
    out[1] = (uint8_t)size_bytes;
    memcpy(out + 2, packet, size_bytes);
    memset(out + 2 + size_bytes, 0, shard_bytes - 2 - size_bytes);
    return true;
}

static bool
gather(const struct dc_fec_decoder *decoder, const struct dc_fec_block *block, const struct dc_jitter_buffer *buffer,
       struct solution *s)
{
    unsigned k = block->data_count, used_parity = 0;
    for (unsigned i = 0; i < k; i++) {
        const struct dc_jitter_slot *slot = dc_jitter_buffer_get(buffer, block->base + i);
        uint8_t *row = s->matrix + i * k;
        memset(row, 0, k);
        if (slot) {
            if (!fill_data_shard(decoder, slot, block->shard_bytes, s->data[i]))
                return false;
            row[i] = 1;
            s->sources[i] = s->data[i];
        } else {
            dc_fec_parity_row(row, k, block->rows[used_parity]);
            s->sources[i] = parity_shard(block, used_parity++);
            s->missing[s->missing_count++] = (uint8_t)i;
        }
    }
    return true;
}

static void
solve(const struct dc_fec_block *block, struct solution *s)
{
    unsigned k = block->data_count;
    uint8_t rows[DC_FEC_MAX_PARITY * DC_FEC_MAX_DATA], *out[DC_FEC_MAX_PARITY];
    for (unsigned i = 0; i < s->missing_count; i++) {
        memcpy(rows + i * k, s->inverse + s->missing[i] * k, k);
        out[i] = s->out[i];
    }
    ec_init_tables((int)k, (int)s->missing_count, rows, s->tables);
    ec_encode_data((int)block->shard_bytes, (int)k, (int)s->missing_count, s->tables, (uint8_t **)s->sources, out);
}

/* What comes out must be the packet that was missing: a peer's parity proves nothing. */
static bool
is_plausible(const struct dc_fec_decoder *decoder, const uint8_t *shard, size_t shard_bytes, uint16_t sequence,
             size_t *size_bytes)
{
    struct dc_rtp_packet packet;
    *size_bytes = (size_t)shard[0] << 8 | shard[1];
    return *size_bytes + DC_FEC_LENGTH_BYTES <= shard_bytes && dc_rtp_unpack(shard + 2, *size_bytes, &packet) &&
           packet.ssrc == decoder->media_ssrc && packet.sequence == sequence;
}

static void
try_recover(struct dc_fec_decoder *decoder, struct dc_fec_block *block, const struct dc_jitter_buffer *buffer,
            dc_fec_recover recover, void *user)
{
    unsigned missing = 0;
    for (unsigned i = 0; i < block->data_count; i++)
        missing += !dc_jitter_buffer_get(buffer, block->base + i);
    if (missing > block->received)
        return;
    block->done = true;
    struct solution *s = missing ? malloc(sizeof(*s)) : NULL;
    if (!s)
        return;
    s->missing_count = 0;
    if (!gather(decoder, block, buffer, s) || gf_invert_matrix(s->matrix, s->inverse, block->data_count) < 0) {
        decoder->malformed++;
        free(s);
        return;
    }
    solve(block, s);
    for (unsigned i = 0; i < s->missing_count; i++) {
        size_t size_bytes;
        if (is_plausible(decoder, s->out[i], block->shard_bytes, (uint16_t)(block->base + s->missing[i]), &size_bytes)) {
            decoder->recovered++;
            recover(user, s->out[i] + 2, size_bytes);
        } else {
            decoder->malformed++;
        }
    }
    free(s);
}

static struct dc_fec_block *
find_block(struct dc_fec_decoder *decoder, int64_t base, const struct dc_fec_payload *fec)
{
    for (unsigned i = 0; i < DC_FEC_BLOCKS; i++)
        if (decoder->blocks[i].base == base)
            return &decoder->blocks[i];
    struct dc_fec_block *block = &decoder->blocks[decoder->next];
    if (!block->shards)
        block->shards = malloc((size_t)DC_FEC_MAX_PARITY * DC_RTP_MAX_PACKET_BYTES);
    if (!block->shards)
        return NULL;
    decoder->next = (decoder->next + 1) % DC_FEC_BLOCKS;
    *block = (struct dc_fec_block){ .base = base, .data_count = fec->data_count, .parity_count = fec->parity_count,
                                    .shard_bytes = fec->shard_bytes, .shards = block->shards };
    return block;
}

static bool
add_shard(struct dc_fec_block *block, const struct dc_fec_payload *fec)
{
    if (block->data_count != fec->data_count || block->shard_bytes != fec->shard_bytes)
        return false;
    for (unsigned i = 0; i < block->received; i++)
        if (block->rows[i] == fec->row)
            return true; // once more
    if (block->received == DC_FEC_MAX_PARITY)
        return true;
    memcpy(parity_shard(block, block->received), fec->shard, fec->shard_bytes);
    block->rows[block->received++] = fec->row;
    return true;
}

int64_t
dc_fec_decoder_push(struct dc_fec_decoder *decoder, const struct dc_jitter_buffer *buffer, const uint8_t *payload,
                    size_t size_bytes, dc_fec_recover recover, void *user)
{
    struct dc_fec_payload fec;
    if (!dc_fec_payload_unpack(payload, size_bytes, &fec) || fec.shard_bytes > DC_RTP_MAX_PACKET_BYTES) {
        decoder->malformed++;
        return 0;
    }
    if (!buffer->started)
        return 0;
    int64_t base = dc_sequence_peek(&buffer->unwrapper, fec.base_sequence);
    int64_t end = base + fec.data_count;
    if (base <= 0 || end <= buffer->next || end > buffer->unwrapper.newest + DC_JITTER_PACKETS / 2)
        return end <= buffer->next ? end : 0; // all of it has gone out, or nonsense
    struct dc_fec_block *block = find_block(decoder, base, &fec);
    if (!block || !add_shard(block, &fec)) {
        decoder->malformed++;
        return 0;
    }
    if (!block->done)
        try_recover(decoder, block, buffer, recover, user);
    return end;
}

void
dc_fec_decoder_handle_data(struct dc_fec_decoder *decoder, const struct dc_jitter_buffer *buffer, int64_t sequence,
                           dc_fec_recover recover, void *user)
{
    for (unsigned i = 0; i < DC_FEC_BLOCKS; i++) {
        struct dc_fec_block *block = &decoder->blocks[i];
        if (block->base && !block->done && sequence >= block->base && sequence < block->base + block->data_count)
            try_recover(decoder, block, buffer, recover, user);
    }
}
