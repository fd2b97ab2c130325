/* eglMakeCurrent and what follows from it. */
#include "egl_case.h"

static void
print_current(EGLContext context, EGLSurface draw, EGLSurface read)
{
    printf("context %d draw %d read %d\n", eglGetCurrentContext() == context, eglGetCurrentSurface(EGL_DRAW) == draw,
           eglGetCurrentSurface(EGL_READ) == read);
}

static void
errors(EGLDisplay display)
{
    const EGLint other_wanted[] = { EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_ES2_BIT,
                                    EGL_ALPHA_SIZE, 8, EGL_NONE };
    EGLConfig others[MAX_CONFIGS];
    egl_choose(display, other_wanted, others);
    const EGLint size[] = { EGL_WIDTH, 4, EGL_HEIGHT, 4, EGL_NONE }, es3[] = { EGL_CONTEXT_MAJOR_VERSION, 3, EGL_NONE };
    EGLContext context = egl_context(display, EGL_NO_CONTEXT);
    EGLContext free_context = eglCreateContext(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, es3);
    EGLSurface surface = egl_pbuffer(display, 8, 8), foreign = eglCreatePbufferSurface(display, others[0], size);
    int nothing;
    egl_report("surfaceless", eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context));
    print_current(context, EGL_NO_SURFACE, EGL_NO_SURFACE);
    egl_report("no context", eglMakeCurrent(display, surface, surface, EGL_NO_CONTEXT));
    print_current(context, EGL_NO_SURFACE, EGL_NO_SURFACE); // a failure changes nothing
    egl_report("draw only", eglMakeCurrent(display, surface, EGL_NO_SURFACE, context));
    egl_report("read only", eglMakeCurrent(display, EGL_NO_SURFACE, surface, context));
    egl_report("other config", eglMakeCurrent(display, foreign, foreign, context));
    egl_report("any config", eglMakeCurrent(display, foreign, foreign, free_context));
    egl_report("mixed", eglMakeCurrent(display, surface, foreign, free_context));
    egl_report("bad surface", eglMakeCurrent(display, (EGLSurface)&nothing, surface, context));
    egl_report("bad context", eglMakeCurrent(display, surface, surface, (EGLContext)&nothing));
    egl_report("bad display", eglMakeCurrent((EGLDisplay)&nothing, surface, surface, context));
    egl_report("two", eglMakeCurrent(display, surface, egl_pbuffer(display, 3, 3), context));
    egl_report("again", eglMakeCurrent(display, surface, surface, context));
    egl_report("again", eglMakeCurrent(display, surface, surface, context));
    egl_report("wrong name", eglGetCurrentSurface(7) != EGL_NO_SURFACE);
    egl_report("release", eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT));
    print_current(EGL_NO_CONTEXT, EGL_NO_SURFACE, EGL_NO_SURFACE);
    egl_report("swap without a context", eglSwapBuffers(display, surface));
    egl_report("interval without a context", eglSwapInterval(display, 1));
    egl_report("wait without a context", eglWaitClient());
    egl_report("copy", eglCopyBuffers(display, (EGLSurface)&nothing, 0));
}

static void
waits(EGLDisplay display)
{
    EGLContext context = egl_context(display, EGL_NO_CONTEXT);
    EGLSurface surface = egl_pbuffer(display, 8, 8);
    eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context);
    egl_report("client, surfaceless", eglWaitClient());
    egl_report("native, surfaceless", eglWaitNative(EGL_CORE_NATIVE_ENGINE));
    egl_report("interval, surfaceless", eglSwapInterval(display, 1));
    eglMakeCurrent(display, surface, surface, context);
    egl_report("client", eglWaitClient());
    egl_report("gl", eglWaitGL());
    egl_report("native", eglWaitNative(EGL_CORE_NATIVE_ENGINE));
}

static void
terminate(EGLDisplay display)
{
    EGLContext context = egl_context(display, EGL_NO_CONTEXT);
    EGLSurface surface = egl_pbuffer(display, 8, 8);
    EGLint value, major = -1, minor = -1;
    eglMakeCurrent(display, surface, surface, context);
    egl_report("terminate", eglTerminate(display));
    egl_report("query", eglQuerySurface(display, surface, EGL_WIDTH, &value));
    egl_report("string", eglQueryString(display, EGL_VERSION) != NULL);
    egl_report("choose", eglChooseConfig(display, NULL, NULL, 0, &value));
    egl_report("release", eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT));
    egl_report("initialize", eglInitialize(display, &major, &minor));
    printf("%d.%d\n", major, minor);
    egl_report("old context", eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context));
    egl_report("old surface", eglDestroySurface(display, surface));
    EGLContext fresh = egl_context(display, EGL_NO_CONTEXT);
    egl_report("fresh", eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, fresh));
    printf("%d\n", glGetString(GL_VERSION) != NULL);
}

static void
strings(EGLDisplay display)
{
    printf("version %s\n", eglQueryString(display, EGL_VERSION));
    egl_report("nonsense", eglQueryString(display, 7) != NULL);
    egl_report("no display", eglQueryString(EGL_NO_DISPLAY, EGL_VENDOR) != NULL);
    egl_report("clear", glGetString(GL_VERSION) == NULL);
    printf("%d %d %d\n", eglGetProcAddress("glClear") != NULL, eglGetProcAddress("eglSwapBuffers") != NULL,
           eglGetProcAddress("eglCreateSyncKHR") != NULL);
}

const struct egl_case egl_cases_current[] = {
    { "current errors", errors }, { "current waits", waits }, { "current terminate", terminate },
    { "current strings", strings }, { 0 },
};
