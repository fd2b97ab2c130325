/* The EGL functions that contexts, surfaces and the compositor call, over the fuzzer's driver. They fail now and then. */
#include "egl.h"

#include <stdlib.h>

#define MAX_OBJECTS 512

struct fuzz_surface {
    EGLint width, height;
};

static void *objects[MAX_OBJECTS]; // what a run left behind
static unsigned object_count;

static void *
keep(void *object)
{
    if (object_count == MAX_OBJECTS) {
        free(object);
        return NULL;
    }
    return objects[object_count++] = object;
}

static void
drop(void *object)
{
    for (unsigned i = 0; i < object_count; i++) {
        if (objects[i] == object) {
            objects[i] = objects[--object_count];
            free(object);
            return;
        }
    }
    driver_abort("EGL object destroyed twice, or never made");
}

void
fuzz_egl_reset(void)
{
    while (object_count)
        free(objects[--object_count]);
}

EGLContext EGLAPIENTRY
eglCreateContext(EGLDisplay display, EGLConfig config, EGLContext share, const EGLint *attributes)
{
    struct driver_context *context = driver_unlucky(40) ? NULL : keep(malloc(sizeof(*context)));
    if (context)
        driver_context_init(context);
    for (const EGLint *a = attributes; context && a && a[0] != EGL_NONE; a += 2)
        context->gles1 |= a[0] == EGL_CONTEXT_MAJOR_VERSION && a[1] == 1;
    return context;
}

EGLBoolean EGLAPIENTRY
eglDestroyContext(EGLDisplay display, EGLContext context)
{
    if (driver_current == context)
        driver_current = NULL;
    drop(context);
    return EGL_TRUE;
}

EGLBoolean EGLAPIENTRY
eglMakeCurrent(EGLDisplay display, EGLSurface draw, EGLSurface read, EGLContext context)
{
    if (context && driver_unlucky(200))
        return EGL_FALSE;
    if (draw)
        driver_read(draw, sizeof(struct fuzz_surface));
    if (read)
        driver_read(read, sizeof(struct fuzz_surface));
    driver_current = context;
    return EGL_TRUE;
}

EGLSurface EGLAPIENTRY
eglCreatePbufferSurface(EGLDisplay display, EGLConfig config, const EGLint *attributes)
{
    return driver_unlucky(60) ? EGL_NO_SURFACE : keep(calloc(1, sizeof(struct fuzz_surface)));
}

EGLBoolean EGLAPIENTRY
eglDestroySurface(EGLDisplay display, EGLSurface surface)
{
    drop(surface);
    return EGL_TRUE;
}

EGLSync EGLAPIENTRY
eglCreateSync(EGLDisplay display, EGLenum type, const EGLAttrib *attributes)
{
    return driver_unlucky(30) ? EGL_NO_SYNC : keep(malloc(8));
}

EGLBoolean EGLAPIENTRY
eglDestroySync(EGLDisplay display, EGLSync sync)
{
    drop(sync);
    return EGL_TRUE;
}

EGLint EGLAPIENTRY
eglClientWaitSync(EGLDisplay display, EGLSync sync, EGLint flags, EGLTime timeout)
{
    driver_read(sync, 8);
    return EGL_CONDITION_SATISFIED;
}

EGLImage EGLAPIENTRY
eglCreateImage(EGLDisplay display, EGLContext context, EGLenum target, EGLClientBuffer buffer,
               const EGLAttrib *attributes)
{
    for (const EGLAttrib *a = attributes; a && a[0] != EGL_NONE; a += 2)
        driver_read(a, 2 * sizeof(*a));
    return driver_unlucky(10) ? EGL_NO_IMAGE : keep(malloc(8));
}

EGLBoolean EGLAPIENTRY
eglDestroyImage(EGLDisplay display, EGLImage image)
{
    drop(image);
    return EGL_TRUE;
}

EGLint EGLAPIENTRY eglGetError(void) { return EGL_BAD_ALLOC; }
EGLBoolean EGLAPIENTRY eglBindAPI(EGLenum api) { return EGL_TRUE; }
EGLBoolean EGLAPIENTRY eglReleaseThread(void) { driver_current = NULL; return EGL_TRUE; }
