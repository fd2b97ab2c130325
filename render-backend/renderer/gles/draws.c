/*
 * Draws. Client arrays arrive as dcClientArray right before the draw that uses them, client indices with the draw. Indices
 * that select from client arrays are checked, so that nothing outside the data that was sent is fetched.
 */
#include "objects.h"
#include "stream.h"

#include <stdlib.h>
#include <string.h>

#include <gles_decode.h>
#include <protocol/gles/sizes.h>

void
dc_exec_dcClientArray(struct dc_exec *x, const struct dc_cmd_dcClientArray *c)
{
    struct dc_exec_context *context = x->context;
    uint32_t vertex_bytes = dc_gles_vertex_bytes(c->size, c->type);
    if (c->index >= context->max_attribs || !vertex_bytes || c->first_vertex < 0 || !c->data.data) {
        dc_exec_fail(x, 0, "malformed client array");
        return;
    }
    uint64_t skipped = (uint64_t)c->first_vertex * vertex_bytes;
    uint32_t at;
    if (!dc_stream_put(x, &context->stream_vertices, GL_ARRAY_BUFFER, &c->data, skipped, context->client_mask != 0, &at)) {
        dc_exec_fail(x, 0, "client array is too large");
        return;
    }
    context->client[c->index] = (struct dc_exec_client){
        .size = c->size, .type = c->type, .normalized = c->normalized, .integer = c->integer, .divisor = c->divisor,
        .vertex_bytes = vertex_bytes, .vertex_count = c->data.size_bytes / vertex_bytes,
        .first_vertex = c->first_vertex, .buffer = context->stream_vertices.driver, .offset = (uint32_t)(at - skipped),
    };
    context->client_mask |= 1u << c->index;
    x->gl->BindBuffer(GL_ARRAY_BUFFER, dc_exec_name(x, DC_NAMES_BUFFER, context->array_buffer));
}

/* What a draw reads, as far as the application said. */
struct range {
    bool known;          // false: indices are in a buffer
    int64_t first, last; // vertices, inclusive; last < first: none
    int64_t instances;
};

static bool
covers(const struct dc_exec_client *client, const struct range *range)
{
    int64_t first = range->first, last = range->last;
    if (client->divisor) {
        first = 0;
        last = (range->instances + client->divisor - 1) / client->divisor - 1;
    } else if (!range->known) {
        return true; // the application's buffer holds the indices; the driver bounds them by the stream's size
    }
    return last < first || (first >= client->first_vertex && last < (int64_t)client->first_vertex + client->vertex_count);
}

/* Points attributes without a buffer at their client array, and switches the others off. Returns those switched off, or
 * sets x->failed. */
static uint32_t
feed(struct dc_exec *x, uint32_t missing, const struct range *range)
{
    struct dc_exec_context *context = x->context;
    uint32_t off = missing & ~context->client_mask, fed = missing & context->client_mask;
    for (uint32_t bits = off; bits; bits &= bits - 1)
        x->gl->DisableVertexAttribArray((GLuint)__builtin_ctz(bits));
    uint32_t bound = 0;
    for (uint32_t bits = fed; bits; bits &= bits - 1) {
        GLuint i = (GLuint)__builtin_ctz(bits);
        const struct dc_exec_client *client = &context->client[i];
        const void *at = (const void *)(uintptr_t)client->offset;
        if (!covers(client, range)) {
            dc_exec_fail(x, 0, "vertex outside its client array");
            break;
        }
        if (bound != client->buffer)
            x->gl->BindBuffer(GL_ARRAY_BUFFER, bound = client->buffer);
        if (client->integer)
            x->gl->VertexAttribIPointer(i, client->size, client->type, (GLsizei)client->vertex_bytes, at);
        else
            x->gl->VertexAttribPointer(i, client->size, client->type, client->normalized,
                                       (GLsizei)client->vertex_bytes, at);
    }
    if (fed)
        x->gl->BindBuffer(GL_ARRAY_BUFFER, dc_exec_name(x, DC_NAMES_BUFFER, context->array_buffer));
    return off;
}

static inline uint32_t
missing_arrays(struct dc_exec_context *context)
{
    struct dc_exec_vao *vao = dc_vertices_current(context);
    return vao->enabled & ~vao->sourced;
}

/* Around every draw. false: do not draw. */
static inline bool
begin(struct dc_exec *x, const struct range *range, uint32_t *off)
{
    uint32_t missing = missing_arrays(x->context);
    *off = 0;
    if (__builtin_expect(missing, 0))
        *off = feed(x, missing, range);
    return !x->failed;
}

static inline void
end(struct dc_exec *x, uint32_t off)
{
    for (; off; off &= off - 1)
        x->gl->EnableVertexAttribArray((GLuint)__builtin_ctz(off));
    x->context->client_mask = 0;
    if (__builtin_expect(x->context->stream_vertices.retired_count, 0))
        dc_stream_release(x, &x->context->stream_vertices);
}

static struct range
array_range(GLint first, GLsizei count, GLsizei instances)
{
    return (struct range){ true, first, (int64_t)first + count - 1, instances };
}

void
dc_exec_DrawArrays(struct dc_exec *x, const struct dc_cmd_DrawArrays *c)
{
    struct range range = array_range(c->first, c->count, 1);
    uint32_t off;
    if (begin(x, &range, &off))
        x->gl->DrawArrays(c->mode, c->first, c->count);
    end(x, off);
}

void
dc_exec_DrawArraysInstanced(struct dc_exec *x, const struct dc_cmd_DrawArraysInstanced *c)
{
    struct range range = array_range(c->first, c->count, c->instancecount);
    uint32_t off;
    if (begin(x, &range, &off))
        x->gl->DrawArraysInstanced(c->mode, c->first, c->count, c->instancecount);
    end(x, off);
}

/* What the six glDraw*Elements* have in common. */
struct elements {
    GLenum mode, type;
    GLsizei count, instances;
    GLint base;
    bool is_offset, has_instances, has_base;
    uint64_t offset;
    const struct dc_blob *indices;
};

static uint32_t
index_at(const uint8_t *p, uint32_t bytes, size_t i)
{
    uint16_t v16;
    uint32_t v32;
    if (bytes == 1)
        return p[i];
    if (bytes == 2) {
        memcpy(&v16, p + i * 2, 2);
        return v16;
    }
    memcpy(&v32, p + i * 4, 4);
    return v32;
}

static struct range
scan(const struct dc_exec_context *context, const struct elements *e, const void *indices)
{
    uint32_t bytes = dc_gles_index_bytes(e->type);
    uint32_t restart = bytes == 4 ? UINT32_MAX : (1u << 8 * bytes) - 1;
    uint32_t low = UINT32_MAX, high = 0;
    bool any = false;
    for (GLsizei i = 0; i < e->count; i++) {
        uint32_t v = index_at(indices, bytes, (size_t)i);
        if (v == restart && context->primitive_restart)
            continue;
        low = v < low ? v : low;
        high = v > high ? v : high;
        any = true;
    }
    return any ? (struct range){ true, (int64_t)low + e->base, (int64_t)high + e->base, e->instances }
               : (struct range){ true, 0, -1, e->instances };
}

static void
call(struct dc_exec *x, const struct elements *e, GLsizei count, uint64_t offset)
{
    const struct dc_gl *gl = x->gl;
    const void *at = (const void *)(uintptr_t)offset;
    if (e->has_base && e->has_instances)
        gl->DrawElementsInstancedBaseVertex(e->mode, count, e->type, at, e->instances, e->base);
    else if (e->has_base)
        gl->DrawElementsBaseVertex(e->mode, count, e->type, at, e->base);
    else if (e->has_instances)
        gl->DrawElementsInstanced(e->mode, count, e->type, at, e->instances);
    else
        gl->DrawElements(e->mode, count, e->type, at);
}

/* Indices that came with the command. */
static void
draw_client_indices(struct dc_exec *x, const struct elements *e)
{
    struct dc_exec_context *context = x->context;
    uint32_t bytes = dc_gles_index_bytes(e->type), off, at = 0;
    struct dc_blob used = *e->indices;
    GLsizei count = e->count;
    struct range range = { true, 0, -1, e->instances };
    if (count > 0 && (!used.data || !bytes))
        count = 0; // nothing to draw from; the driver still says what is wrong with the other arguments
    if (count > 0) {
        if (!dc_exec_check_blob(x, &used, count, bytes))
            return;
        used.size_bytes = (uint32_t)count * bytes;
        if (missing_arrays(context)) {
            used = (struct dc_blob){ dc_exec_private(x, used), used.size_bytes, false };
            if (!used.data)
                return;
            range = scan(context, e, used.data);
        }
    }
    if (!begin(x, &range, &off))
        return;
    if (count <= 0)
        used.size_bytes = 0;
    if (dc_stream_put(x, &context->stream_indices, GL_ELEMENT_ARRAY_BUFFER, &used, 0, false, &at))
        call(x, e, count, at);
    else
        dc_exec_raise(x, GL_OUT_OF_MEMORY);
    x->gl->BindBuffer(GL_ELEMENT_ARRAY_BUFFER,
                      dc_exec_name(x, DC_NAMES_BUFFER, dc_vertices_current(context)->element_buffer));
    end(x, off);
}

static void
draw_elements(struct dc_exec *x, const struct elements *e)
{
    if (!e->is_offset) {
        draw_client_indices(x, e);
        return;
    }
    if (!dc_vertices_current(x->context)->element_buffer) {
        dc_exec_raise(x, GL_INVALID_OPERATION); // an offset into nothing
        end(x, 0);
        return;
    }
    struct range range = { false, 0, -1, e->instances };
    uint32_t off;
    if (begin(x, &range, &off))
        call(x, e, e->count, e->offset);
    end(x, off);
}

void
dc_exec_DrawElements(struct dc_exec *x, const struct dc_cmd_DrawElements *c)
{
    draw_elements(x, &(struct elements){ .mode = c->mode, .type = c->type, .count = c->count, .instances = 1,
                                         .is_offset = c->indices_is_offset, .offset = c->indices_offset,
                                         .indices = &c->indices });
}

/* start and end are a promise that nobody checked: drawn without it. */
void
dc_exec_DrawRangeElements(struct dc_exec *x, const struct dc_cmd_DrawRangeElements *c)
{
    if (c->end < c->start) {
        dc_exec_raise(x, GL_INVALID_VALUE);
        end(x, 0);
        return;
    }
    draw_elements(x, &(struct elements){ .mode = c->mode, .type = c->type, .count = c->count, .instances = 1,
                                         .is_offset = c->indices_is_offset, .offset = c->indices_offset,
                                         .indices = &c->indices });
}

void
dc_exec_DrawElementsInstanced(struct dc_exec *x, const struct dc_cmd_DrawElementsInstanced *c)
{
    draw_elements(x, &(struct elements){ .mode = c->mode, .type = c->type, .count = c->count,
                                         .instances = c->instancecount, .has_instances = true,
                                         .is_offset = c->indices_is_offset, .offset = c->indices_offset,
                                         .indices = &c->indices });
}

void
dc_exec_DrawElementsBaseVertex(struct dc_exec *x, const struct dc_cmd_DrawElementsBaseVertex *c)
{
    draw_elements(x, &(struct elements){ .mode = c->mode, .type = c->type, .count = c->count, .instances = 1,
                                         .base = c->basevertex, .has_base = true, .is_offset = c->indices_is_offset,
                                         .offset = c->indices_offset, .indices = &c->indices });
}

void
dc_exec_DrawRangeElementsBaseVertex(struct dc_exec *x, const struct dc_cmd_DrawRangeElementsBaseVertex *c)
{
    if (c->end < c->start) {
        dc_exec_raise(x, GL_INVALID_VALUE);
        end(x, 0);
        return;
    }
    draw_elements(x, &(struct elements){ .mode = c->mode, .type = c->type, .count = c->count, .instances = 1,
                                         .base = c->basevertex, .has_base = true, .is_offset = c->indices_is_offset,
                                         .offset = c->indices_offset, .indices = &c->indices });
}

void
dc_exec_DrawElementsInstancedBaseVertex(struct dc_exec *x, const struct dc_cmd_DrawElementsInstancedBaseVertex *c)
{
    draw_elements(x, &(struct elements){ .mode = c->mode, .type = c->type, .count = c->count,
                                         .instances = c->instancecount, .has_instances = true, .base = c->basevertex,
                                         .has_base = true, .is_offset = c->indices_is_offset,
                                         .offset = c->indices_offset, .indices = &c->indices });
}

void
dc_exec_DrawArraysIndirect(struct dc_exec *x, const struct dc_cmd_DrawArraysIndirect *c)
{
    struct range range = { .known = false };
    uint32_t off;
    if (!x->context->draw_indirect_buffer)
        dc_exec_raise(x, GL_INVALID_OPERATION);
    else if (begin(x, &range, &off)) {
        x->gl->DrawArraysIndirect(c->mode, (const void *)(uintptr_t)c->indirect_offset);
        end(x, off);
    }
}

void
dc_exec_DrawElementsIndirect(struct dc_exec *x, const struct dc_cmd_DrawElementsIndirect *c)
{
    struct range range = { .known = false };
    uint32_t off;
    if (!x->context->draw_indirect_buffer || !dc_vertices_current(x->context)->element_buffer)
        dc_exec_raise(x, GL_INVALID_OPERATION);
    else if (begin(x, &range, &off)) {
        x->gl->DrawElementsIndirect(c->mode, c->type, (const void *)(uintptr_t)c->indirect_offset);
        end(x, off);
    }
}

void
dc_exec_DispatchComputeIndirect(struct dc_exec *x, const struct dc_cmd_DispatchComputeIndirect *c)
{
    if (!x->context->dispatch_indirect_buffer)
        dc_exec_raise(x, GL_INVALID_OPERATION);
    else
        x->gl->DispatchComputeIndirect(c->indirect);
}
