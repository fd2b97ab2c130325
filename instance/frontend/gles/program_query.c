/* Questions about programs, answered from the pushed reflection. */
#include <gles_entry.h>

#include <string.h>

#include <gles_encode.h>

#include "error.h"
#include "glsl_object.h"
#include "program_load.h"
#include "shared.h"
#include "state.h"

/* The program with its link finished and the group locked; NULL (unlocked, error raised) if there is none. */
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

static void
close_program(struct dc_context *context, GLenum error)
{
    dc_gles_unlock(context->shared);
    if (error)
        dc_gles_raise(context, error);
}

static const struct dc_resource *
find_resource(const struct dc_glsl_object *object, GLenum interface, GLuint index)
{
    const struct dc_interface *list = dc_reflection_interface(&object->reflection, interface);
    return list && index < list->count ? &list->resources[index] : 0;
}

static void
ask_program_value(struct dc_context *context, GLuint program, GLenum pname, GLint *params)
{
    struct dc_call call;
    dc_call_begin(context->process, &call, params, pname == GL_COMPUTE_WORK_GROUP_SIZE ? 12 : 4);
    dc_enc_GetProgramiv(&context->encoder, call.serial, program, pname);
    dc_context_call_wait(context, &call, DC_WAIT_STACK);
}

void GL_APIENTRY
dc_gl_GetProgramiv(GLuint program, GLenum pname, GLint *params)
{
    struct dc_context *context = dc_current;
    struct dc_glsl_object *object = context ? dc_glsl_object_get(context, program, true) : 0;
    if (!object)
        return;
    if (pname == GL_DELETE_STATUS) {
        *params = object->delete_pending;
    } else if (pname == GL_ATTACHED_SHADERS) {
        *params = (GLint)object->attached_count;
    } else if (pname == GL_PROGRAM_SEPARABLE) {
        *params = object->separable;
    } else if (pname == GL_COMPLETION_STATUS_KHR) {
        *params = dc_glsl_object_is_done(context, object);
    } else if (pname == GL_PROGRAM_BINARY_LENGTH) {
        *params = dc_program_load_size(context, object);
    } else {
        int32_t value[3] = { 0 };
        uint32_t count = 0;
        bool local = !object->validated || (pname != GL_VALIDATE_STATUS && pname != GL_INFO_LOG_LENGTH);
        dc_glsl_object_wait(context, object);
        dc_gles_lock(context->shared);
        if (local)
            count = dc_reflection_program_value(&object->reflection, pname, value);
        dc_gles_unlock(context->shared);
        if (count)
            memcpy(params, value, count * sizeof value[0]);
        else
            ask_program_value(context, program, pname, params);
    }
}

void GL_APIENTRY
dc_gl_GetProgramInfoLog(GLuint program, GLsizei buf_size, GLsizei *length, GLchar *log)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    if (buf_size < 0) {
        dc_gles_raise(context, GL_INVALID_VALUE);
        return;
    }
    struct dc_glsl_object *object = open_program(context, program);
    if (!object)
        return;
    bool local = !object->validated;
    if (local)
        dc_glsl_copy_string(object->reflection.log, buf_size, length, log);
    close_program(context, 0);
    if (local)
        return;
    char answer[4096 + 1] = "";
    struct dc_call call;
    dc_call_begin(context->process, &call, answer, sizeof answer - 1);
    dc_enc_GetProgramInfoLog(&context->encoder, call.serial, program, buf_size < 4096 ? buf_size : 4096);
    dc_context_call_wait(context, &call, DC_WAIT_STACK);
    dc_glsl_copy_string(answer, buf_size, length, log);
}

void GL_APIENTRY
dc_gl_GetAttachedShaders(GLuint program, GLsizei max_count, GLsizei *count, GLuint *shaders)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    if (max_count < 0) {
        dc_gles_raise(context, GL_INVALID_VALUE);
        return;
    }
    struct dc_glsl_object *object = dc_glsl_object_get(context, program, true);
    if (!object)
        return;
    dc_gles_lock(context->shared);
    GLsizei n = 0;
    for (; n < max_count && n < (GLsizei)object->attached_count; n++)
        shaders[n] = object->attached[n]->name;
    dc_gles_unlock(context->shared);
    if (count)
        *count = n;
}

static GLint
get_location(GLuint program, GLenum interface, const GLchar *name)
{
    struct dc_context *context = dc_current;
    struct dc_glsl_object *object = open_program(context, program);
    if (!object)
        return -1;
    GLint location = -1;
    bool linked = object->reflection.linked;
    if (linked && name)
        location = dc_reflection_location(&object->reflection, interface, name);
    close_program(context, linked ? 0 : GL_INVALID_OPERATION);
    return location;
}

GLint GL_APIENTRY
dc_gl_GetUniformLocation(GLuint program, const GLchar *name)
{
    return get_location(program, GL_UNIFORM, name);
}

GLint GL_APIENTRY
dc_gl_GetAttribLocation(GLuint program, const GLchar *name)
{
    return get_location(program, GL_PROGRAM_INPUT, name);
}

GLint GL_APIENTRY
dc_gl_GetFragDataLocation(GLuint program, const GLchar *name)
{
    return get_location(program, GL_PROGRAM_OUTPUT, name);
}

static void
get_active(GLuint program, GLenum interface, GLuint index, GLsizei buf_size, GLsizei *length, GLint *size,
           GLenum *type, GLchar *name)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    if (buf_size < 0) {
        dc_gles_raise(context, GL_INVALID_VALUE);
        return;
    }
    struct dc_glsl_object *object = open_program(context, program);
    if (!object)
        return;
    const struct dc_resource *resource = find_resource(object, interface, index);
    if (resource) {
        dc_glsl_copy_string(resource->name, buf_size, length, name);
        // glGetProgramResourceiv says 0 for what is no array at some drivers; here one is the least.
        if (size)
            *size = resource->prop[DC_PROP_ARRAY_SIZE] > 1 ? resource->prop[DC_PROP_ARRAY_SIZE] : 1;
        if (type)
            *type = (GLenum)resource->prop[DC_PROP_TYPE];
    }
    close_program(context, resource ? 0 : GL_INVALID_VALUE);
}

void GL_APIENTRY
dc_gl_GetActiveUniform(GLuint program, GLuint index, GLsizei buf_size, GLsizei *length, GLint *size, GLenum *type,
                       GLchar *name)
{
    get_active(program, GL_UNIFORM, index, buf_size, length, size, type, name);
}

void GL_APIENTRY
dc_gl_GetActiveAttrib(GLuint program, GLuint index, GLsizei buf_size, GLsizei *length, GLint *size, GLenum *type,
                      GLchar *name)
{
    get_active(program, GL_PROGRAM_INPUT, index, buf_size, length, size, type, name);
}

void GL_APIENTRY
dc_gl_GetTransformFeedbackVarying(GLuint program, GLuint index, GLsizei buf_size, GLsizei *length, GLsizei *size,
                                  GLenum *type, GLchar *name)
{
    get_active(program, GL_TRANSFORM_FEEDBACK_VARYING, index, buf_size, length, size, type, name);
}

/* Here any element names the array ("a[3]"), other than for glGetProgramResourceIndex. */
static int64_t
find_uniform(const struct dc_interface *uniforms, const char *name)
{
    int64_t index = dc_reflection_index(uniforms, name);
    size_t size = strlen(name);
    char base[256];
    if (index >= 0 || size < 4 || size >= sizeof base || name[size - 1] != ']')
        return index;
    size_t open = size - 2;
    while (open > 0 && name[open] >= '0' && name[open] <= '9')
        open--;
    if (name[open] != '[' || open == size - 2)
        return -1;
    memcpy(base, name, open);
    base[open] = 0;
    return dc_reflection_index(uniforms, base);
}

void GL_APIENTRY
dc_gl_GetUniformIndices(GLuint program, GLsizei count, const GLchar *const *names, GLuint *indices)
{
    struct dc_context *context = dc_current;
    struct dc_glsl_object *object = open_program(context, program);
    if (!object)
        return;
    const struct dc_interface *uniforms = dc_reflection_interface(&object->reflection, GL_UNIFORM);
    for (GLsizei i = 0; i < count; i++) {
        int64_t index = uniforms ? find_uniform(uniforms, names[i]) : -1;
        indices[i] = index < 0 ? GL_INVALID_INDEX : (GLuint)index;
    }
    close_program(context, count < 0 ? GL_INVALID_VALUE : 0);
}

/* Property of glGetActiveUniformsiv; false: no such pname. */
static bool
uniform_value(const struct dc_resource *resource, GLenum pname, GLint *value)
{
    const int32_t *prop = resource->prop;
    switch (pname) {
    case GL_UNIFORM_TYPE: *value = prop[DC_PROP_TYPE]; return true;
    case GL_UNIFORM_SIZE: *value = prop[DC_PROP_ARRAY_SIZE] > 1 ? prop[DC_PROP_ARRAY_SIZE] : 1; return true;
    case GL_UNIFORM_NAME_LENGTH: *value = (GLint)strlen(resource->name) + 1; return true;
    case GL_UNIFORM_BLOCK_INDEX: *value = prop[DC_PROP_BLOCK_INDEX]; return true;
    case GL_UNIFORM_OFFSET: *value = prop[DC_PROP_OFFSET]; return true;
    case GL_UNIFORM_ARRAY_STRIDE: *value = prop[DC_PROP_ARRAY_STRIDE]; return true;
    case GL_UNIFORM_MATRIX_STRIDE: *value = prop[DC_PROP_MATRIX_STRIDE]; return true;
    case GL_UNIFORM_IS_ROW_MAJOR: *value = prop[DC_PROP_IS_ROW_MAJOR]; return true;
    default: return false;
    }
}

void GL_APIENTRY
dc_gl_GetActiveUniformsiv(GLuint program, GLsizei count, const GLuint *indices, GLenum pname, GLint *params)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    if (count < 0) {
        dc_gles_raise(context, GL_INVALID_VALUE);
        return;
    }
    struct dc_glsl_object *object = open_program(context, program);
    if (!object)
        return;
    GLenum error = 0;
    for (GLsizei i = 0; i < count && !error; i++) {
        if (!find_resource(object, GL_UNIFORM, indices[i]))
            error = GL_INVALID_VALUE;
    }
    for (GLsizei i = 0; i < count && !error; i++) {
        if (!uniform_value(find_resource(object, GL_UNIFORM, indices[i]), pname, &params[i]))
            error = GL_INVALID_ENUM;
    }
    close_program(context, error);
}

GLuint GL_APIENTRY
dc_gl_GetUniformBlockIndex(GLuint program, const GLchar *name)
{
    struct dc_context *context = dc_current;
    struct dc_glsl_object *object = open_program(context, program);
    if (!object)
        return GL_INVALID_INDEX;
    const struct dc_interface *blocks = dc_reflection_interface(&object->reflection, GL_UNIFORM_BLOCK);
    int64_t index = blocks && name ? dc_reflection_index(blocks, name) : -1;
    close_program(context, 0);
    return index < 0 ? GL_INVALID_INDEX : (GLuint)index;
}

/* false: no such pname. */
static bool
block_value(const struct dc_resource *block, GLenum pname, GLint *params)
{
    const int32_t *prop = block->prop;
    switch (pname) {
    case GL_UNIFORM_BLOCK_BINDING: *params = prop[DC_PROP_BUFFER_BINDING]; return true;
    case GL_UNIFORM_BLOCK_DATA_SIZE: *params = prop[DC_PROP_BUFFER_DATA_SIZE]; return true;
    case GL_UNIFORM_BLOCK_NAME_LENGTH: *params = (GLint)strlen(block->name) + 1; return true;
    case GL_UNIFORM_BLOCK_ACTIVE_UNIFORMS: *params = (GLint)block->variable_count; return true;
    case GL_UNIFORM_BLOCK_ACTIVE_UNIFORM_INDICES:
        memcpy(params, block->variables, block->variable_count * sizeof block->variables[0]);
        return true;
    case GL_UNIFORM_BLOCK_REFERENCED_BY_VERTEX_SHADER:
        *params = (prop[DC_PROP_REFERENCED_BY] & DC_STAGE_VERTEX) != 0;
        return true;
    case GL_UNIFORM_BLOCK_REFERENCED_BY_FRAGMENT_SHADER:
        *params = (prop[DC_PROP_REFERENCED_BY] & DC_STAGE_FRAGMENT) != 0;
        return true;
    default:
        return false;
    }
}

void GL_APIENTRY
dc_gl_GetActiveUniformBlockiv(GLuint program, GLuint index, GLenum pname, GLint *params)
{
    struct dc_context *context = dc_current;
    struct dc_glsl_object *object = open_program(context, program);
    if (!object)
        return;
    const struct dc_resource *block = find_resource(object, GL_UNIFORM_BLOCK, index);
    GLenum error = !block ? GL_INVALID_VALUE : block_value(block, pname, params) ? 0 : GL_INVALID_ENUM;
    close_program(context, error);
}

void GL_APIENTRY
dc_gl_GetActiveUniformBlockName(GLuint program, GLuint index, GLsizei buf_size, GLsizei *length, GLchar *name)
{
    get_active(program, GL_UNIFORM_BLOCK, index, buf_size, length, 0, 0, name);
}
