/* Shader objects: creation, source, compile, and the questions about them. */
#include <gles_entry.h>

#include <stdlib.h>
#include <string.h>

#include <gles_encode.h>

#include "error.h"
#include "glsl_object.h"
#include "result_key.h"
#include "shared.h"
#include "state.h"

bool
dc_shader_is_type(const struct dc_context *context, GLenum type)
{
    switch (type) {
    case GL_VERTEX_SHADER:
    case GL_FRAGMENT_SHADER:
        return true;
    case GL_COMPUTE_SHADER:
        return dc_gles_limit(context, GL_MAX_COMPUTE_SHARED_MEMORY_SIZE, 0) > 0;
    case GL_GEOMETRY_SHADER:
        return dc_gles_limit(context, GL_MAX_GEOMETRY_OUTPUT_VERTICES, 0) > 0;
    case GL_TESS_CONTROL_SHADER:
    case GL_TESS_EVALUATION_SHADER:
        return dc_gles_limit(context, GL_MAX_PATCH_VERTICES, 0) > 0;
    default:
        return false;
    }
}

GLuint GL_APIENTRY
dc_gl_CreateShader(GLenum type)
{
    struct dc_context *context = dc_current;
    GLuint name = 0;
    if (!context)
        return 0;
    if (!dc_shader_is_type(context, type)) {
        dc_gles_raise(context, GL_INVALID_ENUM);
        return 0;
    }
    dc_gles_lock(context->shared);
    struct dc_glsl_object *object = dc_glsl_object_create(context->shared, false, &name);
    if (object)
        object->type = type;
    dc_gles_unlock(context->shared);
    if (!object) {
        dc_gles_raise(context, GL_OUT_OF_MEMORY);
        return 0;
    }
    dc_enc_CreateShader(&context->encoder, type, name);
    return name;
}

bool
dc_hook_DeleteShader(struct dc_context *context, GLuint shader)
{
    struct dc_glsl_object *object = shader ? dc_names_object(&context->shared->programs, shader) : 0;
    if (!object || object->is_program)
        return shader != 0;
    dc_gles_lock(context->shared);
    object->delete_pending = true;
    dc_glsl_object_collect(context->shared, object);
    dc_gles_unlock(context->shared);
    return true;
}

GLboolean GL_APIENTRY
dc_gl_IsShader(GLuint shader)
{
    struct dc_glsl_object *object = dc_current && shader ? dc_names_object(&dc_current->shared->programs, shader) : 0;
    return object && !object->is_program;
}

struct dc_glsl_text *
dc_glsl_join_source(GLsizei count, const GLchar *const *strings, const GLint *lengths)
{
    size_t total = 0;
    for (GLsizei i = 0; i < count; i++)
        total += strings[i] ? (lengths && lengths[i] >= 0 ? (size_t)lengths[i] : strlen(strings[i])) : 0;
    struct dc_glsl_text *source = total < (16u << 20) ? malloc(sizeof *source + total + 1) : 0;
    if (!source)
        return 0;
    *source = (struct dc_glsl_text){ 1, total };
    size_t at = 0;
    for (GLsizei i = 0; i < count; i++) {
        size_t size = strings[i] ? (lengths && lengths[i] >= 0 ? (size_t)lengths[i] : strlen(strings[i])) : 0;
        if (size)
            memcpy(source->data + at, strings[i], size);
        at += size;
    }
    source->data[total] = 0;
    return source;
}

void GL_APIENTRY
dc_gl_ShaderSource(GLuint shader, GLsizei count, const GLchar *const *string, const GLint *length)
{
    struct dc_context *context = dc_current;
    struct dc_glsl_object *object = context ? dc_glsl_object_get(context, shader, false) : 0;
    if (!object)
        return;
    if (count < 0 || !string) {
        dc_gles_raise(context, GL_INVALID_VALUE);
        return;
    }
    struct dc_glsl_text *source = dc_glsl_join_source(count, string, length);
    if (!source) {
        dc_gles_raise(context, GL_OUT_OF_MEMORY);
        return;
    }
    dc_enc_ShaderSource(&context->encoder, shader, source->data, (uint32_t)source->size_bytes);
    dc_gles_lock(context->shared);
    dc_glsl_text_unref(object->source);
    object->source = source;
    dc_gles_unlock(context->shared);
}

bool
dc_hook_CompileShader(struct dc_context *context, GLuint shader)
{
    struct dc_glsl_object *object = dc_glsl_object_get(context, shader, false);
    dc_gles_begin_setup(context);
    if (!object)
        return false;
    dc_gles_lock(context->shared);
    dc_glsl_text_unref(object->compiled);
    object->compiled = dc_glsl_text_ref(object->source);
    dc_gles_unlock(context->shared);
    dc_glsl_object_expect(context, object, dc_result_key_compile(context, object));
    return true;
}

void GL_APIENTRY
dc_gl_GetShaderiv(GLuint shader, GLenum pname, GLint *params)
{
    struct dc_context *context = dc_current;
    struct dc_glsl_object *object = context ? dc_glsl_object_get(context, shader, false) : 0;
    if (!object)
        return;
    if (pname == GL_COMPLETION_STATUS_KHR) {
        *params = dc_glsl_object_is_done(context, object);
        return;
    }
    if (pname == GL_COMPILE_STATUS || pname == GL_INFO_LOG_LENGTH)
        dc_glsl_object_wait(context, object);
    bool known = true;
    dc_gles_lock(context->shared);
    const char *log = object->shader.log;
    if (pname == GL_SHADER_TYPE)
        *params = (GLint)object->type;
    else if (pname == GL_DELETE_STATUS)
        *params = object->delete_pending;
    else if (pname == GL_COMPILE_STATUS)
        *params = object->shader.compiled;
    else if (pname == GL_INFO_LOG_LENGTH)
        *params = log && log[0] ? (GLint)strlen(log) + 1 : 0;
    else if (pname == GL_SHADER_SOURCE_LENGTH)
        *params = object->source ? (GLint)strlen(object->source->data) + 1 : 0;
    else
        known = false;
    dc_gles_unlock(context->shared);
    if (!known)
        dc_gles_raise(context, GL_INVALID_ENUM);
}

static void
get_text(GLuint shader, GLsizei buf_size, GLsizei *length, GLchar *out, bool log)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    if (buf_size < 0) {
        dc_gles_raise(context, GL_INVALID_VALUE);
        return;
    }
    struct dc_glsl_object *object = dc_glsl_object_get(context, shader, false);
    if (!object)
        return;
    if (log)
        dc_glsl_object_wait(context, object);
    dc_gles_lock(context->shared);
    dc_glsl_copy_string(log ? object->shader.log : object->source ? object->source->data : 0, buf_size, length, out);
    dc_gles_unlock(context->shared);
}

void GL_APIENTRY
dc_gl_GetShaderInfoLog(GLuint shader, GLsizei buf_size, GLsizei *length, GLchar *log)
{
    get_text(shader, buf_size, length, log, true);
}

void GL_APIENTRY
dc_gl_GetShaderSource(GLuint shader, GLsizei buf_size, GLsizei *length, GLchar *source)
{
    get_text(shader, buf_size, length, source, false);
}

void GL_APIENTRY
dc_gl_ShaderBinary(GLsizei count, const GLuint *shaders, GLenum format, const void *binary, GLsizei length)
{
    // No binary format is offered, so none is the right one.
    if (dc_current)
        dc_gles_raise(dc_current, count < 0 || length < 0 ? GL_INVALID_VALUE : GL_INVALID_ENUM);
}

void GL_APIENTRY
dc_gl_GetShaderPrecisionFormat(GLenum shader_type, GLenum precision_type, GLint *range, GLint *precision)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    const struct dc_profile *profile = &context->process->profile;
    for (uint32_t i = 0; i < profile->precision_count; i++) {
        const struct dc_profile_precision *p = &profile->precisions[i];
        if (p->shader == shader_type && p->precision_type == precision_type) {
            range[0] = p->range[0];
            range[1] = p->range[1];
            *precision = p->precision;
            return;
        }
    }
    dc_gles_raise(context, GL_INVALID_ENUM);
}
