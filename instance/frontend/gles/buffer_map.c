/*
 * Mapped buffers: the application gets our shadow's memory, and what it wrote goes to the worker at the unmap or at
 * each flush. Only a map that needs bytes which we do not have waits.
 */
#include <gles_entry.h>

#include <stdlib.h>

#include <gles_encode.h>

#include "buffer.h"
#include "error.h"
#include "shared.h"
#include "state.h"

#define ALL_ACCESS                                                                                                     \
    (GL_MAP_READ_BIT | GL_MAP_WRITE_BIT | GL_MAP_INVALIDATE_RANGE_BIT | GL_MAP_INVALIDATE_BUFFER_BIT |                 \
     GL_MAP_FLUSH_EXPLICIT_BIT | GL_MAP_UNSYNCHRONIZED_BIT)

/* Errors in the order in which Mesa looks for them; 0 for none. */
static GLenum
check_map(const struct dc_buffer *buffer, GLintptr offset, GLsizeiptr length, GLbitfield access)
{
    if (offset < 0 || length < 0)
        return GL_INVALID_VALUE;
    if (length == 0)
        return GL_INVALID_OPERATION;
    if (access & ~(GLbitfield)ALL_ACCESS)
        return GL_INVALID_VALUE;
    if (!(access & (GL_MAP_READ_BIT | GL_MAP_WRITE_BIT)))
        return GL_INVALID_OPERATION;
    if ((access & GL_MAP_READ_BIT) &&
        (access & (GL_MAP_INVALIDATE_RANGE_BIT | GL_MAP_INVALIDATE_BUFFER_BIT | GL_MAP_UNSYNCHRONIZED_BIT)))
        return GL_INVALID_OPERATION;
    if ((access & GL_MAP_FLUSH_EXPLICIT_BIT) && !(access & GL_MAP_WRITE_BIT))
        return GL_INVALID_OPERATION;
    if (offset > buffer->size || length > buffer->size - offset)
        return GL_INVALID_VALUE;
    return buffer->mapped ? GL_INVALID_OPERATION : 0;
}

/* Whether the map shows bytes that only the worker may have. Lock held. */
static bool
needs_bytes(const struct dc_buffer *buffer, GLintptr offset, GLsizeiptr length, GLbitfield access)
{
    if (buffer->shadow_valid || buffer->undefined)
        return false;
    if (access & GL_MAP_READ_BIT)
        return true;
    // With explicit flushes only what the application names goes back.
    return !(access & (GL_MAP_INVALIDATE_RANGE_BIT | GL_MAP_INVALIDATE_BUFFER_BIT | GL_MAP_FLUSH_EXPLICIT_BIT));
}

static void *
map_buffer(struct dc_context *context, GLenum target, GLintptr offset, GLsizeiptr length, GLbitfield access,
           bool whole)
{
    GLuint name;
    if (!dc_buffer_bound(context, target, &name)) {
        dc_gles_raise(context, GL_INVALID_ENUM);
        return 0;
    }
    void *pointer = 0;
    dc_gles_lock(context->shared);
    struct dc_buffer *buffer = name ? dc_buffer_find(context, name) : 0;
    if (buffer && whole)
        length = buffer->size;
    GLenum error = buffer ? check_map(buffer, offset, length, access) : GL_INVALID_OPERATION;
    bool fetch = !error && needs_bytes(buffer, offset, length, access);
    if (fetch) {
        // Reading what the GPU wrote is a wait of the application's own.
        enum dc_wait_kind kind = access & GL_MAP_READ_BIT ? DC_WAIT_APP : DC_WAIT_STACK;
        dc_gles_unlock(context->shared);
        bool fetched = dc_buffer_fill_shadow(context, name, kind);
        dc_gles_lock(context->shared);
        buffer = dc_buffer_find(context, name);
        if (!fetched || !buffer)
            error = GL_OUT_OF_MEMORY;
    }
    if (!error && !buffer->shadow) {
        buffer->shadow = calloc(1, (size_t)buffer->size);
        if (!buffer->shadow)
            error = GL_OUT_OF_MEMORY;
        else if (buffer->undefined && !buffer->gpu_writable)
            buffer->shadow_valid = true;
    }
    if (!error) {
        bool all = (access & GL_MAP_INVALIDATE_BUFFER_BIT) ||
                   ((access & GL_MAP_INVALIDATE_RANGE_BIT) && length == buffer->size);
        if (all && !buffer->gpu_writable)
            buffer->shadow_valid = true;
        buffer->mapped = true;
        buffer->map_offset = offset;
        buffer->map_length = length;
        buffer->map_access = access;
        pointer = buffer->shadow + offset;
    }
    dc_gles_unlock(context->shared);
    if (error)
        dc_gles_raise(context, error);
    return pointer;
}

void *GL_APIENTRY
dc_gl_MapBufferRange(GLenum target, GLintptr offset, GLsizeiptr length, GLbitfield access)
{
    return dc_current ? map_buffer(dc_current, target, offset, length, access, false) : 0;
}

void *GL_APIENTRY
dc_gl_MapBufferOES(GLenum target, GLenum access)
{
    if (!dc_current)
        return 0;
    if (access != GL_WRITE_ONLY_OES) {
        dc_gles_raise(dc_current, GL_INVALID_ENUM);
        return 0;
    }
    return map_buffer(dc_current, target, 0, 0, GL_MAP_WRITE_BIT, true);
}

void GL_APIENTRY
dc_gl_FlushMappedBufferRange(GLenum target, GLintptr offset, GLsizeiptr length)
{
    struct dc_context *context = dc_current;
    GLuint name;
    if (!context)
        return;
    if (!dc_buffer_bound(context, target, &name)) {
        dc_gles_raise(context, GL_INVALID_ENUM);
        return;
    }
    GLenum error = 0;
    const uint8_t *data = 0;
    int64_t start = 0;
    dc_gles_lock(context->shared);
    struct dc_buffer *buffer = name ? dc_buffer_find(context, name) : 0;
    if (offset < 0 || length < 0)
        error = GL_INVALID_VALUE;
    else if (!buffer || !buffer->mapped || !(buffer->map_access & GL_MAP_FLUSH_EXPLICIT_BIT))
        error = GL_INVALID_OPERATION;
    else if (offset > buffer->map_length || length > buffer->map_length - offset)
        error = GL_INVALID_VALUE;
    if (!error) {
        start = buffer->map_offset + offset;
        data = buffer->shadow + start;
        buffer->undefined = false;
    }
    dc_gles_unlock(context->shared);
    if (error)
        dc_gles_raise(context, error);
    else
        dc_buffer_send(context, target, start, data, (size_t)length);
}

GLboolean GL_APIENTRY
dc_gl_UnmapBuffer(GLenum target)
{
    struct dc_context *context = dc_current;
    GLuint name;
    if (!context)
        return GL_FALSE;
    if (!dc_buffer_bound(context, target, &name)) {
        dc_gles_raise(context, GL_INVALID_ENUM);
        return GL_FALSE;
    }
    bool mapped = false, send = false, orphan = false;
    const uint8_t *data = 0;
    int64_t offset = 0, length = 0;
    GLenum usage = 0;
    dc_gles_lock(context->shared);
    struct dc_buffer *buffer = name ? dc_buffer_find(context, name) : 0;
    if (buffer && buffer->mapped) {
        mapped = true;
        send = (buffer->map_access & GL_MAP_WRITE_BIT) && !(buffer->map_access & GL_MAP_FLUSH_EXPLICIT_BIT);
        offset = buffer->map_offset;
        length = buffer->map_length;
        usage = buffer->usage;
        data = buffer->shadow + offset;
        // The whole store is new: the worker need not wait for whatever still uses the old one.
        orphan = send && (buffer->map_access & GL_MAP_INVALIDATE_BUFFER_BIT) && length == buffer->size;
        buffer->mapped = false;
        if (send)
            buffer->undefined = false;
    }
    dc_gles_unlock(context->shared);
    if (!mapped) {
        dc_gles_raise(context, GL_INVALID_OPERATION);
        return GL_FALSE;
    }
    if (orphan && (uint64_t)length <= DC_RING_BULK_BYTES / 4)
        dc_enc_BufferData(&context->encoder, target, length, data, (uint32_t)length, usage);
    else if (send)
        dc_buffer_send(context, target, offset, data, (size_t)length);
    return GL_TRUE;
}

void GL_APIENTRY
dc_gl_GetBufferPointerv(GLenum target, GLenum pname, void **params)
{
    struct dc_context *context = dc_current;
    GLuint name;
    if (!context)
        return;
    if (!dc_buffer_bound(context, target, &name) || pname != GL_BUFFER_MAP_POINTER) {
        dc_gles_raise(context, GL_INVALID_ENUM);
        return;
    }
    dc_gles_lock(context->shared);
    struct dc_buffer *buffer = name ? dc_buffer_find(context, name) : 0;
    if (buffer)
        *params = buffer->mapped ? buffer->shadow + buffer->map_offset : 0;
    dc_gles_unlock(context->shared);
    if (!buffer)
        dc_gles_raise(context, GL_INVALID_OPERATION);
}

static bool
get_parameter(struct dc_context *context, GLenum target, GLenum pname, int64_t *value)
{
    GLuint name;
    GLenum error = 0;
    if (!dc_buffer_bound(context, target, &name)) {
        dc_gles_raise(context, GL_INVALID_ENUM);
        return false;
    }
    dc_gles_lock(context->shared);
    struct dc_buffer *buffer = name ? dc_buffer_find(context, name) : 0;
    if (!buffer)
        error = GL_INVALID_OPERATION;
    else if (pname == GL_BUFFER_SIZE)
        *value = buffer->size;
    else if (pname == GL_BUFFER_USAGE)
        *value = buffer->usage;
    else if (pname == GL_BUFFER_MAPPED)
        *value = buffer->mapped;
    else if (pname == GL_BUFFER_ACCESS_FLAGS)
        *value = buffer->mapped ? buffer->map_access : 0;
    else if (pname == GL_BUFFER_ACCESS_OES)
        *value = GL_WRITE_ONLY_OES;
    else if (pname == GL_BUFFER_MAP_OFFSET)
        *value = buffer->mapped ? buffer->map_offset : 0;
    else if (pname == GL_BUFFER_MAP_LENGTH)
        *value = buffer->mapped ? buffer->map_length : 0;
    else
        error = GL_INVALID_ENUM;
    dc_gles_unlock(context->shared);
    if (error)
        dc_gles_raise(context, error);
    return !error;
}

void GL_APIENTRY
dc_gl_GetBufferParameteriv(GLenum target, GLenum pname, GLint *params)
{
    int64_t value;
    if (dc_current && get_parameter(dc_current, target, pname, &value))
        *params = value > INT32_MAX ? INT32_MAX : (GLint)value;
}

void GL_APIENTRY
dc_gl_GetBufferParameteri64v(GLenum target, GLenum pname, GLint64 *params)
{
    int64_t value;
    if (dc_current && get_parameter(dc_current, target, pname, &value))
        *params = value;
}
