#include "frame_log.h"

#include <stdlib.h>
#include <string.h>

#include <gles_opcodes.h>

#define MAX_BYTES (8u << 20)          // of commands in the frames that are kept
#define MAX_BYTES_NO_FRAME (256u << 10) // without any swap: frames may be many in there, and all would be drawn again
#define MAX_BULK_BYTES (24u << 20)    // of data: what the ring holds is not for logs alone
#define SWAP_WORDS 4u

void
dc_frame_log_free(struct dc_log_batch *batch)
{
    dc_content_unref(batch->content);
    free(batch);
}

void
dc_frame_log_finish(struct dc_frame_log *log)
{
    while (log->first)
        dc_frame_log_free(dc_frame_log_take(log));
}

/* The application's swap is sent at once, so it is the last command of its batch. */
static void
look_for_swap(struct dc_log_batch *batch)
{
    const uint32_t *last = batch->words + batch->word_count - SWAP_WORDS;
    if (batch->word_count < SWAP_WORDS || batch->content || last[0] != (SWAP_WORDS << 16 | DC_OP_dcSwap))
        return;
    batch->ends_frame = true;
    batch->surface = last[1];
    batch->seq = last[2] | (uint64_t)last[3] << 32;
}

static uint64_t
memory_of(const struct dc_log_batch *batch)
{
    return sizeof *batch + (uint64_t)batch->word_count * 4;
}

struct dc_log_batch *
dc_frame_log_append(struct dc_frame_log *log, uint32_t context_id, const uint32_t *words, size_t word_count,
                    struct dc_content *content)
{
    struct dc_log_batch *batch = malloc(sizeof *batch + word_count * 4);
    if (!batch) {
        dc_content_unref(content);
        return NULL;
    }
    *batch = (struct dc_log_batch){ .context_id = context_id, .word_count = (uint32_t)word_count, .content = content,
                                    .number = log->count++ };
    memcpy(batch->words, words, word_count * 4);
    look_for_swap(batch);
    *(log->last ? &log->last->next : &log->first) = batch;
    log->last = batch;
    if (batch->ends_frame) {
        *(log->last_frame ? &log->last_frame->next_frame : &log->first_frame) = batch;
        log->last_frame = batch;
    }
    log->bytes += memory_of(batch);
    log->bulk_bytes += content ? content->size_bytes : 0;
    return batch;
}

void
dc_frame_log_acknowledge(struct dc_frame_log *log, uint32_t surface, uint64_t seq)
{
    for (struct dc_log_batch *frame = log->first_frame; frame; frame = frame->next_frame)
        frame->acknowledged |= frame->surface == surface && frame->seq <= seq;
}

struct dc_log_batch *
dc_frame_log_take(struct dc_frame_log *log)
{
    struct dc_log_batch *batch = log->first;
    log->first = batch->next;
    if (!log->first)
        log->last = NULL;
    if (log->first_frame == batch)
        log->first_frame = batch->next_frame;
    if (!log->first_frame)
        log->last_frame = NULL;
    log->bytes -= memory_of(batch);
    log->bulk_bytes -= batch->content ? batch->content->size_bytes : 0;
    return batch;
}

/* A later frame of the surface was executed, so this one will never be on the screen again. */
static bool
is_superseded(const struct dc_log_batch *frame)
{
    for (const struct dc_log_batch *later = frame->next_frame; later; later = later->next_frame) {
        if (later->surface == frame->surface && later->acknowledged)
            return true;
    }
    return false;
}

static bool
is_too_much(const struct dc_frame_log *log, uint64_t bytes, uint64_t bulk_bytes)
{
    return bytes > (log->first_frame ? MAX_BYTES : MAX_BYTES_NO_FRAME) || bulk_bytes > MAX_BULK_BYTES;
}

bool
dc_frame_log_is_long(const struct dc_frame_log *log)
{
    return is_too_much(log, log->bytes, log->bulk_bytes);
}

size_t
dc_frame_log_settled(const struct dc_frame_log *log)
{
    size_t settled = 0, count = 0;
    uint64_t bytes = log->bytes, bulk_bytes = log->bulk_bytes;
    for (const struct dc_log_batch *frame = log->first_frame; frame && is_superseded(frame); frame = frame->next_frame)
        settled = frame->number - log->first->number + 1;
    for (const struct dc_log_batch *b = log->first; b && is_too_much(log, bytes, bulk_bytes); b = b->next) {
        bytes -= memory_of(b);
        bulk_bytes -= b->content ? b->content->size_bytes : 0;
        count++;
    }
    return count > settled ? count : settled;
}
