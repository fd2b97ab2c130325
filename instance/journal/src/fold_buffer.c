/* Contents of buffers. */
#include "fold.h"

#include <stdlib.h>
#include <string.h>

#include <gles_opcodes.h>
#include <protocol/gles/encoder.h>

#include <GLES3/gl32.h>

#define MOST_BYTES (1ll << 31) // a buffer of more is not kept

void
dc_fold_buffer_data(struct dc_fold *fold) // target, size, usage, data
{
    struct dc_object *buffer = fold->context && fold->count > 6 ? dc_fold_buffer(fold, fold->w[1]) : NULL;
    if (!buffer)
        return;
    int64_t size_bytes = (int64_t)dc_fold_u64(fold, 2);
    if (size_bytes < 0)
        return;
    dc_store_reset(&buffer->store, size_bytes, fold->w[4]);
    buffer->loss = size_bytes > MOST_BYTES ? "too large to keep" : NULL;
    struct dc_content *content = dc_fold_blob_content(fold, 5);
    if (content && buffer->loss)
        dc_content_unref(content);
    else if (content && !dc_store_write(&buffer->store, &fold->journal->contents, 0, content))
        dc_fold_out_of_memory(fold);
}

void
dc_fold_buffer_sub_data(struct dc_fold *fold) // target, offset, size, data
{
    struct dc_object *buffer = fold->context && fold->count > 7 ? dc_fold_buffer(fold, fold->w[1]) : NULL;
    if (!buffer || buffer->store.size_bytes > MOST_BYTES)
        return;
    struct dc_contents *contents = &fold->journal->contents;
    int64_t offset = (int64_t)dc_fold_u64(fold, 2);
    uint32_t size_bytes;
    const void *data = dc_fold_blob(fold, 6, &size_bytes);
    bool ok = true;
    if (data && fold->w[7] == DC_BLOB_INLINE)
        ok = dc_store_write_bytes(&buffer->store, contents, offset, data, size_bytes);
    else if (data)
        ok = dc_store_write(&buffer->store, contents, offset, dc_fold_blob_content(fold, 6));
    if (!ok)
        dc_fold_out_of_memory(fold);
}

void
dc_fold_copy_buffer(struct dc_fold *fold) // targets, offsets, size
{
    struct dc_object *from = fold->context && fold->count == 9 ? dc_fold_buffer(fold, fold->w[1]) : NULL;
    struct dc_object *to = from ? dc_fold_buffer(fold, fold->w[2]) : NULL;
    int64_t read_offset = (int64_t)dc_fold_u64(fold, 3), write_offset = (int64_t)dc_fold_u64(fold, 5);
    int64_t size_bytes = (int64_t)dc_fold_u64(fold, 7);
    if (!to || size_bytes <= 0 || size_bytes > from->store.size_bytes || size_bytes > to->store.size_bytes)
        return;
    uint8_t *bytes = from->loss ? NULL : malloc((size_t)size_bytes);
    bool known = bytes && dc_store_read(&from->store, read_offset, size_bytes, bytes);
    if (!known)
        dc_fold_mark_lost(to, "copied from a buffer that is lost");
    else if (!dc_store_write_bytes(&to->store, &fold->journal->contents, write_offset, bytes, (uint32_t)size_bytes))
        dc_fold_out_of_memory(fold);
    free(bytes);
}

/* Vertices in the application's memory that the worker keeps in a slot; slot 0 is for one draw only. */
void
dc_fold_client_range(struct dc_fold *fold) // slot, pad, data; or slot
{
    if (!fold->context || !fold->w[1])
        return;
    struct dc_object *range = dc_fold_find(fold, DC_OBJECT_RANGE, fold->w[1]);
    if (range)
        dc_objects_delete(range);
    if (fold->op == DC_OP_dcClientEvict || fold->count < 5)
        return;
    range = dc_fold_bound(fold, DC_OBJECT_RANGE, fold->w[1]);
    struct dc_image_step step = { .kind = DC_IMAGE_WHOLE, .word_count = 3, .has_blob = true,
                                  .content = range ? dc_fold_blob_content(fold, 3) : NULL };
    memcpy(step.words, fold->w, 3 * 4);
    if (range && !dc_image_add(&range->image, &fold->journal->contents, &step))
        dc_fold_out_of_memory(fold);
}

void
dc_fold_read_pixels(struct dc_fold *fold)
{
    bool into_buffer = fold->context && fold->count > 8 && fold->w[fold->op == DC_OP_ReadPixels ? 8 : 9];
    if (into_buffer)
        dc_fold_mark_lost(dc_fold_buffer(fold, GL_PIXEL_PACK_BUFFER), "read from a framebuffer");
}
