/* Parameters of objects and formats that only the driver knows, and KHR_debug. */
#include <gles_entry.h>

#include <string.h>

#include <gles_encode.h>

#include "error.h"
#include "glsl_object.h"
#include "state.h"

/* Asks and copies what came back: 1 to 4 values, as many as the driver has for the name. */
#define ASK(command, ...)                                                                                              \
    do {                                                                                                               \
        struct dc_context *context = dc_current;                                                                       \
        if (!context)                                                                                                  \
            return;                                                                                                    \
        uint32_t answer[4];                                                                                            \
        struct dc_call call;                                                                                           \
        dc_call_begin(context->process, &call, answer, sizeof answer);                                                 \
        dc_enc_##command(&context->encoder, call.serial, __VA_ARGS__);                                                 \
        if (dc_context_call_wait(context, &call, DC_WAIT_STACK) && call.got_bytes <= sizeof answer)                    \
            memcpy(params, answer, call.got_bytes);                                                                    \
    } while (0)

#define GETTER(command, kind, element)                                                                                 \
    void GL_APIENTRY dc_gl_##command(kind object, GLenum pname, element *params)                                       \
    {                                                                                                                  \
        ASK(command, object, pname);                                                                                   \
    }

GETTER(GetTexParameterfv, GLenum, GLfloat)
GETTER(GetTexParameteriv, GLenum, GLint)
GETTER(GetTexParameterIiv, GLenum, GLint)
GETTER(GetTexParameterIuiv, GLenum, GLuint)
GETTER(GetSamplerParameterfv, GLuint, GLfloat)
GETTER(GetSamplerParameteriv, GLuint, GLint)
GETTER(GetSamplerParameterIiv, GLuint, GLint)
GETTER(GetSamplerParameterIuiv, GLuint, GLuint)
GETTER(GetRenderbufferParameteriv, GLenum, GLint)

void GL_APIENTRY
dc_gl_GetInternalformativ(GLenum target, GLenum internalformat, GLenum pname, GLsizei count, GLint *params)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    struct dc_call call;
    dc_call_begin(context->process, &call, params, count > 0 && params ? (size_t)count * 4 : 0);
    dc_enc_GetInternalformativ(&context->encoder, call.serial, target, internalformat, pname, count);
    dc_context_call_wait(context, &call, DC_WAIT_STACK);
}

/* ---- KHR_debug: labels, groups and messages go to the driver, where an operator's tools see them ---- */

static uint32_t
text_bytes(GLsizei length, const GLchar *text)
{
    size_t size = !text ? 0 : length < 0 ? strlen(text) : (size_t)length;
    return size > 65536 ? 65536 : (uint32_t)size;
}

void GL_APIENTRY
dc_gl_ObjectLabel(GLenum identifier, GLuint name, GLsizei length, const GLchar *label)
{
    struct dc_context *context = dc_current;
    uint32_t size = text_bytes(length, label);
    if (context)
        dc_enc_ObjectLabel(&context->encoder, identifier, name, label ? (GLsizei)size : 0, label, size);
}

void GL_APIENTRY
dc_gl_GetObjectLabel(GLenum identifier, GLuint name, GLsizei buf_size, GLsizei *length, GLchar *label)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    if (buf_size < 0) {
        dc_gles_raise(context, GL_INVALID_VALUE);
        return;
    }
    char answer[4096 + 1] = "";
    struct dc_call call;
    dc_call_begin(context->process, &call, answer, sizeof answer - 1);
    dc_enc_GetObjectLabel(&context->encoder, call.serial, identifier, name, label && buf_size < 4096 ? buf_size : 4096);
    if (dc_context_call_wait(context, &call, DC_WAIT_STACK))
        dc_glsl_copy_string(answer, label ? buf_size : INT32_MAX, length, label);
}

void GL_APIENTRY
dc_gl_PushDebugGroup(GLenum source, GLuint id, GLsizei length, const GLchar *message)
{
    struct dc_context *context = dc_current;
    uint32_t size = text_bytes(length, message);
    if (context)
        dc_enc_PushDebugGroup(&context->encoder, source, id, (GLsizei)size, message, size);
}

void GL_APIENTRY
dc_gl_PopDebugGroup(void)
{
    if (dc_current)
        dc_enc_PopDebugGroup(&dc_current->encoder);
}

void GL_APIENTRY
dc_gl_DebugMessageInsert(GLenum source, GLenum type, GLuint id, GLenum severity, GLsizei length, const GLchar *buf)
{
    struct dc_context *context = dc_current;
    uint32_t size = text_bytes(length, buf);
    if (context)
        dc_enc_DebugMessageInsert(&context->encoder, source, type, id, severity, (GLsizei)size, buf, size);
}

void GL_APIENTRY
dc_gl_DebugMessageControl(GLenum source, GLenum type, GLenum severity, GLsizei count, const GLuint *ids,
                          GLboolean enabled)
{
    struct dc_context *context = dc_current;
    bool listed = ids && count > 0 && count < 65536;
    if (context)
        dc_enc_DebugMessageControl(&context->encoder, source, type, severity, count, listed ? ids : 0,
                                   listed ? (uint32_t)count * 4 : 0, enabled);
}
