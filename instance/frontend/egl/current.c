/* What is current on a thread. */
#include "current.h"

#include <gles_encode.h>

#include "config.h"
#include "context.h"
#include "entries.h"
#include "surface.h"
#include "thread.h"
#include "wayland.h"

#define COMMAND_WORDS 16 // more than any command here takes

/* Whether `context` may become current here with these surfaces (EGL 1.5 §3.7.3). Lock held. */
static EGLint
check(const struct dc_egl_context *context, const struct dc_surface *draw, const struct dc_surface *read)
{
    const struct dc_egl_context *mine = dc_egl_current();
    if (context->current && context != mine)
        return EGL_BAD_ACCESS;
    const struct dc_surface *surfaces[] = { draw, read };
    for (int i = 0; i < 2; i++) {
        const struct dc_surface *surface = surfaces[i];
        if (surface && surface->user && surface->user != context && surface->user != mine)
            return EGL_BAD_ACCESS;
        if (surface && context->config && surface->config != context->config)
            return EGL_BAD_MATCH;
        EGLint width, height;
        if (surface && surface->window && !dc_window_get_size(surface->window, &width, &height))
            return EGL_BAD_NATIVE_WINDOW;
    }
    return dc_process_is_lost(context->base.process) || context->base.lost ? EGL_CONTEXT_LOST : EGL_SUCCESS;
}

/* Lock held; what was encoded is submitted. */
static void
unbind(struct dc_egl_context *context)
{
    struct dc_surface *surfaces[] = { context->base.draw, context->base.read };
    context->base.draw = context->base.read = NULL;
    for (int i = 0; i < 2; i++)
        if (surfaces[i])
            surfaces[i]->user = NULL;
    for (int i = 0; i < 2; i++)
        if (surfaces[i] && (i == 0 || surfaces[1] != surfaces[0]))
            dc_surface_settle(surfaces[i]);
    context->current = false;
    dc_current = NULL;
}

/* Lock held. */
static void
bind(struct dc_egl_context *context, struct dc_surface *draw, struct dc_surface *read)
{
    context->current = true;
    context->base.draw = draw;
    context->base.read = read;
    if (draw)
        draw->user = context;
    if (read)
        read->user = context;
    dc_current = &context->base;
    dc_egl_watch_thread_end();

    dc_context_make_room(&context->base, COMMAND_WORDS);
    dc_enc_dcMakeCurrent(&context->base.encoder, draw ? draw->id : 0, read ? read->id : 0);
    if (draw && !draw->frame_begun) {
        dc_surface_take_size(draw);
        dc_context_leave_no_room(&context->base);
    }
    if (draw && !context->seen_surface) {
        context->seen_surface = true;
        dc_gles_context_first_bind(&context->base, draw->width, draw->height);
    }
}

/* Lock held. What is current can be made current again only through a valid handle, so whatever `unbind` destroys is not
 * among the arguments. */
static EGLint
change(struct dc_egl_context *context, struct dc_surface *draw, struct dc_surface *read)
{
    struct dc_egl_context *old = dc_egl_current();
    EGLint error = context ? check(context, draw, read) : EGL_SUCCESS;
    if (error != EGL_SUCCESS)
        return error;
    if (old && old == context && old->base.draw == draw && old->base.read == read)
        return EGL_SUCCESS;
    if (old)
        unbind(old);
    if (context)
        bind(context, draw, read);
    if (old && old != context)
        dc_egl_context_settle(old);
    return EGL_SUCCESS;
}

/* What the thread encoded is sent before its context may go on elsewhere. Without the lock: pushes are delivered. */
static void
flush_current(void)
{
    if (dc_current)
        dc_context_flush(dc_current);
}

/* Looks the handles up and changes the binding. Lock held. */
static EGLint
make_current(EGLDisplay handle, EGLSurface draw_handle, EGLSurface read_handle, EGLContext context_handle)
{
    struct dc_display *display = dc_display_lookup(handle);
    bool releases = !context_handle && !draw_handle && !read_handle;
    if (!display || (!display->initialized && !releases))
        return EGL_BAD_DISPLAY;
    if (releases)
        return change(NULL, NULL, NULL);
    struct dc_egl_context *context = dc_egl_context_lookup(display, context_handle);
    struct dc_surface *draw = dc_surface_lookup(display, draw_handle);
    struct dc_surface *read = dc_surface_lookup(display, read_handle);
    if (context_handle && !context)
        return EGL_BAD_CONTEXT;
    if ((draw_handle && !draw) || (read_handle && !read))
        return EGL_BAD_SURFACE;
    if (!context || !draw != !read)
        return EGL_BAD_MATCH;
    return change(context, draw, read);
}

EGLBoolean
dc_eglMakeCurrent(EGLDisplay handle, EGLSurface draw, EGLSurface read, EGLContext context)
{
    flush_current();
    pthread_mutex_lock(&dc_egl_lock);
    EGLint error = make_current(handle, draw, read, context);
    pthread_mutex_unlock(&dc_egl_lock);
    return error == EGL_SUCCESS ? dc_egl_succeed() : dc_egl_fail(error);
}

void
dc_egl_release_current(void)
{
    flush_current();
    pthread_mutex_lock(&dc_egl_lock);
    change(NULL, NULL, NULL);
    pthread_mutex_unlock(&dc_egl_lock);
}

EGLBoolean
dc_eglReleaseThread(void)
{
    dc_egl_release_current();
    return dc_egl_succeed();
}

EGLContext
dc_eglGetCurrentContext(void)
{
    dc_egl_succeed();
    return dc_egl_current();
}

EGLDisplay
dc_eglGetCurrentDisplay(void)
{
    dc_egl_succeed();
    return dc_current ? dc_egl_current()->display : EGL_NO_DISPLAY;
}

EGLSurface
dc_eglGetCurrentSurface(EGLint which)
{
    if (which != EGL_DRAW && which != EGL_READ) {
        dc_egl_fail(EGL_BAD_PARAMETER);
        return EGL_NO_SURFACE;
    }
    dc_egl_succeed();
    return dc_current ? (which == EGL_DRAW ? dc_current->draw : dc_current->read) : EGL_NO_SURFACE;
}

/* eglWaitClient and eglWaitGL: as glFinish. */
EGLBoolean
dc_eglWaitClient(void)
{
    if (!dc_current)
        return dc_egl_succeed();
    if (!dc_current->draw)
        return dc_egl_fail(EGL_BAD_CURRENT_SURFACE);
    struct dc_call call;
    dc_call_begin(dc_current->process, &call, NULL, 0);
    dc_enc_dcFinish(&dc_current->encoder, call.serial);
    return dc_context_call_wait(dc_current, &call, DC_WAIT_APP) ? dc_egl_succeed() : dc_egl_fail(EGL_CONTEXT_LOST);
}

EGLBoolean
dc_eglWaitNative(EGLint engine)
{
    if (dc_current && !dc_current->draw)
        return dc_egl_fail(EGL_BAD_CURRENT_SURFACE);
    if (engine != EGL_CORE_NATIVE_ENGINE)
        return dc_egl_fail(EGL_BAD_PARAMETER);
    return dc_egl_succeed(); // nobody draws natively
}
