/*
 * The worker's decoder and handlers against any bytes, over a driver that touches what it is given. The input is a batch; bulk is 64 KiB
 * of a fixed pattern.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <gles_decode.h>
#include <protocol/gles/pixels.h>
#include "exec.h"

#define BULK_BYTES (64u << 10)

static uint8_t bulk[BULK_BYTES];
static uint8_t reply[DC_EXEC_REPLY_PART_BYTES + 1024];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const void *
bulk_view(void *user, uint64_t position, size_t size_bytes)
{
    return position <= BULK_BYTES && size_bytes <= BULK_BYTES - position ? bulk + position : NULL;
}

static void *
reply_reserve(struct dc_exec *x, size_t size_bytes)
{
    return size_bytes <= sizeof(reply) ? reply : NULL;
}

static void
reply_publish(struct dc_exec *x, size_t size_bytes)
{
    if (size_bytes > sizeof(reply))
        abort();
}

/* What the generated probe cannot size: it depends on what is bound. */
static GLuint unpack_buffer, element_buffer;
static uint8_t sum;

static void
read_bytes(const void *data, uint64_t size)
{
    for (uint64_t i = 0; data && i < size; i++)
        sum += ((const uint8_t *)data)[i];
}

static void GL_APIENTRY
bind_buffer(GLenum target, GLuint buffer)
{
    if (target == GL_PIXEL_UNPACK_BUFFER)
        unpack_buffer = buffer;
    else if (target == GL_ELEMENT_ARRAY_BUFFER)
        element_buffer = buffer;
}

static void GL_APIENTRY
tex_image_2d(GLenum target, GLint level, GLint internal, GLsizei width, GLsizei height, GLint border, GLenum format,
             GLenum type, const void *pixels)
{
    if (!unpack_buffer)
        read_bytes(pixels, dc_pixels_size(format, type, width, height, 1));
}

static void GL_APIENTRY
tex_sub_image_3d(GLenum target, GLint level, GLint x, GLint y, GLint z, GLsizei width, GLsizei height, GLsizei depth,
                 GLenum format, GLenum type, const void *pixels)
{
    if (!unpack_buffer)
        read_bytes(pixels, dc_pixels_size(format, type, width, height, depth));
}

static void GL_APIENTRY
compressed_tex_image_2d(GLenum target, GLint level, GLenum format, GLsizei width, GLsizei height, GLint border,
                        GLsizei size, const void *data)
{
    if (!unpack_buffer && size > 0)
        read_bytes(data, (uint64_t)size);
}

static void GL_APIENTRY
draw_elements(GLenum mode, GLsizei count, GLenum type, const void *indices)
{
    if (!element_buffer && count > 0)
        read_bytes(indices, 1); // would be an address
}

static void GL_APIENTRY
read_pixels(GLint x, GLint y, GLsizei width, GLsizei height, GLenum format, GLenum type, void *pixels)
{
    if ((uintptr_t)pixels > 1u << 20) // not an offset
        memset(pixels, 1, dc_pixels_size(format, type, width, height, 1));
}

static const struct dc_exec_impl impl = { .reply_reserve = reply_reserve, .reply_publish = reply_publish };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dc_exec x;
    struct dc_gl gl = dc_gl_probe;
    gl.BindBuffer = bind_buffer;
    gl.TexImage2D = tex_image_2d;
    gl.TexSubImage3D = tex_sub_image_3d;
    gl.CompressedTexImage2D = compressed_tex_image_2d;
    gl.DrawElements = draw_elements;
    gl.ReadPixels = read_pixels;
    unpack_buffer = element_buffer = 0;
    size_t words = size / 4;
    uint32_t *batch = malloc(words * 4 + 1);
    setenv("DC_LOG", "none:error", 0); // thousands of failures are expected
    if (!batch || !dc_exec_init(&x, &gl, &impl, NULL))
        abort();
    memcpy(batch, data, words * 4);
    for (size_t i = 0; i < BULK_BYTES; i++)
        bulk[i] = (uint8_t)i;
    x.decoder.bulk_view = bulk_view;
    x.quota = (struct dc_exec_quota){ .objects = 1000, .shader_bytes = 4096, .buffer_bytes = 1u << 20 };
    struct dc_exec_context *context = dc_exec_context_create(&x, 1, NULL);
    dc_exec_context_made_current(&x, context);
    if (context)
        context->version = 32;
    dc_gles_dispatch(&x, batch, words);
    dc_exec_check_errors(&x);
    dc_exec_poll_fences(&x);
    dc_exec_finish(&x);
    free(batch);
    return 0;
}
