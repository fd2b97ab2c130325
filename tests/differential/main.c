/*
 * gl-cases [--list] [NAME …]: runs the cases, each in a process of its own (a crash costs one), and prints what they
 * saw. The processes talk to nobody but their EGL.
 */
#include "gl_case.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

EGLDisplay gl_display;
EGLContext gl_context;
EGLConfig gl_config;
EGLSurface gl_surface;

static const struct gl_case *const groups[] = {
    gl_cases_draw, gl_cases_texture, gl_cases_store, gl_cases_vertex, gl_cases_buffer, gl_cases_feedback,
    gl_cases_framebuffer, gl_cases_program, gl_cases_query, gl_cases_error, gl_cases_get, gl_cases_share,
    gl_cases_es31, gl_cases_debug, gl_cases_extension, gl_cases_extension_draw, gl_cases_random, gl_cases_recover,
    gl_cases_recover_more, gl_cases_viewport, gl_cases_binary, gl_cases_gles1, gl_cases_gles1_draw,
};

EGLContext
gl_make_context(EGLContext share, int version)
{
    const EGLint attribs[] = { EGL_CONTEXT_CLIENT_VERSION, version, EGL_NONE };
    return eglCreateContext(gl_display, gl_config, share, attribs);
}

static bool
start(const struct gl_case *c)
{
    gl_display = eglGetPlatformDisplay(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
    if (!eglInitialize(gl_display, NULL, NULL) || !eglBindAPI(EGL_OPENGL_ES_API))
        return false;
    const EGLint attribs[] = {
        EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_ES3_BIT, EGL_RED_SIZE, 8, EGL_GREEN_SIZE, 8,
        EGL_BLUE_SIZE, 8, EGL_ALPHA_SIZE, 8, EGL_DEPTH_SIZE, 24, EGL_STENCIL_SIZE, 8, EGL_SAMPLES, c->samples, EGL_NONE,
    };
    EGLint count = 0;
    if (!eglChooseConfig(gl_display, attribs, &gl_config, 1, &count) || count != 1)
        return false;
    const EGLint size[] = { EGL_WIDTH, CASE_WIDTH, EGL_HEIGHT, CASE_HEIGHT, EGL_NONE };
    gl_surface = eglCreatePbufferSurface(gl_display, gl_config, size);
    gl_context = gl_make_context(EGL_NO_CONTEXT, c->version);
    return gl_surface != EGL_NO_SURFACE && gl_context != EGL_NO_CONTEXT &&
           eglMakeCurrent(gl_display, gl_surface, gl_surface, gl_context);
}

static int
run(const struct gl_case *c)
{
    if (!start(c)) {
        printf("EGL error %04x\n", eglGetError());
        return 1;
    }
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT | GL_STENCIL_BUFFER_BIT); // a new pbuffer holds anything
    c->run();
    gl_print_error("end");
    eglMakeCurrent(gl_display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    eglDestroyContext(gl_display, gl_context);
    eglDestroySurface(gl_display, gl_surface);
    eglTerminate(gl_display);
    return 0;
}

static bool
is_wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], name) == 0)
            return true;
    }
    return argc < 2;
}

int
main(int argc, char **argv)
{
    bool list = argc == 2 && strcmp(argv[1], "--list") == 0, failed = false;
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
        for (const struct gl_case *c = groups[g]; c->name; c++) {
            if (!list && !is_wanted(c->name, argc, argv))
                continue;
            printf("== %s\n", c->name);
            fflush(stdout);
            if (list)
                continue;
            pid_t child = fork();
            if (child == 0) {
                alarm(60);
                int rc = run(c);
                fflush(stdout);
                _exit(rc);
            }
            int status = 0;
            waitpid(child, &status, 0);
            if (status)
                printf("-- %s %d\n", WIFSIGNALED(status) ? "signal" : "exit",
                       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
            failed = failed || status;
        }
    }
    return failed;
}
