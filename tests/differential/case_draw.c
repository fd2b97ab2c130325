/* Clears, fragment operations, primitives. */
#include "gl_case.h"

static void
clear(void)
{
    glClearColor(0.25f, 0.5f, 0.75f, 1.0f);
    glClear(GL_COLOR_BUFFER_BIT);
    gl_print_pixels("all");
    glEnable(GL_SCISSOR_TEST);
    glScissor(5, 6, 20, 11);
    glClearColor(1, 0, 0, 0.5f);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT | GL_STENCIL_BUFFER_BIT);
    gl_print_pixels("scissor");
    glScissor(10, 8, 200, 200);
    glColorMask(GL_TRUE, GL_FALSE, GL_TRUE, GL_FALSE);
    glClearColor(0, 1, 1, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    gl_print_pixels("mask");
}

static void
clear_buffer(void)
{
    glClear(GL_COLOR_BUFFER_BIT);
    glClearBufferfv(GL_COLOR, 0, (const float[]){ 0.1f, 0.2f, 0.3f, 0.4f });
    gl_print_pixels("color");
    glClearBufferfi(GL_DEPTH_STENCIL, 0, 0.5f, 3);
    glClearBufferiv(GL_STENCIL, 0, (const GLint[]){ 7 });
    glClearBufferfv(GL_DEPTH, 0, (const float[]){ 0.25f });
    gl_print_error("depth");
    glClearBufferiv(GL_COLOR, 0, (const GLint[]){ 1, 2, 3, 4 });
    glClearBufferuiv(GL_COLOR, 99, (const GLuint[]){ 1, 2, 3, 4 });
    gl_print_error("bad");
}

static void
blend(void)
{
    static const GLenum factors[] = { GL_ZERO, GL_ONE, GL_SRC_COLOR, GL_ONE_MINUS_SRC_COLOR, GL_SRC_ALPHA,
                                      GL_ONE_MINUS_SRC_ALPHA, GL_DST_COLOR, GL_DST_ALPHA, GL_CONSTANT_COLOR,
                                      GL_ONE_MINUS_CONSTANT_ALPHA, GL_SRC_ALPHA_SATURATE };
    static const GLenum equations[] = { GL_FUNC_ADD, GL_FUNC_SUBTRACT, GL_FUNC_REVERSE_SUBTRACT, GL_MIN, GL_MAX };
    GLuint program = gl_program(gl_vs_uv, gl_fs_color);
    glUseProgram(program);
    GLint color = glGetUniformLocation(program, "color");
    glBlendColor(0.3f, 0.6f, 0.9f, 0.45f);
    for (unsigned i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
        glDisable(GL_BLEND);
        glUniform4f(color, 0.8f, 0.4f, 0.2f, 0.6f);
        gl_draw_quad(program, -1, -1, 1, 1);
        glEnable(GL_BLEND);
        glBlendEquationSeparate(equations[i % 5], equations[(i + 2) % 5]);
        glBlendFuncSeparate(factors[i], factors[(i + 3) % 10], factors[(i + 5) % 10], factors[(i + 7) % 10]);
        glUniform4f(color, 0.1f, 0.9f, 0.5f, 0.3f);
        gl_draw_quad(program, -0.5f, -0.7f, 0.6f, 0.8f);
        gl_print_pixels("blend");
    }
}

static void
depth_stencil(void)
{
    GLuint program = gl_program("attribute vec4 pos; void main() { gl_Position = pos; }", gl_fs_color);
    static const float triangles[] = { -1, -1, -0.5f, 1, -1, 0.5f, 0, 1, 0.9f, -0.8f, 0.9f, 0.7f,
                                       0.9f, 0.8f, -0.9f, 0.1f, -0.7f, -0.9f };
    glUseProgram(program);
    GLint color = glGetUniformLocation(program, "color");
    glVertexAttribPointer(0, 3, GL_FLOAT, GL_FALSE, 0, triangles);
    glEnableVertexAttribArray(0);
    glEnable(GL_DEPTH_TEST);
    glEnable(GL_STENCIL_TEST);
    for (int i = 0; i < 8; i++) {
        glDepthMask(GL_TRUE);
        glStencilMask(0xff);
        glClearDepthf(i & 1 ? 0.4f : 1.0f);
        glClearStencil(i);
        glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT | GL_STENCIL_BUFFER_BIT);
        glDepthFunc(GL_NEVER + (GLenum)i);
        glDepthRangef(0.1f * (float)i, 1.0f);
        glStencilFuncSeparate(GL_FRONT, GL_NEVER + (GLenum)((i + 3) % 8), i, 0xff);
        glStencilFuncSeparate(GL_BACK, GL_ALWAYS, 2, 0x0f);
        glStencilOp(GL_INCR, GL_DECR_WRAP, GL_REPLACE);
        glStencilMask(i & 2 ? 0x3f : 0xff);
        glUniform4f(color, 1, 0.2f * (float)i, 0, 1);
        glDrawArrays(GL_TRIANGLES, 0, 3);
        glUniform4f(color, 0, 1, 0.1f * (float)i, 1);
        glDrawArrays(GL_TRIANGLES, 3, 3);
        gl_print_pixels("pass");
    }
}

static void
primitives(void)
{
    static const GLenum modes[] = { GL_POINTS, GL_LINES, GL_LINE_LOOP, GL_LINE_STRIP, GL_TRIANGLES, GL_TRIANGLE_STRIP,
                                    GL_TRIANGLE_FAN };
    GLuint program = gl_program("attribute vec4 pos; void main() { gl_Position = pos; gl_PointSize = 5.0; }",
                                gl_fs_color);
    float vertices[24];
    uint8_t random[24];
    gl_fill(random, sizeof(random), 7);
    for (int i = 0; i < 24; i++)
        vertices[i] = (float)random[i] / 128.0f - 1.0f;
    glUseProgram(program);
    glUniform4f(glGetUniformLocation(program, "color"), 1, 1, 0, 1);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, vertices);
    glEnableVertexAttribArray(0);
    for (unsigned i = 0; i < 7; i++) {
        glClear(GL_COLOR_BUFFER_BIT);
        glLineWidth(1 + (float)(i % 3));
        if (i > 4)
            glEnable(GL_CULL_FACE);
        glCullFace(i & 1 ? GL_FRONT : GL_BACK);
        glFrontFace(i & 2 ? GL_CW : GL_CCW);
        glDrawArrays(modes[i], 0, 12);
        gl_print_pixels("mode");
    }
    glDisable(GL_CULL_FACE);
    glEnable(GL_POLYGON_OFFSET_FILL);
    glPolygonOffset(1.5f, 2.0f);
    glViewport(10, 5, 30, 20);
    glDrawArrays(GL_TRIANGLE_FAN, 2, 9);
    gl_print_pixels("viewport");
    glDrawArrays(GL_TRIANGLES, 0, 0);
    glDrawArrays(99, 0, 3);
    glDrawArrays(GL_TRIANGLES, 0, -1);
    glDrawArrays(GL_TRIANGLES, -1, 3);
    gl_print_error("bad draws");
}

static void
multisample(void)
{
    GLuint program = gl_program(gl_vs_uv, gl_fs_color);
    glUseProgram(program);
    glUniform4f(glGetUniformLocation(program, "color"), 1, 0.5f, 0, 0.5f);
    static const float triangle[] = { -0.9f, -0.8f, 0.7f, 0.1f, -0.3f, 0.95f };
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, triangle);
    glEnableVertexAttribArray(0);
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    gl_print_pixels("antialiased");
    glEnable(GL_SAMPLE_ALPHA_TO_COVERAGE);
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    gl_print_pixels("alpha to coverage");
    glDisable(GL_SAMPLE_ALPHA_TO_COVERAGE);
    glEnable(GL_SAMPLE_COVERAGE);
    glSampleCoverage(0.5f, GL_TRUE);
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    gl_print_pixels("coverage");
    GLint samples = 0, buffers = 0;
    glGetIntegerv(GL_SAMPLES, &samples);
    glGetIntegerv(GL_SAMPLE_BUFFERS, &buffers);
    printf("samples %d %d\n", samples, buffers);
}

static void
frames(void)
{
    GLuint program = gl_program(gl_vs_uv, gl_fs_color);
    glUseProgram(program);
    GLint color = glGetUniformLocation(program, "color");
    for (int i = 0; i < 100; i++) {
        glClear(GL_COLOR_BUFFER_BIT);
        glUniform4f(color, (float)i / 100.0f, 1.0f - (float)i / 100.0f, 0.5f, 1);
        gl_draw_quad(program, -1, -1, (float)i / 50.0f - 1.0f, 1);
        if (i % 10 == 9)
            gl_print_pixels("frame");
        if (i == 80)
            glEnable(0x1234); // auto mode answers locally by now and must still find this
        eglSwapBuffers(gl_display, gl_surface);
        glFinish();
    }
    gl_print_error("after");
}

const struct gl_case gl_cases_draw[] = {
    { "clear", 2, clear, 0 },
    { "clear-buffer", 3, clear_buffer, 0 },
    { "blend", 2, blend, 0 },
    { "depth-stencil", 2, depth_stencil, 0 },
    { "primitives", 2, primitives, 0 },
    { "multisample", 2, multisample, 4 },
    { "frames", 2, frames, 0 },
    { 0 },
};
