#define DC_LOG_COMPONENT "network"
#include "transport.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <common/log.h>
#include <protocol/rtp/stream_framing.h>

#define MAX_BATCH 32
/* What the kernel may hold unsent: enough to keep the pipe full for a wake-up, little enough that what is stale waits on
 * our side, where it can still be dropped. */
#define NOTSENT_LOWAT_BYTES (16 << 10)
#define USER_TIMEOUT_MS 10000

struct tcp {
    struct dc_transport base;
    int fd;
    struct dc_stream_reader reader;
    uint8_t *tail; // owned; the unsent rest of a frame that the kernel took only a part of
    size_t tail_start, tail_end, tail_capacity;
};

static void
tcp_destroy(struct dc_transport *transport)
{
    struct tcp *tcp = (struct tcp *)transport;
    dc_stream_reader_finish(&tcp->reader);
    free(tcp->tail);
    close(tcp->fd);
    free(tcp);
}

static int
tcp_fd(const struct dc_transport *transport)
{
    return ((const struct tcp *)transport)->fd;
}

static bool
tcp_is_pending(const struct dc_transport *transport)
{
    const struct tcp *tcp = (const struct tcp *)transport;
    return tcp->tail_start != tcp->tail_end;
}

static bool
is_temporary(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* 0: the tail is gone or still waits. */
static int
flush_tail(struct tcp *tcp)
{
    while (tcp->tail_start < tcp->tail_end) {
        ssize_t n = send(tcp->fd, tcp->tail + tcp->tail_start, tcp->tail_end - tcp->tail_start, MSG_NOSIGNAL);
        if (n < 0)
            return is_temporary(errno) ? 0 : -errno;
        tcp->tail_start += (size_t)n;
    }
    return 0;
}

static bool
keep_tail(struct tcp *tcp, const struct iovec *iov, size_t skip_bytes)
{
    size_t size_bytes = iov[0].iov_len + iov[1].iov_len;
    if (size_bytes > tcp->tail_capacity) {
        uint8_t *tail = realloc(tcp->tail, size_bytes);
        if (!tail)
            return false;
        tcp->tail = tail;
        tcp->tail_capacity = size_bytes;
    }
    memcpy(tcp->tail, iov[0].iov_base, iov[0].iov_len);
    memcpy(tcp->tail + iov[0].iov_len, iov[1].iov_base, iov[1].iov_len);
    tcp->tail_start = skip_bytes;
    tcp->tail_end = size_bytes;
    return true;
}

static int
tcp_send(struct dc_transport *transport, const struct dc_datagram *datagrams, unsigned count)
{
    struct tcp *tcp = (struct tcp *)transport;
    uint8_t headers[MAX_BATCH][DC_STREAM_HEADER_BYTES];
    struct iovec iov[2 * MAX_BATCH];
    int error = flush_tail(tcp);
    if (error < 0)
        return error;
    if (tcp_is_pending(transport) || count == 0)
        return 0;
    if (count > MAX_BATCH)
        count = MAX_BATCH;
    for (unsigned i = 0; i < count; i++) {
        dc_stream_put_header(headers[i], datagrams[i].size_bytes);
        iov[2 * i] = (struct iovec){ headers[i], DC_STREAM_HEADER_BYTES };
        iov[2 * i + 1] = (struct iovec){ (void *)datagrams[i].data, datagrams[i].size_bytes };
    }
    struct msghdr message = { .msg_iov = iov, .msg_iovlen = 2 * count };
    ssize_t n = sendmsg(tcp->fd, &message, MSG_NOSIGNAL);
    if (n < 0)
        return is_temporary(errno) ? 0 : -errno;
    size_t left = (size_t)n;
    for (unsigned i = 0; i < count; i++) {
        size_t frame_bytes = DC_STREAM_HEADER_BYTES + datagrams[i].size_bytes;
        if (left >= frame_bytes) {
            left -= frame_bytes;
            continue;
        }
        if (left == 0)
            return (int)i;
        return keep_tail(tcp, iov + 2 * i, left) ? (int)i + 1 : -ENOMEM;
    }
    return (int)count;
}

static int
tcp_receive(struct dc_transport *transport, dc_transport_handle_datagram handle, void *user)
{
    struct tcp *tcp = (struct tcp *)transport;
    const uint8_t *frame;
    size_t size_bytes;
    uint8_t *room = dc_stream_reader_room(&tcp->reader, &size_bytes);
    if (size_bytes == 0)
        return -EBADMSG;
    ssize_t n = recv(tcp->fd, room, size_bytes, 0);
    if (n == 0)
        return -EPIPE;
    if (n < 0)
        return is_temporary(errno) ? 0 : -errno;
    dc_stream_reader_commit(&tcp->reader, (size_t)n);
    while (dc_stream_reader_pull(&tcp->reader, &frame, &size_bytes)) {
        if (!handle(user, frame, size_bytes))
            return 0;
    }
    return tcp->reader.failed ? -EBADMSG : 0;
}

static void
tcp_shutdown(struct dc_transport *transport)
{
    shutdown(((struct tcp *)transport)->fd, SHUT_WR);
}

static const struct dc_transport_impl tcp_impl = {
    .name = "tcp",
    .destroy = tcp_destroy,
    .fd = tcp_fd,
    .send = tcp_send,
    .is_pending = tcp_is_pending,
    .receive = tcp_receive,
    .shutdown = tcp_shutdown,
};

static void
set_option(int fd, int level, int name, int value)
{
    // A socket that is not TCP (a test's socketpair) has none of these, and needs none.
    setsockopt(fd, level, name, &value, sizeof(value));
}

struct dc_transport *
dc_transport_tcp_create(int fd, size_t max_frame_bytes)
{
    struct tcp *tcp = calloc(1, sizeof(*tcp));
    if (!tcp || !dc_stream_reader_init(&tcp->reader, max_frame_bytes)) {
        free(tcp);
        close(fd);
        return NULL;
    }
    tcp->base.impl = &tcp_impl;
    tcp->fd = fd;
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, NOTSENT_LOWAT_BYTES);
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
    return &tcp->base;
}
