#include "calls.h"

#include <stddef.h>

static GLuint programs[2], textures[2], buffer;
static GLint offset_location, colour_location, matrix_location;

static const char vertex_source[] =
    "uniform vec4 offset;\n"
    "uniform mat4 matrix;\n"
    "attribute vec2 position;\n"
    "void main() { gl_Position = matrix * vec4(position + offset.xy, 0.0, 1.0); }\n";
static const char fragment_source[] =
    "precision mediump float;\n"
    "uniform vec4 colour;\n"
    "void main() { gl_FragColor = colour; }\n";

static const GLfloat identity[16] = { 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1 };
static const GLfloat triangle[] = { 0, 0, 0.02f, 0, 0, 0.02f };

static GLuint
compile(GLenum type, const char *source)
{
    GLuint shader = glCreateShader(type);
    glShaderSource(shader, 1, &source, NULL);
    glCompileShader(shader);
    return shader;
}

static GLuint
link_program(void)
{
    GLuint program = glCreateProgram(), vertex = compile(GL_VERTEX_SHADER, vertex_source);
    GLuint fragment = compile(GL_FRAGMENT_SHADER, fragment_source);
    glAttachShader(program, vertex);
    glAttachShader(program, fragment);
    glBindAttribLocation(program, 0, "position");
    glLinkProgram(program);
    glDeleteShader(vertex);
    glDeleteShader(fragment);
    return program;
}

bool
calls_init(void)
{
    static const GLubyte pixel[4] = { 255, 255, 255, 255 };
    GLint linked = 0;
    for (int i = 0; i < 2; i++)
        programs[i] = link_program();
    glGetProgramiv(programs[0], GL_LINK_STATUS, &linked);
    glUseProgram(programs[0]);
    offset_location = glGetUniformLocation(programs[0], "offset");
    colour_location = glGetUniformLocation(programs[0], "colour");
    matrix_location = glGetUniformLocation(programs[0], "matrix");
    glUniformMatrix4fv(matrix_location, 1, GL_FALSE, identity);
    glUniform4f(colour_location, 1, 1, 1, 1);
    glGenTextures(2, textures);
    for (int i = 0; i < 2; i++) {
        glBindTexture(GL_TEXTURE_2D, textures[i]);
        glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 1, 1, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
    }
    glGenBuffers(1, &buffer);
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
    glBufferData(GL_ARRAY_BUFFER, sizeof triangle, triangle, GL_STATIC_DRAW);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
    glEnableVertexAttribArray(0);
    return linked;
}

static void
uniform4f(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        glUniform4f(offset_location, (GLfloat)(i & 255) / 256, 0, 0, 0);
}

static void
uniform_matrix(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        glUniformMatrix4fv(matrix_location, 1, GL_FALSE, identity);
}

static void
enable_same(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        glEnable(GL_BLEND);
    glDisable(GL_BLEND);
}

static void
bind_texture(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        glBindTexture(GL_TEXTURE_2D, textures[i & 1]);
}

static void
use_program(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        glUseProgram(programs[i & 1]);
    glUseProgram(programs[0]);
}

static void
bind_buffer(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        glBindBuffer(GL_ARRAY_BUFFER, i & 1 ? buffer : 0);
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
}

static void
attribute_pointer(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
}

static void
get_integer(uint32_t count)
{
    GLint value;
    for (uint32_t i = 0; i < count; i++)
        glGetIntegerv(GL_CURRENT_PROGRAM, &value);
}

static void
get_error(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        glGetError();
}

static void
draw_arrays(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        glDrawArrays(GL_TRIANGLES, 0, 3);
}

static void
draw_client_arrays(uint32_t count)
{
    GLfloat changing[] = { 0, 0, 0.02f, 0, 0, 0.02f };
    glBindBuffer(GL_ARRAY_BUFFER, 0);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, changing);
    for (uint32_t i = 0; i < count; i++) {
        changing[0] = (GLfloat)(i & 255) / 4096;
        glDrawArrays(GL_TRIANGLES, 0, 3);
    }
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
}

static void
uniform_and_draw(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        glUniform4f(offset_location, (GLfloat)(i & 255) / 256, 0, 0, 0);
        glDrawArrays(GL_TRIANGLES, 0, 3);
    }
}

const struct calls_case calls_cases[] = {
    { "glUniform4f", uniform4f, 1, false },
    { "glUniformMatrix4fv", uniform_matrix, 1, false },
    { "glEnable again", enable_same, 1, false },
    { "glBindTexture", bind_texture, 1, false },
    { "glBindBuffer", bind_buffer, 1, false },
    { "glUseProgram", use_program, 1, false },
    { "glVertexAttribPointer", attribute_pointer, 1, false },
    { "glGetIntegerv", get_integer, 1, false },
    { "glGetError", get_error, 1, false },
    { "glDrawArrays", draw_arrays, 1, true },
    { "glDrawArrays of 24 changing bytes", draw_client_arrays, 1, true },
    { "glUniform4f + glDrawArrays", uniform_and_draw, 2, true },
};
const uint32_t calls_case_count = sizeof calls_cases / sizeof calls_cases[0];

void
calls_draw_frame(uint32_t number)
{
    glClear(GL_COLOR_BUFFER_BIT);
    for (int i = 0; i < CALLS_DRAWS_PER_FRAME; i++) {
        GLfloat x = (GLfloat)((i * 7 + (int)number) % 199) / 100 - 1, y = (GLfloat)(i % 193) / 100 - 1;
        glUniform4f(offset_location, x, y, 0, 0);
        glDrawArrays(GL_TRIANGLES, 0, 3);
    }
}
