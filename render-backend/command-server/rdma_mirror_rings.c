/* Mirrored rings over RDMA: positions in, positions and replies out. We play the frontend towards the worker. */
#include <errno.h>
#include <string.h>

#define DC_LOG_COMPONENT "render"
#include <common/log.h>
#include "rdma_mirror_priv.h"

#define MAX_WRITE_BYTES (256u << 10)

// The worker may have marked the ring lost: then nothing fits any more, and it is nobody's breach.
static bool
take_positions(struct rdma_mirror *r, const struct dc_rdma_bell *bell)
{
    struct dc_ring *ring = &r->base.ring;
    uint64_t cmd = bell->first - ring->cmd_head, bulk = bell->second - ring->bulk_head, position;
    // The bytes are in place already; what counts is that they had room.
    bool fits = cmd <= ring->geometry.cmd_bytes && bulk <= ring->geometry.bulk_bytes &&
                dc_ring_cmd_reserve(ring, (size_t)cmd) && dc_ring_bulk_reserve(ring, (size_t)bulk, &position);
    if (!fits)
        return false;
    if (bell->third - ring->reply_tail > r->reply_told - ring->reply_tail)
        return false;
    if (bulk)
        dc_ring_bulk_publish(ring, (size_t)bulk);
    if (cmd)
        dc_ring_cmd_publish(ring, (size_t)cmd);
    return bell->third == ring->reply_tail || dc_ring_reply_set_tail(ring, bell->third) == 0;
}

static bool
handle_bell(void *user, const struct dc_rdma_bell *bell)
{
    struct dc_rdma_mirrors *m = user;
    struct rdma_mirror *r = bell->slot < DC_RDMA_SLOTS ? m->slots[bell->slot] : NULL;
    if (!r || r->lost || r->closed)
        return true;
    uint64_t moved = bell->first - r->base.ring.cmd_head + (bell->second - r->base.ring.bulk_head);
    if (take_positions(r, bell)) {
        dc_rdma_count_in(m->rdma, moved);
        return true;
    }
    if (dc_ring_get_state(&r->base.ring) != DC_RING_LOST)
        return dc_rdma_mirror_refuse(r->base.ring_id, "impossible positions");
    return r->lost = true;
}

static void
handle_written(void *user, uint32_t tag, uint32_t size_bytes)
{
    struct dc_rdma_mirrors *m = user;
    struct rdma_mirror *r = m->slots[tag % DC_RDMA_SLOTS];
    if (r)
        r->writes--; // it stays in its slot until there are none
}

const struct dc_rdma_listener dc_rdma_mirror_listener = { .handle_bell = handle_bell, .handle_written = handle_written };

bool
dc_rdma_mirrors_handle_state(struct dc_rdma_mirrors *m, const struct dc_channel_message *message)
{
    struct dc_replication_ack state;
    if (!dc_replication_unpack_ack(message, &state))
        return dc_rdma_mirror_refuse(0, "malformed state message");
    struct rdma_mirror *r = dc_rdma_mirror_find(m, state.ring_id);
    if (!r || r->closing)
        return dc_rdma_mirror_refuse(state.ring_id, "state of a ring that is not attached");
    if (state.state == DC_RING_LOST) {
        r->lost = r->lost_told = true;
        dc_ring_set_state(&r->base.ring, DC_RING_LOST);
        return true;
    }
    if (state.state != DC_RING_CLOSED)
        return dc_rdma_mirror_refuse(state.ring_id, "unknown state");
    const struct dc_ring *ring = &r->base.ring;
    if (!r->lost && (state.first - ring->cmd_head > ring->geometry.cmd_bytes ||
                     state.second - ring->bulk_head > ring->geometry.bulk_bytes))
        return dc_rdma_mirror_refuse(state.ring_id, "closed at an impossible position");
    r->closing = true;
    r->cmd_end = state.first;
    r->bulk_end = state.second;
    return true;
}

static int
send_state(struct dc_rdma_mirrors *m, const struct rdma_mirror *r, enum dc_ring_state state)
{
    const struct dc_replication_ack ack = { .ring_id = r->base.ring_id, .state = state };
    return dc_replication_send_ack(m->control, DC_LINK_RING_STATE, &ack);
}

/* The worker hears of the end once everything that it may still execute is there, the supervisor once we write no more. */
static int
pump_close(struct dc_rdma_mirrors *m, struct rdma_mirror *r)
{
    if (!r->lost && (r->base.ring.cmd_head != r->cmd_end || r->base.ring.bulk_head != r->bulk_end))
        return 0;
    int error = r->closed ? 0 : dc_mirror_ring_send_close(&r->base, m->worker);
    r->closed = true;
    m->for_room |= r->writes > 0;
    if (error || r->writes)
        return error;
    error = send_state(m, r, DC_RING_CLOSED);
    dc_rdma_mirror_destroy(m, r);
    return error;
}

// 0: nothing more; 1: the queue is full; -EPROTO: the worker broke the ring; another -errno of RDMA.
static int
pump_replies(struct dc_rdma_mirrors *m, struct rdma_mirror *r)
{
    uint32_t area_bytes = r->base.ring.geometry.reply_bytes;
    for (;;) {
        const uint8_t *data;
        size_t size_bytes;
        if (dc_ring_reply_peek_from(&r->base.ring, r->reply_sent, &data, &size_bytes) < 0)
            return -EPROTO;
        if (r->reply_sent == r->reply_target)
            r->reply_target = r->reply_sent + size_bytes;
        if (r->reply_sent == r->reply_target)
            return 0;
        uint32_t offset = (uint32_t)(r->reply_sent & (area_bytes - 1));
        size_bytes = (size_t)(r->reply_target - r->reply_sent);
        size_bytes = size_bytes < area_bytes - offset ? size_bytes : area_bytes - offset;
        size_bytes = size_bytes < MAX_WRITE_BYTES ? size_bytes : MAX_WRITE_BYTES;
        int error = dc_rdma_write(m->rdma, &r->reply, r->peer_reply, offset, size_bytes, r->slot);
        if (error)
            return error == -EAGAIN ? 1 : error;
        r->writes++;
        r->reply_sent += size_bytes;
    }
}

// Replies and what was consumed, in one bell. 0; 1: no bell left now; -EPROTO; -errno.
static int
tell(struct dc_rdma_mirrors *m, struct rdma_mirror *r)
{
    uint64_t cmd, bulk, reply = r->reply_sent == r->reply_target ? r->reply_sent : r->reply_told;
    const struct dc_ring *ring = &r->base.ring;
    if (dc_ring_get_tails(&r->base.ring, &cmd, &bulk) < 0)
        return -EPROTO;
    bool acks = (cmd != r->cmd_told || bulk != r->bulk_told) &&
                (cmd == ring->cmd_head || cmd - r->cmd_told >= ring->geometry.cmd_bytes / DC_RING_ACK_PART ||
                 bulk - r->bulk_told >= ring->geometry.bulk_bytes / DC_RING_ACK_PART);
    if (!acks && reply == r->reply_told)
        return 0;
    const struct dc_rdma_bell bell = { r->slot, cmd, bulk, reply };
    int error = dc_rdma_tell(m->rdma, &bell);
    if (error)
        return error == -EAGAIN ? 1 : error;
    r->cmd_told = cmd;
    r->bulk_told = bulk;
    r->reply_told = reply;
    return 0;
}

static int
pump_ring(struct dc_rdma_mirrors *m, struct rdma_mirror *r)
{
    if (r->closed || (r->closing && r->lost))
        return pump_close(m, r);
    if (r->has_slot && !r->lost) {
        dc_ring_frontend_arm(&r->base.ring);
        int replies = pump_replies(m, r);
        int told = replies < 0 ? replies : tell(m, r);
        if (told < 0 && told != -EPROTO)
            return told;
        m->for_room |= replies == 1 || told == 1;
        // Replies first: the supervisor takes none after LOST, and they say why.
        r->lost = told == -EPROTO || (!replies && !told && dc_ring_get_state(&r->base.ring) == DC_RING_LOST);
    }
    m->for_room |= r->lost && !r->lost_told && r->writes;
    if (r->lost && !r->lost_told && !r->writes) {
        r->lost_told = true;
        return send_state(m, r, DC_RING_LOST);
    }
    return r->closing ? pump_close(m, r) : 0;
}

int
dc_rdma_mirrors_pump(struct dc_rdma_mirrors *m, bool *more)
{
    int error = 0;
    m->for_room = false;
    if (!m->started)
        return 0;
    for (struct rdma_mirror *r = m->first, *next; r && !error; r = next) {
        next = r->next;
        error = pump_ring(m, r);
    }
    if (!error)
        error = dc_rdma_arm(m->rdma, m->for_room, more);
    if (error && error != -EPIPE)
        dc_error("rdma link: %s", dc_rdma_error(m->rdma));
    return error;
}
