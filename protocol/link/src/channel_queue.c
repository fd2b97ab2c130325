/* What a channel could not send at once. */
#include "channel_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <common/wire.h>

#define GATHER_ITEMS 8

static void
item_destroy(struct dc_channel_item *item)
{
    for (int i = 0; i < item->fd_count; i++) {
        if (item->fds[i] >= 0)
            close(item->fds[i]);
    }
    free(item);
}

static void
item_sent(struct dc_channel_item *item, size_t size_bytes)
{
    item->sent_bytes += size_bytes;
    if (size_bytes && item->fd_count) {
        for (int i = 0; i < item->fd_count; i++)
            close(item->fds[i]);
        item->fd_count = 0;
    }
}

/* The first messages of the queue, as many as fit in; from a Unix socket's queue one, because of its descriptors. */
static int
gather(const struct dc_channel *channel, struct iovec iov[GATHER_ITEMS])
{
    int count = 0;
    for (struct dc_channel_item *item = channel->first; item && count < (channel->impl ? GATHER_ITEMS : 1); item = item->next)
        iov[count++] = (struct iovec){ item->data + item->sent_bytes, item->size_bytes - item->sent_bytes };
    return count;
}

/* Takes what went out from the queue. */
static void
queue_sent(struct dc_channel *channel, size_t size_bytes)
{
    channel->queued_bytes -= size_bytes;
    while (size_bytes) {
        struct dc_channel_item *item = channel->first;
        size_t left = item->size_bytes - item->sent_bytes, part = left < size_bytes ? left : size_bytes;
        item_sent(item, part);
        size_bytes -= part;
        if (part < left)
            break;
        channel->first = item->next;
        if (!channel->first)
            channel->last = NULL;
        item_destroy(item);
    }
}

int
dc_channel_flush(struct dc_channel *channel)
{
    while (channel->first && !channel->error) {
        struct dc_channel_item *item = channel->first;
        struct iovec iov[GATHER_ITEMS];
        int64_t n = dc_channel_write(channel, iov, gather(channel, iov), item->fds, item->fd_count);
        if (n == -EAGAIN)
            break;
        if (n < 0)
            channel->error = (int)n;
        else
            queue_sent(channel, (size_t)n);
    }
    return channel->error;
}

void
dc_channel_drop_queue(struct dc_channel *channel)
{
    while (channel->first) {
        struct dc_channel_item *next = channel->first->next;
        item_destroy(channel->first);
        channel->first = next;
    }
    channel->last = NULL;
    channel->queued_bytes = 0;
}

// Queues the bytes of `iov` after the first `skip_bytes`.
static int
enqueue(struct dc_channel *channel, const struct iovec *iov, int iov_count, size_t skip_bytes, const int *fds,
        int fd_count)
{
    size_t total = 0;
    for (int i = 0; i < iov_count; i++)
        total += iov[i].iov_len;
    struct dc_channel_item *item = malloc(sizeof(*item) + total - skip_bytes);
    if (!item)
        return -ENOMEM;
    *item = (struct dc_channel_item){ 0 };
    for (int i = 0; i < iov_count; i++) {
        size_t skip = skip_bytes < iov[i].iov_len ? skip_bytes : iov[i].iov_len;
        if (iov[i].iov_len > skip)
            memcpy(item->data + item->size_bytes, (const uint8_t *)iov[i].iov_base + skip, iov[i].iov_len - skip);
        item->size_bytes += iov[i].iov_len - skip;
        skip_bytes -= skip;
    }
    for (; item->fd_count < fd_count; item->fd_count++) {
        item->fds[item->fd_count] = fcntl(fds[item->fd_count], F_DUPFD_CLOEXEC, 3);
        if (item->fds[item->fd_count] < 0) {
            int error = -errno;
            item_destroy(item);
            return error;
        }
    }
    if (channel->last)
        channel->last->next = item;
    else
        channel->first = item;
    channel->last = item;
    channel->queued_bytes += item->size_bytes;
    return 0;
}

static void
pack_header(uint8_t header[DC_CHANNEL_HEADER_BYTES], uint32_t size_bytes, uint16_t type, uint16_t flags)
{
    for (int i = 0; i < 4; i++)
        header[i] = (uint8_t)(size_bytes >> (8 * i));
    header[4] = (uint8_t)type;
    header[5] = (uint8_t)(type >> 8);
    header[6] = (uint8_t)flags;
    header[7] = (uint8_t)(flags >> 8);
}

static int
send_locked(struct dc_channel *channel, const struct iovec *iov, size_t total, const int *fds, int fd_count)
{
    if (channel->error)
        return channel->error;
    if (channel->queued_bytes + total > DC_CHANNEL_MAX_QUEUE_BYTES)
        return -ENOBUFS;
    bool held = channel->corked && channel->queued_bytes + total < DC_CHANNEL_GATHER_BYTES;
    size_t sent = 0;
    if (channel->corked && !held && dc_channel_flush(channel) < 0)
        return channel->error;
    if (!channel->first && !held) {
        int64_t n = dc_channel_write(channel, iov, 3, fds, fd_count);
        if (n < 0 && n != -EAGAIN)
            return channel->error = (int)n;
        sent = n > 0 ? (size_t)n : 0;
    }
    if (sent == total)
        return 0;
    int error = enqueue(channel, iov, 3, sent, fds, sent ? 0 : fd_count);
    // Half a message is out: nothing that follows would be understood.
    if (error && sent)
        channel->error = error;
    return error;
}

static int
send_pieces(struct dc_channel *channel, uint16_t type, uint16_t flags, const void *head, size_t head_bytes,
            const void *body, size_t body_bytes, const int *fds, int fd_count)
{
    if (head_bytes > DC_CHANNEL_MAX_MESSAGE_BYTES || body_bytes > DC_CHANNEL_MAX_MESSAGE_BYTES - head_bytes)
        return -EMSGSIZE;
    if (fd_count < 0 || fd_count > DC_CHANNEL_MAX_FDS || (fd_count && channel->impl))
        return -EINVAL;
    uint8_t header[DC_CHANNEL_HEADER_BYTES];
    pack_header(header, (uint32_t)(head_bytes + body_bytes), type,
                (uint16_t)((flags & DC_CHANNEL_FLAGS_MASK) | (unsigned)fd_count << 12));
    struct iovec iov[3] = {
        { .iov_base = header, .iov_len = sizeof(header) },
        { .iov_base = (void *)head, .iov_len = head_bytes },
        { .iov_base = (void *)body, .iov_len = body_bytes },
    };
    pthread_mutex_lock(&channel->lock);
    int error = send_locked(channel, iov, sizeof(header) + head_bytes + body_bytes, fds, fd_count);
    pthread_mutex_unlock(&channel->lock);
    return error;
}

int
dc_channel_send(struct dc_channel *channel, uint16_t type, uint16_t flags, const void *payload, size_t size_bytes,
                const int *fds, int fd_count)
{
    return send_pieces(channel, type, flags, payload, size_bytes, NULL, 0, fds, fd_count);
}

int
dc_channel_send2(struct dc_channel *channel, uint16_t type, uint16_t flags, const void *head, size_t head_bytes,
                 const void *body, size_t body_bytes)
{
    return send_pieces(channel, type, flags, head, head_bytes, body, body_bytes, NULL, 0);
}

void
dc_channel_cork(struct dc_channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    channel->corked = true;
    pthread_mutex_unlock(&channel->lock);
}

int
dc_channel_uncork(struct dc_channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    channel->corked = false;
    int error = dc_channel_flush(channel);
    pthread_mutex_unlock(&channel->lock);
    return error;
}

size_t
dc_channel_queued_bytes(struct dc_channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    size_t n = channel->queued_bytes;
    pthread_mutex_unlock(&channel->lock);
    return n;
}
