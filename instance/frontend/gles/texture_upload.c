/* Texel uploads: from a bound buffer by offset, from client memory as tight rows, large ones in pieces. */
#include <gles_entry.h>

#include <gles_encode.h>

#include "buffer.h"
#include "error.h"
#include "shared.h"
#include "state.h"

#define PIECE_BYTES (DC_RING_BULK_BYTES / 4)
#define MOST_BYTES (DC_RING_BULK_BYTES / 2)

struct upload {
    bool is_offset;
    uint64_t offset;
    const uint8_t *data; // tight; NULL: none
    uint64_t size_bytes;
};

/* What `pixels` stands for under the UNPACK state. What the table does not know goes out as NULL: the driver says
 * which error it is. false: out of memory, or the buffer is mapped (raised). */
static bool
prepare(struct dc_context *context, struct upload *upload, bool is_3d, GLenum format, GLenum type, GLsizei width,
        GLsizei height, GLsizei depth, const void *pixels)
{
    struct dc_gles_state *s = context->gles;
    *upload = (struct upload){ 0 };
    if (dc_buffer_refuse_mapped(context, s->buffer[DC_BUFFER_PIXEL_UNPACK]))
        return false;
    if (s->buffer[DC_BUFFER_PIXEL_UNPACK]) {
        upload->is_offset = true;
        upload->offset = (uint64_t)(uintptr_t)pixels;
        return true;
    }
    struct dc_pixel_store store = s->unpack;
    if (!is_3d)
        store.image_height = store.skip_images = 0;
    struct dc_pixels_layout layout;
    if (!pixels || width <= 0 || height <= 0 || depth <= 0 ||
        !dc_pixels_layout(&layout, &store, format, type, width, height, depth))
        return true;
    upload->size_bytes = dc_pixels_size(format, type, width, height, depth);
    if (!upload->size_bytes)
        return true;
    if (dc_pixels_is_tight(&layout, height, depth)) {
        upload->data = (const uint8_t *)pixels + layout.offset;
        return true;
    }
    uint8_t *tight = dc_gles_scratch(s, upload->size_bytes);
    if (!tight) {
        dc_gles_raise(context, GL_OUT_OF_MEMORY);
        return false;
    }
    dc_pixels_pack(tight, pixels, &layout, height, depth);
    upload->data = tight;
    return true;
}

/* Rows that go into one piece; at least one. */
static GLsizei
rows_per_piece(uint64_t row_bytes, GLsizei height)
{
    uint64_t rows = row_bytes ? PIECE_BYTES / row_bytes : 1;
    return rows < 1 ? 1 : rows > (uint64_t)height ? height : (GLsizei)rows;
}

static void
send_2d(struct dc_context *context, GLenum target, GLint level, GLint x, GLint y, GLsizei width, GLsizei height,
        GLenum format, GLenum type, const struct upload *upload)
{
    uint64_t row_bytes = upload->size_bytes / (uint64_t)height;
    GLsizei step = rows_per_piece(row_bytes, height);
    for (GLsizei row = 0; row < height; row += step) {
        GLsizei rows = height - row < step ? height - row : step;
        dc_enc_TexSubImage2D(&context->encoder, target, level, x, y + row, width, rows, format, type, false, 0,
                             upload->data + (uint64_t)row * row_bytes, (uint32_t)((uint64_t)rows * row_bytes));
    }
}

static void
send_3d(struct dc_context *context, GLenum target, GLint level, const GLint at[3], const GLsizei size[3],
        GLenum format, GLenum type, const struct upload *upload)
{
    uint64_t image_bytes = upload->size_bytes / (uint64_t)size[2], row_bytes = image_bytes / (uint64_t)size[1];
    GLsizei step = rows_per_piece(row_bytes, size[1]);
    for (GLsizei image = 0; image < size[2]; image++) {
        for (GLsizei row = 0; row < size[1]; row += step) {
            GLsizei rows = size[1] - row < step ? size[1] - row : step;
            dc_enc_TexSubImage3D(&context->encoder, target, level, at[0], at[1] + row, at[2] + image, size[0], rows, 1,
                                 format, type, false, 0,
                                 upload->data + (uint64_t)image * image_bytes + (uint64_t)row * row_bytes,
                                 (uint32_t)((uint64_t)rows * row_bytes));
        }
    }
}

static bool
is_large(const struct upload *upload)
{
    return upload->data && upload->size_bytes > PIECE_BYTES;
}

void GL_APIENTRY
dc_gl_TexImage2D(GLenum target, GLint level, GLint internalformat, GLsizei width, GLsizei height, GLint border,
                 GLenum format, GLenum type, const void *pixels)
{
    struct dc_context *context = dc_current;
    struct upload u;
    if (!context || !prepare(context, &u, false, format, type, width, height, 1, pixels))
        return;
    bool split = is_large(&u);
    dc_gles_storage_changed(context->shared);
    dc_enc_TexImage2D(&context->encoder, target, level, internalformat, width, height, border, format, type,
                      u.is_offset, u.offset, split ? 0 : u.data, split ? 0 : (uint32_t)u.size_bytes);
    if (split)
        send_2d(context, target, level, 0, 0, width, height, format, type, &u);
}

void GL_APIENTRY
dc_gl_TexSubImage2D(GLenum target, GLint level, GLint xoffset, GLint yoffset, GLsizei width, GLsizei height,
                    GLenum format, GLenum type, const void *pixels)
{
    struct dc_context *context = dc_current;
    struct upload u;
    if (!context || !prepare(context, &u, false, format, type, width, height, 1, pixels))
        return;
    if (is_large(&u))
        send_2d(context, target, level, xoffset, yoffset, width, height, format, type, &u);
    else
        dc_enc_TexSubImage2D(&context->encoder, target, level, xoffset, yoffset, width, height, format, type,
                             u.is_offset, u.offset, u.data, (uint32_t)u.size_bytes);
}

void GL_APIENTRY
dc_gl_TexImage3D(GLenum target, GLint level, GLint internalformat, GLsizei width, GLsizei height, GLsizei depth,
                 GLint border, GLenum format, GLenum type, const void *pixels)
{
    struct dc_context *context = dc_current;
    struct upload u;
    if (!context || !prepare(context, &u, true, format, type, width, height, depth, pixels))
        return;
    bool split = is_large(&u);
    dc_gles_storage_changed(context->shared);
    dc_enc_TexImage3D(&context->encoder, target, level, internalformat, width, height, depth, border, format, type,
                      u.is_offset, u.offset, split ? 0 : u.data, split ? 0 : (uint32_t)u.size_bytes);
    if (split)
        send_3d(context, target, level, (GLint[]){ 0, 0, 0 }, (GLsizei[]){ width, height, depth }, format, type, &u);
}

void GL_APIENTRY
dc_gl_TexSubImage3D(GLenum target, GLint level, GLint xoffset, GLint yoffset, GLint zoffset, GLsizei width,
                    GLsizei height, GLsizei depth, GLenum format, GLenum type, const void *pixels)
{
    struct dc_context *context = dc_current;
    struct upload u;
    if (!context || !prepare(context, &u, true, format, type, width, height, depth, pixels))
        return;
    if (is_large(&u))
        send_3d(context, target, level, (GLint[]){ xoffset, yoffset, zoffset },
                (GLsizei[]){ width, height, depth }, format, type, &u);
    else
        dc_enc_TexSubImage3D(&context->encoder, target, level, xoffset, yoffset, zoffset, width, height, depth,
                             format, type, u.is_offset, u.offset, u.data, (uint32_t)u.size_bytes);
}

/* ---- compressed: the bytes as they are ---- */

static bool
prepare_compressed(struct dc_context *context, struct upload *upload, GLsizei image_size, const void *data)
{
    *upload = (struct upload){ 0 };
    if (dc_buffer_refuse_mapped(context, context->gles->buffer[DC_BUFFER_PIXEL_UNPACK]))
        return false;
    if (context->gles->buffer[DC_BUFFER_PIXEL_UNPACK]) {
        upload->is_offset = true;
        upload->offset = (uint64_t)(uintptr_t)data;
    } else if (data && image_size > 0) {
        if ((uint64_t)image_size > MOST_BYTES) {
            dc_gles_raise(context, GL_OUT_OF_MEMORY);
            return false;
        }
        upload->data = data;
        upload->size_bytes = (uint64_t)image_size;
    }
    return true;
}

void GL_APIENTRY
dc_gl_CompressedTexImage2D(GLenum target, GLint level, GLenum internalformat, GLsizei width, GLsizei height,
                           GLint border, GLsizei image_size, const void *data)
{
    struct dc_context *context = dc_current;
    struct upload u;
    if (!context || !prepare_compressed(context, &u, image_size, data))
        return;
    dc_gles_storage_changed(context->shared);
    dc_enc_CompressedTexImage2D(&context->encoder, target, level, internalformat, width, height, border,
                                image_size, u.is_offset, u.offset, u.data, (uint32_t)u.size_bytes);
}

void GL_APIENTRY
dc_gl_CompressedTexSubImage2D(GLenum target, GLint level, GLint xoffset, GLint yoffset, GLsizei width,
                              GLsizei height, GLenum format, GLsizei image_size, const void *data)
{
    struct dc_context *context = dc_current;
    struct upload u;
    if (context && prepare_compressed(context, &u, image_size, data))
        dc_enc_CompressedTexSubImage2D(&context->encoder, target, level, xoffset, yoffset, width, height, format,
                                       image_size, u.is_offset, u.offset, u.data, (uint32_t)u.size_bytes);
}

void GL_APIENTRY
dc_gl_CompressedTexImage3D(GLenum target, GLint level, GLenum internalformat, GLsizei width, GLsizei height,
                           GLsizei depth, GLint border, GLsizei image_size, const void *data)
{
    struct dc_context *context = dc_current;
    struct upload u;
    if (!context || !prepare_compressed(context, &u, image_size, data))
        return;
    dc_gles_storage_changed(context->shared);
    dc_enc_CompressedTexImage3D(&context->encoder, target, level, internalformat, width, height, depth, border,
                                image_size, u.is_offset, u.offset, u.data, (uint32_t)u.size_bytes);
}

void GL_APIENTRY
dc_gl_CompressedTexSubImage3D(GLenum target, GLint level, GLint xoffset, GLint yoffset, GLint zoffset,
                              GLsizei width, GLsizei height, GLsizei depth, GLenum format, GLsizei image_size,
                              const void *data)
{
    struct dc_context *context = dc_current;
    struct upload u;
    if (context && prepare_compressed(context, &u, image_size, data))
        dc_enc_CompressedTexSubImage3D(&context->encoder, target, level, xoffset, yoffset, zoffset, width, height,
                                       depth, format, image_size, u.is_offset, u.offset, u.data,
                                       (uint32_t)u.size_bytes);
}

bool
dc_hook_PixelStorei(struct dc_context *context, GLenum pname, GLint param)
{
    struct dc_pixel_store *pack = &context->gles->pack, *unpack = &context->gles->unpack;
    bool alignment = param == 1 || param == 2 || param == 4 || param == 8;
    if (param < 0)
        return true;
    switch (pname) {
    case GL_PACK_ALIGNMENT:
        pack->alignment = alignment ? param : pack->alignment;
        break;
    case GL_UNPACK_ALIGNMENT:
        unpack->alignment = alignment ? param : unpack->alignment;
        break;
    case GL_PACK_ROW_LENGTH: pack->row_length = param; break;
    case GL_PACK_SKIP_PIXELS: pack->skip_pixels = param; break;
    case GL_PACK_SKIP_ROWS: pack->skip_rows = param; break;
    case GL_UNPACK_ROW_LENGTH: unpack->row_length = param; break;
    case GL_UNPACK_IMAGE_HEIGHT: unpack->image_height = param; break;
    case GL_UNPACK_SKIP_PIXELS: unpack->skip_pixels = param; break;
    case GL_UNPACK_SKIP_ROWS: unpack->skip_rows = param; break;
    case GL_UNPACK_SKIP_IMAGES: unpack->skip_images = param; break;
    default: break;
    }
    return true;
}
