/* A link to a worker on the same host: one Unix socket; the worker maps the rings themselves. */
#define DC_LOG_COMPONENT "link"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <common/log.h>
#include "link_priv.h"
#include "message.h"

struct local_ring {
    struct local_ring *next;
    uint32_t ring_id;
    struct dc_ring *ring; // the caller's, until detached
};

struct local_link {
    struct dc_link base;
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    int epoll_fd; // the socket, and wake_fd
    int wake_fd;  // there is an end to report
    struct dc_channel *channel; // owned; constant after start
    short polled_events;        // protected by base.lock
    struct local_ring *rings;   // owned; caller's thread
    uint64_t detached_bytes;    // of rings that are gone
    char reason[192];           // why it ended before dispatch could say so
};

static struct local_link *
local(const struct dc_link *link)
{
    return (struct local_link *)link;
}

static void
update_events(struct local_link *l)
{
    short events = dc_channel_events(l->channel);
    if (events == l->polled_events)
        return;
    struct epoll_event e = { .events = EPOLLIN | (events & POLLOUT ? EPOLLOUT : 0) };
    epoll_ctl(l->epoll_fd, EPOLL_CTL_MOD, dc_channel_fd(l->channel), &e);
    l->polled_events = events;
}

static uint64_t
consumed_bytes(const struct dc_ring *ring)
{
    const struct dc_ring_shared *s = ring->shared;
    return __atomic_load_n(&s->cmd_tail, __ATOMIC_RELAXED) + __atomic_load_n(&s->bulk_tail, __ATOMIC_RELAXED);
}

// The rings are the caller's, who may finish them as soon as they are lost: none is looked at afterwards.
static void
lose_rings(struct local_link *l)
{
    while (l->rings) {
        struct local_ring *r = l->rings;
        l->detached_bytes += consumed_bytes(r->ring);
        dc_ring_lose(r->ring, l->base.rings_survive);
        l->rings = r->next;
        free(r);
    }
}

static void
close_link(struct local_link *l, const char *reason)
{
    if (!dc_link_set_closed(&l->base))
        return;
    lose_rings(l);
    // Nothing is readable from now on, for a caller that goes on polling.
    epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, l->wake_fd, NULL);
    if (l->channel)
        epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, dc_channel_fd(l->channel), NULL);
    l->base.listener->handle_closed(l->base.user, reason);
}

static bool
handle_admission(struct local_link *l, const struct dc_channel_message *message)
{
    struct dc_link_admission admission;
    dc_link_read_admission(message, &admission);
    if (admission.answer == DC_LINK_ANSWER_ADMITTED)
        return dc_link_set_admitted(&l->base) == 0;
    snprintf(l->reason, sizeof(l->reason), "%s", admission.reason);
    return false;
}

static bool
handle_message(void *user, struct dc_channel_message *message)
{
    struct local_link *l = user;
    if (!l->base.admitted) // written by this thread only
        return handle_admission(l, message);
    if (dc_link_deliver(&l->base, message->type, message->payload, message->size_bytes))
        return true;
    snprintf(l->reason, sizeof(l->reason), "worker sent a malformed message of type %u", message->type);
    return false;
}

static const struct dc_channel_listener channel_listener = { .handle_message = handle_message };

static void
local_dispatch(struct dc_link *link)
{
    struct local_link *l = local(link);
    if (link->closed)
        return;
    int error = l->channel ? dc_channel_process(l->channel, POLLIN) : -EPIPE;
    if (error) {
        if (!l->reason[0])
            snprintf(l->reason, sizeof(l->reason), "%s",
                     error == -EPIPE ? "render server closed the link" : strerror(-error));
        close_link(l, l->reason);
        return;
    }
    pthread_mutex_lock(&link->lock);
    update_events(l);
    pthread_mutex_unlock(&link->lock);
}

static int
local_send(struct dc_link *link, uint16_t type, const void *payload, size_t size_bytes, const int *fds, int fd_count)
{
    struct local_link *l = local(link);
    int error = dc_channel_send(l->channel, type, 0, payload, size_bytes, fds, fd_count);
    update_events(l);
    return error;
}

static int
local_get_fd(const struct dc_link *link)
{
    return local(link)->epoll_fd;
}

static int
local_attach_ring(struct dc_link *link, uint32_t ring_id, struct dc_ring *ring, const char *process)
{
    struct local_link *l = local(link);
    if (link->closed)
        return -EPIPE;
    struct local_ring *r = calloc(1, sizeof(*r));
    if (!r)
        return -ENOMEM;
    *r = (struct local_ring){ .next = l->rings, .ring_id = ring_id, .ring = ring };
    const int fds[2] = { ring->memfd, ring->cmd_eventfd };
    int error = dc_link_post_ring_attach(link, ring_id, ring, process, fds, 2);
    if (error)
        free(r);
    else
        l->rings = r;
    return error;
}

static void
local_detach_ring(struct dc_link *link, uint32_t ring_id)
{
    struct local_link *l = local(link);
    for (struct local_ring **at = &l->rings; *at; at = &(*at)->next) {
        struct local_ring *r = *at;
        if (r->ring_id != ring_id)
            continue;
        Dc__Render__RingClose close_ring = DC__RENDER__RING_CLOSE__INIT;
        Dc__Render__ToWorker message = DC__RENDER__TO_WORKER__INIT;
        message.body_case = DC__RENDER__TO_WORKER__BODY_RING_CLOSE;
        message.ring_close = &close_ring;
        close_ring.ring_id = ring_id;
        int error = dc_link_post_control(link, &message, NULL, 0);
        if (error && error != -EPIPE)
            dc_error("cannot close ring %u at the worker: %s", ring_id, strerror(-error));
        l->detached_bytes += consumed_bytes(r->ring);
        *at = r->next;
        free(r);
        return;
    }
}

static void
local_get_stats(const struct dc_link *link, struct dc_link_stats *stats)
{
    const struct local_link *l = local(link);
    stats->kind = "local";
    stats->command_bytes = l->detached_bytes;
    for (const struct local_ring *r = l->rings; r; r = r->next)
        stats->command_bytes += consumed_bytes(r->ring);
}

static void
local_destroy(struct dc_link *link)
{
    struct local_link *l = local(link);
    lose_rings(l);
    dc_channel_destroy(l->channel);
    if (l->epoll_fd >= 0)
        close(l->epoll_fd);
    if (l->wake_fd >= 0)
        close(l->wake_fd);
    dc_link_finish(link);
    free(l);
}

static const struct dc_link_impl impl = {
    .send = local_send,
    .get_fd = local_get_fd,
    .dispatch = local_dispatch,
    .attach_ring = local_attach_ring,
    .detach_ring = local_detach_ring,
    .get_stats = local_get_stats,
    .destroy = local_destroy,
};

struct dc_link *
dc_local_link_create(const char *path)
{
    struct local_link *l = calloc(1, sizeof(*l));
    if (!l || strlen(path) >= sizeof(l->path)) {
        dc_error("render address unix:%s: %s", path, l ? "path too long" : "out of memory");
        free(l);
        return NULL;
    }
    strcpy(l->path, path);
    dc_link_init(&l->base, &impl);
    l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event e = { .events = EPOLLIN };
    if (l->epoll_fd < 0 || l->wake_fd < 0 || epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->wake_fd, &e) < 0) {
        dc_error("local link: %s", strerror(errno));
        local_destroy(&l->base);
        return NULL;
    }
    return &l->base;
}

static int
connect_socket(struct local_link *l)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    strcpy(address.sun_path, l->path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        snprintf(l->reason, sizeof(l->reason), "cannot connect to the render server at unix:%s: %s", l->path,
                 strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

void
dc_local_link_start(struct dc_link *link)
{
    struct local_link *l = local(link);
    struct epoll_event e = { .events = EPOLLIN };
    int fd = connect_socket(l);
    if (fd >= 0)
        l->channel = dc_channel_create(fd, &channel_listener, l);
    if (l->channel && epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &e) == 0) {
        l->polled_events = POLLIN;
        if (dc_link_send_admit(link, l->channel, NULL, 0) == 0)
            return;
    }
    // The next dispatch reports it: no callback before the caller has the link.
    uint64_t one = 1;
    ssize_t n = write(l->wake_fd, &one, sizeof(one));
    (void)n;
}
