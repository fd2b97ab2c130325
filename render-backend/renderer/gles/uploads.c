/*
 * Texel uploads and the pixel store. The app's store is kept here and reaches the driver only when an upload from a
 * buffer needs it; data in commands is tight.
 */
#include "objects.h"
#include "storage.h"

#include <stdlib.h>

#include <gles_decode.h>

/* The field of the app's store that a pname sets; NULL if there is none. */
static int32_t *
field_of(struct dc_exec_context *context, GLenum pname)
{
    switch (pname) {
    case GL_UNPACK_ALIGNMENT:
        return &context->unpack.alignment;
    case GL_UNPACK_ROW_LENGTH:
        return &context->unpack.row_length;
    case GL_UNPACK_IMAGE_HEIGHT:
        return &context->unpack.image_height;
    case GL_UNPACK_SKIP_PIXELS:
        return &context->unpack.skip_pixels;
    case GL_UNPACK_SKIP_ROWS:
        return &context->unpack.skip_rows;
    case GL_UNPACK_SKIP_IMAGES:
        return &context->unpack.skip_images;
    case GL_PACK_ALIGNMENT:
        return &context->pack.alignment;
    case GL_PACK_ROW_LENGTH:
        return &context->pack.row_length;
    case GL_PACK_SKIP_PIXELS:
        return &context->pack.skip_pixels;
    case GL_PACK_SKIP_ROWS:
        return &context->pack.skip_rows;
    default:
        return NULL;
    }
}

void
dc_exec_PixelStorei(struct dc_exec *x, const struct dc_cmd_PixelStorei *c)
{
    int32_t *field = field_of(x->context, c->pname);
    bool alignment = c->pname == GL_UNPACK_ALIGNMENT || c->pname == GL_PACK_ALIGNMENT;
    bool valid = alignment ? c->param == 1 || c->param == 2 || c->param == 4 || c->param == 8 : c->param >= 0;
    if (field && valid)
        *field = c->param;
    else
        x->gl->PixelStorei(c->pname, c->param); // for the error
}

static void
apply(struct dc_exec *x, GLenum pname, int32_t want, int32_t *applied)
{
    if (*applied == want)
        return;
    x->gl->PixelStorei(pname, want);
    *applied = want;
}

void
dc_pixel_store_apply_unpack(struct dc_exec *x, const struct dc_pixel_store *store)
{
    struct dc_pixel_store *applied = &x->context->unpack_applied;
    apply(x, GL_UNPACK_ALIGNMENT, store->alignment, &applied->alignment);
    apply(x, GL_UNPACK_ROW_LENGTH, store->row_length, &applied->row_length);
    apply(x, GL_UNPACK_IMAGE_HEIGHT, store->image_height, &applied->image_height);
    apply(x, GL_UNPACK_SKIP_PIXELS, store->skip_pixels, &applied->skip_pixels);
    apply(x, GL_UNPACK_SKIP_ROWS, store->skip_rows, &applied->skip_rows);
    apply(x, GL_UNPACK_SKIP_IMAGES, store->skip_images, &applied->skip_images);
}

void
dc_pixel_store_apply_pack(struct dc_exec *x, const struct dc_pixel_store *store)
{
    struct dc_pixel_store *applied = &x->context->pack_applied;
    apply(x, GL_PACK_ALIGNMENT, store->alignment, &applied->alignment);
    apply(x, GL_PACK_ROW_LENGTH, store->row_length, &applied->row_length);
    apply(x, GL_PACK_SKIP_PIXELS, store->skip_pixels, &applied->skip_pixels);
    apply(x, GL_PACK_SKIP_ROWS, store->skip_rows, &applied->skip_rows);
}

/* What an upload passes to the driver. */
struct source {
    const void *pointer;
    bool unbound; // PIXEL_UNPACK_BUFFER was unbound for data in the command
};

/* Tells where the texels are and prepares the driver. `need`: bytes that the driver would read from the command's data.
 * false: the stream failed. */
static bool
begin(struct dc_exec *x, bool is_offset, uint64_t offset, const struct dc_blob *blob, uint64_t need,
      struct source *source)
{
    static const struct dc_pixel_store tight = DC_PIXEL_STORE_TIGHT;
    struct dc_exec_context *context = x->context;
    *source = (struct source){ 0 };
    if (is_offset) {
        if (context->pixel_unpack_buffer) {
            dc_pixel_store_apply_unpack(x, &context->unpack);
            source->pointer = (const void *)(uintptr_t)offset;
        }
        return true; // no buffer: NULL, never an address of the sender's choice
    }
    if (blob->data && blob->size_bytes < need) {
        dc_exec_fail(x, 0, "texels are shorter than the image");
        return false;
    }
    if (context->pixel_unpack_buffer) {
        x->gl->BindBuffer(GL_PIXEL_UNPACK_BUFFER, 0);
        source->unbound = true;
    }
    dc_pixel_store_apply_unpack(x, &tight);
    source->pointer = blob->data;
    return true;
}

static void
end(struct dc_exec *x, const struct source *source)
{
    if (source->unbound)
        x->gl->BindBuffer(GL_PIXEL_UNPACK_BUFFER,
                          dc_exec_name(x, DC_NAMES_BUFFER, x->context->pixel_unpack_buffer));
}

/* Bytes of an uncompressed image; UINT64_MAX (no blob is long enough) if format and type are unknown to us. */
static uint64_t
image_bytes(GLenum format, GLenum type, GLsizei width, GLsizei height, GLsizei depth)
{
    if (width <= 0 || height <= 0 || depth <= 0)
        return 0;
    if (!dc_pixels_bytes_per_pixel(format, type))
        return UINT64_MAX;
    uint64_t size = dc_pixels_size(format, type, width, height, depth);
    return size ? size : UINT64_MAX;
}

/* `bytes` from `offset` on are in the unpack buffer, if the texels are there at all. */
static bool
holds(struct dc_exec *x, bool is_offset, uint64_t offset, uint64_t bytes)
{
    uint32_t name = x->context->pixel_unpack_buffer;
    if (!is_offset || !name || dc_buffer_holds(x, name, offset, bytes))
        return true;
    dc_exec_raise(x, GL_INVALID_OPERATION);
    return false;
}

/* The image of an upload as it lies in the unpack buffer is inside that. Formats that we cannot size are the driver's to
 * refuse, and so are negative sizes; an image that there is no number for is inside of nothing. */
static bool
fits_buffer(struct dc_exec *x, bool is_offset, uint64_t offset, GLenum format, GLenum type, GLsizei width, GLsizei height,
            GLsizei depth)
{
    struct dc_pixels_layout layout;
    if (!dc_pixels_bytes_per_pixel(format, type) || width < 0 || height < 0 || depth < 0)
        return true;
    bool known = dc_pixels_layout(&layout, &x->context->unpack, format, type, width, height, depth);
    return holds(x, is_offset, offset, known ? layout.end : UINT64_MAX);
}

void
dc_exec_TexImage2D(struct dc_exec *x, const struct dc_cmd_TexImage2D *c)
{
    struct source s;
    struct dc_ledger_change change;
    uint64_t need = image_bytes(c->format, c->type, c->width, c->height, 1);
    if (!fits_buffer(x, c->pixels_is_offset, c->pixels_offset, c->format, c->type, c->width, c->height, 1) ||
        !dc_storage_begin(x, &change, c->target, c->level, (GLenum)c->internalformat,
                          dc_pixels_bytes_per_pixel(c->format, c->type), c->width, c->height, 1) ||
        !begin(x, c->pixels_is_offset, c->pixels_offset, &c->pixels, need, &s))
        return;
    x->gl->TexImage2D(c->target, c->level, c->internalformat, c->width, c->height, c->border, c->format, c->type,
                      s.pointer);
    end(x, &s);
    dc_ledger_end(x, &change);
}

void
dc_exec_TexImage3D(struct dc_exec *x, const struct dc_cmd_TexImage3D *c)
{
    struct source s;
    struct dc_ledger_change change;
    uint64_t need = image_bytes(c->format, c->type, c->width, c->height, c->depth);
    if (!fits_buffer(x, c->pixels_is_offset, c->pixels_offset, c->format, c->type, c->width, c->height, c->depth) ||
        !dc_storage_begin(x, &change, c->target, c->level, (GLenum)c->internalformat,
                          dc_pixels_bytes_per_pixel(c->format, c->type), c->width, c->height, c->depth) ||
        !begin(x, c->pixels_is_offset, c->pixels_offset, &c->pixels, need, &s))
        return;
    x->gl->TexImage3D(c->target, c->level, c->internalformat, c->width, c->height, c->depth, c->border, c->format,
                      c->type, s.pointer);
    end(x, &s);
    dc_ledger_end(x, &change);
}

/* A sub-image without data changes nothing: with a size of 0 the driver still checks the other arguments, and whether
 * it would have fitted is checked here. An unknown format keeps its sizes, since the driver refuses it before it looks
 * at data. */
static bool
is_empty(const struct source *s, bool is_offset, uint64_t need)
{
    return !s->pointer && !is_offset && need && need != UINT64_MAX;
}

/* The error of an empty sub-image that the driver saw with a width of 0. */
static void
check_empty(struct dc_exec *x, GLenum target, GLint level, const GLint at[3], const GLsizei size[3])
{
    static const GLenum pnames[] = { GL_TEXTURE_WIDTH, GL_TEXTURE_HEIGHT, GL_TEXTURE_DEPTH };
    if (dc_exec_collect_error(x) || x->context->version < 31)
        return;
    for (int i = 0; i < 3; i++) {
        GLint have = 0;
        x->gl->GetTexLevelParameteriv(target, level, pnames[i], &have);
        if ((int64_t)at[i] + size[i] > (have > 0 ? have : 1)) {
            dc_exec_raise(x, GL_INVALID_VALUE);
            return;
        }
    }
}

void
dc_exec_TexSubImage2D(struct dc_exec *x, const struct dc_cmd_TexSubImage2D *c)
{
    struct source s;
    uint64_t need = image_bytes(c->format, c->type, c->width, c->height, 1);
    if (!fits_buffer(x, c->pixels_is_offset, c->pixels_offset, c->format, c->type, c->width, c->height, 1) ||
        !begin(x, c->pixels_is_offset, c->pixels_offset, &c->pixels, need, &s))
        return;
    bool empty = is_empty(&s, c->pixels_is_offset && x->context->pixel_unpack_buffer, need);
    x->gl->TexSubImage2D(c->target, c->level, c->xoffset, c->yoffset, empty && c->width > 0 ? 0 : c->width, c->height,
                         c->format, c->type, s.pointer);
    if (empty)
        check_empty(x, c->target, c->level, (GLint[]){ c->xoffset, c->yoffset, 0 },
                    (GLsizei[]){ c->width, c->height, 1 });
    end(x, &s);
}

void
dc_exec_TexSubImage3D(struct dc_exec *x, const struct dc_cmd_TexSubImage3D *c)
{
    struct source s;
    uint64_t need = image_bytes(c->format, c->type, c->width, c->height, c->depth);
    if (!fits_buffer(x, c->pixels_is_offset, c->pixels_offset, c->format, c->type, c->width, c->height, c->depth) ||
        !begin(x, c->pixels_is_offset, c->pixels_offset, &c->pixels, need, &s))
        return;
    bool empty = is_empty(&s, c->pixels_is_offset && x->context->pixel_unpack_buffer, need);
    x->gl->TexSubImage3D(c->target, c->level, c->xoffset, c->yoffset, c->zoffset, empty && c->width > 0 ? 0 : c->width,
                         c->height, c->depth, c->format, c->type, s.pointer);
    if (empty)
        check_empty(x, c->target, c->level, (GLint[]){ c->xoffset, c->yoffset, c->zoffset },
                    (GLsizei[]){ c->width, c->height, c->depth });
    end(x, &s);
}

/* The driver checks imageSize against format and sizes, and reads imageSize bytes. */
static uint64_t
compressed_bytes(GLsizei image_size)
{
    return image_size > 0 ? (uint64_t)image_size : 0;
}

static bool
begin_compressed(struct dc_exec *x, bool is_offset, uint64_t offset, const struct dc_blob *blob, GLsizei image_size,
                 struct source *source)
{
    uint64_t need = compressed_bytes(image_size);
    return holds(x, is_offset, offset, need) && begin(x, is_offset, offset, blob, need, source);
}

void
dc_exec_CompressedTexImage2D(struct dc_exec *x, const struct dc_cmd_CompressedTexImage2D *c)
{
    struct source s;
    struct dc_ledger_change change;
    // GLES 1.1: all mipmaps at once, as many as the level is below 0, which the driver unpacks.
    bool has_palette = x->context->api == DC_API_GLES1 && c->internalformat >= GL_PALETTE4_RGB8_OES &&
                       c->internalformat <= GL_PALETTE8_RGB5_A1_OES && c->level <= 0;
    if (!holds(x, c->data_is_offset, c->data_offset, compressed_bytes(c->imageSize)) ||
        !dc_storage_begin(x, &change, c->target, has_palette ? 0 : c->level, c->internalformat, 0, c->width, c->height,
                          has_palette ? 2 : 1) ||
        !begin(x, c->data_is_offset, c->data_offset, &c->data, compressed_bytes(c->imageSize), &s))
        return;
    x->gl->CompressedTexImage2D(c->target, c->level, c->internalformat, c->width, c->height, c->border, c->imageSize,
                                s.pointer);
    end(x, &s);
    dc_ledger_end(x, &change);
}

void
dc_exec_CompressedTexImage3D(struct dc_exec *x, const struct dc_cmd_CompressedTexImage3D *c)
{
    struct source s;
    struct dc_ledger_change change;
    if (!holds(x, c->data_is_offset, c->data_offset, compressed_bytes(c->imageSize)) ||
        !dc_storage_begin(x, &change, c->target, c->level, c->internalformat, 0, c->width, c->height, c->depth) ||
        !begin(x, c->data_is_offset, c->data_offset, &c->data, compressed_bytes(c->imageSize), &s))
        return;
    x->gl->CompressedTexImage3D(c->target, c->level, c->internalformat, c->width, c->height, c->depth, c->border,
                                c->imageSize, s.pointer);
    end(x, &s);
    dc_ledger_end(x, &change);
}

/* A compressed sub-image without data is still to get the errors of its other arguments. Its size cannot become 0, since
 * that would be another error, and NULL is an address to some drivers: zeros stand in, since GL leaves undefined what is
 * stored. false: no memory for that, which GL says. `zeros`: to be freed after the call. */
static bool
replace_nothing(struct dc_exec *x, struct source *s, bool is_offset, GLsizei size_bytes, void **zeros)
{
    if (s->pointer || (is_offset && x->context->pixel_unpack_buffer) || size_bytes <= 0)
        return true;
    *zeros = (uint64_t)size_bytes <= x->quota.buffer_bytes ? calloc(1, (size_t)size_bytes) : NULL;
    s->pointer = *zeros;
    if (*zeros)
        return true;
    dc_exec_raise(x, GL_OUT_OF_MEMORY);
    end(x, s);
    return false;
}

void
dc_exec_CompressedTexSubImage2D(struct dc_exec *x, const struct dc_cmd_CompressedTexSubImage2D *c)
{
    struct source s;
    void *zeros = NULL;
    if (!begin_compressed(x, c->data_is_offset, c->data_offset, &c->data, c->imageSize, &s) ||
        !replace_nothing(x, &s, c->data_is_offset, c->imageSize, &zeros))
        return;
    x->gl->CompressedTexSubImage2D(c->target, c->level, c->xoffset, c->yoffset, c->width, c->height, c->format,
                                   c->imageSize, s.pointer);
    end(x, &s);
    free(zeros);
}

void
dc_exec_CompressedTexSubImage3D(struct dc_exec *x, const struct dc_cmd_CompressedTexSubImage3D *c)
{
    struct source s;
    void *zeros = NULL;
    if (!begin_compressed(x, c->data_is_offset, c->data_offset, &c->data, c->imageSize, &s) ||
        !replace_nothing(x, &s, c->data_is_offset, c->imageSize, &zeros))
        return;
    x->gl->CompressedTexSubImage3D(c->target, c->level, c->xoffset, c->yoffset, c->zoffset, c->width, c->height,
                                   c->depth, c->format, c->imageSize, s.pointer);
    end(x, &s);
    free(zeros);
}

/* The texel of GL_EXT_clear_texture, NULL: zeros. false: failed. */
static bool
texel(struct dc_exec *x, const struct dc_blob *blob, GLenum format, GLenum type, const void **data)
{
    uint32_t bytes = dc_pixels_bytes_per_pixel(format, type);
    *data = NULL;
    if (!blob->data || !bytes)
        return true;
    if (!dc_exec_check_blob(x, blob, bytes, 1))
        return false;
    *data = blob->data;
    return true;
}

void
dc_exec_ClearTexImageEXT(struct dc_exec *x, const struct dc_cmd_ClearTexImageEXT *c)
{
    const void *data;
    if (texel(x, &c->data, c->format, c->type, &data))
        x->gl->ClearTexImageEXT(dc_exec_name(x, DC_NAMES_TEXTURE, c->texture), c->level, c->format, c->type, data);
}

void
dc_exec_ClearTexSubImageEXT(struct dc_exec *x, const struct dc_cmd_ClearTexSubImageEXT *c)
{
    const void *data;
    if (texel(x, &c->data, c->format, c->type, &data))
        x->gl->ClearTexSubImageEXT(dc_exec_name(x, DC_NAMES_TEXTURE, c->texture), c->level, c->x, c->y, c->z, c->width,
                                   c->height, c->depth, c->format, c->type, data);
}
