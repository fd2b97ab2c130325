#ifndef DC_RENDERER_FRAME_POOL_H
#define DC_RENDERER_FRAME_POOL_H
/* CPU frames between compositor and encoder: one being filled, one waiting, one being encoded. */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include <common/frame.h>

#define DC_FRAME_POOL_SIZE 3

struct dc_pool_frame {
    struct dc_frame frame; // first: release() casts back
    struct dc_frame_pool *pool;
    uint8_t *data; // owned, 4 bytes a pixel
    size_t capacity;
    bool busy; // protected by pool->lock
};

struct dc_frame_pool {
    pthread_mutex_t lock;
    pthread_cond_t released;
    struct dc_pool_frame frames[DC_FRAME_POOL_SIZE];
};

void dc_frame_pool_init(struct dc_frame_pool *pool);
/* Waits until every frame is back. */
void dc_frame_pool_finish(struct dc_frame_pool *pool);
/* Waits for a free frame. NULL: out of memory. `frame.kind`, planes and strides are the caller's to set. */
struct dc_pool_frame *dc_frame_pool_get(struct dc_frame_pool *pool, uint32_t width, uint32_t height);

#endif
