/* Program interface queries of GLES 3.1. What the reflection does not have, the driver answers (or refuses). */
#include <gles_entry.h>

#include <string.h>

#include <gles_encode.h>

#include "error.h"
#include "glsl_object.h"
#include "shared.h"
#include "state.h"

static struct dc_glsl_object *
open_program(struct dc_context *context, GLuint name)
{
    struct dc_glsl_object *object = context ? dc_glsl_object_get(context, name, true) : 0;
    if (!object)
        return 0;
    dc_glsl_object_wait(context, object);
    dc_gles_lock(context->shared);
    return object;
}

static bool
is_interface(GLenum interface)
{
    return interface == GL_UNIFORM || interface == GL_UNIFORM_BLOCK || interface == GL_PROGRAM_INPUT ||
           interface == GL_PROGRAM_OUTPUT || interface == GL_BUFFER_VARIABLE || interface == GL_SHADER_STORAGE_BLOCK ||
           interface == GL_ATOMIC_COUNTER_BUFFER || interface == GL_TRANSFORM_FEEDBACK_VARYING;
}

void GL_APIENTRY
dc_gl_GetProgramInterfaceiv(GLuint program, GLenum interface, GLenum pname, GLint *params)
{
    struct dc_context *context = dc_current;
    struct dc_glsl_object *object = open_program(context, program);
    if (!object)
        return;
    int32_t value = 0;
    bool known = is_interface(interface) && dc_reflection_interface_value(&object->reflection, interface, pname, &value);
    dc_gles_unlock(context->shared);
    if (known) {
        *params = value;
        return;
    }
    struct dc_call call;
    dc_call_begin(context->process, &call, params, 4);
    dc_enc_GetProgramInterfaceiv(&context->encoder, call.serial, program, interface, pname);
    dc_context_call_wait(context, &call, DC_WAIT_STACK);
}

GLuint GL_APIENTRY
dc_gl_GetProgramResourceIndex(GLuint program, GLenum interface, const GLchar *name)
{
    struct dc_context *context = dc_current;
    struct dc_glsl_object *object = open_program(context, program);
    if (!object)
        return GL_INVALID_INDEX;
    bool good = is_interface(interface) && interface != GL_ATOMIC_COUNTER_BUFFER;
    const struct dc_interface *list = good ? dc_reflection_interface(&object->reflection, interface) : 0;
    int64_t index = list && name ? dc_reflection_index(list, name) : -1;
    dc_gles_unlock(context->shared);
    if (!good)
        dc_gles_raise(context, GL_INVALID_ENUM);
    return index < 0 ? GL_INVALID_INDEX : (GLuint)index;
}

void GL_APIENTRY
dc_gl_GetProgramResourceName(GLuint program, GLenum interface, GLuint index, GLsizei buf_size, GLsizei *length,
                             GLchar *name)
{
    struct dc_context *context = dc_current;
    struct dc_glsl_object *object = open_program(context, program);
    if (!object)
        return;
    bool good = is_interface(interface) && interface != GL_ATOMIC_COUNTER_BUFFER;
    const struct dc_interface *list = good ? dc_reflection_interface(&object->reflection, interface) : 0;
    bool found = list && index < list->count && buf_size >= 0;
    if (found)
        dc_glsl_copy_string(list->resources[index].name, buf_size, length, name);
    dc_gles_unlock(context->shared);
    if (!found)
        dc_gles_raise(context, good ? GL_INVALID_VALUE : GL_INVALID_ENUM);
}

void GL_APIENTRY
dc_gl_GetProgramResourceiv(GLuint program, GLenum interface, GLuint index, GLsizei prop_count, const GLenum *props,
                           GLsizei count, GLsizei *length, GLint *params)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    if (prop_count <= 0 || count < 0) {
        dc_gles_raise(context, GL_INVALID_VALUE);
        return;
    }
    struct dc_glsl_object *object = open_program(context, program);
    if (!object)
        return;
    const struct dc_interface *list =
        is_interface(interface) ? dc_reflection_interface(&object->reflection, interface) : 0;
    bool found = list && index < list->count;
    uint32_t written = 0;
    for (GLsizei i = 0; i < prop_count && found && written < (uint32_t)count; i++) {
        int32_t n = dc_reflection_resource_value(list, index, props[i], params + written, (uint32_t)count - written);
        found = n >= 0;
        written += found ? (uint32_t)n : 0;
    }
    dc_gles_unlock(context->shared);
    if (found) {
        if (length)
            *length = (GLsizei)written;
        return;
    }
    struct dc_call call; // the driver knows which of the many errors it is
    dc_call_begin(context->process, &call, 0, 0);
    dc_enc_GetProgramResourceiv(&context->encoder, call.serial, program, interface, index, prop_count, props,
                                (uint32_t)prop_count * 4, count);
    dc_context_call_wait(context, &call, DC_WAIT_STACK);
}

GLint GL_APIENTRY
dc_gl_GetProgramResourceLocation(GLuint program, GLenum interface, const GLchar *name)
{
    struct dc_context *context = dc_current;
    struct dc_glsl_object *object = open_program(context, program);
    if (!object)
        return -1;
    GLenum error = 0;
    GLint location = -1;
    if (!object->reflection.linked)
        error = GL_INVALID_OPERATION;
    else if (interface != GL_UNIFORM && interface != GL_PROGRAM_INPUT && interface != GL_PROGRAM_OUTPUT)
        error = GL_INVALID_ENUM;
    else if (name)
        location = dc_reflection_location(&object->reflection, interface, name);
    dc_gles_unlock(context->shared);
    if (error)
        dc_gles_raise(context, error);
    return location;
}

/* ---- values of uniforms, and pipelines: the driver's ---- */

#define GET_UNIFORM(command, element, most_bytes, ...)                                                                 \
    do {                                                                                                               \
        struct dc_context *context = dc_current;                                                                       \
        struct dc_glsl_object *object = context ? dc_glsl_object_get(context, program, true) : 0;                      \
        if (!object)                                                                                                   \
            return;                                                                                                    \
        element value[16];                                                                                             \
        size_t most = (most_bytes) < 0 ? 0 : (size_t)(most_bytes);                                                     \
        struct dc_call call;                                                                                           \
        dc_call_begin(context->process, &call, value, sizeof value);                                                   \
        dc_enc_##command(&context->encoder, call.serial, program, location __VA_ARGS__);                               \
        if (dc_context_call_wait(context, &call, DC_WAIT_STACK) && call.got_bytes <= sizeof value &&                   \
            call.got_bytes <= most)                                                                                    \
            memcpy(params, value, call.got_bytes);                                                                     \
    } while (0)

void GL_APIENTRY
dc_gl_GetUniformfv(GLuint program, GLint location, GLfloat *params)
{
    GET_UNIFORM(GetUniformfv, GLfloat, 64, );
}

void GL_APIENTRY
dc_gl_GetUniformiv(GLuint program, GLint location, GLint *params)
{
    GET_UNIFORM(GetUniformiv, GLint, 64, );
}

void GL_APIENTRY
dc_gl_GetUniformuiv(GLuint program, GLint location, GLuint *params)
{
    GET_UNIFORM(GetUniformuiv, GLuint, 64, );
}

void GL_APIENTRY
dc_gl_GetnUniformfv(GLuint program, GLint location, GLsizei buf_size, GLfloat *params)
{
    GET_UNIFORM(GetnUniformfv, GLfloat, buf_size, , buf_size);
}

void GL_APIENTRY
dc_gl_GetnUniformiv(GLuint program, GLint location, GLsizei buf_size, GLint *params)
{
    GET_UNIFORM(GetnUniformiv, GLint, buf_size, , buf_size);
}

void GL_APIENTRY
dc_gl_GetnUniformuiv(GLuint program, GLint location, GLsizei buf_size, GLuint *params)
{
    GET_UNIFORM(GetnUniformuiv, GLuint, buf_size, , buf_size);
}

void GL_APIENTRY
dc_gl_GetProgramPipelineiv(GLuint pipeline, GLenum pname, GLint *params)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    struct dc_call call;
    dc_call_begin(context->process, &call, params, 4);
    dc_enc_GetProgramPipelineiv(&context->encoder, call.serial, pipeline, pname);
    dc_context_call_wait(context, &call, DC_WAIT_STACK);
}

void GL_APIENTRY
dc_gl_GetProgramPipelineInfoLog(GLuint pipeline, GLsizei buf_size, GLsizei *length, GLchar *log)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    char answer[4096 + 1] = "";
    struct dc_call call;
    dc_call_begin(context->process, &call, answer, sizeof answer - 1);
    dc_enc_GetProgramPipelineInfoLog(&context->encoder, call.serial, pipeline, buf_size < 4096 ? buf_size : 4096);
    dc_context_call_wait(context, &call, DC_WAIT_STACK);
    dc_glsl_copy_string(answer, buf_size, length, log);
}
