/* Rings over RDMA: how both ends come to it. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define DC_LOG_COMPONENT "link"
#include <common/clock.h>
#include <common/log.h>
#include "rdma_priv.h"

#define OPEN_TIMEOUT_MS 8000
// Rings of eight processes; more may fail to register, which is said then.
#define LOCKED_BYTES (UINT64_C(1) << 30)

static bool
refuse(struct tcp_link *t, const char *why)
{
    snprintf(t->reason, sizeof(t->reason), "%s", why);
    return false;
}

/* Whatever happens on the control connection and on RDMA's descriptors, until `done`. 0; -ETIMEDOUT; -errno: the link has
 * ended, or RDMA has failed (the link's rdma says so). */
static int
wait_until(struct tcp_link *t, struct rdma_link *l, bool (*done)(const struct rdma_link *))
{
    int64_t end_us = dc_clock_now_us() + OPEN_TIMEOUT_MS * INT64_C(1000);
    int error = 0;
    while (!error && !done(l)) {
        int fds[2] = { -1, -1 };
        if (l->rdma)
            dc_rdma_get_fds(l->rdma, fds);
        struct pollfd p[4] = { { .fd = dc_channel_fd(t->a), .events = dc_channel_events(t->a) },
                               { .fd = t->stop_fd, .events = POLLIN },
                               { .fd = fds[0], .events = POLLIN }, { .fd = fds[1], .events = POLLIN } };
        int64_t left_us = end_us - dc_clock_now_us();
        if (left_us <= 0 || poll(p, 4, (int)(left_us / 1000) + 1) == 0)
            return -ETIMEDOUT;
        if (p[1].revents)
            return -ECANCELED;
        error = p[0].revents ? dc_channel_process(t->a, p[0].revents) : 0;
        if (!error && (p[2].revents || p[3].revents))
            error = dc_rdma_process(l->rdma);
    }
    return error;
}

static bool
is_answered(const struct rdma_link *l)
{
    return l->answered;
}

static bool
is_connected(const struct rdma_link *l)
{
    return dc_rdma_is_connected(l->rdma);
}

static int
ask(struct tcp_link *t, struct rdma_link *l, const struct dc_rdma_message *question)
{
    l->answered = false;
    int error = dc_rdma_message_send(t->a, question);
    return error ? error : wait_until(t, l, is_answered);
}

static void
set_port(struct sockaddr_storage *address, uint16_t port)
{
    if (address->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)address)->sin6_port = htons(port);
    else
        ((struct sockaddr_in *)address)->sin_port = htons(port);
}

/* The device is the one that has the address from which TCP reaches the render server. */
static bool
connect_rdma(struct tcp_link *t, struct rdma_link *l, struct sockaddr_storage *local, struct sockaddr_storage *peer)
{
    char reason[DC_RDMA_MAX_REASON_BYTES];
    set_port(peer, (uint16_t)l->answer.port);
    l->rdma = dc_rdma_connect((struct sockaddr *)local, (struct sockaddr *)peer, l->answer.token,
                              &dc_rdma_rings_listener, t, reason, sizeof(reason));
    if (!l->rdma)
        return refuse(t, reason);
    int error = wait_until(t, l, is_connected);
    if (error)
        return refuse(t, error == -ETIMEDOUT ? "no RDMA connection in time" : dc_rdma_error(l->rdma));
    return true;
}

static bool
start(struct tcp_link *t, struct rdma_link *l)
{
    const struct dc_rdma_message question = { .kind = DC_RDMA_START, .a = dc_rdma_get_mailbox(l->rdma) };
    int error = ask(t, l, &question);
    if (error || l->answer.kind != DC_RDMA_STARTED)
        return refuse(t, error == -ETIMEDOUT ? "the render server did not answer in time"
                                             : "the render server ended the link while RDMA was started");
    dc_rdma_set_peer_mailbox(l->rdma, l->answer.a);
    return true;
}

static bool
open_link(struct tcp_link *t, struct rdma_link *l, bool *ended)
{
    const struct dc_rdma_message question = { .kind = DC_RDMA_OPEN };
    struct sockaddr_storage local, peer;
    socklen_t local_bytes = sizeof(local), peer_bytes = sizeof(peer);
    char reason[DC_RDMA_MAX_REASON_BYTES];
    int fd = dc_channel_fd(t->a);
    dc_rdma_raise_memory_limit(LOCKED_BYTES);
    if (getsockname(fd, (struct sockaddr *)&local, &local_bytes) < 0 ||
        getpeername(fd, (struct sockaddr *)&peer, &peer_bytes) < 0)
        return refuse(t, strerror(errno));
    if (!dc_rdma_has_device((struct sockaddr *)&local, reason, sizeof(reason)))
        return refuse(t, reason);
    int error = ask(t, l, &question);
    if (error) {
        *ended = error != -ETIMEDOUT;
        return refuse(t, error == -ETIMEDOUT ? "the render server does not know RDMA" : "the render server closed the link");
    }
    if (l->answer.kind != DC_RDMA_READY)
        return refuse(t, l->answer.kind == DC_RDMA_UNAVAILABLE ? l->answer.reason : "nonsense instead of an answer");
    if (!connect_rdma(t, l, &local, &peer))
        return false;
    // From here on the other side expects rings over RDMA: there is no way back to TCP.
    *ended = true;
    return start(t, l);
}

bool
dc_rdma_link_open(struct tcp_link *t, bool *ended)
{
    struct rdma_link *l = calloc(1, sizeof(*l));
    *ended = false;
    if (!l)
        return refuse(t, "out of memory");
    t->opening_rdma = l;
    bool ok = open_link(t, l, ended);
    t->opening_rdma = NULL;
    if (ok) {
        *ended = false;
        __atomic_store_n(&t->rdma, l, __ATOMIC_RELEASE);
        return true;
    }
    dc_rdma_destroy(l->rdma);
    free(l);
    return false;
}

void
dc_rdma_link_close(struct tcp_link *t)
{
    if (!t->rdma)
        return;
    dc_rdma_disconnect(t->rdma->rdma);
    for (struct tcp_ring *r = t->rings; r; r = r->next)
        dc_rdma_ring_release(t, r);
}

void
dc_rdma_link_destroy(struct tcp_link *t)
{
    if (!t->rdma)
        return;
    dc_rdma_destroy(t->rdma->rdma);
    free(t->rdma);
    t->rdma = NULL;
}

void
dc_rdma_link_get_fds(const struct tcp_link *t, int fds[2])
{
    dc_rdma_get_fds(t->rdma->rdma, fds);
}

int
dc_rdma_link_process(struct tcp_link *t)
{
    int error = dc_rdma_process(t->rdma->rdma);
    if (error && !t->reason[0])
        snprintf(t->reason, sizeof(t->reason), "link over RDMA: %s", dc_rdma_error(t->rdma->rdma));
    return error;
}

void
dc_rdma_link_get_bytes(const struct tcp_link *t, uint64_t *out_bytes, uint64_t *in_bytes)
{
    dc_rdma_get_bytes(t->rdma->rdma, out_bytes, in_bytes);
}

bool
dc_rdma_link_handle_message(struct tcp_link *t, const struct dc_channel_message *message)
{
    struct dc_rdma_message m;
    if (t->rdma && message->type == DC_LINK_RING_STATE)
        return dc_rdma_rings_handle_state(t, message);
    if (!dc_rdma_message_unpack(message, &m))
        return false;
    if (m.kind == DC_RDMA_RING_READY)
        return t->rdma && dc_rdma_rings_handle_ready(t, &m);
    struct rdma_link *l = t->opening_rdma;
    if (!l || l->answered)
        return false;
    l->answer = m;
    return l->answered = true;
}
