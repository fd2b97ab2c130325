/* Bytes and file descriptors between a channel and its socket or transport. */
#include "channel_priv.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int64_t
write_socket(struct dc_channel *channel, const struct iovec *iov, int iov_count, const int *fds, int fd_count)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * DC_CHANNEL_MAX_FDS)];
    } control = { 0 };
    struct msghdr msg = { .msg_iov = (struct iovec *)iov, .msg_iovlen = (size_t)iov_count };
    if (fd_count > 0) {
        msg.msg_control = control.bytes;
        msg.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)fd_count);
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)fd_count);
        memcpy(CMSG_DATA(c), fds, sizeof(int) * (size_t)fd_count);
    }
    ssize_t n;
    do
        n = sendmsg(channel->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

// Small pieces are gathered, so that header and payload share one record; a large rest is sent from where it lies.
static int64_t
write_transport(struct dc_channel *channel, const struct iovec *iov, int iov_count)
{
    uint8_t gathered[DC_CHANNEL_GATHER_BYTES];
    int64_t total = 0;
    int i = 0;
    size_t offset = 0;
    while (i < iov_count) {
        const uint8_t *data = (const uint8_t *)iov[i].iov_base + offset;
        size_t size_bytes = iov[i].iov_len - offset;
        if (size_bytes < DC_CHANNEL_GATHER_BYTES) {
            size_bytes = 0;
            for (int j = i; j < iov_count && size_bytes < DC_CHANNEL_GATHER_BYTES; j++) {
                size_t skip = j == i ? offset : 0, n = iov[j].iov_len - skip;
                if (n > DC_CHANNEL_GATHER_BYTES - size_bytes)
                    n = DC_CHANNEL_GATHER_BYTES - size_bytes;
                if (n)
                    memcpy(gathered + size_bytes, (const uint8_t *)iov[j].iov_base + skip, n);
                size_bytes += n;
            }
            data = gathered;
        }
        if (size_bytes == 0)
            break;
        int64_t n = channel->impl->send(channel->transport, data, size_bytes);
        if (n < 0)
            return total ? total : n;
        total += n;
        offset += (size_t)n;
        while (i < iov_count && offset >= iov[i].iov_len)
            offset -= iov[i++].iov_len;
        if ((size_t)n < size_bytes)
            break;
    }
    return total;
}

int64_t
dc_channel_write(struct dc_channel *channel, const struct iovec *iov, int iov_count, const int *fds, int fd_count)
{
    int64_t n = channel->impl ? write_transport(channel, iov, iov_count)
                              : write_socket(channel, iov, iov_count, fds, fd_count);
    if (n > 0)
        channel->sent_bytes += (uint64_t)n;
    return n;
}

static void
take_fds(struct dc_channel *channel, const struct cmsghdr *c)
{
    size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
        int fd;
        memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
        if (channel->in_fd_count < DC_CHANNEL_MAX_PENDING_FDS)
            channel->in_fds[channel->in_fd_count++] = fd;
        else
            close(fd);
    }
}

static int64_t
read_socket(struct dc_channel *channel, void *data, size_t size_bytes)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * 2 * DC_CHANNEL_MAX_FDS)];
    } control;
    struct iovec iov = { .iov_base = data, .iov_len = size_bytes };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes,
                          .msg_controllen = sizeof(control.bytes) };
    ssize_t n;
    do
        n = recvmsg(channel->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
            take_fds(channel, c);
    }
    return n;
}

bool
dc_channel_is_drained(struct dc_channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    bool is_drained = channel->impl->is_drained(channel->transport);
    pthread_mutex_unlock(&channel->lock);
    return is_drained;
}

int64_t
dc_channel_read(struct dc_channel *channel, void *data, size_t size_bytes)
{
    int64_t n;
    if (channel->impl) {
        pthread_mutex_lock(&channel->lock);
        n = channel->impl->receive(channel->transport, data, size_bytes);
        pthread_mutex_unlock(&channel->lock);
    } else {
        n = read_socket(channel, data, size_bytes);
    }
    if (n > 0)
        __atomic_fetch_add(&channel->received_bytes, (uint64_t)n, __ATOMIC_RELAXED);
    return n;
}
