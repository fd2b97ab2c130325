#include "writer.h"

#include <stdlib.h>
#include <string.h>

#include <protocol/gles/encode.h>

#define BATCH_WORDS ((256u << 10) / 4) // DC_BATCH_MAX_BYTES
#define FLUSH_WORDS ((64u << 10) / 4)

static struct dc_journal_writer *
writer_of(struct dc_encoder *encoder)
{
    return (struct dc_journal_writer *)encoder;
}

static void
submit(struct dc_journal_writer *writer)
{
    size_t count = (size_t)(writer->encoder.at - writer->batch);
    writer->encoder.at = writer->batch;
    if (count && !writer->stopped)
        writer->stopped = !writer->sink->submit(writer->sink->user, writer->context_id, writer->batch, count);
}

static void
refill(struct dc_encoder *encoder, size_t words)
{
    struct dc_journal_writer *writer = writer_of(encoder);
    submit(writer);
    // Nothing longer was ever recorded: it came in a batch.
    encoder->end = writer->batch + (words > FLUSH_WORDS ? BATCH_WORDS : FLUSH_WORDS);
}

static void *
bulk_begin(struct dc_encoder *encoder, size_t size_bytes, uint64_t *position)
{
    struct dc_journal_writer *writer = writer_of(encoder);
    void *room = writer->stopped ? NULL : writer->sink->bulk_begin(writer->sink->user, size_bytes, position);
    if (room)
        return room;
    writer->stopped = true;
    void *spare = realloc(writer->spare, size_bytes);
    if (!spare)
        abort(); // there is no address to hand out
    return writer->spare = spare;
}

static void
bulk_end(struct dc_encoder *encoder, size_t size_bytes)
{
    struct dc_journal_writer *writer = writer_of(encoder);
    size_t count = (size_t)(encoder->at - writer->batch);
    encoder->at = writer->batch;
    if (!writer->stopped)
        writer->stopped =
            !writer->sink->bulk_end(writer->sink->user, size_bytes, writer->context_id, writer->batch, count);
}

static const struct dc_encoder_impl impl = { .refill = refill, .bulk_begin = bulk_begin, .bulk_end = bulk_end };

bool
dc_journal_writer_init(struct dc_journal_writer *writer, const struct dc_journal_sink *sink)
{
    *writer = (struct dc_journal_writer){ .encoder.impl = &impl, .sink = sink, .batch = malloc(BATCH_WORDS * 4) };
    writer->encoder.at = writer->batch;
    writer->encoder.end = writer->batch ? writer->batch + FLUSH_WORDS : NULL;
    return writer->batch;
}

bool
dc_journal_writer_finish(struct dc_journal_writer *writer)
{
    submit(writer);
    free(writer->batch);
    free(writer->spare);
    return !writer->stopped;
}

void
dc_journal_writer_enter(struct dc_journal_writer *writer, uint32_t context_id)
{
    if (writer->context_id != context_id)
        submit(writer);
    writer->context_id = context_id;
}

void
dc_journal_writer_put(struct dc_journal_writer *writer, const uint32_t *words, size_t word_count)
{
    memcpy(dc_encoder_reserve(&writer->encoder, word_count), words, word_count * 4);
}

void
dc_journal_writer_put_data(struct dc_journal_writer *writer, const uint32_t *scalars, uint32_t scalar_count,
                           const void *data, uint32_t size_bytes)
{
    uint32_t *words = dc_encode_begin(&writer->encoder, scalars[0] & 0xffff, scalar_count, data, size_bytes);
    memcpy(words + 1, scalars + 1, (scalar_count - 1) * 4);
    dc_encode_end(&writer->encoder, words + scalar_count, data, size_bytes);
}
