#include "gles1.h"

#include <stdlib.h>

#include <gles_entry.h>

#include "../core/context.h"
#include "error.h"
#include "state.h"

static uint32_t
stack_limit(const struct dc_context *context, GLenum pname, uint32_t otherwise)
{
    const struct dc_profile_limit *limit = dc_profile_find_gles1_limit(&context->process->profile, pname);
    int64_t value = limit && limit->value_count ? limit->i[0] : otherwise;
    return value < 1 ? 1 : value > DC_GLES1_STACK_MOST ? DC_GLES1_STACK_MOST : (uint32_t)value;
}

static bool
init_stack(struct dc_matrix_stack *stack, uint32_t limit)
{
    *stack = (struct dc_matrix_stack){ .matrices = calloc(limit, sizeof *stack->matrices), .limit = limit };
    if (stack->matrices)
        dc_matrix_set_identity(&stack->matrices[0]);
    return stack->matrices;
}

/* Values that arrays of GLES 1.1 begin with, where they are other than an attribute's. */
static void
init_arrays(struct dc_vao *vao)
{
    vao->attribs[DC_GLES1_NORMAL].size = 3;
    vao->attribs[DC_GLES1_POINT_SIZE].size = 1;
}

enum { CAP_MULTISAMPLE_BIT = 40 };

bool
dc_gles1_create(struct dc_context *context)
{
    struct dc_gles1_state *state = calloc(1, sizeof *state);
    context->gles->gles1 = state;
    if (!state)
        return false;
    state->caps = (uint64_t)1 << CAP_MULTISAMPLE_BIT;
    state->matrix_mode = GL_MODELVIEW;
    state->color[0] = state->color[1] = state->color[2] = state->color[3] = 1;
    state->normal[2] = 1;
    state->texture_units = stack_limit(context, GL_MAX_TEXTURE_UNITS, 2);
    if (state->texture_units > DC_GLES1_TEXTURE_UNITS)
        state->texture_units = DC_GLES1_TEXTURE_UNITS;
    bool ok = init_stack(&state->modelview, stack_limit(context, GL_MAX_MODELVIEW_STACK_DEPTH, 16)) &&
              init_stack(&state->projection, stack_limit(context, GL_MAX_PROJECTION_STACK_DEPTH, 2));
    for (unsigned i = 0; i < DC_GLES1_TEXTURE_UNITS; i++) {
        state->texture_coord[i][3] = 1;
        ok = ok && init_stack(&state->texture[i], stack_limit(context, GL_MAX_TEXTURE_STACK_DEPTH, 2));
    }
    init_arrays(&context->gles->default_vao);
    return ok;
}

void
dc_gles1_destroy(struct dc_gles1_state *state)
{
    if (!state)
        return;
    free(state->modelview.matrices);
    free(state->projection.matrices);
    for (unsigned i = 0; i < DC_GLES1_TEXTURE_UNITS; i++)
        free(state->texture[i].matrices);
    free(state);
}

/* ---- enables ---- */

/* A bit of `caps`; -1: none. */
static int
cap_bit(GLenum cap)
{
    if (cap >= GL_LIGHT0 && cap < GL_LIGHT0 + 8)
        return (int)(cap - GL_LIGHT0);
    if (cap >= GL_CLIP_PLANE0 && cap < GL_CLIP_PLANE0 + 6) // what every driver has
        return (int)(8 + cap - GL_CLIP_PLANE0);
    switch (cap) {
    case GL_LIGHTING: return 32;
    case GL_FOG: return 33;
    case GL_COLOR_MATERIAL: return 34;
    case GL_NORMALIZE: return 35;
    case GL_RESCALE_NORMAL: return 36;
    case GL_ALPHA_TEST: return 37;
    case GL_COLOR_LOGIC_OP: return 38;
    case GL_LINE_SMOOTH: return 39;
    case GL_MULTISAMPLE: return CAP_MULTISAMPLE_BIT;
    case GL_POINT_SMOOTH: return 41;
    case GL_SAMPLE_ALPHA_TO_ONE: return 42;
    case GL_POINT_SPRITE_OES: return 43;
    default: return -1;
    }
}

/* A bit of a texture unit's; -1: none. */
static int
unit_bit(GLenum cap)
{
    switch (cap) {
    case GL_TEXTURE_2D: return 0;
    case GL_TEXTURE_CUBE_MAP_OES: return 1;
    case GL_TEXTURE_EXTERNAL_OES: return 2;
    default: return -1;
    }
}

/* Those that GLES 2 has too. GLES 1.1 has no others of GLES 3. */
bool
dc_gles1_is_common_cap(GLenum cap)
{
    return cap == GL_BLEND || cap == GL_CULL_FACE || cap == GL_DEPTH_TEST || cap == GL_DITHER ||
           cap == GL_POLYGON_OFFSET_FILL || cap == GL_SAMPLE_ALPHA_TO_COVERAGE || cap == GL_SAMPLE_COVERAGE ||
           cap == GL_SCISSOR_TEST || cap == GL_STENCIL_TEST;
}

bool
dc_gles1_set_cap(struct dc_context *context, GLenum cap, bool on, bool *changes)
{
    struct dc_gles1_state *state = context->gles->gles1;
    int bit = cap_bit(cap), of_unit = unit_bit(cap);
    GLuint unit = context->gles->active_texture;
    *changes = true;
    if (bit >= 0) {
        *changes = (state->caps >> bit & 1) != on;
        state->caps = (state->caps & ~((uint64_t)1 << bit)) | (uint64_t)on << bit;
    } else if (of_unit >= 0 && unit < state->texture_units) {
        *changes = (state->unit_caps[unit] >> of_unit & 1) != on;
        state->unit_caps[unit] = (uint8_t)((state->unit_caps[unit] & ~(1u << of_unit)) | (unsigned)on << of_unit);
    } else if (!dc_gles1_is_common_cap(cap)) { // Mesa takes arrays here too
        *changes = dc_gles1_set_client_state(context, cap, on);
    }
    return !dc_gles1_is_common_cap(cap);
}

static bool
get_client_state(struct dc_context *context, GLenum array, bool *on)
{
    int index = dc_gles1_array_index(array, context->gles->gles1->client_unit);
    if (index >= 0)
        *on = context->gles->vao->enabled >> index & 1;
    return index >= 0;
}

bool
dc_gles1_is_enabled(struct dc_context *context, GLenum cap, bool *on)
{
    struct dc_gles1_state *state = context->gles->gles1;
    int bit = cap_bit(cap), of_unit = unit_bit(cap);
    GLuint unit = context->gles->active_texture;
    if (bit >= 0)
        *on = state->caps >> bit & 1;
    else if (of_unit >= 0 && unit < state->texture_units)
        *on = state->unit_caps[unit] >> of_unit & 1;
    else
        return get_client_state(context, cap, on);
    return true;
}

/* ---- current values ---- */

bool
dc_hook_Color4f(struct dc_context *context, GLfloat red, GLfloat green, GLfloat blue, GLfloat alpha)
{
    GLfloat *color = context->gles->gles1->color;
    color[0] = red;
    color[1] = green;
    color[2] = blue;
    color[3] = alpha;
    return true;
}

bool
dc_hook_Color4ub(struct dc_context *context, GLubyte red, GLubyte green, GLubyte blue, GLubyte alpha)
{
    return dc_hook_Color4f(context, (GLfloat)red / 255.0f, (GLfloat)green / 255.0f, (GLfloat)blue / 255.0f,
                           (GLfloat)alpha / 255.0f);
}

bool
dc_hook_Color4x(struct dc_context *context, GLfixed red, GLfixed green, GLfixed blue, GLfixed alpha)
{
    return dc_hook_Color4f(context, dc_gles1_from_fixed(red), dc_gles1_from_fixed(green), dc_gles1_from_fixed(blue),
                           dc_gles1_from_fixed(alpha));
}

bool
dc_hook_Normal3f(struct dc_context *context, GLfloat x, GLfloat y, GLfloat z)
{
    GLfloat *normal = context->gles->gles1->normal;
    normal[0] = x;
    normal[1] = y;
    normal[2] = z;
    return true;
}

bool
dc_hook_Normal3x(struct dc_context *context, GLfixed x, GLfixed y, GLfixed z)
{
    return dc_hook_Normal3f(context, dc_gles1_from_fixed(x), dc_gles1_from_fixed(y), dc_gles1_from_fixed(z));
}

bool
dc_hook_MultiTexCoord4f(struct dc_context *context, GLenum target, GLfloat s, GLfloat t, GLfloat r, GLfloat q)
{
    GLuint unit = target - GL_TEXTURE0;
    if (unit >= context->gles->gles1->texture_units)
        return true;
    GLfloat *coord = context->gles->gles1->texture_coord[unit];
    coord[0] = s;
    coord[1] = t;
    coord[2] = r;
    coord[3] = q;
    return true;
}

bool
dc_hook_MultiTexCoord4x(struct dc_context *context, GLenum target, GLfixed s, GLfixed t, GLfixed r, GLfixed q)
{
    return dc_hook_MultiTexCoord4f(context, target, dc_gles1_from_fixed(s), dc_gles1_from_fixed(t),
                                   dc_gles1_from_fixed(r), dc_gles1_from_fixed(q));
}
