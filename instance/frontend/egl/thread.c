#include "thread.h"

#include <pthread.h>

#include "current.h"

const __EGLapiExports *dc_egl_exports;

static __thread EGLint last_error __attribute__((tls_model("initial-exec"))) = EGL_SUCCESS;

EGLBoolean
dc_egl_fail(EGLint error)
{
    last_error = error;
    return EGL_FALSE;
}

EGLBoolean
dc_egl_succeed(void)
{
    last_error = EGL_SUCCESS;
    return EGL_TRUE;
}

EGLint
dc_egl_take_error(void)
{
    EGLint error = last_error;
    last_error = EGL_SUCCESS;
    return error;
}

EGLenum
dc_egl_api(void)
{
    // libEGL keeps it: an API that only another vendor supports is bound there without a call to us that we accept.
    return dc_egl_exports ? dc_egl_exports->getCurrentApi() : EGL_OPENGL_ES_API;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;

static void
handle_thread_end(void *unused)
{
    dc_egl_release_current();
}

static void
create_key(void)
{
    pthread_key_create(&key, handle_thread_end);
}

void
dc_egl_watch_thread_end(void)
{
    pthread_once(&once, create_key);
    pthread_setspecific(key, &key);
}
