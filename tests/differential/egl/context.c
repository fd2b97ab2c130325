/* Contexts: what can be made, what they say of themselves. */
#include "egl_case.h"

static void
create(EGLDisplay display, const char *label, EGLContext share, const EGLint *attribs)
{
    EGLint version = -1, type = -1, buffer = -1, id = -1;
    EGLContext context = eglCreateContext(display, egl_config(display), share, attribs);
    egl_report(label, context != EGL_NO_CONTEXT);
    if (!context)
        return;
    eglQueryContext(display, context, EGL_CONTEXT_CLIENT_VERSION, &version);
    eglQueryContext(display, context, EGL_CONTEXT_CLIENT_TYPE, &type);
    eglQueryContext(display, context, EGL_RENDER_BUFFER, &buffer);
    eglQueryContext(display, context, EGL_CONFIG_ID, &id);
    egl_report("current", eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context));
    GLint flags = -1, strategy = -1, major = -1, minor = -1;
    glGetIntegerv(GL_CONTEXT_FLAGS, &flags);
    glGetIntegerv(GL_MAJOR_VERSION, &major);
    glGetIntegerv(GL_MINOR_VERSION, &minor);
    glGetIntegerv(GL_RESET_NOTIFICATION_STRATEGY, &strategy);
    printf("client %d type %x buffer %x id %d flags %x version %d.%d strategy %x error %x\n", version, type, buffer,
           id > 0, flags, major, minor, strategy, glGetError());
    eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    eglDestroyContext(display, context);
}

#define CREATE(...) create(display, #__VA_ARGS__, EGL_NO_CONTEXT, (const EGLint[]){ __VA_ARGS__, EGL_NONE })
#define MAJOR EGL_CONTEXT_MAJOR_VERSION
#define MINOR EGL_CONTEXT_MINOR_VERSION

static void
versions(EGLDisplay display)
{
    CREATE(MAJOR, 2);
    CREATE(MAJOR, 2, MINOR, 0);
    CREATE(MAJOR, 2, MINOR, 1);
    CREATE(MAJOR, 3);
    CREATE(MAJOR, 3, MINOR, 1);
    CREATE(MAJOR, 3, MINOR, 2);
    CREATE(MAJOR, 3, MINOR, 3);
    CREATE(MAJOR, 3, MINOR, -1);
    CREATE(MAJOR, 4);
    CREATE(MAJOR, 0);
    CREATE(MAJOR, -1);
    CREATE(MAJOR, 1, MINOR, 2);
}

static void
attributes(EGLDisplay display)
{
    CREATE(MAJOR, 3, EGL_CONTEXT_FLAGS_KHR, EGL_CONTEXT_OPENGL_DEBUG_BIT_KHR);
    CREATE(MAJOR, 3, EGL_CONTEXT_FLAGS_KHR, EGL_CONTEXT_OPENGL_ROBUST_ACCESS_BIT_KHR);
    CREATE(MAJOR, 3, EGL_CONTEXT_FLAGS_KHR, EGL_CONTEXT_OPENGL_FORWARD_COMPATIBLE_BIT_KHR);
    CREATE(MAJOR, 3, EGL_CONTEXT_FLAGS_KHR, 0x1000);
    CREATE(MAJOR, 3, EGL_CONTEXT_OPENGL_DEBUG, EGL_TRUE);
    CREATE(MAJOR, 3, EGL_CONTEXT_OPENGL_ROBUST_ACCESS, EGL_TRUE);
    CREATE(MAJOR, 3, EGL_CONTEXT_OPENGL_ROBUST_ACCESS_EXT, EGL_TRUE);
    CREATE(MAJOR, 3, EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY, EGL_LOSE_CONTEXT_ON_RESET);
    CREATE(MAJOR, 3, EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY_EXT, EGL_LOSE_CONTEXT_ON_RESET_EXT);
    CREATE(MAJOR, 3, EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY, 5);
    CREATE(MAJOR, 3, EGL_CONTEXT_OPENGL_PROFILE_MASK, 1);
    CREATE(MAJOR, 3, EGL_CONTEXT_OPENGL_FORWARD_COMPATIBLE, EGL_TRUE);
    CREATE(MAJOR, 3, EGL_CONTEXT_OPENGL_FORWARD_COMPATIBLE, EGL_FALSE);
    CREATE(MAJOR, 3, EGL_CONTEXT_OPENGL_NO_ERROR_KHR, EGL_TRUE, EGL_CONTEXT_OPENGL_DEBUG, EGL_TRUE);
    CREATE(MAJOR, 3, EGL_CONTEXT_OPENGL_NO_ERROR_KHR, EGL_TRUE);
    CREATE(EGL_CONTEXT_OPENGL_NO_ERROR_KHR, EGL_TRUE, MAJOR, 3);
    CREATE(MAJOR, 3, EGL_CONTEXT_RELEASE_BEHAVIOR_KHR, EGL_CONTEXT_RELEASE_BEHAVIOR_NONE_KHR);
    CREATE(MAJOR, 3, EGL_CONTEXT_RELEASE_BEHAVIOR_KHR, 1);
    CREATE(MAJOR, 3, EGL_WIDTH, 1);
}

static void
sharing(EGLDisplay display)
{
    const EGLint plain[] = { MAJOR, 3, EGL_NONE };
    const EGLint robust[] = { MAJOR, 3, EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY, EGL_LOSE_CONTEXT_ON_RESET,
                              EGL_NONE };
    EGLContext first = egl_context(display, EGL_NO_CONTEXT);
    create(display, "plain", first, plain);
    create(display, "other strategy", first, robust);
    create(display, "no context", (EGLContext)&first, plain);
    egl_report("no config", eglCreateContext(display, EGL_NO_CONFIG_KHR, first, plain) != EGL_NO_CONTEXT);
    egl_report("bad config", eglCreateContext(display, (EGLConfig)&first, first, plain) != EGL_NO_CONTEXT);
    egl_report("destroy", eglDestroyContext(display, first));
    egl_report("destroy", eglDestroyContext(display, first));
}

static void
query(EGLDisplay display)
{
    EGLContext context = egl_context(display, EGL_NO_CONTEXT);
    EGLSurface surface = egl_pbuffer(display, 8, 8);
    EGLint value = 5;
    egl_report("width", eglQueryContext(display, context, EGL_WIDTH, &value));
    egl_report("nowhere", eglQueryContext(display, context, EGL_CONFIG_ID, NULL));
    egl_report("current", eglMakeCurrent(display, surface, surface, context));
    egl_report("buffer", eglQueryContext(display, context, EGL_RENDER_BUFFER, &value));
    printf("%x\n", value);
    egl_report("bind gl es", eglBindAPI(EGL_OPENGL_ES_API));
    egl_report("bind vg", eglBindAPI(EGL_OPENVG_API));
    printf("%x\n", eglQueryAPI());
    egl_report("destroy current", eglDestroyContext(display, context));
    egl_report("query destroyed", eglQueryContext(display, context, EGL_CONFIG_ID, &value));
    printf("%d\n", eglGetCurrentContext() == context);
    glClearColor(1, 0, 0, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    egl_print_pixels("still draws", 8, 8);
    egl_report("release", eglReleaseThread());
    printf("%d\n", eglGetCurrentContext() == EGL_NO_CONTEXT);
}

const struct egl_case egl_cases_context[] = {
    { "context versions", versions }, { "context attributes", attributes }, { "context sharing", sharing },
    { "context query", query }, { 0 },
};
