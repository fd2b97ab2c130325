/* Shadow of the stencil state. */
#include <gles_entry.h>

#include "state.h"

/* Faces that `face` names: a bit each, 0 for none. */
static unsigned
faces_of(GLenum face)
{
    return face == GL_FRONT ? 1 : face == GL_BACK ? 2 : face == GL_FRONT_AND_BACK ? 3 : 0;
}

bool
dc_hook_StencilFuncSeparate(struct dc_context *context, GLenum face, GLenum func, GLint ref, GLuint mask)
{
    if (func < GL_NEVER || func > GL_ALWAYS)
        return true;
    for (unsigned i = 0; i < 2; i++) {
        if (faces_of(face) >> i & 1) {
            context->gles->stencil[i].func = func;
            context->gles->stencil[i].ref = ref;
            context->gles->stencil[i].value_mask = mask;
        }
    }
    return true;
}

bool
dc_hook_StencilFunc(struct dc_context *context, GLenum func, GLint ref, GLuint mask)
{
    return dc_hook_StencilFuncSeparate(context, GL_FRONT_AND_BACK, func, ref, mask);
}

bool
dc_hook_StencilMaskSeparate(struct dc_context *context, GLenum face, GLuint mask)
{
    for (unsigned i = 0; i < 2; i++) {
        if (faces_of(face) >> i & 1)
            context->gles->stencil[i].write_mask = mask;
    }
    return true;
}

bool
dc_hook_StencilMask(struct dc_context *context, GLuint mask)
{
    return dc_hook_StencilMaskSeparate(context, GL_FRONT_AND_BACK, mask);
}

static bool
is_stencil_op(GLenum op)
{
    return op == GL_KEEP || op == GL_ZERO || op == GL_REPLACE || op == GL_INCR || op == GL_DECR || op == GL_INVERT ||
           op == GL_INCR_WRAP || op == GL_DECR_WRAP;
}

bool
dc_hook_StencilOpSeparate(struct dc_context *context, GLenum face, GLenum fail, GLenum zfail, GLenum zpass)
{
    if (!is_stencil_op(fail) || !is_stencil_op(zfail) || !is_stencil_op(zpass))
        return true;
    for (unsigned i = 0; i < 2; i++) {
        if (faces_of(face) >> i & 1) {
            context->gles->stencil[i].fail = fail;
            context->gles->stencil[i].zfail = zfail;
            context->gles->stencil[i].zpass = zpass;
        }
    }
    return true;
}

bool
dc_hook_StencilOp(struct dc_context *context, GLenum fail, GLenum zfail, GLenum zpass)
{
    return dc_hook_StencilOpSeparate(context, GL_FRONT_AND_BACK, fail, zfail, zpass);
}
