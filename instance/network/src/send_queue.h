#ifndef DC_INSTANCE_NETWORK_SEND_QUEUE_H
#define DC_INSTANCE_NETWORK_SEND_QUEUE_H
/*
 * Datagrams that wait for the transport, in three lanes that are served in order: messages, audio, video. Video leaves
 * in whole frames only: what has begun is finished, what has not can be dropped.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dc_send_lane { DC_LANE_MESSAGES, DC_LANE_AUDIO, DC_LANE_VIDEO, DC_LANE_COUNT };

struct dc_send_item {
    struct dc_send_item *next;
    enum dc_send_lane lane;
    size_t size_bytes;
    size_t send_time_offset; // 0: none
    bool frame_start, frame_end; // video
    int64_t queued_us;
    uint8_t data[];
};

struct dc_send_queue {
    struct {
        struct dc_send_item *head, *tail; // owned
        size_t size_bytes;
        unsigned count;
    } lanes[DC_LANE_COUNT];
    bool video_begun; // the first packet of the frame at the head of the video lane has left
};

void dc_send_queue_init(struct dc_send_queue *queue);
void dc_send_queue_finish(struct dc_send_queue *queue);
/* Copies `data`. NULL: out of memory. The caller fills frame_start, frame_end, send_time_offset. */
struct dc_send_item *dc_send_queue_push(struct dc_send_queue *queue, enum dc_send_lane lane, const uint8_t *data,
                                        size_t size_bytes, int64_t now_us);
/* Up to `max` items in the order in which they are to leave; they stay in the queue. */
unsigned dc_send_queue_peek(struct dc_send_queue *queue, struct dc_send_item **items, unsigned max);
/* Removes the first `count` of what peek() showed. */
void dc_send_queue_pop(struct dc_send_queue *queue, unsigned count);
void dc_send_queue_pop_lane(struct dc_send_queue *queue, enum dc_send_lane lane);
/* Removes every video frame of which nothing has left; returns how many. `handle_first` (optional) sees each one's first
 * packet. */
unsigned dc_send_queue_drop_frames(struct dc_send_queue *queue,
                                   void (*handle_first)(void *user, const struct dc_send_item *item), void *user);
bool dc_send_queue_is_empty(const struct dc_send_queue *queue);

#endif
