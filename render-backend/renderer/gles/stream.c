#include "stream.h"

#include <string.h>

#define STREAM_BYTES (4u << 20)
#define STREAM_MAX_BYTES (512u << 20)

/* Starts over in fresh memory of at least `need` bytes; the driver keeps the old one while draws use it. */
static bool
restart(struct dc_exec *x, struct dc_exec_stream *stream, GLenum target, uint64_t need)
{
    uint32_t size = STREAM_BYTES;
    if (need > STREAM_MAX_BYTES)
        return false;
    while (size < need)
        size *= 2;
    x->gl->BufferData(target, size, NULL, GL_STREAM_DRAW);
    stream->size_bytes = size;
    stream->at = 0;
    return true;
}

bool
dc_stream_put(struct dc_exec *x, struct dc_exec_stream *stream, GLenum target, const void *data, uint32_t size_bytes,
              uint64_t min_offset, uint32_t *offset)
{
    if (!stream->driver)
        x->gl->GenBuffers(1, &stream->driver);
    x->gl->BindBuffer(target, stream->driver);
    uint64_t at = stream->at > min_offset ? stream->at : (min_offset + 15) / 16 * 16;
    if (at + size_bytes > stream->size_bytes) {
        at = (min_offset + 15) / 16 * 16;
        if (!restart(x, stream, target, at + size_bytes))
            return false;
    }
    void *p = size_bytes ? x->gl->MapBufferRange(target, (GLintptr)at, size_bytes,
                                                 GL_MAP_WRITE_BIT | GL_MAP_INVALIDATE_RANGE_BIT
                                                     | GL_MAP_UNSYNCHRONIZED_BIT)
                         : NULL;
    if (p) {
        memcpy(p, data, size_bytes);
        x->gl->UnmapBuffer(target);
    } else if (size_bytes) {
        x->gl->BufferSubData(target, (GLintptr)at, size_bytes, data);
    }
    stream->at = (uint32_t)((at + size_bytes + 15) / 16 * 16);
    *offset = (uint32_t)at;
    return true;
}
