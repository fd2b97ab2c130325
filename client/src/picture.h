#ifndef DC_CLIENT_PICTURE_H
#define DC_CLIENT_PICTURE_H
/* A decoded frame with its history, and the place where the newest one waits to be shown. */
#include <pthread.h>
#include <stdbool.h>

#include <libavutil/frame.h>

#include "measure.h"

struct dc_picture {
    struct dc_picture *next; // in a slot that keeps several
    AVFrame *frame; // owned; I420
    struct dc_frame_record record;
};

/* One place: the newest picture wins. Or, for a display that decides by itself at which tick each one was the newest, a
 * few, oldest first. Thread-safe. */
struct dc_picture_slot {
    pthread_mutex_t lock;
    unsigned capacity;           // set before use
    unsigned count;              // protected by lock
    struct dc_picture *picture;  // owned; the oldest; NULL: none waits
};

struct dc_picture *dc_picture_create(void);
void dc_picture_destroy(struct dc_picture *picture); // NULL is fine

void dc_picture_slot_init(struct dc_picture_slot *slot, unsigned capacity);
void dc_picture_slot_finish(struct dc_picture_slot *slot);
/* Takes ownership; returns the oldest where there is no room for it any more, or NULL. */
struct dc_picture *dc_picture_slot_put(struct dc_picture_slot *slot, struct dc_picture *picture);
/* The oldest; the caller owns it. NULL: nothing new. */
struct dc_picture *dc_picture_slot_take(struct dc_picture_slot *slot);

#endif
