/* Shaders and programs: logs, reflection, uniforms of every type, lifetimes. */
#include "gl_case.h"

#include <stdlib.h>
#include <string.h>

static const char vs_rich[] =
    "#version 300 es\nprecision highp float;\n"
    "in vec4 pos; in mat3 basis; in ivec2 pick; in vec2 weights;\n"
    "struct Light { vec4 color; float power[3]; };\n"
    "uniform Light lights[2]; uniform mat4 mvp; uniform mat2x3 odd; uniform float scale[5];\n"
    "layout(std140) uniform Camera { mat4 view; vec3 eye; float zoom[4]; } camera;\n"
    "layout(std140) uniform Extra { layout(row_major) mat3 m; uvec2 ids; };\n"
    "out vec4 v; flat out int f;\n"
    "void main() { gl_Position = mvp * camera.view * pos + vec4(basis * camera.eye, 0.0) * camera.zoom[2];\n"
    " v = lights[1].color * lights[0].power[2] + vec4(odd * weights, scale[3]) + vec4(m[0], float(ids.x)); f = pick.x + gl_VertexID; }\n";
static const char fs_rich[] =
    "#version 300 es\nprecision mediump float; precision mediump sampler3D; precision mediump usampler2D;\n"
    "in vec4 v; flat in int f; uniform sampler2D albedo; uniform samplerCube sky; uniform sampler3D fog; uniform usampler2D mask;\n"
    "uniform bvec3 flags; uniform uvec4 u4; uniform ivec3 i3; out vec4 color;\n"
    "void main() { color = texture(albedo, v.xy) + texture(sky, v.xyz) + texture(fog, v.xyz) + vec4(texture(mask, v.xy))\n"
    " + vec4(flags, 1.0) + vec4(u4) + vec4(i3, f); }\n";

static void
print_program(GLuint program)
{
    static const GLenum names[] = { GL_LINK_STATUS, GL_VALIDATE_STATUS, GL_DELETE_STATUS, GL_INFO_LOG_LENGTH,
                                    GL_ATTACHED_SHADERS, GL_ACTIVE_ATTRIBUTES, GL_ACTIVE_ATTRIBUTE_MAX_LENGTH,
                                    GL_ACTIVE_UNIFORMS, GL_ACTIVE_UNIFORM_MAX_LENGTH, GL_ACTIVE_UNIFORM_BLOCKS,
                                    GL_ACTIVE_UNIFORM_BLOCK_MAX_NAME_LENGTH, GL_TRANSFORM_FEEDBACK_VARYINGS };
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        GLint value = -99;
        glGetProgramiv(program, names[i], &value);
        printf("program %04x %d\n", names[i], value);
    }
    gl_print_error("program");
}

static void
reflection(void)
{
    GLuint program = gl_program(vs_rich, fs_rich);
    print_program(program);
    GLint count = 0;
    char name[128];
    glGetProgramiv(program, GL_ACTIVE_ATTRIBUTES, &count);
    for (GLint i = 0; i < count; i++) {
        GLsizei length;
        GLint size;
        GLenum type;
        glGetActiveAttrib(program, (GLuint)i, sizeof(name), &length, &size, &type, name);
        printf("attribute %s %d %d %04x at %d\n", name, length, size, type, glGetAttribLocation(program, name));
    }
    glGetProgramiv(program, GL_ACTIVE_UNIFORMS, &count);
    for (GLint i = 0; i < count; i++) {
        GLsizei length;
        GLint size;
        GLenum type;
        glGetActiveUniform(program, (GLuint)i, sizeof(name), &length, &size, &type, name);
        printf("uniform %s %d %d %04x at %d", name, length, size, type, glGetUniformLocation(program, name));
        static const GLenum pnames[] = { GL_UNIFORM_TYPE, GL_UNIFORM_SIZE, GL_UNIFORM_NAME_LENGTH,
                                         GL_UNIFORM_BLOCK_INDEX, GL_UNIFORM_OFFSET, GL_UNIFORM_ARRAY_STRIDE,
                                         GL_UNIFORM_MATRIX_STRIDE, GL_UNIFORM_IS_ROW_MAJOR };
        for (unsigned k = 0; k < 8; k++) {
            GLuint index = (GLuint)i;
            GLint value = -77;
            glGetActiveUniformsiv(program, 1, &index, pnames[k], &value);
            printf(" %d", value);
        }
        printf("\n");
    }
    glGetProgramiv(program, GL_ACTIVE_UNIFORM_BLOCKS, &count);
    for (GLint i = 0; i < count; i++) {
        static const GLenum pnames[] = { GL_UNIFORM_BLOCK_BINDING, GL_UNIFORM_BLOCK_DATA_SIZE,
                                         GL_UNIFORM_BLOCK_NAME_LENGTH, GL_UNIFORM_BLOCK_ACTIVE_UNIFORMS,
                                         GL_UNIFORM_BLOCK_REFERENCED_BY_VERTEX_SHADER,
                                         GL_UNIFORM_BLOCK_REFERENCED_BY_FRAGMENT_SHADER };
        GLint list[32] = { 0 }, active = 0;
        glGetActiveUniformBlockName(program, (GLuint)i, sizeof(name), NULL, name);
        printf("block %s", name);
        for (unsigned k = 0; k < 6; k++) {
            GLint value = -77;
            glGetActiveUniformBlockiv(program, (GLuint)i, pnames[k], &value);
            printf(" %d", value);
        }
        glGetActiveUniformBlockiv(program, (GLuint)i, GL_UNIFORM_BLOCK_ACTIVE_UNIFORMS, &active);
        glGetActiveUniformBlockiv(program, (GLuint)i, GL_UNIFORM_BLOCK_ACTIVE_UNIFORM_INDICES, list);
        for (GLint k = 0; k < active && k < 32; k++)
            printf(" [%d]", list[k]);
        printf("\n");
    }
    static const char *const names[] = { "mvp", "scale", "scale[0]", "scale[3]", "scale[9]", "lights[1].color",
                                         "lights[1].power[2]", "nothing", "camera.view", "gl_VertexID", "Camera.eye", "ids" };
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        printf("location %s %d\n", names[i], glGetUniformLocation(program, names[i]));
    GLuint indices[12];
    glGetUniformIndices(program, 12, names, indices);
    for (int i = 0; i < 12; i++)
        printf("index %u\n", indices[i]);
    glGetActiveUniform(program, 9999, sizeof(name), NULL, &count, (GLenum *)&count, name);
    glGetActiveAttrib(program, 9999, sizeof(name), NULL, &count, (GLenum *)&count, name);
    glGetActiveUniformBlockName(program, 99, sizeof(name), NULL, name);
    glGetUniformLocation(9999, "mvp");
    gl_print_error("bad");
    GLsizei length = -1;
    glGetActiveUniform(program, 0, 4, &length, &count, (GLenum *)&count, name);
    printf("cut %s %d\n", name, length);
}

static void
logs(void)
{
    static const char broken[] = "precision mediump float;\nvoid main() { gl_FragColor = vec4(undefined, 1.0, 2.0, 3.0) }\n";
    GLuint shader = gl_shader(GL_FRAGMENT_SHADER, broken);
    char text[4096] = "";
    GLint value = 0, length = 0;
    glGetShaderiv(shader, GL_COMPILE_STATUS, &value);
    glGetShaderiv(shader, GL_INFO_LOG_LENGTH, &length);
    glGetShaderInfoLog(shader, sizeof(text), NULL, text);
    printf("compiled %d log %d %s\n", value, length, text);
    glGetShaderInfoLog(shader, 10, &length, text);
    printf("cut %d %s\n", length, text);
    glGetShaderiv(shader, GL_SHADER_TYPE, &value);
    glGetShaderiv(shader, GL_SHADER_SOURCE_LENGTH, &length);
    printf("type %04x source %d\n", value, length);
    glGetShaderSource(shader, sizeof(text), &length, text);
    printf("source %d %s\n", length, text);
    GLuint vs = gl_shader(GL_VERTEX_SHADER, "attribute vec4 pos; varying vec3 a; void main() { gl_Position = pos; a = pos.xyz; }");
    GLuint fs = gl_shader(GL_FRAGMENT_SHADER, "precision mediump float; varying vec2 a; void main() { gl_FragColor = vec4(a, 0, 1); }");
    GLuint program = glCreateProgram();
    glAttachShader(program, vs);
    gl_print_error("attach");
    glAttachShader(program, vs);
    gl_print_error("attach twice");
    glAttachShader(program, fs);
    glLinkProgram(program);
    glGetProgramiv(program, GL_LINK_STATUS, &value);
    glGetProgramInfoLog(program, sizeof(text), &length, text);
    printf("linked %d log %d %s\n", value, length, text);
    glUseProgram(program);
    gl_print_error("use unlinked");
    glGetUniformLocation(program, "x");
    gl_print_error("location of unlinked");
    glGetIntegerv(GL_CURRENT_PROGRAM, &value);
    printf("current %d\n", value);
    print_program(program);
    const char *parts[] = { "void main() {", "gl_Position = vec4(0.0);", "garbage", "}" };
    const GLint lengths[] = { -1, 24, 0, 1 };
    glShaderSource(vs, 4, parts, lengths);
    glCompileShader(vs);
    glGetShaderiv(vs, GL_COMPILE_STATUS, &value);
    printf("parts %d\n", value);
}

static void
lifetimes(void)
{
    GLuint vs = gl_shader(GL_VERTEX_SHADER, gl_vs_uv), fs = gl_shader(GL_FRAGMENT_SHADER, gl_fs_color);
    GLuint program = glCreateProgram();
    printf("is %d %d %d\n", glIsShader(vs), glIsProgram(program), glIsProgram(vs));
    glAttachShader(program, vs);
    glAttachShader(program, fs);
    glDeleteShader(vs);
    GLint value = 0;
    glGetShaderiv(vs, GL_DELETE_STATUS, &value);
    printf("deleted %d is %d\n", value, glIsShader(vs));
    GLuint shaders[4] = { 0 };
    GLsizei count = 0;
    glGetAttachedShaders(program, 4, &count, shaders);
    printf("attached %d %d %d\n", count, shaders[0] == vs, shaders[1] == fs);
    glLinkProgram(program);
    glDetachShader(program, vs);
    printf("is %d\n", glIsShader(vs));
    glUseProgram(program);
    glUniform4f(glGetUniformLocation(program, "color"), 1, 0, 0, 1);
    glDeleteProgram(program);
    glGetProgramiv(program, GL_DELETE_STATUS, &value);
    printf("deleted %d is %d\n", value, glIsProgram(program));
    gl_draw_quad(program, -1, -1, 1, 1);
    gl_print_pixels("deleted but used");
    glUseProgram(0);
    printf("is %d\n", glIsProgram(program));
    glGetProgramiv(program, GL_DELETE_STATUS, &value);
    glUseProgram(program);
    glDeleteShader(999);
    glDeleteProgram(999);
    glDeleteProgram(0);
    glAttachShader(fs, fs);
    glCompileShader(999);
    glLinkProgram(fs);
    glDetachShader(0, 0);
    gl_print_error("bad");
    // Relinked with another shader while in use.
    program = gl_program(gl_vs_uv, gl_fs_color);
    glUseProgram(program);
    glUniform4f(glGetUniformLocation(program, "color"), 0, 1, 0, 1);
    gl_draw_quad(program, -1, -1, 0, 1);
    glAttachShader(program, gl_shader(GL_VERTEX_SHADER, gl_vs_uv));
    glAttachShader(program, gl_shader(GL_FRAGMENT_SHADER, "precision mediump float; varying vec2 uv; uniform vec4 other; void main() { gl_FragColor = vec4(uv, 0, 1) + other; }"));
    glLinkProgram(program);
    glGetProgramiv(program, GL_LINK_STATUS, &value);
    printf("relinked %d color %d other %d\n", value, glGetUniformLocation(program, "color"), glGetUniformLocation(program, "other"));
    gl_draw_quad(program, 0, -1, 1, 1);
    gl_print_pixels("relinked");
}

static void
uniforms(void)
{
    static const char vs[] = "#version 300 es\nin vec4 pos; void main() { gl_Position = pos; }";
    static const char fs[] =
        "#version 300 es\nprecision highp float; precision highp int; out vec4 o; uniform float f1; uniform vec2 f2; uniform vec3 f3; uniform vec4 f4;"
        "uniform int i1; uniform ivec2 i2; uniform ivec3 i3; uniform ivec4 i4; uniform uint u1; uniform uvec2 u2; uniform uvec3 u3; uniform uvec4 u4;"
        "uniform mat2 m2; uniform mat3 m3; uniform mat4 m4; uniform mat2x3 m23; uniform mat3x2 m32; uniform mat2x4 m24; uniform mat4x2 m42;"
        "uniform mat3x4 m34; uniform mat4x3 m43; uniform vec4 array[6]; uniform bool b;"
        "void main() { o = vec4(f1) + vec4(f2, f2) + vec4(f3, 0.0) + f4 + vec4(float(i1)) + vec4(i2, i2) + vec4(i3, 1) + vec4(i4) + vec4(float(u1)) + vec4(u2, u2)"
        " + vec4(u3, 1u) + vec4(u4) + vec4(m2[1], m2[0]) + vec4(m3[2], 0.0) + m4[3] + vec4(m23[1], 0.0) + vec4(m32[2], 0, 0) + m24[1] + vec4(m42[3], 0, 0)"
        " + m34[2] + vec4(m43[3], 0.0) + array[4] + vec4(b); o = fract(o * 0.037); }";
    GLuint program = gl_program(vs, fs);
    glUseProgram(program);
#define AT(name) glGetUniformLocation(program, name)
    float f[64];
    for (int i = 0; i < 64; i++)
        f[i] = (float)(i * 7 % 31) / 4.0f;
    const GLint i[] = { 1, -2, 3, 4 };
    const GLuint u[] = { 5, 6, 7, 8 };
    glUniform1f(AT("f1"), 1.5f);
    glUniform2f(AT("f2"), 1, 2);
    glUniform3fv(AT("f3"), 1, f + 3);
    glUniform4fv(AT("f4"), 1, f + 5);
    glUniform1i(AT("i1"), -3);
    glUniform2iv(AT("i2"), 1, i);
    glUniform3i(AT("i3"), 1, 2, 3);
    glUniform4iv(AT("i4"), 1, i);
    glUniform1ui(AT("u1"), 9);
    glUniform2ui(AT("u2"), 1, 2);
    glUniform3uiv(AT("u3"), 1, u);
    glUniform4uiv(AT("u4"), 1, u);
    glUniformMatrix2fv(AT("m2"), 1, GL_FALSE, f);
    glUniformMatrix3fv(AT("m3"), 1, GL_TRUE, f + 1);
    glUniformMatrix4fv(AT("m4"), 1, GL_FALSE, f + 2);
    glUniformMatrix2x3fv(AT("m23"), 1, GL_TRUE, f + 3);
    glUniformMatrix3x2fv(AT("m32"), 1, GL_FALSE, f + 4);
    glUniformMatrix2x4fv(AT("m24"), 1, GL_FALSE, f + 5);
    glUniformMatrix4x2fv(AT("m42"), 1, GL_TRUE, f + 6);
    glUniformMatrix3x4fv(AT("m34"), 1, GL_FALSE, f + 7);
    glUniformMatrix4x3fv(AT("m43"), 1, GL_FALSE, f + 8);
    glUniform4fv(AT("array"), 6, f);
    glUniform4fv(AT("array[2]"), 9, f + 9);
    glUniform1i(AT("b"), 1);
    gl_print_error("set");
    gl_draw_quad(program, -1, -1, 1, 1);
    gl_print_pixels("drawn");
    static const char *const names[] = { "f1", "f2", "f3", "f4", "i1", "i2", "u1", "u4", "m2", "m3", "m4", "m23", "m43", "array[3]", "array[5]", "b" };
    for (unsigned k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
        float out[16] = { 0 };
        GLint iout[16] = { 0 };
        GLuint uout[16] = { 0 };
        glGetUniformfv(program, AT(names[k]), out);
        glGetUniformiv(program, AT(names[k]), iout);
        glGetUniformuiv(program, AT(names[k]), uout);
        gl_print_hash(names[k], out, sizeof(out));
        gl_print_hash(names[k], iout, sizeof(iout));
        gl_print_hash(names[k], uout, sizeof(uout));
    }
    gl_print_error("get");
    glUniform1f(-1, 1);
    gl_print_error("location -1");
    glUniform2f(AT("f1"), 1, 2);
    gl_print_error("wrong type");
    glUniform1f(9999, 1);
    gl_print_error("unknown");
    glUniform1fv(AT("f1"), -1, f);
    gl_print_error("negative");
    glUniform1fv(AT("f1"), 2, f);
    gl_print_error("count on a scalar");
    glGetUniformfv(program, 9999, f);
    gl_print_error("get unknown");
#undef AT
}

static void
precision(void)
{
    for (GLenum shader = GL_FRAGMENT_SHADER; shader <= GL_VERTEX_SHADER; shader++) {
        for (GLenum type = GL_LOW_FLOAT; type <= GL_HIGH_INT; type++) {
            GLint range[2] = { 0 }, bits = 0;
            glGetShaderPrecisionFormat(shader, type, range, &bits);
            printf("precision %04x %04x %d %d %d\n", shader, type, range[0], range[1], bits);
        }
    }
    GLint range[2], bits;
    glGetShaderPrecisionFormat(0x1234, GL_LOW_FLOAT, range, &bits);
    gl_print_error("bad");
    printf("create %u\n", glCreateShader(0x1234));
    gl_print_error("bad type");
}

/* A program whose link fails, or works, and that nobody has asked about yet. */
static GLuint
make_unasked(bool good)
{
    static const char bad_fs[] = "precision mediump float; uniform vec4 color; vec4 missing(); "
                                 "void main() { gl_FragColor = missing() + color; }\n";
    GLuint program = glCreateProgram();
    GLuint vs = gl_shader(GL_VERTEX_SHADER, gl_vs_uv), fs = gl_shader(GL_FRAGMENT_SHADER, good ? gl_fs_color : bad_fs);
    glAttachShader(program, vs);
    glAttachShader(program, fs);
    glBindAttribLocation(program, 0, "pos");
    glDeleteShader(vs);
    glDeleteShader(fs);
    glLinkProgram(program);
    return program;
}

static void
print_current(const char *label, GLuint expected)
{
    GLint current = -1;
    glGetIntegerv(GL_CURRENT_PROGRAM, &current);
    printf("%s: current is the expected one %d\n", label, current == (GLint)expected);
    gl_print_error(label);
}

static void
draw_current(const char *label)
{
    static const float corners[] = { -0.8f, -0.7f, 0.9f, -0.7f, -0.8f, 0.6f, 0.9f, 0.6f };
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, corners);
    glEnableVertexAttribArray(0);
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    gl_print_pixels(label);
}

static void
use_colored(GLuint program, float green)
{
    glUseProgram(program);
    glUniform4f(glGetUniformLocation(program, "color"), 0.3f, green, 0.9f, 1);
}

/* What glUseProgram refuses leaves the former program current, whether its link's result has come or not. */
static void
use_refused(void)
{
    GLuint good = make_unasked(true), bad, other;
    use_colored(good, 0.5f);
    bad = make_unasked(false);
    glUseProgram(bad);
    draw_current("refused at once");
    print_current("refused at once", good);
    glUseProgram(bad);
    print_current("refused again", good);
    glUseProgram(make_unasked(false));
    glUseProgram(make_unasked(false));
    print_current("two refused", good);
    other = make_unasked(true);
    glUseProgram(other);
    glUseProgram(make_unasked(false));
    print_current("refused after a new one", other);
    glUseProgram(make_unasked(false));
    glUseProgram(good);
    print_current("refused before an old one", good);
    glUseProgram(make_unasked(false));
    glUseProgram(0);
    print_current("refused before none", 0);
    glUseProgram(make_unasked(false));
    print_current("refused after none", 0);
    glUseProgram(good);
    bad = make_unasked(false); // linked again, with what it lacked, after its use
    glUseProgram(bad);
    GLuint fs = gl_shader(GL_FRAGMENT_SHADER, gl_fs_color), attached[2] = { 0 };
    GLsizei count = 0;
    glGetAttachedShaders(bad, 2, &count, attached);
    for (GLsizei i = 0; i < count; i++)
        glDetachShader(bad, attached[i]);
    glAttachShader(bad, gl_shader(GL_VERTEX_SHADER, gl_vs_uv));
    glAttachShader(bad, fs);
    glLinkProgram(bad);
    print_current("mended after its use", good);
    glUseProgram(bad);
    print_current("mended", bad);
    glUseProgram(good);
    bad = make_unasked(false);
    glUseProgram(bad);
    glDeleteProgram(bad);
    printf("deleted one is a program %d\n", glIsProgram(bad));
    print_current("deleted after its use", good);
    other = make_unasked(true);
    glUseProgram(other);
    glDeleteProgram(other);
    printf("deleted one is a program %d\n", glIsProgram(other));
    print_current("deleted in use", other);
    for (int i = 0; i < 100; i++) { // more than anyone remembers
        GLuint program = make_unasked(i % 3 == 1);
        glUseProgram(program);
        good = i % 3 == 1 ? program : good;
    }
    print_current("a hundred", good);
    use_colored(good, 0.2f);
    draw_current("a hundred");
}

static void
recover_use_refused(void)
{
    GLuint good = make_unasked(true), bad = make_unasked(false);
    use_colored(good, 0.7f);
    glUseProgram(bad);
    print_current("refused", good);
    gl_break();
    draw_current("refused");
    print_current("refused, later", good);
    glUseProgram(bad);
    gl_print_error("refused again");
    draw_current("refused again");
}

const struct gl_case gl_cases_program[] = {
    { "program-reflection", 3, reflection, 0 },
    { "program-logs", 2, logs, 0 },
    { "program-lifetimes", 2, lifetimes, 0 },
    { "program-uniforms", 3, uniforms, 0 },
    { "program-precision", 2, precision, 0 },
    { "program-use-refused", 2, use_refused, 0 },
    { "recover-use-refused", 2, recover_use_refused, 0 },
    { 0 },
};
