#include "driver.h"

#include <stddef.h>

#include <EGL/egl.h>
#include <EGL/eglext.h>

static struct dc_gl gl;
static EGLDisplay display;
static EGLContext context;
static EGLSurface surface;

static dc_gl_proc
get_proc(const char *name)
{
    return eglGetProcAddress(name);
}

const struct dc_gl *
driver_create(void)
{
    const EGLint config_attribs[] = { EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_ES3_BIT,
                                      EGL_RED_SIZE, 8, EGL_ALPHA_SIZE, 8, EGL_NONE };
    const EGLint context_attribs[] = { EGL_CONTEXT_MAJOR_VERSION, 3, EGL_NONE };
    const EGLint surface_attribs[] = { EGL_WIDTH, DRIVER_SIZE, EGL_HEIGHT, DRIVER_SIZE, EGL_NONE };
    EGLConfig config;
    EGLint count = 0;
    display = eglGetPlatformDisplay(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
    if (!eglInitialize(display, NULL, NULL) || !eglBindAPI(EGL_OPENGL_ES_API)
        || !eglChooseConfig(display, config_attribs, &config, 1, &count) || count != 1)
        return NULL;
    context = eglCreateContext(display, config, EGL_NO_CONTEXT, context_attribs);
    surface = eglCreatePbufferSurface(display, config, surface_attribs);
    if (!eglMakeCurrent(display, surface, surface, context))
        return NULL;
    dc_gl_load(&gl, get_proc);
    return &gl;
}

void
driver_destroy(void)
{
    eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    eglDestroySurface(display, surface);
    eglDestroyContext(display, context);
    eglTerminate(display);
}
