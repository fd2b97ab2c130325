/* Texels in and out, under the pixel store that the driver was given. */
#include "driver.h"

#include <limits.h>

static void GL_APIENTRY
pixel_store(GLenum pname, GLint param)
{
    struct driver_context *c = driver_context();
    bool alignment = pname == GL_UNPACK_ALIGNMENT || pname == GL_PACK_ALIGNMENT;
    if (alignment ? param != 1 && param != 2 && param != 4 && param != 8 : param < 0) {
        driver_raise(GL_INVALID_VALUE);
        return;
    }
    switch (pname) {
    case GL_UNPACK_ALIGNMENT: c->unpack.alignment = param; break;
    case GL_UNPACK_ROW_LENGTH: c->unpack.row_length = param; break;
    case GL_UNPACK_IMAGE_HEIGHT: c->unpack.image_height = param; break;
    case GL_UNPACK_SKIP_PIXELS: c->unpack.skip_pixels = param; break;
    case GL_UNPACK_SKIP_ROWS: c->unpack.skip_rows = param; break;
    case GL_UNPACK_SKIP_IMAGES: c->unpack.skip_images = param; break;
    case GL_PACK_ALIGNMENT: c->pack.alignment = param; break;
    case GL_PACK_ROW_LENGTH: c->pack.row_length = param; break;
    case GL_PACK_SKIP_PIXELS: c->pack.skip_pixels = param; break;
    case GL_PACK_SKIP_ROWS: c->pack.skip_rows = param; break;
    default: driver_raise(GL_INVALID_ENUM); break;
    }
}

/* Reads an image as the driver would. A texture larger than any driver has is refused before its data is looked at, and so
 * are formats that GLES lacks. */
static void
unpack(GLsizei width, GLsizei height, GLsizei depth, GLenum format, GLenum type, const void *pixels)
{
    struct driver_context *c = driver_context();
    struct dc_pixels_layout layout;
    if (width < 0 || height < 0 || depth < 0 || width > 16384 || height > 16384 || depth > 2048 ||
        !dc_pixels_layout(&layout, &c->unpack, format, type, width, height, depth)) {
        driver_raise(GL_INVALID_VALUE);
        return;
    }
    if (c->bound[TARGET_UNPACK]) {
        uint64_t size = (uint64_t)driver_shared.buffers[c->bound[TARGET_UNPACK]].size, at = (uintptr_t)pixels;
        if (at > size || layout.end > size - at)
            driver_raise(GL_INVALID_OPERATION);
    } else if (pixels && layout.end) {
        driver_read((const uint8_t *)pixels + layout.offset, layout.end - layout.offset);
    }
}

static void GL_APIENTRY
tex_image_2d(GLenum target, GLint level, GLint internal, GLsizei width, GLsizei height, GLint border, GLenum format,
             GLenum type, const void *pixels)
{
    unpack(width, height, 1, format, type, pixels);
}

static void GL_APIENTRY
tex_image_3d(GLenum target, GLint level, GLint internal, GLsizei width, GLsizei height, GLsizei depth, GLint border,
             GLenum format, GLenum type, const void *pixels)
{
    unpack(width, height, depth, format, type, pixels);
}

/* Sub-images have no NULL: a driver reads it. */
static void
sub(GLsizei width, GLsizei height, GLsizei depth, GLenum format, GLenum type, const void *pixels)
{
    if (!pixels && !driver_context()->bound[TARGET_UNPACK] && width > 0 && height > 0 && depth > 0 &&
        dc_pixels_size(format, type, width, height, depth))
        driver_abort("a sub-image from nowhere");
    unpack(width, height, depth, format, type, pixels);
}

static void GL_APIENTRY
tex_sub_image_2d(GLenum target, GLint level, GLint x, GLint y, GLsizei width, GLsizei height, GLenum format, GLenum type,
                 const void *pixels)
{
    sub(width, height, 1, format, type, pixels);
}

static void GL_APIENTRY
tex_sub_image_3d(GLenum target, GLint level, GLint x, GLint y, GLint z, GLsizei width, GLsizei height, GLsizei depth,
                 GLenum format, GLenum type, const void *pixels)
{
    sub(width, height, depth, format, type, pixels);
}

static void
compressed(GLsizei size, const void *data, bool is_sub)
{
    struct driver_context *c = driver_context();
    if (size < 0) {
        driver_raise(GL_INVALID_VALUE);
    } else if (!c->bound[TARGET_UNPACK] && size) {
        if (!data && is_sub)
            driver_abort("a compressed sub-image from nowhere");
        if (data)
            driver_read(data, (uint64_t)size);
    }
}

static void GL_APIENTRY
compressed_tex_image_2d(GLenum target, GLint level, GLenum format, GLsizei width, GLsizei height, GLint border,
                        GLsizei size, const void *data)
{
    compressed(size, data, false);
}
static void GL_APIENTRY
compressed_tex_image_3d(GLenum target, GLint level, GLenum format, GLsizei width, GLsizei height, GLsizei depth,
                        GLint border, GLsizei size, const void *data)
{
    compressed(size, data, false);
}
static void GL_APIENTRY
compressed_tex_sub_image_2d(GLenum target, GLint level, GLint x, GLint y, GLsizei width, GLsizei height, GLenum format,
                            GLsizei size, const void *data)
{
    compressed(size, data, true);
}
static void GL_APIENTRY
compressed_tex_sub_image_3d(GLenum target, GLint level, GLint x, GLint y, GLint z, GLsizei width, GLsizei height,
                            GLsizei depth, GLenum format, GLsizei size, const void *data)
{
    compressed(size, data, true);
}

static void
pack(GLsizei width, GLsizei height, GLenum format, GLenum type, GLsizei room, void *pixels)
{
    struct driver_context *c = driver_context();
    struct dc_pixels_layout layout;
    if (width < 0 || height < 0 || !dc_pixels_layout(&layout, &c->pack, format, type, width, height, 1) ||
        layout.end > (uint64_t)room) {
        driver_raise(GL_INVALID_OPERATION);
        return;
    }
    if (c->bound[TARGET_PACK])
        return;
    if ((uintptr_t)pixels < 1u << 16 && layout.end)
        driver_abort("pixels are read to nowhere");
    if (layout.end)
        driver_write((uint8_t *)pixels + layout.offset, layout.end - layout.offset);
}

static void GL_APIENTRY
read_pixels(GLint x, GLint y, GLsizei width, GLsizei height, GLenum format, GLenum type, void *pixels)
{
    pack(width, height, format, type, INT_MAX, pixels);
}
static void GL_APIENTRY
readn_pixels(GLint x, GLint y, GLsizei width, GLsizei height, GLenum format, GLenum type, GLsizei room, void *pixels)
{
    pack(width, height, format, type, room, pixels);
}

void
driver_fill_pixels(struct dc_gl *gl)
{
    gl->PixelStorei = pixel_store;
    gl->TexImage2D = tex_image_2d;
    gl->TexImage3D = tex_image_3d;
    gl->TexSubImage2D = tex_sub_image_2d;
    gl->TexSubImage3D = tex_sub_image_3d;
    gl->CompressedTexImage2D = compressed_tex_image_2d;
    gl->CompressedTexImage3D = compressed_tex_image_3d;
    gl->CompressedTexSubImage2D = compressed_tex_sub_image_2d;
    gl->CompressedTexSubImage3D = compressed_tex_sub_image_3d;
    gl->ReadPixels = read_pixels;
    gl->ReadnPixels = readn_pixels;
}
