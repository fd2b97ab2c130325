#ifndef DC_INSTANCE_LINK_BULK_MISSES_H
#define DC_INSTANCE_LINK_BULK_MISSES_H
/*
 * Sizes of chunks that are never sent twice. Vertices that an application computes anew for every frame come in one size
 * and never come back; hashing them, and keeping them over there, costs time and another's place. Images are multiples of
 * 4 KiB and are given more of a chance.
 */
#include <stdbool.h>
#include <stdint.h>

#define DC_BULK_MISSES_SIZES 8

struct dc_bulk_misses {
    struct {
        uint32_t size_bytes, tries;
        uint64_t missed_bytes; // since the last hit
    } sizes[DC_BULK_MISSES_SIZES];
    uint32_t next; // to be replaced
};

/* Whether a chunk of this size is worth hashing. Now and then it is, whatever was before. */
bool dc_bulk_misses_is_worth(struct dc_bulk_misses *misses, uint32_t size_bytes);
/* What came of it. */
void dc_bulk_misses_note(struct dc_bulk_misses *misses, uint32_t size_bytes, bool hit);

#endif
