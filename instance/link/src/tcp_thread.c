/* A link over TCP: the thread's loop over ring doorbells, both connections and what the caller asks. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "link"
#include <common/log.h>
#include "rdma_link.h"

void
dc_tcp_run_ops(struct tcp_link *t, bool lose)
{
    pthread_mutex_lock(&t->base.lock);
    struct tcp_op *ops = t->first_op;
    t->first_op = t->last_op = NULL;
    pthread_mutex_unlock(&t->base.lock);
    for (struct tcp_op *op = ops, *next; op; op = next) {
        next = op->next;
        if (op->attach) {
            dc_tcp_ring_attach(t, op->attach);
            if (t->rdma && !lose)
                dc_rdma_link_attach(t, op->attach);
        } else if (!lose)
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
    dc_tcp_run_ops(t, false);
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
    case DC_LINK_RING_REPLY:
        ok = !t->rdma && dc_tcp_rings_handle_reply(t, message);
        break;
    case DC_LINK_RDMA:
        // Before it is agreed, a ring would be attached to what it may not travel on.
        if (t->rdma)
            catch_up_with_attachments(t);
        ok = dc_rdma_link_handle_message(t, message);
        break;
    case DC_LINK_RING_ACK:
        catch_up_with_attachments(t);
        ok = !t->rdma && dc_tcp_rings_handle_ack(t, message);
        break;
    case DC_LINK_RING_STATE:
        catch_up_with_attachments(t);
        ok = t->rdma ? dc_rdma_link_handle_message(t, message) : dc_tcp_rings_handle_state(t, message);
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
    if (dc_bulk_sender_handle(t->bulk, t->b, message))
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

static bool
poll_rdma(struct tcp_link *t)
{
    int fds[2];
    dc_rdma_link_get_fds(t, fds);
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = &t->rdma };
    return epoll_ctl(t->epoll_fd, EPOLL_CTL_ADD, fds[0], &e) == 0 && epoll_ctl(t->epoll_fd, EPOLL_CTL_ADD, fds[1], &e) == 0;
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
    if (tag == &t->rdma)
        return dc_rdma_link_process(t);
    struct tcp_ring *r = tag;
    dc_ring_doorbell_clear(&r->ring);
    return 0;
}

static void
replicate(struct tcp_link *t)
{
    int error = t->rdma && !poll_rdma(t) ? -errno : 0;
    while (!error) {
        bool more;
        dc_tcp_run_ops(t, false);
        error = t->rdma ? dc_rdma_link_pump(t, &more) : dc_tcp_rings_pump(t, &more);
        if (error)
            break;
        update_events(t, t->a, &t->a_events, &t->a);
        if (t->b)
            update_events(t, t->b, &t->b_events, &t->b);
        struct epoll_event ready[16];
        int count = epoll_wait(t->epoll_fd, ready, 16, more ? 0 : -1);
        for (int i = 0; i < count && !error; i++)
            error = handle_ready(t, ready[i].data.ptr);
    }
    if (!t->reason[0])
        snprintf(t->reason, sizeof(t->reason), "link: %s", strerror(-error));
}

void *
dc_tcp_run_thread(void *user)
{
    struct tcp_link *t = user;
    if (prepare_epoll(t) && dc_tcp_admit(t, &a_listener, &b_listener)) {
        t->reason[0] = '\0';
        dc_info("admitted at %s:%s:%s", t->rdma ? "rdma" : "tcp", t->host, t->port);
        if (dc_link_set_admitted(&t->base) == 0)
            replicate(t);
    }
    dc_link_set_closed(&t->base);
    dc_tcp_run_ops(t, true);
    dc_rdma_link_close(t);
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
