/* Program objects: attach, link, use, and what is set before a link. */
#include <gles_entry.h>

#include <stdlib.h>
#include <string.h>

#include <gles_encode.h>

#include "error.h"
#include "glsl_object.h"
#include "program_use.h"
#include "result_key.h"
#include "shared.h"
#include "state.h"

GLuint GL_APIENTRY
dc_gl_CreateProgram(void)
{
    struct dc_context *context = dc_current;
    GLuint name = 0;
    if (!context)
        return 0;
    dc_gles_lock(context->shared);
    bool created = dc_glsl_object_create(context->shared, true, &name);
    dc_gles_unlock(context->shared);
    if (!created) {
        dc_gles_raise(context, GL_OUT_OF_MEMORY);
        return 0;
    }
    dc_enc_CreateProgram(&context->encoder, name);
    return name;
}

bool
dc_hook_DeleteProgram(struct dc_context *context, GLuint program)
{
    struct dc_glsl_object *object = program ? dc_names_object(&context->shared->programs, program) : 0;
    if (!object || !object->is_program)
        return program != 0;
    dc_program_use_settle_of(context, object);
    dc_gles_lock(context->shared);
    object->delete_pending = true;
    dc_glsl_object_collect(context->shared, object);
    dc_gles_unlock(context->shared);
    return true;
}

GLboolean GL_APIENTRY
dc_gl_IsProgram(GLuint program)
{
    struct dc_glsl_object *object =
        dc_current && program ? dc_names_object(&dc_current->shared->programs, program) : 0;
    return object && object->is_program;
}

bool
dc_hook_AttachShader(struct dc_context *context, GLuint program, GLuint shader)
{
    struct dc_glsl_object *to = dc_glsl_object_get(context, program, true);
    struct dc_glsl_object *what = to ? dc_glsl_object_get(context, shader, false) : 0;
    if (!what)
        return false;
    bool good = true;
    dc_gles_lock(context->shared);
    for (uint32_t i = 0; i < to->attached_count; i++)
        good = good && to->attached[i]->type != what->type; // GLES: one of each type
    good = good && to->attached_count < DC_MAX_ATTACHED;
    if (good) {
        to->attached[to->attached_count++] = what;
        __atomic_add_fetch(&what->uses, 1, __ATOMIC_RELEASE);
    }
    dc_gles_unlock(context->shared);
    if (!good)
        dc_gles_raise(context, GL_INVALID_OPERATION);
    return good;
}

bool
dc_hook_DetachShader(struct dc_context *context, GLuint program, GLuint shader)
{
    struct dc_glsl_object *from = dc_glsl_object_get(context, program, true);
    struct dc_glsl_object *what = from ? dc_glsl_object_get(context, shader, false) : 0;
    if (!what)
        return false;
    bool found = false;
    dc_gles_lock(context->shared);
    for (uint32_t i = 0; i < from->attached_count && !found; i++) {
        if (from->attached[i] != what)
            continue;
        found = true;
        from->attached_count--;
        memmove(from->attached + i, from->attached + i + 1, (from->attached_count - i) * sizeof from->attached[0]);
        __atomic_sub_fetch(&what->uses, 1, __ATOMIC_RELEASE);
        dc_glsl_object_collect(context->shared, what);
    }
    dc_gles_unlock(context->shared);
    if (!found)
        dc_gles_raise(context, GL_INVALID_OPERATION);
    return found;
}

/* A name that is bound to numbers and decides the next link. */
static void
note_binding(struct dc_context *context, GLuint program, const GLuint numbers[3], const GLchar *name)
{
    struct dc_glsl_object *object = program ? dc_names_object(&context->shared->programs, program) : 0;
    if (!object || !object->is_program)
        return;
    object->before_link = dc_result_key_fold(object->before_link, numbers, 3 * sizeof numbers[0]);
    object->before_link = dc_result_key_fold(object->before_link, name, strlen(name));
}

bool
dc_hook_BindAttribLocation(struct dc_context *context, GLuint program, GLuint index, const GLchar *name)
{
    note_binding(context, program, (const GLuint[3]){ 0, index }, name);
    return true;
}

bool
dc_hook_BindFragDataLocationEXT(struct dc_context *context, GLuint program, GLuint color, const GLchar *name)
{
    note_binding(context, program, (const GLuint[3]){ 1, color }, name);
    return true;
}

bool
dc_hook_BindFragDataLocationIndexedEXT(struct dc_context *context, GLuint program, GLuint color, GLuint index,
                                       const GLchar *name)
{
    note_binding(context, program, (const GLuint[3]){ 2, color, index }, name);
    return true;
}

static void
expect_link(struct dc_context *context, struct dc_glsl_object *object, struct dc_result_key key)
{
    dc_glsl_object_expect(context, object, key);
    object->validated = false;
}

bool
dc_hook_LinkProgram(struct dc_context *context, GLuint program)
{
    struct dc_glsl_object *object = dc_glsl_object_get(context, program, true);
    if (!object)
        return false;
    dc_program_use_settle_of(context, object);
    dc_gles_lock(context->shared);
    struct dc_result_key key = dc_result_key_link(context, object);
    dc_gles_unlock(context->shared);
    expect_link(context, object, key);
    return true;
}

void GL_APIENTRY
dc_gl_ProgramBinary(GLuint program, GLenum format, const void *binary, GLsizei length)
{
    // No format is offered (the profile is the same on every server, binaries are not).
    struct dc_context *context = dc_current;
    if (context && dc_glsl_object_get(context, program, true))
        dc_gles_raise(context, length < 0 ? GL_INVALID_VALUE : GL_INVALID_ENUM);
}

void GL_APIENTRY
dc_gl_GetProgramBinary(GLuint program, GLsizei buf_size, GLsizei *length, GLenum *format, void *binary)
{
    struct dc_context *context = dc_current;
    if (!context || !dc_glsl_object_get(context, program, true))
        return;
    if (length)
        *length = 0;
    dc_gles_raise(context, buf_size < 0 ? GL_INVALID_VALUE : GL_INVALID_OPERATION);
}

GLuint GL_APIENTRY
dc_gl_CreateShaderProgramv(GLenum type, GLsizei count, const GLchar *const *strings)
{
    struct dc_context *context = dc_current;
    GLuint name = 0;
    if (!context)
        return 0;
    if (count < 0) {
        dc_gles_raise(context, GL_INVALID_VALUE);
        return 0;
    }
    size_t size_bytes = 0;
    char *source = dc_glsl_join_source(count, strings, 0, &size_bytes);
    dc_gles_lock(context->shared);
    struct dc_glsl_object *object = source ? dc_glsl_object_create(context->shared, true, &name) : 0;
    dc_gles_unlock(context->shared);
    if (object) {
        object->separable = true;
        expect_link(context, object, dc_result_key_create(context, type, source, size_bytes));
        dc_enc_CreateShaderProgramv(&context->encoder, type, name, source, (uint32_t)size_bytes);
    } else {
        dc_gles_raise(context, GL_OUT_OF_MEMORY);
    }
    free(source);
    return name;
}

bool
dc_hook_ValidateProgram(struct dc_context *context, GLuint program)
{
    struct dc_glsl_object *object = dc_glsl_object_get(context, program, true);
    if (object)
        object->validated = true;
    return object;
}

bool
dc_hook_ProgramParameteri(struct dc_context *context, GLuint program, GLenum pname, GLint value)
{
    struct dc_glsl_object *object = program ? dc_names_object(&context->shared->programs, program) : 0;
    if (object && object->is_program && pname == GL_PROGRAM_SEPARABLE && (value == 0 || value == 1))
        object->separable = value;
    return true;
}

bool
dc_hook_UniformBlockBinding(struct dc_context *context, GLuint program, GLuint index, GLuint binding)
{
    struct dc_glsl_object *object = dc_glsl_object_get(context, program, true);
    if (!object)
        return false;
    // Programs bind their blocks right after linking: only a later question has to wait (program_query.c).
    if (binding >= context->gles->max_uniform_bindings)
        return true;
    dc_gles_lock(context->shared);
    const struct dc_interface *blocks = dc_reflection_interface(&object->reflection, GL_UNIFORM_BLOCK);
    if (blocks && index < blocks->count)
        blocks->resources[index].prop[DC_PROP_BUFFER_BINDING] = (int32_t)binding;
    dc_gles_unlock(context->shared);
    return true;
}

void GL_APIENTRY
dc_gl_TransformFeedbackVaryings(GLuint program, GLsizei count, const GLchar *const *varyings, GLenum mode)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    size_t total = 0, at = 0;
    for (GLsizei i = 0; i < count; i++)
        total += strlen(varyings[i]) + 1;
    char *joined = total < (1u << 20) ? malloc(total + 1) : 0;
    if (!joined) {
        dc_gles_raise(context, GL_OUT_OF_MEMORY);
        return;
    }
    for (GLsizei i = 0; i < count; i++) {
        size_t size = strlen(varyings[i]) + 1;
        memcpy(joined + at, varyings[i], size);
        at += size;
    }
    struct dc_glsl_object *object = program ? dc_names_object(&context->shared->programs, program) : 0;
    if (object && object->is_program) {
        object->before_link = dc_result_key_fold(object->before_link, &mode, sizeof mode);
        object->before_link = dc_result_key_fold(object->before_link, joined, total);
    }
    dc_enc_TransformFeedbackVaryings(&context->encoder, program, count, joined, (uint32_t)total, mode);
    free(joined);
}
