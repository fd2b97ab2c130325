/*
 * Draws from client arrays: what glDrawArrays costs the application's thread, and how many draws a second are finished,
 * for arrays that rest and arrays that change before every draw. An EGL program like any other: run it alone for the
 * driver's own figures, and under dc-instance for ours:
 *
 *     build/bench/client-arrays/bench-client-arrays
 *     build/instance/supervisor/dc-instance --name bench --runtime none --no-client -- build/bench/client-arrays/bench-client-arrays
 *
 * bench-client-arrays [BYTES…]: sizes of one draw's vertices (default 32 128 500 1000 2000 4000 16000 64000 500000).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <EGL/egl.h>
#include <GLES2/gl2.h>

#define VERTEX_BYTES 20
#define MOST_BYTES (8u << 20)

static const char vertex_source[] =
    "attribute vec2 position; attribute vec2 place; attribute vec4 tint; varying vec4 color;"
    "void main() { gl_Position = vec4(2.0 + position + place, 0.0, 1.0); color = tint; }"; // outside: no pixels
static const char fragment_source[] = "precision mediump float; varying vec4 color; void main() { gl_FragColor = color; }";

static double
now_us(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
add_shader(GLuint program, GLenum type, const char *source)
{
    GLuint shader = glCreateShader(type);
    glShaderSource(shader, 1, &source, NULL);
    glCompileShader(shader);
    glAttachShader(program, shader);
}

static void
make_current(void)
{
    static const EGLint config_attributes[] = { EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE,
                                                EGL_OPENGL_ES2_BIT, EGL_NONE };
    static const EGLint surface_attributes[] = { EGL_WIDTH, 64, EGL_HEIGHT, 64, EGL_NONE };
    static const EGLint context_attributes[] = { EGL_CONTEXT_CLIENT_VERSION, 2, EGL_NONE };
    EGLDisplay display = eglGetDisplay(EGL_DEFAULT_DISPLAY);
    EGLConfig config;
    EGLint count = 0;
    if (!eglInitialize(display, NULL, NULL) || !eglChooseConfig(display, config_attributes, &config, 1, &count) || !count) {
        fprintf(stderr, "bench-client-arrays: no EGL\n");
        exit(1);
    }
    EGLSurface surface = eglCreatePbufferSurface(display, config, surface_attributes);
    EGLContext context = eglCreateContext(display, config, EGL_NO_CONTEXT, context_attributes);
    if (!eglMakeCurrent(display, surface, surface, context)) {
        fprintf(stderr, "bench-client-arrays: cannot make a context current\n");
        exit(1);
    }
    printf("%s\n", (const char *)glGetString(GL_RENDERER));
}

static void
point_at(const uint8_t *vertices, int interleaved, unsigned count)
{
    if (interleaved) {
        glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, VERTEX_BYTES, vertices);
        glVertexAttribPointer(1, 2, GL_FLOAT, GL_FALSE, VERTEX_BYTES, vertices + 8);
        glVertexAttribPointer(2, 4, GL_UNSIGNED_BYTE, GL_TRUE, VERTEX_BYTES, vertices + 16);
    } else {
        glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, vertices);
        glVertexAttribPointer(1, 2, GL_FLOAT, GL_FALSE, 0, vertices + count * 8);
        glVertexAttribPointer(2, 4, GL_UNSIGNED_BYTE, GL_TRUE, 0, vertices + count * 16);
    }
}

/* Draws for `draws` times; thread: the calls alone, whole: until all is finished. Both in µs a draw. */
static void
measure(uint8_t *vertices, unsigned count, int draws, int interleaved, int change, double *thread, double *whole)
{
    point_at(vertices, interleaved, count);
    for (int i = 0; i < 4; i++)
        glDrawArrays(GL_POINTS, 0, (GLsizei)count);
    glFinish();
    double begin_thread = now_us(CLOCK_THREAD_CPUTIME_ID), begin = now_us(CLOCK_MONOTONIC);
    for (int i = 0; i < draws; i++) {
        if (change)
            memcpy(vertices + (size_t)count * VERTEX_BYTES - 4, &i, 4);
        glDrawArrays(GL_POINTS, 0, (GLsizei)count);
    }
    *thread = (now_us(CLOCK_THREAD_CPUTIME_ID) - begin_thread) / draws;
    glFinish();
    *whole = (now_us(CLOCK_MONOTONIC) - begin) / draws;
}

static void
measure_size(uint8_t *vertices, unsigned bytes)
{
    static const char *const names[] = { "apart", "interleaved" };
    unsigned count = bytes / VERTEX_BYTES ? bytes / VERTEX_BYTES : 1;
    int draws = (int)(40000000 / (bytes + 2000)) + 10;
    for (int interleaved = 0; interleaved < 2; interleaved++) {
        double thread[2] = { 1e9, 1e9 }, whole[2] = { 1e9, 1e9 };
        for (int round = 0; round < 3; round++) { // the best of three: other programs only ever add
            for (int change = 0; change < 2; change++) {
                double t, w;
                measure(vertices, count, draws, interleaved, change, &t, &w);
                thread[change] = t < thread[change] ? t : thread[change];
                whole[change] = w < whole[change] ? w : whole[change];
            }
        }
        printf("%7u %-12s | %9.3f %9.3f | %9.3f %9.3f\n", count * VERTEX_BYTES, names[interleaved], thread[0], whole[0],
               thread[1], whole[1]);
    }
}

int
main(int argc, char **argv)
{
    static const unsigned sizes[] = { 32, 128, 500, 1000, 2000, 4000, 16000, 64000, 500000 };
    uint8_t *vertices = calloc(1, MOST_BYTES);
    if (!vertices)
        return 1;
    make_current();
    GLuint program = glCreateProgram();
    add_shader(program, GL_VERTEX_SHADER, vertex_source);
    add_shader(program, GL_FRAGMENT_SHADER, fragment_source);
    static const char *const names[] = { "position", "place", "tint" };
    for (GLuint i = 0; i < 3; i++) {
        glBindAttribLocation(program, i, names[i]);
        glEnableVertexAttribArray(i);
    }
    glLinkProgram(program);
    glUseProgram(program);
    printf("                     |       resting       |       changing\n");
    printf("  bytes              | thread us  whole us | thread us  whole us   a draw\n");
    for (int i = 0; i < (argc > 1 ? argc - 1 : (int)(sizeof(sizes) / sizeof(sizes[0]))); i++) {
        unsigned bytes = argc > 1 ? (unsigned)strtoul(argv[i + 1], NULL, 10) : sizes[i];
        if (bytes <= MOST_BYTES)
            measure_size(vertices, bytes);
    }
    GLenum error = glGetError();
    if (error)
        fprintf(stderr, "bench-client-arrays: GL error 0x%04x\n", error);
    free(vertices);
    return error ? 1 : 0;
}
