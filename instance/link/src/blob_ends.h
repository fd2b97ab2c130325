#ifndef DC_INSTANCE_LINK_BLOB_ENDS_H
#define DC_INSTANCE_LINK_BLOB_ENDS_H
/*
 * Where the pieces of a ring's bulk end, as the headers of its batches say: the frontend submits a batch with every piece
 * of data, so the same upload is cut in the same places in every run. The headers are the application's: only a hint. One
 * that makes no sense ends the hinting, and bulk is cut wherever it happens to end.
 */
#include <stdbool.h>
#include <stdint.h>

#include <protocol/link/ring.h>

#define DC_BLOB_ENDS_MAX 256u

struct dc_blob_ends {
    uint64_t cmd_at;  // headers are read up to here
    uint64_t last;    // bulk_end of the last header
    bool broken;      // no more hints
    uint32_t first, count;
    uint64_t ends[DC_BLOB_ENDS_MAX];
};

/* Reads the headers that were published since the last call. Nothing beyond cmd_at may be sent before: it might be consumed
 * and overwritten at once. */
void dc_blob_ends_read(struct dc_blob_ends *ends, struct dc_ring *ring);
/* The end of the piece that begins at `position`, of which `available` bytes are published; `position` itself: not known
 * yet, its batch is still to come. */
uint64_t dc_blob_ends_next(struct dc_blob_ends *ends, uint64_t position, uint64_t available);

#endif
