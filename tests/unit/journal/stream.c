#undef NDEBUG
#include "stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <protocol/gles/print.h>

static struct stream *
stream_of(struct dc_encoder *encoder)
{
    return (struct stream *)encoder;
}

static void
send(struct stream *stream, const struct dc_journal_bulk *bulk)
{
    size_t count = (size_t)(stream->encoder.at - stream->words);
    stream->encoder.at = stream->words;
    dc_journal_append(stream->journal, stream->context_id, stream->words, count, bulk);
}

static void
refill(struct dc_encoder *encoder, size_t words)
{
    send(stream_of(encoder), NULL);
}

static void *
bulk_begin(struct dc_encoder *encoder, size_t size_bytes, uint64_t *position)
{
    struct stream *stream = stream_of(encoder);
    *position = stream->bulk_begun = stream->bulk_head;
    stream->bulk_head += size_bytes;
    assert(stream->bulk_head <= STREAM_BULK_BYTES);
    return stream->bulk + *position;
}

static void
bulk_end(struct dc_encoder *encoder, size_t size_bytes)
{
    struct stream *stream = stream_of(encoder);
    send(stream, &(struct dc_journal_bulk){ stream->bulk_begun, stream->bulk + stream->bulk_begun, (uint32_t)size_bytes });
}

void
stream_init(struct stream *stream, struct dc_journal *journal)
{
    static const struct dc_encoder_impl impl = { refill, bulk_begin, bulk_end };
    memset(stream, 0, sizeof(*stream));
    stream->encoder = (struct dc_encoder){ &impl, stream->words, stream->words + STREAM_WORDS };
    stream->journal = journal;
    stream->bulk = malloc(STREAM_BULK_BYTES);
}

void
stream_finish(struct stream *stream)
{
    free(stream->bulk);
}

void
stream_flush(struct stream *stream)
{
    send(stream, NULL);
}

void
stream_enter(struct stream *stream, uint32_t context_id)
{
    stream_flush(stream);
    stream->context_id = context_id;
}

static bool
take(void *user, uint32_t context_id, const uint32_t *words, size_t word_count)
{
    struct dump *dump = user;
    if (dump->stop_after && dump->batches == dump->stop_after)
        return false;
    dump->batches++;
    fprintf(dump->out, "context %u\n", context_id);
    assert(dc_gles_print(dump->out, "  ", words, word_count));
    if (dump->into)
        dc_journal_append(dump->into, context_id, words, word_count, NULL);
    return true;
}

static void *
take_bulk_begin(void *user, size_t size_bytes, uint64_t *position)
{
    struct dump *dump = user;
    *position = dump->room_position = dump->bulk_head;
    dump->bulk_head += size_bytes;
    assert(dump->bulk_head <= STREAM_BULK_BYTES);
    return dump->bulk + *position;
}

static bool
take_bulk_end(void *user, size_t size_bytes, uint32_t context_id, const uint32_t *words, size_t word_count)
{
    struct dump *dump = user;
    const uint8_t *data = dump->bulk + dump->room_position;
    uint64_t hash = 14695981039346656037u;
    for (uint32_t i = 0; i < words[word_count - 4]; i++)
        hash = (hash ^ data[i]) * 1099511628211u;
    fprintf(dump->out, "data %016llx\n", (unsigned long long)hash);
    struct dc_journal *into = dump->into;
    dump->into = NULL;
    bool ok = take(user, context_id, words, word_count);
    dump->into = into;
    const struct dc_journal_bulk bulk = { dump->room_position, data, (uint32_t)size_bytes };
    if (into)
        dc_journal_append(into, context_id, words, word_count, &bulk);
    return ok;
}

bool
dump_take(struct dump *dump, struct dc_journal *journal, struct dc_journal *into)
{
    const struct dc_journal_sink sink = { dump, take, take_bulk_begin, take_bulk_end };
    dump->into = into;
    dump->bulk = malloc(STREAM_BULK_BYTES);
    dump->out = open_memstream(&dump->text, &dump->text_bytes);
    bool ok = dump->replay ? dc_journal_replay(journal, &sink) : dc_journal_dump(journal, &sink);
    fclose(dump->out);
    return ok;
}

void
dump_finish(struct dump *dump)
{
    free(dump->text);
    free(dump->bulk);
}
