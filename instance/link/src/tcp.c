/* A link over TCP: life, the caller's side, and the thread's loop. tcp_priv.h says who does what. */
#define DC_LOG_COMPONENT "link"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <common/log.h>
#include "tcp_priv.h"

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

// ---- thread ----

static void
run_ops(struct tcp_link *t, bool lose)
{
    pthread_mutex_lock(&t->base.lock);
    struct tcp_op *ops = t->first_op;
    t->first_op = t->last_op = NULL;
    pthread_mutex_unlock(&t->base.lock);
    for (struct tcp_op *op = ops, *next; op; op = next) {
        next = op->next;
        if (op->attach)
            dc_tcp_ring_attach(t, op->attach);
        else if (!lose)
            dc_tcp_ring_detach(t, op->ring_id);
        free(op);
    }
}

/* The answer to an attachment may be here before we came round to its op, or even before the op was queued. */
static void
catch_up_with_attachments(struct tcp_link *t)
{
    pthread_mutex_lock(&t->attach_lock);
    pthread_mutex_unlock(&t->attach_lock);
    run_ops(t, false);
}

static bool
handle_a(void *user, struct dc_channel_message *message)
{
    struct tcp_link *t = user;
    if (!t->a_answered) {
        dc_link_read_admission(message, &t->admission);
        return t->a_answered = true;
    }
    bool ok = false;
    switch (message->type) {
    case DC_LINK_CONTROL:
    case DC_LINK_PACKET:
        ok = dc_tcp_push_event(t, message->type, message->payload, message->size_bytes);
        break;
    case DC_LINK_RING_ACK:
        catch_up_with_attachments(t);
        ok = dc_tcp_rings_handle_ack(t, message);
        break;
    case DC_LINK_RING_STATE:
        catch_up_with_attachments(t);
        ok = dc_tcp_rings_handle_state(t, message);
        break;
    default:
        break;
    }
    if (!ok)
        snprintf(t->reason, sizeof(t->reason), "render server broke the protocol (message type %u)", message->type);
    return ok;
}

static bool
handle_b(void *user, struct dc_channel_message *message)
{
    struct tcp_link *t = user;
    if (!t->b_answered) {
        dc_link_read_admission(message, &t->admission);
        return t->b_answered = true;
    }
    if (message->type == DC_LINK_RING_REPLY && dc_tcp_rings_handle_reply(t, message))
        return true;
    snprintf(t->reason, sizeof(t->reason), "render server broke the protocol (bulk message type %u)", message->type);
    return false;
}

static const struct dc_channel_listener a_listener = { .handle_message = handle_a };
static const struct dc_channel_listener b_listener = { .handle_message = handle_b };

static void
update_events(struct tcp_link *t, struct dc_channel *channel, short *polled, void *tag)
{
    short events = dc_channel_events(channel);
    if (events == *polled)
        return;
    struct epoll_event e = { .events = EPOLLIN | (events & POLLOUT ? EPOLLOUT : 0), .data.ptr = tag };
    epoll_ctl(t->epoll_fd, *polled ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, dc_channel_fd(channel), &e);
    *polled = events;
}

static bool
prepare_epoll(struct tcp_link *t)
{
    struct epoll_event stop = { .events = EPOLLIN, .data.ptr = &t->stop_fd };
    struct epoll_event wake = { .events = EPOLLIN, .data.ptr = &t->wake_fd };
    t->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (t->epoll_fd < 0 || epoll_ctl(t->epoll_fd, EPOLL_CTL_ADD, t->stop_fd, &stop) < 0 ||
        epoll_ctl(t->epoll_fd, EPOLL_CTL_ADD, t->wake_fd, &wake) < 0) {
        snprintf(t->reason, sizeof(t->reason), "epoll: %s", strerror(errno));
        return false;
    }
    return true;
}

static int
handle_ready(struct tcp_link *t, void *tag)
{
    uint64_t count;
    if (tag == &t->stop_fd)
        return -ECANCELED;
    if (tag == &t->wake_fd) {
        ssize_t n = read(t->wake_fd, &count, sizeof(count));
        (void)n;
        return 0;
    }
    if (tag == &t->a || tag == &t->b) {
        struct dc_channel *channel = tag == &t->a ? t->a : t->b;
        int error = dc_channel_process(channel, POLLIN | POLLOUT);
        if (error && !t->reason[0])
            snprintf(t->reason, sizeof(t->reason), "%s", error == -EPIPE ? "render server closed the link"
                                                                         : dc_tls_error(tag == &t->a ? t->a_tls : t->b_tls));
        return error;
    }
    struct tcp_ring *r = tag;
    dc_ring_doorbell_clear(&r->ring);
    return 0;
}

static void
replicate(struct tcp_link *t)
{
    int error = 0;
    while (!error) {
        bool more;
        run_ops(t, false);
        error = dc_tcp_rings_pump(t, &more);
        if (error)
            break;
        update_events(t, t->a, &t->a_events, &t->a);
        update_events(t, t->b, &t->b_events, &t->b);
        struct epoll_event ready[16];
        int count = epoll_wait(t->epoll_fd, ready, 16, more ? 0 : -1);
        for (int i = 0; i < count && !error; i++)
            error = handle_ready(t, ready[i].data.ptr);
    }
    if (!t->reason[0])
        snprintf(t->reason, sizeof(t->reason), "link: %s", strerror(-error));
}

static void *
run_thread(void *user)
{
    struct tcp_link *t = user;
    if (prepare_epoll(t) && dc_tcp_admit(t, &a_listener, &b_listener)) {
        t->reason[0] = '\0';
        dc_info("admitted at tcp:%s:%s", t->host, t->port);
        if (dc_link_set_admitted(&t->base) == 0)
            replicate(t);
    }
    dc_link_set_closed(&t->base);
    run_ops(t, true);
    dc_tcp_rings_lose(t);
    pthread_mutex_lock(&t->event_lock);
    if (t->nonsense[0])
        snprintf(t->reason, sizeof(t->reason), "%s", t->nonsense);
    pthread_mutex_unlock(&t->event_lock);
    if (!t->reason[0])
        snprintf(t->reason, sizeof(t->reason), "link ended");
    dc_tcp_push_event(t, 0, t->reason, strlen(t->reason) + 1);
    return NULL;
}

// ---- caller ----

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
    stats->rtt_us = __atomic_load_n(&t->rtt_us, __ATOMIC_RELAXED);
    stats->command_bytes = __atomic_load_n(&t->command_bytes, __ATOMIC_RELAXED);
    for (int i = 0; i < 2; i++) {
        uint64_t out = 0, in = 0;
        if (connections[i])
            dc_tls_get_wire_bytes(connections[i], &out, &in);
        stats->wire_bytes_out += out;
        stats->wire_bytes_in += in;
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
    run_ops(t, true);
    dc_tcp_rings_lose(t);
    dc_channel_destroy(t->a);
    dc_channel_destroy(t->b);
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
dc_tcp_link_create(const char *host_port, const struct dc_link_config *config)
{
    const struct dc_tls_config tls = { .ca_file = config->ca_file, .cert_file = config->cert_file,
                                       .key_file = config->key_file };
    struct tcp_link *t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    dc_link_init(&t->base, &impl);
    pthread_mutex_init(&t->event_lock, NULL);
    pthread_mutex_init(&t->attach_lock, NULL);
    t->epoll_fd = -1;
    t->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    t->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    t->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (t->stop_fd < 0 || t->wake_fd < 0 || t->event_fd < 0)
        dc_error("tcp link: %s", strerror(errno));
    else if (!split_address(t, host_port))
        dc_error("render address tcp:%s: not HOST:PORT", host_port);
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
    t->thread_started = pthread_create(&t->thread, NULL, run_thread, t) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (t->thread_started) {
        pthread_setname_np(t->thread, "dc-link");
        return;
    }
    dc_link_set_closed(link);
    static const char reason[] = "cannot start the link's thread";
    dc_tcp_push_event(t, 0, reason, sizeof(reason));
}
