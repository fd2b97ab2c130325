/* A link over TCP: life and the caller's side. tcp_priv.h says who does what. */
#define DC_LOG_COMPONENT "link"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <common/log.h>
#include "rdma_link.h"

static struct tcp_link *
tcp(const struct dc_link *link)
{
    return (struct tcp_link *)link;
}

static void
signal_fd(int fd)
{
    uint64_t one = 1;
    ssize_t n = write(fd, &one, sizeof(one));
    (void)n;
}

static int
tcp_send(struct dc_link *link, uint16_t type, const void *payload, size_t size_bytes, const int *fds, int fd_count)
{
    struct tcp_link *t = tcp(link);
    int error = dc_channel_send(t->a, type, 0, payload, size_bytes, NULL, 0);
    if (dc_channel_queued_bytes(t->a))
        signal_fd(t->wake_fd);
    return error;
}

// false: the link is closed; takes ownership of op either way.
static bool
push_op(struct tcp_link *t, struct tcp_op *op)
{
    pthread_mutex_lock(&t->base.lock);
    bool open = !t->base.closed;
    if (open) {
        if (t->last_op)
            t->last_op->next = op;
        else
            t->first_op = op;
        t->last_op = op;
    }
    pthread_mutex_unlock(&t->base.lock);
    if (open)
        signal_fd(t->wake_fd);
    else
        free(op);
    return open;
}

static int
tcp_attach_ring(struct dc_link *link, uint32_t ring_id, struct dc_ring *ring, const char *process)
{
    struct tcp_link *t = tcp(link);
    struct tcp_ring *r = dc_tcp_ring_create(ring_id, ring);
    struct tcp_op *op = calloc(1, sizeof(*op));
    int error = r && op ? 0 : -ENOMEM;
    bool queued = false;
    pthread_mutex_lock(&t->attach_lock);
    // Before the thread knows the ring, so that its first command comes after this.
    if (!error)
        error = dc_link_post_ring_attach(link, ring_id, ring, process, NULL, 0);
    if (!error) {
        *op = (struct tcp_op){ .ring_id = ring_id, .attach = r };
        queued = push_op(t, op);
        error = queued ? 0 : -EPIPE;
    } else {
        free(op);
    }
    pthread_mutex_unlock(&t->attach_lock);
    if (!queued)
        dc_tcp_ring_destroy(r);
    return error;
}

static void
tcp_detach_ring(struct dc_link *link, uint32_t ring_id)
{
    struct tcp_op *op = calloc(1, sizeof(*op));
    if (!op)
        return;
    op->ring_id = ring_id;
    push_op(tcp(link), op);
}

static int
tcp_get_fd(const struct dc_link *link)
{
    return tcp(link)->event_fd;
}

static void
tcp_dispatch(struct dc_link *link)
{
    dc_tcp_dispatch_events(tcp(link));
}

static void
tcp_get_stats(const struct dc_link *link, struct dc_link_stats *stats)
{
    const struct tcp_link *t = tcp(link);
    const struct dc_tls *connections[2] = { __atomic_load_n(&t->a_tls, __ATOMIC_ACQUIRE),
                                            __atomic_load_n(&t->b_tls, __ATOMIC_ACQUIRE) };
    stats->kind = "tcp";
    if (__atomic_load_n(&t->rdma, __ATOMIC_ACQUIRE)) {
        stats->kind = "rdma";
        dc_rdma_link_get_bytes(t, &stats->wire_bytes_out, &stats->wire_bytes_in);
    }
    stats->rtt_us = __atomic_load_n(&t->rtt_us, __ATOMIC_RELAXED);
    stats->bulk_bytes = __atomic_load_n(&t->bulk_bytes, __ATOMIC_RELAXED);
    stats->command_bytes = __atomic_load_n(&t->command_bytes, __ATOMIC_RELAXED);
    for (int i = 0; i < 2; i++) {
        uint64_t out = 0, in = 0;
        if (connections[i])
            dc_tls_get_wire_bytes(connections[i], &out, &in);
        stats->wire_bytes_out += out;
        stats->wire_bytes_in += in;
        stats->bulk_wire_bytes = out; // of the second one, at last
    }
}

static void
close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

static void
tcp_destroy(struct dc_link *link)
{
    struct tcp_link *t = tcp(link);
    if (t->thread_started) {
        signal_fd(t->stop_fd);
        pthread_join(t->thread, NULL);
    }
    dc_tcp_run_ops(t, true);
    dc_rdma_link_close(t);
    dc_tcp_rings_lose(t);
    dc_rdma_link_destroy(t);
    dc_channel_destroy(t->a);
    dc_channel_destroy(t->b);
    dc_bulk_sender_destroy(t->bulk);
    dc_tcp_drop_events(t);
    dc_tls_context_destroy(t->tls);
    close_fd(t->stop_fd);
    close_fd(t->wake_fd);
    close_fd(t->event_fd);
    close_fd(t->epoll_fd);
    pthread_mutex_destroy(&t->event_lock);
    pthread_mutex_destroy(&t->attach_lock);
    free(t->host);
    free(t->port);
    dc_link_finish(link);
    free(t);
}

static const struct dc_link_impl impl = {
    .send = tcp_send,
    .get_fd = tcp_get_fd,
    .dispatch = tcp_dispatch,
    .attach_ring = tcp_attach_ring,
    .detach_ring = tcp_detach_ring,
    .get_stats = tcp_get_stats,
    .destroy = tcp_destroy,
};

// HOST:PORT or [ADDRESS]:PORT
static bool
split_address(struct tcp_link *t, const char *host_port)
{
    const char *colon = strrchr(host_port, ':'), *host = host_port;
    if (!colon || colon == host_port || !colon[1])
        return false;
    size_t length = (size_t)(colon - host_port);
    if (host[0] == '[' && length > 2 && host[length - 1] == ']') {
        host++;
        length -= 2;
    }
    t->host = strndup(host, length);
    t->port = strdup(colon + 1);
    return t->host && t->port;
}

struct dc_link *
dc_tcp_link_create(const char *host_port, bool wants_rdma, const struct dc_link_config *config)
{
    const struct dc_tls_config tls = { .ca_file = config->ca_file, .cert_file = config->cert_file,
                                       .key_file = config->key_file };
    struct tcp_link *t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    dc_link_init(&t->base, &impl);
    pthread_mutex_init(&t->event_lock, NULL);
    pthread_mutex_init(&t->attach_lock, NULL);
    t->wants_rdma = wants_rdma;
    t->epoll_fd = -1;
    t->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    t->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    t->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    t->bulk = dc_bulk_sender_create();
    if (t->stop_fd < 0 || t->wake_fd < 0 || t->event_fd < 0 || !t->bulk)
        dc_error("tcp link: %s", t->bulk ? strerror(errno) : "out of memory");
    else if (!split_address(t, host_port))
        dc_error("render address %s:%s: not HOST:PORT", wants_rdma ? "rdma" : "tcp", host_port);
    else if ((t->tls = dc_tls_context_create(&tls)))
        return &t->base;
    tcp_destroy(&t->base);
    return NULL;
}

void
dc_tcp_link_start(struct dc_link *link)
{
    struct tcp_link *t = tcp(link);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    t->thread_started = pthread_create(&t->thread, NULL, dc_tcp_run_thread, t) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (t->thread_started) {
        pthread_setname_np(t->thread, "dc-link");
        return;
    }
    dc_link_set_closed(link);
    static const char reason[] = "cannot start the link's thread";
    dc_tcp_push_event(t, 0, reason, sizeof(reason));
}
