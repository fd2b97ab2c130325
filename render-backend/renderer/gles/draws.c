/*
 * Draws. Client arrays arrive right before the draw that uses them (client_arrays.c), client indices with the draw.
 * Indices that select from client arrays are checked, so that nothing outside the data that was sent is fetched.
 */
#include "draws.h"
#include "stream.h"

#include <gles_decode.h>
#include <protocol/gles/sizes.h>

static bool
covers(const struct dc_exec_client *client, const struct dc_draw_range *range)
{
    int64_t first = range->first, last = range->last;
    if (client->divisor) {
        first = 0;
        last = (range->instances + client->divisor - 1) / client->divisor - 1;
        last += last < 0 ? 0 : range->base_instance;
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
        dc_array_switch(x, (GLuint)__builtin_ctz(bits), false);
    uint32_t bound = 0;
    for (uint32_t bits = fed; bits; bits &= bits - 1) {
        GLuint i = (GLuint)__builtin_ctz(bits);
        const struct dc_exec_client *client = &context->client[i];
        if (!covers(client, range)) {
            dc_exec_fail(x, 0, "vertex outside its client array");
            break;
        }
        if (bound != client->buffer)
            x->gl->BindBuffer(GL_ARRAY_BUFFER, bound = client->buffer);
        // The driver may refuse what nobody looked at yet, and would then read from no buffer.
        if (client->integer || client->type != GL_FLOAT)
            dc_exec_collect_error(x);
        dc_array_point(x, i, client);
        if ((client->integer || client->type != GL_FLOAT) && dc_exec_collect_error(x)) {
            dc_exec_fail(x, 0, "a client array that the driver refuses");
            break;
        }
    }
    if (fed)
        x->gl->BindBuffer(GL_ARRAY_BUFFER, dc_exec_name(x, DC_NAMES_BUFFER, context->array_buffer));
    return off;
}

void
dc_draw_end(struct dc_exec *x, uint32_t off)
{
    for (; off; off &= off - 1)
        dc_array_switch(x, (GLuint)__builtin_ctz(off), true);
    x->context->client_mask = 0;
    x->context->next_draw_range.driver = 0;
    if (__builtin_expect(x->context->stream_vertices.retired_count, 0))
        dc_stream_release(x, &x->context->stream_vertices);
}

static struct dc_draw_range
array_range(GLint first, GLsizei count, GLsizei instances)
{
    return (struct dc_draw_range){ true, first, (int64_t)first + count - 1, instances, 0 };
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
dc_exec_DrawArraysInstancedBaseInstanceEXT(struct dc_exec *x, const struct dc_cmd_DrawArraysInstancedBaseInstanceEXT *c)
{
    struct dc_draw_range range = array_range(c->first, c->count, c->instancecount);
    uint32_t off;
    range.base_instance = c->baseinstance;
    if (dc_draw_begin(x, &range, &off))
        x->gl->DrawArraysInstancedBaseInstanceEXT(c->mode, c->first, c->count, c->instancecount, c->baseinstance);
    dc_draw_end(x, off);
}

void
dc_exec_DrawArraysIndirect(struct dc_exec *x, const struct dc_cmd_DrawArraysIndirect *c)
{
    struct dc_draw_range range = { .known = false };
    uint32_t off;
    if (!dc_buffer_holds(x, x->context->draw_indirect_buffer, c->indirect_offset, 16))
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
    if (!dc_buffer_holds(x, x->context->draw_indirect_buffer, c->indirect_offset, 20) ||
        !dc_vertices_current(x->context)->element_buffer)
        dc_exec_raise(x, GL_INVALID_OPERATION);
    else if (dc_draw_begin(x, &range, &off)) {
        x->gl->DrawElementsIndirect(c->mode, c->type, (const void *)(uintptr_t)c->indirect_offset);
        dc_draw_end(x, off);
    }
}

void
dc_exec_DispatchComputeIndirect(struct dc_exec *x, const struct dc_cmd_DispatchComputeIndirect *c)
{
    // Those that the driver refuses by their offset reach it: that error comes first.
    bool is_refused = c->indirect < 0 || c->indirect % 4;
    if (!is_refused && !dc_buffer_holds(x, x->context->dispatch_indirect_buffer, (uint64_t)c->indirect, 12))
        dc_exec_raise(x, GL_INVALID_OPERATION);
    else
        x->gl->DispatchComputeIndirect(c->indirect);
}
