#include "gl_case.h"

#include <stdlib.h>
#include <string.h>

const char gl_vs_uv[] = "attribute vec4 pos;\nvarying vec2 uv;\n"
                        "void main() { gl_Position = pos; uv = pos.xy * 0.5 + 0.5; }\n";
const char gl_fs_color[] = "precision mediump float;\nuniform vec4 color;\nvoid main() { gl_FragColor = color; }\n";
const char gl_fs_tex[] = "precision mediump float;\nuniform sampler2D tex;\nvarying vec2 uv;\n"
                         "void main() { gl_FragColor = texture2D(tex, uv); }\n";

uint64_t
gl_hash(const void *data, size_t size_bytes)
{
    const uint8_t *bytes = data;
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < size_bytes; i++)
        hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

void
gl_print_hash(const char *label, const void *data, size_t size_bytes)
{
    printf("%s %016llx\n", label, (unsigned long long)gl_hash(data, size_bytes));
}

void
gl_print_error(const char *label)
{
    for (int i = 0; i < 8; i++) {
        GLenum error = glGetError();
        if (!error && i)
            break;
        printf("%s error %04x\n", label, error);
        if (!error)
            break;
    }
}

void
gl_break(void)
{
    const char *command = getenv("GL_CASES_BREAK");
    glFinish();
    if (command && system(command) != 0)
        printf("the worker cannot be ended\n");
}

/* With $GL_CASES_BREAK_AT=N the N-th look at pixels is one at another worker's. */
static void
break_if_due(void)
{
    static int looks;
    const char *at = getenv("GL_CASES_BREAK_AT");
    if (at && atoi(at) == ++looks)
        gl_break();
}

void
gl_print_area(const char *label, int x, int y, int width, int height, GLenum format, GLenum type, size_t pixel_bytes)
{
    size_t size = (size_t)width * (size_t)height * pixel_bytes;
    uint8_t *pixels = calloc(1, size + 64);
    break_if_due();
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glReadPixels(x, y, width, height, format, type, pixels);
    glPixelStorei(GL_PACK_ALIGNMENT, 4);
    gl_print_hash(label, pixels, size + 64);
    // A few values, so that a difference says what it is.
    printf("%s first", label);
    for (size_t i = 0; i < 8 && i < size; i++)
        printf(" %02x", pixels[i]);
    size_t middle = size / 2 / (pixel_bytes ? pixel_bytes : 1) * pixel_bytes;
    printf(" middle");
    for (size_t i = 0; i < 8 && middle + i < size; i++)
        printf(" %02x", pixels[middle + i]);
    printf("\n");
    free(pixels);
    gl_print_error(label);
}

void
gl_print_pixels(const char *label)
{
    gl_print_area(label, 0, 0, CASE_WIDTH, CASE_HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, 4);
}

void
gl_fill(void *data, size_t size_bytes, uint32_t seed)
{
    uint8_t *bytes = data;
    uint32_t state = seed * 2654435761u + 1;
    for (size_t i = 0; i < size_bytes; i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(state >> 24);
    }
}

GLuint
gl_shader(GLenum type, const char *source)
{
    GLuint shader = glCreateShader(type);
    glShaderSource(shader, 1, &source, NULL);
    glCompileShader(shader);
    return shader;
}

GLuint
gl_program(const char *vertex, const char *fragment)
{
    GLuint vs = gl_shader(GL_VERTEX_SHADER, vertex), fs = gl_shader(GL_FRAGMENT_SHADER, fragment);
    GLuint program = glCreateProgram();
    glAttachShader(program, vs);
    glAttachShader(program, fs);
    glBindAttribLocation(program, 0, "pos");
    glLinkProgram(program);
    glDeleteShader(vs);
    glDeleteShader(fs);
    GLint linked = 0;
    glGetProgramiv(program, GL_LINK_STATUS, &linked);
    if (!linked) {
        char log[1024] = "";
        glGetProgramInfoLog(program, sizeof(log), NULL, log);
        printf("link failed: %s\n", log);
    }
    return program;
}

void
gl_draw_quad(GLuint program, float x0, float y0, float x1, float y1)
{
    const float corners[] = { x0, y0, x1, y0, x0, y1, x1, y1 };
    glUseProgram(program);
    glBindBuffer(GL_ARRAY_BUFFER, 0);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, corners);
    glEnableVertexAttribArray(0);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    glDisableVertexAttribArray(0);
}
