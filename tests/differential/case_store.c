/* Pixel store: every combination of what UNPACK and PACK can skip, to and from client memory and buffers. */
#include "gl_case.h"

#include <stdlib.h>
#include <string.h>

static void
unpack(void)
{
    GLuint program = gl_program(gl_vs_uv, gl_fs_tex), texture;
    static const GLenum types[] = { GL_UNSIGNED_BYTE, GL_UNSIGNED_SHORT_5_6_5, GL_UNSIGNED_BYTE, GL_UNSIGNED_BYTE };
    static const GLenum formats[] = { GL_RGB, GL_RGB, GL_LUMINANCE, GL_LUMINANCE_ALPHA };
    uint8_t *data = malloc(1 << 16);
    gl_fill(data, 1 << 16, 1);
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    for (int i = 0; i < 32; i++) {
        glPixelStorei(GL_UNPACK_ALIGNMENT, 1 << (i & 3));
        glPixelStorei(GL_UNPACK_ROW_LENGTH, i & 4 ? 29 : 0);
        glPixelStorei(GL_UNPACK_SKIP_PIXELS, i & 8 ? 3 : 0);
        glPixelStorei(GL_UNPACK_SKIP_ROWS, i & 16 ? 5 : 0);
        glTexImage2D(GL_TEXTURE_2D, 0, (GLint)formats[i % 4], 21, 9, 0, formats[i % 4], types[i % 4], data);
        glTexSubImage2D(GL_TEXTURE_2D, 0, 2, 1, 7, 3, formats[i % 4], types[i % 4], data + 1000);
        gl_print_error("upload");
        gl_draw_quad(program, -1, -1, 1, 1);
        gl_print_pixels("drawn");
    }
    glPixelStorei(GL_UNPACK_ALIGNMENT, 3);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, -1);
    glPixelStorei(0x1234, 1);
    gl_print_error("bad");
    GLint value = 0;
    glGetIntegerv(GL_UNPACK_ALIGNMENT, &value);
    printf("alignment %d\n", value);
    glGetIntegerv(GL_UNPACK_ROW_LENGTH, &value);
    printf("row length %d\n", value);
    free(data);
}

static void
draw_noise(void)
{
    GLuint program = gl_program(gl_vs_uv, gl_fs_tex), texture;
    uint8_t data[64 * 64 * 4];
    gl_fill(data, sizeof(data), 77);
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 64, 64, 0, GL_RGBA, GL_UNSIGNED_BYTE, data);
    gl_draw_quad(program, -1, -1, 1, 1);
}

static void
pack(void)
{
    draw_noise();
    uint8_t *out = malloc(1 << 16);
    for (int i = 0; i < 32; i++) {
        memset(out, 0xAB, 1 << 16);
        glPixelStorei(GL_PACK_ALIGNMENT, 1 << (i & 3));
        glPixelStorei(GL_PACK_ROW_LENGTH, i & 4 ? 31 : 0);
        glPixelStorei(GL_PACK_SKIP_PIXELS, i & 8 ? 2 : 0);
        glPixelStorei(GL_PACK_SKIP_ROWS, i & 16 ? 3 : 0);
        glReadPixels(i, i / 2, 19, 11, GL_RGBA, GL_UNSIGNED_BYTE, out);
        gl_print_hash("read", out, 1 << 16);
    }
    gl_print_error("reads");
    memset(out, 0, 1 << 16);
    glPixelStorei(GL_PACK_ROW_LENGTH, 0);
    glPixelStorei(GL_PACK_SKIP_PIXELS, 0);
    glPixelStorei(GL_PACK_SKIP_ROWS, 0);
    GLint format = 0, type = 0;
    glGetIntegerv(GL_IMPLEMENTATION_COLOR_READ_FORMAT, &format);
    glGetIntegerv(GL_IMPLEMENTATION_COLOR_READ_TYPE, &type);
    printf("implementation %04x %04x\n", format, type);
    glReadPixels(0, 0, 5, 5, (GLenum)format, (GLenum)type, out);
    gl_print_hash("implementation", out, 1 << 16);
    glReadPixels(0, 0, 5, 5, GL_RGB, GL_FLOAT, out);
    glReadPixels(0, 0, -1, 5, GL_RGBA, GL_UNSIGNED_BYTE, out);
    glReadPixels(0, 0, 0, 5, GL_RGBA, GL_UNSIGNED_BYTE, out);
    gl_print_error("bad");
    free(out);
}

static void
pixel_buffers(void)
{
    draw_noise();
    GLuint buffers[2], texture;
    uint8_t *data = malloc(1 << 16);
    gl_fill(data, 1 << 16, 4);
    glGenBuffers(2, buffers);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, buffers[0]);
    glBufferData(GL_PIXEL_PACK_BUFFER, 1 << 16, data, GL_STREAM_READ);
    glPixelStorei(GL_PACK_ROW_LENGTH, 40);
    glReadPixels(1, 2, 33, 22, GL_RGBA, GL_UNSIGNED_BYTE, (void *)256);
    gl_print_error("read");
    const uint8_t *map = glMapBufferRange(GL_PIXEL_PACK_BUFFER, 0, 1 << 16, GL_MAP_READ_BIT);
    gl_print_hash("pack buffer", map, 1 << 16);
    printf("unmap %d\n", glUnmapBuffer(GL_PIXEL_PACK_BUFFER));
    glReadPixels(0, 0, 64, 48, GL_RGBA, GL_UNSIGNED_BYTE, (void *)60000);
    gl_print_error("too far");
    glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    glPixelStorei(GL_PACK_ROW_LENGTH, 0);

    GLuint program = gl_program(gl_vs_uv, gl_fs_tex);
    glBindBuffer(GL_PIXEL_UNPACK_BUFFER, buffers[1]);
    glBufferData(GL_PIXEL_UNPACK_BUFFER, 1 << 16, data, GL_STREAM_DRAW);
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 37);
    glPixelStorei(GL_UNPACK_SKIP_ROWS, 2);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, 32, 32, 0, GL_RGBA, GL_UNSIGNED_BYTE, (void *)128);
    gl_print_error("unpack");
    gl_draw_quad(program, -1, -1, 1, 1);
    gl_print_pixels("unpacked");
    glTexSubImage2D(GL_TEXTURE_2D, 0, 3, 3, 8, 8, GL_RGBA, GL_UNSIGNED_BYTE, (void *)65000);
    gl_print_error("unpack too far");
    glBindBuffer(GL_PIXEL_UNPACK_BUFFER, 0);
    glTexSubImage2D(GL_TEXTURE_2D, 0, 3, 3, 8, 8, GL_RGBA, GL_UNSIGNED_BYTE, data);
    gl_draw_quad(program, -1, -1, 1, 1);
    gl_print_pixels("client again");
    free(data);
}

const struct gl_case gl_cases_store[] = {
    { "store-unpack", 3, unpack, 0 },
    { "store-pack", 3, pack, 0 },
    { "store-pixel-buffers", 3, pixel_buffers, 0 },
    { 0 },
};
