#ifndef DC_JOURNAL_CONTENT_H
#define DC_JOURNAL_CONTENT_H
/*
 * Bytes that the journal keeps. While the ring still has them they stay there; they are copied when the ring is about to
 * overwrite them and somebody still needs them.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <instance/journal/journal.h>

struct dc_contents;

struct dc_content {
    struct dc_contents *owner;
    struct dc_content *previous, *next; // while in the ring, by position
    const uint8_t *data;                // in the ring, or owned; NULL: lost, there was no room for it
    uint64_t position;
    uint32_t size_bytes;
    uint32_t refs;
    bool in_ring;
};

struct dc_contents {
    struct dc_content *first, *last;
    uint64_t kept_bytes, ring_bytes, max_bytes;
};

/* One reference, the caller's. NULL: out of memory. */
struct dc_content *dc_content_in_ring(struct dc_contents *contents, const struct dc_journal_bulk *bulk);
/* A copy; `data` NULL: zeros. Beyond max_bytes a content that is lost. */
struct dc_content *dc_content_copy(struct dc_contents *contents, const void *data, size_t size_bytes);
struct dc_content *dc_content_ref(struct dc_content *content); // NULL is fine, for both
void dc_content_unref(struct dc_content *content);
/* For writing into; NULL if it is shared, in the ring or lost. */
uint8_t *dc_content_own(struct dc_content *content);

/* Copies what lies before `position`. */
void dc_contents_release(struct dc_contents *contents, uint64_t position);

#endif
