/* Texture formats, targets, sampling, and what renders into textures. */
#include "gl_case.h"

#include <stdlib.h>
#include <string.h>

struct format {
    GLint internal;
    GLenum format, type;
    int bytes;
};

static void
print_texture(GLuint program, const char *label)
{
    glClear(GL_COLOR_BUFFER_BIT);
    gl_draw_quad(program, -1, -1, 1, 1);
    gl_print_pixels(label);
}

static void
formats_es2(void)
{
    static const struct format formats[] = {
        { GL_RGBA, GL_RGBA, GL_UNSIGNED_BYTE, 4 },
        { GL_RGB, GL_RGB, GL_UNSIGNED_BYTE, 3 },
        { GL_RGBA, GL_RGBA, GL_UNSIGNED_SHORT_4_4_4_4, 2 },
        { GL_RGBA, GL_RGBA, GL_UNSIGNED_SHORT_5_5_5_1, 2 },
        { GL_RGB, GL_RGB, GL_UNSIGNED_SHORT_5_6_5, 2 },
        { GL_LUMINANCE, GL_LUMINANCE, GL_UNSIGNED_BYTE, 1 },
        { GL_LUMINANCE_ALPHA, GL_LUMINANCE_ALPHA, GL_UNSIGNED_BYTE, 2 },
        { GL_ALPHA, GL_ALPHA, GL_UNSIGNED_BYTE, 1 },
        { GL_BGRA_EXT, GL_BGRA_EXT, GL_UNSIGNED_BYTE, 4 },
        { GL_RGBA, GL_RGBA, GL_FLOAT, 16 },
        { GL_RGBA, GL_RGBA, GL_HALF_FLOAT_OES, 8 },
        { GL_DEPTH_COMPONENT, GL_DEPTH_COMPONENT, GL_UNSIGNED_SHORT, 2 },
        { GL_DEPTH_COMPONENT, GL_DEPTH_COMPONENT, GL_UNSIGNED_INT, 4 },
    };
    GLuint program = gl_program(gl_vs_uv, gl_fs_tex), texture;
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    uint8_t *data = malloc(17 * 13 * 16 + 64);
    for (unsigned i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        gl_fill(data, 17 * 13 * 16, i);
        if (formats[i].type == GL_FLOAT || formats[i].type == GL_HALF_FLOAT_OES)
            memset(data, 0x34, 17 * 13 * 16);
        glPixelStorei(GL_UNPACK_ALIGNMENT, 1 << (i % 4));
        glTexImage2D(GL_TEXTURE_2D, 0, formats[i].internal, 16, 12, 0, formats[i].format, formats[i].type, data);
        gl_print_error("image");
        print_texture(program, "drawn");
    }
    free(data);
}

static void
formats_es3(void)
{
    static const struct format formats[] = {
        { GL_R8, GL_RED, GL_UNSIGNED_BYTE, 1 },
        { GL_RG8, GL_RG, GL_UNSIGNED_BYTE, 2 },
        { GL_RGB8, GL_RGB, GL_UNSIGNED_BYTE, 3 },
        { GL_RGBA8, GL_RGBA, GL_UNSIGNED_BYTE, 4 },
        { GL_SRGB8, GL_RGB, GL_UNSIGNED_BYTE, 3 },
        { GL_SRGB8_ALPHA8, GL_RGBA, GL_UNSIGNED_BYTE, 4 },
        { GL_R8_SNORM, GL_RED, GL_BYTE, 1 },
        { GL_RGBA8_SNORM, GL_RGBA, GL_BYTE, 4 },
        { GL_RGB565, GL_RGB, GL_UNSIGNED_SHORT_5_6_5, 2 },
        { GL_RGB5_A1, GL_RGBA, GL_UNSIGNED_INT_2_10_10_10_REV, 4 },
        { GL_RGBA4, GL_RGBA, GL_UNSIGNED_SHORT_4_4_4_4, 2 },
        { GL_RGB10_A2, GL_RGBA, GL_UNSIGNED_INT_2_10_10_10_REV, 4 },
        { GL_R11F_G11F_B10F, GL_RGB, GL_UNSIGNED_INT_10F_11F_11F_REV, 4 },
        { GL_RGB9_E5, GL_RGB, GL_UNSIGNED_INT_5_9_9_9_REV, 4 },
        { GL_R16F, GL_RED, GL_HALF_FLOAT, 2 },
        { GL_RG16F, GL_RG, GL_HALF_FLOAT, 4 },
        { GL_RGBA16F, GL_RGBA, GL_HALF_FLOAT, 8 },
        { GL_R32F, GL_RED, GL_FLOAT, 4 },
        { GL_DEPTH_COMPONENT16, GL_DEPTH_COMPONENT, GL_UNSIGNED_SHORT, 2 },
        { GL_DEPTH_COMPONENT24, GL_DEPTH_COMPONENT, GL_UNSIGNED_INT, 4 },
        { GL_DEPTH_COMPONENT32F, GL_DEPTH_COMPONENT, GL_FLOAT, 4 },
        { GL_DEPTH24_STENCIL8, GL_DEPTH_STENCIL, GL_UNSIGNED_INT_24_8, 4 },
        { GL_LUMINANCE8_OES, GL_LUMINANCE, GL_UNSIGNED_BYTE, 1 },
    };
    GLuint program = gl_program(gl_vs_uv, gl_fs_tex), texture;
    uint8_t *data = malloc(40 * 30 * 16);
    for (unsigned i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        glGenTextures(1, &texture);
        glBindTexture(GL_TEXTURE_2D, texture);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
        gl_fill(data, 40 * 30 * 16, 100 + i);
        if (formats[i].type == GL_FLOAT || formats[i].type == GL_HALF_FLOAT)
            memset(data, 0x35, 40 * 30 * 16);
        glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
        glTexImage2D(GL_TEXTURE_2D, 0, formats[i].internal, 33, 21, 0, formats[i].format, formats[i].type, data);
        gl_print_error("image");
        glTexSubImage2D(GL_TEXTURE_2D, 0, 3, 4, 9, 7, formats[i].format, formats[i].type, data + 64);
        gl_print_error("sub image");
        print_texture(program, "drawn");
        glDeleteTextures(1, &texture);
    }
    free(data);
}

static void
filters(void)
{
    static const GLenum wraps[] = { GL_REPEAT, GL_CLAMP_TO_EDGE, GL_MIRRORED_REPEAT };
    static const GLenum mins[] = { GL_NEAREST, GL_LINEAR, GL_NEAREST_MIPMAP_NEAREST, GL_LINEAR_MIPMAP_LINEAR };
    GLuint program = gl_program(gl_vs_uv, "precision mediump float; uniform sampler2D tex; varying vec2 uv;"
                                          "void main() { gl_FragColor = texture2D(tex, uv * 9.0 - 2.0); }");
    GLuint texture;
    uint8_t data[32 * 16 * 4];
    gl_fill(data, sizeof(data), 5);
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 32, 16, 0, GL_RGBA, GL_UNSIGNED_BYTE, data);
    glGenerateMipmap(GL_TEXTURE_2D);
    for (unsigned i = 0; i < 4; i++) {
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, (GLint)wraps[i % 3]);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, (GLint)wraps[(i + 1) % 3]);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, (GLint)mins[i]);
        print_texture(program, "filter");
    }
    GLint value[2] = { 0 };
    glGetTexParameteriv(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, &value[0]);
    glGetTexParameteriv(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, &value[1]);
    printf("parameters %04x %04x\n", value[0], value[1]);
    float fvalue = 0;
    glGetTexParameterfv(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, &fvalue);
    printf("as float %g\n", fvalue);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, 0x1234);
    gl_print_error("bad parameter");
}

static void
npot_levels(void)
{
    GLuint program = gl_program(gl_vs_uv, gl_fs_tex), texture;
    uint8_t data[65 * 33 * 4];
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    for (int level = 0, w = 65, h = 33; level < 7; level++, w = w > 1 ? w / 2 : 1, h = h > 1 ? h / 2 : 1) {
        gl_fill(data, sizeof(data), (uint32_t)level);
        glTexImage2D(GL_TEXTURE_2D, level, GL_RGBA, w, h, 0, GL_RGBA, GL_UNSIGNED_BYTE, data);
    }
    print_texture(program, "mip chain");
    glViewport(0, 0, 9, 5);
    print_texture(program, "small");
    glViewport(0, 0, CASE_WIDTH, CASE_HEIGHT);
    glCopyTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 2, 3, 31, 17, 0);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glCopyTexSubImage2D(GL_TEXTURE_2D, 0, 4, 5, 0, 0, 10, 10);
    print_texture(program, "copied");
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 8, 8, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
    glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, 8, 8, GL_RGBA, GL_UNSIGNED_BYTE, data);
    print_texture(program, "null then data");
}

static void
cube_map(void)
{
    GLuint program = gl_program(
        "attribute vec4 pos; varying vec3 dir; void main() { gl_Position = pos; dir = vec3(pos.xy * 2.0, pos.x - pos.y); }",
        "precision mediump float; uniform samplerCube tex; varying vec3 dir;"
        "void main() { gl_FragColor = textureCube(tex, dir); }");
    GLuint texture;
    uint8_t data[16 * 16 * 3 + 16];
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_CUBE_MAP, texture);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 2);
    for (unsigned face = 0; face < 6; face++) {
        gl_fill(data, sizeof(data), face);
        glTexImage2D(GL_TEXTURE_CUBE_MAP_POSITIVE_X + face, 0, GL_RGB, 15, 15, 0, GL_RGB, GL_UNSIGNED_BYTE, data);
    }
    glTexParameteri(GL_TEXTURE_CUBE_MAP, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    print_texture(program, "cube");
    glGenerateMipmap(GL_TEXTURE_CUBE_MAP);
    glTexParameteri(GL_TEXTURE_CUBE_MAP, GL_TEXTURE_MIN_FILTER, GL_LINEAR_MIPMAP_NEAREST);
    print_texture(program, "cube mipmap");
    glBindTexture(GL_TEXTURE_2D, texture);
    gl_print_error("other target");
    GLint bound = -1;
    glGetIntegerv(GL_TEXTURE_BINDING_2D, &bound);
    printf("bound %d\n", bound);
}

static const char vs3[] = "#version 300 es\nin vec4 pos; out vec2 uv; void main() { gl_Position = pos; uv = pos.xy * 0.5 + 0.5; }";

static void
volume_and_array(void)
{
    GLuint volume = gl_program(vs3, "#version 300 es\nprecision mediump float; precision mediump sampler3D; uniform sampler3D tex;"
                                    "in vec2 uv; out vec4 o; void main() { o = texture(tex, vec3(uv, uv.x)); }");
    GLuint array = gl_program(vs3, "#version 300 es\nprecision mediump float; precision mediump sampler2DArray; uniform sampler2DArray tex;"
                                   "in vec2 uv; out vec4 o; void main() { o = texture(tex, vec3(uv, floor(uv.y * 4.0))); }");
    GLuint textures[2];
    uint8_t *data = malloc(40 * 40 * 40 * 4);
    gl_fill(data, 40 * 40 * 40 * 4, 3);
    glGenTextures(2, textures);
    glBindTexture(GL_TEXTURE_3D, textures[0]);
    glTexParameteri(GL_TEXTURE_3D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 20);
    glPixelStorei(GL_UNPACK_IMAGE_HEIGHT, 18);
    glPixelStorei(GL_UNPACK_SKIP_PIXELS, 2);
    glPixelStorei(GL_UNPACK_SKIP_ROWS, 1);
    glPixelStorei(GL_UNPACK_SKIP_IMAGES, 2);
    glTexImage3D(GL_TEXTURE_3D, 0, GL_RGB8, 13, 11, 5, 0, GL_RGB, GL_UNSIGNED_BYTE, data);
    gl_print_error("3d");
    glTexSubImage3D(GL_TEXTURE_3D, 0, 1, 2, 1, 7, 5, 2, GL_RGB, GL_UNSIGNED_BYTE, data + 999);
    print_texture(volume, "3d");
    glBindTexture(GL_TEXTURE_2D_ARRAY, textures[1]);
    glTexStorage3D(GL_TEXTURE_2D_ARRAY, 3, GL_RGBA8, 16, 16, 4);
    glTexSubImage3D(GL_TEXTURE_2D_ARRAY, 0, 0, 0, 0, 16, 16, 4, GL_RGBA, GL_UNSIGNED_BYTE, data);
    glGenerateMipmap(GL_TEXTURE_2D_ARRAY);
    print_texture(array, "array");
    glCopyTexSubImage3D(GL_TEXTURE_2D_ARRAY, 0, 2, 2, 1, 5, 5, 9, 8);
    print_texture(array, "array copied");
    GLint immutable = 0;
    glGetTexParameteriv(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_IMMUTABLE_FORMAT, &immutable);
    printf("immutable %d\n", immutable);
    glTexImage3D(GL_TEXTURE_2D_ARRAY, 0, GL_RGBA8, 16, 16, 4, 0, GL_RGBA, GL_UNSIGNED_BYTE, data);
    gl_print_error("immutable");
    free(data);
}

static void
large_upload(void)
{
    GLuint program = gl_program(gl_vs_uv, gl_fs_tex), texture;
    size_t size = (size_t)4096 * 2600 * 4; // above a quarter of the arena: goes in pieces
    uint8_t *data = malloc(size);
    gl_fill(data, size, 9);
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 4096, 2600, 0, GL_RGBA, GL_UNSIGNED_BYTE, data);
    print_texture(program, "large");
    glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, 4096, 2599, GL_RGBA, GL_UNSIGNED_BYTE, data + 4096);
    print_texture(program, "large sub");
    free(data);
}

static void
compressed(void)
{
    GLuint program = gl_program(gl_vs_uv, gl_fs_tex), texture;
    uint8_t data[16 * 16];
    gl_fill(data, sizeof(data), 11);
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    static const struct { GLenum format; int bytes; } kinds[] = {
        { GL_COMPRESSED_RGB8_ETC2, 128 }, { GL_COMPRESSED_RGBA8_ETC2_EAC, 256 }, { GL_COMPRESSED_R11_EAC, 128 },
        { GL_COMPRESSED_SRGB8_PUNCHTHROUGH_ALPHA1_ETC2, 128 },
    };
    for (unsigned i = 0; i < 4; i++) {
        glCompressedTexImage2D(GL_TEXTURE_2D, 0, kinds[i].format, 16, 16, 0, kinds[i].bytes, data);
        gl_print_error("image");
        print_texture(program, "compressed");
        glCompressedTexSubImage2D(GL_TEXTURE_2D, 0, 4, 8, 8, 4, kinds[i].format, kinds[i].bytes / 8, data + 32);
        gl_print_error("sub");
        print_texture(program, "compressed sub");
    }
    glCompressedTexImage2D(GL_TEXTURE_2D, 0, GL_COMPRESSED_RGB8_ETC2, 16, 16, 0, 127, data);
    gl_print_error("short");
    glCompressedTexImage2D(GL_TEXTURE_2D, 0, 0x1234, 16, 16, 0, 128, data);
    gl_print_error("unknown");
}

static void
samplers(void)
{
    GLuint program = gl_program(vs3, "#version 300 es\nprecision mediump float; uniform sampler2D tex; in vec2 uv; out vec4 o;"
                                     "void main() { o = texture(tex, uv * 3.0 - 1.0); }");
    GLuint texture, sampler;
    uint8_t data[8 * 8 * 4];
    gl_fill(data, sizeof(data), 21);
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, 8, 8, 0, GL_RGBA, GL_UNSIGNED_BYTE, data);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_SWIZZLE_R, GL_BLUE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_SWIZZLE_A, GL_ONE);
    glGenSamplers(1, &sampler);
    printf("is sampler %d\n", glIsSampler(sampler));
    glBindSampler(0, sampler);
    glSamplerParameteri(sampler, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glSamplerParameterf(sampler, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    glSamplerParameteri(sampler, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    print_texture(program, "sampler");
    GLint value = 0;
    glGetSamplerParameteriv(sampler, GL_TEXTURE_WRAP_S, &value);
    printf("wrap %04x\n", value);
    glGetIntegerv(GL_SAMPLER_BINDING, &value);
    printf("binding %d\n", value == (GLint)sampler);
    glDeleteSamplers(1, &sampler);
    glGetIntegerv(GL_SAMPLER_BINDING, &value);
    printf("binding %d is %d\n", value, glIsSampler(sampler));
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    print_texture(program, "without");
    glBindSampler(0, 77);
    gl_print_error("unknown sampler");
}

const struct gl_case gl_cases_texture[] = {
    { "texture-formats-es2", 2, formats_es2, 0 },
    { "texture-formats-es3", 3, formats_es3, 0 },
    { "texture-filters", 2, filters, 0 },
    { "texture-npot-levels", 2, npot_levels, 0 },
    { "texture-cube", 2, cube_map, 0 },
    { "texture-3d-array", 3, volume_and_array, 0 },
    { "texture-large", 2, large_upload, 0 },
    { "texture-compressed", 3, compressed, 0 },
    { "texture-samplers", 3, samplers, 0 },
    { 0 },
};
