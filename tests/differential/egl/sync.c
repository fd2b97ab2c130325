/* Fences. */
#include "egl_case.h"

#include <pthread.h>
#include <unistd.h>

static EGLDisplay the_display;

static void
print_attrib(EGLDisplay display, EGLSync sync, EGLint attribute)
{
    EGLAttrib value = -5;
    egl_report("attribute", eglGetSyncAttrib(display, sync, attribute, &value));
    printf("%lx\n", (long)value);
}

static void
fence(EGLDisplay display)
{
    EGLContext context = egl_context(display, EGL_NO_CONTEXT);
    const EGLAttrib attribs[] = { EGL_SYNC_CONDITION, EGL_SYNC_PRIOR_COMMANDS_COMPLETE, EGL_NONE };
    int nothing;
    egl_report("no context", eglCreateSync(display, EGL_SYNC_FENCE, NULL) != EGL_NO_SYNC);
    eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context);
    egl_report("type", eglCreateSync(display, 7, NULL) != EGL_NO_SYNC);
    egl_report("attributes", eglCreateSync(display, EGL_SYNC_FENCE, attribs) != EGL_NO_SYNC);
    EGLSync sync = eglCreateSync(display, EGL_SYNC_FENCE, NULL);
    egl_report("create", sync != EGL_NO_SYNC);
    egl_report("wait", eglWaitSync(display, sync, 0));
    egl_report("wait flags", eglWaitSync(display, sync, 1));
    printf("%x\n", eglClientWaitSync(display, sync, EGL_SYNC_FLUSH_COMMANDS_BIT, EGL_FOREVER));
    print_attrib(display, sync, EGL_SYNC_TYPE);
    print_attrib(display, sync, EGL_SYNC_STATUS);
    print_attrib(display, sync, EGL_SYNC_CONDITION);
    print_attrib(display, sync, EGL_WIDTH);
    egl_report("nowhere", eglGetSyncAttrib(display, sync, EGL_SYNC_TYPE, NULL));
    egl_report("destroy", eglDestroySync(display, sync));
    egl_report("destroy", eglDestroySync(display, sync));
    egl_report("bad wait", eglWaitSync(display, (EGLSync)&nothing, 0));
    egl_report("bad client wait", eglClientWaitSync(display, (EGLSync)&nothing, 0, 0) != 0);
}

static void *
signal_later(void *sync)
{
    PFNEGLSIGNALSYNCKHRPROC signal_sync = (PFNEGLSIGNALSYNCKHRPROC)eglGetProcAddress("eglSignalSyncKHR");
    usleep(50000);
    signal_sync(the_display, sync, EGL_SIGNALED_KHR);
    return NULL;
}

static void
reusable(EGLDisplay display)
{
    PFNEGLCREATESYNCKHRPROC create_sync = (PFNEGLCREATESYNCKHRPROC)eglGetProcAddress("eglCreateSyncKHR");
    PFNEGLSIGNALSYNCKHRPROC signal_sync = (PFNEGLSIGNALSYNCKHRPROC)eglGetProcAddress("eglSignalSyncKHR");
    the_display = display;
    EGLContext context = egl_context(display, EGL_NO_CONTEXT);
    eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context);
    EGLSync sync = create_sync(display, EGL_SYNC_REUSABLE_KHR, NULL);
    egl_report("create", sync != EGL_NO_SYNC);
    print_attrib(display, sync, EGL_SYNC_TYPE);
    print_attrib(display, sync, EGL_SYNC_STATUS);
    print_attrib(display, sync, EGL_SYNC_CONDITION);
    printf("%x\n", eglClientWaitSync(display, sync, 0, 0));
    printf("%x\n", eglClientWaitSync(display, sync, EGL_SYNC_FLUSH_COMMANDS_BIT, 1000000));
    egl_report("wait", eglWaitSync(display, sync, 0));
    egl_report("mode", signal_sync(display, sync, 7));
    egl_report("signal", signal_sync(display, sync, EGL_SIGNALED_KHR));
    print_attrib(display, sync, EGL_SYNC_STATUS);
    printf("%x\n", eglClientWaitSync(display, sync, 0, 0));
    egl_report("unsignal", signal_sync(display, sync, EGL_UNSIGNALED_KHR));
    pthread_t thread;
    pthread_create(&thread, NULL, signal_later, sync);
    printf("%x\n", eglClientWaitSync(display, sync, 0, EGL_FOREVER));
    pthread_join(thread, NULL);
    egl_report("destroy", eglDestroySync(display, sync));
    EGLSync fence = eglCreateSync(display, EGL_SYNC_FENCE, NULL);
    egl_report("signal a fence", signal_sync(display, fence, EGL_SIGNALED_KHR));
    eglDestroySync(display, fence);
}

const struct egl_case egl_cases_sync[] = { { "sync fence", fence }, { "sync reusable", reusable }, { 0 } };
