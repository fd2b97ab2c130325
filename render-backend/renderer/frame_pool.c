#include "frame_pool.h"

#include <stdlib.h>

static void
handle_release(struct dc_frame *frame)
{
    struct dc_pool_frame *pooled = (struct dc_pool_frame *)frame;
    struct dc_frame_pool *pool = pooled->pool;
    pthread_mutex_lock(&pool->lock);
    pooled->busy = false;
    pthread_cond_signal(&pool->released);
    pthread_mutex_unlock(&pool->lock);
}

void
dc_frame_pool_init(struct dc_frame_pool *pool)
{
    *pool = (struct dc_frame_pool){ .frames = { { .data = NULL } } };
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->released, NULL);
}

void
dc_frame_pool_finish(struct dc_frame_pool *pool)
{
    for (int i = 0; i < DC_FRAME_POOL_SIZE; i++) {
        pthread_mutex_lock(&pool->lock);
        while (pool->frames[i].busy)
            pthread_cond_wait(&pool->released, &pool->lock);
        pthread_mutex_unlock(&pool->lock);
        free(pool->frames[i].data);
    }
    pthread_cond_destroy(&pool->released);
    pthread_mutex_destroy(&pool->lock);
}

static struct dc_pool_frame *
wait_free(struct dc_frame_pool *pool)
{
    struct dc_pool_frame *found = NULL;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        for (int i = 0; i < DC_FRAME_POOL_SIZE && !found; i++) {
            if (!pool->frames[i].busy)
                found = &pool->frames[i];
        }
        if (found)
            break;
        pthread_cond_wait(&pool->released, &pool->lock);
    }
    found->busy = true;
    pthread_mutex_unlock(&pool->lock);
    return found;
}

struct dc_pool_frame *
dc_frame_pool_get(struct dc_frame_pool *pool, uint32_t width, uint32_t height)
{
    size_t size_bytes = (size_t)width * height * 4;
    struct dc_pool_frame *pooled = wait_free(pool);
    pooled->pool = pool;
    if (pooled->capacity != size_bytes) {
        free(pooled->data);
        pooled->data = aligned_alloc(64, (size_bytes + 63) & ~(size_t)63);
        pooled->capacity = pooled->data ? size_bytes : 0;
    }
    pooled->frame = (struct dc_frame){
        .width = width, .height = height, .fds = { -1, -1, -1 }, .acquire_fence_fd = -1, .release = handle_release,
    };
    if (pooled->data)
        return pooled;
    handle_release(&pooled->frame);
    return NULL;
}
