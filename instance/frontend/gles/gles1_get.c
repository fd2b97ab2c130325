/* Questions of GLES 1.1: from the shadow and the profile, else from the driver (a wait that is counted). */
#include "gles1.h"

#include <math.h>
#include <string.h>

#include <gles_encode.h>
#include <gles_entry.h>

#include "../core/context.h"
#include "get.h"
#include "state.h"
#include "value.h"

/* State that all contexts have, by names that GLES 1.1 has too. */
static bool
is_common(GLenum pname)
{
    switch (pname) {
    case GL_VIEWPORT: case GL_SCISSOR_BOX: case GL_DEPTH_RANGE: case GL_LINE_WIDTH: case GL_CULL_FACE_MODE:
    case GL_FRONT_FACE: case GL_POLYGON_OFFSET_FACTOR: case GL_POLYGON_OFFSET_UNITS: case GL_SAMPLE_COVERAGE_VALUE:
    case GL_SAMPLE_COVERAGE_INVERT: case GL_COLOR_CLEAR_VALUE: case GL_DEPTH_CLEAR_VALUE: case GL_STENCIL_CLEAR_VALUE:
    case GL_DEPTH_FUNC: case GL_DEPTH_WRITEMASK: case GL_GENERATE_MIPMAP_HINT: case GL_COLOR_WRITEMASK:
    case GL_STENCIL_FUNC: case GL_STENCIL_FAIL: case GL_STENCIL_PASS_DEPTH_FAIL: case GL_STENCIL_PASS_DEPTH_PASS:
    case GL_STENCIL_REF: case GL_STENCIL_VALUE_MASK: case GL_STENCIL_WRITEMASK: case GL_PACK_ALIGNMENT:
    case GL_UNPACK_ALIGNMENT: case GL_ARRAY_BUFFER_BINDING: case GL_ELEMENT_ARRAY_BUFFER_BINDING:
    case GL_TEXTURE_BINDING_2D: case GL_TEXTURE_BINDING_CUBE_MAP: case GL_TEXTURE_BINDING_EXTERNAL_OES:
    case GL_ACTIVE_TEXTURE: case GL_FRAMEBUFFER_BINDING: case GL_RENDERBUFFER_BINDING: case GL_BLEND: case GL_CULL_FACE:
    case GL_DEPTH_TEST: case GL_DITHER: case GL_POLYGON_OFFSET_FILL: case GL_SAMPLE_ALPHA_TO_COVERAGE:
    case GL_SAMPLE_COVERAGE: case GL_SCISSOR_TEST: case GL_STENCIL_TEST:
        return true;
    default:
        return false;
    }
}

static const struct dc_matrix *
matrix_of(struct dc_context *context, GLenum pname)
{
    struct dc_gles1_state *state = context->gles->gles1;
    GLuint unit = context->gles->active_texture;
    const struct dc_matrix_stack *stack;
    switch (pname) {
    case GL_MODELVIEW_MATRIX:
    case GL_MODELVIEW_MATRIX_FLOAT_AS_INT_BITS_OES: stack = &state->modelview; break;
    case GL_PROJECTION_MATRIX:
    case GL_PROJECTION_MATRIX_FLOAT_AS_INT_BITS_OES: stack = &state->projection; break;
    case GL_TEXTURE_MATRIX:
    case GL_TEXTURE_MATRIX_FLOAT_AS_INT_BITS_OES:
        if (unit >= state->texture_units)
            return NULL;
        stack = &state->texture[unit];
        break;
    default: return NULL;
    }
    return &stack->matrices[stack->top];
}

static bool
get_stack(struct dc_context *context, GLenum pname, struct dc_value *value)
{
    struct dc_gles1_state *state = context->gles->gles1;
    GLuint unit = context->gles->active_texture;
    switch (pname) {
    case GL_MATRIX_MODE: dc_value_set_int(value, state->matrix_mode); return true;
    case GL_MODELVIEW_STACK_DEPTH: dc_value_set_int(value, state->modelview.top + 1); return true;
    case GL_PROJECTION_STACK_DEPTH: dc_value_set_int(value, state->projection.top + 1); return true;
    case GL_TEXTURE_STACK_DEPTH:
        if (unit >= state->texture_units)
            return false;
        dc_value_set_int(value, state->texture[unit].top + 1);
        return true;
    case GL_MODELVIEW_MATRIX:
    case GL_PROJECTION_MATRIX:
    case GL_TEXTURE_MATRIX: {
        const struct dc_matrix *matrix = matrix_of(context, pname);
        if (matrix)
            dc_value_set_floats(value, DC_VALUE_FLOAT, matrix->m, 16);
        return matrix;
    }
    default: return false;
    }
}

/* What whole number a value beyond [-1, 1] is, only its driver knows. */
static bool
set_normalized(struct dc_value *value, const GLfloat *f, uint32_t count)
{
    dc_value_set_floats(value, DC_VALUE_NORMALIZED, f, count);
    for (uint32_t i = 0; i < count; i++)
        if (!(f[i] >= -1 && f[i] <= 1))
            return false;
    return true;
}

static bool
get_current(struct dc_context *context, GLenum pname, struct dc_value *value)
{
    struct dc_gles1_state *state = context->gles->gles1;
    GLuint unit = context->gles->active_texture;
    switch (pname) {
    case GL_CURRENT_COLOR: return set_normalized(value, state->color, 4);
    case GL_CURRENT_NORMAL: return set_normalized(value, state->normal, 3);
    case GL_CURRENT_TEXTURE_COORDS:
        if (unit >= state->texture_units)
            return false;
        dc_value_set_floats(value, DC_VALUE_FLOAT, state->texture_coord[unit], 4);
        return true;
    case GL_CLIENT_ACTIVE_TEXTURE: dc_value_set_int(value, GL_TEXTURE0 + state->client_unit); return true;
    default: return false;
    }
}

static bool
get_limit(struct dc_context *context, GLenum pname, struct dc_value *value)
{
    const struct dc_profile *profile = &context->process->profile;
    const struct dc_profile_limit *limit = dc_profile_find_gles1_limit(profile, pname);
    if (pname == GL_NUM_COMPRESSED_TEXTURE_FORMATS)
        dc_value_set_int(value, profile->gles1.compressed_format_count);
    else if (!limit || !limit->value_count)
        return false;
    else if (limit->is_float)
        dc_value_set_floats(value, DC_VALUE_FLOAT, limit->f, limit->value_count);
    else if (limit->value_count == 1)
        dc_value_set_int(value, limit->i[0]);
    else
        dc_value_set_ints(value, (GLint[]){ (GLint)limit->i[0], (GLint)limit->i[1] }, 2);
    return true;
}

bool
dc_gles1_get(struct dc_context *context, GLenum pname, struct dc_value *value)
{
    bool on;
    if (is_common(pname))
        return dc_gles_get_state(context, pname, value);
    if (dc_gles1_is_enabled(context, pname, &on)) {
        dc_value_set_boolean(value, on);
        return true;
    }
    return get_stack(context, pname, value) || get_current(context, pname, value) ||
           dc_gles1_get_array(context, pname, value) || get_limit(context, pname, value);
}

/* Names of which glGetFixedv gives the number as it is, not as fixed point. */
void GL_APIENTRY
dc_gl_GetFixedv(GLenum pname, GLfixed *params)
{
    struct dc_context *context = dc_current;
    const struct dc_matrix *matrix = matrix_of(context, pname);
    if (matrix && dc_gles1_is_matrix(pname)) {
        for (unsigned i = 0; i < 16; i++)
            params[i] = (GLfixed)(matrix->m[i] * 65536.0f);
        return;
    }
    GLfixed answer[DC_VALUE_MOST];
    struct dc_call call;
    dc_call_begin(context->process, &call, answer, sizeof answer);
    dc_enc_GetFixedv(&context->encoder, call.serial, pname);
    if (dc_context_call_wait(context, &call, DC_WAIT_STACK) && call.got_bytes <= sizeof answer)
        memcpy(params, answer, call.got_bytes);
}

/* The matrix that commands go to now, as mantissa and exponent. What of it is no number is a bit of the result. */
GLbitfield GL_APIENTRY
dc_gl_QueryMatrixxOES(GLfixed *mantissa, GLint *exponent)
{
    struct dc_context *context = dc_current;
    struct dc_matrix_stack *stack = dc_gles1_matrix_stack(context);
    GLbitfield invalid = 0;
    for (unsigned i = 0; stack && i < 16; i++) {
        GLfloat value = stack->matrices[stack->top].m[i];
        int power = 0;
        if (isnan(value) || isinf(value)) {
            mantissa[i] = isnan(value) ? 0 : value > 0 ? 65536 : -65536;
            exponent[i] = 0;
            invalid |= 1u << i;
        } else {
            mantissa[i] = (GLfixed)(frexpf(value, &power) * 65536.0f);
            exponent[i] = power;
        }
    }
    return invalid;
}
