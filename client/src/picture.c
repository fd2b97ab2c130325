#include "picture.h"

#include <stdlib.h>

struct dc_picture *
dc_picture_create(void)
{
    struct dc_picture *picture = calloc(1, sizeof(*picture));
    if (!picture)
        return NULL;
    picture->frame = av_frame_alloc();
    if (!picture->frame) {
        free(picture);
        return NULL;
    }
    return picture;
}

void
dc_picture_destroy(struct dc_picture *picture)
{
    if (!picture)
        return;
    av_frame_free(&picture->frame);
    free(picture);
}

void
dc_picture_slot_init(struct dc_picture_slot *slot)
{
    *slot = (struct dc_picture_slot){ .picture = NULL };
    pthread_mutex_init(&slot->lock, NULL);
}

void
dc_picture_slot_finish(struct dc_picture_slot *slot)
{
    dc_picture_destroy(slot->picture);
    pthread_mutex_destroy(&slot->lock);
}

struct dc_picture *
dc_picture_slot_put(struct dc_picture_slot *slot, struct dc_picture *picture)
{
    pthread_mutex_lock(&slot->lock);
    struct dc_picture *old = slot->picture;
    slot->picture = picture;
    pthread_mutex_unlock(&slot->lock);
    return old;
}

struct dc_picture *
dc_picture_slot_take(struct dc_picture_slot *slot)
{
    return dc_picture_slot_put(slot, NULL);
}
