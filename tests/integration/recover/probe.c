/*
 * Preloaded into a program that draws with EGL: looks at every frame before it is swapped, and breaks something when one
 * has ended.
 *
 *   PROBE_OUT        file: a line "FRAME HASH" for each frame
 *   PROBE_BREAK      shell command; PROBE_BREAK_AT "15,45": frames after which it is run
 *   PROBE_FRAMES     so many frames, then the program ends (status 0)
 *   PROBE_CLOCK      part of the name of the program or library that sees time stand still but for 16 ms a frame
 *
 * Programs find eglSwapBuffers in several ways, so dlsym() and eglGetProcAddress() are taken over, too.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <EGL/egl.h>
#include <GLES2/gl2.h>

#define VISIBLE __attribute__((visibility("default")))
#define FRAME_NS 16000000

typedef void *(*dlsym_function)(void *handle, const char *name);
typedef EGLBoolean (*swap_function)(EGLDisplay display, EGLSurface surface);
typedef __eglMustCastToProperFunctionPointerType (*address_function)(const char *name);

static unsigned frame; // one thread swaps

VISIBLE void *dlsym(void *handle, const char *name);
VISIBLE int clock_gettime(clockid_t clock, struct timespec *time);

static void *
real(void *handle, const char *name)
{
    static dlsym_function next;
    if (!next)
        next = (dlsym_function)dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
    return next(handle, name);
}

static void *
in_egl(const char *name)
{
    static void *egl;
    if (!egl)
        egl = dlopen("libEGL.so.1", RTLD_NOW);
    return real(egl, name);
}

static void *
in_gl(const char *name)
{
    return (void *)((address_function)in_egl("eglGetProcAddress"))(name);
}

static uint64_t
hash(const uint8_t *bytes, size_t count)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < count; i++)
        h = (h ^ bytes[i]) * 0x100000001b3u;
    return h;
}

static void
look(EGLDisplay display, EGLSurface surface)
{
    EGLint width = 0, height = 0, bound = 0, buffer = 0;
    eglQuerySurface(display, surface, EGL_WIDTH, &width);
    eglQuerySurface(display, surface, EGL_HEIGHT, &height);
    void (*get)(GLenum, GLint *) = (void (*)(GLenum, GLint *))in_gl("glGetIntegerv");
    void (*bind)(GLenum, GLuint) = (void (*)(GLenum, GLuint))in_gl("glBindFramebuffer");
    void (*bind_buffer)(GLenum, GLuint) = (void (*)(GLenum, GLuint))in_gl("glBindBuffer");
    void (*read)(GLint, GLint, GLsizei, GLsizei, GLenum, GLenum, void *) =
        (void (*)(GLint, GLint, GLsizei, GLsizei, GLenum, GLenum, void *))in_gl("glReadPixels");
    size_t size_bytes = (size_t)width * (size_t)height * 4;
    uint8_t *pixels = malloc(size_bytes + 1);
    FILE *file = fopen(getenv("PROBE_OUT"), "a");
    if (pixels && file) {
        get(GL_FRAMEBUFFER_BINDING, &bound);
        get(0x88ed /* GL_PIXEL_PACK_BUFFER_BINDING */, &buffer);
        bind(GL_FRAMEBUFFER, 0);
        bind_buffer(0x88eb /* GL_PIXEL_PACK_BUFFER */, 0);
        read(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
        bind_buffer(0x88eb, (GLuint)buffer);
        bind(GL_FRAMEBUFFER, (GLuint)bound);
        fprintf(file, "%u %dx%d %016" PRIx64 "\n", frame, width, height, hash(pixels, size_bytes));
    }
    if (file)
        fclose(file);
    free(pixels);
}

static bool
is_listed(const char *list, unsigned number)
{
    for (const char *at = list; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        if (strtoul(at, NULL, 10) == number)
            return true;
    }
    return false;
}

static EGLBoolean
swap(EGLDisplay display, EGLSurface surface)
{
    swap_function next = (swap_function)in_egl("eglSwapBuffers");
    frame++;
    look(display, surface);
    EGLBoolean ok = next(display, surface);
    if (is_listed(getenv("PROBE_BREAK_AT"), frame)) {
        unsetenv("LD_PRELOAD"); // not for the command
        if (system(getenv("PROBE_BREAK")) != 0)
            fprintf(stderr, "probe: frame %u: nothing was broken\n", frame);
    }
    if (getenv("PROBE_FRAMES") && frame >= strtoul(getenv("PROBE_FRAMES"), NULL, 10))
        _exit(ok ? 0 : 1);
    return ok;
}

VISIBLE EGLBoolean
eglSwapBuffers(EGLDisplay display, EGLSurface surface)
{
    return swap(display, surface);
}

static __eglMustCastToProperFunctionPointerType
get_address(const char *name)
{
    if (strcmp(name, "eglSwapBuffers") == 0)
        return (__eglMustCastToProperFunctionPointerType)swap;
    return ((address_function)in_egl("eglGetProcAddress"))(name);
}

VISIBLE __eglMustCastToProperFunctionPointerType
eglGetProcAddress(const char *name)
{
    return get_address(name);
}

VISIBLE void *
dlsym(void *handle, const char *name)
{
    void *found = real(handle, name);
    if (found && strcmp(name, "eglSwapBuffers") == 0)
        return (void *)swap;
    if (found && strcmp(name, "eglGetProcAddress") == 0)
        return (void *)get_address;
    return found;
}

VISIBLE int
clock_gettime(clockid_t clock, struct timespec *time)
{
    static int (*next)(clockid_t, struct timespec *);
    const char *who = getenv("PROBE_CLOCK");
    Dl_info info;
    if (!next)
        next = (int (*)(clockid_t, struct timespec *))real(RTLD_NEXT, "clock_gettime");
    if (!who || !dladdr(__builtin_return_address(0), &info) || !info.dli_fname || !strstr(info.dli_fname, who))
        return next(clock, time);
    uint64_t now_ns = 1000000000000u + (uint64_t)frame * FRAME_NS;
    *time = (struct timespec){ .tv_sec = (time_t)(now_ns / 1000000000), .tv_nsec = (long)(now_ns % 1000000000) };
    return 0;
}
