/* Draws: indices from the element buffer or from client memory, client arrays before them. */
#include <gles_entry.h>

#include <gles_encode.h>
#include <protocol/gles/sizes.h>

#include "buffer.h"
#include "client_array.h"
#include "error.h"
#include "shared.h"
#include "state.h"

#define MOST_BYTES (DC_RING_BULK_BYTES / 2)

static bool
is_mode(GLenum mode)
{
    return mode <= GL_TRIANGLE_FAN || (mode >= GL_LINES_ADJACENCY && mode <= GL_PATCHES);
}

/* false: the draw must not be sent. A draw that the driver refuses needs no arrays. */
static bool
send_arrays(struct dc_context *context, GLenum mode, GLint first, GLsizei count, GLsizei instances)
{
    if (!dc_client_arrays_used(context->gles) || !is_mode(mode) || first < 0 || count <= 0 || instances <= 0)
        return true;
    return dc_client_arrays_send(context, first, (int64_t)first + count - 1, instances);
}

bool
dc_hook_DrawArrays(struct dc_context *context, GLenum mode, GLint first, GLsizei count)
{
    return send_arrays(context, mode, first, count, 1);
}

bool
dc_hook_DrawArraysInstanced(struct dc_context *context, GLenum mode, GLint first, GLsizei count,
                            GLsizei instancecount)
{
    return send_arrays(context, mode, first, count, instancecount);
}

/* The indices of one draw as they go out. */
struct index_source {
    bool is_offset;
    uint64_t offset;
    const void *data;
    uint32_t size_bytes;
};

/* Range of the indices that the element buffer has at the source's offset. false: none, or they cannot be had. */
static bool
buffer_index_range(struct dc_context *context, const struct index_source *source, GLsizei count, GLenum type,
                   uint32_t *lowest, uint32_t *highest)
{
    GLuint name = context->gles->vao->element_buffer;
    bool restart = dc_gles_cap(context->gles, DC_CAP_PRIMITIVE_RESTART), found = false;
    if (!dc_buffer_fill_shadow(context, name, DC_WAIT_STACK))
        return false;
    uint64_t bytes = (uint64_t)count * dc_gles_index_bytes(type);
    dc_gles_lock(context->shared);
    const struct dc_buffer *buffer = dc_buffer_find(context, name);
    if (buffer && buffer->shadow && source->offset <= (uint64_t)buffer->size &&
        bytes <= (uint64_t)buffer->size - source->offset)
        found = dc_index_range(buffer->shadow + source->offset, count, type, restart, lowest, highest);
    dc_gles_unlock(context->shared);
    return found;
}

/* Fills the source and sends client arrays. false: the draw must not be sent. */
static bool
prepare(struct dc_context *context, struct index_source *source, GLenum mode, GLsizei count, GLenum type,
        const void *indices, GLsizei instances, GLint basevertex)
{
    *source = (struct index_source){ .is_offset = true, .offset = (uint64_t)(uintptr_t)indices };
    uint32_t index_bytes = dc_gles_index_bytes(type);
    bool good = is_mode(mode) && count > 0 && index_bytes && instances > 0;
    if (!context->gles->vao->element_buffer) {
        uint64_t bytes = good ? (uint64_t)count * index_bytes : 0;
        *source = (struct index_source){ .data = bytes ? indices : 0, .size_bytes = (uint32_t)bytes };
        if (bytes > MOST_BYTES) {
            dc_gles_raise(context, GL_OUT_OF_MEMORY);
            return false;
        }
        if (good && !indices)
            return false; // nothing to read from: Mesa draws nothing either
    }
    if (!good || !dc_client_arrays_used(context->gles))
        return true;
    uint32_t lowest, highest;
    bool found = source->is_offset
                     ? buffer_index_range(context, source, count, type, &lowest, &highest)
                     : dc_index_range(indices, count, type, dc_gles_cap(context->gles, DC_CAP_PRIMITIVE_RESTART),
                                      &lowest, &highest);
    // Without an index there is no primitive, and without its arrays the worker must not draw.
    return found && dc_client_arrays_send(context, (int64_t)lowest + basevertex, (int64_t)highest + basevertex,
                                          instances);
}

void GL_APIENTRY
dc_gl_DrawElements(GLenum mode, GLsizei count, GLenum type, const void *indices)
{
    struct dc_context *context = dc_current;
    struct index_source s;
    if (context && prepare(context, &s, mode, count, type, indices, 1, 0))
        dc_enc_DrawElements(&context->encoder, mode, count, type, s.is_offset, s.offset, s.data, s.size_bytes);
}

void GL_APIENTRY
dc_gl_DrawRangeElements(GLenum mode, GLuint start, GLuint end, GLsizei count, GLenum type, const void *indices)
{
    struct dc_context *context = dc_current;
    struct index_source s;
    if (context && prepare(context, &s, mode, count, type, indices, 1, 0))
        dc_enc_DrawRangeElements(&context->encoder, mode, start, end, count, type, s.is_offset, s.offset, s.data,
                                 s.size_bytes);
}

void GL_APIENTRY
dc_gl_DrawElementsInstanced(GLenum mode, GLsizei count, GLenum type, const void *indices, GLsizei instancecount)
{
    struct dc_context *context = dc_current;
    struct index_source s;
    if (context && prepare(context, &s, mode, count, type, indices, instancecount, 0))
        dc_enc_DrawElementsInstanced(&context->encoder, mode, count, type, s.is_offset, s.offset, s.data,
                                     s.size_bytes, instancecount);
}

void GL_APIENTRY
dc_gl_DrawElementsBaseVertex(GLenum mode, GLsizei count, GLenum type, const void *indices, GLint basevertex)
{
    struct dc_context *context = dc_current;
    struct index_source s;
    if (context && prepare(context, &s, mode, count, type, indices, 1, basevertex))
        dc_enc_DrawElementsBaseVertex(&context->encoder, mode, count, type, s.is_offset, s.offset, s.data,
                                      s.size_bytes, basevertex);
}

void GL_APIENTRY
dc_gl_DrawRangeElementsBaseVertex(GLenum mode, GLuint start, GLuint end, GLsizei count, GLenum type,
                                  const void *indices, GLint basevertex)
{
    struct dc_context *context = dc_current;
    struct index_source s;
    if (context && prepare(context, &s, mode, count, type, indices, 1, basevertex))
        dc_enc_DrawRangeElementsBaseVertex(&context->encoder, mode, start, end, count, type, s.is_offset, s.offset,
                                           s.data, s.size_bytes, basevertex);
}

void GL_APIENTRY
dc_gl_DrawElementsInstancedBaseVertex(GLenum mode, GLsizei count, GLenum type, const void *indices,
                                      GLsizei instancecount, GLint basevertex)
{
    struct dc_context *context = dc_current;
    struct index_source s;
    if (context && prepare(context, &s, mode, count, type, indices, instancecount, basevertex))
        dc_enc_DrawElementsInstancedBaseVertex(&context->encoder, mode, count, type, s.is_offset, s.offset, s.data,
                                               s.size_bytes, instancecount, basevertex);
}

void GL_APIENTRY
dc_gl_DrawArraysIndirect(GLenum mode, const void *indirect)
{
    struct dc_context *context = dc_current;
    if (context)
        dc_enc_DrawArraysIndirect(&context->encoder, mode, (uint64_t)(uintptr_t)indirect);
}

void GL_APIENTRY
dc_gl_DrawElementsIndirect(GLenum mode, GLenum type, const void *indirect)
{
    struct dc_context *context = dc_current;
    if (context)
        dc_enc_DrawElementsIndirect(&context->encoder, mode, type, (uint64_t)(uintptr_t)indirect);
}

/* ---- GL_EXT_base_instance ---- */

void GL_APIENTRY
dc_gl_DrawArraysInstancedBaseInstanceEXT(GLenum mode, GLint first, GLsizei count, GLsizei instances, GLuint base)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    context->gles->base_instance = base;
    if (send_arrays(context, mode, first, count, instances))
        dc_enc_DrawArraysInstancedBaseInstanceEXT(&context->encoder, mode, first, count, instances, base);
    context->gles->base_instance = 0;
}

void GL_APIENTRY
dc_gl_DrawElementsInstancedBaseVertexBaseInstanceEXT(GLenum mode, GLsizei count, GLenum type, const void *indices,
                                                     GLsizei instances, GLint basevertex, GLuint base)
{
    struct dc_context *context = dc_current;
    struct index_source s;
    if (!context)
        return;
    context->gles->base_instance = base;
    if (prepare(context, &s, mode, count, type, indices, instances, basevertex))
        dc_enc_DrawElementsInstancedBaseVertexBaseInstanceEXT(&context->encoder, mode, count, type, s.is_offset,
                                                              s.offset, s.data, s.size_bytes, instances, basevertex,
                                                              base);
    context->gles->base_instance = 0;
}

void GL_APIENTRY
dc_gl_DrawElementsInstancedBaseInstanceEXT(GLenum mode, GLsizei count, GLenum type, const void *indices,
                                           GLsizei instances, GLuint base)
{
    dc_gl_DrawElementsInstancedBaseVertexBaseInstanceEXT(mode, count, type, indices, instances, 0, base);
}

/* ---- GL_EXT_multi_draw_arrays: defined as so many single draws ---- */

/* Either all of them are drawn or none is. */
static bool
may_draw(struct dc_context *context, const GLsizei *counts, GLsizei draws)
{
    bool ok = context && draws >= 0;
    for (GLsizei i = 0; ok && i < draws; i++)
        ok = counts[i] >= 0;
    if (context && !ok)
        dc_gles_raise(context, GL_INVALID_VALUE);
    return ok;
}

void GL_APIENTRY
dc_gl_MultiDrawArraysEXT(GLenum mode, const GLint *first, const GLsizei *count, GLsizei primcount)
{
    struct dc_context *context = dc_current;
    if (!may_draw(context, count, primcount))
        return;
    for (GLsizei i = 0; i < primcount; i++) {
        if (send_arrays(context, mode, first[i], count[i], 1))
            dc_enc_DrawArrays(&context->encoder, mode, first[i], count[i]);
    }
}

void GL_APIENTRY
dc_gl_MultiDrawElementsEXT(GLenum mode, const GLsizei *count, GLenum type, const void *const *indices,
                           GLsizei primcount)
{
    if (!may_draw(dc_current, count, primcount))
        return;
    for (GLsizei i = 0; i < primcount; i++)
        dc_gl_DrawElements(mode, count[i], type, indices[i]);
}

void GL_APIENTRY
dc_gl_MultiDrawElementsBaseVertexEXT(GLenum mode, const GLsizei *count, GLenum type, const void *const *indices,
                                     GLsizei primcount, const GLint *basevertex)
{
    if (!may_draw(dc_current, count, primcount))
        return;
    for (GLsizei i = 0; i < primcount; i++)
        dc_gl_DrawElementsBaseVertex(mode, count[i], type, indices[i], basevertex[i]);
}
