#include "image_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DC_LOG_COMPONENT "instance"
#include <common/clock.h>
#include <common/log.h>
#include <gles_encode.h>
#include <instance/journal/journal.h>
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

/* A batch into the ring. false: the worker is gone. */
static bool
write_batch(struct dc_image_writer *writer, const uint32_t *words, size_t size_bytes)
{
    struct dc_batch_header header = { .size_bytes = (uint32_t)size_bytes, .bulk_end = writer->bulk_end };
    size_t room_bytes = (sizeof(header) + size_bytes + 7) & ~(size_t)7;
    uint8_t *room = writer->failed ? NULL : wait_for_room(writer, false, room_bytes, NULL);
    if (!room)
        return false;
    memcpy(room, &header, sizeof(header));
    memcpy(room + sizeof(header), words, size_bytes);
    memset(room + sizeof(header) + size_bytes, 0, room_bytes - sizeof(header) - size_bytes);
    dc_ring_cmd_publish(&writer->ring, room_bytes);
    drain_replies(writer);
    return true;
}

/* What the batch refers to is in bulk, or while there is no worker in scratch memory that does not last. */
static void
keep(struct dc_image_writer *writer, size_t size_bytes, const struct dc_journal_bulk *bulk)
{
    if (!writer->journal)
        return;
    dc_journal_append(writer->journal, 0, writer->batch, size_bytes / 4, bulk);
    dc_journal_settle_all(writer->journal);
    if (!writer->link)
        dc_journal_detach(writer->journal);
}

static void
submit(struct dc_image_writer *writer, const struct dc_journal_bulk *bulk)
{
    size_t size_bytes = (size_t)((uint8_t *)writer->encoder.at - (uint8_t *)writer->batch);
    writer->encoder.at = writer->batch;
    if (size_bytes == 0)
        return;
    keep(writer, size_bytes, bulk);
    if (writer->link)
        write_batch(writer, writer->batch, size_bytes);
}

static void
refill(struct dc_encoder *encoder, size_t words)
{
    submit(writer_of(encoder), NULL);
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

/* Room in bulk; NULL: the worker is gone. */
static void *
reserve_bulk(struct dc_image_writer *writer, size_t size_bytes, uint64_t *position)
{
    void *room = writer->link ? wait_for_room(writer, true, size_bytes, position) : NULL;
    if (!room)
        return NULL;
    writer->bulk_end = *position + size_bytes;
    if (writer->journal && writer->bulk_end > geometry.bulk_bytes)
        dc_journal_release(writer->journal, writer->bulk_end - geometry.bulk_bytes);
    return room;
}

static void *
bulk_begin(struct dc_encoder *encoder, size_t size_bytes, uint64_t *position)
{
    struct dc_image_writer *writer = writer_of(encoder);
    void *room = reserve_bulk(writer, size_bytes, position);
    writer->bulk_position = room ? *position : 0;
    return writer->bulk_data = room ? room : writer->scratch; // upload() made it large enough
}

static void
bulk_end(struct dc_encoder *encoder, size_t size_bytes)
{
    struct dc_image_writer *writer = writer_of(encoder);
    const struct dc_journal_bulk bulk = { writer->bulk_position, writer->bulk_data, (uint32_t)size_bytes };
    if (writer->link && !writer->failed)
        dc_ring_bulk_publish(&writer->ring, size_bytes);
    submit(writer, &bulk);
}

static const struct dc_encoder_impl encoder_impl = {
    .refill = refill,
    .bulk_begin = bulk_begin,
    .bulk_end = bulk_end,
};

void
dc_image_writer_init(struct dc_image_writer *writer, uint32_t recover_mib)
{
    memset(writer, 0, sizeof(*writer));
    if (recover_mib)
        writer->journal = dc_journal_create((uint64_t)recover_mib << 20);
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
    dc_journal_destroy(writer->journal);
    writer->journal = NULL;
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
        return (writer->has_ring && !writer->failed) || (writer->journal && !writer->link);
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

void
dc_image_writer_pause(struct dc_image_writer *writer)
{
    writer->link = NULL; // which is closed, and has forgotten its rings
    writer->failed = false;
    if (writer->journal)
        dc_journal_detach(writer->journal);
    if (writer->has_ring)
        dc_ring_finish(&writer->ring);
    writer->has_ring = false;
}

static bool
replay_batch(void *user, uint32_t context_id, const uint32_t *words, size_t word_count)
{
    return write_batch(user, words, word_count * 4);
}

static void *
replay_bulk_begin(void *user, size_t size_bytes, uint64_t *position)
{
    return reserve_bulk(user, size_bytes, position);
}

static bool
replay_bulk_end(void *user, size_t size_bytes, uint32_t context_id, const uint32_t *words, size_t word_count)
{
    struct dc_image_writer *writer = user;
    dc_ring_bulk_publish(&writer->ring, size_bytes);
    return replay_batch(user, context_id, words, word_count);
}

void
dc_image_writer_resume(struct dc_image_writer *writer, struct dc_link *link)
{
    const struct dc_journal_sink sink = { writer, replay_batch, replay_bulk_begin, replay_bulk_end };
    writer->link = link;
    writer->bulk_end = 0;
    if (writer->next_image == 0 || !ensure_ring(writer)) // nothing was ever shown
        return;
    if (!dc_journal_replay(writer->journal, &sink))
        fail(writer, "they cannot be given to another worker");
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
    submit(writer, NULL);
}

void
dc_image_writer_destroy(struct dc_image_writer *writer, uint32_t image)
{
    if (writer->failed)
        return;
    dc_enc_dcImageDestroy(&writer->encoder, image);
    submit(writer, NULL);
}
