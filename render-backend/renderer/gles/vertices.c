/*
 * Vertex arrays, as far as safety needs them: an attribute without a buffer would make the driver read client memory at
 * an address that the application's process chose. So the driver never gets a client pointer: attributes without a
 * buffer are fed through dcClientArray or switched off for the draw (draws.c).
 */
#include "objects.h"

#include <stdlib.h>

#include <gles_decode.h>
#include <protocol/gles/sizes.h>

void
dc_exec_vao_init(struct dc_exec_vao *vao)
{
    *vao = (struct dc_exec_vao){ 0 };
    for (uint8_t i = 0; i < DC_EXEC_ATTRIBS; i++)
        vao->binding[i] = i;
}

struct dc_exec_vao *
dc_vertices_current(struct dc_exec_context *context)
{
    return &context->vaos[context->vao_current];
}

bool
dc_vertices_add_array(struct dc_exec *x, uint32_t name)
{
    struct dc_exec_context *context = x->context;
    uint32_t index = context->vao_free;
    if (index) {
        context->vao_free = context->vaos[index].next_free;
    } else {
        struct dc_exec_vao *vaos = context->vaos;
        if (!(context->vao_count & (context->vao_count - 1))) // full at each power of two
            vaos = realloc(vaos, 2 * (size_t)context->vao_count * sizeof(*vaos));
        if (!vaos) {
            dc_exec_fail(x, 0, "out of memory");
            return false;
        }
        context->vaos = vaos;
        index = context->vao_count++;
    }
    dc_exec_vao_init(&context->vaos[index]);
    if (!dc_names_set(&context->vao_index, name, index)) {
        dc_exec_fail(x, 0, "out of memory");
        return false;
    }
    return true;
}

void
dc_vertices_remove_array(struct dc_exec_context *context, uint32_t name)
{
    uint32_t index = dc_names_find(&context->vao_index, name);
    if (!index)
        return;
    if (context->vao_current == index)
        context->vao_current = 0;
    dc_names_set(&context->vao_index, name, 0);
    context->vaos[index].next_free = context->vao_free;
    context->vao_free = index;
}

static void
update_sourced(struct dc_exec_vao *vao)
{
    vao->sourced = 0;
    for (uint32_t i = 0; i < DC_EXEC_ATTRIBS; i++)
        if (vao->buffer[vao->binding[i]])
            vao->sourced |= 1u << i;
}

void
dc_vertices_forget_buffer(struct dc_exec_context *context, uint32_t name)
{
    struct dc_exec_vao *vao = dc_vertices_current(context);
    uint32_t *bindings[] = { &context->array_buffer, &context->pixel_pack_buffer, &context->pixel_unpack_buffer,
                             &context->draw_indirect_buffer, &context->dispatch_indirect_buffer,
                             &vao->element_buffer };
    for (size_t i = 0; i < sizeof(bindings) / sizeof(bindings[0]); i++)
        if (*bindings[i] == name)
            *bindings[i] = 0;
    for (uint32_t i = 0; i < DC_EXEC_ATTRIBS; i++)
        if (vao->buffer[i] == name)
            vao->buffer[i] = 0;
    update_sourced(vao);
}

void
dc_exec_BindVertexArray(struct dc_exec *x, const struct dc_cmd_BindVertexArray *c)
{
    struct dc_exec_context *context = x->context;
    x->gl->BindVertexArray(dc_exec_name(x, DC_NAMES_VERTEX_ARRAY, c->array));
    uint32_t index = dc_names_find(&context->vao_index, c->array);
    if (index || !c->array)
        context->vao_current = index;
}

/* An attribute that we keep no record of is none for the driver either: it gets a number that none has, and says so. */
static GLuint
attribute(const struct dc_exec *x, GLuint index)
{
    return index < x->context->max_attribs ? index : UINT32_MAX;
}

void
dc_exec_EnableVertexAttribArray(struct dc_exec *x, const struct dc_cmd_EnableVertexAttribArray *c)
{
    x->gl->EnableVertexAttribArray(attribute(x, c->index));
    if (c->index < x->context->max_attribs)
        dc_vertices_current(x->context)->enabled |= 1u << c->index;
}

void
dc_exec_DisableVertexAttribArray(struct dc_exec *x, const struct dc_cmd_DisableVertexAttribArray *c)
{
    x->gl->DisableVertexAttribArray(attribute(x, c->index));
    if (c->index < x->context->max_attribs)
        dc_vertices_current(x->context)->enabled &= ~(1u << c->index);
}

/* Arguments that every driver takes: what we note is then what the driver has. */
static bool
plainly_valid(const struct dc_exec_context *context, GLuint index, GLint size, GLenum type, GLsizei stride,
              bool integer)
{
    bool known = type == GL_BYTE || type == GL_UNSIGNED_BYTE || type == GL_SHORT || type == GL_UNSIGNED_SHORT;
    if (integer || context->version >= 30)
        known |= type == GL_INT || type == GL_UNSIGNED_INT;
    if (!integer)
        known |= type == GL_FLOAT || type == GL_FIXED || (type == GL_HALF_FLOAT && context->version >= 30);
    return known && index < context->max_attribs && size >= 1 && size <= 4 && stride >= 0 && stride <= 2048;
}

/* After glVertexAttrib(I)Pointer with `buffer` bound (name, or 0: the attribute has none now). */
static void
note_pointer(struct dc_exec *x, GLuint index, uint32_t buffer, bool certain)
{
    struct dc_exec_vao *vao = dc_vertices_current(x->context);
    if (index >= x->context->max_attribs)
        return;
    if (!certain) {
        // The driver may have refused: ask it what the attribute has. 0 is safe in any case.
        GLint has = 0;
        x->gl->GetVertexAttribiv(index, GL_VERTEX_ATTRIB_ARRAY_BUFFER_BINDING, &has);
        if (!has)
            buffer = 0;
        else if (!buffer || vao->buffer[vao->binding[index]])
            return;
    }
    vao->binding[index] = (uint8_t)index;
    vao->buffer[index] = buffer;
    update_sourced(vao);
}

/* True if the driver may be called with the array buffer that is bound, or with none and offset 0. */
static bool
pointer_allowed(struct dc_exec *x, uint64_t offset)
{
    if (x->context->array_buffer || !offset)
        return true;
    if (x->context->vao_current)
        dc_exec_raise(x, GL_INVALID_OPERATION); // as the specification says for client memory in an array object
    return false;
}

void
dc_exec_VertexAttribPointer(struct dc_exec *x, const struct dc_cmd_VertexAttribPointer *c)
{
    uint32_t buffer = x->context->array_buffer;
    bool certain = plainly_valid(x->context, c->index, c->size, c->type, c->stride, false);
    bool allowed = pointer_allowed(x, c->pointer_offset);
    if (!allowed && x->context->vao_current)
        return;
    // A client pointer only takes its errors from the driver; NULL stands in for the address.
    x->gl->VertexAttribPointer(attribute(x, c->index), c->size, c->type, c->normalized, c->stride,
                               allowed ? (const void *)(uintptr_t)c->pointer_offset : NULL);
    note_pointer(x, c->index, buffer, certain);
}

void
dc_exec_VertexAttribIPointer(struct dc_exec *x, const struct dc_cmd_VertexAttribIPointer *c)
{
    uint32_t buffer = x->context->array_buffer;
    bool certain = plainly_valid(x->context, c->index, c->size, c->type, c->stride, true);
    bool allowed = pointer_allowed(x, c->pointer_offset);
    if (!allowed && x->context->vao_current)
        return;
    x->gl->VertexAttribIPointer(attribute(x, c->index), c->size, c->type, c->stride,
                                allowed ? (const void *)(uintptr_t)c->pointer_offset : NULL);
    note_pointer(x, c->index, buffer, certain);
}

void
dc_exec_BindVertexBuffer(struct dc_exec *x, const struct dc_cmd_BindVertexBuffer *c)
{
    struct dc_exec_context *context = x->context;
    // The driver may have to make the buffer now (as in buffers.c), and may have no memory for it.
    bool fresh = !dc_names_find(&context->share->bound_buffers, c->buffer);
    if (fresh)
        dc_exec_collect_error(x);
    x->gl->BindVertexBuffer(c->bindingindex, dc_exec_name(x, DC_NAMES_BUFFER, c->buffer), c->offset, c->stride);
    bool failed = fresh && dc_exec_collect_error(x);
    if (context->version < 31 || !context->vao_current || c->bindingindex >= DC_EXEC_ATTRIBS)
        return;
    struct dc_exec_vao *vao = dc_vertices_current(context);
    bool certain = c->offset >= 0 && c->stride >= 0 && c->stride <= 2048 && c->bindingindex < 16
                   && dc_names_find(dc_exec_names(x, DC_NAMES_BUFFER), c->buffer) && !failed;
    // What the driver refused leaves the old buffer there; counting the point as empty is the safe side.
    vao->buffer[c->bindingindex] = certain ? c->buffer : 0;
    update_sourced(vao);
}

void
dc_exec_VertexAttribBinding(struct dc_exec *x, const struct dc_cmd_VertexAttribBinding *c)
{
    struct dc_exec_context *context = x->context;
    x->gl->VertexAttribBinding(c->attribindex, c->bindingindex);
    if (context->version < 31 || !context->vao_current || c->attribindex >= context->max_attribs
        || c->bindingindex >= 16)
        return;
    struct dc_exec_vao *vao = dc_vertices_current(context);
    vao->binding[c->attribindex] = (uint8_t)c->bindingindex;
    update_sourced(vao);
}
