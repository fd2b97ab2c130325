#include <protocol/rtp/stream_framing.h>

#include <stdlib.h>
#include <string.h>

#define MIN_CAPACITY_BYTES (64u << 10)

bool
dc_stream_reader_init(struct dc_stream_reader *reader, size_t max_frame_bytes)
{
    size_t capacity = 2 * (max_frame_bytes + DC_STREAM_HEADER_BYTES);
    if (capacity < MIN_CAPACITY_BYTES)
        capacity = MIN_CAPACITY_BYTES;
    *reader = (struct dc_stream_reader){ .capacity = capacity, .max_frame_bytes = max_frame_bytes };
    reader->buffer = malloc(capacity);
    return reader->buffer != NULL;
}

void
dc_stream_reader_finish(struct dc_stream_reader *reader)
{
    free(reader->buffer);
    *reader = (struct dc_stream_reader){ 0 };
}

uint8_t *
dc_stream_reader_room(struct dc_stream_reader *reader, size_t *size_bytes)
{
    size_t left = reader->end - reader->start;
    if (reader->start) {
        memmove(reader->buffer, reader->buffer + reader->start, left);
        reader->start = 0;
        reader->end = left;
    }
    *size_bytes = reader->failed ? 0 : reader->capacity - reader->end;
    return reader->buffer + reader->end;
}

void
dc_stream_reader_commit(struct dc_stream_reader *reader, size_t size_bytes)
{
    reader->end += size_bytes;
}

bool
dc_stream_reader_pull(struct dc_stream_reader *reader, const uint8_t **frame, size_t *size_bytes)
{
    size_t left = reader->end - reader->start;
    const uint8_t *p = reader->buffer + reader->start;
    if (reader->failed || left < DC_STREAM_HEADER_BYTES)
        return false;
    size_t length = (size_t)p[0] << 8 | p[1];
    if (length == 0 || length > reader->max_frame_bytes) {
        reader->failed = true;
        return false;
    }
    if (left < DC_STREAM_HEADER_BYTES + length)
        return false;
    *frame = p + DC_STREAM_HEADER_BYTES;
    *size_bytes = length;
    reader->start += DC_STREAM_HEADER_BYTES + length;
    return true;
}
