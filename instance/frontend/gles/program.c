/* Program objects: attach, link, and what links by itself. */
#include <gles_entry.h>

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

static void
expect_link(struct dc_context *context, struct dc_glsl_object *object, struct dc_result_key key)
{
    dc_glsl_object_expect(context, object, key);
    object->validated = false;
}

/* Lock held. What the shaders were compiled from is what counts. */
static void
note_recipe(struct dc_glsl_object *program)
{
    struct dc_link_recipe *recipe = &program->linked_from;
    dc_link_recipe_finish(recipe);
    recipe->separable = program->separable;
    program->has_recipe = dc_link_settings_copy(&recipe->settings, &program->settings);
    for (uint32_t i = 0; i < program->attached_count; i++) {
        struct dc_glsl_object *shader = program->attached[i];
        if (shader->compiled)
            program->has_recipe = dc_link_recipe_add(recipe, shader->type, shader->compiled) && program->has_recipe;
    }
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
    note_recipe(object);
    dc_gles_unlock(context->shared);
    expect_link(context, object, key);
    return true;
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
    struct dc_glsl_text *source = dc_glsl_join_source(count, strings, 0);
    dc_gles_lock(context->shared);
    struct dc_glsl_object *object = source ? dc_glsl_object_create(context->shared, true, &name) : 0;
    if (object) {
        object->separable = object->linked_from.separable = true;
        object->has_recipe = dc_link_recipe_add(&object->linked_from, type, source);
    }
    dc_gles_unlock(context->shared);
    if (object) {
        expect_link(context, object, dc_result_key_create(context, type, source->data, source->size_bytes));
        dc_enc_CreateShaderProgramv(&context->encoder, type, name, source->data, (uint32_t)source->size_bytes);
    } else {
        dc_gles_raise(context, GL_OUT_OF_MEMORY);
    }
    dc_gles_lock(context->shared);
    dc_glsl_text_unref(source);
    dc_gles_unlock(context->shared);
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
