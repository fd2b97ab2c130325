#include "bulk_receiver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "render"
#include <common/clock.h>
#include <common/log.h>
#include "chunk_index.h"
#include "store_message.h"

#define OFFER_AGE_US INT64_C(3000000) // chunks that nobody added to for so long are offered
#define MAX_UNANSWERED 16u
#define USED_EVERY_US INT64_C(5000000)

struct dc_bulk_receiver {
    struct dc_channel *peer;
    struct dc_bulk_rings *rings;
    int store_fd;
    struct dc_bulk_codec *codec;
    uint64_t budget_bytes;
    struct dc_segment_writer open;
    int64_t open_us; // last addition
    struct dc_chunk_index index;
};

struct dc_bulk_receiver *
dc_bulk_receiver_create(struct dc_channel *peer, struct dc_bulk_rings *rings, int store_fd, uint64_t budget_bytes)
{
    struct dc_bulk_receiver *receiver = calloc(1, sizeof(*receiver));
    if (!receiver)
        return NULL;
    *receiver = (struct dc_bulk_receiver){ .peer = peer, .rings = rings, .store_fd = store_fd, .budget_bytes = budget_bytes };
    dc_segment_writer_init(&receiver->open);
    dc_chunk_index_init(&receiver->index, &receiver->open);
    receiver->codec = dc_bulk_codec_create();
    if (receiver->codec && dc_store_send_open(peer, budget_bytes) == 0)
        return receiver;
    dc_bulk_receiver_destroy(receiver);
    return NULL;
}

/* The open segment becomes one of the index's that has no epoch yet, and the main process's. false: it is lost, and with
 * it what the supervisor may name. */
static bool
offer(struct dc_bulk_receiver *receiver)
{
    const struct dc_store_message message = { .kind = DC_STORE_OFFER };
    int memfd = dc_segment_writer_seal(&receiver->open);
    if (memfd < 0) {
        dc_error("tcp link: uploads cannot be sealed: %s", strerror(-memfd));
        return false;
    }
    // What the supervisor thinks is here must be here, whether the main process keeps it or not.
    struct dc_chunk_set *set = dc_chunk_index_add_set(&receiver->index, memfd, 0);
    if (set && !dc_store_message_send(receiver->store_fd, &message, memfd))
        set->unnamed = true; // it does not listen; then only this link has them
    close(memfd);
    return set != NULL;
}

void
dc_bulk_receiver_destroy(struct dc_bulk_receiver *receiver)
{
    if (!receiver)
        return;
    if (receiver->open.count)
        offer(receiver);
    dc_segment_writer_finish(&receiver->open);
    dc_chunk_index_finish(&receiver->index);
    dc_bulk_codec_destroy(receiver->codec);
    free(receiver);
}

static bool
refuse(const char *what)
{
    dc_error("tcp link: bulk: %s", what);
    return false;
}

static bool
forward(struct dc_bulk_receiver *receiver, const struct dc_bulk_chunk *chunk, const uint8_t *raw)
{
    return dc_bulk_rings_write(receiver->rings, chunk->ring_id, chunk->position, raw, chunk->raw_bytes);
}

static bool
keep(struct dc_bulk_receiver *receiver, const struct dc_bulk_chunk *chunk, const uint8_t *raw)
{
    struct dc_digest digest;
    if (chunk->raw_bytes > receiver->budget_bytes)
        return refuse("more to keep than was agreed");
    if (!dc_bulk_digest(receiver->codec, raw, chunk->raw_bytes, &digest))
        return refuse("out of memory");
    if (memcmp(&digest, &chunk->digest, sizeof(digest)) != 0)
        return refuse("a chunk is not what its digest says");
    receiver->budget_bytes -= chunk->raw_bytes;
    if (dc_segment_writer_is_full(&receiver->open, chunk->raw_bytes) && !offer(receiver))
        return refuse("out of memory for uploads");
    receiver->open_us = dc_clock_now_us();
    if (!dc_segment_writer_add(&receiver->open, &digest, raw, chunk->raw_bytes))
        return refuse("out of memory for uploads");
    return dc_chunk_index_add_open(&receiver->index) || refuse("out of memory for uploads");
}

/* The main process hears now and then that a segment is in use. */
static void
note_use(struct dc_bulk_receiver *receiver, struct dc_chunk_set *set)
{
    int64_t now_us = dc_clock_now_us();
    if (!set || !set->epoch || set->evicted || (set->told_us && now_us - set->told_us < USED_EVERY_US))
        return;
    const struct dc_store_message message = { .kind = DC_STORE_USED, .epoch = set->epoch };
    set->told_us = now_us;
    dc_store_message_send(receiver->store_fd, &message, -1);
}

static bool
handle_reference(struct dc_bulk_receiver *receiver, const struct dc_bulk_chunk *chunk)
{
    struct dc_chunk found;
    if (!dc_chunk_index_find(&receiver->index, &chunk->digest, &found) || found.size_bytes != chunk->raw_bytes)
        return refuse("reference to a chunk that is not kept");
    if (found.verified && !*found.verified) {
        struct dc_digest digest;
        if (!dc_bulk_digest(receiver->codec, found.bytes, found.size_bytes, &digest) ||
            memcmp(&digest, &chunk->digest, sizeof(digest)) != 0)
            return refuse("a kept chunk is not what its digest says");
        *found.verified = true;
    }
    note_use(receiver, found.set);
    return forward(receiver, chunk, found.bytes);
}

static bool
handle_bulk(struct dc_bulk_receiver *receiver, const struct dc_channel_message *message)
{
    struct dc_bulk_chunk chunk;
    if (!dc_bulk_unpack_message(message, &chunk))
        return refuse("malformed chunk");
    if (chunk.is_reference) {
        bool good;
        do
            good = handle_reference(receiver, &chunk);
        while (good && dc_bulk_next_reference(&chunk));
        return good;
    }
    const uint8_t *raw = chunk.is_packed ? dc_bulk_unpack(receiver->codec, &chunk) : chunk.bytes;
    if (!raw)
        return refuse("malformed packed chunk");
    return (!chunk.is_kept || keep(receiver, &chunk, raw)) && forward(receiver, &chunk, raw);
}

bool
dc_bulk_receiver_handle(struct dc_bulk_receiver *receiver, const struct dc_channel_message *message)
{
    uint64_t epoch;
    switch (message->type) {
    case DC_LINK_RING_BULK:
    case DC_LINK_BULK_REF:
        return handle_bulk(receiver, message);
    case DC_LINK_STORE_EVICT:
        if (dc_store_unpack_number(message, &epoch) && dc_chunk_index_drop_evicted(&receiver->index, epoch))
            return true;
        return refuse("answer to an eviction that never was");
    default:
        return refuse("unexpected message");
    }
}

/* Names the oldest of ours without an epoch, or maps one of others'. The supervisor hears of either. */
static int
add(struct dc_bulk_receiver *receiver, const struct dc_store_message *message, int memfd)
{
    struct dc_chunk_set *set = message->own ? dc_chunk_index_name_oldest(&receiver->index, message->epoch)
                                            : dc_chunk_index_add_set(&receiver->index, memfd, message->epoch);
    if (!set) // of no use to us, and the supervisor does not hear of it
        dc_warn("tcp link: segment %llu of the uploads cannot be used", (unsigned long long)message->epoch);
    if (!set || !set->epoch)
        return 0;
    struct dc_digest digests[DC_SEGMENT_MAX_CHUNKS];
    for (uint32_t i = 0; i < set->segment.count; i++)
        digests[i] = set->segment.entries[i].digest;
    return dc_store_send_have(receiver->peer, message->epoch, digests, set->segment.count);
}

static int
evict(struct dc_bulk_receiver *receiver, uint64_t epoch)
{
    struct dc_chunk_set *set = dc_chunk_index_find_set(&receiver->index, epoch);
    if (!set || set->evicted)
        return 0;
    // Its memory stays until the supervisor answers, beyond the store's quota.
    if (++receiver->index.evicted_count > MAX_UNANSWERED) {
        dc_error("tcp link: bulk: the supervisor does not answer evictions");
        return -ETIMEDOUT;
    }
    set->evicted = true;
    return dc_store_send_evict(receiver->peer, epoch);
}

int
dc_bulk_receiver_read_store(struct dc_bulk_receiver *receiver)
{
    struct dc_store_message message;
    int fd, got, error = 0;
    while (!error && (got = dc_store_message_receive(receiver->store_fd, &message, &fd)) != 0) {
        if (got < 0)
            return got;
        if (message.kind == DC_STORE_ADDED)
            error = add(receiver, &message, fd);
        else if (message.kind == DC_STORE_EVICT)
            error = evict(receiver, message.epoch);
        else
            error = -EPROTO;
        if (fd >= 0)
            close(fd);
    }
    return error;
}

int
dc_bulk_receiver_timeout_ms(const struct dc_bulk_receiver *receiver)
{
    if (!receiver->open.count)
        return -1;
    int64_t left_us = receiver->open_us + OFFER_AGE_US - dc_clock_now_us();
    return left_us > 0 ? (int)(left_us / 1000) + 1 : 0;
}

int
dc_bulk_receiver_tick(struct dc_bulk_receiver *receiver)
{
    if (receiver->open.count && dc_clock_now_us() - receiver->open_us >= OFFER_AGE_US)
        return offer(receiver) ? 0 : -ENOMEM;
    return 0;
}
