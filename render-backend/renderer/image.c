#include "image.h"

#include <stdlib.h>
#include <string.h>

#include <gles_decode.h>

#include "compositor.h"

#define MAX_IMAGES 1024u
#define MAX_UPLOADS_BYTES (256ull << 20)

struct dc_image *
dc_image_find(struct dc_executor *executor, uint32_t id)
{
    for (struct dc_image *image = executor->images; image; image = image->next) {
        if (image->id == id)
            return image;
    }
    return NULL;
}

static void
drop_uploads(struct dc_image *image)
{
    while (image->uploads) {
        struct dc_image_upload *upload = image->uploads;
        image->uploads = upload->next;
        free(upload);
    }
    image->uploads_end = &image->uploads;
    image->uploads_bytes = 0;
}

void
dc_image_free(struct dc_image *image)
{
    if (!image)
        return;
    drop_uploads(image);
    pthread_mutex_destroy(&image->lock);
    dc_ledger_give(&image->renderer->ledger, (uint64_t)image->width * image->height * 4);
    free(image->pixels);
    free(image);
}

struct dc_image *
dc_image_unref_locked(struct dc_image *image)
{
    return image && --image->refs == 0 ? image : NULL;
}

void
dc_exec_dcImageCreate(struct dc_exec *x, const struct dc_cmd_dcImageCreate *c)
{
    struct dc_executor *executor = dc_executor_of(x);
    struct dc_renderer *renderer = executor->renderer;
    if (!c->image || dc_image_find(executor, c->image) || executor->image_count >= MAX_IMAGES) {
        dc_exec_fail(x, 0, "image id is taken, or too many images");
        return;
    }
    if (!c->width || !c->height || c->width > renderer->config.max_width || c->height > renderer->config.max_height) {
        dc_exec_fail(x, 0, "image size is outside the quota");
        return;
    }
    uint64_t size_bytes = (uint64_t)c->width * c->height * 4;
    bool taken = dc_ledger_take(&renderer->ledger, size_bytes);
    struct dc_image *image = calloc(1, sizeof *image);
    uint8_t *pixels = taken ? calloc(1, size_bytes) : NULL;
    if (!image || !pixels) {
        dc_ledger_give(&renderer->ledger, taken ? size_bytes : 0);
        free(image);
        free(pixels);
        dc_exec_fail(x, 0, "out of memory");
        return;
    }
    *image = (struct dc_image){
        .renderer = renderer,
        .serial = atomic_fetch_add(&renderer->next_serial, 1),
        .id = c->image,
        .width = c->width,
        .height = c->height,
        .alpha = c->alpha != 0,
        .refs = 1,
        .pixels = pixels,
    };
    image->uploads_end = &image->uploads;
    pthread_mutex_init(&image->lock, NULL);
    pthread_mutex_lock(&renderer->lock);
    image->next = executor->images;
    executor->images = image;
    executor->image_count++;
    pthread_mutex_unlock(&renderer->lock);
}

void
dc_exec_dcImageUpload(struct dc_exec *x, const struct dc_cmd_dcImageUpload *c)
{
    struct dc_image *image = dc_image_find(dc_executor_of(x), c->image);
    if (!image) {
        dc_exec_fail(x, 0, "unknown image");
        return;
    }
    uint64_t size_bytes = (uint64_t)c->w * c->h * 4;
    if (!c->w || !c->h || c->w > image->width || c->h > image->height || c->x > image->width - c->w ||
        c->y > image->height - c->h || !c->data.data || c->data.size_bytes < size_bytes) {
        dc_exec_fail(x, 0, "upload outside the image, or short data");
        return;
    }
    struct dc_image_upload *upload = NULL;
    if (image->uploads_bytes + size_bytes <= MAX_UPLOADS_BYTES)
        upload = malloc(sizeof *upload + size_bytes);
    if (!upload) {
        dc_exec_fail(x, 0, "too many uploads without a commit");
        return;
    }
    *upload = (struct dc_image_upload){ .x = c->x, .y = c->y, .width = c->w, .height = c->h };
    memcpy(upload->pixels, c->data.data, size_bytes);
    *image->uploads_end = upload;
    image->uploads_end = &upload->next;
    image->uploads_bytes += size_bytes;
}

static void
apply(struct dc_image *image, const struct dc_image_upload *upload)
{
    for (uint32_t row = 0; row < upload->height; row++)
        memcpy(image->pixels + ((size_t)(upload->y + row) * image->width + upload->x) * 4,
               upload->pixels + (size_t)row * upload->width * 4, (size_t)upload->width * 4);
    struct dc_image_rect *d = &image->dirty;
    const struct dc_image_rect u = { upload->x, upload->y, upload->x + upload->width, upload->y + upload->height };
    if (d->x0 == d->x1) {
        *d = u;
        return;
    }
    d->x0 = u.x0 < d->x0 ? u.x0 : d->x0;
    d->y0 = u.y0 < d->y0 ? u.y0 : d->y0;
    d->x1 = u.x1 > d->x1 ? u.x1 : d->x1;
    d->y1 = u.y1 > d->y1 ? u.y1 : d->y1;
}

void
dc_exec_dcImageCommit(struct dc_exec *x, const struct dc_cmd_dcImageCommit *c)
{
    struct dc_image *image = dc_image_find(dc_executor_of(x), c->image);
    if (!image) {
        dc_exec_fail(x, 0, "unknown image");
        return;
    }
    pthread_mutex_lock(&image->lock);
    for (const struct dc_image_upload *upload = image->uploads; upload; upload = upload->next)
        apply(image, upload);
    image->seq = c->seq;
    pthread_mutex_unlock(&image->lock);
    drop_uploads(image);
    dc_compositor_handle_swap(image->renderer->compositor);
}

static void
unlist(struct dc_executor *executor, struct dc_image *image)
{
    pthread_mutex_lock(&executor->renderer->lock);
    for (struct dc_image **at = &executor->images; *at; at = &(*at)->next) {
        if (*at == image) {
            *at = image->next;
            break;
        }
    }
    executor->image_count--;
    image->gone = true;
    image = dc_image_unref_locked(image);
    pthread_mutex_unlock(&executor->renderer->lock);
    dc_image_free(image);
}

void
dc_exec_dcImageDestroy(struct dc_exec *x, const struct dc_cmd_dcImageDestroy *c)
{
    struct dc_image *image = dc_image_find(dc_executor_of(x), c->image);
    if (image)
        unlist(dc_executor_of(x), image);
    else
        dc_exec_fail(x, 0, "unknown image");
}

void
dc_image_destroy_all(struct dc_executor *executor)
{
    while (executor->images)
        unlist(executor, executor->images);
}
