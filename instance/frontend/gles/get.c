/* glGet*v, glIsEnabled: from the shadow, from the profile, else from the driver (a wait that is counted). */
#include "get.h"

#include <string.h>

#include <gles_encode.h>
#include <gles_entry.h>

#include "error.h"
#include "gles1.h"
#include "program_binary.h"
#include "state.h"
#include "value.h"

#define MOST_BYTES (DC_VALUE_MOST * 8)

bool
dc_gles_get_limit(struct dc_context *context, GLenum pname, struct dc_value *value)
{
    switch (pname) {
    case GL_MAJOR_VERSION: dc_value_set_int(value, context->version_major); return true;
    case GL_MINOR_VERSION: dc_value_set_int(value, context->version_minor); return true;
    case GL_CONTEXT_FLAGS:
        dc_value_set_int(value, (context->debug ? GL_CONTEXT_FLAG_DEBUG_BIT : 0) |
                                    (context->robust ? GL_CONTEXT_FLAG_ROBUST_ACCESS_BIT : 0) |
                                    (context->no_error ? GL_CONTEXT_FLAG_NO_ERROR_BIT_KHR : 0));
        return true;
    case GL_RESET_NOTIFICATION_STRATEGY:
        dc_value_set_int(value, context->lose_on_reset ? GL_LOSE_CONTEXT_ON_RESET : GL_NO_RESET_NOTIFICATION);
        return true;
    case GL_NUM_EXTENSIONS: dc_value_set_int(value, dc_gles_count_extensions(context)); return true;
    case GL_NUM_SHADER_BINARY_FORMATS: dc_value_set_int(value, 0); return true;
    case GL_SHADER_BINARY_FORMATS: value->type = DC_VALUE_INT; value->count = 0; return true;
    case GL_NUM_PROGRAM_BINARY_FORMATS: dc_value_set_int(value, 1); return true;
    case GL_PROGRAM_BINARY_FORMATS: dc_value_set_int(value, DC_PROGRAM_BINARY_FORMAT); return true;
    case GL_NUM_COMPRESSED_TEXTURE_FORMATS:
        dc_value_set_int(value, context->process->profile.compressed_format_count);
        return true;
    default: break;
    }
    const struct dc_profile_limit *limit = dc_profile_find_limit(&context->process->profile, pname);
    if (!limit || !limit->value_count)
        return false;
    if (limit->is_float) {
        dc_value_set_floats(value, DC_VALUE_FLOAT, limit->f, limit->value_count);
    } else {
        value->type = DC_VALUE_INT;
        value->count = limit->value_count;
        memcpy(value->i, limit->i, limit->value_count * sizeof limit->i[0]);
    }
    return true;
}

/* GL_TIMESTAMP_EXT: the one value that is another one at every look. */
static bool
get_timestamp(struct dc_context *context, GLenum pname, struct dc_value *value)
{
    int64_t now = 0;
    struct dc_call call;
    if (pname != GL_TIMESTAMP_EXT)
        return false;
    dc_call_begin(context->process, &call, &now, sizeof now);
    dc_enc_dcTimestamp(&context->encoder, call.serial);
    dc_context_call_wait(context, &call, DC_WAIT_STACK);
    dc_value_set_int(value, now);
    return true;
}

static bool
get_local(struct dc_context *context, GLenum pname, struct dc_value *value)
{
    if (context->gles->gles1)
        return dc_gles1_get(context, pname, value);
    return dc_gles_get_state(context, pname, value) || dc_gles_get_limit(context, pname, value) ||
           dc_debug_get(context, pname, value) || get_timestamp(context, pname, value);
}

/* The one list that is longer than any value. */
static bool
get_compressed_formats(struct dc_context *context, GLenum pname, GLint *data)
{
    if (pname != GL_COMPRESSED_TEXTURE_FORMATS)
        return false;
    const struct dc_profile *profile = &context->process->profile;
    if (context->version_major == 1)
        memcpy(data, profile->gles1.compressed_formats, profile->gles1.compressed_format_count * sizeof(GLint));
    else
        memcpy(data, profile->compressed_formats, profile->compressed_format_count * sizeof(GLint));
    return true;
}

#define ASK(command, element, ...)                                                                                     \
    do {                                                                                                               \
        element answer[DC_VALUE_MOST];                                                                                 \
        struct dc_call call;                                                                                           \
        dc_call_begin(context->process, &call, answer, sizeof answer);                                                 \
        dc_enc_##command(&context->encoder, call.serial, __VA_ARGS__);                                                 \
        if (dc_context_call_wait(context, &call, DC_WAIT_STACK) && call.got_bytes <= sizeof answer)                    \
            memcpy(data, answer, call.got_bytes);                                                                      \
    } while (0)

void GL_APIENTRY
dc_gl_GetIntegerv(GLenum pname, GLint *data)
{
    struct dc_context *context = dc_current;
    struct dc_value value;
    if (!context)
        return;
    // What whole numbers a matrix is, only its driver knows: GL says rounded, Mesa stretches [-1, 1] over them.
    if (!dc_gles1_is_matrix(pname) && get_local(context, pname, &value))
        dc_value_get_ints(&value, data);
    else if (!get_compressed_formats(context, pname, data))
        ASK(GetIntegerv, GLint, pname);
}

void GL_APIENTRY
dc_gl_GetInteger64v(GLenum pname, GLint64 *data)
{
    struct dc_context *context = dc_current;
    struct dc_value value;
    if (!context)
        return;
    if (get_local(context, pname, &value))
        dc_value_get_ints64(&value, data);
    else
        ASK(GetInteger64v, GLint64, pname);
}

void GL_APIENTRY
dc_gl_GetFloatv(GLenum pname, GLfloat *data)
{
    struct dc_context *context = dc_current;
    struct dc_value value;
    if (!context)
        return;
    if (get_local(context, pname, &value))
        dc_value_get_floats(&value, data);
    else
        ASK(GetFloatv, GLfloat, pname);
}

void GL_APIENTRY
dc_gl_GetBooleanv(GLenum pname, GLboolean *data)
{
    struct dc_context *context = dc_current;
    struct dc_value value;
    if (!context)
        return;
    if (get_local(context, pname, &value))
        dc_value_get_booleans(&value, data);
    else
        ASK(GetBooleanv, GLboolean, pname);
}

void GL_APIENTRY
dc_gl_GetIntegeri_v(GLenum target, GLuint index, GLint *data)
{
    struct dc_context *context = dc_current;
    struct dc_value value;
    if (!context)
        return;
    if (dc_gles_get_indexed(context, target, index, &value))
        dc_value_get_ints(&value, data);
    else
        ASK(GetIntegeri_v, GLint, target, index);
}

void GL_APIENTRY
dc_gl_GetInteger64i_v(GLenum target, GLuint index, GLint64 *data)
{
    struct dc_context *context = dc_current;
    struct dc_value value;
    if (!context)
        return;
    if (dc_gles_get_indexed(context, target, index, &value))
        dc_value_get_ints64(&value, data);
    else
        ASK(GetInteger64i_v, GLint64, target, index);
}

void GL_APIENTRY
dc_gl_GetBooleani_v(GLenum target, GLuint index, GLboolean *data)
{
    struct dc_context *context = dc_current;
    struct dc_value value;
    if (!context)
        return;
    if (dc_gles_get_indexed(context, target, index, &value))
        dc_value_get_booleans(&value, data);
    else
        ASK(GetBooleani_v, GLboolean, target, index);
}

void GL_APIENTRY
dc_gl_GetFloati_vOES(GLenum target, GLuint index, GLfloat *data)
{
    struct dc_context *context = dc_current;
    struct dc_value value;
    if (!context)
        return;
    if (dc_gles_get_indexed(context, target, index, &value))
        dc_value_get_floats(&value, data);
    else
        ASK(GetFloati_vOES, GLfloat, target, index);
}

GLboolean GL_APIENTRY
dc_gl_IsEnabled(GLenum cap)
{
    struct dc_context *context = dc_current;
    if (!context)
        return GL_FALSE;
    int index = dc_cap_index(cap);
    bool on;
    if (context->gles->gles1 && dc_gles1_is_enabled(context, cap, &on))
        return on;
    if (context->gles->gles1 && !dc_gles1_is_common_cap(cap))
        index = -1;
    if (index == DC_CAP_BLEND)
        return context->gles->blend_mask & 1;
    if (index >= 0)
        return dc_gles_cap(context->gles, (enum dc_cap)index);
    uint32_t data[DC_VALUE_MOST] = { 0 };
    ASK(IsEnabled, uint32_t, cap);
    return data[0] != 0;
}

GLboolean GL_APIENTRY
dc_gl_IsEnabledi(GLenum target, GLuint index)
{
    struct dc_context *context = dc_current;
    if (!context)
        return GL_FALSE;
    if (target == GL_BLEND && index < context->gles->max_draw_buffers)
        return context->gles->blend_mask >> index & 1;
    if (target == GL_SCISSOR_TEST && index < context->gles->max_viewports)
        return context->gles->scissor_mask >> index & 1;
    uint32_t data[DC_VALUE_MOST] = { 0 };
    ASK(IsEnabledi, uint32_t, target, index);
    return data[0] != 0;
}
