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
dc_picture_slot_init(struct dc_picture_slot *slot, unsigned capacity)
{
    *slot = (struct dc_picture_slot){ .capacity = capacity };
    pthread_mutex_init(&slot->lock, NULL);
}

void
dc_picture_slot_finish(struct dc_picture_slot *slot)
{
    struct dc_picture *picture;
    while ((picture = dc_picture_slot_take(slot)))
        dc_picture_destroy(picture);
    pthread_mutex_destroy(&slot->lock);
}

static struct dc_picture *
take_locked(struct dc_picture_slot *slot)
{
    struct dc_picture *picture = slot->picture;
    if (!picture)
        return NULL;
    slot->picture = picture->next;
    slot->count--;
    picture->next = NULL;
    return picture;
}

struct dc_picture *
dc_picture_slot_put(struct dc_picture_slot *slot, struct dc_picture *picture)
{
    pthread_mutex_lock(&slot->lock);
    struct dc_picture *old = slot->count == slot->capacity ? take_locked(slot) : NULL;
    struct dc_picture **end = &slot->picture;
    while (*end)
        end = &(*end)->next;
    *end = picture;
    slot->count++;
    pthread_mutex_unlock(&slot->lock);
    return old;
}

struct dc_picture *
dc_picture_slot_take(struct dc_picture_slot *slot)
{
    pthread_mutex_lock(&slot->lock);
    struct dc_picture *picture = take_locked(slot);
    pthread_mutex_unlock(&slot->lock);
    return picture;
}
