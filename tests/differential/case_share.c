/* Several contexts: sharing, switching, threads, surfaceless. */
#include "gl_case.h"

#include <pthread.h>

static void
sharing(void)
{
    GLuint program = gl_program(gl_vs_uv, gl_fs_tex), texture, buffer;
    EGLContext other = gl_make_context(gl_context, 2);
    glGenTextures(1, &texture);
    glGenBuffers(1, &buffer);
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
    glBindTexture(GL_TEXTURE_2D, texture);
    uint8_t data[8 * 8 * 4];
    gl_fill(data, sizeof(data), 31);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 8, 8, 0, GL_RGBA, GL_UNSIGNED_BYTE, data);
    glClearColor(1, 0, 0, 1);
    glFlush();
    eglMakeCurrent(gl_display, gl_surface, gl_surface, other);
    printf("seen %d %d %d\n", glIsTexture(texture), glIsBuffer(buffer), glIsProgram(program));
    GLint bound = -1;
    glGetIntegerv(GL_TEXTURE_BINDING_2D, &bound);
    printf("bound %d\n", bound);
    float color[4];
    glGetFloatv(GL_COLOR_CLEAR_VALUE, color);
    printf("clear %g\n", (double)color[0]);
    glBindTexture(GL_TEXTURE_2D, texture);
    gl_draw_quad(program, -1, -1, 1, 1);
    gl_print_pixels("shared");
    GLuint made;
    glGenTextures(1, &made);
    printf("next name %u\n", made);
    glDeleteTextures(1, &texture);
    eglMakeCurrent(gl_display, gl_surface, gl_surface, gl_context);
    printf("seen %d\n", glIsTexture(texture));
    glGetIntegerv(GL_TEXTURE_BINDING_2D, &bound);
    printf("still bound %d\n", bound == (GLint)texture);
    glGetFloatv(GL_COLOR_CLEAR_VALUE, color);
    printf("clear %g\n", (double)color[0]);
    EGLContext apart = gl_make_context(EGL_NO_CONTEXT, 2);
    eglMakeCurrent(gl_display, EGL_NO_SURFACE, EGL_NO_SURFACE, apart);
    printf("apart %d %04x\n", glIsBuffer(buffer), glCheckFramebufferStatus(GL_FRAMEBUFFER));
    glClear(GL_COLOR_BUFFER_BIT);
    gl_print_error("surfaceless clear");
    eglMakeCurrent(gl_display, gl_surface, gl_surface, gl_context);
    eglDestroyContext(gl_display, apart);
    eglDestroyContext(gl_display, other);
    gl_print_pixels("back");
}

struct loader {
    EGLContext context;
    GLuint textures[16];
    GLuint program;
    GLsync fence;
};

static void *
load(void *user)
{
    struct loader *loader = user;
    eglBindAPI(EGL_OPENGL_ES_API);
    if (!eglMakeCurrent(gl_display, EGL_NO_SURFACE, EGL_NO_SURFACE, loader->context))
        return NULL;
    uint8_t data[64 * 64 * 4];
    glGenTextures(16, loader->textures);
    for (int i = 0; i < 16; i++) {
        gl_fill(data, sizeof(data), (uint32_t)i);
        glBindTexture(GL_TEXTURE_2D, loader->textures[i]);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
        glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 64, 64, 0, GL_RGBA, GL_UNSIGNED_BYTE, data);
    }
    loader->program = gl_program(gl_vs_uv, gl_fs_tex);
    loader->fence = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
    glFlush();
    eglMakeCurrent(gl_display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    eglReleaseThread();
    return NULL;
}

static void
threads(void)
{
    struct loader loader = { .context = gl_make_context(gl_context, 3) };
    pthread_t thread;
    pthread_create(&thread, NULL, load, &loader);
    GLuint color = gl_program(gl_vs_uv, gl_fs_color);
    glUseProgram(color);
    for (int i = 0; i < 200; i++) {
        glUniform4f(glGetUniformLocation(color, "color"), (float)i / 200, 1, 0, 1);
        gl_draw_quad(color, -1, -1, 0, 0);
    }
    pthread_join(thread, NULL);
    GLenum wait = glClientWaitSync(loader.fence, 0, 10000000000u);
    printf("fence %d\n", wait == GL_ALREADY_SIGNALED || wait == GL_CONDITION_SATISFIED);
    for (int i = 0; i < 16; i++) {
        glBindTexture(GL_TEXTURE_2D, loader.textures[i]);
        gl_draw_quad(loader.program, -1, -1, 1, 1);
        if (i % 5 == 0)
            gl_print_pixels("loaded");
    }
    eglDestroyContext(gl_display, loader.context);
}

static void
surfaceless(void)
{
    eglMakeCurrent(gl_display, EGL_NO_SURFACE, EGL_NO_SURFACE, gl_context);
    printf("status %04x\n", glCheckFramebufferStatus(GL_FRAMEBUFFER));
    GLuint framebuffer, texture, program = gl_program(gl_vs_uv, gl_fs_color);
    glGenFramebuffers(1, &framebuffer);
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, CASE_WIDTH, CASE_HEIGHT, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
    glViewport(0, 0, CASE_WIDTH, CASE_HEIGHT);
    glUseProgram(program);
    glUniform4f(glGetUniformLocation(program, "color"), 0.5f, 0.5f, 1, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    gl_draw_quad(program, -0.3f, -0.3f, 0.9f, 0.3f);
    gl_print_pixels("surfaceless");
}

const struct gl_case gl_cases_share[] = {
    { "share-contexts", 2, sharing, 0 },
    { "share-threads", 3, threads, 0 },
    { "share-surfaceless", 2, surfaceless, 0 },
    { 0 },
};
