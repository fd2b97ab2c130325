/*
 * Draws. Client arrays arrive as dcClientArray right before the draw that uses them, client indices with the draw. Indices
 * that select from client arrays are checked, so that nothing outside the data that was sent is fetched.
 */
#include "draws.h"
#include "stream.h"

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

static bool
covers(const struct dc_exec_client *client, const struct dc_draw_range *range)
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

uint32_t
dc_draw_feed(struct dc_exec *x, uint32_t missing, const struct dc_draw_range *range)
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

void
dc_draw_end(struct dc_exec *x, uint32_t off)
{
    for (; off; off &= off - 1)
        x->gl->EnableVertexAttribArray((GLuint)__builtin_ctz(off));
    x->context->client_mask = 0;
    if (__builtin_expect(x->context->stream_vertices.retired_count, 0))
        dc_stream_release(x, &x->context->stream_vertices);
}

static struct dc_draw_range
array_range(GLint first, GLsizei count, GLsizei instances)
{
    return (struct dc_draw_range){ true, first, (int64_t)first + count - 1, instances };
}

void
dc_exec_DrawArrays(struct dc_exec *x, const struct dc_cmd_DrawArrays *c)
{
    struct dc_draw_range range = array_range(c->first, c->count, 1);
    uint32_t off;
    if (dc_draw_begin(x, &range, &off))
        x->gl->DrawArrays(c->mode, c->first, c->count);
    dc_draw_end(x, off);
}

void
dc_exec_DrawArraysInstanced(struct dc_exec *x, const struct dc_cmd_DrawArraysInstanced *c)
{
    struct dc_draw_range range = array_range(c->first, c->count, c->instancecount);
    uint32_t off;
    if (dc_draw_begin(x, &range, &off))
        x->gl->DrawArraysInstanced(c->mode, c->first, c->count, c->instancecount);
    dc_draw_end(x, off);
}

void
dc_exec_DrawArraysIndirect(struct dc_exec *x, const struct dc_cmd_DrawArraysIndirect *c)
{
    struct dc_draw_range range = { .known = false };
    uint32_t off;
    if (!x->context->draw_indirect_buffer)
        dc_exec_raise(x, GL_INVALID_OPERATION);
    else if (dc_draw_begin(x, &range, &off)) {
        x->gl->DrawArraysIndirect(c->mode, (const void *)(uintptr_t)c->indirect_offset);
        dc_draw_end(x, off);
    }
}

void
dc_exec_DrawElementsIndirect(struct dc_exec *x, const struct dc_cmd_DrawElementsIndirect *c)
{
    struct dc_draw_range range = { .known = false };
    uint32_t off;
    if (!x->context->draw_indirect_buffer || !dc_vertices_current(x->context)->element_buffer)
        dc_exec_raise(x, GL_INVALID_OPERATION);
    else if (dc_draw_begin(x, &range, &off)) {
        x->gl->DrawElementsIndirect(c->mode, c->type, (const void *)(uintptr_t)c->indirect_offset);
        dc_draw_end(x, off);
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
