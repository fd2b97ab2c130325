/* Replication, compute side: plays the worker towards the frontend's rings. */
#define DC_LOG_COMPONENT "link"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <common/log.h>
#include "tcp_priv.h"

// Enough to keep the socket busy until we come back; what is queued here delays control messages behind it.
#define LOW_WATER_BYTES (256u << 10)
// One ring's turn, so that a texture upload does not keep another ring's commands waiting.
#define MAX_BULK_PER_TURN_BYTES (512u << 10)

struct tcp_ring *
dc_tcp_ring_create(uint32_t ring_id, const struct dc_ring *ring)
{
    struct tcp_ring *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    int error = dc_ring_map(&r->ring, fcntl(ring->memfd, F_DUPFD_CLOEXEC, 3),
                            fcntl(ring->cmd_eventfd, F_DUPFD_CLOEXEC, 3));
    // The mirrored ring starts at zero: a ring that a worker has already consumed from cannot move here.
    if (!error && (r->ring.cmd_tail || r->ring.bulk_tail || r->ring.reply_head))
        error = -EBUSY;
    if (error) {
        dc_error("ring %u: cannot replicate: %s", ring_id, strerror(-error));
        dc_tcp_ring_destroy(r);
        return NULL;
    }
    r->ring_id = ring_id;
    r->packer = dc_command_packer_create();
    if (r->packer)
        return r;
    dc_tcp_ring_destroy(r);
    return NULL;
}

void
dc_tcp_ring_destroy(struct tcp_ring *r)
{
    if (!r)
        return;
    if (r->ring.shared)
        dc_ring_finish(&r->ring);
    dc_command_packer_destroy(r->packer);
    free(r);
}

struct tcp_ring *
dc_tcp_ring_find(struct tcp_link *t, uint32_t ring_id)
{
    for (struct tcp_ring *r = t->rings; r; r = r->next) {
        if (r->ring_id == ring_id)
            return r;
    }
    return NULL;
}

void
dc_tcp_ring_attach(struct tcp_link *t, struct tcp_ring *r)
{
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = r };
    r->is_polled = epoll_ctl(t->epoll_fd, EPOLL_CTL_ADD, r->ring.cmd_eventfd, &e) == 0;
    r->next = t->rings;
    t->rings = r;
    __atomic_store_n(&r->ring.shared->link_rtt_us, t->rtt_us, __ATOMIC_RELAXED);
}

int
dc_tcp_ring_lose(struct tcp_link *t, struct tcp_ring *r)
{
    r->lost = true;
    dc_ring_set_state(&r->ring, DC_RING_LOST);
    const struct dc_replication_ack lost = { .ring_id = r->ring_id, .state = DC_RING_LOST };
    return dc_replication_send_ack(t->a, DC_LINK_RING_STATE, &lost);
}

void
dc_tcp_ring_detach(struct tcp_link *t, uint32_t ring_id)
{
    struct tcp_ring *r = dc_tcp_ring_find(t, ring_id);
    if (!r || r->detaching)
        return;
    const uint8_t *data;
    size_t size_bytes;
    // Read once: the application may still live and write.
    r->detaching = true;
    r->cmd_end = r->cmd_sent;
    r->bulk_end = r->bulk_sent;
    if (!r->lost && dc_ring_cmd_peek_from(&r->ring, r->cmd_sent, &data, &size_bytes) == 0)
        r->cmd_end += size_bytes;
    if (!r->lost && dc_ring_bulk_peek_from(&r->ring, r->bulk_sent, &data, &size_bytes) == 0)
        r->bulk_end += size_bytes;
}

void
dc_tcp_ring_remove(struct tcp_link *t, struct tcp_ring *r)
{
    for (struct tcp_ring **at = &t->rings; *at; at = &(*at)->next) {
        if (*at != r)
            continue;
        *at = r->next;
        break;
    }
    if (r->is_polled)
        epoll_ctl(t->epoll_fd, EPOLL_CTL_DEL, r->ring.cmd_eventfd, NULL);
    dc_tcp_ring_destroy(r);
}

bool
dc_tcp_ring_arm(struct tcp_ring *r, uint32_t wanted)
{
    dc_ring_doorbell_arm(&r->ring, wanted);
    // Published between our look and the arming: nobody will ring for it.
    const struct dc_ring_shared *s = r->ring.shared;
    return ((wanted & DC_RING_DOORBELL_CMD) && __atomic_load_n(&s->cmd_head, __ATOMIC_SEQ_CST) != r->cmd_sent) ||
           ((wanted & DC_RING_DOORBELL_BULK) && __atomic_load_n(&s->bulk_head, __ATOMIC_SEQ_CST) != r->bulk_sent) ||
           ((wanted & DC_RING_DOORBELL_REPLY_ROOM) &&
            __atomic_load_n(&s->reply_tail, __ATOMIC_SEQ_CST) != r->ring.reply_tail);
}

// 0: nothing more to send now; 1: blocked by the socket; -EPROTO: the ring is broken; -errno of the link in *error.
static int
pump_cmd(struct tcp_link *t, struct tcp_ring *r, int *error)
{
    for (;;) {
        const uint8_t *data;
        size_t size_bytes;
        if (dc_ring_cmd_peek_from(&r->ring, r->cmd_sent, &data, &size_bytes) < 0)
            return -EPROTO;
        if (!r->blobs.broken && size_bytes > r->blobs.cmd_at - r->cmd_sent)
            size_bytes = (size_t)(r->blobs.cmd_at - r->cmd_sent); // the rest is looked at first
        if (r->cmd_sent == r->cmd_target)
            r->cmd_target = r->detaching ? r->cmd_end : r->cmd_sent + size_bytes;
        if (r->cmd_sent == r->cmd_target)
            return 0;
        if (dc_channel_queued_bytes(t->a) >= LOW_WATER_BYTES)
            return 1;
        size_bytes = (size_t)(r->cmd_target - r->cmd_sent);
        if (size_bytes > DC_REPLICATION_MAX_PIECE_BYTES)
            size_bytes = DC_REPLICATION_MAX_PIECE_BYTES;
        bool more = r->cmd_sent + size_bytes != r->cmd_target;
        size_t packed_bytes;
        bool is_packed;
        const uint8_t *packed = dc_command_pack(r->packer, data, size_bytes, &packed_bytes, &is_packed);
        *error = dc_replication_send_commands(t->a, r->ring_id, r->cmd_sent, packed, packed_bytes, more, is_packed);
        if (*error)
            return 1;
        r->cmd_sent += size_bytes;
        __atomic_fetch_add(&t->command_bytes, size_bytes, __ATOMIC_RELAXED);
    }
}

// As above; 2: had its turn, there may be more.
static int
pump_chunks(struct tcp_link *t, struct tcp_ring *r, int *error)
{
    for (size_t turn_bytes = 0; turn_bytes < MAX_BULK_PER_TURN_BYTES;) {
        const uint8_t *data;
        size_t size_bytes;
        if (dc_ring_bulk_peek_from(&r->ring, r->bulk_sent, &data, &size_bytes) < 0)
            return -EPROTO;
        if (r->detaching) {
            size_bytes = (size_t)(r->bulk_end - r->bulk_sent);
            r->blobs.broken = true; // no more batches will come to say where it ends
        }
        if (size_bytes == 0)
            return 0;
        // Until the batch comes that names this data nobody can use it; and its doorbell is the command's.
        uint64_t end = dc_blob_ends_next(&r->blobs, r->bulk_sent, size_bytes);
        if (end == r->bulk_sent || !r->attached || dc_channel_queued_bytes(t->b) >= LOW_WATER_BYTES)
            return 1;
        uint32_t chunk_bytes = dc_bulk_sender_cut(end - r->bulk_sent);
        *error = dc_bulk_sender_send(t->bulk, t->b, r->ring_id, r->bulk_sent, data, chunk_bytes);
        if (*error)
            return 1;
        r->bulk_sent += chunk_bytes;
        __atomic_fetch_add(&t->bulk_bytes, chunk_bytes, __ATOMIC_RELAXED);
        __atomic_fetch_add(&t->command_bytes, chunk_bytes, __ATOMIC_RELAXED);
        turn_bytes += chunk_bytes;
    }
    return 2;
}

static int
pump_bulk(struct tcp_link *t, struct tcp_ring *r, int *error)
{
    int result = pump_chunks(t, r, error);
    if (!*error)
        *error = dc_bulk_sender_flush(t->bulk, t->b);
    return result;
}

// Credits for replies go back in large steps: nobody waits for them unless the area is nearly full.
static int
pump_credit(struct tcp_link *t, struct tcp_ring *r, bool *wants_bell)
{
    uint64_t tail = 0, step = r->ring.geometry.reply_bytes / 4;
    *wants_bell = r->ring.reply_head - r->reply_acked >= step;
    if (!*wants_bell)
        return 0;
    if (dc_ring_get_reply_tail(&r->ring, &tail) < 0)
        return -EPROTO;
    if (tail - r->reply_acked < step)
        return 0;
    r->reply_acked = tail;
    *wants_bell = r->ring.reply_head - tail >= step;
    const struct dc_replication_ack ack = { .ring_id = r->ring_id, .first = tail };
    return dc_replication_send_ack(t->a, DC_LINK_RING_ACK, &ack);
}

static int
finish_detached(struct tcp_link *t, struct tcp_ring *r)
{
    const struct dc_replication_ack end = {
        .ring_id = r->ring_id, .state = DC_RING_CLOSED, .first = r->cmd_sent, .second = r->bulk_sent,
    };
    int error = dc_replication_send_ack(t->a, DC_LINK_RING_STATE, &end);
    dc_tcp_ring_remove(t, r);
    return error;
}

static int
pump_ring(struct tcp_link *t, struct tcp_ring *r, bool *more)
{
    bool wants_bell = false;
    int error = 0;
    if (r->lost)
        return r->detaching ? finish_detached(t, r) : 0;
    dc_blob_ends_read(&r->blobs, &r->ring);
    int cmd = pump_cmd(t, r, &error);
    int bulk = error ? 0 : pump_bulk(t, r, &error);
    int credit = error ? 0 : pump_credit(t, r, &wants_bell);
    if (error)
        return error;
    if (cmd == -EPROTO || bulk == -EPROTO || credit == -EPROTO) {
        *more = true;
        return dc_tcp_ring_lose(t, r);
    }
    if (credit < 0)
        return credit;
    *more |= bulk == 2;
    if (r->detaching)
        return cmd == 0 && bulk == 0 ? finish_detached(t, r) : 0;
    *more |= dc_tcp_ring_arm(r, (cmd == 0 ? DC_RING_DOORBELL_CMD : 0) | (bulk == 0 ? DC_RING_DOORBELL_BULK : 0) |
                                    (wants_bell ? DC_RING_DOORBELL_REPLY_ROOM : 0));
    return 0;
}

int
dc_tcp_rings_pump(struct tcp_link *t, bool *more)
{
    *more = false;
    for (struct tcp_ring *r = t->rings, *next; r; r = next) {
        next = r->next;
        int error = pump_ring(t, r, more);
        if (error)
            return error;
    }
    return 0;
}

bool
dc_tcp_rings_handle_ack(struct tcp_link *t, const struct dc_channel_message *message)
{
    struct dc_replication_ack ack;
    if (!dc_replication_unpack_ack(message, &ack))
        return false;
    struct tcp_ring *r = dc_tcp_ring_find(t, ack.ring_id);
    if (!r || r->lost)
        return true; // just detached, or just lost
    uint64_t cmd = ack.first - r->ring.cmd_tail, bulk = ack.second - r->ring.bulk_tail;
    if (cmd > r->cmd_sent - r->ring.cmd_tail || bulk > r->bulk_sent - r->ring.bulk_tail ||
        dc_ring_set_tails(&r->ring, ack.first, ack.second) < 0)
        return false;
    r->attached = true;
    return true;
}

bool
dc_tcp_rings_handle_state(struct tcp_link *t, const struct dc_channel_message *message)
{
    struct dc_replication_ack state;
    if (!dc_replication_unpack_ack(message, &state) || state.state != DC_RING_LOST)
        return false;
    struct tcp_ring *r = dc_tcp_ring_find(t, state.ring_id);
    if (r && !r->lost) {
        r->lost = true;
        dc_ring_set_state(&r->ring, DC_RING_LOST);
    }
    return true;
}

bool
dc_tcp_rings_handle_reply(struct tcp_link *t, const struct dc_channel_message *message)
{
    struct dc_replication_data data;
    if (!dc_replication_unpack_data(message, &data))
        return false;
    struct tcp_ring *r = dc_tcp_ring_find(t, data.ring_id);
    if (!r || r->lost || r->detaching)
        return true;
    if (data.position != r->ring.reply_head + r->reply_pending_bytes)
        return false;
    // The credit that the other side has, whatever the frontend says it has read.
    uint64_t end = data.position + data.size_bytes;
    if (end - r->reply_acked > r->ring.geometry.reply_bytes)
        return false;
    uint8_t *room = dc_ring_reply_reserve(&r->ring, r->reply_pending_bytes + data.size_bytes);
    if (!room)
        return dc_tcp_ring_lose(t, r) == 0;
    memcpy(room + r->reply_pending_bytes, data.bytes, data.size_bytes);
    r->reply_pending_bytes += data.size_bytes;
    if (!data.more) {
        dc_ring_reply_publish(&r->ring, r->reply_pending_bytes);
        r->reply_pending_bytes = 0;
    }
    return true;
}

void
dc_tcp_rings_lose(struct tcp_link *t)
{
    while (t->rings) {
        struct tcp_ring *next = t->rings->next;
        dc_ring_lose(&t->rings->ring, t->base.rings_survive);
        dc_tcp_ring_destroy(t->rings);
        t->rings = next;
    }
}
