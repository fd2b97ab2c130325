/* EGL_KHR_fence_sync and EGL 1.5's fences, answered from the worker's pushed completions; EGL_KHR_reusable_sync, whose
 * objects are between this process's threads only. */
#include "sync.h"

#include <stdlib.h>
#include <time.h>

#include <gles_encode.h>

#include "context.h"
#include "entries.h"
#include "thread.h"

struct dc_sync {
    struct dc_display *display;
    struct dc_process *process;
    struct dc_sync *next; // display->syncs
    EGLenum type;
    struct dc_fence fence; // a fence's
    // a reusable one's, protected by dc_egl_lock
    bool signalled, gone; // gone: destroyed, whoever waits returns
    int refs; // protected by dc_egl_lock: the handle, and every thread that waits
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_cond_t reusable_changed; // of any reusable sync; on CLOCK_MONOTONIC

static void
init_condition(void)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&reusable_changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void
unref(struct dc_sync *sync)
{
    if (--sync->refs > 0)
        return;
    if (sync->type == EGL_SYNC_FENCE)
        dc_fence_end(sync->process, &sync->fence);
    free(sync);
}

void
dc_sync_unlink(struct dc_sync *sync)
{
    struct dc_sync **at = &sync->display->syncs;
    while (*at && *at != sync)
        at = &(*at)->next;
    if (*at)
        *at = sync->next;
    if (sync->type == EGL_SYNC_REUSABLE_KHR) {
        sync->gone = true;
        pthread_cond_broadcast(&reusable_changed);
    }
    unref(sync);
}

/* A reference to the sync behind a handle, or NULL with the error set. Takes the lock. */
static struct dc_sync *
acquire(EGLDisplay handle, EGLSync sync_handle)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    struct dc_sync *sync = display ? display->syncs : NULL;
    while (sync && sync != sync_handle)
        sync = sync->next;
    if (sync)
        sync->refs++;
    else if (display)
        dc_egl_fail(EGL_BAD_PARAMETER);
    pthread_mutex_unlock(&dc_egl_lock);
    return sync;
}

static void
release(struct dc_sync *sync)
{
    pthread_mutex_lock(&dc_egl_lock);
    unref(sync);
    pthread_mutex_unlock(&dc_egl_lock);
}

static EGLint
check_create(const struct dc_display *display, EGLenum type, bool has_attribs, EGLint type_error)
{
    if ((!dc_current && type == EGL_SYNC_FENCE) || (dc_current && dc_egl_current()->display != display))
        return EGL_BAD_MATCH;
    if (type != EGL_SYNC_FENCE && type != EGL_SYNC_REUSABLE_KHR)
        return type_error;
    return has_attribs ? EGL_BAD_ATTRIBUTE : EGL_SUCCESS;
}

static EGLSync
create(EGLDisplay handle, EGLenum type, bool has_attribs, EGLint type_error)
{
    struct dc_sync *sync = NULL;
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    EGLint error = display ? check_create(display, type, has_attribs, type_error) : EGL_SUCCESS;
    if (display && error == EGL_SUCCESS && !(sync = calloc(1, sizeof(*sync))))
        error = EGL_BAD_ALLOC;
    if (sync) {
        sync->display = display;
        sync->process = display->process;
        sync->type = type;
        sync->refs = 1;
        if (type == EGL_SYNC_FENCE)
            dc_fence_begin(sync->process, &sync->fence);
        else
            pthread_once(&once, init_condition);
        sync->next = display->syncs;
        display->syncs = sync;
    }
    pthread_mutex_unlock(&dc_egl_lock);
    if (display)
        dc_egl_fail(error);
    if (!sync || type != EGL_SYNC_FENCE)
        return sync;
    dc_enc_dcFence(&dc_current->encoder, sync->fence.serial);
    // Another thread may wait for it without being able to flush this context.
    dc_context_flush(dc_current);
    return sync;
}

EGLSync
dc_eglCreateSync(EGLDisplay handle, EGLenum type, const EGLAttrib *attribs)
{
    return create(handle, type, attribs && attribs[0] != EGL_NONE, EGL_BAD_PARAMETER);
}

EGLSyncKHR
dc_eglCreateSyncKHR(EGLDisplay handle, EGLenum type, const EGLint *attribs)
{
    return create(handle, type, attribs && attribs[0] != EGL_NONE, EGL_BAD_ATTRIBUTE);
}

EGLBoolean
dc_eglDestroySync(EGLDisplay handle, EGLSync sync_handle)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    struct dc_sync *sync = display ? display->syncs : NULL;
    while (sync && sync != sync_handle)
        sync = sync->next;
    if (sync)
        dc_sync_unlink(sync);
    pthread_mutex_unlock(&dc_egl_lock);
    if (!display)
        return EGL_FALSE;
    return sync ? dc_egl_succeed() : dc_egl_fail(EGL_BAD_PARAMETER);
}

/* Blocks like dc_fence_wait(); true also when the sync was destroyed meanwhile. */
static bool
wait_reusable(struct dc_sync *sync, int64_t timeout_us)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    int64_t end_ns = end.tv_nsec + (timeout_us > 0 ? timeout_us % 1000000 * 1000 : 0);
    end.tv_sec += (timeout_us > 0 ? timeout_us / 1000000 : 0) + end_ns / 1000000000;
    end.tv_nsec = end_ns % 1000000000;
    int result = 0;
    pthread_mutex_lock(&dc_egl_lock);
    while (!sync->signalled && !sync->gone && timeout_us != 0 && result == 0)
        result = timeout_us < 0 ? pthread_cond_wait(&reusable_changed, &dc_egl_lock)
                                : pthread_cond_timedwait(&reusable_changed, &dc_egl_lock, &end);
    bool done = sync->signalled || sync->gone;
    pthread_mutex_unlock(&dc_egl_lock);
    return done;
}

EGLBoolean
dc_eglSignalSyncKHR(EGLDisplay handle, EGLSyncKHR sync_handle, EGLenum mode)
{
    struct dc_sync *sync = acquire(handle, sync_handle);
    if (!sync)
        return EGL_FALSE;
    EGLint error = EGL_SUCCESS;
    if (sync->type != EGL_SYNC_REUSABLE_KHR)
        error = EGL_BAD_MATCH;
    else if (mode != EGL_SIGNALED && mode != EGL_UNSIGNALED)
        error = EGL_BAD_ATTRIBUTE;
    pthread_mutex_lock(&dc_egl_lock);
    if (error == EGL_SUCCESS) {
        sync->signalled = mode == EGL_SIGNALED;
        pthread_cond_broadcast(&reusable_changed);
    }
    unref(sync);
    pthread_mutex_unlock(&dc_egl_lock);
    return error == EGL_SUCCESS ? dc_egl_succeed() : dc_egl_fail(error);
}

EGLint
dc_eglClientWaitSync(EGLDisplay handle, EGLSync sync_handle, EGLint flags, EGLTime timeout_ns)
{
    struct dc_sync *sync = acquire(handle, sync_handle);
    if (!sync)
        return EGL_FALSE;
    // A lost worker signals nothing any more; whoever waits goes on, and hears of it from the next swap.
    int64_t timeout_us = timeout_ns > (EGLTime)INT64_MAX ? -1 : (int64_t)(timeout_ns / 1000 + (timeout_ns % 1000 != 0));
    if (sync->type == EGL_SYNC_REUSABLE_KHR && (flags & EGL_SYNC_FLUSH_COMMANDS_BIT) && dc_current)
        dc_context_flush(dc_current); // a fence's creation flushed
    bool signalled = sync->type == EGL_SYNC_REUSABLE_KHR
                         ? wait_reusable(sync, timeout_us)
                         : dc_fence_wait(sync->process, &sync->fence, timeout_us, DC_WAIT_APP) ||
                               dc_process_is_lost(sync->process);
    release(sync);
    dc_egl_succeed();
    return signalled ? EGL_CONDITION_SATISFIED : EGL_TIMEOUT_EXPIRED;
}

/* Every command of a process is executed in ring order, and the fence is in the ring already: nothing to send. The
 * executor waits for no thread of the application, so a reusable sync holds nothing up; Mesa's does not either. */
EGLBoolean
dc_eglWaitSync(EGLDisplay handle, EGLSync sync_handle, EGLint flags)
{
    struct dc_sync *sync = acquire(handle, sync_handle);
    if (!sync)
        return EGL_FALSE;
    release(sync);
    if (!dc_current)
        return dc_egl_fail(EGL_BAD_MATCH);
    return flags == 0 ? dc_egl_succeed() : dc_egl_fail(EGL_BAD_PARAMETER);
}

EGLint
dc_eglWaitSyncKHR(EGLDisplay handle, EGLSyncKHR sync, EGLint flags)
{
    return dc_eglWaitSync(handle, sync, flags);
}

static bool
has_signalled(struct dc_sync *sync)
{
    if (sync->type == EGL_SYNC_REUSABLE_KHR)
        return wait_reusable(sync, 0);
    return dc_fence_wait(sync->process, &sync->fence, 0, DC_WAIT_PACE) || dc_process_is_lost(sync->process);
}

EGLBoolean
dc_eglGetSyncAttrib(EGLDisplay handle, EGLSync sync_handle, EGLint attribute, EGLAttrib *value)
{
    if (!value)
        return dc_egl_fail(EGL_BAD_PARAMETER);
    struct dc_sync *sync = acquire(handle, sync_handle);
    if (!sync)
        return EGL_FALSE;
    EGLBoolean ok = EGL_TRUE;
    switch (attribute) {
    case EGL_SYNC_TYPE:
        *value = sync->type;
        break;
    case EGL_SYNC_CONDITION:
        ok = sync->type == EGL_SYNC_FENCE;
        if (ok)
            *value = EGL_SYNC_PRIOR_COMMANDS_COMPLETE;
        break;
    case EGL_SYNC_STATUS:
        *value = has_signalled(sync) ? EGL_SIGNALED : EGL_UNSIGNALED;
        break;
    default:
        ok = EGL_FALSE;
    }
    release(sync);
    return ok ? dc_egl_succeed() : dc_egl_fail(EGL_BAD_ATTRIBUTE);
}

EGLBoolean
dc_eglGetSyncAttribKHR(EGLDisplay handle, EGLSyncKHR sync, EGLint attribute, EGLint *value)
{
    EGLAttrib answer;
    if (!value)
        return dc_egl_fail(EGL_BAD_PARAMETER);
    if (!dc_eglGetSyncAttrib(handle, sync, attribute, &answer))
        return EGL_FALSE;
    *value = answer;
    return EGL_TRUE;
}
