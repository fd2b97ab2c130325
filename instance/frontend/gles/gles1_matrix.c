/*
 * Matrices of GLES 1.1 with their stacks. A refused command leaves them as they were. The arithmetic is single precision in
 * the order that Mesa computes in, so that what is asked for is what its driver would say.
 */
#include "gles1.h"

#include <math.h>
#include <string.h>

#include <gles_encode.h>
#include <gles_entry.h>

#include "../core/context.h"
#include "state.h"

void
dc_matrix_set_identity(struct dc_matrix *matrix)
{
    *matrix = (struct dc_matrix){ .m = { [0] = 1, [5] = 1, [10] = 1, [15] = 1 } };
}

static void
multiply(struct dc_matrix *matrix, const GLfloat *right)
{
    for (unsigned row = 0; row < 4; row++) {
        GLfloat *m = matrix->m;
        const GLfloat left[4] = { m[row], m[row + 4], m[row + 8], m[row + 12] };
        for (unsigned column = 0; column < 4; column++) {
            const GLfloat *r = right + 4 * column;
            m[row + 4 * column] = left[0] * r[0] + left[1] * r[1] + left[2] * r[2] + left[3] * r[3];
        }
    }
}

struct dc_matrix_stack *
dc_gles1_matrix_stack(struct dc_context *context)
{
    struct dc_gles1_state *state = context->gles->gles1;
    GLuint unit = context->gles->active_texture;
    if (state->matrix_mode == GL_MODELVIEW)
        return &state->modelview;
    if (state->matrix_mode == GL_PROJECTION)
        return &state->projection;
    return unit < state->texture_units ? &state->texture[unit] : NULL;
}

static struct dc_matrix *
top(struct dc_context *context)
{
    struct dc_matrix_stack *stack = dc_gles1_matrix_stack(context);
    return stack ? &stack->matrices[stack->top] : NULL;
}

bool
dc_hook_MatrixMode(struct dc_context *context, GLenum mode)
{
    struct dc_gles1_state *state = context->gles->gles1;
    bool on_unit = mode == GL_TEXTURE && context->gles->active_texture < state->texture_units;
    if (mode != GL_MODELVIEW && mode != GL_PROJECTION && !on_unit)
        return true; // the driver has an error for it
    bool changes = mode != state->matrix_mode;
    state->matrix_mode = mode;
    return changes;
}

bool
dc_hook_PushMatrix(struct dc_context *context)
{
    struct dc_matrix_stack *stack = dc_gles1_matrix_stack(context);
    if (stack && stack->top + 1 < stack->limit) {
        stack->matrices[stack->top + 1] = stack->matrices[stack->top];
        stack->top++;
    }
    return true;
}

bool
dc_hook_PopMatrix(struct dc_context *context)
{
    struct dc_matrix_stack *stack = dc_gles1_matrix_stack(context);
    if (stack && stack->top)
        stack->top--;
    return true;
}

bool
dc_hook_LoadIdentity(struct dc_context *context)
{
    struct dc_matrix *matrix = top(context);
    if (matrix)
        dc_matrix_set_identity(matrix);
    return true;
}

bool
dc_hook_LoadMatrixf(struct dc_context *context, const GLfloat *m)
{
    struct dc_matrix *matrix = top(context);
    if (matrix && m)
        memcpy(matrix->m, m, sizeof matrix->m);
    return true;
}

bool
dc_hook_MultMatrixf(struct dc_context *context, const GLfloat *m)
{
    struct dc_matrix *matrix = top(context);
    if (matrix && m)
        multiply(matrix, m);
    return true;
}

static const GLfloat *
to_floats(GLfloat out[16], const GLfixed *m)
{
    for (unsigned i = 0; m && i < 16; i++)
        out[i] = dc_gles1_from_fixed(m[i]);
    return m ? out : NULL;
}

bool
dc_hook_LoadMatrixx(struct dc_context *context, const GLfixed *m)
{
    GLfloat floats[16];
    return dc_hook_LoadMatrixf(context, to_floats(floats, m));
}

bool
dc_hook_MultMatrixx(struct dc_context *context, const GLfixed *m)
{
    GLfloat floats[16];
    return dc_hook_MultMatrixf(context, to_floats(floats, m));
}

bool
dc_hook_Translatef(struct dc_context *context, GLfloat x, GLfloat y, GLfloat z)
{
    struct dc_matrix *matrix = top(context);
    GLfloat *m = matrix ? matrix->m : NULL;
    for (unsigned i = 0; m && i < 4; i++)
        m[12 + i] = m[i] * x + m[4 + i] * y + m[8 + i] * z + m[12 + i];
    return true;
}

bool
dc_hook_Scalef(struct dc_context *context, GLfloat x, GLfloat y, GLfloat z)
{
    struct dc_matrix *matrix = top(context);
    GLfloat *m = matrix ? matrix->m : NULL;
    for (unsigned i = 0; m && i < 4; i++) {
        m[i] *= x;
        m[4 + i] *= y;
        m[8 + i] *= z;
    }
    return true;
}

/* A turn about one of the axes, `a` to `b` being the turned plane's columns. */
static void
turn_plane(GLfloat r[16], unsigned a, unsigned b, GLfloat c, GLfloat s)
{
    r[5 * a] = r[5 * b] = c;
    r[4 * a + b] = s;
    r[4 * b + a] = -s;
}

/* false: no axis, which turns nothing. */
static bool
turn_about(GLfloat r[16], GLfloat x, GLfloat y, GLfloat z, GLfloat c, GLfloat s)
{
    GLfloat length = sqrtf(x * x + y * y + z * z), rest = 1.0f - c;
    if (length <= 1.0e-4f)
        return false;
    x /= length;
    y /= length;
    z /= length;
    const GLfloat xx = x * x, yy = y * y, zz = z * z, xy = x * y, yz = y * z, zx = z * x;
    const GLfloat xs = x * s, ys = y * s, zs = z * s;
    r[0] = rest * xx + c;
    r[4] = rest * xy - zs;
    r[8] = rest * zx + ys;
    r[1] = rest * xy + zs;
    r[5] = rest * yy + c;
    r[9] = rest * yz - xs;
    r[2] = rest * zx - ys;
    r[6] = rest * yz + xs;
    r[10] = rest * zz + c;
    return true;
}

bool
dc_hook_Rotatef(struct dc_context *context, GLfloat angle, GLfloat x, GLfloat y, GLfloat z)
{
    struct dc_matrix *matrix = top(context), r;
    GLfloat s = sinf((GLfloat)((double)angle * M_PI / 180.0)), c = cosf((GLfloat)((double)angle * M_PI / 180.0));
    if (!matrix || angle == 0.0f)
        return true;
    dc_matrix_set_identity(&r);
    if (x == 0 && y == 0 && z != 0)
        turn_plane(r.m, 0, 1, c, z < 0 ? -s : s);
    else if (x == 0 && z == 0 && y != 0)
        turn_plane(r.m, 2, 0, c, y < 0 ? -s : s);
    else if (y == 0 && z == 0 && x != 0)
        turn_plane(r.m, 1, 2, c, x < 0 ? -s : s);
    else if (!turn_about(r.m, x, y, z, c, s))
        return true;
    multiply(matrix, r.m);
    return true;
}

bool
dc_hook_Frustumf(struct dc_context *context, GLfloat l, GLfloat r, GLfloat b, GLfloat t, GLfloat n, GLfloat f)
{
    struct dc_matrix *matrix = top(context);
    if (!matrix || n <= 0 || f <= 0 || n == f || l == r || t == b)
        return true; // INVALID_VALUE
    const GLfloat m[16] = {
        [0] = (2.0f * n) / (r - l), [5] = (2.0f * n) / (t - b), [8] = (r + l) / (r - l), [9] = (t + b) / (t - b),
        [10] = -(f + n) / (f - n), [11] = -1, [14] = -(2.0f * f * n) / (f - n),
    };
    multiply(matrix, m);
    return true;
}

bool
dc_hook_Orthof(struct dc_context *context, GLfloat l, GLfloat r, GLfloat b, GLfloat t, GLfloat n, GLfloat f)
{
    struct dc_matrix *matrix = top(context);
    if (!matrix || l == r || b == t || n == f)
        return true; // INVALID_VALUE
    const GLfloat m[16] = {
        [0] = 2.0f / (r - l), [5] = 2.0f / (t - b), [10] = -2.0f / (f - n), [12] = -(r + l) / (r - l),
        [13] = -(t + b) / (t - b), [14] = -(f + n) / (f - n), [15] = 1,
    };
    multiply(matrix, m);
    return true;
}

#define X(v) dc_gles1_from_fixed(v)

bool
dc_hook_Translatex(struct dc_context *context, GLfixed x, GLfixed y, GLfixed z)
{
    return dc_hook_Translatef(context, X(x), X(y), X(z));
}

bool
dc_hook_Scalex(struct dc_context *context, GLfixed x, GLfixed y, GLfixed z)
{
    return dc_hook_Scalef(context, X(x), X(y), X(z));
}

bool
dc_hook_Rotatex(struct dc_context *context, GLfixed angle, GLfixed x, GLfixed y, GLfixed z)
{
    return dc_hook_Rotatef(context, X(angle), X(x), X(y), X(z));
}

bool
dc_hook_Frustumx(struct dc_context *context, GLfixed l, GLfixed r, GLfixed b, GLfixed t, GLfixed n, GLfixed f)
{
    return dc_hook_Frustumf(context, X(l), X(r), X(b), X(t), X(n), X(f));
}

bool
dc_hook_Orthox(struct dc_context *context, GLfixed l, GLfixed r, GLfixed b, GLfixed t, GLfixed n, GLfixed f)
{
    return dc_hook_Orthof(context, X(l), X(r), X(b), X(t), X(n), X(f));
}
