#include "context.h"

#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "config.h"
#include "entries.h"
#include "thread.h"

#define DC_LOG_COMPONENT "frontend"
#include <common/log.h>

#define MAX_CONTEXTS 200 // the worker ends a process that has more than 256

static uint32_t alive; // those that the worker knows; protected by dc_egl_lock

struct request {
    EGLint major, minor, flags, reset_strategy, release_behavior;
    bool robust, debug, no_error;
};

#define KNOWN_FLAGS                                                                                                     \
    (EGL_CONTEXT_OPENGL_DEBUG_BIT_KHR | EGL_CONTEXT_OPENGL_FORWARD_COMPATIBLE_BIT_KHR |                                 \
     EGL_CONTEXT_OPENGL_ROBUST_ACCESS_BIT_KHR)

static bool
is_boolean(EGLint value)
{
    return value == EGL_TRUE || value == EGL_FALSE;
}

/* One attribute. Those that only desktop GL has are EGL_BAD_ATTRIBUTE here (EGL_KHR_create_context, issue 10). */
static EGLint
parse_attribute(struct request *request, EGLint name, EGLint value)
{
    switch (name) {
    case EGL_CONTEXT_MAJOR_VERSION:
        request->major = value;
        return EGL_SUCCESS;
    case EGL_CONTEXT_MINOR_VERSION:
        request->minor = value;
        return EGL_SUCCESS;
    case EGL_CONTEXT_FLAGS_KHR:
        request->flags = value;
        request->debug |= (value & EGL_CONTEXT_OPENGL_DEBUG_BIT_KHR) != 0;
        return value & ~EGL_CONTEXT_OPENGL_DEBUG_BIT_KHR ? EGL_BAD_ATTRIBUTE : EGL_SUCCESS;
    case EGL_CONTEXT_OPENGL_DEBUG:
        request->debug |= value == EGL_TRUE;
        return is_boolean(value) ? EGL_SUCCESS : EGL_BAD_ATTRIBUTE;
    case EGL_CONTEXT_OPENGL_FORWARD_COMPATIBLE: // desktop GL's, and there is no such version of ES
        return value == EGL_TRUE ? EGL_BAD_MATCH : EGL_SUCCESS;
    case EGL_CONTEXT_OPENGL_ROBUST_ACCESS:
    case EGL_CONTEXT_OPENGL_ROBUST_ACCESS_EXT:
        request->robust = value == EGL_TRUE;
        return is_boolean(value) ? EGL_SUCCESS : EGL_BAD_ATTRIBUTE;
    case EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY:
    case EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY_EXT:
        request->reset_strategy = value;
        return value == EGL_NO_RESET_NOTIFICATION || value == EGL_LOSE_CONTEXT_ON_RESET ? EGL_SUCCESS
                                                                                        : EGL_BAD_ATTRIBUTE;
    case EGL_CONTEXT_OPENGL_NO_ERROR_KHR:
        request->no_error = value != EGL_FALSE;
        return value == EGL_TRUE && request->major < 2 ? EGL_BAD_ATTRIBUTE : EGL_SUCCESS;
    case EGL_CONTEXT_RELEASE_BEHAVIOR_KHR:
        request->release_behavior = value;
        return value == EGL_CONTEXT_RELEASE_BEHAVIOR_NONE_KHR || value == EGL_CONTEXT_RELEASE_BEHAVIOR_FLUSH_KHR
                   ? EGL_SUCCESS
                   : EGL_BAD_ATTRIBUTE;
    default:
        return EGL_BAD_ATTRIBUTE;
    }
}

static EGLint
parse_request(struct request *request, const EGLint *attribs)
{
    *request = (struct request){
        .major = 1, // EGL's default
        .reset_strategy = EGL_NO_RESET_NOTIFICATION,
        .release_behavior = EGL_CONTEXT_RELEASE_BEHAVIOR_FLUSH_KHR,
    };
    for (const EGLint *a = attribs; a && a[0] != EGL_NONE; a += 2) {
        EGLint error = parse_attribute(request, a[0], a[1]);
        if (error != EGL_SUCCESS)
            return error;
    }
    bool defined = request->minor >= 0 && ((request->major == 1 && request->minor <= 1) ||
                                           (request->major == 2 && request->minor == 0) || request->major == 3);
    if (!defined || (request->no_error && (request->debug || request->robust)))
        return EGL_BAD_MATCH;
    return EGL_SUCCESS;
}

/* The highest version that the driver makes. */
static void
highest_version(const struct dc_profile *profile, EGLint *major, EGLint *minor)
{
    const char *version = profile->strings[DC_PROFILE_GL_VERSION];
    *major = 2;
    *minor = 0;
    if (version)
        sscanf(version, "OpenGL ES %d.%d", major, minor);
}

static bool
has_version(const struct dc_profile *profile, EGLint major, EGLint minor)
{
    EGLint highest_major, highest_minor;
    if (major == 1)
        return profile->gles1.version && minor <= 1;
    highest_version(profile, &highest_major, &highest_minor);
    return major >= 2 && (major < highest_major || (major == highest_major && minor <= highest_minor));
}

static EGLint
check_request(const struct dc_display *display, const struct request *request, const struct dc_config *config,
              const struct dc_egl_context *share)
{
    EGLint bit = request->major == 1 ? EGL_OPENGL_ES_BIT
                                     : (request->major == 2 ? EGL_OPENGL_ES2_BIT : EGL_OPENGL_ES3_BIT);
    if (dc_egl_api() != EGL_OPENGL_ES_API)
        return EGL_BAD_MATCH; // libEGL let the application bind what another vendor has
    if (config && !(config->renderable_type & bit))
        return EGL_BAD_CONFIG;
    if (!has_version(&display->process->profile, request->major, request->minor))
        return EGL_BAD_MATCH;
    if (share && (share->reset_strategy != request->reset_strategy || share->base.no_error != request->no_error))
        return EGL_BAD_MATCH;
    return EGL_SUCCESS;
}

static struct dc_egl_context *
create(struct dc_display *display, const struct dc_config *config, struct dc_egl_context *share,
       const struct request *request)
{
    static uint32_t last_id; // protected by dc_egl_lock
    EGLint major, minor;
    // Every version from 2.0 on is backward compatible with what was asked for, and drivers make the highest: programs
    // (through libepoxy, all of GTK) look at GL_VERSION and use ES 3 after asking for 2.
    if (request->major == 1)
        major = minor = 1;
    else
        highest_version(&display->process->profile, &major, &minor);
    struct dc_egl_context *context = alive < MAX_CONTEXTS ? calloc(1, sizeof(*context)) : NULL;
    if (!context)
        return NULL;
    context->base.process = display->process;
    context->base.id = ++last_id;
    context->base.version_major = major;
    context->base.version_minor = minor;
    context->client_version = request->major;
    context->base.debug = request->debug;
    context->base.robust = request->robust;
    context->base.no_error = request->no_error;
    context->base.lose_on_reset = request->reset_strategy == EGL_LOSE_CONTEXT_ON_RESET;
    context->display = display;
    context->config = config;
    context->reset_strategy = request->reset_strategy;
    context->release_behavior = request->release_behavior;
    if (!dc_context_init(&context->base) || !dc_gles_context_init(&context->base, share ? &share->base : NULL)) {
        dc_context_finish(&context->base);
        free(context);
        return NULL;
    }
    bool robust = request->robust || context->base.lose_on_reset;
    uint32_t flags = (request->debug ? 1 : 0) | (robust ? 2 : 0) | (request->no_error ? 4 : 0);
    dc_command_context_create(display->process, context->base.id, share ? share->base.id : 0,
                              config ? config->config_id : 0, major, minor, flags);
    dc_debug("context %u: asked for %d.%d, shared with %u", context->base.id, request->major, request->minor,
             share ? share->base.id : 0);
    alive++;
    context->linked = true;
    context->next = display->contexts;
    display->contexts = context;
    return context;
}

EGLContext
dc_eglCreateContext(EGLDisplay handle, EGLConfig config_handle, EGLContext share_handle, const EGLint *attribs)
{
    struct request request;
    struct dc_egl_context *context = NULL;
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    if (!display)
        goto done;
    const struct dc_config *config = dc_display_find_config(display, config_handle);
    struct dc_egl_context *share = dc_egl_context_lookup(display, share_handle);
    EGLint error = EGL_SUCCESS;
    if (config_handle && !config)
        error = EGL_BAD_CONFIG;
    else if (share_handle && !share)
        error = EGL_BAD_CONTEXT;
    else if (dc_process_is_lost(display->process))
        error = EGL_CONTEXT_LOST;
    if (error == EGL_SUCCESS)
        error = parse_request(&request, attribs);
    if (error == EGL_SUCCESS)
        error = check_request(display, &request, config, share);
    if (error == EGL_SUCCESS && !(context = create(display, config, share, &request)))
        error = EGL_BAD_ALLOC;
    dc_egl_fail(error);
done:
    pthread_mutex_unlock(&dc_egl_lock);
    return context;
}

struct dc_egl_context *
dc_egl_context_lookup(struct dc_display *display, EGLContext handle)
{
    struct dc_egl_context *context = display->contexts;
    while (context && context != handle)
        context = context->next;
    return context;
}

void
dc_egl_context_settle(struct dc_egl_context *context)
{
    if (context->linked || context->current)
        return;
    alive--;
    dc_gles_context_finish(&context->base);
    dc_command_context_destroy(context->base.process, context->base.id);
    dc_context_finish(&context->base);
    free(context);
}

void
dc_egl_context_unlink(struct dc_egl_context *context)
{
    struct dc_egl_context **at = &context->display->contexts;
    while (*at && *at != context)
        at = &(*at)->next;
    if (*at)
        *at = context->next;
    context->linked = false;
    dc_egl_context_settle(context);
}

EGLBoolean
dc_eglDestroyContext(EGLDisplay handle, EGLContext context_handle)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    struct dc_egl_context *context = display ? dc_egl_context_lookup(display, context_handle) : NULL;
    if (context)
        dc_egl_context_unlink(context);
    pthread_mutex_unlock(&dc_egl_lock);
    if (!display)
        return EGL_FALSE;
    return context ? dc_egl_succeed() : dc_egl_fail(EGL_BAD_CONTEXT);
}

static bool
query(const struct dc_egl_context *context, EGLint attribute, EGLint *value)
{
    switch (attribute) {
    case EGL_CONFIG_ID:
        *value = context->config ? context->config->config_id : 0;
        return true;
    case EGL_CONTEXT_CLIENT_VERSION:
        *value = context->client_version;
        return true;
    case EGL_CONTEXT_CLIENT_TYPE:
        *value = EGL_OPENGL_ES_API;
        return true;
    case EGL_RENDER_BUFFER:
        *value = context->base.draw ? EGL_BACK_BUFFER : EGL_NONE;
        return true;
    default:
        return false;
    }
}

EGLBoolean
dc_eglQueryContext(EGLDisplay handle, EGLContext context_handle, EGLint attribute, EGLint *value)
{
    EGLint error = EGL_SUCCESS;
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    struct dc_egl_context *context = display ? dc_egl_context_lookup(display, context_handle) : NULL;
    if (!context)
        error = EGL_BAD_CONTEXT;
    else if (!value)
        error = EGL_BAD_PARAMETER;
    else if (!query(context, attribute, value))
        error = EGL_BAD_ATTRIBUTE;
    pthread_mutex_unlock(&dc_egl_lock);
    if (!display)
        return EGL_FALSE;
    return error == EGL_SUCCESS ? dc_egl_succeed() : dc_egl_fail(error);
}
