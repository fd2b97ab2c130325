#include "bulk_sender.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <common/clock.h>
#include "bulk_misses.h"
#include "line_rate.h"

// At once and per second. Loading takes seconds; a program that makes megabytes a frame goes through this in a few.
#define HASH_ALLOWANCE_BYTES (512u << 20)
#define HASH_BYTES_PER_S (8u << 20)
#define PACK_ALLOWANCE_BYTES (16u << 20)
#define PACK_BYTES_PER_S (4u << 20)

struct allowance {
    int64_t left_bytes, most_bytes, bytes_per_s, last_us;
};

struct dc_bulk_sender {
    struct dc_bulk_codec *codec;
    struct dc_digest_set set;
    uint64_t budget_bytes; // that dc-render still keeps of what we send
    struct allowance hash, pack;
    struct dc_bulk_misses misses;
    struct dc_line_rate rate;
    bool incompressible; // the last chunk was: the rest of its piece most likely is
    uint64_t next_position;
    // Chunks that dc-render has, one after the other; not sent yet.
    uint32_t named_ring_id, named_count;
    uint64_t named_position, named_end;
    struct dc_bulk_reference named[DC_BULK_REFERENCES_MAX];
    uint8_t raw[DC_BULK_CHUNK_MAX_BYTES];
};

struct dc_bulk_sender *
dc_bulk_sender_create(void)
{
    struct dc_bulk_sender *sender = calloc(1, sizeof(*sender));
    if (!sender)
        return NULL;
    sender->hash = (struct allowance){ HASH_ALLOWANCE_BYTES, HASH_ALLOWANCE_BYTES, HASH_BYTES_PER_S, dc_clock_now_us() };
    sender->pack = (struct allowance){ PACK_ALLOWANCE_BYTES, PACK_ALLOWANCE_BYTES, PACK_BYTES_PER_S, dc_clock_now_us() };
    sender->codec = dc_bulk_codec_create();
    if (sender->codec)
        return sender;
    dc_bulk_sender_destroy(sender);
    return NULL;
}

void
dc_bulk_sender_destroy(struct dc_bulk_sender *sender)
{
    if (!sender)
        return;
    dc_bulk_codec_destroy(sender->codec);
    dc_digest_set_finish(&sender->set);
    free(sender);
}

uint32_t
dc_bulk_sender_cut(uint64_t left_bytes)
{
    uint64_t chunks = (left_bytes + DC_BULK_CHUNK_MAX_BYTES - 1) / DC_BULK_CHUNK_MAX_BYTES;
    return chunks < 2 ? (uint32_t)left_bytes : (uint32_t)(((left_bytes + chunks - 1) / chunks + 63) / 64 * 64);
}

static bool
allow(struct allowance *allowance, uint32_t size_bytes)
{
    int64_t now_us = dc_clock_now_us();
    allowance->left_bytes += (now_us - allowance->last_us) * allowance->bytes_per_s / 1000000;
    if (allowance->left_bytes > allowance->most_bytes)
        allowance->left_bytes = allowance->most_bytes;
    allowance->last_us = now_us;
    return allowance->left_bytes >= size_bytes;
}

/* Packed bytes or NULL. */
static const uint8_t *
pack(struct dc_bulk_sender *sender, struct dc_channel *channel, uint64_t position, uint32_t size_bytes,
     size_t *packed_bytes)
{
    bool same_piece = position == sender->next_position;
    sender->next_position = position + size_bytes;
    if (same_piece && sender->incompressible)
        return NULL;
    uint64_t sent_bytes, received_bytes;
    dc_channel_get_bytes(channel, &sent_bytes, &received_bytes);
    bool slow = dc_line_rate_is_slow(&sender->rate, dc_clock_now_us(), dc_channel_queued_bytes(channel), sent_bytes);
    if (!slow && !allow(&sender->pack, size_bytes))
        return NULL;
    if (!slow)
        sender->pack.left_bytes -= size_bytes;
    const uint8_t *packed = dc_bulk_pack(sender->codec, sender->raw, size_bytes, packed_bytes);
    sender->incompressible = !packed;
    return packed;
}

int
dc_bulk_sender_flush(struct dc_bulk_sender *sender, struct dc_channel *channel)
{
    uint32_t count = sender->named_count;
    sender->named_count = 0;
    return count ? dc_bulk_send_references(channel, sender->named_ring_id, sender->named_position, sender->named, count)
                 : 0;
}

static int
name(struct dc_bulk_sender *sender, struct dc_channel *channel, uint32_t ring_id, uint64_t position,
     const struct dc_digest *digest, uint32_t size_bytes)
{
    int error = 0;
    if (sender->named_count == DC_BULK_REFERENCES_MAX || ring_id != sender->named_ring_id ||
        position != sender->named_end)
        error = dc_bulk_sender_flush(sender, channel);
    if (!sender->named_count) {
        sender->named_ring_id = ring_id;
        sender->named_position = position;
    }
    sender->named[sender->named_count++] = (struct dc_bulk_reference){ *digest, size_bytes };
    sender->named_end = position + size_bytes;
    return error;
}

int
dc_bulk_sender_send(struct dc_bulk_sender *sender, struct dc_channel *channel, uint32_t ring_id, uint64_t position,
                    const uint8_t *data, uint32_t size_bytes)
{
    struct dc_digest digest;
    memcpy(sender->raw, data, size_bytes);
    bool known = false, keep = false;
    bool worth = size_bytes >= DC_BULK_CHUNK_MIN_BYTES && (sender->budget_bytes >= size_bytes || sender->set.count) &&
                 dc_bulk_misses_is_worth(&sender->misses, size_bytes);
    if (worth && allow(&sender->hash, size_bytes)) {
        if (!dc_bulk_digest(sender->codec, sender->raw, size_bytes, &digest))
            return -ENOMEM;
        known = dc_digest_set_has(&sender->set, &digest);
        keep = !known && sender->budget_bytes >= size_bytes && dc_digest_set_add(&sender->set, &digest, 0);
        dc_bulk_misses_note(&sender->misses, size_bytes, known);
        if (!known) // what is found has paid for its hash
            sender->hash.left_bytes -= size_bytes;
    }
    if (known)
        return name(sender, channel, ring_id, position, &digest, size_bytes);
    int error = dc_bulk_sender_flush(sender, channel);
    if (error)
        return error;
    if (keep)
        sender->budget_bytes -= size_bytes;
    size_t packed_bytes = 0;
    const uint8_t *packed = pack(sender, channel, position, size_bytes, &packed_bytes);
    return dc_bulk_send(channel, ring_id, position, keep ? &digest : NULL, size_bytes, packed ? packed : sender->raw,
                        packed ? packed_bytes : size_bytes, packed != NULL);
}

static bool
handle_have(struct dc_bulk_sender *sender, const struct dc_channel_message *message)
{
    uint64_t epoch;
    const struct dc_digest *digests;
    uint32_t count;
    if (!dc_store_unpack_have(message, &epoch, &digests, &count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        dc_digest_set_add(&sender->set, &digests[i], epoch);
    return true;
}

bool
dc_bulk_sender_handle(struct dc_bulk_sender *sender, struct dc_channel *channel, const struct dc_channel_message *message)
{
    uint64_t number;
    if (message->type == DC_LINK_STORE_HAVE)
        return handle_have(sender, message);
    if (!dc_store_unpack_number(message, &number))
        return false;
    if (message->type == DC_LINK_STORE_OPEN) {
        sender->budget_bytes = number;
        return true;
    }
    // Epoch 0 is ours to forget, not theirs. The answer promises that nothing of the set is named any more.
    if (message->type != DC_LINK_STORE_EVICT || !number)
        return false;
    dc_digest_set_evict(&sender->set, number);
    return dc_store_send_evict(channel, number) == 0;
}
