/*
 * Client arrays: what a draw reads that the application has in its own memory. The bytes come with the draw, through a
 * stream of buffers, or were kept under a slot number that the frontend chose (protocol/gles/client_range.h).
 */
#include "client_arrays.h"

#include <gles_decode.h>
#include <protocol/gles/client_range.h>
#include <protocol/gles/sizes.h>

#include "stream.h"

/* Bytes of the coming draw are in the stream already: they must stay there. */
static bool
stream_is_used(const struct dc_exec_context *context)
{
    return context->client_mask || context->next_draw_range.driver;
}

static void
bind_array_buffer_again(struct dc_exec *x)
{
    x->gl->BindBuffer(GL_ARRAY_BUFFER, dc_exec_name(x, DC_NAMES_BUFFER, x->context->array_buffer));
}

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
    if (!dc_stream_put(x, &context->stream_vertices, GL_ARRAY_BUFFER, &c->data, skipped, stream_is_used(context), &at)) {
        dc_exec_fail(x, 0, "client array is too large, or out of memory");
        return;
    }
    context->client[c->index] = (struct dc_exec_client){
        .size = c->size, .type = c->type, .normalized = c->normalized, .integer = c->integer, .divisor = c->divisor,
        .stride = vertex_bytes, .vertex_count = c->data.size_bytes / vertex_bytes,
        .first_vertex = c->first_vertex, .buffer = context->stream_vertices.driver, .offset = (uint32_t)(at - skipped),
    };
    context->client_mask |= 1u << c->index;
    bind_array_buffer_again(x);
}

static void
put_for_next_draw(struct dc_exec *x, const struct dc_cmd_dcClientRange *c)
{
    struct dc_exec_context *context = x->context;
    uint32_t at;
    if (!dc_stream_put(x, &context->stream_vertices, GL_ARRAY_BUFFER, &c->data, c->pad, stream_is_used(context), &at)) {
        dc_exec_fail(x, 0, "client array is too large, or out of memory");
        return;
    }
    context->next_draw_range = (struct dc_exec_range){ context->stream_vertices.driver, at, c->data.size_bytes };
}

/* A range changes between an attribute's reference to it and the draw: bounds that were checked would be wrong. */
static bool
is_referred_to(const struct dc_exec_context *context, const struct dc_exec_range *range)
{
    for (uint32_t mask = context->client_mask; mask; mask &= mask - 1)
        if (range->driver && context->client[__builtin_ctz(mask)].buffer == range->driver)
            return true;
    return false;
}

static void
drop_slot(struct dc_exec_context *context, struct dc_exec_range *range)
{
    context->kept_bytes -= range->at + range->size_bytes;
    range->at = range->size_bytes = 0;
}

static void
keep(struct dc_exec *x, const struct dc_cmd_dcClientRange *c)
{
    struct dc_exec_context *context = x->context;
    struct dc_exec_range *range = &context->kept[c->slot];
    uint64_t bytes = (uint64_t)c->pad + c->data.size_bytes;
    if (is_referred_to(context, range)) {
        dc_exec_fail(x, 0, "client range replaced before its draw");
        return;
    }
    drop_slot(context, range);
    if (!c->data.size_bytes || bytes > DC_CLIENT_RANGE_MAX_BYTES || context->kept_bytes + bytes > DC_CLIENT_SLOTS_BYTES) {
        dc_exec_fail(x, 0, "more client arrays than are kept");
        return;
    }
    dc_exec_collect_error(x); // what was before
    if (!range->driver)
        x->gl->GenBuffers(1, &range->driver);
    x->gl->BindBuffer(GL_ARRAY_BUFFER, range->driver);
    // Draws under way keep what the buffer had: new contents are new memory.
    x->gl->BufferData(GL_ARRAY_BUFFER, (GLsizeiptr)bytes, c->pad ? NULL : c->data.data, GL_STATIC_DRAW);
    if (c->pad)
        x->gl->BufferSubData(GL_ARRAY_BUFFER, (GLintptr)c->pad, (GLsizeiptr)c->data.size_bytes, c->data.data);
    if (dc_exec_collect_error(x) || !range->driver) { // another buffer is bound, or none
        dc_exec_fail(x, 0, "out of memory for a client array");
        return;
    }
    range->at = c->pad;
    range->size_bytes = c->data.size_bytes;
    context->kept_bytes += (uint32_t)bytes;
}

void
dc_exec_dcClientRange(struct dc_exec *x, const struct dc_cmd_dcClientRange *c)
{
    if (c->slot > DC_CLIENT_SLOTS || !c->data.data) {
        dc_exec_fail(x, 0, "malformed client range");
        return;
    }
    if (c->slot == DC_CLIENT_SLOT_NEXT_DRAW)
        put_for_next_draw(x, c);
    else
        keep(x, c);
    bind_array_buffer_again(x);
}

void
dc_exec_dcClientAttrib(struct dc_exec *x, const struct dc_cmd_dcClientAttrib *c)
{
    struct dc_exec_context *context = x->context;
    uint32_t vertex_bytes = dc_gles_vertex_bytes(c->size, c->type);
    if (c->index >= context->max_attribs || !vertex_bytes || c->first_vertex < 0 || c->slot > DC_CLIENT_SLOTS ||
        !c->stride || c->stride > DC_CLIENT_STRIDE_MAX) {
        dc_exec_fail(x, 0, "malformed client attribute");
        return;
    }
    const struct dc_exec_range *range = c->slot ? &context->kept[c->slot] : &context->next_draw_range;
    uint64_t skipped = (uint64_t)c->first_vertex * c->stride, at = (uint64_t)range->at + c->offset;
    if (!range->driver || (uint64_t)c->offset + vertex_bytes > range->size_bytes || skipped > at) {
        dc_exec_fail(x, 0, "client attribute outside its range");
        return;
    }
    context->client[c->index] = (struct dc_exec_client){
        .size = c->size, .type = c->type, .normalized = c->flags & DC_CLIENT_NORMALIZED,
        .integer = c->flags & DC_CLIENT_INTEGER, .divisor = c->divisor, .stride = c->stride,
        .vertex_count = (range->size_bytes - c->offset - vertex_bytes) / c->stride + 1,
        .first_vertex = c->first_vertex, .buffer = range->driver, .offset = (uint32_t)(at - skipped),
    };
    context->client_mask |= 1u << c->index;
}

void
dc_exec_dcClientEvict(struct dc_exec *x, const struct dc_cmd_dcClientEvict *c)
{
    struct dc_exec_context *context = x->context;
    if (!c->slot || c->slot > DC_CLIENT_SLOTS || !context->kept[c->slot].size_bytes ||
        is_referred_to(context, &context->kept[c->slot])) {
        dc_exec_fail(x, 0, "evicted client range does not exist, or is in use");
        return;
    }
    struct dc_exec_range *range = &context->kept[c->slot];
    drop_slot(context, range);
    x->gl->DeleteBuffers(1, &range->driver);
    range->driver = 0;
}

void
dc_client_arrays_release(struct dc_exec *x)
{
    struct dc_exec_context *context = x->context;
    for (uint32_t i = 1; i <= DC_CLIENT_SLOTS; i++)
        if (context->kept[i].driver)
            x->gl->DeleteBuffers(1, &context->kept[i].driver);
    const uint32_t streams[] = { context->stream_vertices.driver, context->stream_indices.driver };
    x->gl->DeleteBuffers(2, streams);
}
