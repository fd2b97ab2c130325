#include "bulk_misses.h"

#define IMAGE_STEP_BYTES 4096u
#define MOST_MISSED_BYTES (8u << 20)
#define MOST_MISSED_IMAGE_BYTES (256u << 20)
#define TRY_EVERY 64u

static int
find(const struct dc_bulk_misses *misses, uint32_t size_bytes)
{
    for (int i = 0; i < DC_BULK_MISSES_SIZES; i++) {
        if (misses->sizes[i].size_bytes == size_bytes)
            return i;
    }
    return -1;
}

bool
dc_bulk_misses_is_worth(struct dc_bulk_misses *misses, uint32_t size_bytes)
{
    int at = find(misses, size_bytes);
    uint64_t most_bytes = size_bytes % IMAGE_STEP_BYTES ? MOST_MISSED_BYTES : MOST_MISSED_IMAGE_BYTES;
    return at < 0 || misses->sizes[at].missed_bytes < most_bytes || misses->sizes[at].tries++ % TRY_EVERY == 0;
}

void
dc_bulk_misses_note(struct dc_bulk_misses *misses, uint32_t size_bytes, bool hit)
{
    int at = find(misses, size_bytes);
    if (at < 0) {
        at = (int)(misses->next++ % DC_BULK_MISSES_SIZES);
        misses->sizes[at].size_bytes = size_bytes;
        misses->sizes[at].missed_bytes = 0;
    }
    misses->sizes[at].missed_bytes = hit ? 0 : misses->sizes[at].missed_bytes + size_bytes;
    misses->sizes[at].tries = 1;
}
