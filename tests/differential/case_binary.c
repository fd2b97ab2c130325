/* Program binaries: what a program that was loaded does and says, and what becomes of one whose binary is no good. The bytes
 * are each driver's own, so nothing of them is printed. */
#include "gl_case.h"

#include <stdlib.h>
#include <string.h>

struct binary {
    GLenum format;
    GLsizei size_bytes;
    uint8_t *data; // owned
};

static const char vs_two[] = "#version 300 es\nin vec2 pos; in vec4 tint; uniform float size; out vec4 v; out float w;\n"
                             "void main() { gl_Position = vec4(pos * size, 0, 1); v = tint; w = pos.x * 3.0; }\n";
static const char fs_two[] = "#version 300 es\nprecision highp float; in vec4 v; uniform vec4 color[2]; out vec4 o;\n"
                             "void main() { o = v * color[0] + color[1]; }\n";
static const char fs_broken[] = "#version 300 es\nprecision highp float; in vec3 v; out vec4 o; void main() { o = v; }\n";

static GLuint
make(const char *vertex, const char *fragment, GLint tint, const char *varying)
{
    GLuint program = glCreateProgram();
    glAttachShader(program, gl_shader(GL_VERTEX_SHADER, vertex));
    glAttachShader(program, gl_shader(GL_FRAGMENT_SHADER, fragment));
    if (tint >= 0) {
        glBindAttribLocation(program, (GLuint)tint, "tint");
        glBindAttribLocation(program, 1, "pos");
    }
    if (varying)
        glTransformFeedbackVaryings(program, 1, &varying, GL_SEPARATE_ATTRIBS);
    glLinkProgram(program);
    return program;
}

static struct binary
save(GLuint program)
{
    struct binary binary = { 0 };
    GLint size_bytes = 0;
    glGetProgramiv(program, GL_PROGRAM_BINARY_LENGTH, &size_bytes);
    binary.data = malloc((size_t)size_bytes + 1);
    glGetProgramBinary(program, size_bytes, &binary.size_bytes, &binary.format, binary.data);
    GLint formats = 0, format = 0;
    glGetIntegerv(GL_NUM_PROGRAM_BINARY_FORMATS, &formats);
    glGetIntegerv(GL_PROGRAM_BINARY_FORMATS, &format);
    printf("saved: some bytes %d, as many as said %d, in the %d format offered %d\n", size_bytes > 0,
           binary.size_bytes == size_bytes, formats, binary.format == (GLenum)format);
    gl_print_error("saved");
    return binary;
}

static void
print_state(const char *label, GLuint program)
{
    static const GLenum names[] = { GL_LINK_STATUS, GL_ATTACHED_SHADERS, GL_ACTIVE_ATTRIBUTES, GL_ACTIVE_UNIFORMS,
                                    GL_PROGRAM_SEPARABLE, GL_TRANSFORM_FEEDBACK_VARYINGS };
    GLint linked = 0;
    glGetProgramiv(program, GL_LINK_STATUS, &linked);
    printf("%s:", label);
    for (int i = 0; i < 5 + linked; i++) { // Mesa reads what it has freed when asked for the varyings of a refused one
        GLint value = -9;
        glGetProgramiv(program, names[i], &value);
        printf(" %d", value);
    }
    if (linked)
        printf(" tint at %d pos at %d", glGetAttribLocation(program, "tint"), glGetAttribLocation(program, "pos"));
    printf(" error %x\n", glGetError());
}

static void
draw(const char *label, GLuint program)
{
    static const float corners[] = { -0.8f, -0.7f, 0.9f, -0.7f, -0.8f, 0.6f, 0.9f, 0.6f };
    GLint pos = glGetAttribLocation(program, "pos"), tint = glGetAttribLocation(program, "tint");
    glClear(GL_COLOR_BUFFER_BIT);
    if (pos >= 0 && tint >= 0) {
        for (GLuint i = 0; i < 8; i++)
            glDisableVertexAttribArray(i);
        glVertexAttribPointer((GLuint)pos, 2, GL_FLOAT, GL_FALSE, 0, corners);
        glEnableVertexAttribArray((GLuint)pos);
        glVertexAttrib4f((GLuint)tint, 0.2f, 0.9f, 0.4f, 1);
    }
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    gl_print_pixels(label);
}

static void
set_uniforms(GLuint program)
{
    glUseProgram(program);
    glUniform1f(glGetUniformLocation(program, "size"), 0.7f);
    glUniform4f(glGetUniformLocation(program, "color[0]"), 0.5f, 0.6f, 0.7f, 1);
    glUniform4f(glGetUniformLocation(program, "color[1]"), 0.1f, 0, 0.2f, 1);
}

static void
load(const char *label, GLuint program, const struct binary *binary)
{
    glProgramBinary(program, binary->format, binary->data, binary->size_bytes);
    gl_print_error(label);
    print_state(label, program);
}

static void
loaded(void)
{
    struct binary binary = save(make(vs_two, fs_two, 3, "w")), plain = save(make(vs_two, fs_two, -1, NULL));
    GLuint program = glCreateProgram();
    load("into an empty one", program, &binary);
    set_uniforms(program);
    draw("into an empty one", program);
    load("while in use", program, &binary); // uniforms are at their initial values
    draw("uniforms reset", program);
    set_uniforms(program);
    draw("uniforms again", program);
    GLuint other = make(vs_two, fs_two, 5, "v");
    load("over another", other, &binary);
    set_uniforms(other);
    draw("over another", other);
    load("without varyings", other, &plain);
    GLuint told = glCreateProgram(); // knows a location that the binary does not
    glBindAttribLocation(told, 6, "tint");
    load("told before", told, &plain);
    set_uniforms(told);
    draw("told before", told);
    GLuint gone = glCreateProgram(), shader = gl_shader(GL_VERTEX_SHADER, vs_two);
    glAttachShader(gone, shader);
    glDeleteShader(shader);
    load("with a deleted shader", gone, &binary);
    printf("deleted shader is one %d\n", glIsShader(shader));
    struct binary again = save(gone);
    load("of a loaded one", glCreateProgram(), &again);
    glDeleteProgram(gone);
    printf("after its program %d\n", glIsShader(shader));
    free(binary.data);
    free(plain.data);
    free(again.data);
}

static void
feedback(void)
{
    struct binary binary = save(make(vs_two, fs_two, 3, "w"));
    GLuint program = glCreateProgram(), buffer;
    load("feedback", program, &binary);
    set_uniforms(program);
    glGenBuffers(1, &buffer);
    glBindBufferBase(GL_TRANSFORM_FEEDBACK_BUFFER, 0, buffer);
    glBufferData(GL_TRANSFORM_FEEDBACK_BUFFER, 24, NULL, GL_STREAM_READ);
    glBeginTransformFeedback(GL_POINTS);
    static const float corners[] = { -0.8f, -0.7f, 0.9f, -0.7f, -0.8f, 0.6f, 0.9f, 0.6f };
    glVertexAttribPointer((GLuint)glGetAttribLocation(program, "pos"), 2, GL_FLOAT, GL_FALSE, 0, corners);
    glEnableVertexAttribArray((GLuint)glGetAttribLocation(program, "pos"));
    glDrawArrays(GL_POINTS, 0, 4);
    glEndTransformFeedback();
    const float *caught = glMapBufferRange(GL_TRANSFORM_FEEDBACK_BUFFER, 0, 16, GL_MAP_READ_BIT);
    gl_print_hash("caught", caught, 16);
    free(binary.data);
}

static void
refused(void)
{
    struct binary binary = save(make(vs_two, fs_two, 3, NULL));
    GLuint program = make(vs_two, fs_two, 2, NULL);
    GLsizei length = 77;
    GLenum format = 0;
    uint8_t small[4];
    glGetProgramBinary(program, 4, &length, &format, small);
    printf("too little room: length %d error %x\n", length, glGetError());
    glGetProgramBinary(program, -1, NULL, &format, small);
    gl_print_error("negative room");
    glGetProgramBinary(9999, 4, &length, &format, small);
    gl_print_error("no program");
    glGetProgramBinary(gl_shader(GL_VERTEX_SHADER, vs_two), 4, &length, &format, small);
    gl_print_error("a shader");
    glProgramBinary(9999, binary.format, binary.data, binary.size_bytes);
    gl_print_error("load into no program");
    glProgramBinary(program, binary.format, binary.data, -1);
    gl_print_error("negative length");
    print_state("negative length", program);
    glProgramBinary(program, 0x1234, binary.data, binary.size_bytes);
    gl_print_error("no such format");
    print_state("no such format", program);
    set_uniforms(make(vs_two, fs_two, 2, NULL));
    for (GLsizei at = 0; at < 24; at += 5) {
        program = make(vs_two, fs_two, 2, NULL);
        binary.data[at] ^= 0x40; // magic, version, driver, digest, whatever is there
        printf("byte %d ", at);
        load("flipped", program, &binary);
        glUseProgram(program);
        gl_print_error("use");
        binary.data[at] ^= 0x40;
    }
    draw("the old one is current", program);
    GLint size_bytes = -5;
    glGetProgramiv(program, GL_PROGRAM_BINARY_LENGTH, &size_bytes);
    printf("length of one that is not linked %d\n", size_bytes);
    glGetProgramBinary(program, 100000, &length, &format, NULL);
    printf("not linked: length %d error %x\n", length, glGetError());
    glProgramBinary(program, binary.format, binary.data, 16);
    gl_print_error("cut off");
    print_state("cut off", program);
    load("whole again", program, &binary);
    GLuint broken = glCreateProgram();
    glAttachShader(broken, gl_shader(GL_FRAGMENT_SHADER, fs_broken));
    glLinkProgram(broken);
    print_state("broken", broken);
    load("mended", broken, &binary);
    glLinkProgram(broken);
    print_state("broken again", broken);
    free(binary.data);
}

static void
separable(void)
{
    const char *source = vs_two;
    GLuint first = glCreateShaderProgramv(GL_VERTEX_SHADER, 1, &source), program = glCreateProgram();
    struct binary binary = save(first);
    load("separable", program, &binary);
    GLuint pipeline;
    glGenProgramPipelines(1, &pipeline);
    glUseProgramStages(pipeline, GL_VERTEX_SHADER_BIT, program);
    gl_print_error("stages");
    free(binary.data);
    const char *compute = "#version 310 es\nlayout(local_size_x = 4) in; layout(std430, binding = 0) buffer B { uint b[4]; };\n"
                          "uniform uint k; void main() { b[gl_LocalInvocationIndex] += k * gl_LocalInvocationIndex + 1u; }\n";
    first = glCreateShaderProgramv(GL_COMPUTE_SHADER, 1, &compute);
    binary = save(first);
    program = glCreateProgram();
    glProgramBinary(program, binary.format, binary.data, binary.size_bytes);
    GLuint buffer;
    glGenBuffers(1, &buffer);
    glBindBufferBase(GL_SHADER_STORAGE_BUFFER, 0, buffer);
    glBufferData(GL_SHADER_STORAGE_BUFFER, 16, (const uint32_t[]){ 5, 6, 7, 8 }, GL_STREAM_READ);
    glUseProgram(program);
    glUniform1ui(glGetUniformLocation(program, "k"), 10);
    glDispatchCompute(1, 1, 1);
    glMemoryBarrier(GL_BUFFER_UPDATE_BARRIER_BIT);
    const uint32_t *b = glMapBufferRange(GL_SHADER_STORAGE_BUFFER, 0, 16, GL_MAP_READ_BIT);
    printf("computed %u %u %u %u error %x\n", b[0], b[1], b[2], b[3], glGetError());
    free(binary.data);
}

static void
recover(void)
{
    struct binary binary = save(make(vs_two, fs_two, 3, "w"));
    GLuint program = glCreateProgram(), bad = make(vs_two, fs_two, 4, NULL);
    load("loaded", program, &binary);
    set_uniforms(program);
    glProgramBinary(bad, binary.format, binary.data, 20);
    gl_break();
    draw("loaded, later", program);
    print_state("loaded, later", program);
    print_state("refused, later", bad);
    struct binary again = save(program);
    load("of the later one", bad, &again);
    set_uniforms(bad);
    draw("of the later one", bad);
    free(binary.data);
    free(again.data);
}

const struct gl_case gl_cases_binary[] = {
    { "binary-loaded", 3, loaded, 0 },         { "binary-feedback", 3, feedback, 0 }, { "binary-refused", 3, refused, 0 },
    { "binary-separable", 3, separable, 0 },   { "recover-binary", 3, recover, 0 },   { 0 },
};
