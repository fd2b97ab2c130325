/* What is set before a link and decides it: locations of attributes and outputs, varyings. */
#include "program_setting.h"

#include <stdlib.h>
#include <string.h>

#include <gles_encode.h>
#include <gles_entry.h>

#include "error.h"
#include "glsl_object.h"
#include "shared.h"
#include "state.h"

static bool
is_reserved(const struct dc_glsl_text *name)
{
    return strncmp(name->data, "gl_", 3) == 0;
}

bool
dc_program_setting_is_good(const struct dc_context *context, const struct dc_link_setting *setting)
{
    const uint32_t *n = setting->numbers;
    int64_t draw_buffers = dc_gles_limit(context, GL_MAX_DRAW_BUFFERS, 1);
    switch (setting->kind) {
    case DC_LINK_ATTRIB:
        return n[0] < dc_gles_limit(context, GL_MAX_VERTEX_ATTRIBS, 0) && !is_reserved(setting->text);
    case DC_LINK_OUTPUT:
        return n[0] < draw_buffers && !is_reserved(setting->text);
    case DC_LINK_OUTPUT_INDEXED:
        if (n[1] == 1)
            draw_buffers = dc_gles_limit(context, GL_MAX_DUAL_SOURCE_DRAW_BUFFERS_EXT, 0);
        return n[1] <= 1 && n[0] < draw_buffers && !is_reserved(setting->text);
    case DC_LINK_VARYINGS:
        return (n[0] == GL_INTERLEAVED_ATTRIBS && n[1] <= INT32_MAX) ||
               (n[0] == GL_SEPARATE_ATTRIBS &&
                n[1] <= dc_gles_limit(context, GL_MAX_TRANSFORM_FEEDBACK_SEPARATE_ATTRIBS, 0));
    default:
        return false;
    }
}

static void
note(struct dc_context *context, GLuint program, struct dc_link_setting setting, const char *text, size_t size_bytes)
{
    struct dc_glsl_object *object = program ? dc_names_object(&context->shared->programs, program) : 0;
    if (!object || !object->is_program)
        return;
    setting.text = dc_glsl_text_create(text, size_bytes);
    dc_gles_lock(context->shared);
    if (setting.text && dc_program_setting_is_good(context, &setting))
        dc_link_settings_put(&object->settings, &setting);
    dc_glsl_text_unref(setting.text);
    dc_gles_unlock(context->shared);
}

bool
dc_hook_BindAttribLocation(struct dc_context *context, GLuint program, GLuint index, const GLchar *name)
{
    note(context, program, (struct dc_link_setting){ DC_LINK_ATTRIB, { index } }, name, strlen(name));
    return true;
}

bool
dc_hook_BindFragDataLocationEXT(struct dc_context *context, GLuint program, GLuint color, const GLchar *name)
{
    note(context, program, (struct dc_link_setting){ DC_LINK_OUTPUT, { color } }, name, strlen(name));
    return true;
}

bool
dc_hook_BindFragDataLocationIndexedEXT(struct dc_context *context, GLuint program, GLuint color, GLuint index,
                                       const GLchar *name)
{
    note(context, program, (struct dc_link_setting){ DC_LINK_OUTPUT_INDEXED, { color, index } }, name, strlen(name));
    return true;
}

void
dc_program_set_varyings(struct dc_context *context, GLuint program, GLenum mode, GLsizei count, const char *names,
                        size_t size_bytes)
{
    note(context, program, (struct dc_link_setting){ DC_LINK_VARYINGS, { mode, (uint32_t)count } }, names, size_bytes);
    dc_enc_TransformFeedbackVaryings(&context->encoder, program, count, names, (uint32_t)size_bytes, mode);
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
    dc_program_set_varyings(context, program, mode, count, joined, total);
    free(joined);
}
