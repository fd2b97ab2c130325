/* Life of a channel, and receiving: bytes become whole messages. */
#include <protocol/link/channel.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <common/wire.h>
#include "channel_priv.h"

#define IN_BYTES (64u << 10)
// So that one loud peer does not keep its reader from everybody else.
#define MAX_READS_PER_PROCESS 64

struct dc_channel *
dc_channel_create_over(int fd, const struct dc_channel_transport *impl, void *transport,
                       const struct dc_channel_listener *listener, void *user)
{
    struct dc_channel *channel = calloc(1, sizeof(*channel));
    uint8_t *in = malloc(IN_BYTES);
    if (!channel || !in) {
        free(channel);
        free(in);
        if (impl)
            impl->destroy(transport);
        close(fd);
        return NULL;
    }
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    *channel = (struct dc_channel){ .fd = fd, .impl = impl, .transport = transport, .listener = listener, .user = user,
                                    .in = in, .in_capacity = IN_BYTES,
                                    .max_message_bytes = DC_CHANNEL_MAX_MESSAGE_BYTES };
    pthread_mutex_init(&channel->lock, NULL);
    return channel;
}

struct dc_channel *
dc_channel_create(int fd, const struct dc_channel_listener *listener, void *user)
{
    return dc_channel_create_over(fd, NULL, NULL, listener, user);
}

void
dc_channel_destroy(struct dc_channel *channel)
{
    if (!channel)
        return;
    dc_channel_drop_queue(channel);
    for (int i = 0; i < channel->in_fd_count; i++)
        close(channel->in_fds[i]);
    if (channel->impl)
        channel->impl->destroy(channel->transport);
    if (channel->fd >= 0)
        close(channel->fd);
    pthread_mutex_destroy(&channel->lock);
    free(channel->in);
    free(channel);
}

int
dc_channel_take_fd(struct dc_channel *channel)
{
    int fd = -EPROTO;
    if (!channel->impl && !channel->first && channel->in_bytes == 0 && channel->in_fd_count == 0) {
        fd = channel->fd;
        channel->fd = -1;
    }
    dc_channel_destroy(channel);
    return fd;
}

void
dc_channel_set_max_message(struct dc_channel *channel, size_t size_bytes)
{
    channel->max_message_bytes = size_bytes < DC_CHANNEL_MAX_MESSAGE_BYTES ? size_bytes : DC_CHANNEL_MAX_MESSAGE_BYTES;
}

int
dc_channel_fd(const struct dc_channel *channel)
{
    return channel->fd;
}

short
dc_channel_events(struct dc_channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    short events = (short)(POLLIN | (channel->first ? POLLOUT : 0));
    if (channel->impl)
        events |= channel->impl->extra_events(channel->transport);
    pthread_mutex_unlock(&channel->lock);
    return events;
}

void
dc_channel_get_bytes(struct dc_channel *channel, uint64_t *sent_bytes, uint64_t *received_bytes)
{
    pthread_mutex_lock(&channel->lock);
    *sent_bytes = channel->sent_bytes;
    pthread_mutex_unlock(&channel->lock);
    *received_bytes = __atomic_load_n(&channel->received_bytes, __ATOMIC_RELAXED);
}

static bool
claim_fds(struct dc_channel *channel, struct dc_channel_message *message, int count)
{
    for (int i = 0; i < DC_CHANNEL_MAX_FDS; i++)
        message->fds[i] = -1;
    if (count > DC_CHANNEL_MAX_FDS || count > channel->in_fd_count)
        return false;
    memcpy(message->fds, channel->in_fds, sizeof(int) * (size_t)count);
    channel->in_fd_count -= count;
    memmove(channel->in_fds, channel->in_fds + count, sizeof(int) * (size_t)channel->in_fd_count);
    return true;
}

// One whole message lies at `data`. 0 or -errno.
static int
deliver(struct dc_channel *channel, const uint8_t *data)
{
    struct dc_reader r;
    dc_reader_init(&r, data, DC_CHANNEL_HEADER_BYTES);
    struct dc_channel_message message = { 0 };
    message.size_bytes = dc_reader_u32le(&r);
    message.type = dc_reader_u16le(&r);
    uint16_t flags = dc_reader_u16le(&r);
    message.flags = flags & DC_CHANNEL_FLAGS_MASK;
    message.payload = data + DC_CHANNEL_HEADER_BYTES;
    if (!claim_fds(channel, &message, flags >> 12))
        return -EPROTO;
    bool more = channel->listener->handle_message(channel->user, &message);
    for (int i = 0; i < DC_CHANNEL_MAX_FDS; i++) {
        if (message.fds[i] >= 0)
            close(message.fds[i]);
    }
    return more ? 0 : -ECANCELED;
}

static bool
grow(struct dc_channel *channel, size_t capacity)
{
    if (capacity <= channel->in_capacity)
        return true;
    uint8_t *in = realloc(channel->in, capacity);
    if (!in)
        return false;
    channel->in = in;
    channel->in_capacity = capacity;
    return true;
}

// Delivers every whole message in the buffer and moves the rest to its start.
static int
deliver_all(struct dc_channel *channel)
{
    size_t at = 0;
    int error = 0;
    while (!error && channel->in_bytes - at >= DC_CHANNEL_HEADER_BYTES) {
        struct dc_reader r;
        dc_reader_init(&r, channel->in + at, 4);
        size_t size_bytes = dc_reader_u32le(&r);
        if (size_bytes > channel->max_message_bytes)
            return -EPROTO;
        size_bytes += DC_CHANNEL_HEADER_BYTES;
        if (channel->in_bytes - at < size_bytes) {
            memmove(channel->in, channel->in + at, channel->in_bytes - at);
            channel->in_bytes -= at;
            return grow(channel, size_bytes) ? 0 : -ENOMEM;
        }
        error = deliver(channel, channel->in + at);
        at += size_bytes;
    }
    memmove(channel->in, channel->in + at, channel->in_bytes - at);
    channel->in_bytes -= at;
    return error;
}

static int
receive(struct dc_channel *channel)
{
    for (int i = 0;; i++) {
        size_t room = channel->in_capacity - channel->in_bytes;
        int64_t n = dc_channel_read(channel, channel->in + channel->in_bytes, room);
        if (n == -EAGAIN)
            return 0;
        if (n < 0)
            return n == -ECONNRESET ? -EPIPE : (int)n;
        if (n == 0)
            return -EPIPE;
        channel->in_bytes += (size_t)n;
        int error = deliver_all(channel);
        if (error)
            return error;
        // A socket that gave less than asked for is empty, but it also stops where file descriptors are. A transport
        // may hold more, which poll does not see.
        bool all = (size_t)n < room;
        if (i >= MAX_READS_PER_PROCESS && !channel->impl)
            return 0;
        if (all && (channel->impl ? dc_channel_is_drained(channel) : channel->in_fd_count == 0))
            return 0;
    }
    return 0;
}

int
dc_channel_process(struct dc_channel *channel, short revents)
{
    pthread_mutex_lock(&channel->lock);
    int error = dc_channel_flush(channel);
    short read_events = POLLIN | POLLHUP | POLLERR;
    if (channel->impl)
        read_events |= channel->impl->extra_events(channel->transport);
    pthread_mutex_unlock(&channel->lock);
    if (revents & read_events) {
        // What arrived before the peer went away is still delivered.
        int read_error = receive(channel);
        if (read_error)
            return read_error;
    }
    return error == -ECONNRESET ? -EPIPE : error;
}
