/*
 * Indexed draws. Client indices arrive with the draw; those that select from client arrays are checked, so that nothing
 * outside the data that was sent is fetched.
 */
#include "draws.h"
#include "stream.h"

#include <string.h>

#include <gles_decode.h>
#include <protocol/gles/sizes.h>

/* What the six glDraw*Elements* have in common. */
struct elements {
    GLenum mode, type;
    GLsizei count, instances;
    GLint base;
    GLuint base_instance;
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

static struct dc_draw_range
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
    return any ? (struct dc_draw_range){ true, (int64_t)low + e->base, (int64_t)high + e->base, e->instances, e->base_instance }
               : (struct dc_draw_range){ true, 0, -1, e->instances, e->base_instance };
}

static void
call(struct dc_exec *x, const struct elements *e, GLsizei count, uint64_t offset)
{
    const struct dc_gl *gl = x->gl;
    const void *at = (const void *)(uintptr_t)offset;
    if (e->base_instance)
        gl->DrawElementsInstancedBaseVertexBaseInstanceEXT(e->mode, count, e->type, at, e->instances, e->base,
                                                           e->base_instance);
    else if (e->has_base && e->has_instances)
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
    struct dc_draw_range range = { true, 0, -1, e->instances, e->base_instance };
    if (count > 0 && (!used.data || !bytes))
        count = 0; // nothing to draw from; the driver still says what is wrong with the other arguments
    if (count > 0) {
        if (!dc_exec_check_blob(x, &used, count, bytes))
            return;
        used.size_bytes = (uint32_t)count * bytes;
        if (dc_draw_missing_arrays(context)) {
            used = (struct dc_blob){ dc_exec_private(x, used), used.size_bytes, false };
            if (!used.data)
                return;
            range = scan(context, e, used.data);
        }
    }
    if (!dc_draw_begin(x, &range, &off))
        return;
    if (count <= 0)
        used.size_bytes = 0;
    if (dc_stream_put(x, &context->stream_indices, GL_ELEMENT_ARRAY_BUFFER, &used, 0, false, &at))
        call(x, e, count, at);
    else
        dc_exec_raise(x, GL_OUT_OF_MEMORY);
    x->gl->BindBuffer(GL_ELEMENT_ARRAY_BUFFER,
                      dc_exec_name(x, DC_NAMES_BUFFER, dc_vertices_current(context)->element_buffer));
    dc_draw_end(x, off);
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
        dc_draw_end(x, 0);
        return;
    }
    struct dc_draw_range range = { false, 0, -1, e->instances, e->base_instance };
    uint32_t off;
    if (dc_draw_begin(x, &range, &off))
        call(x, e, e->count, e->offset);
    dc_draw_end(x, off);
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
        dc_draw_end(x, 0);
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
        dc_draw_end(x, 0);
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
dc_exec_DrawElementsInstancedBaseInstanceEXT(struct dc_exec *x,
                                             const struct dc_cmd_DrawElementsInstancedBaseInstanceEXT *c)
{
    draw_elements(x, &(struct elements){ .mode = c->mode, .type = c->type, .count = c->count,
                                         .instances = c->instancecount, .has_instances = true,
                                         .base_instance = c->baseinstance, .is_offset = c->indices_is_offset,
                                         .offset = c->indices_offset, .indices = &c->indices });
}

void
dc_exec_DrawElementsInstancedBaseVertexBaseInstanceEXT(
    struct dc_exec *x, const struct dc_cmd_DrawElementsInstancedBaseVertexBaseInstanceEXT *c)
{
    draw_elements(x, &(struct elements){ .mode = c->mode, .type = c->type, .count = c->count,
                                         .instances = c->instancecount, .has_instances = true, .base = c->basevertex,
                                         .has_base = true, .base_instance = c->baseinstance,
                                         .is_offset = c->indices_is_offset, .offset = c->indices_offset,
                                         .indices = &c->indices });
}
