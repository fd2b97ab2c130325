/* Several contexts on several threads, sharing objects. */
#include "egl_case.h"

#include <pthread.h>

struct job {
    EGLDisplay display;
    EGLSurface surface;
    EGLContext context;
    GLuint texture;
    bool release, ok;
    EGLint error;
};

static void *
make_current(void *user)
{
    struct job *job = user;
    job->ok = eglMakeCurrent(job->display, job->surface, job->surface, job->context);
    job->error = eglGetError();
    if (job->release)
        eglReleaseThread();
    return NULL;
}

static void
elsewhere(const char *label, struct job job)
{
    pthread_t thread;
    pthread_create(&thread, NULL, make_current, &job);
    pthread_join(thread, NULL);
    printf("%s: %d %04x\n", label, job.ok, job.error);
}

static void
access(EGLDisplay display)
{
    EGLContext context = egl_context(display, EGL_NO_CONTEXT), other = egl_context(display, context);
    EGLSurface surface = egl_pbuffer(display, 8, 8), spare = egl_pbuffer(display, 8, 8);
    eglMakeCurrent(display, surface, surface, context);
    elsewhere("context in use", (struct job){ display, spare, context, .release = true });
    elsewhere("surface in use", (struct job){ display, surface, other, .release = true });
    elsewhere("both free", (struct job){ display, spare, other, .release = true });
    eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    elsewhere("released", (struct job){ display, surface, context, .release = true });
    egl_report("and back", eglMakeCurrent(display, surface, surface, context));
}

static void *
upload(void *user)
{
    struct job *job = user;
    uint8_t texels[16 * 16 * 4];
    job->ok = eglMakeCurrent(job->display, EGL_NO_SURFACE, EGL_NO_SURFACE, job->context);
    for (size_t i = 0; i < sizeof(texels); i++)
        texels[i] = i * 7;
    glGenTextures(1, &job->texture);
    glBindTexture(GL_TEXTURE_2D, job->texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 16, 16, 0, GL_RGBA, GL_UNSIGNED_BYTE, texels);
    EGLSync sync = eglCreateSync(job->display, EGL_SYNC_FENCE, NULL);
    job->ok &= eglClientWaitSync(job->display, sync, EGL_SYNC_FLUSH_COMMANDS_BIT, EGL_FOREVER) ==
               EGL_CONDITION_SATISFIED;
    eglDestroySync(job->display, sync);
    eglReleaseThread();
    return NULL;
}

static void
share(EGLDisplay display)
{
    EGLContext context = egl_context(display, EGL_NO_CONTEXT);
    EGLSurface surface = egl_pbuffer(display, 16, 16);
    GLuint framebuffer;
    for (int i = 0; i < 4; i++) {
        struct job job = { display, EGL_NO_SURFACE, egl_context(display, context) };
        pthread_t thread;
        pthread_create(&thread, NULL, upload, &job);
        pthread_join(thread, NULL);
        eglDestroyContext(display, job.context); // what it made is shared and stays
        eglMakeCurrent(display, surface, surface, context);
        glGenFramebuffers(1, &framebuffer);
        glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffer);
        glFramebufferTexture2D(GL_READ_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, job.texture, 0);
        printf("ok %d texture %u is %d\n", job.ok, job.texture, glIsTexture(job.texture));
        egl_print_pixels("uploaded elsewhere", 16, 16);
        glBindFramebuffer(GL_READ_FRAMEBUFFER, 0);
        eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    }
}

static void *
draw_alone(void *user)
{
    struct job *job = user;
    job->ok = eglMakeCurrent(job->display, job->surface, job->surface, job->context);
    for (int i = 0; i < 200; i++) {
        glClearColor(i / 255.0f, job->texture / 10.0f, 0, 1);
        glClear(GL_COLOR_BUFFER_BIT);
        eglSwapBuffers(job->display, job->surface);
    }
    eglReleaseThread();
    return NULL;
}

static void
parallel(EGLDisplay display)
{
    struct job jobs[4];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        jobs[i] = (struct job){ display, egl_pbuffer(display, 8, 8), egl_context(display, EGL_NO_CONTEXT), i };
        pthread_create(&threads[i], NULL, draw_alone, &jobs[i]);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        eglMakeCurrent(display, jobs[i].surface, jobs[i].surface, jobs[i].context);
        egl_print_pixels("thread", 8, 8);
        eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    }
}

const struct egl_case egl_cases_thread[] = {
    { "thread access", access }, { "thread share", share }, { "thread parallel", parallel }, { 0 },
};
