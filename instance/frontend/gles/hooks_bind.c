/* Shadow of the bindings: textures, samplers, renderbuffers, transform feedback; and what deletes undo. */
#include <gles_entry.h>

#include <stdlib.h>

#include "buffer.h"
#include "error.h"
#include "glsl_object.h"
#include "program_use.h"
#include "shared.h"
#include "state.h"

/* What a texture's name stands for: its target. */
static void *
texture_mark(int target)
{
    return (void *)((uintptr_t)DC_NAME_CREATED + 1 + (uintptr_t)target);
}

/* Marks a name as made by its first bind. false: out of memory. */
static bool
mark_created(struct dc_context *context, struct dc_names *names, GLuint name, void *mark)
{
    if (!name || dc_names_exists(names, name))
        return true;
    dc_gles_lock(context->shared);
    bool ok = dc_names_set(names, name, mark);
    dc_gles_unlock(context->shared);
    if (!ok)
        dc_gles_raise(context, GL_OUT_OF_MEMORY);
    return ok;
}

bool
dc_hook_ActiveTexture(struct dc_context *context, GLenum texture)
{
    GLuint unit = texture - GL_TEXTURE0;
    if (unit >= context->gles->max_texture_units)
        return true;
    bool changed = unit != context->gles->active_texture;
    context->gles->active_texture = unit;
    return changed;
}

bool
dc_hook_BindTexture(struct dc_context *context, GLenum target, GLuint texture)
{
    struct dc_gles_state *s = context->gles;
    int index = dc_texture_target_index(target);
    if (index < 0 || (s->gles1 && index != DC_TEXTURE_2D && index != DC_TEXTURE_CUBE && index != DC_TEXTURE_EXTERNAL))
        return true;
    GLuint *binding = &s->texture[s->active_texture][index];
    // Another context of the group may have deleted the texture and made a new one of the same name.
    if (*binding == texture && texture && context->shared->refs == 1)
        return false;
    void *value = texture ? dc_names_get(&context->shared->textures, texture) : 0;
    if ((uintptr_t)value > (uintptr_t)DC_NAME_RESERVED && value != texture_mark(index))
        return true; // of another target: INVALID_OPERATION
    if (!mark_created(context, &context->shared->textures, texture, texture_mark(index)))
        return false;
    *binding = texture;
    if (s->active_texture >= s->used_texture_units)
        s->used_texture_units = s->active_texture + 1;
    return true;
}

bool
dc_hook_TextureViewEXT(struct dc_context *context, GLuint texture, GLenum target, GLuint original, GLenum format,
                       GLuint minlevel, GLuint numlevels, GLuint minlayer, GLuint numlayers)
{
    int index = dc_texture_target_index(target);
    struct dc_names *textures = &context->shared->textures;
    dc_gles_storage_changed(context->shared);
    if (index < 0 || !dc_names_exists(textures, original) || dc_names_get(textures, texture) != DC_NAME_RESERVED)
        return true; // an error
    return mark_created(context, textures, texture, texture_mark(index));
}

bool
dc_hook_DeleteTextures(struct dc_context *context, GLsizei n, const GLuint *textures)
{
    struct dc_gles_state *s = context->gles;
    for (GLsizei i = 0; textures && i < n; i++) {
        void *value = textures[i] ? dc_names_get(&context->shared->textures, textures[i]) : DC_NAME_FREE;
        if (value == DC_NAME_FREE)
            continue;
        dc_gles_lock(context->shared);
        dc_names_set(&context->shared->textures, textures[i], DC_NAME_FREE);
        dc_gles_unlock(context->shared);
        dc_gles_storage_changed(context->shared);
        if (value == DC_NAME_RESERVED)
            continue;
        uintptr_t target = (uintptr_t)value - (uintptr_t)DC_NAME_CREATED - 1;
        for (GLuint unit = 0; target < DC_TEXTURE_TARGET_COUNT && unit < s->used_texture_units; unit++) {
            if (s->texture[unit][target] == textures[i])
                s->texture[unit][target] = 0;
        }
    }
    return true;
}

bool
dc_hook_BindSampler(struct dc_context *context, GLuint unit, GLuint sampler)
{
    if (sampler && dc_names_get(&context->shared->samplers, sampler) == DC_NAME_FREE)
        return true;
    if (unit >= context->gles->max_texture_units)
        return true;
    context->gles->sampler[unit] = sampler;
    if (unit >= context->gles->used_texture_units)
        context->gles->used_texture_units = unit + 1;
    return true;
}

bool
dc_hook_DeleteSamplers(struct dc_context *context, GLsizei n, const GLuint *samplers)
{
    struct dc_gles_state *s = context->gles;
    for (GLsizei i = 0; samplers && i < n; i++) {
        if (!samplers[i] || dc_names_get(&context->shared->samplers, samplers[i]) == DC_NAME_FREE)
            continue;
        dc_gles_lock(context->shared);
        dc_names_set(&context->shared->samplers, samplers[i], DC_NAME_FREE);
        dc_gles_unlock(context->shared);
        for (GLuint unit = 0; unit < s->used_texture_units; unit++) {
            if (s->sampler[unit] == samplers[i])
                s->sampler[unit] = 0;
        }
    }
    return true;
}

/* ---- renderbuffers ---- */

bool
dc_hook_BindRenderbuffer(struct dc_context *context, GLenum target, GLuint renderbuffer)
{
    if (target != GL_RENDERBUFFER)
        return true;
    if (!mark_created(context, &context->shared->renderbuffers, renderbuffer, DC_NAME_CREATED))
        return false;
    context->gles->renderbuffer = renderbuffer;
    return true;
}

bool
dc_hook_DeleteRenderbuffers(struct dc_context *context, GLsizei n, const GLuint *renderbuffers)
{
    for (GLsizei i = 0; renderbuffers && i < n; i++) {
        if (!renderbuffers[i] || dc_names_get(&context->shared->renderbuffers, renderbuffers[i]) == DC_NAME_FREE)
            continue;
        dc_gles_lock(context->shared);
        dc_names_set(&context->shared->renderbuffers, renderbuffers[i], DC_NAME_FREE);
        dc_gles_unlock(context->shared);
        dc_gles_storage_changed(context->shared);
        if (context->gles->renderbuffer == renderbuffers[i])
            context->gles->renderbuffer = 0;
    }
    return true;
}

/* ---- transform feedback ---- */

bool
dc_hook_BindTransformFeedback(struct dc_context *context, GLenum target, GLuint id)
{
    struct dc_gles_state *s = context->gles;
    if (target != GL_TRANSFORM_FEEDBACK || (s->xfb->active && !s->xfb->paused))
        return true;
    void *value = id ? dc_names_get(&s->xfb_names, id) : &s->default_xfb;
    if (value == DC_NAME_FREE)
        return true;
    if (value == DC_NAME_RESERVED) {
        struct dc_xfb *xfb = calloc(1, sizeof *xfb);
        if (!xfb || !dc_names_set(&s->xfb_names, id, xfb)) {
            free(xfb);
            dc_gles_raise(context, GL_OUT_OF_MEMORY);
            return false;
        }
        xfb->name = id;
        value = xfb;
    }
    s->xfb = value;
    return true;
}

bool
dc_hook_DeleteTransformFeedbacks(struct dc_context *context, GLsizei n, const GLuint *ids)
{
    struct dc_gles_state *s = context->gles;
    for (GLsizei i = 0; ids && i < n; i++) {
        struct dc_xfb *xfb = ids[i] ? dc_names_object(&s->xfb_names, ids[i]) : 0;
        if (xfb && xfb->active) {
            dc_gles_raise(context, GL_INVALID_OPERATION);
            return false;
        }
        if (!ids[i] || dc_names_get(&s->xfb_names, ids[i]) == DC_NAME_FREE)
            continue;
        dc_names_set(&s->xfb_names, ids[i], DC_NAME_FREE);
        if (xfb && s->xfb == xfb)
            s->xfb = &s->default_xfb;
        free(xfb);
    }
    return true;
}

/* Whether the driver will start: a program with varyings and a buffer for each place that they go to. */
static bool
can_capture(struct dc_context *context, const struct dc_xfb *xfb)
{
    dc_program_use_settle(context);
    struct dc_glsl_object *program = context->gles->program_object;
    int32_t count[3] = { 1 }, mode[3] = { GL_INTERLEAVED_ATTRIBS };
    if (!program && !context->gles->pipeline)
        return false;
    if (program) { // of a pipeline's programs we do not know which one captures
        dc_glsl_object_wait(context, program);
        dc_gles_lock(context->shared);
        dc_reflection_program_value(&program->reflection, GL_TRANSFORM_FEEDBACK_VARYINGS, count);
        dc_reflection_program_value(&program->reflection, GL_TRANSFORM_FEEDBACK_BUFFER_MODE, mode);
        dc_gles_unlock(context->shared);
    }
    unsigned need = mode[0] == GL_SEPARATE_ATTRIBS ? (unsigned)count[0] : count[0] > 0;
    for (unsigned i = 0; i < need && i < context->gles->max_xfb_bindings; i++) {
        if (!xfb->buffers[i].buffer)
            return false;
    }
    return need > 0;
}

bool
dc_hook_BeginTransformFeedback(struct dc_context *context, GLenum mode)
{
    struct dc_xfb *xfb = context->gles->xfb;
    // The buffers are taken as written in any case.
    bool is_mode = mode == GL_POINTS || mode == GL_LINES || mode == GL_TRIANGLES;
    if (!xfb->active && is_mode && can_capture(context, xfb)) {
        xfb->active = true;
        xfb->paused = false;
    }
    for (unsigned i = 0; i < context->gles->max_xfb_bindings; i++)
        dc_buffer_mark_gpu_writable(context, xfb->buffers[i].buffer);
    return true;
}

bool
dc_hook_EndTransformFeedback(struct dc_context *context)
{
    context->gles->xfb->active = context->gles->xfb->paused = false;
    return true;
}

bool
dc_hook_PauseTransformFeedback(struct dc_context *context)
{
    if (context->gles->xfb->active)
        context->gles->xfb->paused = true;
    return true;
}

bool
dc_hook_ResumeTransformFeedback(struct dc_context *context)
{
    context->gles->xfb->paused = false;
    return true;
}

/* ---- pipelines ---- */

bool
dc_hook_BindProgramPipeline(struct dc_context *context, GLuint pipeline)
{
    struct dc_names *names = &context->gles->pipeline_names;
    if (pipeline && dc_names_get(names, pipeline) == DC_NAME_FREE)
        return true;
    if (pipeline)
        dc_names_set(names, pipeline, DC_NAME_CREATED);
    context->gles->pipeline = pipeline;
    return true;
}

bool
dc_hook_DeleteProgramPipelines(struct dc_context *context, GLsizei n, const GLuint *pipelines)
{
    for (GLsizei i = 0; pipelines && i < n; i++) {
        if (!pipelines[i] || dc_names_get(&context->gles->pipeline_names, pipelines[i]) == DC_NAME_FREE)
            continue;
        dc_names_set(&context->gles->pipeline_names, pipelines[i], DC_NAME_FREE);
        if (context->gles->pipeline == pipelines[i])
            context->gles->pipeline = 0;
    }
    return true;
}
