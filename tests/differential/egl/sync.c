/* Fences. */
#include "egl_case.h"

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

const struct egl_case egl_cases_sync[] = { { "sync fence", fence }, { 0 } };
