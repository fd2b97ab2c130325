/* Reads the driver's profile: configs as Mesa offers them on Wayland; the GLES part is gles/limits.c's. */
#include "renderer_private.h"

#include <stdlib.h>
#include <string.h>

#include <EGL/eglext.h>

#define DC_LOG_COMPONENT "renderer"
#include <common/log.h>

#include "gles/limits.h"

#define MAX_CONFIGS 512

static uint32_t
attribute(EGLDisplay display, EGLConfig config, EGLint name, uint32_t fallback)
{
    EGLint value;
    if (eglGetConfigAttrib(display, config, name, &value))
        return (uint32_t)value;
    eglGetError();
    return fallback;
}

/* Wayland's shm and ours carry 8 bits a channel: those configs native Mesa offers there, in the driver's order. */
static bool
is_offered(EGLDisplay display, EGLConfig config)
{
    uint32_t alpha = attribute(display, config, EGL_ALPHA_SIZE, 0);
    return attribute(display, config, EGL_RED_SIZE, 0) == 8 && attribute(display, config, EGL_GREEN_SIZE, 0) == 8 &&
           attribute(display, config, EGL_BLUE_SIZE, 0) == 8 && (alpha == 8 || alpha == 0) &&
           (attribute(display, config, EGL_SURFACE_TYPE, 0) & EGL_PBUFFER_BIT) &&
           (attribute(display, config, EGL_RENDERABLE_TYPE, 0) & EGL_OPENGL_ES2_BIT) &&
           attribute(display, config, EGL_COLOR_COMPONENT_TYPE_EXT, EGL_COLOR_COMPONENT_TYPE_FIXED_EXT) ==
               EGL_COLOR_COMPONENT_TYPE_FIXED_EXT;
}

static void
describe_config(EGLDisplay display, EGLConfig config, uint32_t id, struct dc_profile_config *out)
{
    // No desktop GL: it is not carried.
    const uint32_t apis = EGL_OPENGL_ES_BIT | EGL_OPENGL_ES2_BIT | EGL_OPENGL_ES3_BIT_KHR;
    *out = (struct dc_profile_config){
        .id = id,
        .red = attribute(display, config, EGL_RED_SIZE, 0),
        .green = attribute(display, config, EGL_GREEN_SIZE, 0),
        .blue = attribute(display, config, EGL_BLUE_SIZE, 0),
        .alpha = attribute(display, config, EGL_ALPHA_SIZE, 0),
        .depth = attribute(display, config, EGL_DEPTH_SIZE, 0),
        .stencil = attribute(display, config, EGL_STENCIL_SIZE, 0),
        .samples = attribute(display, config, EGL_SAMPLES, 0),
        .sample_buffers = attribute(display, config, EGL_SAMPLE_BUFFERS, 0),
        .surface_type = EGL_WINDOW_BIT | EGL_PBUFFER_BIT,
        .renderable_type = attribute(display, config, EGL_RENDERABLE_TYPE, 0) & apis,
        .conformant = attribute(display, config, EGL_CONFORMANT, 0) & apis,
        .caveat = attribute(display, config, EGL_CONFIG_CAVEAT, EGL_NONE),
        .color_component_type = EGL_COLOR_COMPONENT_TYPE_FIXED_EXT,
        .native_renderable = attribute(display, config, EGL_NATIVE_RENDERABLE, 0),
        .native_visual_id = attribute(display, config, EGL_NATIVE_VISUAL_ID, 0),
        .max_pbuffer_width = attribute(display, config, EGL_MAX_PBUFFER_WIDTH, 0),
        .max_pbuffer_height = attribute(display, config, EGL_MAX_PBUFFER_HEIGHT, 0),
    };
}

static bool
read_configs(struct dc_renderer *renderer)
{
    EGLConfig all[MAX_CONFIGS];
    EGLint count = 0;
    struct dc_profile *profile = &renderer->profile;
    if (!eglGetConfigs(renderer->display, all, MAX_CONFIGS, &count) || count <= 0)
        return false;
    renderer->configs = calloc((size_t)count, sizeof *renderer->configs);
    profile->configs = calloc((size_t)count, sizeof *profile->configs);
    if (!renderer->configs || !profile->configs)
        return false;
    for (EGLint i = 0; i < count; i++) {
        if (!is_offered(renderer->display, all[i]))
            continue;
        uint32_t index = profile->config_count++;
        renderer->configs[index] = all[i];
        describe_config(renderer->display, all[i], index + 1, &profile->configs[index]);
    }
    return profile->config_count > 0;
}

/* Leaves no context current. A driver without GLES 1.1 leaves it out of the profile. */
static void
read_gles1(struct dc_renderer *renderer)
{
    const EGLint attributes[] = { EGL_CONTEXT_MAJOR_VERSION, 1, EGL_CONTEXT_MINOR_VERSION, 1, EGL_NONE };
    EGLContext context = eglCreateContext(renderer->display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attributes);
    if (context == EGL_NO_CONTEXT ||
        !eglMakeCurrent(renderer->display, EGL_NO_SURFACE, EGL_NO_SURFACE, context) ||
        !dc_gles1_limits_read(&renderer->gl, &renderer->profile)) {
        dc_info("GPU %s: no GLES 1.1 (EGL error 0x%04x)", renderer->gpu.name, (unsigned)eglGetError());
        dc_profile_drop_gles1(&renderer->profile);
    }
    eglMakeCurrent(renderer->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    if (context != EGL_NO_CONTEXT)
        eglDestroyContext(renderer->display, context);
}

bool
dc_renderer_read_profile(struct dc_renderer *renderer)
{
    // Mesa makes the highest compatible version of what is asked for; others are asked for theirs.
    static const EGLint versions[][2] = { { 3, 2 }, { 3, 1 }, { 3, 0 }, { 2, 0 } };
    EGLContext context = EGL_NO_CONTEXT;
    for (size_t i = 0; i < 4 && context == EGL_NO_CONTEXT; i++) {
        const EGLint attributes[] = { EGL_CONTEXT_MAJOR_VERSION, versions[i][0], EGL_CONTEXT_MINOR_VERSION,
                                      versions[i][1], EGL_NONE };
        context = eglCreateContext(renderer->display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attributes);
    }
    bool ok = context != EGL_NO_CONTEXT &&
              eglMakeCurrent(renderer->display, EGL_NO_SURFACE, EGL_NO_SURFACE, context) && read_configs(renderer) &&
              dc_gles_limits_read(&renderer->gl, &renderer->profile);
    const char *vendor = eglQueryString(renderer->display, EGL_VENDOR);
    const char *extensions = eglQueryString(renderer->display, EGL_EXTENSIONS);
    renderer->profile.strings[DC_PROFILE_EGL_VENDOR] = strdup(vendor ? vendor : "");
    renderer->profile.strings[DC_PROFILE_EGL_EXTENSIONS] = strdup(extensions ? extensions : "");
    ok &= renderer->profile.strings[DC_PROFILE_EGL_VENDOR] && renderer->profile.strings[DC_PROFILE_EGL_EXTENSIONS];
    if (!ok)
        dc_error("GPU %s: its profile cannot be read (EGL error 0x%04x)", renderer->gpu.name, (unsigned)eglGetError());
    eglMakeCurrent(renderer->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    if (context != EGL_NO_CONTEXT)
        eglDestroyContext(renderer->display, context);
    if (ok)
        read_gles1(renderer);
    eglReleaseThread();
    return ok;
}
