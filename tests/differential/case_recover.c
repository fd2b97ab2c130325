/* The worker dies between making something and using it: textures, samplers, buffers, vertex arrays, programs. */
#include "gl_case.h"

#include <stdlib.h>
#include <string.h>

static void
draw_tile(GLuint program, int tile)
{
    glViewport(tile % 4 * 16, tile / 4 * 12, 16, 12);
    gl_draw_quad(program, -1, -1, 1, 1);
}

static void
set_filter(GLenum target, GLenum min)
{
    glTexParameteri(target, GL_TEXTURE_MIN_FILTER, (GLint)min);
    glTexParameterf(target, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
}

static void
textures(void)
{
    GLuint names[8], program = gl_program(gl_vs_uv, gl_fs_tex);
    uint8_t *data = malloc(64 * 64 * 4);
    gl_fill(data, 64 * 64 * 4, 1);
    glGenTextures(8, names);
    glBindTexture(GL_TEXTURE_2D, names[0]); // levels from a mipmap, and a part on top
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 64, 64, 0, GL_RGBA, GL_UNSIGNED_BYTE, data);
    glGenerateMipmap(GL_TEXTURE_2D);
    glTexSubImage2D(GL_TEXTURE_2D, 0, 8, 8, 16, 40, GL_RGBA, GL_UNSIGNED_BYTE, data + 333);
    set_filter(GL_TEXTURE_2D, GL_LINEAR_MIPMAP_LINEAR);
    glActiveTexture(GL_TEXTURE3);
    glBindTexture(GL_TEXTURE_2D, names[1]); // two levels by hand, clamped
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGB, 32, 32, 0, GL_RGB, GL_UNSIGNED_SHORT_5_6_5, data);
    glTexImage2D(GL_TEXTURE_2D, 1, GL_RGB, 16, 16, 0, GL_RGB, GL_UNSIGNED_SHORT_5_6_5, data + 100);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 1);
    set_filter(GL_TEXTURE_2D, GL_NEAREST_MIPMAP_NEAREST);
    glBindTexture(GL_TEXTURE_2D, names[2]); // immutable, filled bit by bit
    glTexStorage2D(GL_TEXTURE_2D, 3, GL_RGBA8, 64, 64);
    glTexParameteriv(GL_TEXTURE_2D, GL_TEXTURE_SWIZZLE_R, (const GLint[]){ GL_BLUE });
    set_filter(GL_TEXTURE_2D, GL_NEAREST);
    for (int i = 0; i < 1500; i++)
        glTexSubImage2D(GL_TEXTURE_2D, 0, i * 7 % 60, i / 2 % 61, 4, 3, GL_RGBA, GL_UNSIGNED_BYTE, data + i);
    glTexSubImage2D(GL_TEXTURE_2D, 1, 0, 0, 32, 32, GL_RGBA, GL_UNSIGNED_BYTE, data);
    glBindTexture(GL_TEXTURE_2D, names[3]);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_LUMINANCE_ALPHA, 33, 17, 0, GL_LUMINANCE_ALPHA, GL_UNSIGNED_BYTE, data);
    set_filter(GL_TEXTURE_2D, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_MIRRORED_REPEAT);
    glBindTexture(GL_TEXTURE_2D, names[4]); // from a buffer, with the application's own layout
    GLuint unpack;
    glGenBuffers(1, &unpack);
    glBindBuffer(GL_PIXEL_UNPACK_BUFFER, unpack);
    glBufferData(GL_PIXEL_UNPACK_BUFFER, 64 * 64 * 4, data, GL_STATIC_DRAW);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 40);
    glPixelStorei(GL_UNPACK_SKIP_PIXELS, 3);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 32, 32, 0, GL_RGBA, GL_UNSIGNED_BYTE, (const void *)16);
    set_filter(GL_TEXTURE_2D, GL_NEAREST);
    glDeleteBuffers(1, &unpack);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
    glPixelStorei(GL_UNPACK_SKIP_PIXELS, 0);
    glBindTexture(GL_TEXTURE_2D, names[5]); // ETC2 takes any bits
    glCompressedTexImage2D(GL_TEXTURE_2D, 0, GL_COMPRESSED_RGB8_ETC2, 32, 32, 0, 512, data);
    glCompressedTexSubImage2D(GL_TEXTURE_2D, 0, 4, 8, 8, 4, GL_COMPRESSED_RGB8_ETC2, 16, data + 77);
    set_filter(GL_TEXTURE_2D, GL_NEAREST);
    gl_break();
    glActiveTexture(GL_TEXTURE0);
    glUseProgram(program);
    for (int i = 0; i < 6; i++) {
        glUniform1i(glGetUniformLocation(program, "tex"), i == 5 ? 3 : 0);
        glBindTexture(GL_TEXTURE_2D, i == 5 ? names[0] : names[i]); // unit 3 still has its own
        draw_tile(program, i);
    }
    glViewport(0, 40, 5, 3); // small enough for the mipmap
    glBindTexture(GL_TEXTURE_2D, names[0]);
    gl_draw_quad(program, -1, -1, 1, 1);
    gl_print_pixels("textures");
    free(data);
}

static void
layers(void)
{
    static const char vs[] = "#version 300 es\nin vec4 pos; out vec3 at; void main() { gl_Position = pos; at = vec3(pos.xy * 0.5 + 0.5, pos.x); }";
    static const char head[] = "#version 300 es\nprecision highp float; in vec3 at; out vec4 color; uniform highp ";
    static const char *const kinds[] = { "sampler3D", "sampler2DArray", "samplerCube" };
    static const GLenum targets[] = { GL_TEXTURE_3D, GL_TEXTURE_2D_ARRAY, GL_TEXTURE_CUBE_MAP };
    GLuint programs[3], names[3], sampler;
    uint8_t *data = malloc(16 * 16 * 8 * 4);
    char source[512];
    gl_fill(data, 16 * 16 * 8 * 4, 2);
    glGenTextures(3, names);
    for (int i = 0; i < 3; i++) {
        snprintf(source, sizeof(source), "%s%s tex; void main() { color = texture(tex, %s); }", head, kinds[i],
                 i == 1 ? "vec3(at.xy, at.z * 4.0 + 3.0)" : i == 2 ? "at - 0.5" : "at");
        programs[i] = gl_program(vs, source);
        glUseProgram(programs[i]);
        glUniform1i(glGetUniformLocation(programs[i], "tex"), i + 1);
        glActiveTexture(GL_TEXTURE1 + (GLenum)i);
        glBindTexture(targets[i], names[i]);
        set_filter(targets[i], GL_NEAREST);
    }
    glActiveTexture(GL_TEXTURE1);
    glTexImage3D(GL_TEXTURE_3D, 0, GL_RGBA8, 16, 16, 8, 0, GL_RGBA, GL_UNSIGNED_BYTE, data);
    glTexSubImage3D(GL_TEXTURE_3D, 0, 2, 3, 4, 8, 8, 2, GL_RGBA, GL_UNSIGNED_BYTE, data + 999);
    glActiveTexture(GL_TEXTURE2);
    glTexStorage3D(GL_TEXTURE_2D_ARRAY, 2, GL_RGBA8, 16, 16, 8);
    glTexSubImage3D(GL_TEXTURE_2D_ARRAY, 0, 0, 0, 0, 16, 16, 8, GL_RGBA, GL_UNSIGNED_BYTE, data);
    glActiveTexture(GL_TEXTURE3);
    for (int i = 0; i < 6; i++)
        glTexImage2D(GL_TEXTURE_CUBE_MAP_POSITIVE_X + (GLenum)i, 0, GL_RGBA, 16, 16, 0, GL_RGBA, GL_UNSIGNED_BYTE,
                     data + i * 1024);
    glGenSamplers(1, &sampler);
    glSamplerParameteri(sampler, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glSamplerParameteri(sampler, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
    glSamplerParameteri(sampler, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glBindSampler(2, sampler);
    gl_break();
    for (int i = 0; i < 3; i++)
        draw_tile(programs[i], i);
    gl_print_pixels("layers");
    free(data);
}

static void
buffers(void)
{
    static const char vs[] = "#version 300 es\nlayout(location = 0) in vec2 pos; layout(location = 1) in vec4 tint;"
                             "layout(location = 2) in vec2 shift; layout(location = 3) in float fade;"
                             "layout(std140) uniform Block { vec4 scale; vec4 more[3]; };"
                             "out vec4 c; void main() { gl_Position = vec4(pos * scale.xy + shift, 0, 1); c = tint * fade + more[1]; }";
    static const char fs[] = "#version 300 es\nprecision mediump float; in vec4 c; out vec4 color; void main() { color = c; }";
    GLuint program = gl_program(vs, fs), names[6], arrays[2];
    float *big = calloc(3000, sizeof(*big));
    for (int i = 0; i < 3000; i++)
        big[i] = (float)(i * 37 % 101) / 101;
    glUniformBlockBinding(program, glGetUniformBlockIndex(program, "Block"), 5);
    glGenBuffers(6, names);
    glGenVertexArrays(2, arrays);
    glBindBuffer(GL_ARRAY_BUFFER, names[0]); // 12 KB, with parts replaced
    glBufferData(GL_ARRAY_BUFFER, 12000, big, GL_DYNAMIC_DRAW);
    static const float square[] = { -1, -1, 1, -1, -1, 1, 1, 1 };
    glBufferSubData(GL_ARRAY_BUFFER, 64, sizeof(square), square);
    for (int i = 0; i < 100; i++)
        glBufferSubData(GL_ARRAY_BUFFER, 4000 + i * 40, 40, big + i);
    glBindBuffer(GL_ARRAY_BUFFER, names[1]);
    glBufferData(GL_ARRAY_BUFFER, 64, NULL, GL_STREAM_DRAW);
    float *map = glMapBufferRange(GL_ARRAY_BUFFER, 0, 64, GL_MAP_WRITE_BIT | GL_MAP_INVALIDATE_BUFFER_BIT);
    for (int i = 0; map && i < 16; i++)
        map[i] = (float)(i % 5) * 0.2f - 0.4f;
    glUnmapBuffer(GL_ARRAY_BUFFER);
    static const uint16_t indices[] = { 0, 1, 2, 2, 1, 3, 0xffff };
    glBindVertexArray(arrays[0]);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, names[2]);
    glBufferData(GL_ELEMENT_ARRAY_BUFFER, sizeof(indices), indices, GL_STATIC_DRAW);
    glBindBuffer(GL_ARRAY_BUFFER, names[0]);
    glEnableVertexAttribArray(0);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 8, (const void *)64);
    glEnableVertexAttribArray(1);
    glVertexAttribPointer(1, 4, GL_UNSIGNED_BYTE, GL_TRUE, 12, (const void *)4000);
    glBindBuffer(GL_ARRAY_BUFFER, names[1]);
    glEnableVertexAttribArray(2);
    glVertexAttribPointer(2, 2, GL_FLOAT, GL_FALSE, 0, NULL);
    glVertexAttribDivisor(2, 1);
    glVertexAttrib1f(3, 0.75f);
    glBindBuffer(GL_UNIFORM_BUFFER, names[3]);
    glBufferData(GL_UNIFORM_BUFFER, 1024, big, GL_STATIC_DRAW);
    glBindBufferRange(GL_UNIFORM_BUFFER, 5, names[3], 256, 64);
    glBufferSubData(GL_UNIFORM_BUFFER, 256, 16, (const float[]){ 0.3f, 0.4f, 0, 0 });
    glBindBuffer(GL_COPY_READ_BUFFER, names[0]);
    glBindBuffer(GL_COPY_WRITE_BUFFER, names[3]);
    glCopyBufferSubData(GL_COPY_READ_BUFFER, GL_COPY_WRITE_BUFFER, 512, 288, 16);
    glDeleteBuffers(1, &names[2]); // the bound array lets go of it
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, names[4]);
    glBufferData(GL_ELEMENT_ARRAY_BUFFER, sizeof(indices), indices, GL_STATIC_DRAW);
    glBindVertexArray(0);
    glDeleteBuffers(1, &names[4]); // this one does not
    glUseProgram(program);
    glBindVertexArray(arrays[0]);
    gl_break();
    glDrawElementsInstanced(GL_TRIANGLES, 6, GL_UNSIGNED_SHORT, NULL, 5);
    gl_print_pixels("buffers");
    glBindBuffer(GL_COPY_READ_BUFFER, names[3]);
    const void *bytes = glMapBufferRange(GL_COPY_READ_BUFFER, 0, 1024, GL_MAP_READ_BIT);
    gl_print_hash("uniforms", bytes, 1024);
    glUnmapBuffer(GL_COPY_READ_BUFFER);
    free(big);
}

static void
programs(void)
{
    static const char vs[] = "#version 300 es\nin vec4 first; in vec4 second; uniform mat4 m; uniform mat2x3 n;"
                             "out vec4 c; void main() { gl_Position = m * first; c = second + vec4(n * vec2(1.0, 0.5), 0); }";
    static const char fs[] = "#version 300 es\nprecision highp float; in vec4 c; out vec4 color; uniform vec4 list[6];"
                             "uniform int pick; uniform uvec2 bits; uniform struct { vec2 a; float b[3]; } s;"
                             "void main() { color = c * 0.1 + list[pick] + vec4(s.a, s.b[2], float(bits.y) / 255.0); }";
    GLuint v = gl_shader(GL_VERTEX_SHADER, vs), f = gl_shader(GL_FRAGMENT_SHADER, fs), program = glCreateProgram();
    glAttachShader(program, v);
    glAttachShader(program, f);
    glBindAttribLocation(program, 7, "first");
    glBindAttribLocation(program, 2, "second");
    glLinkProgram(program);
    glShaderSource(f, 1, (const char *[]){ "nothing that compiles" }, NULL); // after the link: means nothing yet
    glDeleteShader(v);
    glUseProgram(program);
    static const float matrix[16] = { 0.8f, 0.1f, 0, 0, 0, 0.7f, 0, 0, 0, 0, 1, 0, 0.1f, 0, 0, 1 };
    glUniformMatrix4fv(glGetUniformLocation(program, "m"), 1, GL_FALSE, matrix);
    glUniformMatrix2x3fv(glGetUniformLocation(program, "n"), 1, GL_FALSE, matrix + 3);
    float list[24];
    for (int i = 0; i < 24; i++)
        list[i] = (float)i / 48;
    GLint at = glGetUniformLocation(program, "list");
    glUniform4fv(at, 6, list);
    glUniform4f(glGetUniformLocation(program, "list[3]"), 0.25f, 0.5f, 0.125f, 0.5f);
    glUniform4fv(glGetUniformLocation(program, "list[4]"), 2, list + 3);
    glUniform1i(glGetUniformLocation(program, "pick"), 2);
    glProgramUniform1i(program, glGetUniformLocation(program, "pick"), 3);
    glUniform2ui(glGetUniformLocation(program, "bits"), 7, 64);
    glUniform2f(glGetUniformLocation(program, "s.a"), 0.1f, 0.2f);
    glUniform1fv(glGetUniformLocation(program, "s.b"), 3, list + 9);
    glUniform4fv(at, 1, (const float[]){ 9, 9, 9, 9 });
    GLuint gone = gl_program(gl_vs_uv, gl_fs_color); // deleted while in use
    glUseProgram(gone);
    glUniform4f(glGetUniformLocation(gone, "color"), 0.5f, 0.75f, 0.25f, 1);
    glDeleteProgram(gone);
    gl_break();
    gl_draw_quad(gone, -1, -1, 0, 1); // gl_draw_quad uses it again: still there
    glUseProgram(program);
    printf("gone %d\n", glIsProgram(gone));
    static const float corners[] = { -1, -1, 1, -1, -1, 1, 1, 1 };
    glVertexAttribPointer(7, 2, GL_FLOAT, GL_FALSE, 0, corners);
    glEnableVertexAttribArray(7);
    glVertexAttrib4f(2, 0.5f, 1, 0.5f, 1);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    gl_print_pixels("programs");
    float value[4];
    for (int i = 0; i < 6; i++) {
        char name[16];
        snprintf(name, sizeof(name), "list[%d]", i);
        glGetUniformfv(program, glGetUniformLocation(program, name), value);
        printf("%s %g %g %g %g\n", name, (double)value[0], (double)value[1], (double)value[2], (double)value[3]);
    }
    GLint status = -1;
    glCompileShader(f);
    glGetShaderiv(f, GL_COMPILE_STATUS, &status);
    printf("compiles %d\n", status);
    gl_print_error("programs");
}

const struct gl_case gl_cases_recover[] = {
    { "recover-textures", 3, textures, 0 },
    { "recover-layers", 3, layers, 0 },
    { "recover-buffers", 3, buffers, 0 },
    { "recover-programs", 3, programs, 0 },
    { 0 },
};
