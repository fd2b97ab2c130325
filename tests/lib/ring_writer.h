#ifndef DC_TESTS_RING_WRITER_H
#define DC_TESTS_RING_WRITER_H
/* Plays the frontend of one ring: commands go into a batch, batches into the ring. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gles_encode.h>
#include <protocol/link/ring.h>

struct ring_writer {
    struct dc_encoder encoder; // first: its callbacks cast back
    struct dc_ring ring;
    uint32_t context; // of the batches from here on
    uint32_t words[DC_BATCH_MAX_BYTES / 4];
};

bool ring_writer_init(struct ring_writer *writer);
void ring_writer_finish(struct ring_writer *writer);
/* Publishes what was encoded. */
void ring_writer_submit(struct ring_writer *writer);
/* Publishes these bytes as they are where a batch should be. */
void ring_writer_raw(struct ring_writer *writer, const void *bytes, size_t size_bytes);
/* Waits for a reply of `type` and returns its payload's size (copied as far as it fits), -1 after `timeout_ms` or when
 * the ring is lost. Others before it are dropped. `serial` may be NULL. */
int ring_writer_wait_reply(struct ring_writer *writer, uint32_t type, uint64_t *serial, void *out, size_t out_bytes,
                           int timeout_ms);

#endif
