/* Shadow of the buffer bindings, indexed and not. */
#include <gles_entry.h>

#include "buffer.h"
#include "error.h"
#include "shared.h"
#include "state.h"

/* Makes the buffer behind a name that is bound for the first time. false: out of memory. */
static bool
make_buffer(struct dc_context *context, GLuint name)
{
    if (!name || dc_names_exists(&context->shared->buffers, name))
        return true;
    dc_gles_lock(context->shared);
    bool ok = dc_buffer_make(context, name);
    dc_gles_unlock(context->shared);
    if (!ok)
        dc_gles_raise(context, GL_OUT_OF_MEMORY);
    return ok;
}

bool
dc_hook_BindBuffer(struct dc_context *context, GLenum target, GLuint buffer)
{
    struct dc_gles_state *s = context->gles;
    int index = dc_buffer_target_index(target);
    if (index < 0 || (s->gles1 && index != DC_BUFFER_ARRAY && index != DC_BUFFER_ELEMENT))
        return true;
    bool is_element = index == DC_BUFFER_ELEMENT;
    GLuint *binding = is_element ? &s->vao->element_buffer : &s->buffer[index];
    bool is_stale = is_element && buffer && s->vao->element_bound_at != dc_gles_buffer_deletes(context->shared);
    if (*binding == buffer && !is_stale && context->shared->refs == 1)
        return false;
    if (!make_buffer(context, buffer))
        return false;
    *binding = buffer;
    if (is_element)
        s->vao->element_bound_at = dc_gles_buffer_deletes(context->shared);
    return true;
}

/* Array of an indexed target, NULL for no such target. */
struct dc_indexed_binding *
dc_gles_indexed(struct dc_gles_state *s, GLenum target, GLuint *count)
{
    switch (target) {
    case GL_UNIFORM_BUFFER:
        *count = s->max_uniform_bindings;
        return s->uniform_buffer;
    case GL_TRANSFORM_FEEDBACK_BUFFER:
        *count = s->max_xfb_bindings;
        return s->xfb->buffers;
    case GL_SHADER_STORAGE_BUFFER:
        *count = s->max_storage_bindings;
        return s->storage_buffer;
    case GL_ATOMIC_COUNTER_BUFFER:
        *count = s->max_atomic_bindings;
        return s->atomic_buffer;
    default:
        *count = 0;
        return 0;
    }
}

static bool
is_aligned(const struct dc_context *context, GLenum target, int64_t offset, int64_t size)
{
    int64_t align = 4;
    if (target == GL_UNIFORM_BUFFER)
        align = dc_gles_limit(context, GL_UNIFORM_BUFFER_OFFSET_ALIGNMENT, 1);
    else if (target == GL_SHADER_STORAGE_BUFFER)
        align = dc_gles_limit(context, GL_SHADER_STORAGE_BUFFER_OFFSET_ALIGNMENT, 1);
    if (target == GL_TRANSFORM_FEEDBACK_BUFFER && size % 4)
        return false;
    return align <= 0 || offset % align == 0;
}

static bool
bind_indexed(struct dc_context *context, GLenum target, GLuint index, GLuint buffer, int64_t offset, int64_t size,
             bool whole)
{
    struct dc_gles_state *s = context->gles;
    GLuint count;
    struct dc_indexed_binding *bindings = dc_gles_indexed(s, target, &count);
    if (!bindings || index >= count)
        return true;
    if (target == GL_TRANSFORM_FEEDBACK_BUFFER && s->xfb->active)
        return true;
    if (!whole && buffer && (size <= 0 || offset < 0 || !is_aligned(context, target, offset, size)))
        return true;
    if (!make_buffer(context, buffer))
        return false;
    bindings[index] = (struct dc_indexed_binding){ buffer, buffer ? offset : 0, buffer ? size : 0 };
    int generic = dc_buffer_target_index(target);
    s->buffer[generic] = buffer;
    if (target != GL_UNIFORM_BUFFER)
        dc_buffer_mark_gpu_writable(context, buffer);
    return true;
}

bool
dc_hook_BindBufferBase(struct dc_context *context, GLenum target, GLuint index, GLuint buffer)
{
    return bind_indexed(context, target, index, buffer, 0, 0, true);
}

bool
dc_hook_BindBufferRange(struct dc_context *context, GLenum target, GLuint index, GLuint buffer, GLintptr offset,
                        GLsizeiptr size)
{
    return bind_indexed(context, target, index, buffer, offset, size, false);
}

bool
dc_hook_BindVertexBuffer(struct dc_context *context, GLuint binding, GLuint buffer, GLintptr offset, GLsizei stride)
{
    struct dc_gles_state *s = context->gles;
    if (binding >= s->max_bindings || offset < 0 || stride < 0 || s->vao == &s->default_vao ||
        (GLuint)stride > s->max_stride)
        return true;
    if (buffer && dc_names_get(&context->shared->buffers, buffer) == DC_NAME_FREE)
        return true; // INVALID_OPERATION: this command makes no names
    if (!make_buffer(context, buffer))
        return false;
    s->vao->bindings[binding].buffer = buffer;
    s->vao->bindings[binding].offset = offset;
    s->vao->bindings[binding].stride = stride;
    s->vao->plain &= ~(1u << binding);
    dc_vao_update(s->vao);
    return true;
}

static void
detach(struct dc_indexed_binding *bindings, GLuint count, GLuint buffer)
{
    for (GLuint i = 0; i < count; i++) {
        if (bindings[i].buffer == buffer)
            bindings[i] = (struct dc_indexed_binding){ 0 };
    }
}

bool
dc_hook_DeleteBuffers(struct dc_context *context, GLsizei n, const GLuint *buffers)
{
    struct dc_gles_state *s = context->gles;
    for (GLsizei i = 0; buffers && i < n; i++) {
        GLuint name = buffers[i];
        if (!name || dc_names_get(&context->shared->buffers, name) == DC_NAME_FREE)
            continue;
        dc_gles_lock(context->shared);
        struct dc_buffer *buffer = dc_buffer_find(context, name);
        dc_names_set(&context->shared->buffers, name, DC_NAME_FREE);
        if (buffer)
            dc_buffer_free(buffer);
        dc_gles_unlock(context->shared);
        if (!buffer)
            continue;
        for (unsigned k = 0; k < DC_BUFFER_TARGET_COUNT; k++)
            s->buffer[k] = s->buffer[k] == name ? 0 : s->buffer[k];
        detach(s->uniform_buffer, s->max_uniform_bindings, name);
        detach(s->storage_buffer, s->max_storage_bindings, name);
        detach(s->atomic_buffer, s->max_atomic_bindings, name);
        detach(s->xfb->buffers, s->max_xfb_bindings, name);
        dc_vao_detach_buffer(s->vao, name);
        __atomic_add_fetch(&context->shared->buffer_deletes, 1, __ATOMIC_ACQ_REL);
    }
    return true;
}

bool
dc_hook_TexBuffer(struct dc_context *context, GLenum target, GLenum format, GLuint buffer)
{
    // Image stores may write through the texture.
    dc_buffer_mark_gpu_writable(context, buffer);
    return true;
}

bool
dc_hook_TexBufferRange(struct dc_context *context, GLenum target, GLenum format, GLuint buffer, GLintptr offset,
                       GLsizeiptr size)
{
    dc_buffer_mark_gpu_writable(context, buffer);
    return true;
}
