/* glGen*, glIs*: names are ours to give, so nobody is asked. */
#include <gles_entry.h>

#include <gles_encode.h>

#include "error.h"
#include "shared.h"
#include "state.h"

/* true: forward. */
static bool
generate(struct dc_context *context, struct dc_names *names, GLsizei n, GLuint *out)
{
    if (n < 0) {
        dc_gles_raise(context, GL_INVALID_VALUE);
        return false;
    }
    if (n == 0 || !out)
        return false;
    dc_gles_lock(context->shared);
    bool ok = dc_names_generate(names, (uint32_t)n, out, DC_NAME_RESERVED);
    dc_gles_unlock(context->shared);
    if (!ok)
        dc_gles_raise(context, GL_OUT_OF_MEMORY);
    return ok;
}

#define GEN(command, names)                                                                                            \
    void GL_APIENTRY dc_gl_##command(GLsizei n, GLuint *out)                                                           \
    {                                                                                                                  \
        struct dc_context *context = dc_current;                                                                       \
        if (context && generate(context, &context->names, n, out))                                                     \
            dc_enc_##command(&context->encoder, n, out, (uint32_t)n * 4);                                              \
    }

GEN(GenBuffers, shared->buffers)
GEN(GenTextures, shared->textures)
GEN(GenRenderbuffers, shared->renderbuffers)
GEN(GenSamplers, shared->samplers)
GEN(GenFramebuffers, gles->framebuffer_names)
GEN(GenVertexArrays, gles->vao_names)
GEN(GenQueries, gles->query_names)
GEN(GenTransformFeedbacks, gles->xfb_names)
GEN(GenProgramPipelines, gles->pipeline_names)

#define IS(command, names)                                                                                             \
    GLboolean GL_APIENTRY dc_gl_##command(GLuint name)                                                                 \
    {                                                                                                                  \
        return dc_current && dc_names_exists(&dc_current->names, name);                                                \
    }

IS(IsBuffer, shared->buffers)
IS(IsTexture, shared->textures)
IS(IsRenderbuffer, shared->renderbuffers)
IS(IsFramebuffer, gles->framebuffer_names)
IS(IsVertexArray, gles->vao_names)
IS(IsQuery, gles->query_names)
IS(IsTransformFeedback, gles->xfb_names)
IS(IsProgramPipeline, gles->pipeline_names)

/* Samplers come into being with their name. */
GLboolean GL_APIENTRY
dc_gl_IsSampler(GLuint name)
{
    return dc_current && name && dc_names_get(&dc_current->shared->samplers, name) != DC_NAME_FREE;
}
