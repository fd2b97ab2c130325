#include "stream.h"

#include <string.h>

#define STREAM_BYTES (4u << 20)
#define STREAM_MAX_BYTES (512u << 20)

/* Starts over in fresh memory of at least `need` bytes; the driver keeps the old one while draws use it. */
static bool
restart(struct dc_exec *x, struct dc_exec_stream *stream, GLenum target, uint64_t need, bool keep)
{
    uint32_t size = STREAM_BYTES, counted = stream->size_bytes;
    if (need > STREAM_MAX_BYTES || (keep && stream->retired_count == DC_EXEC_ATTRIBS))
        return false;
    while (size < need)
        size *= 2;
    if (size > counted && !dc_ledger_take(x->ledger, size - counted))
        return false;
    dc_exec_collect_error(x); // what was before
    if (keep && counted) { // the coming draw reads from this buffer, too: it needs one of its own
        stream->retired[stream->retired_count++] = stream->driver;
        stream->driver = 0;
    }
    if (!stream->driver)
        x->gl->GenBuffers(1, &stream->driver);
    x->gl->BindBuffer(target, stream->driver);
    x->gl->BufferData(target, size, NULL, x->context->api == DC_API_GLES1 ? GL_DYNAMIC_DRAW : GL_STREAM_DRAW);
    // Without memory behind it, or with another buffer bound, or none, offsets would be the application's data or addresses.
    bool ok = !dc_exec_collect_error(x) && stream->driver;
    stream->size_bytes = ok ? size : 0;
    stream->at = 0;
    dc_ledger_give(x->ledger, ok ? (size < counted ? counted - size : 0) : size > counted ? size : counted);
    return ok;
}

bool
dc_stream_put(struct dc_exec *x, struct dc_exec_stream *stream, GLenum target, const struct dc_blob *data,
              uint64_t min_offset, bool keep, uint32_t *offset)
{
    uint32_t size = data->size_bytes;
    if (stream->size_bytes)
        x->gl->BindBuffer(target, stream->driver);
    uint64_t at = stream->at > min_offset ? stream->at : (min_offset + 15) / 16 * 16;
    if (!stream->size_bytes || at + size > stream->size_bytes) {
        at = (min_offset + 15) / 16 * 16;
        if (!restart(x, stream, target, at + size, keep))
            return false;
    }
    const GLbitfield access = GL_MAP_WRITE_BIT | GL_MAP_INVALIDATE_RANGE_BIT | GL_MAP_UNSYNCHRONIZED_BIT;
    bool can_map = size && x->context->api != DC_API_GLES1;
    void *p = can_map ? x->gl->MapBufferRange(target, (GLintptr)at, size, access) : NULL;
    if (p) {
        memcpy(p, data->data, size);
        x->gl->UnmapBuffer(target);
    } else if (size) {
        x->gl->BufferSubData(target, (GLintptr)at, size, data->data);
    }
    stream->at = (uint32_t)((at + size + 15) / 16 * 16);
    *offset = (uint32_t)at;
    return true;
}

void
dc_stream_release(struct dc_exec *x, struct dc_exec_stream *stream)
{
    x->gl->DeleteBuffers((GLsizei)stream->retired_count, stream->retired);
    stream->retired_count = 0;
}
