#include "ring_writer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <common/clock.h>

static void
refill(struct dc_encoder *encoder, size_t words)
{
    struct ring_writer *writer = (struct ring_writer *)encoder;
    if (words > DC_BATCH_MAX_BYTES / 4)
        abort();
    ring_writer_submit(writer);
}

static void *
bulk_begin(struct dc_encoder *encoder, size_t size_bytes, uint64_t *position)
{
    struct ring_writer *writer = (struct ring_writer *)encoder;
    void *room;
    while (!(room = dc_ring_bulk_reserve(&writer->ring, size_bytes, position))) {
        if (dc_ring_get_state(&writer->ring) != DC_RING_OPEN)
            abort();
        usleep(500);
    }
    return room;
}

static void
bulk_end(struct dc_encoder *encoder, size_t size_bytes)
{
    struct ring_writer *writer = (struct ring_writer *)encoder;
    dc_ring_bulk_publish(&writer->ring, size_bytes);
    ring_writer_submit(writer);
}

static const struct dc_encoder_impl impl = { .refill = refill, .bulk_begin = bulk_begin, .bulk_end = bulk_end };

bool
ring_writer_init(struct ring_writer *writer)
{
    const struct dc_ring_geometry geometry = { DC_RING_CMD_BYTES, DC_RING_BULK_BYTES, DC_RING_REPLY_BYTES };
    memset(writer, 0, sizeof *writer);
    writer->encoder = (struct dc_encoder){
        .impl = &impl, .at = writer->words, .end = writer->words + sizeof writer->words / 4,
    };
    return dc_ring_create(&writer->ring, &geometry) == 0;
}

void
ring_writer_finish(struct ring_writer *writer)
{
    dc_ring_finish(&writer->ring);
}

void
ring_writer_raw(struct ring_writer *writer, const void *bytes, size_t size_bytes)
{
    uint8_t *room;
    while (!(room = dc_ring_cmd_reserve(&writer->ring, size_bytes))) {
        if (dc_ring_get_state(&writer->ring) != DC_RING_OPEN)
            return;
        usleep(500);
    }
    memcpy(room, bytes, size_bytes);
    dc_ring_cmd_publish(&writer->ring, size_bytes);
}

void
ring_writer_submit(struct ring_writer *writer)
{
    static struct { // tests encode on one thread
        struct dc_batch_header header;
        uint32_t words[DC_BATCH_MAX_BYTES / 4];
    } batch;
    size_t size_bytes = (size_t)(writer->encoder.at - writer->words) * 4;
    if (!size_bytes)
        return;
    batch.header = (struct dc_batch_header){
        .size_bytes = (uint32_t)size_bytes, .context_id = writer->context, .bulk_end = writer->ring.bulk_head,
    };
    memcpy(batch.words, writer->words, size_bytes);
    writer->encoder.at = writer->words;
    ring_writer_raw(writer, &batch, (sizeof batch.header + size_bytes + 7) / 8 * 8);
}

int
ring_writer_wait_reply(struct ring_writer *writer, uint32_t type, uint64_t *serial, void *out, size_t out_bytes,
                       int timeout_ms)
{
    int64_t end_us = dc_clock_now_us() + timeout_ms * 1000ll;
    do {
        uint32_t seen = dc_ring_wake_word(&writer->ring);
        size_t size_bytes;
        const uint8_t *data;
        while ((data = dc_ring_reply_peek(&writer->ring, &size_bytes)) && size_bytes) {
            struct dc_reply_header header;
            memcpy(&header, data, sizeof header);
            size_t total = (sizeof header + header.size_bytes + 7) / 8 * 8;
            if (header.type == type) {
                if (out_bytes)
                    memcpy(out, data + sizeof header, header.size_bytes < out_bytes ? header.size_bytes : out_bytes);
                if (serial)
                    *serial = header.serial;
            }
            dc_ring_reply_consume(&writer->ring, total);
            if (header.type == type)
                return (int)header.size_bytes;
        }
        if (dc_ring_get_state(&writer->ring) == DC_RING_LOST)
            return -1;
        dc_ring_frontend_wait(&writer->ring, seen, 20);
    } while (dc_clock_now_us() < end_us);
    return -1;
}
