#include "buffer.h"

#include <stdlib.h>
#include <string.h>

#include <gles_encode.h>
#include <gles_entry.h>

#include "error.h"
#include "shared.h"
#include "state.h"

#define PIECE_BYTES (DC_RING_BULK_BYTES / 4)

struct dc_buffer *
dc_buffer_find(struct dc_context *context, GLuint name)
{
    return dc_names_object(&context->shared->buffers, name);
}

bool
dc_buffer_bound(struct dc_context *context, GLenum target, GLuint *name)
{
    int index = dc_buffer_target_index(target);
    *name = 0;
    if (index < 0)
        return false;
    *name = index == DC_BUFFER_ELEMENT ? context->gles->vao->element_buffer : context->gles->buffer[index];
    return true;
}

struct dc_buffer *
dc_buffer_make(struct dc_context *context, GLuint name)
{
    struct dc_buffer *buffer = dc_buffer_find(context, name);
    if (buffer)
        return buffer;
    buffer = calloc(1, sizeof *buffer);
    if (!buffer)
        return 0;
    buffer->name = name;
    buffer->usage = GL_STATIC_DRAW;
    if (!dc_names_set(&context->shared->buffers, name, buffer)) {
        free(buffer);
        return 0;
    }
    return buffer;
}

void
dc_buffer_free(struct dc_buffer *buffer)
{
    free(buffer->shadow);
    free(buffer);
}

void
dc_buffer_mark_gpu_writable(struct dc_context *context, GLuint name)
{
    if (!name)
        return;
    dc_gles_lock(context->shared);
    struct dc_buffer *buffer = dc_buffer_find(context, name);
    if (buffer) {
        buffer->gpu_writable = true;
        buffer->undefined = false;
        buffer->shadow_valid = false;
    }
    dc_gles_unlock(context->shared);
}

bool
dc_buffer_refuse_mapped(struct dc_context *context, GLuint name)
{
    if (!name)
        return false;
    dc_gles_lock(context->shared);
    const struct dc_buffer *buffer = dc_buffer_find(context, name);
    bool mapped = buffer && buffer->mapped;
    dc_gles_unlock(context->shared);
    if (mapped)
        dc_gles_raise(context, GL_INVALID_OPERATION);
    return mapped;
}

void
dc_buffer_send(struct dc_context *context, GLenum target, int64_t offset, const void *data, size_t size_bytes)
{
    const uint8_t *bytes = data;
    while (size_bytes) {
        uint32_t piece = (uint32_t)(size_bytes < PIECE_BYTES ? size_bytes : PIECE_BYTES);
        dc_enc_BufferSubData(&context->encoder, target, offset, piece, bytes, piece);
        bytes += piece;
        offset += piece;
        size_bytes -= piece;
    }
}

/* New storage for the object: what we know of its contents from now on. Lock held. */
static void
reset_storage(struct dc_buffer *buffer, int64_t size, const void *data, GLenum usage, bool want_shadow)
{
    bool keep = buffer->shadow || want_shadow;
    if (buffer->size != size || !keep) {
        free(buffer->shadow);
        buffer->shadow = 0;
    }
    buffer->size = size;
    buffer->usage = usage;
    buffer->mapped = false;
    buffer->undefined = !data && !buffer->gpu_writable;
    buffer->shadow_valid = false;
    if (!keep || !size || buffer->gpu_writable)
        return;
    if (!buffer->shadow)
        buffer->shadow = calloc(1, (size_t)size);
    if (!buffer->shadow)
        return;
    if (data)
        memcpy(buffer->shadow, data, (size_t)size);
    buffer->shadow_valid = true;
}

static bool
is_usage(const struct dc_context *context, GLenum usage)
{
    if (usage == GL_STREAM_DRAW)
        return context->version_major >= 2;
    if (usage == GL_STATIC_DRAW || usage == GL_DYNAMIC_DRAW)
        return true;
    return context->version_major >= 3 && usage >= GL_STREAM_DRAW && usage <= GL_DYNAMIC_COPY && (usage & 3) != 3;
}

void GL_APIENTRY
dc_gl_BufferData(GLenum target, GLsizeiptr size, const void *data, GLenum usage)
{
    struct dc_context *context = dc_current;
    GLuint name;
    if (!context)
        return;
    bool good = dc_buffer_bound(context, target, &name) && name && size >= 0 && is_usage(context, usage);
    if (!good) {
        // The driver refuses it in its own words.
        dc_enc_BufferData(&context->encoder, target, size < 0 ? size : 0, 0, 0, usage);
        return;
    }
    dc_gles_lock(context->shared);
    struct dc_buffer *buffer = dc_buffer_find(context, name);
    if (buffer)
        reset_storage(buffer, size, data, usage, target == GL_ELEMENT_ARRAY_BUFFER || context->version_major == 1);
    dc_gles_unlock(context->shared);
    if (data && (uint64_t)size > PIECE_BYTES) {
        dc_enc_BufferData(&context->encoder, target, size, 0, 0, usage);
        dc_buffer_send(context, target, 0, data, (size_t)size);
    } else {
        dc_enc_BufferData(&context->encoder, target, size, data, data ? (uint32_t)size : 0, usage);
    }
}

void GL_APIENTRY
dc_gl_BufferSubData(GLenum target, GLintptr offset, GLsizeiptr size, const void *data)
{
    struct dc_context *context = dc_current;
    GLuint name;
    if (!context)
        return;
    GLenum error = dc_buffer_bound(context, target, &name) ? 0 : GL_INVALID_ENUM;
    dc_gles_lock(context->shared);
    struct dc_buffer *buffer = name ? dc_buffer_find(context, name) : 0;
    if (error || !buffer)
        error = error ? error : GL_INVALID_OPERATION;
    else if (offset < 0 || size < 0 || offset > buffer->size || size > buffer->size - offset)
        error = GL_INVALID_VALUE;
    else if (buffer->mapped)
        error = GL_INVALID_OPERATION;
    else if (data) {
        buffer->undefined = buffer->undefined && !size;
        if (buffer->shadow && buffer->shadow_valid)
            memcpy(buffer->shadow + offset, data, (size_t)size);
    }
    dc_gles_unlock(context->shared);
    if (error)
        dc_gles_raise(context, error);
    else if (data && size)
        dc_buffer_send(context, target, offset, data, (size_t)size);
}

bool
dc_hook_CopyBufferSubData(struct dc_context *context, GLenum read_target, GLenum write_target, GLintptr read_offset,
                          GLintptr write_offset, GLsizeiptr size)
{
    GLuint read_name, write_name;
    if (!dc_buffer_bound(context, read_target, &read_name) || !dc_buffer_bound(context, write_target, &write_name) ||
        read_offset < 0 || write_offset < 0 || size < 0)
        return true;
    bool mapped = false;
    dc_gles_lock(context->shared);
    struct dc_buffer *from = dc_buffer_find(context, read_name), *to = dc_buffer_find(context, write_name);
    if (from && to && read_offset <= from->size && size <= from->size - read_offset && write_offset <= to->size &&
        size <= to->size - write_offset) {
        mapped = from->mapped || to->mapped;
        if (!mapped && to->shadow && to->shadow_valid && from->shadow && from->shadow_valid) {
            memmove(to->shadow + write_offset, from->shadow + read_offset, (size_t)size);
        } else if (!mapped) {
            to->shadow_valid = false;
            to->undefined = false;
        }
    }
    dc_gles_unlock(context->shared);
    if (mapped)
        dc_gles_raise(context, GL_INVALID_OPERATION);
    return !mapped;
}

/* Makes the shadow hold the worker's bytes. Lock not held. */
static bool
fetch(struct dc_context *context, GLuint name, int64_t size, enum dc_wait_kind kind)
{
    uint8_t *bytes = malloc(size ? (size_t)size : 1);
    if (!bytes)
        return false;
    bool ok = true;
    for (int64_t at = 0; ok && at < size;) {
        int64_t piece = size - at < (int64_t)PIECE_BYTES ? size - at : (int64_t)PIECE_BYTES;
        struct dc_call call;
        dc_call_begin(context->process, &call, bytes + at, (size_t)piece);
        dc_enc_dcBufferRead(&context->encoder, call.serial, name, (uint64_t)at, (uint32_t)piece);
        ok = dc_context_call_wait(context, &call, kind) && call.got_bytes == (size_t)piece;
        at += piece;
    }
    dc_gles_lock(context->shared);
    struct dc_buffer *buffer = dc_buffer_find(context, name);
    ok = ok && buffer && buffer->size == size;
    if (ok) {
        if (!buffer->shadow) {
            buffer->shadow = bytes;
            bytes = 0;
        } else {
            memcpy(buffer->shadow, bytes, (size_t)size); // a map may point into it: keep the memory
        }
        buffer->shadow_valid = !buffer->gpu_writable;
    }
    dc_gles_unlock(context->shared);
    free(bytes);
    return ok;
}

bool
dc_buffer_fill_shadow(struct dc_context *context, GLuint name, enum dc_wait_kind kind)
{
    dc_gles_lock(context->shared);
    struct dc_buffer *buffer = dc_buffer_find(context, name);
    int64_t size = buffer ? buffer->size : 0;
    bool ready = !buffer || buffer->shadow_valid;
    if (buffer && !ready && buffer->undefined && !buffer->shadow)
        buffer->shadow = calloc(1, size ? (size_t)size : 1);
    if (buffer && buffer->undefined && buffer->shadow)
        ready = buffer->shadow_valid = true;
    dc_gles_unlock(context->shared);
    return ready ? buffer != 0 : fetch(context, name, size, kind);
}

bool
dc_buffer_read(struct dc_context *context, GLuint name, int64_t offset, size_t size_bytes, void *out)
{
    if (!dc_buffer_fill_shadow(context, name, DC_WAIT_STACK))
        return false;
    dc_gles_lock(context->shared);
    struct dc_buffer *buffer = dc_buffer_find(context, name);
    bool ok = buffer && buffer->shadow && offset >= 0 && offset <= buffer->size &&
              size_bytes <= (uint64_t)(buffer->size - offset);
    if (ok)
        memcpy(out, buffer->shadow + offset, size_bytes);
    dc_gles_unlock(context->shared);
    return ok;
}
