/* glGetString and glGetStringi from the profile, with the version that the context has. */
#include <gles_entry.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "get.h"
#include "state.h"

static const char *
extensions_of(const struct dc_context *context)
{
    const struct dc_profile *profile = &context->process->profile;
    return context->version_major == 1 ? profile->gles1.extensions : profile->strings[DC_PROFILE_GL_EXTENSIONS];
}

int
dc_gles_count_extensions(struct dc_context *context)
{
    const char *all = extensions_of(context);
    int count = 0;
    for (const char *at = all ? all : ""; *at;) {
        size_t size = strcspn(at, " ");
        count += size > 0;
        at += size;
        at += strspn(at, " ");
    }
    return count;
}

/* "OpenGL ES 3.2 Mesa …" with the version of the context. */
static const char *
version_string(struct dc_context *context)
{
    struct dc_gles_state *s = context->gles;
    const char *text = context->process->profile.strings[DC_PROFILE_GL_VERSION];
    const char *rest = text ? text + strcspn(text, "0123456789") : "";
    rest += strspn(rest, "0123456789.");
    snprintf(s->version, sizeof s->version, "OpenGL ES %u.%u%s", context->version_major, context->version_minor, rest);
    return s->version;
}

static const char *
glsl_version_string(struct dc_context *context)
{
    struct dc_gles_state *s = context->gles;
    if (context->version_major == 2)
        return "OpenGL ES GLSL ES 1.0.16";
    snprintf(s->glsl_version, sizeof s->glsl_version, "OpenGL ES GLSL ES %u.%u0", context->version_major,
             context->version_minor);
    return s->glsl_version;
}

const GLubyte *GL_APIENTRY
dc_gl_GetString(GLenum name)
{
    struct dc_context *context = dc_current;
    if (!context)
        return 0;
    char *const *strings = context->process->profile.strings;
    const char *text = 0;
    switch (name) {
    case GL_VENDOR: text = strings[DC_PROFILE_GL_VENDOR]; break;
    case GL_RENDERER: text = strings[DC_PROFILE_GL_RENDERER]; break;
    case GL_VERSION:
        if (context->version_major > 1)
            return (const GLubyte *)version_string(context);
        text = context->process->profile.gles1.version;
        break;
    case GL_SHADING_LANGUAGE_VERSION:
        if (context->version_major > 1)
            return (const GLubyte *)glsl_version_string(context);
        dc_gles_raise(context, GL_INVALID_ENUM);
        return 0;
    case GL_EXTENSIONS: text = extensions_of(context); break;
    default: dc_gles_raise(context, GL_INVALID_ENUM); return 0;
    }
    return (const GLubyte *)(text ? text : "");
}

const GLubyte *GL_APIENTRY
dc_gl_GetStringi(GLenum name, GLuint index)
{
    struct dc_context *context = dc_current;
    if (!context)
        return 0;
    if (name != GL_EXTENSIONS) {
        dc_gles_raise(context, GL_INVALID_ENUM);
        return 0;
    }
    struct dc_gles_state *s = context->gles;
    if (!s->extensions) {
        const char *all = context->process->profile.strings[DC_PROFILE_GL_EXTENSIONS];
        s->extensions = strdup(all ? all : "");
        s->extension_list = s->extensions ? calloc((size_t)dc_gles_count_extensions(context) + 1, sizeof(char *)) : 0;
        char *save = 0;
        for (char *one = s->extension_list ? strtok_r(s->extensions, " ", &save) : 0; one; one = strtok_r(0, " ", &save))
            s->extension_list[s->extension_list_count++] = one;
    }
    if (index >= s->extension_list_count) {
        dc_gles_raise(context, GL_INVALID_VALUE);
        return 0;
    }
    return (const GLubyte *)s->extension_list[index];
}
