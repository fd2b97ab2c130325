/* Rings over RDMA, compute side: plays the worker towards the frontend's rings, as tcp_rings.c does, but writes what was
 * published straight into the mirrored ring, and finds replies written into ours. */
#define DC_LOG_COMPONENT "link"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <common/log.h>
#include "rdma_priv.h"

// One write; a queue that is full of the largest ones is what a command waits for behind another ring's texture.
#define MAX_WRITE_BYTES (256u << 10)
#define MAX_BULK_IN_FLIGHT_BYTES (1u << 20)
#define TAG_BULK 0x100u // beside the slot

void
dc_rdma_ring_release(struct tcp_link *t, struct tcp_ring *r)
{
    struct rdma_ring *x = r->rdma;
    if (!x)
        return;
    dc_rdma_unregister(&x->cmd);
    dc_rdma_unregister(&x->bulk);
    dc_rdma_unregister(&x->reply);
    t->rdma->slots[x->slot] = NULL;
    free(x);
    r->rdma = NULL;
}

static struct rdma_ring *
take_slot(struct tcp_link *t, struct tcp_ring *r)
{
    for (uint32_t slot = 0; slot < DC_RDMA_SLOTS; slot++) {
        if (t->rdma->slots[slot])
            continue;
        r->rdma = calloc(1, sizeof(*r->rdma));
        if (r->rdma) {
            r->rdma->slot = slot;
            t->rdma->slots[slot] = r;
        }
        return r->rdma;
    }
    return NULL;
}

void
dc_rdma_link_attach(struct tcp_link *t, struct tcp_ring *r)
{
    struct dc_rdma *rdma = t->rdma->rdma;
    struct rdma_ring *x = take_slot(t, r);
    const struct dc_ring_geometry *g = &r->ring.geometry;
    int error = x ? 0 : -ENOMEM;
    // The other side never writes into our cmd and bulk areas, nor into the page with the positions.
    if (!error)
        error = dc_rdma_register(rdma, &x->cmd, r->ring.cmd, g->cmd_bytes, false);
    if (!error)
        error = dc_rdma_register(rdma, &x->bulk, r->ring.bulk, g->bulk_bytes, false);
    if (!error)
        error = dc_rdma_register(rdma, &x->reply, r->ring.reply, g->reply_bytes, true);
    if (!error) {
        const struct dc_rdma_message ring = { .kind = DC_RDMA_RING, .ring_id = r->ring_id, .slot = x->slot,
                                              .a = x->reply.region };
        error = dc_rdma_message_send(t->a, &ring);
    }
    if (!error)
        return;
    dc_error("ring %u cannot be used over RDMA: %s%s", r->ring_id, strerror(-error),
             error == -ENOMEM ? " (is the limit of locked memory, ulimit -l, too low?)" : "");
    dc_rdma_ring_release(t, r);
    dc_tcp_ring_lose(t, r);
}

bool
dc_rdma_rings_handle_ready(struct tcp_link *t, const struct dc_rdma_message *m)
{
    struct tcp_ring *r = t->rdma->slots[m->slot];
    if (!r || r->ring_id != m->ring_id || r->rdma->ready)
        return false;
    r->rdma->peer_cmd = m->a;
    r->rdma->peer_bulk = m->b;
    return r->rdma->ready = true;
}

bool
dc_rdma_rings_handle_state(struct tcp_link *t, const struct dc_channel_message *message)
{
    struct dc_replication_ack state;
    if (!dc_replication_unpack_ack(message, &state))
        return false;
    struct tcp_ring *r = dc_tcp_ring_find(t, state.ring_id);
    if (state.state == DC_RING_LOST) {
        // Its last replies came first, but on the other connection: they say why.
        if (r && !r->lost && dc_rdma_link_process(t) < 0)
            return false;
        if (r && !r->lost) {
            r->lost = true;
            dc_ring_set_state(&r->ring, DC_RING_LOST);
        }
        return true;
    }
    if (state.state != DC_RING_CLOSED)
        return false;
    if (!r)
        return true; // it was never registered
    if (!r->rdma || !r->rdma->closed)
        return false;
    dc_rdma_ring_release(t, r);
    dc_tcp_ring_remove(t, r);
    return true;
}

// The worker has consumed, and has written replies.
static bool
handle_bell(void *user, const struct dc_rdma_bell *bell)
{
    struct tcp_link *t = user;
    struct tcp_ring *r = bell->slot < DC_RDMA_SLOTS && t->rdma ? t->rdma->slots[bell->slot] : NULL;
    if (!r || r->lost || r->rdma->closed)
        return true; // just lost
    const struct rdma_ring *x = r->rdma;
    uint64_t cmd = bell->first - r->ring.cmd_tail, bulk = bell->second - r->ring.bulk_tail;
    if (cmd > x->cmd_told - r->ring.cmd_tail || bulk > x->bulk_told - r->ring.bulk_tail ||
        dc_ring_set_tails(&r->ring, bell->first, bell->second) < 0)
        return false;
    // The credit that the other side has, whatever the frontend says it has read.
    uint64_t replies = bell->third - r->ring.reply_head;
    if (replies > r->ring.geometry.reply_bytes - (r->ring.reply_head - r->reply_acked))
        return false;
    if (replies && !r->detaching) {
        dc_rdma_count_in(t->rdma->rdma, replies);
        dc_ring_reply_publish(&r->ring, (size_t)replies);
    }
    return true;
}

static void
handle_written(void *user, uint32_t tag, uint32_t size_bytes)
{
    struct tcp_link *t = user;
    struct tcp_ring *r = t->rdma->slots[tag % DC_RDMA_SLOTS];
    if (tag & TAG_BULK)
        t->rdma->bulk_in_flight_bytes -= size_bytes;
    if (r)
        r->rdma->writes--; // it stays in its slot until there are none
}

const struct dc_rdma_listener dc_rdma_rings_listener = { .handle_bell = handle_bell, .handle_written = handle_written };

static size_t
piece(uint64_t from, uint64_t end, uint32_t area_bytes)
{
    uint64_t size_bytes = end - from, to_wrap = area_bytes - (from & (area_bytes - 1));
    size_bytes = size_bytes < to_wrap ? size_bytes : to_wrap;
    return (size_t)(size_bytes < MAX_WRITE_BYTES ? size_bytes : MAX_WRITE_BYTES);
}

static int
write_piece(struct tcp_link *t, struct tcp_ring *r, const struct dc_rdma_memory *from, struct dc_rdma_region to,
            uint64_t position, size_t size_bytes, uint32_t area_bytes, uint32_t tag)
{
    int error = dc_rdma_write(t->rdma->rdma, from, to, (size_t)(position & (area_bytes - 1)), size_bytes, tag);
    if (!error)
        r->rdma->writes++;
    return error;
}

// 0: nothing more now; 1: the queue is full; -EPROTO: the ring is broken; another failure of RDMA in *error.
static int
pump_cmd(struct tcp_link *t, struct tcp_ring *r, int *error)
{
    struct rdma_ring *x = r->rdma;
    uint32_t area_bytes = r->ring.geometry.cmd_bytes;
    for (;;) {
        const uint8_t *data;
        size_t size_bytes;
        if (dc_ring_cmd_peek_from(&r->ring, r->cmd_sent, &data, &size_bytes) < 0)
            return -EPROTO;
        if (r->cmd_sent == r->cmd_target) {
            x->cmd_whole = r->cmd_sent;
            r->cmd_target = r->detaching ? r->cmd_end : r->cmd_sent + size_bytes;
        }
        if (r->cmd_sent == r->cmd_target)
            return 0;
        size_bytes = piece(r->cmd_sent, r->cmd_target, area_bytes);
        *error = write_piece(t, r, &x->cmd, x->peer_cmd, r->cmd_sent, size_bytes, area_bytes, x->slot);
        if (*error)
            return 1;
        r->cmd_sent += size_bytes;
        __atomic_fetch_add(&t->command_bytes, size_bytes, __ATOMIC_RELAXED);
    }
}

static int
pump_bulk(struct tcp_link *t, struct tcp_ring *r, int *error)
{
    struct rdma_ring *x = r->rdma;
    uint32_t area_bytes = r->ring.geometry.bulk_bytes;
    for (;;) {
        const uint8_t *data;
        size_t size_bytes;
        if (dc_ring_bulk_peek_from(&r->ring, r->bulk_sent, &data, &size_bytes) < 0)
            return -EPROTO;
        if (r->detaching)
            size_bytes = (size_t)(r->bulk_end - r->bulk_sent);
        if (size_bytes == 0)
            return 0;
        if (t->rdma->bulk_in_flight_bytes >= MAX_BULK_IN_FLIGHT_BYTES)
            return 1;
        size_bytes = piece(r->bulk_sent, r->bulk_sent + size_bytes, area_bytes);
        *error = write_piece(t, r, &x->bulk, x->peer_bulk, r->bulk_sent, size_bytes, area_bytes, x->slot | TAG_BULK);
        if (*error)
            return 1;
        t->rdma->bulk_in_flight_bytes += (uint32_t)size_bytes;
        r->bulk_sent += size_bytes;
        __atomic_fetch_add(&t->command_bytes, size_bytes, __ATOMIC_RELAXED);
    }
}

// Where we are, in one bell. Replies' credits go back in large steps, as over TCP. 1: no bell left now.
static int
tell(struct tcp_link *t, struct tcp_ring *r, bool *wants_bell)
{
    struct rdma_ring *x = r->rdma;
    uint64_t tail = r->reply_acked, step = r->ring.geometry.reply_bytes / 4;
    *wants_bell = r->ring.reply_head - r->reply_acked >= step;
    if (*wants_bell && dc_ring_get_reply_tail(&r->ring, &tail) < 0)
        return -EPROTO;
    if (tail - r->reply_acked < step)
        tail = r->reply_acked;
    if (x->cmd_whole == x->cmd_told && r->bulk_sent == x->bulk_told && tail == r->reply_acked)
        return 0;
    const struct dc_rdma_bell bell = { x->slot, x->cmd_whole, r->bulk_sent, tail };
    int error = dc_rdma_tell(t->rdma->rdma, &bell);
    if (error)
        return error == -EAGAIN ? 1 : error;
    x->cmd_told = x->cmd_whole;
    x->bulk_told = r->bulk_sent;
    r->reply_acked = tail;
    *wants_bell = r->ring.reply_head - tail >= step;
    return 0;
}

// Every byte is on the other side: it may close the ring once it has seen them.
static int
close_ring(struct tcp_link *t, struct tcp_ring *r)
{
    struct rdma_ring *x = r->rdma;
    if (x && (x->writes || x->closed))
        return 0;
    const struct dc_replication_ack end = {
        .ring_id = r->ring_id, .state = DC_RING_CLOSED, .first = r->cmd_sent, .second = r->bulk_sent,
    };
    int error = dc_replication_send_ack(t->a, DC_LINK_RING_STATE, &end);
    if (x)
        x->closed = true;
    else
        dc_tcp_ring_remove(t, r);
    return error;
}

static int
pump_ring(struct tcp_link *t, struct tcp_ring *r, bool *more)
{
    struct rdma_ring *x = r->rdma;
    bool wants_bell = false;
    int error = 0;
    if (r->lost || (x && x->closed))
        return r->detaching ? close_ring(t, r) : 0;
    if (!x->ready)
        return 0;
    // Commands are looked at first: the bulk that they name was published before them.
    int cmd = pump_cmd(t, r, &error);
    int bulk = error && error != -EAGAIN ? 0 : pump_bulk(t, r, &error);
    if (error && error != -EAGAIN)
        return error;
    int told = cmd == -EPROTO || bulk == -EPROTO ? -EPROTO : tell(t, r, &wants_bell);
    if (told == -EPROTO) {
        *more = true;
        return dc_tcp_ring_lose(t, r);
    }
    if (told < 0)
        return told;
    t->rdma->for_room |= cmd == 1 || bulk == 1 || told == 1;
    if (r->detaching && cmd == 0 && bulk == 0 && told == 0) {
        t->rdma->for_room |= x->writes > 0;
        return close_ring(t, r);
    }
    if (!r->detaching)
        *more |= dc_tcp_ring_arm(r, (cmd == 0 ? DC_RING_DOORBELL_CMD : 0) | (bulk == 0 ? DC_RING_DOORBELL_BULK : 0) |
                                        (wants_bell ? DC_RING_DOORBELL_REPLY_ROOM : 0));
    return 0;
}

int
dc_rdma_link_pump(struct tcp_link *t, bool *more)
{
    int error = 0;
    *more = t->rdma->for_room = false;
    for (struct tcp_ring *r = t->rings, *next; r && !error; r = next) {
        next = r->next;
        error = pump_ring(t, r, more);
    }
    if (!error)
        error = dc_rdma_arm(t->rdma->rdma, t->rdma->for_room, more);
    if (error && !t->reason[0])
        snprintf(t->reason, sizeof(t->reason), "link over RDMA: %s", dc_rdma_error(t->rdma->rdma));
    return error;
}
