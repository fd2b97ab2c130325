/* The worker dies between setting something and using it: state, framebuffers, share groups, queries, feedback. */
#include "gl_case.h"

#include <string.h>

static void
set_color(GLuint program, float r, float g, float b, float a)
{
    glUseProgram(program);
    glUniform4f(glGetUniformLocation(program, "color"), r, g, b, a);
}

static void
state(void)
{
    GLuint program = gl_program(gl_vs_uv, gl_fs_color);
    set_color(program, 0.8f, 0.6f, 0.4f, 0.5f);
    glClearColor(0.1f, 0.2f, 0.3f, 1);
    glClearStencil(3);
    glClearDepthf(0.5f);
    glEnable(GL_BLEND);
    glBlendFuncSeparate(GL_SRC_ALPHA, GL_ONE_MINUS_CONSTANT_COLOR, GL_ONE, GL_ZERO);
    glBlendEquationSeparate(GL_FUNC_REVERSE_SUBTRACT, GL_MAX);
    glBlendColor(0.25f, 0.5f, 0.75f, 1);
    glEnable(GL_SCISSOR_TEST);
    glScissor(4, 5, 40, 30);
    glViewport(2, 3, 50, 40);
    glViewport(0, 0, -1, 7); // refused: the one before holds
    glGetError();
    glEnable(GL_DEPTH_TEST);
    glDepthFunc(GL_GEQUAL);
    glDepthFunc(GL_FRONT); // refused
    glGetError();
    glDepthRangef(0.2f, 0.9f);
    glEnable(GL_STENCIL_TEST);
    glStencilFuncSeparate(GL_FRONT, GL_EQUAL, 3, 0xff);
    glStencilFuncSeparate(GL_BACK, GL_NEVER, 1, 0xf);
    glStencilOp(GL_KEEP, GL_INCR, GL_DECR);
    glStencilMaskSeparate(GL_FRONT, 0x7f);
    glColorMask(GL_TRUE, GL_FALSE, GL_TRUE, GL_TRUE);
    glEnable(GL_CULL_FACE);
    glCullFace(GL_BACK);
    glFrontFace(GL_CCW);
    glDisable(GL_DITHER);
    glPolygonOffset(1, 2);
    glEnable(GL_POLYGON_OFFSET_FILL);
    glHint(GL_GENERATE_MIPMAP_HINT, GL_NICEST);
    gl_break();
    glDisable(GL_SCISSOR_TEST);
    glColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_TRUE);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT | GL_STENCIL_BUFFER_BIT);
    glColorMask(GL_TRUE, GL_FALSE, GL_TRUE, GL_TRUE);
    glEnable(GL_SCISSOR_TEST);
    gl_draw_quad(program, -0.9f, -0.8f, 0.6f, 0.7f);
    gl_draw_quad(program, -0.5f, -0.5f, 1, 1);
    gl_print_pixels("state");
    gl_print_error("state");
}

/* What was drawn before is lost; what it is drawn to is not. */
static void
framebuffers(void)
{
    GLuint program = gl_program(gl_vs_uv, gl_fs_color), sampling = gl_program(gl_vs_uv, gl_fs_tex);
    GLuint framebuffer[3], texture[3], renderbuffer[3];
    glGenFramebuffers(3, framebuffer);
    glGenTextures(3, texture);
    glGenRenderbuffers(3, renderbuffer);
    for (int i = 0; i < 3; i++) {
        glBindTexture(GL_TEXTURE_2D, texture[i]);
        glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 32, 32, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    }
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer[0]);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture[0], 0);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT1, GL_TEXTURE_2D, texture[1], 0);
    glBindRenderbuffer(GL_RENDERBUFFER, renderbuffer[0]);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_DEPTH24_STENCIL8, 32, 32);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_STENCIL_ATTACHMENT, GL_RENDERBUFFER, renderbuffer[0]);
    glDrawBuffers(2, (const GLenum[]){ GL_NONE, GL_COLOR_ATTACHMENT1 });
    glReadBuffer(GL_COLOR_ATTACHMENT1);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer[1]); // multisampled
    glBindRenderbuffer(GL_RENDERBUFFER, renderbuffer[1]);
    glRenderbufferStorageMultisample(GL_RENDERBUFFER, 4, GL_RGBA8, 32, 32);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, renderbuffer[1]);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer[2]); // of a texture that has no name any more
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture[2], 0);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer[1]);
    glDeleteTextures(1, &texture[2]);
    glBindFramebuffer(GL_DRAW_FRAMEBUFFER, framebuffer[0]);
    glViewport(0, 0, 32, 32);
    glClearColor(1, 0, 0, 1);
    gl_break();
    for (int i = 0; i < 3; i++) {
        glBindFramebuffer(GL_FRAMEBUFFER, framebuffer[i]);
        printf("status %04x\n", glCheckFramebufferStatus(GL_FRAMEBUFFER));
        if (i == 0)
            glDrawBuffers(2, (const GLenum[]){ GL_NONE, GL_COLOR_ATTACHMENT1 });
        glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT | GL_STENCIL_BUFFER_BIT);
        set_color(program, 0.2f * (float)i, 0.5f, 0.9f, 1);
        glBindTexture(GL_TEXTURE_2D, 0);
        gl_draw_quad(program, -0.5f, -0.7f, 0.7f, 0.3f);
        glBindFramebuffer(GL_DRAW_FRAMEBUFFER, 0);
        glBlitFramebuffer(0, 0, 32, 32, i * 16, 0, i * 16 + (i == 1 ? 32 : 16), i == 1 ? 32 : 16, GL_COLOR_BUFFER_BIT,
                          GL_NEAREST);
    }
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    glBindTexture(GL_TEXTURE_2D, texture[1]);
    glViewport(0, 24, 24, 24);
    gl_draw_quad(sampling, -1, -1, 1, 1);
    gl_print_pixels("framebuffers");
}

static void
sharing(void)
{
    GLuint color = gl_program(gl_vs_uv, gl_fs_color), texture;
    uint8_t data[32 * 32 * 4];
    EGLContext other = gl_make_context(gl_context, 3);
    set_color(color, 1, 0.5f, 0, 1);
    eglMakeCurrent(gl_display, gl_surface, gl_surface, other);
    gl_fill(data, sizeof(data), 5);
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 32, 32, 0, GL_RGBA, GL_UNSIGNED_BYTE, data);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    GLuint sampling = gl_program(gl_vs_uv, gl_fs_tex);
    glViewport(10, 10, 30, 20);
    glEnable(GL_SCISSOR_TEST);
    glScissor(0, 0, 30, 30);
    eglMakeCurrent(gl_display, gl_surface, gl_surface, gl_context);
    gl_break();
    glClear(GL_COLOR_BUFFER_BIT);
    gl_draw_quad(color, -1, -1, 0.5f, 0); // its own viewport: the whole surface
    glFinish();
    eglMakeCurrent(gl_display, gl_surface, gl_surface, other);
    gl_draw_quad(sampling, -1, -1, 1, 1);
    gl_print_pixels("sharing");
    eglMakeCurrent(gl_display, gl_surface, gl_surface, gl_context);
    eglDestroyContext(gl_display, other);
    glBindTexture(GL_TEXTURE_2D, texture);
    glViewport(40, 20, 20, 20);
    gl_draw_quad(sampling, -1, -1, 1, 1);
    gl_print_pixels("shared");
}

static void
waits(void)
{
    GLuint program = gl_program(gl_vs_uv, gl_fs_color), queries[2], result = 77;
    set_color(program, 1, 1, 1, 1);
    glGenQueries(2, queries);
    glBeginQuery(GL_ANY_SAMPLES_PASSED, queries[0]);
    GLsync sync = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl_break();
    gl_draw_quad(program, -1, -1, 1, 1);
    glEndQuery(GL_ANY_SAMPLES_PASSED);
    glGetQueryObjectuiv(queries[0], GL_QUERY_RESULT, &result);
    GLenum wait = glClientWaitSync(sync, GL_SYNC_FLUSH_COMMANDS_BIT, 10000000000u);
    printf("passed %u fence %d\n", result, wait == GL_ALREADY_SIGNALED || wait == GL_CONDITION_SATISFIED);
    printf("is %d %d %d\n", glIsQuery(queries[0]), glIsQuery(queries[1]), glIsSync(sync));
    glEnable(0xdead);
    gl_print_error("before");
    gl_break();
    gl_print_error("after");
}

static void
feedback(void)
{
    static const char vs[] = "#version 300 es\nin vec4 pos; out vec2 a; out float b; void main() { gl_Position = pos; a = pos.yx; b = pos.x * 3.0; }";
    static const char fs[] = "#version 300 es\nvoid main() { }";
    GLuint program = glCreateProgram(), object, buffers[2];
    glAttachShader(program, gl_shader(GL_VERTEX_SHADER, vs));
    glAttachShader(program, gl_shader(GL_FRAGMENT_SHADER, fs));
    glBindAttribLocation(program, 0, "pos");
    glTransformFeedbackVaryings(program, 2, (const char *[]){ "a", "b" }, GL_INTERLEAVED_ATTRIBS);
    glLinkProgram(program);
    glGenTransformFeedbacks(1, &object);
    glGenBuffers(2, buffers);
    glBindBuffer(GL_TRANSFORM_FEEDBACK_BUFFER, buffers[1]);
    glBufferData(GL_TRANSFORM_FEEDBACK_BUFFER, 256, NULL, GL_STREAM_READ);
    glBindTransformFeedback(GL_TRANSFORM_FEEDBACK, object);
    glBindBufferBase(GL_TRANSFORM_FEEDBACK_BUFFER, 0, buffers[0]);
    glBufferData(GL_TRANSFORM_FEEDBACK_BUFFER, 48, NULL, GL_STREAM_READ);
    gl_break();
    static const float points[] = { 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f };
    glUseProgram(program);
    glEnable(GL_RASTERIZER_DISCARD);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, points);
    glEnableVertexAttribArray(0);
    glBeginTransformFeedback(GL_POINTS);
    glDrawArrays(GL_POINTS, 0, 4);
    glEndTransformFeedback();
    const void *map = glMapBufferRange(GL_TRANSFORM_FEEDBACK_BUFFER, 0, 48, GL_MAP_READ_BIT);
    gl_print_hash("feedback", map ? map : points, map ? 48 : 1);
    glUnmapBuffer(GL_TRANSFORM_FEEDBACK_BUFFER);
    gl_print_error("feedback");
}

static void
pipelines(void)
{
    static const char *vs = "#version 310 es\nin vec4 pos; uniform vec2 move;"
                            "void main() { gl_Position = pos + vec4(move, 0, 0); }";
    static const char *fs = "#version 310 es\nprecision mediump float; uniform vec4 color; out vec4 c; void main() { c = color; }";
    GLuint stages[2] = { glCreateShaderProgramv(GL_VERTEX_SHADER, 1, &vs),
                         glCreateShaderProgramv(GL_FRAGMENT_SHADER, 1, &fs) }, pipeline;
    glGenProgramPipelines(1, &pipeline);
    glUseProgramStages(pipeline, GL_VERTEX_SHADER_BIT, stages[0]);
    glUseProgramStages(pipeline, GL_FRAGMENT_SHADER_BIT, stages[1]);
    glProgramUniform2f(stages[0], glGetUniformLocation(stages[0], "move"), 0.25f, -0.25f);
    glProgramUniform4f(stages[1], glGetUniformLocation(stages[1], "color"), 0.1f, 0.7f, 0.3f, 1);
    glBindProgramPipeline(pipeline);
    GLint pos = glGetAttribLocation(stages[0], "pos");
    gl_break();
    static const float corners[] = { -0.5f, -0.5f, 0.5f, -0.5f, -0.5f, 0.5f, 0.5f, 0.5f };
    glVertexAttribPointer((GLuint)pos, 2, GL_FLOAT, GL_FALSE, 0, corners);
    glEnableVertexAttribArray((GLuint)pos);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    gl_print_pixels("pipelines");
}

/* Vertices in the application's memory that the worker has kept. */
static void
client_arrays(void)
{
    GLuint program = gl_program(gl_vs_uv, gl_fs_color);
    float points[600];
    for (int i = 0; i < 600; i++)
        points[i] = (float)(i * 61 % 199) / 100 - 1;
    set_color(program, 0.9f, 0.8f, 0.1f, 1);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, points);
    glEnableVertexAttribArray(0);
    for (int i = 0; i < 3; i++)
        glDrawArrays(GL_TRIANGLES, 0, 300);
    gl_break();
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawArrays(GL_TRIANGLES, 0, 300);
    gl_print_pixels("client arrays");
}

const struct gl_case gl_cases_recover_more[] = {
    { "recover-state", 3, state, 0 },
    { "recover-framebuffers", 3, framebuffers, 0 },
    { "recover-sharing", 3, sharing, 0 },
    { "recover-waits", 3, waits, 0 },
    { "recover-feedback", 3, feedback, 0 },
    { "recover-pipelines", 3, pipelines, 0 },
    { "recover-client-arrays", 3, client_arrays, 0 },
    { 0 },
};
