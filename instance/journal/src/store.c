#include "store.h"

#include <stdlib.h>
#include <string.h>

#define MAX_PIECES 64 // more are put together

static void
destroy_piece(struct dc_store_piece *piece)
{
    dc_content_unref(piece->content);
    free(piece);
}

void
dc_store_finish(struct dc_store *store)
{
    while (store->first) {
        struct dc_store_piece *next = store->first->next;
        destroy_piece(store->first);
        store->first = next;
    }
    *store = (struct dc_store){ 0 };
}

void
dc_store_reset(struct dc_store *store, int64_t size_bytes, uint32_t usage)
{
    dc_store_finish(store);
    store->size_bytes = size_bytes;
    store->usage = usage;
    store->allocated = true;
}

static bool
covers(int64_t offset, int64_t size_bytes, const struct dc_store_piece *piece)
{
    return offset <= piece->offset && piece->offset + piece->size_bytes <= offset + size_bytes;
}

/* Drops what [offset, offset + size) overwrites whole. */
static void
drop_covered(struct dc_store *store, int64_t offset, int64_t size_bytes)
{
    store->last = NULL;
    for (struct dc_store_piece **at = &store->first; *at;) {
        struct dc_store_piece *piece = *at;
        if (covers(offset, size_bytes, piece)) {
            *at = piece->next;
            store->count--;
            destroy_piece(piece);
        } else {
            store->last = piece;
            at = &piece->next;
        }
    }
}

static bool
append(struct dc_store *store, int64_t offset, int64_t size_bytes, struct dc_content *content)
{
    struct dc_store_piece *piece = calloc(1, sizeof *piece);
    if (!piece) {
        dc_content_unref(content);
        return false;
    }
    *piece = (struct dc_store_piece){ .offset = offset, .size_bytes = size_bytes, .content = content };
    *(store->last ? &store->last->next : &store->first) = piece;
    store->last = piece;
    store->count++;
    return true;
}

/* All pieces become one. */
static bool
put_together(struct dc_store *store, struct dc_contents *contents)
{
    struct dc_content *whole = dc_content_copy(contents, NULL, (size_t)store->size_bytes);
    if (!whole)
        return false;
    uint8_t *bytes = dc_content_own(whole);
    for (struct dc_store_piece *piece = store->first; bytes && piece; piece = piece->next) {
        if (piece->content->data)
            memcpy(bytes + piece->offset, piece->content->data, (size_t)piece->size_bytes);
    }
    drop_covered(store, 0, store->size_bytes);
    return append(store, 0, store->size_bytes, whole);
}

bool
dc_store_write(struct dc_store *store, struct dc_contents *contents, int64_t offset, struct dc_content *content)
{
    int64_t size_bytes = content ? content->size_bytes : 0;
    if (!content)
        return false;
    // Refused by the driver.
    if (offset < 0 || offset > store->size_bytes || size_bytes > store->size_bytes - offset || !size_bytes) {
        dc_content_unref(content);
        return true;
    }
    drop_covered(store, offset, size_bytes);
    if (!append(store, offset, size_bytes, content))
        return false;
    return store->count <= MAX_PIECES || put_together(store, contents);
}

bool
dc_store_write_bytes(struct dc_store *store, struct dc_contents *contents, int64_t offset, const void *data,
                     uint32_t size_bytes)
{
    // Into the newest piece that takes it whole: nothing younger overlaps then.
    struct dc_store_piece *last = store->last;
    uint8_t *bytes = last && last->offset <= offset && offset + size_bytes <= last->offset + last->size_bytes
                         ? dc_content_own(last->content)
                         : NULL;
    if (bytes) {
        memcpy(bytes + (offset - last->offset), data, size_bytes);
        return true;
    }
    return dc_store_write(store, contents, offset, dc_content_copy(contents, data, size_bytes));
}

bool
dc_store_read(const struct dc_store *store, int64_t offset, int64_t size_bytes, void *out)
{
    if (offset < 0 || size_bytes <= 0 || offset > store->size_bytes || size_bytes > store->size_bytes - offset)
        return false;
    bool whole = false;
    for (const struct dc_store_piece *piece = store->first; piece; piece = piece->next) {
        int64_t from = piece->offset > offset ? piece->offset : offset;
        int64_t end = piece->offset + piece->size_bytes, limit = offset + size_bytes;
        if (end > limit)
            end = limit;
        if (from >= end)
            continue;
        if (!piece->content->data)
            return false;
        memcpy((uint8_t *)out + (from - offset), piece->content->data + (from - piece->offset), (size_t)(end - from));
        whole |= piece->offset <= offset && piece->offset + piece->size_bytes >= limit;
    }
    return whole;
}

bool
dc_store_is_incomplete(const struct dc_store *store)
{
    for (const struct dc_store_piece *piece = store->first; piece; piece = piece->next) {
        if (!piece->content->data)
            return true;
    }
    return false;
}
