/* An RFC 4571 stream that arrives in pieces: however it is cut, the same frames come out. */
#include <stdlib.h>
#include <string.h>

#include <protocol/rtp/stream_framing.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static uint64_t
hash_frames(const uint8_t *data, size_t size_bytes, size_t piece_bytes, bool *failed)
{
    struct dc_stream_reader reader;
    uint64_t hash = 14695981039346656037u;
    if (!dc_stream_reader_init(&reader, 2000))
        abort();
    while (size_bytes && !reader.failed) {
        const uint8_t *frame;
        size_t room_bytes, frame_bytes;
        uint8_t *room = dc_stream_reader_room(&reader, &room_bytes);
        size_t n = piece_bytes < size_bytes ? piece_bytes : size_bytes;
        if (room_bytes == 0)
            abort();
        n = n < room_bytes ? n : room_bytes;
        memcpy(room, data, n);
        data += n;
        size_bytes -= n;
        dc_stream_reader_commit(&reader, n);
        while (dc_stream_reader_pull(&reader, &frame, &frame_bytes)) {
            if (frame_bytes == 0 || frame_bytes > 2000)
                abort();
            for (size_t i = 0; i < frame_bytes; i++)
                hash = (hash ^ frame[i]) * 1099511628211u;
            hash = (hash ^ frame_bytes) * 1099511628211u;
        }
    }
    *failed = reader.failed;
    dc_stream_reader_finish(&reader);
    return hash;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    static const size_t pieces[] = { 1, 3, 1000 };
    bool failed, other_failed;
    uint64_t hash = hash_frames(data, size_bytes, 1 << 30, &failed);
    for (unsigned i = 0; i < 3; i++) {
        if (hash_frames(data, size_bytes, pieces[i], &other_failed) != hash || other_failed != failed)
            abort();
    }
    return 0;
}
