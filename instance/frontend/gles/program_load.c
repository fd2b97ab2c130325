/* glGetProgramBinary and glProgramBinary. A binary is loaded by the calls that once made its program, in this program: so
 * the worker, the journal and what is known of earlier links need not know that there are binaries. */
#include "program_load.h"

#include <string.h>

#include <common/wire.h>
#include <gles_entry.h>

#include "error.h"
#include "glsl_object.h"
#include "program_binary.h"
#include "program_setting.h"
#include "shared.h"
#include "state.h"

/* false: the program has none. */
static bool
pack(struct dc_context *context, struct dc_glsl_object *program, struct dc_writer *w)
{
    uint64_t driver = dc_program_binary_driver(&context->process->profile);
    dc_writer_init(w);
    dc_glsl_object_wait(context, program);
    dc_gles_lock(context->shared);
    bool good = program->reflection.linked && program->has_recipe;
    if (good)
        dc_program_binary_pack(w, driver, &program->linked_from, &program->reflection);
    dc_gles_unlock(context->shared);
    return good && !w->failed && w->size_bytes <= DC_PROGRAM_BINARY_MAX_BYTES;
}

GLint
dc_program_load_size(struct dc_context *context, struct dc_glsl_object *program)
{
    struct dc_writer w;
    GLint size_bytes = pack(context, program, &w) ? (GLint)w.size_bytes : 0;
    dc_writer_finish(&w);
    return size_bytes;
}

void GL_APIENTRY
dc_gl_GetProgramBinary(GLuint program, GLsizei buf_size, GLsizei *length, GLenum *format, void *binary)
{
    struct dc_context *context = dc_current;
    struct dc_glsl_object *object = context ? dc_glsl_object_get(context, program, true) : 0;
    if (!object)
        return;
    if (buf_size < 0) {
        dc_gles_raise(context, GL_INVALID_VALUE);
        return;
    }
    struct dc_writer w;
    bool good = pack(context, object, &w) && w.size_bytes <= (size_t)buf_size;
    if (good) {
        memcpy(binary, w.data, w.size_bytes);
        *format = DC_PROGRAM_BINARY_FORMAT;
    }
    if (length)
        *length = good ? (GLsizei)w.size_bytes : 0;
    dc_writer_finish(&w);
    if (!good)
        dc_gles_raise(context, GL_INVALID_OPERATION);
}

/* The application's own shaders, out of the program's way. */
struct aside {
    GLuint shaders[DC_MAX_ATTACHED];
    GLsizei count;
    GLuint holder; // a program that has them meanwhile: deleted ones would go with their last program
};

static void
set_aside(GLuint program, struct aside *aside)
{
    aside->count = 0;
    aside->holder = 0;
    dc_gl_GetAttachedShaders(program, DC_MAX_ATTACHED, &aside->count, aside->shaders);
    if (aside->count)
        aside->holder = dc_gl_CreateProgram();
    for (GLsizei i = 0; i < aside->count; i++) {
        dc_gl_AttachShader(aside->holder, aside->shaders[i]);
        dc_gl_DetachShader(program, aside->shaders[i]);
    }
}

static void
bring_back(GLuint program, const struct aside *aside)
{
    for (GLsizei i = 0; i < aside->count; i++)
        dc_gl_AttachShader(program, aside->shaders[i]);
    if (aside->holder)
        dc_gl_DeleteProgram(aside->holder);
}

static void
say(struct dc_context *context, GLuint program, const struct dc_link_setting *setting)
{
    const uint32_t *n = setting->numbers;
    const struct dc_glsl_text *text = setting->text;
    switch (setting->kind) {
    case DC_LINK_ATTRIB: dc_gl_BindAttribLocation(program, n[0], text->data); break;
    case DC_LINK_OUTPUT: dc_gl_BindFragDataLocationEXT(program, n[0], text->data); break;
    case DC_LINK_OUTPUT_INDEXED: dc_gl_BindFragDataLocationIndexedEXT(program, n[0], n[1], text->data); break;
    case DC_LINK_VARYINGS:
        dc_program_set_varyings(context, program, n[0], (GLsizei)n[1], text->data, text->size_bytes);
        break;
    default: break;
    }
}

/* GL takes no location back. Where this program was told of names that the binary's was not, those that were left to the
 * driver are said as they came to be, so that they come to be so again. */
static void
say_settings(struct dc_context *context, GLuint program, const struct dc_glsl_object *object,
             const struct dc_program_binary *binary)
{
    const struct dc_link_settings *settings = &binary->recipe.settings;
    bool has_others = false, has_varyings = false;
    for (uint32_t i = 0; i < object->settings.count; i++) {
        const struct dc_link_setting *said = &object->settings.list[i];
        if (said->kind == DC_LINK_VARYINGS)
            has_varyings = !dc_link_settings_find(settings, said);
        else
            has_others = has_others || !dc_link_settings_find(settings, said);
    }
    if (has_varyings)
        dc_program_set_varyings(context, program, GL_INTERLEAVED_ATTRIBS, 0, "", 0);
    for (uint32_t i = 0; i < settings->count; i++)
        say(context, program, &settings->list[i]);
    for (uint32_t i = 0; has_others && i < binary->inputs.count; i++) {
        if (!dc_link_settings_find(settings, &binary->inputs.list[i]))
            say(context, program, &binary->inputs.list[i]);
    }
}

static bool
is_usable(const struct dc_context *context, const struct dc_program_binary *binary)
{
    const struct dc_link_recipe *recipe = &binary->recipe;
    bool good = true;
    for (uint32_t i = 0; i < recipe->stage_count; i++)
        good = good && dc_shader_is_type(context, recipe->stages[i].type);
    for (uint32_t i = 0; i < recipe->settings.count; i++)
        good = good && dc_program_setting_is_good(context, &recipe->settings.list[i]);
    for (uint32_t i = 0; i < binary->inputs.count; i++)
        good = good && dc_program_setting_is_good(context, &binary->inputs.list[i]);
    return good;
}

static void
link_from(struct dc_context *context, GLuint program, struct dc_glsl_object *object,
          const struct dc_program_binary *binary)
{
    const struct dc_link_recipe *recipe = &binary->recipe;
    GLuint shaders[DC_LINK_STAGES];
    for (uint32_t i = 0; i < recipe->stage_count; i++) {
        const char *source = recipe->stages[i].source->data;
        shaders[i] = dc_gl_CreateShader(recipe->stages[i].type);
        dc_gl_ShaderSource(shaders[i], 1, &source, &(GLint){ (GLint)recipe->stages[i].source->size_bytes });
        dc_gl_CompileShader(shaders[i]);
        dc_gl_AttachShader(program, shaders[i]);
    }
    say_settings(context, program, object, binary);
    if (object->separable != recipe->separable)
        dc_gl_ProgramParameteri(program, GL_PROGRAM_SEPARABLE, recipe->separable);
    dc_gl_LinkProgram(program);
    for (uint32_t i = 0; i < recipe->stage_count; i++) {
        dc_gl_DetachShader(program, shaders[i]);
        dc_gl_DeleteShader(shaders[i]);
    }
}

void GL_APIENTRY
dc_gl_ProgramBinary(GLuint program, GLenum format, const void *bytes, GLsizei length)
{
    struct dc_context *context = dc_current;
    struct dc_glsl_object *object = context ? dc_glsl_object_get(context, program, true) : 0;
    if (!object)
        return;
    struct dc_program_binary binary = { 0 };
    struct aside aside;
    bool good = format == DC_PROGRAM_BINARY_FORMAT && bytes && length >= 0 &&
                dc_program_binary_unpack(&binary, dc_program_binary_driver(&context->process->profile), bytes, (size_t)length) &&
                is_usable(context, &binary);
    set_aside(program, &aside);
    if (good)
        link_from(context, program, object, &binary);
    else
        dc_gl_LinkProgram(program); // of nothing: GL_LINK_STATUS is false, and what was linked is gone
    bring_back(program, &aside);
    dc_program_binary_finish(&binary);
    if (length < 0 || format != DC_PROGRAM_BINARY_FORMAT)
        dc_gles_raise(context, length < 0 ? GL_INVALID_VALUE : GL_INVALID_ENUM);
}
