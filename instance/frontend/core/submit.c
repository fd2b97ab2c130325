/* The sending half of the connection: batches and bulk into the ring, under one lock so that bulk order is ring order. */
#include "capture.h"
#include "recovery.h"

#include <stdlib.h>
#include <string.h>

#include <instance/journal/journal.h>

#define DC_LOG_COMPONENT "frontend"
#include <common/log.h>

/* Sleeps until the other side moved something. Replies are taken in meanwhile: a worker that waits for room to answer
 * executes nothing and frees no room. */
static void
wait_for_room(struct dc_connection *c, uint32_t seen)
{
    dc_connection_pump(c);
    dc_ring_frontend_wait(&c->process.ring, seen, DC_WAIT_SLICE_MS);
    dc_connection_check(c);
}

bool
dc_connection_write(struct dc_connection *c, uint32_t context_id, const uint32_t *words, size_t word_count,
                    bool (*stops)(const struct dc_connection *connection))
{
    struct dc_ring *ring = &c->process.ring;
    size_t size_bytes = word_count * 4;
    size_t whole_bytes = sizeof(struct dc_batch_header) + ((size_bytes + 7) & ~(size_t)7);
    uint8_t *room = NULL;
    for (;;) {
        if (dc_process_is_lost(&c->process) || stops(c))
            return false;
        uint32_t seen = dc_ring_wake_word(ring);
        room = dc_ring_cmd_reserve(ring, whole_bytes);
        if (room)
            break;
        wait_for_room(c, seen);
    }
    struct dc_batch_header header = { .size_bytes = size_bytes, .context_id = context_id, .bulk_end = ring->bulk_head };
    memcpy(room, &header, sizeof(header));
    memcpy(room + sizeof(header), words, size_bytes);
    if (size_bytes & 7)
        memset(room + sizeof(header) + size_bytes, 0, 4);
    dc_ring_cmd_publish(ring, whole_bytes);
    dc_capture_batch(&header, words);
    return true;
}

/* A frame ended: the journal may fold what no worker will have to draw again. */
static void
settle_journal(struct dc_connection *c)
{
    pthread_mutex_lock(&c->reply_lock);
    for (const struct dc_credit *credit = c->credits; credit; credit = credit->next)
        dc_journal_acknowledge(c->journal, credit->surface_id, __atomic_load_n(&credit->done_seq, __ATOMIC_ACQUIRE));
    pthread_mutex_unlock(&c->reply_lock);
    dc_journal_settle(c->journal);
}

static bool
submit_locked(struct dc_connection *c, uint32_t context_id, const uint32_t *words, size_t word_count,
              const struct dc_journal_bulk *bulk)
{
    bool frame_ended = false;
    if (word_count * 4 > DC_BATCH_MAX_BYTES) {
        dc_error("batch of %zu bytes is too large, dropped", word_count * 4);
        return true;
    }
    if (dc_process_is_lost(&c->process))
        return false;
    // The journal first: a worker that comes meanwhile is told this batch with the rest.
    if (c->journal)
        frame_ended = dc_journal_append(c->journal, context_id, words, word_count, bulk);
    if (!dc_connection_write(c, context_id, words, word_count, dc_recovery_is_due) &&
        (!dc_recovery_is_due(c) || !dc_recovery_run(c)))
        return false;
    if (frame_ended)
        settle_journal(c);
    if (c->journal && c->settle_at_once)
        dc_journal_settle_all(c->journal);
    return true;
}

bool
dc_process_submit(struct dc_process *process, uint32_t context_id, const uint32_t *words, size_t word_count)
{
    struct dc_connection *c = dc_connection_of(process);
    if (word_count == 0)
        return true;
    pthread_mutex_lock(&c->lock);
    bool ok = submit_locked(c, context_id, words, word_count, NULL);
    pthread_mutex_unlock(&c->lock);
    return ok;
}

static void *
scratch(struct dc_connection *c, size_t size_bytes)
{
    if (c->scratch_bytes < size_bytes) {
        void *bigger = realloc(c->scratch, size_bytes);
        if (!bigger) {
            dc_error("out of memory: %zu bytes for data that goes nowhere", size_bytes);
            abort(); // there is no address to hand out
        }
        c->scratch = bigger;
        c->scratch_bytes = size_bytes;
    }
    return c->scratch;
}

void *
dc_connection_reserve_bulk(struct dc_connection *c, size_t size_bytes, uint64_t *position,
                           bool (*stops)(const struct dc_connection *connection))
{
    struct dc_ring *ring = &c->process.ring;
    while (!dc_process_is_lost(&c->process) && !stops(c)) {
        uint32_t seen = dc_ring_wake_word(ring);
        void *room = dc_ring_bulk_reserve(ring, size_bytes, position);
        if (room) {
            uint64_t end = *position + size_bytes;
            if (c->journal && end > ring->geometry.bulk_bytes)
                dc_journal_release(c->journal, end - ring->geometry.bulk_bytes);
            return room;
        }
        if (size_bytes > ring->geometry.bulk_bytes / 2) {
            dc_error("%zu bytes of bulk data at once are too many, dropped", size_bytes);
            break;
        }
        wait_for_room(c, seen);
    }
    return NULL;
}

void *
dc_process_bulk_begin(struct dc_process *process, size_t size_bytes, uint64_t *position)
{
    struct dc_connection *c = dc_connection_of(process);
    pthread_mutex_lock(&c->lock);
    do
        c->bulk_data = dc_connection_reserve_bulk(c, size_bytes, position, dc_recovery_is_due);
    while (!c->bulk_data && dc_recovery_is_due(c) && dc_recovery_run(c));
    c->bulk_position = *position;
    c->bulk_is_scratch = !c->bulk_data;
    if (c->bulk_data)
        return c->bulk_data;
    *position = 0;
    return scratch(c, size_bytes);
}

void
dc_process_bulk_end(struct dc_process *process, size_t size_bytes, uint32_t context_id, const uint32_t *words,
                    size_t word_count)
{
    struct dc_connection *c = dc_connection_of(process);
    if (!c->bulk_is_scratch) {
        const struct dc_journal_bulk bulk = { c->bulk_position, c->bulk_data, (uint32_t)size_bytes };
        dc_ring_bulk_publish(&process->ring, size_bytes);
        if (word_count)
            submit_locked(c, context_id, words, word_count, &bulk);
    }
    c->bulk_is_scratch = false;
    pthread_mutex_unlock(&c->lock);
}
