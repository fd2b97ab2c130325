#include <protocol/gles/pixels.h>

#include <string.h>

#include <GLES3/gl32.h>
#include <GLES2/gl2ext.h>

/* Components of a format, 0 if it is none. */
static uint32_t
components(uint32_t format)
{
    switch (format) {
    case GL_RED:
    case GL_RED_INTEGER:
    case GL_ALPHA:
    case GL_LUMINANCE:
    case GL_DEPTH_COMPONENT:
    case GL_STENCIL_INDEX:
        return 1;
    case GL_RG:
    case GL_RG_INTEGER:
    case GL_LUMINANCE_ALPHA:
        return 2;
    case GL_RGB:
    case GL_RGB_INTEGER:
    case GL_SRGB_EXT:
    case 0x80E0: // GL_BGR_EXT (MESA_bgra)
        return 3;
    case GL_RGBA:
    case GL_RGBA_INTEGER:
    case GL_BGRA_EXT:
    case GL_SRGB_ALPHA_EXT:
        return 4;
    default:
        return 0;
    }
}

/* Bytes of a packed type (a whole pixel), 0 if the type is not packed or does not go with the format. */
static uint32_t
packed_bytes(uint32_t format, uint32_t type)
{
    uint32_t n = components(format);
    switch (type) {
    case GL_UNSIGNED_SHORT_5_6_5:
    case 0x8364: // …_5_6_5_REV (MESA_bgra)
        return n == 3 ? 2 : 0;
    case GL_UNSIGNED_SHORT_4_4_4_4:
    case GL_UNSIGNED_SHORT_5_5_5_1:
    case GL_UNSIGNED_SHORT_1_5_5_5_REV_EXT:
    case GL_UNSIGNED_SHORT_4_4_4_4_REV_EXT:
        return n == 4 ? 2 : 0;
    case 0x8035: // GL_UNSIGNED_INT_8_8_8_8_EXT and …_REV (MESA_bgra)
    case 0x8367:
        return n == 4 ? 4 : 0;
    case GL_UNSIGNED_INT_2_10_10_10_REV:
        return n >= 3 ? 4 : 0;
    case GL_UNSIGNED_INT_10F_11F_11F_REV:
    case GL_UNSIGNED_INT_5_9_9_9_REV:
        return n == 3 ? 4 : 0;
    case GL_UNSIGNED_INT_24_8: // depth alone: Mesa's NV_read_depth
        return format == GL_DEPTH_STENCIL || format == GL_DEPTH_COMPONENT ? 4 : 0;
    case GL_FLOAT_32_UNSIGNED_INT_24_8_REV:
        return format == GL_DEPTH_STENCIL ? 8 : 0;
    default:
        return 0;
    }
}

uint32_t
dc_pixels_bytes_per_pixel(uint32_t format, uint32_t type)
{
    uint32_t n = components(format);
    switch (type) {
    case GL_UNSIGNED_BYTE:
    case GL_BYTE:
        return n;
    case GL_UNSIGNED_SHORT:
    case GL_SHORT:
    case GL_HALF_FLOAT:
    case GL_HALF_FLOAT_OES:
        return n * 2;
    case GL_UNSIGNED_INT:
    case GL_INT:
    case GL_FLOAT:
        return n * 4;
    default:
        return packed_bytes(format, type);
    }
}

uint64_t
dc_pixels_size(uint32_t format, uint32_t type, int32_t width, int32_t height, int32_t depth)
{
    uint64_t bpp = dc_pixels_bytes_per_pixel(format, type);
    if (width < 0 || height < 0 || depth < 0)
        return 0;
    uint64_t pixels = (uint64_t)width * (uint64_t)height; // < 2^62
    if (depth && pixels > (UINT64_MAX >> 5) / (uint64_t)depth)
        return 0;
    return pixels * (uint64_t)depth * bpp;
}

bool
dc_pixels_layout(struct dc_pixels_layout *layout, const struct dc_pixel_store *store, uint32_t format, uint32_t type,
                 int32_t width, int32_t height, int32_t depth)
{
    *layout = (struct dc_pixels_layout){ 0 };
    uint64_t bpp = dc_pixels_bytes_per_pixel(format, type);
    if (!bpp || width < 0 || height < 0 || depth < 0)
        return false;
    uint64_t alignment = (uint64_t)(store->alignment > 0 ? store->alignment : 1);
    uint64_t row_pixels = (uint64_t)(store->row_length > 0 ? store->row_length : width);
    uint64_t rows = (uint64_t)(store->image_height > 0 ? store->image_height : height);
    layout->row_bytes = (uint64_t)width * bpp;
    layout->row_stride = (row_pixels * bpp + alignment - 1) / alignment * alignment;
    uint64_t skip_images = (uint64_t)(store->skip_images > 0 ? store->skip_images : 0);
    uint64_t skip_rows = (uint64_t)(store->skip_rows > 0 ? store->skip_rows : 0);
    uint64_t skip_pixels = (uint64_t)(store->skip_pixels > 0 ? store->skip_pixels : 0);
    uint64_t images, skipped, own;
    if (__builtin_mul_overflow(layout->row_stride, rows, &layout->image_stride)
        || __builtin_mul_overflow(layout->row_stride, (uint64_t)height, &own) || own > UINT64_MAX >> 2
        || __builtin_mul_overflow(layout->image_stride, (uint64_t)depth + skip_images, &images)
        || __builtin_mul_overflow(layout->row_stride, skip_rows, &skipped) || images > UINT64_MAX >> 2
        || skipped > UINT64_MAX >> 2)
        return false;
    layout->offset = skip_pixels * bpp + skip_rows * layout->row_stride + skip_images * layout->image_stride;
    layout->end = layout->offset;
    if (width && height && depth)
        layout->end += (uint64_t)(depth - 1) * layout->image_stride + (uint64_t)(height - 1) * layout->row_stride
                       + layout->row_bytes;
    return true;
}

bool
dc_pixels_is_tight(const struct dc_pixels_layout *layout, int32_t height, int32_t depth)
{
    return (height <= 1 || layout->row_stride == layout->row_bytes)
           && (depth <= 1 || layout->image_stride == layout->row_bytes * (uint64_t)height);
}

void
dc_pixels_pack(void *tight, const void *app, const struct dc_pixels_layout *layout, int32_t height, int32_t depth)
{
    uint8_t *to = tight;
    for (int32_t z = 0; z < depth; z++)
        for (int32_t y = 0; y < height; y++, to += layout->row_bytes)
            memcpy(to, (const uint8_t *)app + layout->offset + (uint64_t)z * layout->image_stride
                       + (uint64_t)y * layout->row_stride, layout->row_bytes);
}

void
dc_pixels_unpack(void *app, const void *tight, const struct dc_pixels_layout *layout, int32_t height, int32_t depth)
{
    const uint8_t *from = tight;
    for (int32_t z = 0; z < depth; z++)
        for (int32_t y = 0; y < height; y++, from += layout->row_bytes)
            memcpy((uint8_t *)app + layout->offset + (uint64_t)z * layout->image_stride
                   + (uint64_t)y * layout->row_stride, from, layout->row_bytes);
}
