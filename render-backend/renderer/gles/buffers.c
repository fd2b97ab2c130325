/* Buffer objects: bindings that safety needs to know, contents, reading back. */
#include "objects.h"

#include <string.h>

#include <gles_decode.h>

/* Drivers make the object when it is first bound, and may have no memory for it: then the old one stays bound. false: so
 * it is. */
static bool
bind(struct dc_exec *x, GLenum target, uint32_t name)
{
    struct dc_names *bound = &x->context->share->bound_buffers;
    uint32_t driver = dc_objects_get(x, DC_NAMES_BUFFER, name);
    if (name && !driver)
        return false;
    bool known = !name || dc_names_find(bound, name);
    if (!known)
        dc_exec_collect_error(x);
    x->gl->BindBuffer(target, driver);
    return known || (!dc_exec_collect_error(x) && dc_names_set(bound, name, 1));
}

void
dc_exec_BindBuffer(struct dc_exec *x, const struct dc_cmd_BindBuffer *c)
{
    struct dc_exec_context *context = x->context;
    if (!bind(x, c->target, c->buffer))
        return;
    switch (c->target) {
    case GL_ARRAY_BUFFER:
        context->array_buffer = c->buffer;
        break;
    case GL_ELEMENT_ARRAY_BUFFER:
        dc_vertices_current(context)->element_buffer = c->buffer;
        break;
    // A driver that lacks these has no binding that we could trust either.
    case GL_PIXEL_PACK_BUFFER:
        context->pixel_pack_buffer = context->version >= 30 ? c->buffer : 0;
        break;
    case GL_PIXEL_UNPACK_BUFFER:
        context->pixel_unpack_buffer = context->version >= 30 ? c->buffer : 0;
        break;
    case GL_DRAW_INDIRECT_BUFFER:
        context->draw_indirect_buffer = context->version >= 31 ? c->buffer : 0;
        break;
    case GL_DISPATCH_INDIRECT_BUFFER:
        context->dispatch_indirect_buffer = context->version >= 31 ? c->buffer : 0;
        break;
    default:
        break;
    }
}

void
dc_exec_BindBufferBase(struct dc_exec *x, const struct dc_cmd_BindBufferBase *c)
{
    x->gl->BindBufferBase(c->target, c->index, dc_objects_get(x, DC_NAMES_BUFFER, c->buffer));
}

void
dc_exec_BindBufferRange(struct dc_exec *x, const struct dc_cmd_BindBufferRange *c)
{
    x->gl->BindBufferRange(c->target, c->index, dc_objects_get(x, DC_NAMES_BUFFER, c->buffer), c->offset, c->size);
}

void
dc_exec_BufferData(struct dc_exec *x, const struct dc_cmd_BufferData *c)
{
    if (c->size > 0 && (uint64_t)c->size > x->quota.buffer_bytes) {
        dc_exec_raise(x, GL_OUT_OF_MEMORY);
        return;
    }
    if (c->data.data && !dc_exec_check_blob(x, &c->data, c->size, 1))
        return;
    x->gl->BufferData(c->target, c->size, c->data.data, c->usage);
}

void
dc_exec_BufferSubData(struct dc_exec *x, const struct dc_cmd_BufferSubData *c)
{
    if (!dc_exec_check_blob(x, &c->data, c->size, 1))
        return;
    x->gl->BufferSubData(c->target, c->offset, c->size, c->data.data);
}

/* The buffer's bytes, mapped through COPY_READ_BUFFER, whose binding is put back. */
void
dc_exec_dcBufferRead(struct dc_exec *x, const struct dc_cmd_dcBufferRead *c)
{
    const struct dc_gl *gl = x->gl;
    GLint before = 0;
    GLint64 size = 0;
    uint32_t driver = dc_names_find(dc_exec_names(x, DC_NAMES_BUFFER), c->buffer);
    if (!driver) {
        dc_exec_reply(x, DC_REPLY_SYNC, c->serial, NULL, 0);
        return;
    }
    gl->GetIntegerv(GL_COPY_READ_BUFFER_BINDING, &before);
    gl->BindBuffer(GL_COPY_READ_BUFFER, driver);
    gl->GetBufferParameteri64v(GL_COPY_READ_BUFFER, GL_BUFFER_SIZE, &size);
    const void *p = NULL;
    if (c->size && size > 0 && c->offset <= (uint64_t)size && c->size <= (uint64_t)size - c->offset)
        p = gl->MapBufferRange(GL_COPY_READ_BUFFER, (GLintptr)c->offset, (GLsizeiptr)c->size, GL_MAP_READ_BIT);
    dc_exec_reply(x, DC_REPLY_SYNC, c->serial, p, p ? c->size : 0);
    if (p)
        gl->UnmapBuffer(GL_COPY_READ_BUFFER);
    gl->BindBuffer(GL_COPY_READ_BUFFER, (GLuint)before);
}
