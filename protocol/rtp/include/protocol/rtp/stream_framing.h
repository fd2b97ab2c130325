#ifndef DC_PROTOCOL_RTP_STREAM_FRAMING_H
#define DC_PROTOCOL_RTP_STREAM_FRAMING_H
/*
 * Datagrams on a byte stream (RFC 4571): u16 length in network order, then that many bytes. The reader owns one buffer
 * into which the caller receives; frames are views into it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DC_STREAM_HEADER_BYTES 2

struct dc_stream_reader {
    uint8_t *buffer; // owned
    size_t capacity;
    size_t start, end; // bytes not yet taken
    size_t max_frame_bytes;
    bool failed; // a frame was empty or longer than max_frame_bytes; sticky
};

/* `max_frame_bytes` ≤ 65535. */
bool dc_stream_reader_init(struct dc_stream_reader *reader, size_t max_frame_bytes);
void dc_stream_reader_finish(struct dc_stream_reader *reader);
/* Room to receive into, never empty unless the reader has failed; pull() everything first. Frames pulled before become
 * invalid. */
uint8_t *dc_stream_reader_room(struct dc_stream_reader *reader, size_t *size_bytes);
void dc_stream_reader_commit(struct dc_stream_reader *reader, size_t size_bytes);
/* false: no complete frame (or failed). */
bool dc_stream_reader_pull(struct dc_stream_reader *reader, const uint8_t **frame, size_t *size_bytes);

static inline void
dc_stream_put_header(uint8_t out[DC_STREAM_HEADER_BYTES], size_t size_bytes)
{
    out[0] = (uint8_t)(size_bytes >> 8);
    out[1] = (uint8_t)size_bytes;
}

#endif
