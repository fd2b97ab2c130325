/*
 * Shadow of rasterisation and per-fragment state. Each hook takes the value only if the driver will take it too, so
 * that a refused call leaves the shadow as it was; calls that change nothing are not forwarded.
 */
#include <gles_entry.h>

#include <string.h>

#include "gles1.h"
#include "state.h"

static struct dc_gles_state *
state_of(struct dc_context *context)
{
    return context->gles;
}

static float
clamp01(float v)
{
    return v > 0 ? (v < 1 ? v : 1) : 0;
}

bool
dc_hook_Enable(struct dc_context *context, GLenum cap)
{
    struct dc_gles_state *s = state_of(context);
    int index = dc_cap_index(cap);
    bool changes;
    if (s->gles1 && dc_gles1_set_cap(context, cap, true, &changes))
        return changes;
    if (index == DC_CAP_BLEND)
        s->blend_mask = (1u << s->max_draw_buffers) - 1;
    else if (index == DC_CAP_SCISSOR_TEST)
        return dc_viewport_set_scissor_test(s, true);
    else if (index >= 0 && dc_gles_cap(s, index))
        return false;
    else if (index >= 0)
        s->caps |= 1u << index;
    if (index == DC_CAP_DEBUG_OUTPUT)
        dc_debug_update(context);
    return true;
}

bool
dc_hook_Disable(struct dc_context *context, GLenum cap)
{
    struct dc_gles_state *s = state_of(context);
    int index = dc_cap_index(cap);
    bool changes;
    if (s->gles1 && dc_gles1_set_cap(context, cap, false, &changes))
        return changes;
    if (index == DC_CAP_BLEND)
        s->blend_mask = 0;
    else if (index == DC_CAP_SCISSOR_TEST)
        return dc_viewport_set_scissor_test(s, false);
    else if (index >= 0 && !dc_gles_cap(s, index))
        return false;
    else if (index >= 0)
        s->caps &= ~(1u << index);
    if (index == DC_CAP_DEBUG_OUTPUT)
        dc_debug_update(context);
    return true;
}

bool
dc_hook_Enablei(struct dc_context *context, GLenum target, GLuint index)
{
    struct dc_gles_state *s = state_of(context);
    if (target == GL_BLEND && index < s->max_draw_buffers)
        s->blend_mask |= 1u << index;
    else if (target == GL_SCISSOR_TEST)
        dc_viewport_set_scissor_test_of(s, index, true);
    return true;
}

bool
dc_hook_Disablei(struct dc_context *context, GLenum target, GLuint index)
{
    struct dc_gles_state *s = state_of(context);
    if (target == GL_BLEND && index < s->max_draw_buffers)
        s->blend_mask &= ~(1u << index);
    else if (target == GL_SCISSOR_TEST)
        dc_viewport_set_scissor_test_of(s, index, false);
    return true;
}

bool
dc_hook_BlendColor(struct dc_context *context, GLfloat red, GLfloat green, GLfloat blue, GLfloat alpha)
{
    memcpy(state_of(context)->blend_color, (GLfloat[]){ red, green, blue, alpha }, 16);
    return true;
}

static bool
is_factor(GLenum factor)
{
    return factor == GL_ZERO || factor == GL_ONE || (factor >= GL_SRC_COLOR && factor <= GL_SRC_ALPHA_SATURATE) ||
           (factor >= GL_CONSTANT_COLOR && factor <= GL_ONE_MINUS_CONSTANT_ALPHA) || factor == GL_SRC1_ALPHA_EXT ||
           (factor >= GL_SRC1_COLOR_EXT && factor <= GL_ONE_MINUS_SRC1_ALPHA_EXT);
}

static bool
is_equation(GLenum mode)
{
    return mode == GL_FUNC_ADD || mode == GL_FUNC_SUBTRACT || mode == GL_FUNC_REVERSE_SUBTRACT || mode == GL_MIN ||
           mode == GL_MAX;
}

/* GLES 3.2 (KHR_blend_equation_advanced): one mode for colour and alpha. */
static bool
is_advanced_equation(const struct dc_context *context, GLenum mode)
{
    if (context->version_major < 3 || (context->version_major == 3 && context->version_minor < 2))
        return false;
    return mode == GL_MULTIPLY || mode == GL_SCREEN || (mode >= GL_OVERLAY && mode <= GL_EXCLUSION) ||
           (mode >= GL_HSL_HUE && mode <= GL_HSL_LUMINOSITY);
}

bool
dc_hook_BlendFuncSeparate(struct dc_context *context, GLenum src_rgb, GLenum dst_rgb, GLenum src_alpha,
                          GLenum dst_alpha)
{
    if (is_factor(src_rgb) && is_factor(dst_rgb) && is_factor(src_alpha) && is_factor(dst_alpha)) {
        for (unsigned i = 0; i < DC_MAX_DRAW_BUFFERS; i++) {
            struct dc_blend *blend = &state_of(context)->blend[i];
            blend->src_rgb = src_rgb;
            blend->dst_rgb = dst_rgb;
            blend->src_alpha = src_alpha;
            blend->dst_alpha = dst_alpha;
        }
    }
    return true;
}

bool
dc_hook_BlendFunc(struct dc_context *context, GLenum src, GLenum dst)
{
    return dc_hook_BlendFuncSeparate(context, src, dst, src, dst);
}

bool
dc_hook_BlendFuncSeparatei(struct dc_context *context, GLuint buf, GLenum src_rgb, GLenum dst_rgb, GLenum src_alpha,
                           GLenum dst_alpha)
{
    struct dc_gles_state *s = state_of(context);
    if (buf < s->max_draw_buffers && is_factor(src_rgb) && is_factor(dst_rgb) && is_factor(src_alpha) &&
        is_factor(dst_alpha)) {
        s->blend[buf].src_rgb = src_rgb;
        s->blend[buf].dst_rgb = dst_rgb;
        s->blend[buf].src_alpha = src_alpha;
        s->blend[buf].dst_alpha = dst_alpha;
    }
    return true;
}

bool
dc_hook_BlendFunci(struct dc_context *context, GLuint buf, GLenum src, GLenum dst)
{
    return dc_hook_BlendFuncSeparatei(context, buf, src, dst, src, dst);
}

bool
dc_hook_BlendEquationSeparate(struct dc_context *context, GLenum rgb, GLenum alpha)
{
    if (is_equation(rgb) && is_equation(alpha)) {
        for (unsigned i = 0; i < DC_MAX_DRAW_BUFFERS; i++) {
            state_of(context)->blend[i].equation_rgb = rgb;
            state_of(context)->blend[i].equation_alpha = alpha;
        }
    }
    return true;
}

bool
dc_hook_BlendEquation(struct dc_context *context, GLenum mode)
{
    if (is_equation(mode) || is_advanced_equation(context, mode)) {
        for (unsigned i = 0; i < DC_MAX_DRAW_BUFFERS; i++)
            state_of(context)->blend[i].equation_rgb = state_of(context)->blend[i].equation_alpha = mode;
    }
    return true;
}

bool
dc_hook_BlendEquationSeparatei(struct dc_context *context, GLuint buf, GLenum rgb, GLenum alpha)
{
    struct dc_gles_state *s = state_of(context);
    if (buf < s->max_draw_buffers && is_equation(rgb) && is_equation(alpha)) {
        s->blend[buf].equation_rgb = rgb;
        s->blend[buf].equation_alpha = alpha;
    }
    return true;
}

bool
dc_hook_BlendEquationi(struct dc_context *context, GLuint buf, GLenum mode)
{
    struct dc_gles_state *s = state_of(context);
    if (buf < s->max_draw_buffers && (is_equation(mode) || is_advanced_equation(context, mode)))
        s->blend[buf].equation_rgb = s->blend[buf].equation_alpha = mode;
    return true;
}

bool
dc_hook_ClearColor(struct dc_context *context, GLfloat red, GLfloat green, GLfloat blue, GLfloat alpha)
{
    memcpy(state_of(context)->clear_color, (GLfloat[]){ red, green, blue, alpha }, 16);
    return true;
}

bool
dc_hook_ClearDepthf(struct dc_context *context, GLfloat depth)
{
    state_of(context)->clear_depth = clamp01(depth);
    return true;
}

bool
dc_hook_ClearStencil(struct dc_context *context, GLint value)
{
    state_of(context)->clear_stencil = value;
    return true;
}

static uint8_t
mask_bits(GLboolean red, GLboolean green, GLboolean blue, GLboolean alpha)
{
    return (uint8_t)((red ? 1 : 0) | (green ? 2 : 0) | (blue ? 4 : 0) | (alpha ? 8 : 0));
}

bool
dc_hook_ColorMask(struct dc_context *context, GLboolean red, GLboolean green, GLboolean blue, GLboolean alpha)
{
    memset(state_of(context)->color_mask, mask_bits(red, green, blue, alpha), DC_MAX_DRAW_BUFFERS);
    return true;
}

bool
dc_hook_ColorMaski(struct dc_context *context, GLuint buf, GLboolean red, GLboolean green, GLboolean blue,
                   GLboolean alpha)
{
    if (buf < state_of(context)->max_draw_buffers)
        state_of(context)->color_mask[buf] = mask_bits(red, green, blue, alpha);
    return true;
}

bool
dc_hook_CullFace(struct dc_context *context, GLenum mode)
{
    if (mode == GL_FRONT || mode == GL_BACK || mode == GL_FRONT_AND_BACK)
        state_of(context)->cull_face = mode;
    return true;
}

bool
dc_hook_FrontFace(struct dc_context *context, GLenum mode)
{
    if (mode == GL_CW || mode == GL_CCW)
        state_of(context)->front_face = mode;
    return true;
}

bool
dc_hook_DepthFunc(struct dc_context *context, GLenum func)
{
    if (func >= GL_NEVER && func <= GL_ALWAYS)
        state_of(context)->depth_func = func;
    return true;
}

bool
dc_hook_DepthMask(struct dc_context *context, GLboolean flag)
{
    state_of(context)->depth_mask = flag;
    return true;
}

bool
dc_hook_Hint(struct dc_context *context, GLenum target, GLenum mode)
{
    if (mode != GL_DONT_CARE && mode != GL_FASTEST && mode != GL_NICEST)
        return true;
    if (target == GL_GENERATE_MIPMAP_HINT)
        state_of(context)->hint_mipmap = mode;
    else if (target == GL_FRAGMENT_SHADER_DERIVATIVE_HINT)
        state_of(context)->hint_derivative = mode;
    return true;
}

bool
dc_hook_LineWidth(struct dc_context *context, GLfloat width)
{
    if (width > 0)
        state_of(context)->line_width = width;
    return true;
}

bool
dc_hook_PolygonOffset(struct dc_context *context, GLfloat factor, GLfloat units)
{
    state_of(context)->polygon_offset_factor = factor;
    state_of(context)->polygon_offset_units = units;
    return true;
}

bool
dc_hook_PolygonOffsetClampEXT(struct dc_context *context, GLfloat factor, GLfloat units, GLfloat clamp)
{
    return dc_hook_PolygonOffset(context, factor, units);
}

bool
dc_hook_SampleCoverage(struct dc_context *context, GLfloat value, GLboolean invert)
{
    state_of(context)->sample_coverage = clamp01(value);
    state_of(context)->sample_coverage_invert = invert;
    return true;
}
