/*
 * Viewports, scissor boxes and depth ranges: one, or with OES_viewport_array several. The arrays of that extension go out
 * as so many commands with an index, so that the wire and the journal know three commands only.
 */
#include <gles_entry.h>

#include <math.h>
#include <string.h>

#include <gles_encode.h>

#include "error.h"
#include "state.h"

static float
clamp(float v, float low, float high)
{
    return v > low ? (v < high ? v : high) : low;
}

const struct dc_viewport *
dc_viewport_of(const struct dc_gles_state *s, GLuint index)
{
    return &s->viewport[index < s->viewports_kept ? index : 0];
}

/* One of them, which from now on may differ from the others. */
static struct dc_viewport *
own_viewport(struct dc_gles_state *s, GLuint index)
{
    for (; s->viewports_kept < s->max_viewports; s->viewports_kept++)
        s->viewport[s->viewports_kept] = s->viewport[0];
    return &s->viewport[index];
}

bool
dc_viewport_set_scissor_test(struct dc_gles_state *s, bool on)
{
    uint32_t mask = on ? (1u << s->max_viewports) - 1 : 0;
    if (s->scissor_mask == mask)
        return false;
    s->scissor_mask = mask;
    s->caps = (s->caps & ~(1u << DC_CAP_SCISSOR_TEST)) | (on ? 1u << DC_CAP_SCISSOR_TEST : 0);
    return true;
}

void
dc_viewport_set_scissor_test_of(struct dc_gles_state *s, GLuint index, bool on)
{
    if (index >= s->max_viewports)
        return;
    s->scissor_mask = (s->scissor_mask & ~(1u << index)) | (on ? 1u << index : 0);
    if (index == 0)
        s->caps = (s->caps & ~(1u << DC_CAP_SCISSOR_TEST)) | (on ? 1u << DC_CAP_SCISSOR_TEST : 0);
}

void
dc_viewport_init(struct dc_gles_state *s, const struct dc_profile *profile)
{
    const struct dc_profile_limit *most = dc_profile_find_limit(profile, GL_MAX_VIEWPORT_DIMS);
    const struct dc_profile_limit *bounds = dc_profile_find_limit(profile, GL_VIEWPORT_BOUNDS_RANGE_OES);
    bool has_most = most && !most->is_float && most->value_count == 2;
    bool has_bounds = bounds && bounds->is_float && bounds->value_count == 2;
    for (int i = 0; i < 2; i++) {
        s->viewport_most[i] = has_most ? (GLfloat)most->i[i] : INFINITY;
        s->viewport_bounds[i] = has_bounds ? bounds->f[i] : i ? INFINITY : -INFINITY;
    }
    s->viewport[0].depth_range[1] = 1;
    s->viewports_kept = 1;
}

/* As the driver keeps it: no larger than it can be, and no further out. */
static void
set_box(const struct dc_gles_state *s, struct dc_viewport *viewport, const GLfloat box[4])
{
    for (int i = 0; i < 2; i++) {
        viewport->box[i] = clamp(box[i], s->viewport_bounds[0], s->viewport_bounds[1]);
        viewport->box[2 + i] = box[2 + i] < s->viewport_most[i] ? box[2 + i] : s->viewport_most[i];
    }
}

bool
dc_hook_Viewport(struct dc_context *context, GLint x, GLint y, GLsizei width, GLsizei height)
{
    struct dc_gles_state *s = context->gles;
    if (width < 0 || height < 0)
        return true;
    set_box(s, &s->viewport[0], (GLfloat[]){ (GLfloat)x, (GLfloat)y, (GLfloat)width, (GLfloat)height });
    for (GLuint i = 1; i < s->viewports_kept; i++)
        memcpy(s->viewport[i].box, s->viewport[0].box, sizeof s->viewport[i].box);
    return true;
}

bool
dc_hook_Scissor(struct dc_context *context, GLint x, GLint y, GLsizei width, GLsizei height)
{
    struct dc_gles_state *s = context->gles;
    for (GLuint i = 0; width >= 0 && height >= 0 && i < s->viewports_kept; i++)
        memcpy(s->viewport[i].scissor, (GLint[]){ x, y, width, height }, 16);
    return true;
}

bool
dc_hook_DepthRangef(struct dc_context *context, GLfloat n, GLfloat f)
{
    struct dc_gles_state *s = context->gles;
    for (GLuint i = 0; i < s->viewports_kept; i++) {
        s->viewport[i].depth_range[0] = clamp(n, 0, 1);
        s->viewport[i].depth_range[1] = clamp(f, 0, 1);
    }
    return true;
}

/* Refused here, so that nobody behind us has to know how many there are. */
static bool
refuse(struct dc_context *context, bool bad)
{
    if (bad)
        dc_gles_raise(context, GL_INVALID_VALUE);
    return bad;
}

static bool
is_outside(const struct dc_context *context, GLuint first, GLsizei count)
{
    GLuint most = context->gles->max_viewports;
    return count < 0 || first > most || (GLuint)count > most - first;
}

bool
dc_hook_ViewportIndexedfOES(struct dc_context *context, GLuint index, GLfloat x, GLfloat y, GLfloat w, GLfloat h)
{
    if (refuse(context, is_outside(context, index, 1) || w < 0 || h < 0))
        return false;
    set_box(context->gles, own_viewport(context->gles, index), (GLfloat[]){ x, y, w, h });
    return true;
}

bool
dc_hook_ScissorIndexedOES(struct dc_context *context, GLuint index, GLint left, GLint bottom, GLsizei width,
                          GLsizei height)
{
    if (refuse(context, is_outside(context, index, 1) || width < 0 || height < 0))
        return false;
    memcpy(own_viewport(context->gles, index)->scissor, (GLint[]){ left, bottom, width, height }, 16);
    return true;
}

bool
dc_hook_DepthRangeIndexedfOES(struct dc_context *context, GLuint index, GLfloat n, GLfloat f)
{
    if (refuse(context, is_outside(context, index, 1)))
        return false;
    struct dc_viewport *viewport = own_viewport(context->gles, index);
    viewport->depth_range[0] = clamp(n, 0, 1);
    viewport->depth_range[1] = clamp(f, 0, 1);
    return true;
}

void GL_APIENTRY
dc_gl_ViewportArrayvOES(GLuint first, GLsizei count, const GLfloat *v)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    bool bad = is_outside(context, first, count);
    for (GLsizei i = 0; !bad && i < count; i++) // one that is wrong stops all of them
        bad = v[4 * i + 2] < 0 || v[4 * i + 3] < 0;
    if (refuse(context, bad))
        return;
    for (GLsizei i = 0; i < count; i++, v += 4) {
        set_box(context->gles, own_viewport(context->gles, first + (GLuint)i), v);
        dc_enc_ViewportIndexedfOES(&context->encoder, first + (GLuint)i, v[0], v[1], v[2], v[3]);
    }
}

void GL_APIENTRY
dc_gl_ViewportIndexedfvOES(GLuint index, const GLfloat *v)
{
    struct dc_context *context = dc_current;
    if (context && dc_hook_ViewportIndexedfOES(context, index, v[0], v[1], v[2], v[3]))
        dc_enc_ViewportIndexedfOES(&context->encoder, index, v[0], v[1], v[2], v[3]);
}

void GL_APIENTRY
dc_gl_ScissorArrayvOES(GLuint first, GLsizei count, const GLint *v)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    bool bad = is_outside(context, first, count);
    for (GLsizei i = 0; !bad && i < count; i++)
        bad = v[4 * i + 2] < 0 || v[4 * i + 3] < 0;
    if (refuse(context, bad))
        return;
    for (GLsizei i = 0; i < count; i++, v += 4) {
        memcpy(own_viewport(context->gles, first + (GLuint)i)->scissor, v, 16);
        dc_enc_ScissorIndexedOES(&context->encoder, first + (GLuint)i, v[0], v[1], v[2], v[3]);
    }
}

void GL_APIENTRY
dc_gl_ScissorIndexedvOES(GLuint index, const GLint *v)
{
    struct dc_context *context = dc_current;
    if (context && dc_hook_ScissorIndexedOES(context, index, v[0], v[1], v[2], v[3]))
        dc_enc_ScissorIndexedOES(&context->encoder, index, v[0], v[1], v[2], v[3]);
}

void GL_APIENTRY
dc_gl_DepthRangeArrayfvOES(GLuint first, GLsizei count, const GLfloat *v)
{
    struct dc_context *context = dc_current;
    if (!context || refuse(context, is_outside(context, first, count)))
        return;
    for (GLsizei i = 0; i < count; i++, v += 2) {
        if (dc_hook_DepthRangeIndexedfOES(context, first + (GLuint)i, v[0], v[1]))
            dc_enc_DepthRangeIndexedfOES(&context->encoder, first + (GLuint)i, v[0], v[1]);
    }
}
