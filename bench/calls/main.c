/*
 * What one call costs the application: millions of each, on the CPU time of the calling thread, so that what a driver's or
 * a worker's threads do meanwhile does not count. The same program runs on native Mesa and through the stack. Then frames
 * of five thousand small draws, on the wall clock, at most two of them under way: what a program gains or loses whose
 * draws are its limit.
 *
 * Prints one JSON object: {"calls": {NAME: nanoseconds}, "draws": {"fps", "draws_per_frame"}}.
 */
#include "calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <EGL/egl.h>
#include <EGL/eglext.h>

#define ROUNDS 5 // the fastest counts: noise only adds

static void
die(const char *what)
{
    fprintf(stderr, "bench-calls: %s\n", what);
    exit(1);
}

static int64_t
now_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void
make_context(void)
{
    static const EGLint config_attributes[] = {
        EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_ES3_BIT, EGL_RED_SIZE, 8, EGL_NONE,
    };
    static const EGLint context_attributes[] = { EGL_CONTEXT_MAJOR_VERSION, 3, EGL_NONE };
    static const EGLint surface_attributes[] = { EGL_WIDTH, 256, EGL_HEIGHT, 256, EGL_NONE };
    EGLDisplay display = eglGetPlatformDisplay(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
    EGLConfig config;
    EGLint count = 0;
    if (display == EGL_NO_DISPLAY || !eglInitialize(display, NULL, NULL) || !eglBindAPI(EGL_OPENGL_ES_API) ||
        !eglChooseConfig(display, config_attributes, &config, 1, &count) || count < 1)
        die("no EGL display");
    EGLContext context = eglCreateContext(display, config, EGL_NO_CONTEXT, context_attributes);
    EGLSurface surface = eglCreatePbufferSurface(display, config, surface_attributes);
    if (!context || !surface || !eglMakeCurrent(display, surface, surface, context))
        die("no context");
}

/* Nanoseconds of the calling thread per call. */
static double
measure(const struct calls_case *c, uint32_t total)
{
    double best_ns = 0;
    uint32_t count = total / ROUNDS / (c->expensive ? 100 : 1);
    for (int round = 0; round < ROUNDS; round++) {
        glFinish();
        int64_t start_ns = now_ns(CLOCK_THREAD_CPUTIME_ID);
        c->run(count);
        double ns = (double)(now_ns(CLOCK_THREAD_CPUTIME_ID) - start_ns) / count / c->calls_per_round;
        if (round == 0 || ns < best_ns)
            best_ns = ns;
    }
    glFinish();
    return best_ns;
}

static double
measure_frames(double seconds)
{
    GLsync fences[2] = { 0 };
    uint32_t frames = 0;
    glFinish();
    int64_t start_ns = now_ns(CLOCK_MONOTONIC), end_ns = start_ns + (int64_t)(seconds * 1e9);
    do {
        GLsync *fence = &fences[frames % 2];
        if (*fence) {
            glClientWaitSync(*fence, GL_SYNC_FLUSH_COMMANDS_BIT, GL_TIMEOUT_IGNORED);
            glDeleteSync(*fence);
        }
        calls_draw_frame(frames++);
        *fence = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
        glFlush();
    } while (now_ns(CLOCK_MONOTONIC) < end_ns);
    glFinish();
    return frames / ((double)(now_ns(CLOCK_MONOTONIC) - start_ns) / 1e9);
}

int
main(int argc, char **argv)
{
    uint32_t total = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10000000;
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 3;
    if (argc > 3 || total < 1000 || seconds <= 0) {
        fprintf(stderr, "usage: bench-calls [CALLS [SECONDS]]\n");
        return 2;
    }
    make_context();
    if (!calls_init())
        die("the program does not link");
    printf("{\"calls\": {");
    for (uint32_t i = 0; i < calls_case_count; i++)
        printf("%s\"%s\": %.2f", i ? ", " : "", calls_cases[i].name, measure(&calls_cases[i], total));
    double fps = measure_frames(seconds);
    printf("}, \"draws\": {\"fps\": %.2f, \"draws_per_frame\": %d}, \"errors\": %u}\n", fps, CALLS_DRAWS_PER_FRAME,
           (unsigned)glGetError());
    return 0;
}
