#include "tcp_mirror.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "render"
#include <common/log.h>
#include <protocol/link/command_codec.h>
#include "bulk_rings.h"

// Control messages and packets wait behind this much of a read-back.
#define LOW_WATER_BYTES (64u << 10)

struct dc_mirror {
    struct dc_mirror *next;
    struct dc_mirror_ring base;
    struct dc_command_unpacker *unpacker; // owned
    size_t cmd_pending_bytes; // received, not yet published
    uint64_t cmd_acked, bulk_acked;
    uint64_t reply_sent, reply_target;
    bool lost, closing;
    uint64_t bulk_end; // closing: with everything up to here in the ring the worker is told
};

bool
dc_mirrors_init(struct dc_mirrors *m)
{
    *m = (struct dc_mirrors){ .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
    return m->wake_fd >= 0;
}

static void
mirror_destroy(struct dc_mirrors *m, struct dc_mirror *r)
{
    for (struct dc_mirror **at = &m->first; *at; at = &(*at)->next) {
        if (*at != r)
            continue;
        *at = r->next;
        m->count--;
        break;
    }
    dc_mirror_ring_finish(&r->base, r->closing && !r->lost ? DC_RING_CLOSED : DC_RING_LOST);
    dc_command_unpacker_destroy(r->unpacker);
    free(r);
}

void
dc_mirrors_finish(struct dc_mirrors *m)
{
    while (m->first)
        mirror_destroy(m, m->first);
    if (m->wake_fd >= 0)
        close(m->wake_fd);
    m->wake_fd = -1;
}

static struct dc_mirror *
find(struct dc_mirrors *m, uint32_t ring_id)
{
    for (struct dc_mirror *r = m->first; r; r = r->next) {
        if (r->base.ring_id == ring_id)
            return r;
    }
    return NULL;
}

static struct dc_mirror *
mirror_create(struct dc_mirrors *m, const Dc__Render__RingAttach *attach, const char **reason)
{
    *reason = find(m, attach->ring_id) ? "ring id is taken" : m->count >= DC_MIRROR_MAX_RINGS ? "too many rings" : NULL;
    struct dc_mirror *r = *reason ? NULL : calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    r->unpacker = dc_command_unpacker_create();
    *reason = r->unpacker ? dc_mirror_ring_init(&r->base, attach, m->wake_fd) : "out of memory";
    if (*reason) {
        dc_command_unpacker_destroy(r->unpacker);
        free(r);
        return NULL;
    }
    r->next = m->first;
    m->first = r;
    m->count++;
    return r;
}

static int
send_open(struct dc_mirrors *m, const struct dc_mirror *r)
{
    const int fds[2] = { r->base.ring.memfd, r->base.ring.cmd_eventfd };
    return dc_bulk_ring_send(m->bulk, DC_BULK_RING_OPEN, r->base.ring_id, 0, fds);
}

int
dc_mirrors_join(struct dc_mirrors *m, struct dc_channel *bulk)
{
    int error = 0;
    m->bulk = bulk;
    for (struct dc_mirror *r = m->first; r && !error; r = r->next) {
        error = send_open(m, r);
        if (!error && r->closing)
            error = dc_bulk_ring_send(bulk, DC_BULK_RING_CLOSE, r->base.ring_id, r->bulk_end, NULL);
    }
    return error ? error : dc_bulk_ring_send(bulk, DC_BULK_RING_JOINED, 0, 0, NULL);
}

bool
dc_mirrors_attach(struct dc_mirrors *m, const Dc__Render__RingAttach *attach)
{
    const char *reason;
    struct dc_mirror *r = mirror_create(m, attach, &reason);
    if (!r) {
        dc_error("tcp link: ring %u cannot be attached: %s", attach->ring_id, reason ? reason : "out of memory");
        return false;
    }
    // Bulk travels on the other connection and must not get here before the ring: the supervisor waits for this ack.
    const struct dc_replication_ack attached = { .ring_id = r->base.ring_id };
    return dc_mirror_ring_send_attach(&r->base, m->worker, attach) == 0 && (!m->bulk || send_open(m, r) == 0) &&
           dc_replication_send_ack(m->control, DC_LINK_RING_ACK, &attached) == 0;
}

static bool
refuse(uint32_t ring_id, const char *what)
{
    dc_error("tcp link: ring %u: %s", ring_id, what);
    return false;
}

static int
tell_lost(struct dc_mirrors *m, struct dc_mirror *r)
{
    r->lost = true;
    const struct dc_replication_ack lost = { .ring_id = r->base.ring_id, .state = DC_RING_LOST };
    return dc_replication_send_ack(m->control, DC_LINK_RING_STATE, &lost);
}

bool
dc_mirrors_handle_cmd(struct dc_mirrors *m, const struct dc_channel_message *message)
{
    struct dc_replication_data data;
    if (!dc_replication_unpack_data(message, &data))
        return refuse(0, "malformed commands message");
    struct dc_mirror *r = find(m, data.ring_id);
    if (!r || r->closing)
        return refuse(data.ring_id, "commands for a ring that is not attached");
    if (r->lost)
        return true; // sent before the supervisor knew
    if (data.position != r->base.ring.cmd_head + r->cmd_pending_bytes)
        return refuse(data.ring_id, "commands at an unexpected position");
    size_t size_bytes;
    const uint8_t *bytes = dc_command_unpack(r->unpacker, data.bytes, data.size_bytes, data.is_packed, &size_bytes);
    if (!bytes)
        return refuse(data.ring_id, "malformed packed commands");
    uint8_t *room = dc_ring_cmd_reserve(&r->base.ring, r->cmd_pending_bytes + size_bytes);
    if (!room && dc_ring_get_state(&r->base.ring) == DC_RING_LOST)
        return tell_lost(m, r) == 0;
    if (!room)
        return refuse(data.ring_id, "more commands than the ring holds");
    memcpy(room + r->cmd_pending_bytes, bytes, size_bytes);
    r->cmd_pending_bytes += size_bytes;
    if (!data.more) {
        dc_ring_cmd_publish(&r->base.ring, r->cmd_pending_bytes);
        r->cmd_pending_bytes = 0;
    }
    return true;
}

static bool
close_ring(struct dc_mirrors *m, struct dc_mirror *r)
{
    bool ok = dc_mirror_ring_send_close(&r->base, m->worker) == 0;
    if (r->lost && m->bulk)
        ok = dc_bulk_ring_send(m->bulk, DC_BULK_RING_DROP, r->base.ring_id, 0, NULL) == 0 && ok;
    mirror_destroy(m, r);
    return ok;
}

// The worker hears of the end only when everything that it may still execute is there.
static bool
close_when_complete(struct dc_mirrors *m, struct dc_mirror *r)
{
    if (r->lost || (!m->bulk && r->bulk_end == 0))
        return close_ring(m, r);
    return !m->bulk || dc_bulk_ring_send(m->bulk, DC_BULK_RING_CLOSE, r->base.ring_id, r->bulk_end, NULL) == 0;
}

bool
dc_mirrors_handle_bulk(struct dc_mirrors *m, const struct dc_channel_message *message)
{
    struct dc_bulk_ring_message said;
    if (!dc_bulk_ring_unpack(message, &said) || (said.kind != DC_BULK_RING_CLOSED && said.kind != DC_BULK_RING_LOST))
        return refuse(0, "malformed message of the bulk connection's process");
    struct dc_mirror *r = find(m, said.ring_id);
    if (!r)
        return true;
    if (said.kind == DC_BULK_RING_CLOSED && r->closing)
        return close_ring(m, r);
    return r->lost || tell_lost(m, r) == 0;
}

bool
dc_mirrors_handle_ack(struct dc_mirrors *m, const struct dc_channel_message *message)
{
    struct dc_replication_ack ack;
    if (!dc_replication_unpack_ack(message, &ack) || ack.second)
        return refuse(0, "malformed ack");
    struct dc_mirror *r = find(m, ack.ring_id);
    if (!r)
        return refuse(ack.ring_id, "ack for a ring that is not attached");
    if (r->lost)
        return true;
    if (ack.first - r->base.ring.reply_tail > r->reply_sent - r->base.ring.reply_tail ||
        dc_ring_reply_set_tail(&r->base.ring, ack.first) < 0)
        return refuse(ack.ring_id, "ack of replies that were never sent");
    return true;
}

bool
dc_mirrors_handle_state(struct dc_mirrors *m, const struct dc_channel_message *message)
{
    struct dc_replication_ack state;
    if (!dc_replication_unpack_ack(message, &state))
        return refuse(0, "malformed state message");
    struct dc_mirror *r = find(m, state.ring_id);
    if (!r || r->closing)
        return refuse(state.ring_id, "state of a ring that is not attached");
    if (state.state == DC_RING_LOST) {
        r->lost = true;
        dc_ring_set_state(&r->base.ring, DC_RING_LOST);
        return true;
    }
    if (state.state != DC_RING_CLOSED)
        return refuse(state.ring_id, "unknown state");
    if (!r->lost && (r->cmd_pending_bytes || state.first != r->base.ring.cmd_head ||
                     state.second - r->base.ring.bulk_tail > r->base.ring.geometry.bulk_bytes))
        return refuse(state.ring_id, "closed at an unexpected position");
    r->closing = true;
    r->bulk_end = state.second;
    return close_when_complete(m, r);
}

static int
pump_acks(struct dc_mirrors *m, struct dc_mirror *r)
{
    uint64_t cmd, bulk;
    if (dc_ring_get_shared_tails(&r->base.ring, &cmd, &bulk) < 0)
        return tell_lost(m, r);
    bool moved = cmd != r->cmd_acked || bulk != r->bulk_acked;
    bool idle = cmd == r->base.ring.cmd_head;
    if (!moved || (!idle && cmd - r->cmd_acked < r->base.ring.geometry.cmd_bytes / DC_RING_ACK_PART &&
                   bulk - r->bulk_acked < r->base.ring.geometry.bulk_bytes / DC_RING_ACK_PART))
        return 0;
    r->cmd_acked = cmd;
    r->bulk_acked = bulk;
    const struct dc_replication_ack ack = { .ring_id = r->base.ring_id, .first = cmd, .second = bulk };
    return dc_replication_send_ack(m->control, DC_LINK_RING_ACK, &ack);
}

static int
pump_replies(struct dc_mirrors *m, struct dc_mirror *r)
{
    int error = 0;
    while (!error && dc_channel_queued_bytes(m->control) < LOW_WATER_BYTES) {
        const uint8_t *data;
        size_t size_bytes;
        if (dc_ring_reply_peek_from(&r->base.ring, r->reply_sent, &data, &size_bytes) < 0)
            return tell_lost(m, r);
        if (r->reply_sent == r->reply_target)
            r->reply_target = r->reply_sent + size_bytes;
        if (r->reply_sent == r->reply_target)
            return 0;
        size_bytes = (size_t)(r->reply_target - r->reply_sent);
        if (size_bytes > DC_REPLICATION_MAX_PIECE_BYTES)
            size_bytes = DC_REPLICATION_MAX_PIECE_BYTES;
        bool more = r->reply_sent + size_bytes != r->reply_target;
        error = dc_replication_send_data(m->control, DC_LINK_RING_REPLY, r->base.ring_id, r->reply_sent, data, size_bytes, more);
        r->reply_sent += size_bytes;
    }
    return error;
}

void
dc_mirrors_clear_wake(struct dc_mirrors *m)
{
    dc_ring_eventfd_clear(m->wake_fd);
}

static int
pump(struct dc_mirrors *m)
{
    for (struct dc_mirror *r = m->first; r; r = r->next) {
        if (r->lost)
            continue;
        dc_ring_frontend_arm(&r->base.ring);
        // Replies first: after LOST the supervisor would not take them, and they say why.
        int error = pump_replies(m, r);
        if (!error && !r->lost)
            error = pump_acks(m, r);
        if (!error && !r->lost && dc_ring_get_state(&r->base.ring) == DC_RING_LOST)
            error = tell_lost(m, r);
        if (error)
            return error;
    }
    return 0;
}

int
dc_mirrors_pump(struct dc_mirrors *m)
{
    // An answer and the ack of the commands before it share a TLS record, and wake the other side once.
    dc_channel_cork(m->control);
    int error = pump(m), sending = dc_channel_uncork(m->control);
    return error ? error : sending;
}
