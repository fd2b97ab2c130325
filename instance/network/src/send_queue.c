#include "send_queue.h"

#include <stdlib.h>
#include <string.h>

void
dc_send_queue_init(struct dc_send_queue *queue)
{
    *queue = (struct dc_send_queue){ .video_begun = false };
}

void
dc_send_queue_finish(struct dc_send_queue *queue)
{
    for (int lane = 0; lane < DC_LANE_COUNT; lane++) {
        while (queue->lanes[lane].head)
            dc_send_queue_pop_lane(queue, (enum dc_send_lane)lane);
    }
}

struct dc_send_item *
dc_send_queue_push(struct dc_send_queue *queue, enum dc_send_lane lane, const uint8_t *data, size_t size_bytes,
                   int64_t now_us)
{
    struct dc_send_item *item = malloc(sizeof(*item) + size_bytes);
    if (!item)
        return NULL;
    *item = (struct dc_send_item){ .lane = lane, .size_bytes = size_bytes, .queued_us = now_us };
    memcpy(item->data, data, size_bytes);
    if (queue->lanes[lane].tail)
        queue->lanes[lane].tail->next = item;
    else
        queue->lanes[lane].head = item;
    queue->lanes[lane].tail = item;
    queue->lanes[lane].size_bytes += size_bytes;
    queue->lanes[lane].count++;
    return item;
}

unsigned
dc_send_queue_peek(struct dc_send_queue *queue, struct dc_send_item **items, unsigned max)
{
    unsigned count = 0;
    for (int lane = 0; lane < DC_LANE_COUNT; lane++) {
        for (struct dc_send_item *item = queue->lanes[lane].head; item && count < max; item = item->next)
            items[count++] = item;
    }
    return count;
}

void
dc_send_queue_pop_lane(struct dc_send_queue *queue, enum dc_send_lane lane)
{
    struct dc_send_item *item = queue->lanes[lane].head;
    queue->lanes[lane].head = item->next;
    if (!item->next)
        queue->lanes[lane].tail = NULL;
    queue->lanes[lane].size_bytes -= item->size_bytes;
    queue->lanes[lane].count--;
    if (lane == DC_LANE_VIDEO)
        queue->video_begun = !item->frame_end;
    free(item);
}

void
dc_send_queue_pop(struct dc_send_queue *queue, unsigned count)
{
    for (int lane = 0; lane < DC_LANE_COUNT; lane++) {
        while (count && queue->lanes[lane].head) {
            dc_send_queue_pop_lane(queue, (enum dc_send_lane)lane);
            count--;
        }
    }
}

unsigned
dc_send_queue_drop_frames(struct dc_send_queue *queue,
                          void (*handle_first)(void *user, const struct dc_send_item *item), void *user)
{
    struct dc_send_item *keep = NULL;
    unsigned dropped = 0;
    if (queue->video_begun) { // finish what has begun
        keep = queue->lanes[DC_LANE_VIDEO].head;
        while (keep && !keep->frame_end)
            keep = keep->next;
        if (!keep)
            return 0;
    }
    struct dc_send_item *item = keep ? keep->next : queue->lanes[DC_LANE_VIDEO].head;
    while (item) {
        struct dc_send_item *next = item->next;
        dropped += item->frame_start;
        if (item->frame_start && handle_first)
            handle_first(user, item);
        queue->lanes[DC_LANE_VIDEO].size_bytes -= item->size_bytes;
        queue->lanes[DC_LANE_VIDEO].count--;
        free(item);
        item = next;
    }
    queue->lanes[DC_LANE_VIDEO].tail = keep;
    if (keep)
        keep->next = NULL;
    else
        queue->lanes[DC_LANE_VIDEO].head = NULL;
    return dropped;
}

bool
dc_send_queue_is_empty(const struct dc_send_queue *queue)
{
    for (int lane = 0; lane < DC_LANE_COUNT; lane++) {
        if (queue->lanes[lane].head)
            return false;
    }
    return true;
}
