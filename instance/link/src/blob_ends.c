#include "blob_ends.h"

#include <string.h>

static void
push(struct dc_blob_ends *ends, uint64_t end)
{
    if (ends->count == DC_BLOB_ENDS_MAX) {
        // Two pieces are cut as one: rare, and only worse to recognise.
        ends->ends[(ends->first + ends->count - 1) % DC_BLOB_ENDS_MAX] = end;
        return;
    }
    ends->ends[(ends->first + ends->count++) % DC_BLOB_ENDS_MAX] = end;
}

static bool
makes_sense(const struct dc_blob_ends *ends, const struct dc_ring *ring, const struct dc_batch_header *header)
{
    return header->size_bytes <= DC_BATCH_MAX_BYTES && header->size_bytes % 4 == 0 &&
           header->bulk_end - ends->last <= ring->geometry.bulk_bytes;
}

void
dc_blob_ends_read(struct dc_blob_ends *ends, struct dc_ring *ring)
{
    const uint8_t *data;
    size_t size_bytes;
    if (ends->broken)
        return;
    if (dc_ring_cmd_peek_from(ring, ends->cmd_at, &data, &size_bytes) < 0) {
        ends->broken = true; // the pump sees the same, and says so
        return;
    }
    for (size_t at = 0; at < size_bytes;) {
        struct dc_batch_header header = { .size_bytes = UINT32_MAX };
        if (size_bytes - at >= sizeof(header))
            memcpy(&header, data + at, sizeof(header)); // once
        size_t whole = sizeof(header) + ((header.size_bytes + 7ul) & ~7ul);
        if (!makes_sense(ends, ring, &header) || whole > size_bytes - at) {
            ends->broken = true;
            return;
        }
        if (header.bulk_end != ends->last)
            push(ends, header.bulk_end);
        ends->last = header.bulk_end;
        ends->cmd_at += whole;
        at += whole;
    }
}

uint64_t
dc_blob_ends_next(struct dc_blob_ends *ends, uint64_t position, uint64_t available)
{
    while (ends->count && ends->ends[ends->first] - position > available) {
        if ((int64_t)(ends->ends[ends->first] - position) > 0)
            ends->broken = true; // names bulk that was not published
        ends->first = (ends->first + 1) % DC_BLOB_ENDS_MAX;
        ends->count--;
    }
    while (ends->count && ends->ends[ends->first] == position) {
        ends->first = (ends->first + 1) % DC_BLOB_ENDS_MAX;
        ends->count--;
    }
    if (ends->broken)
        return position + available;
    return ends->count ? ends->ends[ends->first] : position;
}
