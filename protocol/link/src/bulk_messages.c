/* Messages of bulk_codec.h as bytes. */
#include <protocol/link/bulk_codec.h>

#include <string.h>

#include <common/wire.h>

_Static_assert(sizeof(struct dc_digest) == DC_DIGEST_BYTES, "digests lie in messages as they are");

#define REFERENCE_BYTES (DC_DIGEST_BYTES + 4u)

static void
put(uint8_t *p, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

int
dc_bulk_send(struct dc_channel *channel, uint32_t ring_id, uint64_t position, const struct dc_digest *digest,
             uint32_t raw_bytes, const uint8_t *bytes, size_t size_bytes, bool is_packed)
{
    uint8_t head[DC_REPLICATION_DATA_BYTES + DC_DIGEST_BYTES + 4] = { 0 };
    size_t head_bytes = DC_REPLICATION_DATA_BYTES;
    put(head, ring_id, 4);
    put(head + 8, position, 8);
    if (digest) {
        memcpy(head + head_bytes, digest, DC_DIGEST_BYTES);
        head_bytes += DC_DIGEST_BYTES;
    }
    if (is_packed) {
        put(head + head_bytes, raw_bytes, 4);
        head_bytes += 4;
    }
    uint16_t flags = (uint16_t)((digest ? DC_BULK_KEEP : 0) | (is_packed ? DC_BULK_ZSTD : 0));
    return dc_channel_send2(channel, DC_LINK_RING_BULK, flags, head, head_bytes, bytes, size_bytes);
}

int
dc_bulk_send_references(struct dc_channel *channel, uint32_t ring_id, uint64_t position,
                        const struct dc_bulk_reference *references, uint32_t count)
{
    uint8_t bytes[DC_REPLICATION_DATA_BYTES + DC_BULK_REFERENCES_MAX * REFERENCE_BYTES] = { 0 };
    size_t at = DC_REPLICATION_DATA_BYTES;
    put(bytes, ring_id, 4);
    put(bytes + 8, position, 8);
    for (uint32_t i = 0; i < count; i++, at += REFERENCE_BYTES) {
        memcpy(bytes + at, &references[i].digest, DC_DIGEST_BYTES);
        put(bytes + at + DC_DIGEST_BYTES, references[i].raw_bytes, 4);
    }
    return dc_channel_send(channel, DC_LINK_BULK_REF, 0, bytes, at, NULL, 0);
}

static bool
size_fits(const struct dc_bulk_chunk *chunk)
{
    uint32_t least = chunk->is_kept || chunk->is_reference ? DC_BULK_CHUNK_MIN_BYTES : 1;
    return chunk->raw_bytes >= least && chunk->raw_bytes <= DC_BULK_CHUNK_MAX_BYTES;
}

static void
take_reference(struct dc_bulk_chunk *chunk)
{
    struct dc_reader r;
    dc_reader_init(&r, chunk->bytes, REFERENCE_BYTES);
    memcpy(&chunk->digest, dc_reader_bytes(&r, DC_DIGEST_BYTES), DC_DIGEST_BYTES);
    chunk->raw_bytes = dc_reader_u32le(&r);
    chunk->bytes += REFERENCE_BYTES;
    chunk->size_bytes -= REFERENCE_BYTES;
}

bool
dc_bulk_next_reference(struct dc_bulk_chunk *chunk)
{
    if (!chunk->is_reference || chunk->size_bytes == 0)
        return false;
    chunk->position += chunk->raw_bytes;
    take_reference(chunk);
    return true;
}

// All are looked at before the first one is used.
static bool
unpack_references(struct dc_bulk_chunk *chunk)
{
    if (chunk->size_bytes == 0 || chunk->size_bytes % REFERENCE_BYTES ||
        chunk->size_bytes / REFERENCE_BYTES > DC_BULK_REFERENCES_MAX)
        return false;
    struct dc_bulk_chunk each = *chunk;
    while (each.size_bytes) {
        take_reference(&each);
        if (!size_fits(&each))
            return false;
    }
    take_reference(chunk);
    return true;
}

bool
dc_bulk_unpack_message(const struct dc_channel_message *message, struct dc_bulk_chunk *chunk)
{
    struct dc_reader r;
    *chunk = (struct dc_bulk_chunk){ .is_reference = message->type == DC_LINK_BULK_REF };
    chunk->is_packed = message->flags & DC_BULK_ZSTD;
    chunk->is_kept = message->flags & DC_BULK_KEEP;
    if (message->flags & (chunk->is_reference ? 0xffff : ~(DC_BULK_ZSTD | DC_BULK_KEEP)))
        return false;
    dc_reader_init(&r, message->payload, message->size_bytes);
    chunk->ring_id = dc_reader_u32le(&r);
    uint32_t reserved = dc_reader_u32le(&r);
    chunk->position = dc_reader_u64le(&r);
    if (chunk->is_kept) {
        const void *digest = dc_reader_bytes(&r, DC_DIGEST_BYTES);
        if (!digest)
            return false;
        memcpy(&chunk->digest, digest, DC_DIGEST_BYTES);
    }
    if (chunk->is_packed)
        chunk->raw_bytes = dc_reader_u32le(&r);
    chunk->size_bytes = dc_reader_left(&r);
    chunk->bytes = chunk->size_bytes ? dc_reader_bytes(&r, chunk->size_bytes) : NULL;
    if (r.failed || reserved)
        return false;
    if (chunk->is_reference)
        return unpack_references(chunk);
    if (!chunk->is_packed)
        chunk->raw_bytes = (uint32_t)(chunk->size_bytes > UINT32_MAX ? UINT32_MAX : chunk->size_bytes);
    return size_fits(chunk) && chunk->size_bytes > 0 && chunk->size_bytes <= DC_BULK_CHUNK_MAX_BYTES;
}

static int
send_number(struct dc_channel *channel, uint16_t type, uint64_t number)
{
    uint8_t bytes[8];
    put(bytes, number, 8);
    return dc_channel_send(channel, type, 0, bytes, sizeof(bytes), NULL, 0);
}

int
dc_store_send_open(struct dc_channel *channel, uint64_t budget_bytes)
{
    return send_number(channel, DC_LINK_STORE_OPEN, budget_bytes);
}

int
dc_store_send_evict(struct dc_channel *channel, uint64_t epoch)
{
    return send_number(channel, DC_LINK_STORE_EVICT, epoch);
}

int
dc_store_send_have(struct dc_channel *channel, uint64_t epoch, const struct dc_digest *digests, uint32_t count)
{
    uint8_t head[16] = { 0 };
    put(head, epoch, 8);
    put(head + 8, count, 4);
    return dc_channel_send2(channel, DC_LINK_STORE_HAVE, 0, head, sizeof(head), digests, (size_t)count * DC_DIGEST_BYTES);
}

bool
dc_store_unpack_number(const struct dc_channel_message *message, uint64_t *number)
{
    struct dc_reader r;
    dc_reader_init(&r, message->payload, message->size_bytes);
    *number = dc_reader_u64le(&r);
    return !r.failed && dc_reader_left(&r) == 0 && !message->flags;
}

bool
dc_store_unpack_have(const struct dc_channel_message *message, uint64_t *epoch, const struct dc_digest **digests,
                     uint32_t *count)
{
    struct dc_reader r;
    dc_reader_init(&r, message->payload, message->size_bytes);
    *epoch = dc_reader_u64le(&r);
    *count = dc_reader_u32le(&r);
    uint32_t reserved = dc_reader_u32le(&r);
    if (r.failed || reserved || message->flags || !*epoch || *count > DC_STORE_HAVE_MAX ||
        dc_reader_left(&r) != (size_t)*count * DC_DIGEST_BYTES)
        return false;
    *digests = dc_reader_bytes(&r, dc_reader_left(&r));
    return true;
}
