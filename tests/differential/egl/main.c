/* egl-cases [--list] [NAME …]: runs the cases, each in a process of its own, and prints what they saw. */
#include "egl_case.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct egl_case *const groups[] = {
    egl_cases_config, egl_cases_context, egl_cases_surface, egl_cases_current, egl_cases_sync, egl_cases_thread,
    egl_cases_image,
};

static EGLint
get(EGLDisplay display, EGLConfig config, EGLint attribute)
{
    EGLint value = -1;
    eglGetConfigAttrib(display, config, attribute, &value);
    return value;
}

static bool
is_offered(EGLDisplay display, EGLConfig config)
{
    EGLint alpha = get(display, config, EGL_ALPHA_SIZE);
    return get(display, config, EGL_RED_SIZE) == 8 && get(display, config, EGL_GREEN_SIZE) == 8 &&
           get(display, config, EGL_BLUE_SIZE) == 8 && (alpha == 0 || alpha == 8) &&
           get(display, config, EGL_COLOR_COMPONENT_TYPE_EXT) == EGL_COLOR_COMPONENT_TYPE_FIXED_EXT;
}

int
egl_choose(EGLDisplay display, const EGLint *attribs, EGLConfig *configs)
{
    EGLConfig all[MAX_CONFIGS];
    EGLint count = 0;
    int offered = 0;
    if (!eglChooseConfig(display, attribs, all, MAX_CONFIGS, &count))
        return -1;
    for (EGLint i = 0; i < count; i++)
        if (is_offered(display, all[i]))
            configs[offered++] = all[i];
    return offered;
}

EGLConfig
egl_config(EGLDisplay display)
{
    const EGLint attribs[] = { EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_ES2_BIT, EGL_RED_SIZE,
                               8, EGL_GREEN_SIZE, 8, EGL_BLUE_SIZE, 8, EGL_ALPHA_SIZE, 8, EGL_DEPTH_SIZE, 24,
                               EGL_STENCIL_SIZE, 8, EGL_NONE };
    EGLConfig configs[MAX_CONFIGS];
    return egl_choose(display, attribs, configs) > 0 ? configs[0] : NULL;
}

EGLContext
egl_context(EGLDisplay display, EGLContext share)
{
    const EGLint attribs[] = { EGL_CONTEXT_MAJOR_VERSION, 3, EGL_NONE };
    return eglCreateContext(display, egl_config(display), share, attribs);
}

EGLSurface
egl_pbuffer(EGLDisplay display, EGLint width, EGLint height)
{
    const EGLint attribs[] = { EGL_WIDTH, width, EGL_HEIGHT, height, EGL_NONE };
    return eglCreatePbufferSurface(display, egl_config(display), attribs);
}

void
egl_report(const char *label, bool ok)
{
    EGLint error = eglGetError(), second = eglGetError();
    printf("%s: %s error %04x %04x\n", label, ok ? "ok" : "null", error, second);
}

void
egl_print_pixels(const char *label, int width, int height)
{
    uint8_t *pixels = calloc(4, width * height);
    uint64_t hash = 14695981039346656037u;
    glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
    for (int i = 0; i < width * height * 4; i++)
        hash = (hash ^ pixels[i]) * 1099511628211u;
    printf("%s %016llx first %02x %02x %02x %02x error %04x\n", label, (unsigned long long)hash, pixels[0], pixels[1],
           pixels[2], pixels[3], glGetError());
    free(pixels);
}

static int
run(const struct egl_case *c)
{
    EGLDisplay display = eglGetPlatformDisplay(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
    if (!eglInitialize(display, NULL, NULL) || !eglBindAPI(EGL_OPENGL_ES_API))
        return 1;
    eglGetError();
    c->run(display);
    egl_report("terminate", eglTerminate(display));
    return 0;
}

static bool
is_wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc < 2;
}

int
main(int argc, char **argv)
{
    bool list = argc == 2 && strcmp(argv[1], "--list") == 0, failed = false;
    for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
        for (const struct egl_case *c = groups[g]; c->name; c++) {
            if (!list && !is_wanted(c->name, argc, argv))
                continue;
            printf("== %s\n", c->name);
            fflush(stdout);
            pid_t child = list ? -1 : fork();
            if (child == 0) {
                alarm(60);
                int rc = run(c);
                fflush(stdout);
                _exit(rc);
            }
            int status = 0;
            if (child > 0)
                waitpid(child, &status, 0);
            if (status)
                printf("-- %s %d\n", WIFSIGNALED(status) ? "signal" : "exit",
                       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
            failed = failed || status;
        }
    }
    return failed;
}
