/* Sync objects, glFinish and glFlush. A fence is a serial in the stream; the worker pushes it when it has passed. */
#include "sync.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <gles_encode.h>
#include <gles_entry.h>

#include "error.h"
#include "glsl_object.h"
#include "shared.h"
#include "state.h"

struct dc_sync {
    struct dc_sync *next;
    struct dc_gles_shared *shared; // compared only
    struct dc_process *process;
    uint64_t serial;
    bool signalled; // atomic
    char *label;    // owned, NULL for none; KHR_debug's
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct dc_sync *syncs; // protected by lock
static uint64_t last_serial;  // atomic

/* The sync object behind a handle of this share group, NULL if there is none; takes the lock. */
static struct dc_sync *
find(const struct dc_context *context, GLsync handle)
{
    pthread_mutex_lock(&lock);
    struct dc_sync *sync = syncs;
    while (sync && (sync != (struct dc_sync *)handle || sync->shared != context->shared))
        sync = sync->next;
    pthread_mutex_unlock(&lock);
    return sync;
}

void
dc_sync_handle_fence(struct dc_process *process, uint64_t serial)
{
    pthread_mutex_lock(&lock);
    for (struct dc_sync *sync = syncs; sync; sync = sync->next) {
        if (sync->process == process && sync->serial == serial)
            __atomic_store_n(&sync->signalled, true, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&lock);
}

void
dc_gles_each_fence(struct dc_process *process, void (*each)(void *user, uint64_t serial), void *user)
{
    pthread_mutex_lock(&lock);
    for (const struct dc_sync *sync = syncs; sync; sync = sync->next) {
        if (sync->process == process && !__atomic_load_n(&sync->signalled, __ATOMIC_ACQUIRE))
            each(user, sync->serial);
    }
    pthread_mutex_unlock(&lock);
}

void
dc_sync_forget(struct dc_gles_shared *shared)
{
    pthread_mutex_lock(&lock);
    for (struct dc_sync **at = &syncs; *at;) {
        struct dc_sync *sync = *at;
        if (sync->shared == shared) {
            *at = sync->next;
            free(sync->label);
            free(sync);
        } else {
            at = &sync->next;
        }
    }
    pthread_mutex_unlock(&lock);
}

GLsync GL_APIENTRY
dc_gl_FenceSync(GLenum condition, GLbitfield flags)
{
    struct dc_context *context = dc_current;
    if (!context)
        return 0;
    if (condition != GL_SYNC_GPU_COMMANDS_COMPLETE || flags) {
        dc_gles_raise(context, condition != GL_SYNC_GPU_COMMANDS_COMPLETE ? GL_INVALID_ENUM : GL_INVALID_VALUE);
        return 0;
    }
    struct dc_sync *sync = calloc(1, sizeof *sync);
    if (!sync) {
        dc_gles_raise(context, GL_OUT_OF_MEMORY);
        return 0;
    }
    sync->shared = context->shared;
    sync->process = context->process;
    sync->serial = __atomic_add_fetch(&last_serial, 1, __ATOMIC_RELAXED);
    pthread_mutex_lock(&lock);
    sync->next = syncs;
    syncs = sync;
    pthread_mutex_unlock(&lock);
    dc_enc_dcFence(&context->encoder, sync->serial);
    return (GLsync)sync;
}

GLboolean GL_APIENTRY
dc_gl_IsSync(GLsync handle)
{
    return dc_current && find(dc_current, handle);
}

void GL_APIENTRY
dc_gl_DeleteSync(GLsync handle)
{
    struct dc_context *context = dc_current;
    if (!context || !handle)
        return;
    struct dc_sync *sync = 0;
    pthread_mutex_lock(&lock);
    for (struct dc_sync **at = &syncs; *at && !sync; at = &(*at)->next) {
        if (*at == (struct dc_sync *)handle && (*at)->shared == context->shared) {
            sync = *at;
            *at = sync->next;
            break;
        }
    }
    pthread_mutex_unlock(&lock);
    if (!sync)
        dc_gles_raise(context, GL_INVALID_VALUE);
    else
        free(sync->label);
    free(sync);
}

/* Waiting looks the object up each time: another thread may delete it meanwhile, which ends the wait. */
struct wait {
    const struct dc_context *context;
    GLsync handle;
};

static bool
has_passed(void *user)
{
    const struct wait *wait = user;
    struct dc_sync *sync = find(wait->context, wait->handle);
    return !sync || __atomic_load_n(&sync->signalled, __ATOMIC_ACQUIRE);
}

GLenum GL_APIENTRY
dc_gl_ClientWaitSync(GLsync handle, GLbitfield flags, GLuint64 timeout_ns)
{
    struct dc_context *context = dc_current;
    if (!context)
        return GL_WAIT_FAILED;
    if ((flags & ~(GLbitfield)GL_SYNC_FLUSH_COMMANDS_BIT) || !find(context, handle)) {
        dc_gles_raise(context, GL_INVALID_VALUE);
        return GL_WAIT_FAILED;
    }
    struct wait wait = { context, handle };
    dc_process_drain(context->process);
    if (has_passed(&wait) || dc_process_is_lost(context->process))
        return GL_ALREADY_SIGNALED;
    // Also without the bit: a fence that never leaves our batch would never signal.
    dc_context_flush(context);
    if (!timeout_ns)
        return GL_TIMEOUT_EXPIRED;
    uint64_t timeout_us = timeout_ns / 1000 + (timeout_ns % 1000 != 0);
    bool passed = dc_process_wait(context->process, has_passed, &wait,
                                  timeout_us > INT64_MAX / 2 ? -1 : (int64_t)timeout_us, DC_WAIT_APP);
    return passed || dc_process_is_lost(context->process) ? GL_CONDITION_SATISFIED : GL_TIMEOUT_EXPIRED;
}

void GL_APIENTRY
dc_gl_WaitSync(GLsync handle, GLbitfield flags, GLuint64 timeout)
{
    struct dc_context *context = dc_current;
    // Contexts of a share group execute in the order of the ring: what the fence stands behind is already before us.
    if (context && (flags || timeout != GL_TIMEOUT_IGNORED || !find(context, handle)))
        dc_gles_raise(context, GL_INVALID_VALUE);
}

void GL_APIENTRY
dc_gl_GetSynciv(GLsync handle, GLenum pname, GLsizei count, GLsizei *length, GLint *values)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    struct wait wait = { context, handle };
    GLint value = 0;
    if (!find(context, handle) || count < 0) {
        dc_gles_raise(context, GL_INVALID_VALUE);
        return;
    }
    switch (pname) {
    case GL_OBJECT_TYPE: value = GL_SYNC_FENCE; break;
    case GL_SYNC_CONDITION: value = GL_SYNC_GPU_COMMANDS_COMPLETE; break;
    case GL_SYNC_FLAGS: value = 0; break;
    case GL_SYNC_STATUS:
        dc_process_drain(context->process);
        if (!has_passed(&wait))
            dc_context_flush(context);
        value = has_passed(&wait) ? GL_SIGNALED : GL_UNSIGNALED;
        break;
    default:
        dc_gles_raise(context, GL_INVALID_ENUM);
        return;
    }
    if (count > 0)
        values[0] = value;
    if (length)
        *length = count > 0 ? 1 : 0;
}

void GL_APIENTRY
dc_gl_Flush(void)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    dc_enc_Flush(&context->encoder);
    dc_context_flush(context);
    dc_process_drain(context->process);
    dc_debug_deliver(context);
}

void GL_APIENTRY
dc_gl_Finish(void)
{
    struct dc_context *context = dc_current;
    if (!context)
        return;
    struct dc_call call;
    dc_call_begin(context->process, &call, 0, 0);
    dc_enc_dcFinish(&context->encoder, call.serial);
    dc_context_call_wait(context, &call, DC_WAIT_APP);
    dc_gles_count_frame(context);
}

/* ---- KHR_debug: labels stay here, where the handle is known ---- */

void GL_APIENTRY
dc_gl_ObjectPtrLabel(const void *handle, GLsizei length, const GLchar *label)
{
    struct dc_context *context = dc_current;
    struct dc_sync *sync = context ? find(context, (GLsync)handle) : 0;
    if (!context)
        return;
    size_t bytes = !label ? 0 : length < 0 ? strlen(label) : (size_t)length;
    if (!sync || bytes >= (size_t)dc_gles_limit(context, GL_MAX_LABEL_LENGTH, 256)) {
        dc_gles_raise(context, GL_INVALID_VALUE);
        return;
    }
    free(sync->label);
    sync->label = label ? strndup(label, bytes) : 0;
}

void GL_APIENTRY
dc_gl_GetObjectPtrLabel(const void *handle, GLsizei buf_size, GLsizei *length, GLchar *label)
{
    struct dc_context *context = dc_current;
    struct dc_sync *sync = context ? find(context, (GLsync)handle) : 0;
    if (!context)
        return;
    if (!sync || buf_size < 0)
        dc_gles_raise(context, GL_INVALID_VALUE);
    else
        dc_glsl_copy_string(sync->label ? sync->label : "", label ? buf_size : INT32_MAX, length, label);
}
