/* Making and ending a connection: its queues and mailbox, and what is asked of it. */
#include "rdma_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

int
dc_rdma_fail(struct dc_rdma *r, int error, const char *format, ...)
{
    if (r->state != FAILED) {
        va_list args;
        va_start(args, format);
        vsnprintf(r->error, sizeof(r->error), format, args);
        va_end(args);
        r->state = FAILED;
    }
    return error < 0 ? error : -error;
}

const char *
dc_rdma_error(const struct dc_rdma *r)
{
    return r->error[0] ? r->error : "RDMA connection ended";
}

/* Mailbox, outbox and queues; all that will need the device's files. */
static int
make_queues(struct dc_rdma *r, struct ibv_context *verbs)
{
    size_t half_bytes = DC_RDMA_BELLS * sizeof(struct record);
    struct record *box = mmap(NULL, 2 * half_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (box == MAP_FAILED)
        return dc_rdma_fail(r, errno, "RDMA mailbox: %s", strerror(errno));
    r->mailbox = box;
    r->outbox = box + DC_RDMA_BELLS;
    r->pd = ibv_alloc_pd(verbs);
    r->completions = r->pd ? ibv_create_comp_channel(verbs) : NULL;
    r->send_cq = r->completions ? ibv_create_cq(verbs, SEND_DEPTH, NULL, r->completions, 0) : NULL;
    r->receive_cq = r->send_cq ? ibv_create_cq(verbs, DC_RDMA_BELLS, NULL, r->completions, 0) : NULL;
    if (!r->receive_cq || fcntl(r->completions->fd, F_SETFL, fcntl(r->completions->fd, F_GETFL) | O_NONBLOCK) < 0)
        return dc_rdma_fail(r, errno, "RDMA queues: %s", strerror(errno));
    int error = dc_rdma_register(r, &r->mailbox_memory, (uint8_t *)r->mailbox, half_bytes, true);
    if (!error)
        error = dc_rdma_register(r, &r->outbox_memory, (uint8_t *)r->outbox, half_bytes, false);
    if (error)
        return dc_rdma_fail(r, error, "RDMA memory cannot be registered: %s", strerror(-error));
    if (ibv_req_notify_cq(r->receive_cq, 0))
        return dc_rdma_fail(r, EIO, "RDMA completions cannot be awaited");
    return 0;
}

int
dc_rdma_make_queue_pair(struct dc_rdma *r)
{
    struct ibv_qp_init_attr attr = {
        .send_cq = r->send_cq, .recv_cq = r->receive_cq, .qp_type = IBV_QPT_RC, .sq_sig_all = 1,
        .cap = { .max_send_wr = SEND_DEPTH, .max_recv_wr = DC_RDMA_BELLS, .max_send_sge = 1, .max_recv_sge = 1 },
    };
    if (rdma_create_qp(r->id, r->pd, &attr) < 0)
        return dc_rdma_fail(r, errno, "RDMA queue pair: %s", strerror(errno));
    r->qp = r->id->qp;
    return dc_rdma_post_receives(r);
}

static struct dc_rdma *
create(const struct dc_rdma_listener *listener, void *user)
{
    struct dc_rdma *r = calloc(1, sizeof(*r));
    if (r) {
        r->listener = listener;
        r->user = user;
    }
    return r;
}

static struct dc_rdma *
give_up(struct dc_rdma *r, char *reason, size_t reason_bytes)
{
    if (!reason[0])
        snprintf(reason, reason_bytes, "%s", r ? dc_rdma_error(r) : "out of memory");
    dc_rdma_destroy(r);
    return NULL;
}

struct dc_rdma *
dc_rdma_listen(const struct sockaddr *local, const struct dc_rdma_listener *listener, void *user, char *reason,
               size_t reason_bytes)
{
    struct dc_rdma *r = create(listener, user);
    reason[0] = '\0';
    if (!r || !(r->listening = dc_rdma_open_device(&r->events, local, r, reason, reason_bytes)))
        return give_up(r, reason, reason_bytes);
    if (getrandom(r->token, sizeof(r->token), 0) != (ssize_t)sizeof(r->token) || rdma_listen(r->listening, 4) < 0)
        dc_rdma_fail(r, errno, "RDMA listen: %s", strerror(errno));
    return r->state != FAILED && make_queues(r, r->listening->verbs) == 0 ? r : give_up(r, reason, reason_bytes);
}

struct dc_rdma *
dc_rdma_connect(const struct sockaddr *local, const struct sockaddr *peer, const uint8_t *token,
                const struct dc_rdma_listener *listener, void *user, char *reason, size_t reason_bytes)
{
    struct dc_rdma *r = create(listener, user);
    reason[0] = '\0';
    if (!r || !(r->id = dc_rdma_open_device(&r->events, local, r, reason, reason_bytes)))
        return give_up(r, reason, reason_bytes);
    memcpy(r->token, token, sizeof(r->token));
    if (rdma_resolve_addr(r->id, NULL, (struct sockaddr *)peer, DC_RDMA_RESOLVE_TIMEOUT_MS) < 0)
        dc_rdma_fail(r, errno, "RDMA address: %s", strerror(errno));
    return r->state != FAILED && make_queues(r, r->id->verbs) == 0 ? r : give_up(r, reason, reason_bytes);
}

void
dc_rdma_disconnect(struct dc_rdma *r)
{
    if (!r)
        return;
    if (r->qp) {
        if (r->state == CONNECTED)
            rdma_disconnect(r->id);
        rdma_destroy_qp(r->id);
        r->qp = NULL;
    }
    dc_rdma_fail(r, EPIPE, "ended here");
}

void
dc_rdma_destroy(struct dc_rdma *r)
{
    if (!r)
        return;
    dc_rdma_disconnect(r);
    dc_rdma_unregister(&r->mailbox_memory);
    dc_rdma_unregister(&r->outbox_memory);
    if (r->send_cq)
        ibv_destroy_cq(r->send_cq);
    if (r->receive_cq)
        ibv_destroy_cq(r->receive_cq);
    if (r->completions)
        ibv_destroy_comp_channel(r->completions);
    if (r->pd)
        ibv_dealloc_pd(r->pd);
    if (r->id)
        rdma_destroy_id(r->id);
    if (r->listening)
        rdma_destroy_id(r->listening);
    if (r->events)
        rdma_destroy_event_channel(r->events);
    if (r->mailbox)
        munmap(r->mailbox, 2 * DC_RDMA_BELLS * sizeof(struct record));
    free(r);
}

uint16_t
dc_rdma_get_port(const struct dc_rdma *r)
{
    return ntohs(rdma_get_src_port(r->listening));
}

const uint8_t *
dc_rdma_get_token(const struct dc_rdma *r)
{
    return r->token;
}

bool
dc_rdma_is_connected(const struct dc_rdma *r)
{
    return r->state == CONNECTED;
}

bool
dc_rdma_has_peer(const struct dc_rdma *r)
{
    return r->qp && r->state != FAILED;
}

struct dc_rdma_region
dc_rdma_get_mailbox(const struct dc_rdma *r)
{
    return r->mailbox_memory.region;
}

void
dc_rdma_set_peer_mailbox(struct dc_rdma *r, struct dc_rdma_region mailbox)
{
    r->peer_mailbox = mailbox;
    r->has_peer_mailbox = true;
}

void
dc_rdma_get_fds(const struct dc_rdma *r, int fds[2])
{
    fds[0] = r->events->fd;
    fds[1] = r->completions->fd;
}
