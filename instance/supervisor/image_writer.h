#ifndef DC_SUPERVISOR_IMAGE_WRITER_H
#define DC_SUPERVISOR_IMAGE_WRITER_H
/*
 * The supervisor's own ring: pictures of shared-memory clients become images on the worker. Made when the first such
 * client shows something. Loop thread only; waits, for a bounded time, when the worker is slow to read.
 */
#include <stdbool.h>
#include <stdint.h>

#include <protocol/gles/encoder.h>
#include <protocol/link/ring.h>

#define DC_IMAGE_RING_ID 1u
#define DC_IMAGE_BATCH_WORDS 4096

struct dc_journal;
struct dc_link;

struct dc_image_writer {
    struct dc_encoder encoder; // first: the encoder's callbacks cast back
    struct dc_link *link;      // NULL: not yet
    bool has_ring, failed;
    struct dc_ring ring;
    struct dc_journal *journal; // owned; NULL: no other worker will follow
    uint64_t bulk_position;     // between begin and end, as is:
    void *bulk_data;
    uint32_t batch[DC_IMAGE_BATCH_WORDS];
    uint64_t bulk_end;  // of what the batch refers to
    uint32_t next_image;
    uint8_t *scratch;   // owned: rows packed tightly, and where bytes go when the ring is lost
    size_t scratch_bytes;
    uint64_t uploaded_bytes;
};

/* `recover_mib`: pictures to keep for another worker; 0: none will follow. */
void dc_image_writer_init(struct dc_image_writer *writer, uint32_t recover_mib);
void dc_image_writer_finish(struct dc_image_writer *writer);
/* The worker is there. */
void dc_image_writer_set_link(struct dc_image_writer *writer, struct dc_link *link);
/* The worker is gone and another one may follow: what is drawn meanwhile is kept. */
void dc_image_writer_pause(struct dc_image_writer *writer);
/* Another worker is there: it gets a new ring and all pictures. */
void dc_image_writer_resume(struct dc_image_writer *writer, struct dc_link *link);
/* The worker is gone; the ring stays attached to the link until dc_image_writer_finish(). */
void dc_image_writer_lose_link(struct dc_image_writer *writer);
uint32_t dc_image_writer_create(struct dc_image_writer *writer, uint32_t width, uint32_t height, bool alpha);
/* `pixels` is borrowed; any size (large ones travel in bands of rows). */
void dc_image_writer_upload(struct dc_image_writer *writer, uint32_t image, uint32_t x, uint32_t y, uint32_t width,
                            uint32_t height, const void *pixels, uint32_t stride_bytes);
void dc_image_writer_commit(struct dc_image_writer *writer, uint32_t image, uint64_t seq);
void dc_image_writer_destroy(struct dc_image_writer *writer, uint32_t image);

#endif
