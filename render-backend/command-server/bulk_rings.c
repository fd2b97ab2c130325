#include "bulk_rings.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define DC_LOG_COMPONENT "render"
#include <common/log.h>
#include <protocol/link/ring.h>

struct dc_bulk_ring {
    struct dc_bulk_ring *next;
    uint32_t ring_id;
    struct dc_ring ring; // own mapping; we are the producer of bulk and of nothing else
    bool closing;
    uint64_t bulk_end; // closing
};

int
dc_bulk_ring_send(struct dc_channel *channel, uint32_t kind, uint32_t ring_id, uint64_t bulk_end, const int fds[2])
{
    const struct dc_bulk_ring_message message = { .kind = kind, .ring_id = ring_id, .bulk_end = bulk_end };
    return dc_channel_send(channel, DC_BULK_RING_MESSAGE, 0, &message, sizeof(message), fds, fds ? 2 : 0);
}

bool
dc_bulk_ring_unpack(const struct dc_channel_message *message, struct dc_bulk_ring_message *unpacked)
{
    if (message->type != DC_BULK_RING_MESSAGE || message->size_bytes != sizeof(*unpacked))
        return false;
    memcpy(unpacked, message->payload, sizeof(*unpacked));
    return true;
}

static struct dc_bulk_ring *
find(struct dc_bulk_rings *rings, uint32_t ring_id)
{
    for (struct dc_bulk_ring *r = rings->first; r; r = r->next) {
        if (r->ring_id == ring_id)
            return r;
    }
    return NULL;
}

static void
forget(struct dc_bulk_rings *rings, struct dc_bulk_ring *r)
{
    struct dc_bulk_ring **at = &rings->first;
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    dc_ring_finish(&r->ring);
    free(r);
}

void
dc_bulk_rings_finish(struct dc_bulk_rings *rings)
{
    while (rings->first)
        forget(rings, rings->first);
}

/* Takes the message's descriptors. */
static bool
open_ring(struct dc_bulk_rings *rings, uint32_t ring_id, struct dc_channel_message *message)
{
    struct dc_bulk_ring *r = calloc(1, sizeof(*r));
    int error = r ? dc_ring_map(&r->ring, message->fds[0], message->fds[1]) : -ENOMEM;
    if (r)
        message->fds[0] = message->fds[1] = -1;
    if (error) {
        dc_error("tcp link: bulk: ring %u cannot be mapped: %s", ring_id, strerror(-error));
        free(r);
        return false;
    }
    r->ring_id = ring_id;
    r->next = rings->first;
    rings->first = r;
    return true;
}

static bool
close_if_complete(struct dc_bulk_rings *rings, struct dc_bulk_ring *r)
{
    if (!r->closing || r->ring.bulk_head != r->bulk_end)
        return true;
    uint32_t ring_id = r->ring_id;
    forget(rings, r);
    return dc_bulk_ring_send(rings->first_process, DC_BULK_RING_CLOSED, ring_id, 0, NULL) == 0;
}

bool
dc_bulk_rings_handle(struct dc_bulk_rings *rings, struct dc_channel_message *message)
{
    struct dc_bulk_ring_message m;
    if (!dc_bulk_ring_unpack(message, &m)) {
        dc_error("tcp link: bulk: unexpected message of type %u", message->type);
        return false;
    }
    if (m.kind == DC_BULK_RING_OPEN)
        return open_ring(rings, m.ring_id, message);
    if (m.kind == DC_BULK_RING_JOINED)
        return rings->joined = true;
    struct dc_bulk_ring *r = find(rings, m.ring_id);
    if (!r)
        return true;
    if (m.kind == DC_BULK_RING_CLOSE) {
        r->closing = true;
        r->bulk_end = m.bulk_end;
        return close_if_complete(rings, r);
    }
    forget(rings, r);
    return true;
}

/* Its OPEN was sent before the supervisor could name it, but may lie in the socket still. NULL: a ring that is gone. */
static struct dc_bulk_ring *
find_or_receive(struct dc_bulk_rings *rings, uint32_t ring_id, bool *alive)
{
    struct dc_bulk_ring *r;
    *alive = true;
    while (!(r = find(rings, ring_id)) && *alive) {
        // A read stops where descriptors are: there may be more.
        struct pollfd p = { .fd = dc_channel_fd(rings->first_process), .events = POLLIN };
        if (poll(&p, 1, 0) <= 0)
            break;
        *alive = dc_channel_process(rings->first_process, p.revents) == 0;
    }
    return r;
}

static bool
refuse(uint32_t ring_id, const char *what)
{
    dc_error("tcp link: ring %u: %s", ring_id, what);
    return false;
}

bool
dc_bulk_rings_write(struct dc_bulk_rings *rings, uint32_t ring_id, uint64_t position, const uint8_t *bytes,
                    uint32_t size_bytes)
{
    bool alive;
    struct dc_bulk_ring *r = find_or_receive(rings, ring_id, &alive);
    if (!r || dc_ring_get_state(&r->ring) == DC_RING_LOST)
        return alive; // it was lost while this was on its way
    uint64_t expected;
    uint8_t *room = dc_ring_bulk_reserve(&r->ring, size_bytes, &expected);
    if (!room && dc_ring_get_state(&r->ring) == DC_RING_LOST)
        return dc_bulk_ring_send(rings->first_process, DC_BULK_RING_LOST, ring_id, 0, NULL) == 0;
    if (!room || position != expected)
        return refuse(ring_id, room ? "bulk at an unexpected position" : "more bulk than the ring holds");
    memcpy(room, bytes, size_bytes);
    dc_ring_bulk_publish(&r->ring, size_bytes);
    return close_if_complete(rings, r);
}
