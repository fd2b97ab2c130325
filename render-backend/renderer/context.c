/* EGL contexts of a ring. They are made without a config, so that each can be bound with every surface: matching is the
 * frontend's to check, and a hostile one gains nothing. */
#include "surface.h"

#include <stdlib.h>

#include <EGL/eglext.h>
#include <gles_decode.h>

#define DC_LOG_COMPONENT "renderer"
#include <common/log.h>
#include "gles/client_arrays.h"
#include "watchdog.h"

#define MAX_CONTEXTS 256u

enum { FLAG_DEBUG = 1, FLAG_ROBUST = 2, FLAG_NO_ERROR = 4 };

bool
dc_context_bind(struct dc_executor *executor, struct dc_exec_context *context)
{
    EGLDisplay display = executor->renderer->display;
    const struct dc_render_context *rc = context ? context->backend : NULL;
    EGLSurface draw = rc && rc->draw ? rc->draw->back->egl : EGL_NO_SURFACE;
    EGLSurface read = rc && rc->read ? rc->read->back->egl : EGL_NO_SURFACE;
    // EGL knows both or none.
    if (draw == EGL_NO_SURFACE)
        draw = read;
    if (read == EGL_NO_SURFACE)
        read = draw;
    if (context != executor->exec.context)
        dc_watchdog_guard(executor);
    if (!eglMakeCurrent(display, draw, read, rc ? rc->egl : EGL_NO_CONTEXT)) {
        dc_error("ring %u (%s): context %u cannot be bound: EGL error 0x%04x", executor->ring_id, executor->process,
                 context ? context->id : 0, (unsigned)eglGetError());
        dc_exec_context_made_current(&executor->exec, NULL);
        return false;
    }
    dc_exec_context_made_current(&executor->exec, context);
    return true;
}

static EGLContext
create_driver_context(const struct dc_renderer *renderer, const struct dc_cmd_dcContextCreate *c, EGLContext share)
{
    EGLint attributes[16];
    int n = 0;
    attributes[n++] = EGL_CONTEXT_MAJOR_VERSION;
    attributes[n++] = (EGLint)c->major;
    attributes[n++] = EGL_CONTEXT_MINOR_VERSION;
    attributes[n++] = (EGLint)c->minor;
    // NO_ERROR is never passed on: its undefined behaviour would be ours. Bounds are checked for everybody.
    if (renderer->has_robustness) {
        attributes[n++] = EGL_CONTEXT_OPENGL_ROBUST_ACCESS_EXT;
        attributes[n++] = EGL_TRUE;
        if (c->flags & FLAG_ROBUST) {
            attributes[n++] = EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY_EXT;
            attributes[n++] = EGL_LOSE_CONTEXT_ON_RESET_EXT;
        }
    }
    if (c->flags & FLAG_DEBUG) {
        attributes[n++] = EGL_CONTEXT_OPENGL_DEBUG;
        attributes[n++] = EGL_TRUE;
    }
    attributes[n] = EGL_NONE;
    return eglCreateContext(renderer->display, EGL_NO_CONFIG_KHR, share, attributes);
}

void
dc_exec_dcContextCreate(struct dc_exec *x, const struct dc_cmd_dcContextCreate *c)
{
    struct dc_executor *executor = dc_executor_of(x);
    uint32_t count = 0;
    for (const struct dc_exec_context *other = x->contexts; other; other = other->next)
        count++;
    struct dc_exec_context *share = c->share ? dc_exec_context_find(x, c->share) : NULL;
    if (!c->context || dc_exec_context_find(x, c->context) || (c->share && !share)) {
        dc_exec_fail(x, 0, "context id is taken, or its share group unknown");
        return;
    }
    if (c->major < 1 || c->major > 3 || c->minor > 2 || (c->major == 1 && c->minor > 1) || count >= MAX_CONTEXTS) {
        dc_exec_fail(x, 0, "unknown version, or too many contexts");
        return;
    }
    struct dc_render_context *rc = calloc(1, sizeof *rc);
    struct dc_exec_context *context = rc ? dc_exec_context_create(x, c->context, c->major == 1 ? DC_API_GLES1 : DC_API_GLES2, share)
                                        : NULL;
    if (!context) {
        free(rc);
        dc_exec_fail(x, 0, "out of memory");
        return;
    }
    context->backend = rc;
    context->debug = c->flags & FLAG_DEBUG;
    rc->egl = create_driver_context(executor->renderer, c,
                                    share ? ((struct dc_render_context *)share->backend)->egl : EGL_NO_CONTEXT);
    if (rc->egl == EGL_NO_CONTEXT) {
        context->backend = NULL;
        free(rc);
        dc_exec_context_destroy(x, context);
        dc_exec_fail(x, 0, "the driver makes no such context");
    }
}

/* They are the context's, but their buffers would live as long as its share group. */
static void
release_client_arrays(struct dc_executor *executor, struct dc_exec_context *context)
{
    struct dc_exec *x = &executor->exec;
    struct dc_exec_context *current = x->context;
    if (context->share->refs < 2 || !context->first_bind_done)
        return;
    if (current != context && !dc_context_bind(executor, context))
        return;
    dc_client_arrays_release(x);
    if (current != context && !dc_context_bind(executor, current))
        dc_exec_fail(x, 0, "the driver cannot bind the batch's context");
}

static void
destroy(struct dc_exec *x, struct dc_exec_context *context)
{
    struct dc_executor *executor = dc_executor_of(x);
    struct dc_render_context *rc = context->backend;
    release_client_arrays(executor, context);
    if (x->context == context)
        dc_context_bind(executor, NULL);
    context->backend = NULL;
    dc_exec_context_destroy(x, context);
    if (!rc)
        return;
    eglDestroyContext(executor->renderer->display, rc->egl);
    dc_surface_unref(rc->draw);
    dc_surface_unref(rc->read);
    free(rc);
}

void
dc_exec_dcContextDestroy(struct dc_exec *x, const struct dc_cmd_dcContextDestroy *c)
{
    struct dc_exec_context *context = dc_exec_context_find(x, c->context);
    if (context)
        destroy(x, context);
    else
        dc_exec_fail(x, 0, "unknown context");
}

void
dc_context_destroy_all(struct dc_executor *executor)
{
    dc_context_bind(executor, NULL);
    while (executor->exec.contexts)
        destroy(&executor->exec, executor->exec.contexts);
    eglReleaseThread();
}

void
dc_exec_dcMakeCurrent(struct dc_exec *x, const struct dc_cmd_dcMakeCurrent *c)
{
    struct dc_executor *executor = dc_executor_of(x);
    struct dc_exec_context *context = x->batch_context_id ? dc_exec_context_find(x, x->batch_context_id) : NULL;
    struct dc_surface *draw = c->draw ? dc_surface_find(executor, c->draw) : NULL;
    struct dc_surface *read = c->read ? dc_surface_find(executor, c->read) : NULL;
    if ((x->batch_context_id && !context) || (c->draw && !draw) || (c->read && !read) || (!context && (draw || read))) {
        dc_exec_fail(x, 0, "unknown context or surface");
        return;
    }
    if (context) {
        struct dc_render_context *rc = context->backend;
        struct dc_surface *old_draw = rc->draw, *old_read = rc->read;
        dc_surface_ref(draw);
        dc_surface_ref(read);
        rc->draw = draw;
        rc->read = read;
        context->first_bind_done = true;
        if (!dc_context_bind(executor, context))
            dc_exec_fail(x, 0, "the driver cannot bind context and surface");
        dc_surface_unref(old_draw);
        dc_surface_unref(old_read);
    } else {
        dc_context_bind(executor, NULL);
    }
}
