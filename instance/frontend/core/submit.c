/* The sending half of the connection: batches and bulk into the ring, under one lock so that bulk order is ring order. */
#include "capture.h"
#include "connection.h"

#include <stdlib.h>
#include <string.h>

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

static bool
submit_locked(struct dc_connection *c, uint32_t context_id, const uint32_t *words, size_t word_count)
{
    struct dc_ring *ring = &c->process.ring;
    size_t size_bytes = word_count * 4;
    size_t whole_bytes = sizeof(struct dc_batch_header) + ((size_bytes + 7) & ~(size_t)7);
    if (size_bytes > DC_BATCH_MAX_BYTES) {
        dc_error("batch of %zu bytes is too large, dropped", size_bytes);
        return true;
    }
    uint8_t *room = NULL;
    for (;;) {
        if (dc_process_is_lost(&c->process))
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

bool
dc_process_submit(struct dc_process *process, uint32_t context_id, const uint32_t *words, size_t word_count)
{
    struct dc_connection *c = dc_connection_of(process);
    if (word_count == 0)
        return true;
    pthread_mutex_lock(&c->lock);
    bool ok = submit_locked(c, context_id, words, word_count);
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
dc_process_bulk_begin(struct dc_process *process, size_t size_bytes, uint64_t *position)
{
    struct dc_connection *c = dc_connection_of(process);
    pthread_mutex_lock(&c->lock);
    c->bulk_is_scratch = false;
    for (;;) {
        if (dc_process_is_lost(process))
            break;
        uint32_t seen = dc_ring_wake_word(&process->ring);
        void *room = dc_ring_bulk_reserve(&process->ring, size_bytes, position);
        if (room)
            return room;
        if (size_bytes > process->ring.geometry.bulk_bytes / 2) {
            dc_error("%zu bytes of bulk data at once are too many, dropped", size_bytes);
            break;
        }
        wait_for_room(c, seen);
    }
    c->bulk_is_scratch = true;
    *position = 0;
    return scratch(c, size_bytes);
}

void
dc_process_bulk_end(struct dc_process *process, size_t size_bytes, uint32_t context_id, const uint32_t *words,
                    size_t word_count)
{
    struct dc_connection *c = dc_connection_of(process);
    if (!c->bulk_is_scratch) {
        dc_ring_bulk_publish(&process->ring, size_bytes);
        if (word_count)
            submit_locked(c, context_id, words, word_count);
    }
    c->bulk_is_scratch = false;
    pthread_mutex_unlock(&c->lock);
}
