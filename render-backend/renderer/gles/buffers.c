/* Buffer objects: bindings that safety needs to know, contents, reading back. */
#include "objects.h"

#include <string.h>

#include <gles_decode.h>

bool
dc_buffer_holds(const struct dc_exec *x, uint32_t name, uint64_t offset, uint64_t bytes)
{
    uint32_t driver = name ? dc_names_find(&x->context->share->names[DC_NAMES_BUFFER], name) : 0;
    if (!driver)
        return false;
    uint64_t size = dc_ledger_get(&x->context->share->sizes, DC_LEDGER_BUFFER, driver, 0);
    return offset <= size && bytes <= size - offset;
}

void
dc_buffer_forget(struct dc_exec *x, uint32_t name, uint32_t driver)
{
    dc_names_set(&x->context->share->bound_buffers, name, 0);
    dc_ledger_forget(x, DC_LEDGER_BUFFER, driver);
    dc_vertices_forget_buffer(x->context, name);
}

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

/* The driver's name of the buffer that a target's calls go to; 0: none. */
static uint32_t
bound_to(struct dc_exec *x, GLenum target)
{
    static const struct { GLenum target, pname; } points[] = {
        { GL_COPY_READ_BUFFER, GL_COPY_READ_BUFFER_BINDING }, { GL_COPY_WRITE_BUFFER, GL_COPY_WRITE_BUFFER_BINDING },
        { GL_UNIFORM_BUFFER, GL_UNIFORM_BUFFER_BINDING }, { GL_PIXEL_PACK_BUFFER, GL_PIXEL_PACK_BUFFER_BINDING },
        { GL_PIXEL_UNPACK_BUFFER, GL_PIXEL_UNPACK_BUFFER_BINDING },
        { GL_TRANSFORM_FEEDBACK_BUFFER, GL_TRANSFORM_FEEDBACK_BUFFER_BINDING },
        { GL_DRAW_INDIRECT_BUFFER, GL_DRAW_INDIRECT_BUFFER_BINDING },
        { GL_DISPATCH_INDIRECT_BUFFER, GL_DISPATCH_INDIRECT_BUFFER_BINDING },
        { GL_SHADER_STORAGE_BUFFER, GL_SHADER_STORAGE_BUFFER_BINDING },
        { GL_ATOMIC_COUNTER_BUFFER, GL_ATOMIC_COUNTER_BUFFER_BINDING }, { GL_TEXTURE_BUFFER, GL_TEXTURE_BUFFER_BINDING },
    };
    struct dc_exec_context *context = x->context;
    uint32_t name = target == GL_ARRAY_BUFFER ? context->array_buffer
                    : target == GL_ELEMENT_ARRAY_BUFFER ? dc_vertices_current(context)->element_buffer : 0;
    GLint driver = 0;
    if (name)
        return dc_names_find(dc_exec_names(x, DC_NAMES_BUFFER), name);
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        if (points[i].target == target)
            x->gl->GetIntegerv(points[i].pname, &driver);
    }
    return (uint32_t)driver;
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
    struct dc_ledger_change change;
    if (!dc_ledger_begin(x, &change, DC_LEDGER_BUFFER, bound_to(x, c->target), 0, c->size > 0 ? (uint64_t)c->size : 0))
        return;
    x->gl->BufferData(c->target, c->size, c->data.data, c->usage);
    dc_ledger_end(x, &change);
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
    if (!driver || x->context->api == DC_API_GLES1) { // which can only write to maps
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
