/* The frontend's half of the ring: producer of cmd and bulk, consumer of reply. */
#include "ring_priv.h"

#include <errno.h>

void *
dc_ring_cmd_reserve(struct dc_ring *ring, size_t size_bytes)
{
    uint32_t area = ring->geometry.cmd_bytes;
    if (!dc_ring_read_position(&ring->shared->cmd_tail, ring->cmd_tail, ring->cmd_head - ring->cmd_tail,
                               &ring->cmd_tail)) {
        dc_ring_fail(ring, "cmd tail");
        return NULL;
    }
    if (size_bytes > area - (ring->cmd_head - ring->cmd_tail))
        return NULL;
    return ring->cmd + (ring->cmd_head & (area - 1));
}

void
dc_ring_cmd_publish(struct dc_ring *ring, size_t size_bytes)
{
    ring->cmd_head += size_bytes;
    store_release(&ring->shared->cmd_head, ring->cmd_head);
    dc_ring_doorbell_ring(ring, DC_RING_DOORBELL_CMD);
}

void *
dc_ring_bulk_reserve(struct dc_ring *ring, size_t size_bytes, uint64_t *position)
{
    uint32_t area = ring->geometry.bulk_bytes;
    *position = ring->bulk_head;
    if (!dc_ring_read_position(&ring->shared->bulk_tail, ring->bulk_tail, ring->bulk_head - ring->bulk_tail,
                               &ring->bulk_tail)) {
        dc_ring_fail(ring, "bulk tail");
        return NULL;
    }
    if (size_bytes > area - (ring->bulk_head - ring->bulk_tail))
        return NULL;
    return ring->bulk + (ring->bulk_head & (area - 1));
}

void
dc_ring_bulk_publish(struct dc_ring *ring, size_t size_bytes)
{
    ring->bulk_head += size_bytes;
    store_release(&ring->shared->bulk_head, ring->bulk_head);
    dc_ring_doorbell_ring(ring, DC_RING_DOORBELL_BULK);
}

int
dc_ring_reply_peek_from(struct dc_ring *ring, uint64_t position, const uint8_t **data, size_t *size_bytes)
{
    *data = NULL;
    *size_bytes = 0;
    if (!dc_ring_read_position(&ring->shared->reply_head, ring->reply_tail, ring->geometry.reply_bytes,
                               &ring->reply_head))
        return dc_ring_fail(ring, "reply head");
    uint64_t published = ring->reply_head - ring->reply_tail;
    if (position - ring->reply_tail > published)
        return -EPROTO;
    *size_bytes = (size_t)(ring->reply_head - position);
    if (*size_bytes)
        *data = ring->reply + (position & (ring->geometry.reply_bytes - 1));
    return 0;
}

const void *
dc_ring_reply_peek(struct dc_ring *ring, size_t *size_bytes)
{
    const uint8_t *data;
    dc_ring_reply_peek_from(ring, ring->reply_tail, &data, size_bytes);
    return data;
}

int
dc_ring_reply_set_tail(struct dc_ring *ring, uint64_t reply_tail)
{
    if (reply_tail - ring->reply_tail > ring->reply_head - ring->reply_tail)
        return -EPROTO;
    ring->reply_tail = reply_tail;
    store_release(&ring->shared->reply_tail, reply_tail);
    dc_ring_doorbell_ring(ring, DC_RING_DOORBELL_REPLY_ROOM);
    return 0;
}

void
dc_ring_reply_consume(struct dc_ring *ring, size_t size_bytes)
{
    dc_ring_reply_set_tail(ring, ring->reply_tail + size_bytes);
}

int
dc_ring_get_tails(struct dc_ring *ring, uint64_t *cmd_tail, uint64_t *bulk_tail)
{
    struct dc_ring_shared *s = ring->shared;
    if (!dc_ring_read_position(&s->cmd_tail, ring->cmd_tail, ring->cmd_head - ring->cmd_tail, &ring->cmd_tail))
        return dc_ring_fail(ring, "cmd tail");
    if (!dc_ring_read_position(&s->bulk_tail, ring->bulk_tail, ring->bulk_head - ring->bulk_tail, &ring->bulk_tail))
        return dc_ring_fail(ring, "bulk tail");
    *cmd_tail = ring->cmd_tail;
    *bulk_tail = ring->bulk_tail;
    return 0;
}

int
dc_ring_get_shared_tails(struct dc_ring *ring, uint64_t *cmd_tail, uint64_t *bulk_tail)
{
    struct dc_ring_shared *s = ring->shared;
    // The tail first: the other order could see a tail beyond the head.
    uint64_t seen = load_acquire(&s->bulk_tail);
    if (!dc_ring_read_position(&s->bulk_head, ring->bulk_tail, ring->geometry.bulk_bytes, &ring->bulk_head))
        return dc_ring_fail(ring, "bulk head");
    if (!dc_ring_read_position(&seen, ring->bulk_tail, ring->bulk_head - ring->bulk_tail, &ring->bulk_tail))
        return dc_ring_fail(ring, "bulk tail");
    if (!dc_ring_read_position(&s->cmd_tail, ring->cmd_tail, ring->cmd_head - ring->cmd_tail, &ring->cmd_tail))
        return dc_ring_fail(ring, "cmd tail");
    *cmd_tail = ring->cmd_tail;
    *bulk_tail = ring->bulk_tail;
    return 0;
}
