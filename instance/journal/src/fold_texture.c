/* Storage and contents of textures. */
#include "fold.h"

#include <stdlib.h>
#include <string.h>

#include <gles_opcodes.h>
#include <protocol/gles/pixels.h>
#include <protocol/gles/table.h>

#include <GLES3/gl32.h>

static struct dc_object *
texture_of(struct dc_fold *fold)
{
    return fold->context && fold->count > 1 ? dc_fold_texture(fold, fold->w[1]) : NULL;
}

static void
add(struct dc_fold *fold, struct dc_object *texture, struct dc_image_step *step)
{
    step->order = fold->journal->order;
    if (!dc_image_add(&texture->image, &fold->journal->contents, step))
        dc_fold_out_of_memory(fold);
}

static int32_t
unpack_value(const struct dc_fold *fold, uint32_t pname, int32_t otherwise)
{
    struct dc_recipe_entry *entry = dc_recipe_find(&fold->context->state, dc_recipe_key(DC_OP_PixelStorei, pname, 0));
    return entry ? (int32_t)entry->words[2] : otherwise;
}

/* Tight texels out of the bound unpack buffer; NULL: not known, or they are compressed and need no layout. */
static struct dc_content *
from_unpack_buffer(struct dc_fold *fold, const struct dc_image_step *step, bool is_3d, uint64_t offset)
{
    const struct dc_object *buffer = dc_fold_buffer(fold, GL_PIXEL_UNPACK_BUFFER);
    const struct dc_image_box *box = &step->box;
    struct dc_pixel_store store = {
        .alignment = unpack_value(fold, GL_UNPACK_ALIGNMENT, 4),
        .row_length = unpack_value(fold, GL_UNPACK_ROW_LENGTH, 0),
        .skip_pixels = unpack_value(fold, GL_UNPACK_SKIP_PIXELS, 0),
        .skip_rows = unpack_value(fold, GL_UNPACK_SKIP_ROWS, 0),
    };
    if (is_3d) {
        store.image_height = unpack_value(fold, GL_UNPACK_IMAGE_HEIGHT, 0);
        store.skip_images = unpack_value(fold, GL_UNPACK_SKIP_IMAGES, 0);
    }
    struct dc_pixels_layout layout;
    uint64_t size_bytes = dc_pixels_size(step->format, step->type, box->width, box->height, box->depth);
    if (!buffer || buffer->loss || !size_bytes || size_bytes > UINT32_MAX ||
        !dc_pixels_layout(&layout, &store, step->format, step->type, box->width, box->height, box->depth) ||
        layout.end > (uint64_t)buffer->store.size_bytes)
        return NULL;
    uint8_t *bytes = malloc(layout.end);
    struct dc_content *content = NULL;
    if (bytes && dc_store_read(&buffer->store, (int64_t)offset, (int64_t)layout.end, bytes))
        content = dc_content_copy(&fold->journal->contents, NULL, size_bytes);
    uint8_t *tight = dc_content_own(content);
    if (tight)
        dc_pixels_pack(tight, bytes, &layout, box->height, box->depth);
    free(bytes);
    return content;
}

static struct dc_content *
compressed_from_unpack_buffer(struct dc_fold *fold, uint32_t size_bytes, uint64_t offset)
{
    const struct dc_object *buffer = dc_fold_buffer(fold, GL_PIXEL_UNPACK_BUFFER);
    uint8_t *bytes = buffer && !buffer->loss && size_bytes <= (uint64_t)buffer->store.size_bytes ? malloc(size_bytes + 1)
                                                                                               : NULL;
    struct dc_content *content = NULL;
    if (bytes && dc_store_read(&buffer->store, (int64_t)offset, size_bytes, bytes))
        content = dc_content_copy(&fold->journal->contents, bytes, size_bytes);
    free(bytes);
    return content;
}

/* Scalars and data of an upload whose is_offset is word `at`; `size_at` is the word with the size of compressed data, 0
 * for texels. */
static void
take_data(struct dc_fold *fold, struct dc_object *texture, struct dc_image_step *step, uint32_t at, uint32_t size_at,
          bool is_3d)
{
    step->word_count = at + 3;
    step->has_blob = true;
    memcpy(step->words, fold->w, (at + 3) * 4);
    if (fold->w[at]) {
        uint64_t offset = dc_fold_u64(fold, at + 1);
        step->content = size_at ? compressed_from_unpack_buffer(fold, fold->w[size_at], offset)
                                : from_unpack_buffer(fold, step, is_3d, offset);
        memset(step->words + at, 0, 3 * 4);
        if (!step->content)
            dc_fold_mark_lost(texture, "uploaded from a buffer that is lost");
    } else {
        step->content = dc_fold_blob_content(fold, at + 3);
    }
}

void
dc_fold_tex_image(struct dc_fold *fold)
{
    struct dc_object *texture = texture_of(fold);
    bool is_3d = fold->op == DC_OP_TexImage3D || fold->op == DC_OP_CompressedTexImage3D;
    bool compressed = fold->op == DC_OP_CompressedTexImage2D || fold->op == DC_OP_CompressedTexImage3D;
    const uint32_t *w = fold->w;
    uint32_t after = is_3d ? 7 : 6; // border
    uint32_t at = after + (compressed ? 2 : 3);
    if (!texture || fold->count < at + 5 || (int32_t)w[4] < 0 || (int32_t)w[5] < 0)
        return;
    struct dc_image_step step = {
        .kind = DC_IMAGE_WHOLE,
        .box = { w[1], (int32_t)w[2], 0, 0, 0, (int32_t)w[4], (int32_t)w[5], is_3d ? (int32_t)w[6] : 1 },
        .format = compressed ? 0 : w[after + 1],
        .type = compressed ? 0 : w[after + 2],
    };
    texture->loss = NULL;
    dc_fold_orphan_images(fold, texture, w[2]);
    fold->journal->generation++;
    take_data(fold, texture, &step, at, compressed ? after + 1 : 0, is_3d);
    add(fold, texture, &step);
}

void
dc_fold_tex_sub_image(struct dc_fold *fold)
{
    struct dc_object *texture = texture_of(fold);
    bool is_3d = fold->op == DC_OP_TexSubImage3D || fold->op == DC_OP_CompressedTexSubImage3D;
    bool compressed = fold->op == DC_OP_CompressedTexSubImage2D || fold->op == DC_OP_CompressedTexSubImage3D;
    const uint32_t *w = fold->w;
    uint32_t at = is_3d ? 11 : 9;
    if (!texture || fold->count < at + 5)
        return;
    struct dc_image_step step = { .kind = DC_IMAGE_PART };
    if (is_3d)
        step.box = (struct dc_image_box){ w[1], (int32_t)w[2], (int32_t)w[3], (int32_t)w[4], (int32_t)w[5],
                                          (int32_t)w[6], (int32_t)w[7], (int32_t)w[8] };
    else
        step.box = (struct dc_image_box){ w[1], (int32_t)w[2], (int32_t)w[3], (int32_t)w[4], 0, (int32_t)w[5],
                                          (int32_t)w[6], 1 };
    if (step.box.x < 0 || step.box.y < 0 || step.box.z < 0 || step.box.width <= 0 || step.box.height <= 0 ||
        step.box.depth <= 0)
        return;
    step.format = compressed ? 0 : w[at - 2];
    step.type = compressed ? 0 : w[at - 1];
    step.pixel_bytes = compressed ? 0 : dc_pixels_bytes_per_pixel(step.format, step.type);
    step.box_at = 3;
    step.box_axes = is_3d ? 3 : 2;
    take_data(fold, texture, &step, at, compressed ? at - 1 : 0, is_3d);
    if (step.content)
        add(fold, texture, &step);
}

void
dc_fold_tex_storage(struct dc_fold *fold)
{
    struct dc_object *texture = texture_of(fold);
    if (!texture || fold->count < 6)
        return;
    struct dc_image_step step = { .kind = DC_IMAGE_STORAGE, .word_count = fold->count };
    step.box = (struct dc_image_box){ .target = fold->w[1], .width = (int32_t)fold->w[4], .height = (int32_t)fold->w[5],
                                      .depth = fold->op == DC_OP_TexStorage3D ? (int32_t)fold->w[6] : 1 };
    memcpy(step.words, fold->w, fold->count * 4);
    texture->loss = NULL;
    fold->journal->generation++;
    add(fold, texture, &step);
}

/* Format and type with which glTexImage makes storage of an internal format. */
static void
upload_format(uint32_t internal, uint32_t *format, uint32_t *type)
{
    static const struct {
        uint32_t internal, format, type;
    } table[] = {
        { GL_RGBA8, GL_RGBA, GL_UNSIGNED_BYTE }, { GL_RGB8, GL_RGB, GL_UNSIGNED_BYTE },
        { GL_RGB565, GL_RGB, GL_UNSIGNED_SHORT_5_6_5 }, { GL_RGBA4, GL_RGBA, GL_UNSIGNED_SHORT_4_4_4_4 },
        { GL_RGB5_A1, GL_RGBA, GL_UNSIGNED_SHORT_5_5_5_1 }, { GL_SRGB8_ALPHA8, GL_RGBA, GL_UNSIGNED_BYTE },
        { GL_SRGB8, GL_RGB, GL_UNSIGNED_BYTE }, { GL_R8, GL_RED, GL_UNSIGNED_BYTE }, { GL_RG8, GL_RG, GL_UNSIGNED_BYTE },
        { GL_RGB10_A2, GL_RGBA, GL_UNSIGNED_INT_2_10_10_10_REV }, { GL_R16F, GL_RED, GL_HALF_FLOAT },
        { GL_RG16F, GL_RG, GL_HALF_FLOAT }, { GL_RGB16F, GL_RGB, GL_HALF_FLOAT },
        { GL_RGBA16F, GL_RGBA, GL_HALF_FLOAT }, { GL_R32F, GL_RED, GL_FLOAT }, { GL_RG32F, GL_RG, GL_FLOAT },
        { GL_RGBA32F, GL_RGBA, GL_FLOAT }, { GL_R11F_G11F_B10F, GL_RGB, GL_FLOAT },
        { GL_R8UI, GL_RED_INTEGER, GL_UNSIGNED_BYTE }, { GL_RGBA8UI, GL_RGBA_INTEGER, GL_UNSIGNED_BYTE },
        { GL_R8I, GL_RED_INTEGER, GL_BYTE }, { GL_RGBA8I, GL_RGBA_INTEGER, GL_BYTE },
        { GL_R16UI, GL_RED_INTEGER, GL_UNSIGNED_SHORT }, { GL_RGBA16UI, GL_RGBA_INTEGER, GL_UNSIGNED_SHORT },
        { GL_R16I, GL_RED_INTEGER, GL_SHORT }, { GL_RGBA16I, GL_RGBA_INTEGER, GL_SHORT },
        { GL_R32UI, GL_RED_INTEGER, GL_UNSIGNED_INT }, { GL_RGBA32UI, GL_RGBA_INTEGER, GL_UNSIGNED_INT },
        { GL_R32I, GL_RED_INTEGER, GL_INT }, { GL_RGBA32I, GL_RGBA_INTEGER, GL_INT },
    };
    *format = internal; // the old unsized ones
    *type = GL_UNSIGNED_BYTE;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].internal != internal)
            continue;
        *format = table[i].format;
        *type = table[i].type;
    }
}

/* What was in the framebuffer is gone; the storage comes back as if nothing had been uploaded. */
void
dc_fold_copy_tex_image(struct dc_fold *fold) // target, level, internalformat, x, y, width, height, border
{
    struct dc_object *texture = texture_of(fold);
    const uint32_t *w = fold->w;
    if (!texture || fold->count != 9 || (int32_t)w[6] < 0 || (int32_t)w[7] < 0)
        return;
    struct dc_image_step step = {
        .kind = DC_IMAGE_WHOLE, .has_blob = true, .word_count = 12,
        .box = { w[1], (int32_t)w[2], 0, 0, 0, (int32_t)w[6], (int32_t)w[7], 1 },
    };
    dc_fold_orphan_images(fold, texture, w[2]);
    upload_format(w[3], &step.format, &step.type);
    const uint32_t words[12] = { DC_OP_TexImage2D, w[1], w[2], w[3], w[6], w[7], 0, step.format, step.type };
    memcpy(step.words, words, sizeof words);
    fold->journal->generation++;
    add(fold, texture, &step);
    dc_fold_mark_lost(texture, "copied from a framebuffer");
}

void
dc_fold_copy_tex_sub_image(struct dc_fold *fold)
{
    dc_fold_mark_lost(texture_of(fold), "copied from a framebuffer");
}

/* Not lost: made again from the level that it was made from. */
void
dc_fold_generate_mipmap(struct dc_fold *fold)
{
    struct dc_object *texture = texture_of(fold);
    if (!texture)
        return;
    struct dc_image_step step = { .kind = DC_IMAGE_MIPMAP, .word_count = 2, .box = { .target = fold->w[1] } };
    memcpy(step.words, fold->w, 2 * 4);
    fold->journal->generation++;
    add(fold, texture, &step);
}

void
dc_fold_tex_buffer(struct dc_fold *fold) // target, internalformat, buffer, …
{
    struct dc_object *texture = texture_of(fold);
    if (!texture || fold->count < 4)
        return;
    struct dc_object *buffer = dc_fold_find(fold, DC_OBJECT_BUFFER, fold->w[3]);
    struct dc_recipe_entry *entry =
        dc_fold_put(fold, &texture->recipe, dc_recipe_key(DC_OP_TexBuffer, 0, 0));
    if (entry)
        dc_recipe_set_ref(entry, buffer, 3);
}

void
dc_fold_copy_image(struct dc_fold *fold) // source: name, target, level, x, y, z; the same of the destination
{
    if (!fold->context || fold->count < 9)
        return;
    enum dc_object_kind kind = fold->w[8] == GL_RENDERBUFFER ? DC_OBJECT_RENDERBUFFER : DC_OBJECT_TEXTURE;
    dc_fold_mark_lost(dc_fold_find(fold, kind, fold->w[7]), "copied by the GPU");
}

/* One texel, or none for zeros, into a level or a box of one. */
void
dc_fold_clear_texture(struct dc_fold *fold) // texture, level, (x, y, z, width, height, depth,) format, type, texel
{
    struct dc_object *texture = fold->context ? dc_fold_find(fold, DC_OBJECT_TEXTURE, fold->w[1]) : NULL;
    uint32_t at = dc_op_info(fold->op)->fixed_words;
    if (!texture || fold->count < at + 2)
        return;
    struct dc_image_step step = { .kind = DC_IMAGE_CLEAR, .has_blob = true, .names_itself = true, .word_count = at,
                                  .box = { 0, (int32_t)fold->w[2], 0, 0, 0, INT32_MAX, INT32_MAX, INT32_MAX } };
    if (fold->op == DC_OP_ClearTexSubImageEXT)
        memcpy(&step.box.x, fold->w + 3, 6 * 4);
    if (step.box.x < 0 || step.box.y < 0 || step.box.z < 0 || step.box.width <= 0 || step.box.height <= 0 ||
        step.box.depth <= 0)
        return;
    memcpy(step.words, fold->w, at * 4);
    step.content = dc_fold_blob_content(fold, at);
    add(fold, texture, &step);
}
