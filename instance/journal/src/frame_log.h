#ifndef DC_JOURNAL_FRAME_LOG_H
#define DC_JOURNAL_FRAME_LOG_H
/* Batches that are not folded yet, oldest first; a swap ends a frame. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "content.h"

struct dc_log_batch {
    struct dc_log_batch *next;
    struct dc_log_batch *next_frame; // of those that end a frame
    uint64_t number;                 // counts batches
    uint32_t context_id, word_count;
    struct dc_content *content; // owned reference: data of the last command; NULL: none
    bool ends_frame;
    bool acknowledged; // executed, and so is everything before
    uint32_t surface;  // of the swap
    uint64_t seq;
    uint32_t words[];
};

struct dc_frame_log {
    struct dc_log_batch *first, *last;             // owned
    struct dc_log_batch *first_frame, *last_frame; // those of them that end a frame
    uint64_t count;             // of batches ever appended
    uint64_t bytes, bulk_bytes; // memory of batches; data
};

void dc_frame_log_finish(struct dc_frame_log *log);
/* Takes the content's reference. NULL: out of memory. */
struct dc_log_batch *dc_frame_log_append(struct dc_frame_log *log, uint32_t context_id, const uint32_t *words,
                                         size_t word_count, struct dc_content *content);
/* More than is kept without a frame's end. */
bool dc_frame_log_is_long(const struct dc_frame_log *log);
void dc_frame_log_acknowledge(struct dc_frame_log *log, uint32_t surface, uint64_t seq);
/* The oldest batch goes, the caller's to free with dc_frame_log_free(). */
struct dc_log_batch *dc_frame_log_take(struct dc_frame_log *log);
void dc_frame_log_free(struct dc_log_batch *batch);
/* How many of the oldest batches need not be replayed: the frames before the newest executed one of each surface. */
size_t dc_frame_log_settled(const struct dc_frame_log *log);

#endif
