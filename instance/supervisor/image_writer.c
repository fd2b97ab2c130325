#include "image_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DC_LOG_COMPONENT "instance"
#include <common/clock.h>
#include <common/log.h>
#include <gles_encode.h>
#include <instance/link/link.h>

#define BAND_BYTES (4u << 20)        // one upload command at most; far below half the arena
#define STALL_LIMIT_US 2000000       // a worker that reads nothing for so long is not coming back

static const struct dc_ring_geometry geometry = { 1u << 16, 32u << 20, 1u << 16 };

static struct dc_image_writer *
writer_of(struct dc_encoder *encoder)
{
    return (struct dc_image_writer *)encoder;
}

static void
fail(struct dc_image_writer *writer, const char *reason)
{
    if (!writer->failed)
        dc_error("images of shared-memory clients: %s", reason);
    writer->failed = true;
}

/* Nothing asks for an answer here, but the worker may have pushed something. */
static void
drain_replies(struct dc_image_writer *writer)
{
    size_t size_bytes;
    while (dc_ring_reply_peek(&writer->ring, &size_bytes) && size_bytes > 0)
        dc_ring_reply_consume(&writer->ring, size_bytes);
}

/* Room in cmd or bulk; NULL: the worker is gone. */
static void *
wait_for_room(struct dc_image_writer *writer, bool bulk, size_t size_bytes, uint64_t *position)
{
    int64_t deadline_us = dc_clock_now_us() + STALL_LIMIT_US;
    while (!writer->failed) {
        uint32_t seen = dc_ring_wake_word(&writer->ring);
        void *room = bulk ? dc_ring_bulk_reserve(&writer->ring, size_bytes, position)
                          : dc_ring_cmd_reserve(&writer->ring, size_bytes);
        if (room)
            return room;
        drain_replies(writer);
        if (dc_ring_get_state(&writer->ring) != DC_RING_OPEN)
            fail(writer, "the worker is gone");
        else if (dc_clock_now_us() > deadline_us)
            fail(writer, "the worker does not read them");
        else
            dc_ring_frontend_wait(&writer->ring, seen, 100);
    }
    return NULL;
}

static void
submit(struct dc_image_writer *writer)
{
    size_t size_bytes = (size_t)((uint8_t *)writer->encoder.at - (uint8_t *)writer->batch);
    writer->encoder.at = writer->batch;
    if (size_bytes == 0 || writer->failed)
        return;
    struct dc_batch_header header = { .size_bytes = (uint32_t)size_bytes, .bulk_end = writer->bulk_end };
    size_t room_bytes = (sizeof(header) + size_bytes + 7) & ~(size_t)7;
    uint8_t *room = wait_for_room(writer, false, room_bytes, NULL);
    if (!room)
        return;
    memcpy(room, &header, sizeof(header));
    memcpy(room + sizeof(header), writer->batch, size_bytes);
    memset(room + sizeof(header) + size_bytes, 0, room_bytes - sizeof(header) - size_bytes);
    dc_ring_cmd_publish(&writer->ring, room_bytes);
    drain_replies(writer);
}

static void
refill(struct dc_encoder *encoder, size_t words)
{
    submit(writer_of(encoder));
}

static uint8_t *
need_scratch(struct dc_image_writer *writer, size_t size_bytes)
{
    if (size_bytes > writer->scratch_bytes) {
        uint8_t *grown = realloc(writer->scratch, size_bytes);
        if (!grown)
            return NULL;
        writer->scratch = grown;
        writer->scratch_bytes = size_bytes;
    }
    return writer->scratch;
}

static void *
bulk_begin(struct dc_encoder *encoder, size_t size_bytes, uint64_t *position)
{
    struct dc_image_writer *writer = writer_of(encoder);
    void *room = wait_for_room(writer, true, size_bytes, position);
    if (room)
        writer->bulk_end = *position + size_bytes;
    return room ? room : writer->scratch; // upload() made it large enough
}

static void
bulk_end(struct dc_encoder *encoder, size_t size_bytes)
{
    struct dc_image_writer *writer = writer_of(encoder);
    if (!writer->failed)
        dc_ring_bulk_publish(&writer->ring, size_bytes);
    submit(writer);
}

static const struct dc_encoder_impl encoder_impl = {
    .refill = refill,
    .bulk_begin = bulk_begin,
    .bulk_end = bulk_end,
};

void
dc_image_writer_init(struct dc_image_writer *writer)
{
    memset(writer, 0, sizeof(*writer));
    writer->encoder = (struct dc_encoder){ .impl = &encoder_impl, .at = writer->batch,
                                           .end = writer->batch + DC_IMAGE_BATCH_WORDS };
}

void
dc_image_writer_finish(struct dc_image_writer *writer)
{
    if (writer->has_ring && writer->link)
        dc_link_detach_ring(writer->link, DC_IMAGE_RING_ID);
    if (writer->has_ring)
        dc_ring_finish(&writer->ring);
    writer->has_ring = false;
    free(writer->scratch);
    writer->scratch = NULL;
}

void
dc_image_writer_set_link(struct dc_image_writer *writer, struct dc_link *link)
{
    writer->link = link;
}

void
dc_image_writer_lose_link(struct dc_image_writer *writer)
{
    writer->failed = true;
}

static bool
ensure_ring(struct dc_image_writer *writer)
{
    if (writer->has_ring || writer->failed || !writer->link)
        return writer->has_ring && !writer->failed;
    int error = dc_ring_create(&writer->ring, &geometry);
    if (!error) {
        error = dc_link_attach_ring(writer->link, DC_IMAGE_RING_ID, &writer->ring, "dc-instance");
        if (error)
            dc_ring_finish(&writer->ring);
    }
    if (error)
        fail(writer, strerror(-error));
    writer->has_ring = error == 0;
    return writer->has_ring;
}

uint32_t
dc_image_writer_create(struct dc_image_writer *writer, uint32_t width, uint32_t height, bool alpha)
{
    if (!ensure_ring(writer))
        return 0;
    if (++writer->next_image == 0)
        writer->next_image = 1;
    dc_enc_dcImageCreate(&writer->encoder, writer->next_image, width, height, alpha);
    return writer->next_image;
}

static void
upload_band(struct dc_image_writer *writer, uint32_t image, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
            const uint8_t *pixels, uint32_t stride_bytes)
{
    size_t row_bytes = (size_t)width * 4, size_bytes = row_bytes * height;
    uint8_t *scratch = need_scratch(writer, size_bytes + 64);
    if (!scratch) {
        fail(writer, "out of memory");
        return;
    }
    if (stride_bytes != row_bytes) {
        for (uint32_t row = 0; row < height; row++)
            memcpy(scratch + row * row_bytes, pixels + (size_t)row * stride_bytes, row_bytes);
        pixels = scratch;
    }
    dc_enc_dcImageUpload(&writer->encoder, image, x, y, width, height, pixels, (uint32_t)size_bytes);
    writer->uploaded_bytes += size_bytes;
}

void
dc_image_writer_upload(struct dc_image_writer *writer, uint32_t image, uint32_t x, uint32_t y, uint32_t width,
                       uint32_t height, const void *pixels, uint32_t stride_bytes)
{
    uint32_t band = width ? BAND_BYTES / (width * 4) : 0;
    for (uint32_t row = 0; band && row < height && !writer->failed; row += band) {
        uint32_t rows = height - row < band ? height - row : band;
        upload_band(writer, image, x, y + row, width, rows, (const uint8_t *)pixels + (size_t)row * stride_bytes,
                    stride_bytes);
    }
}

void
dc_image_writer_commit(struct dc_image_writer *writer, uint32_t image, uint64_t seq)
{
    if (writer->failed)
        return;
    dc_enc_dcImageCommit(&writer->encoder, image, seq);
    submit(writer);
}

void
dc_image_writer_destroy(struct dc_image_writer *writer, uint32_t image)
{
    if (writer->failed)
        return;
    dc_enc_dcImageDestroy(&writer->encoder, image);
    submit(writer);
}
