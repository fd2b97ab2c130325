/* Mirrored rings over RDMA: the connection, and what is said about it and about rings on the control connection. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define DC_LOG_COMPONENT "render"
#include <common/log.h>
#include "rdma_mirror_priv.h"

// Registered memory is locked memory: twenty rings of the usual size.
#define MAX_LOCKED_BYTES (UINT64_C(1400) << 20)

void
dc_rdma_mirrors_raise_limit(void)
{
    dc_rdma_raise_memory_limit(MAX_LOCKED_BYTES);
}

struct dc_rdma_mirrors *
dc_rdma_mirrors_open(int tcp_fd, char *reason, size_t reason_bytes)
{
    struct sockaddr_storage local;
    socklen_t local_bytes = sizeof(local);
    struct dc_rdma_mirrors *m = calloc(1, sizeof(*m));
    if (!m || getsockname(tcp_fd, (struct sockaddr *)&local, &local_bytes) < 0) {
        snprintf(reason, reason_bytes, "%s", strerror(errno));
        free(m);
        return NULL;
    }
    m->rdma = dc_rdma_listen((struct sockaddr *)&local, &dc_rdma_mirror_listener, m, reason, reason_bytes);
    if (m->rdma)
        return m;
    free(m);
    return NULL;
}

void
dc_rdma_mirrors_destroy(struct dc_rdma_mirrors *m)
{
    if (!m)
        return;
    dc_rdma_disconnect(m->rdma);
    while (m->first)
        dc_rdma_mirror_destroy(m, m->first);
    dc_rdma_destroy(m->rdma);
    free(m);
}

void
dc_rdma_mirrors_set_channels(struct dc_rdma_mirrors *m, struct dc_channel *control, struct dc_channel *worker, int wake_fd)
{
    m->control = control;
    m->worker = worker;
    m->wake_fd = wake_fd;
}

bool
dc_rdma_mirrors_are_started(const struct dc_rdma_mirrors *m)
{
    return m->started;
}

bool
dc_rdma_mirrors_are_usable(const struct dc_rdma_mirrors *m)
{
    return m->rdma != NULL;
}

void
dc_rdma_mirrors_get_fds(const struct dc_rdma_mirrors *m, int fds[2])
{
    fds[0] = fds[1] = -1;
    if (m->rdma)
        dc_rdma_get_fds(m->rdma, fds);
}

int
dc_rdma_mirrors_process(struct dc_rdma_mirrors *m)
{
    int error = m->rdma ? dc_rdma_process(m->rdma) : 0;
    if (!error)
        return 0;
    if (m->started && error != -EPIPE) // that is how links end
        dc_error("rdma link: %s", dc_rdma_error(m->rdma));
    if (m->started)
        return error;
    // The supervisor goes on over TCP, or has not even asked.
    dc_info("rdma link: not used: %s", dc_rdma_error(m->rdma));
    dc_rdma_destroy(m->rdma);
    m->rdma = NULL;
    return 0;
}

bool
dc_rdma_mirror_refuse(uint32_t ring_id, const char *what)
{
    dc_error("rdma link: ring %u: %s", ring_id, what);
    return false;
}

static bool
offer(struct dc_rdma_mirrors *m)
{
    if (m->offered)
        return dc_rdma_mirror_refuse(0, "asked for RDMA twice");
    m->offered = true;
    struct dc_rdma_message answer = { .kind = DC_RDMA_READY, .port = dc_rdma_get_port(m->rdma) };
    memcpy(answer.token, dc_rdma_get_token(m->rdma), sizeof(answer.token));
    return dc_rdma_message_send(m->control, &answer) == 0;
}

static bool
start(struct dc_rdma_mirrors *m, const struct dc_rdma_message *question)
{
    // The supervisor may know of the connection before we have looked.
    if (!m->started && !dc_rdma_is_connected(m->rdma) && dc_rdma_process(m->rdma) < 0)
        return dc_rdma_mirror_refuse(0, dc_rdma_error(m->rdma));
    if (m->started || !dc_rdma_has_peer(m->rdma))
        return dc_rdma_mirror_refuse(0, "started RDMA without a connection");
    m->started = true;
    dc_rdma_set_peer_mailbox(m->rdma, question->a);
    dc_info("commands travel over RDMA");
    const struct dc_rdma_message answer = { .kind = DC_RDMA_STARTED, .a = dc_rdma_get_mailbox(m->rdma) };
    return dc_rdma_message_send(m->control, &answer) == 0;
}

static bool
give_slot(struct dc_rdma_mirrors *m, const struct dc_rdma_message *question)
{
    struct rdma_mirror *r = dc_rdma_mirror_find(m, question->ring_id);
    if (!r || r->has_slot || m->slots[question->slot])
        return dc_rdma_mirror_refuse(question->ring_id, "is not attached, or its slot is taken");
    r->slot = question->slot;
    r->has_slot = true;
    r->peer_reply = question->a;
    m->slots[r->slot] = r;
    const struct dc_rdma_message answer = { .kind = DC_RDMA_RING_READY, .ring_id = r->base.ring_id, .slot = r->slot,
                                            .a = r->cmd.region, .b = r->bulk.region };
    return r->lost || dc_rdma_message_send(m->control, &answer) == 0;
}

bool
dc_rdma_mirrors_handle_message(struct dc_rdma_mirrors *m, const struct dc_channel_message *message)
{
    struct dc_rdma_message question;
    if (!dc_rdma_message_unpack(message, &question))
        return dc_rdma_mirror_refuse(0, "malformed message");
    switch (question.kind) {
    case DC_RDMA_OPEN: return offer(m);
    case DC_RDMA_START: return start(m, &question);
    case DC_RDMA_RING: return m->started ? give_slot(m, &question) : dc_rdma_mirror_refuse(0, "RDMA is not started");
    default: return dc_rdma_mirror_refuse(0, "unexpected message");
    }
}

static const char *
mirror_create(struct dc_rdma_mirrors *m, const Dc__Render__RingAttach *attach, struct rdma_mirror **out)
{
    if (dc_rdma_mirror_find(m, attach->ring_id))
        return "ring id is taken";
    if (m->count >= DC_MIRROR_MAX_RINGS)
        return "too many rings";
    struct rdma_mirror *r = calloc(1, sizeof(*r));
    const char *reason = r ? dc_mirror_ring_init(&r->base, attach, m->wake_fd) : "out of memory";
    if (reason) {
        free(r);
        return reason;
    }
    r->next = m->first;
    m->first = r;
    m->count++;
    *out = r;
    return NULL;
}

bool
dc_rdma_mirrors_attach(struct dc_rdma_mirrors *m, const Dc__Render__RingAttach *attach)
{
    struct rdma_mirror *r = NULL;
    const char *reason = mirror_create(m, attach, &r);
    if (reason) {
        dc_error("rdma link: ring %u cannot be attached: %s", attach->ring_id, reason);
        return false;
    }
    const struct dc_ring_geometry *g = &r->base.ring.geometry;
    // What the supervisor may write, and never more.
    int error = dc_rdma_register(m->rdma, &r->cmd, r->base.ring.cmd, g->cmd_bytes, true);
    if (!error)
        error = dc_rdma_register(m->rdma, &r->bulk, r->base.ring.bulk, g->bulk_bytes, true);
    if (!error)
        error = dc_rdma_register(m->rdma, &r->reply, r->base.ring.reply, g->reply_bytes, false);
    if (error) {
        dc_error("rdma link: ring %u cannot be registered: %s", attach->ring_id, strerror(-error));
        r->lost = true; // this ring's end, not the link's
    }
    return dc_mirror_ring_send_attach(&r->base, m->worker, attach) == 0;
}

struct rdma_mirror *
dc_rdma_mirror_find(struct dc_rdma_mirrors *m, uint32_t ring_id)
{
    for (struct rdma_mirror *r = m->first; r; r = r->next) {
        if (r->base.ring_id == ring_id)
            return r;
    }
    return NULL;
}

void
dc_rdma_mirror_destroy(struct dc_rdma_mirrors *m, struct rdma_mirror *r)
{
    for (struct rdma_mirror **at = &m->first; *at; at = &(*at)->next) {
        if (*at != r)
            continue;
        *at = r->next;
        m->count--;
        break;
    }
    if (r->has_slot)
        m->slots[r->slot] = NULL;
    dc_rdma_unregister(&r->cmd);
    dc_rdma_unregister(&r->bulk);
    dc_rdma_unregister(&r->reply);
    dc_mirror_ring_finish(&r->base, r->closing && !r->lost ? DC_RING_CLOSED : DC_RING_LOST);
    free(r);
}
