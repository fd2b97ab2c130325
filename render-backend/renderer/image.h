#ifndef DC_RENDERER_IMAGE_H
#define DC_RENDERER_IMAGE_H
/*
 * An image of a shared-memory client, kept in memory: uploads wait until dcImageCommit applies them in one piece, so
 * that the compositor never sees half a frame.
 */
#include "renderer_private.h"

struct dc_image_upload {
    struct dc_image_upload *next;
    uint32_t x, y, width, height;
    uint8_t pixels[]; // tight BGRA rows
};

struct dc_image_rect {
    uint32_t x0, y0, x1, y1; // empty: x0 == x1
};

struct dc_image {
    struct dc_image *next; // executor->images
    struct dc_renderer *renderer;
    uint64_t serial; // unique in the renderer
    uint32_t id, width, height;
    bool alpha;
    uint32_t refs; // protected by renderer->lock
    bool gone;     // same: destroyed, kept for those who show it
    // executor thread
    struct dc_image_upload *uploads, **uploads_end;
    uint64_t uploads_bytes;
    pthread_mutex_t lock;
    // protected by lock
    uint8_t *pixels; // owned, BGRA, tight, top row first
    uint64_t seq;    // newest commit, 0: none
    struct dc_image_rect dirty; // since the compositor looked
};

struct dc_image *dc_image_find(struct dc_executor *executor, uint32_t id);
void dc_image_destroy_all(struct dc_executor *executor);
/* With renderer->lock held: returns the image if it is to be freed (dc_image_free, without lock). */
struct dc_image *dc_image_unref_locked(struct dc_image *image);
void dc_image_free(struct dc_image *image);

#endif
