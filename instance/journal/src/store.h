#ifndef DC_JOURNAL_STORE_H
#define DC_JOURNAL_STORE_H
/* Contents of a buffer object: what was written last, piece by piece, oldest first. */
#include <stdbool.h>
#include <stdint.h>

#include "content.h"

struct dc_store_piece {
    struct dc_store_piece *next;
    int64_t offset, size_bytes;
    struct dc_content *content; // owned reference
};

struct dc_store {
    struct dc_store_piece *first, *last; // owned
    uint32_t count;
    int64_t size_bytes;
    uint32_t usage;
    bool allocated; // glBufferData was called
};

void dc_store_finish(struct dc_store *store);
/* New storage with undefined contents. */
void dc_store_reset(struct dc_store *store, int64_t size_bytes, uint32_t usage);
/* Writes; takes the caller's reference. false: out of memory. */
bool dc_store_write(struct dc_store *store, struct dc_contents *contents, int64_t offset, struct dc_content *content);
/* As dc_store_write() of a copy, without one where the same bytes are written again and again. */
bool dc_store_write_bytes(struct dc_store *store, struct dc_contents *contents, int64_t offset, const void *data,
                          uint32_t size_bytes);
/* Copies [offset, offset + size) out; false: out of range, undefined or lost in part. */
bool dc_store_read(const struct dc_store *store, int64_t offset, int64_t size_bytes, void *out);
/* Something that it should have is lost. */
bool dc_store_is_incomplete(const struct dc_store *store);

#endif
