/* Transform feedback: interleaved and separate, read back, paused, drawn from. */
#include "gl_case.h"

static const char vs[] = "#version 300 es\nin vec4 pos; out vec3 a; out float b; flat out ivec2 c;"
                         "void main() { gl_Position = vec4(pos.xy, 0.0, 1.0); a = pos.xyx * 2.0; b = pos.y + 0.5;"
                         "c = ivec2(gl_VertexID, gl_InstanceID + 7); }";
static const char fs[] = "#version 300 es\nprecision mediump float; out vec4 o; void main() { o = vec4(0.3, 0.6, 0.9, 1.0); }";

static GLuint
feedback_program(GLenum mode)
{
    static const char *const names[] = { "a", "b", "c" };
    GLuint program = glCreateProgram();
    glAttachShader(program, gl_shader(GL_VERTEX_SHADER, vs));
    glAttachShader(program, gl_shader(GL_FRAGMENT_SHADER, fs));
    glBindAttribLocation(program, 0, "pos");
    glTransformFeedbackVaryings(program, 3, names, mode);
    glLinkProgram(program);
    GLint linked = 0, count = 0, buffer_mode = 0, longest = 0;
    glGetProgramiv(program, GL_LINK_STATUS, &linked);
    glGetProgramiv(program, GL_TRANSFORM_FEEDBACK_VARYINGS, &count);
    glGetProgramiv(program, GL_TRANSFORM_FEEDBACK_BUFFER_MODE, &buffer_mode);
    glGetProgramiv(program, GL_TRANSFORM_FEEDBACK_VARYING_MAX_LENGTH, &longest);
    printf("linked %d varyings %d mode %04x longest %d\n", linked, count, buffer_mode, longest);
    for (GLuint i = 0; i < 4; i++) {
        GLsizei length = -1, size = -1;
        GLenum type = 0;
        char name[32] = "";
        glGetTransformFeedbackVarying(program, i, sizeof(name), &length, &size, &type, name);
        printf("varying %u %s %d %d %04x\n", i, name, length, size, type);
    }
    gl_print_error("varyings");
    return program;
}

static void
print_feedback(const char *label, GLuint buffer, GLsizeiptr size)
{
    glBindBuffer(GL_COPY_READ_BUFFER, buffer);
    const uint8_t *map = glMapBufferRange(GL_COPY_READ_BUFFER, 0, size, GL_MAP_READ_BIT);
    gl_print_hash(label, map, map ? (size_t)size : 0);
    glUnmapBuffer(GL_COPY_READ_BUFFER);
}

static void
feedback(void)
{
    static const float points[] = { -0.5f, -0.5f, 0.5f, -0.5f, 0, 0.7f, 0.9f, 0.9f, -0.9f, 0.8f, 0.1f, 0.2f };
    uint8_t zero[1024] = { 0 };
    GLuint buffers[3], query, written = 0;
    glGenBuffers(3, buffers);
    glGenQueries(1, &query);
    for (int i = 0; i < 3; i++) {
        glBindBuffer(GL_TRANSFORM_FEEDBACK_BUFFER, buffers[i]);
        glBufferData(GL_TRANSFORM_FEEDBACK_BUFFER, sizeof(zero), zero, GL_STREAM_READ);
    }
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, points);
    glEnableVertexAttribArray(0);

    glUseProgram(feedback_program(GL_INTERLEAVED_ATTRIBS));
    glBindBufferBase(GL_TRANSFORM_FEEDBACK_BUFFER, 0, buffers[0]);
    glBeginQuery(GL_TRANSFORM_FEEDBACK_PRIMITIVES_WRITTEN, query);
    glBeginTransformFeedback(GL_POINTS);
    glDrawArrays(GL_POINTS, 0, 6);
    glEndTransformFeedback();
    glEndQuery(GL_TRANSFORM_FEEDBACK_PRIMITIVES_WRITTEN);
    glGetQueryObjectuiv(query, GL_QUERY_RESULT, &written);
    printf("written %u\n", written);
    print_feedback("interleaved", buffers[0], sizeof(zero));
    gl_print_pixels("drawn too");

    glUseProgram(feedback_program(GL_SEPARATE_ATTRIBS));
    glEnable(GL_RASTERIZER_DISCARD);
    for (GLuint i = 0; i < 3; i++)
        glBindBufferRange(GL_TRANSFORM_FEEDBACK_BUFFER, i, buffers[i], 16 * (GLintptr)i, 512);
    glBeginTransformFeedback(GL_TRIANGLES);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    glPauseTransformFeedback();
    GLboolean paused = 9;
    glGetBooleanv(GL_TRANSFORM_FEEDBACK_PAUSED, &paused);
    printf("paused %d\n", paused);
    glDrawArrays(GL_TRIANGLES, 3, 3);
    glResumeTransformFeedback();
    glDrawArrays(GL_TRIANGLES, 3, 3);
    glEndTransformFeedback();
    glDisable(GL_RASTERIZER_DISCARD);
    for (int i = 0; i < 3; i++)
        print_feedback("separate", buffers[i], sizeof(zero));
    gl_print_error("separate");

    // The written buffer feeds a draw.
    GLuint program = gl_program(gl_vs_uv, gl_fs_color);
    glUseProgram(program);
    glUniform4f(glGetUniformLocation(program, "color"), 1, 1, 0, 1);
    glBindBuffer(GL_ARRAY_BUFFER, buffers[0]);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 12, NULL);
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawArrays(GL_TRIANGLES, 0, 6);
    gl_print_pixels("fed back");
}

static void
feedback_objects(void)
{
    GLuint ids[2], buffer;
    glGenTransformFeedbacks(2, ids);
    glGenBuffers(1, &buffer);
    printf("is %d\n", glIsTransformFeedback(ids[0]));
    glBindTransformFeedback(GL_TRANSFORM_FEEDBACK, ids[0]);
    printf("is %d\n", glIsTransformFeedback(ids[0]));
    glBindBuffer(GL_TRANSFORM_FEEDBACK_BUFFER, buffer);
    glBufferData(GL_TRANSFORM_FEEDBACK_BUFFER, 256, NULL, GL_STREAM_READ);
    glBindBufferBase(GL_TRANSFORM_FEEDBACK_BUFFER, 0, buffer);
    GLint value = 0;
    glGetIntegeri_v(GL_TRANSFORM_FEEDBACK_BUFFER_BINDING, 0, &value);
    printf("binding %d\n", value == (GLint)buffer);
    glBeginTransformFeedback(GL_POINTS);
    gl_print_error("no program");
    glUseProgram(feedback_program(GL_INTERLEAVED_ATTRIBS));
    glBeginTransformFeedback(GL_POINTS);
    GLboolean active = 9;
    glGetBooleanv(GL_TRANSFORM_FEEDBACK_ACTIVE, &active);
    printf("active %d\n", active);
    glBindTransformFeedback(GL_TRANSFORM_FEEDBACK, ids[1]);
    gl_print_error("bind while active");
    glUseProgram(0);
    gl_print_error("use while active");
    glBindBufferBase(GL_TRANSFORM_FEEDBACK_BUFFER, 0, 0);
    gl_print_error("base while active");
    glDeleteTransformFeedbacks(1, ids);
    gl_print_error("delete while active");
    glPauseTransformFeedback();
    glBindTransformFeedback(GL_TRANSFORM_FEEDBACK, ids[1]);
    glGetIntegeri_v(GL_TRANSFORM_FEEDBACK_BUFFER_BINDING, 0, &value);
    printf("other binding %d\n", value);
    glBindTransformFeedback(GL_TRANSFORM_FEEDBACK, ids[0]);
    glEndTransformFeedback();
    gl_print_error("end");
    glEndTransformFeedback();
    gl_print_error("end twice");
    glDeleteTransformFeedbacks(2, ids);
    glGetIntegerv(GL_TRANSFORM_FEEDBACK_BINDING, &value);
    printf("bound %d\n", value);
    glBindTransformFeedback(GL_TRANSFORM_FEEDBACK, 99);
    gl_print_error("unknown");
}

/* Captures that the driver refuses are not active afterwards. */
static void
feedback_refused(void)
{
    GLuint id, buffer;
    glGenTransformFeedbacks(1, &id);
    glGenBuffers(1, &buffer);
    glBindTransformFeedback(GL_TRANSFORM_FEEDBACK, id);
    glUseProgram(feedback_program(GL_SEPARATE_ATTRIBS));
    glBindBuffer(GL_TRANSFORM_FEEDBACK_BUFFER, buffer);
    glBufferData(GL_TRANSFORM_FEEDBACK_BUFFER, 256, NULL, GL_STREAM_READ);
    glBindBufferBase(GL_TRANSFORM_FEEDBACK_BUFFER, 0, buffer);
    glBeginTransformFeedback(GL_POINTS);
    gl_print_error("a buffer of three");
    GLboolean active = 9;
    glGetBooleanv(GL_TRANSFORM_FEEDBACK_ACTIVE, &active);
    printf("active %d\n", active);
    glUseProgram(gl_program(gl_vs_uv, gl_fs_color));
    glBeginTransformFeedback(GL_POINTS);
    gl_print_error("nothing to capture");
    glGetBooleanv(GL_TRANSFORM_FEEDBACK_ACTIVE, &active);
    printf("active %d\n", active);
    glDeleteTransformFeedbacks(1, &id);
    gl_print_error("delete");
}

/* A link that fails at its varyings: Mesa 22.3 then follows a null pointer when it is asked how many there are. */
static void
feedback_not_linked(void)
{
    static const char struct_vs[] =
        "#version 300 es\nstruct S { float a; vec4 b; mat3 c; }; in vec4 pos; flat out S v;"
        "void main() { v.a = pos.x; v.b = pos; v.c = mat3(pos.y); gl_Position = pos; }";
    static const char struct_fs[] =
        "#version 300 es\nprecision highp float; struct S { float a; vec4 b; mat3 c; }; flat in S v; out vec4 o;"
        "void main() { o = v.b * v.a + vec4(v.c[1], 1.0); }";
    static const char *const names[] = { "v" };
    GLuint program = glCreateProgram();
    glAttachShader(program, gl_shader(GL_VERTEX_SHADER, struct_vs));
    glAttachShader(program, gl_shader(GL_FRAGMENT_SHADER, struct_fs));
    glTransformFeedbackVaryings(program, 1, names, GL_INTERLEAVED_ATTRIBS);
    glLinkProgram(program);
    GLint linked = 9;
    glGetProgramiv(program, GL_LINK_STATUS, &linked);
    printf("linked %d\n", linked);
    gl_print_error("not linked");
    gl_print_pixels("goes on");
}

const struct gl_case gl_cases_feedback[] = {
    { "feedback", 3, feedback, 0 },
    { "feedback-objects", 3, feedback_objects, 0 },
    { "feedback-refused", 3, feedback_refused, 0 },
    { "feedback-not-linked", 3, feedback_not_linked, 0 },
    { 0 },
};
