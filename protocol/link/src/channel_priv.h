#ifndef DC_LINK_CHANNEL_PRIV_H
#define DC_LINK_CHANNEL_PRIV_H
#include <pthread.h>
#include <sys/uio.h>

#include <protocol/link/channel.h>

#define DC_CHANNEL_HEADER_BYTES 8u
#define DC_CHANNEL_MAX_PENDING_FDS 64
// One TLS record: pieces up to this size go out together.
#define DC_CHANNEL_GATHER_BYTES 16384u

/* One message, or what is left of it, that the socket did not take yet. */
struct dc_channel_item {
    struct dc_channel_item *next;
    size_t size_bytes, sent_bytes;
    int fds[DC_CHANNEL_MAX_FDS]; // owned; go with the first byte
    int fd_count;
    uint8_t data[];
};

struct dc_channel {
    int fd; // owned
    const struct dc_channel_transport *impl; // NULL: Unix socket
    void *transport;                         // owned
    const struct dc_channel_listener *listener;
    void *user;

    pthread_mutex_t lock; // protects what follows down to `in`, and calls into the transport
    struct dc_channel_item *first, *last;
    size_t queued_bytes;
    bool corked; // small messages wait in the queue
    int error; // sticky, of sending
    uint64_t sent_bytes, received_bytes;

    // Receiving thread only.
    uint8_t *in; // owned
    size_t in_bytes, in_capacity, max_message_bytes;
    int in_fds[DC_CHANNEL_MAX_PENDING_FDS]; // owned; arrived, not yet claimed by a message
    int in_fd_count;
};

/* Bytes sent (possibly fewer), or -errno. */
int64_t dc_channel_write(struct dc_channel *channel, const struct iovec *iov, int iov_count, const int *fds,
                         int fd_count);
/* Bytes received, 0 at the end of the stream, or -errno. Appends fds to in_fds. */
int64_t dc_channel_read(struct dc_channel *channel, void *data, size_t size_bytes);
/* Of a transport. */
bool dc_channel_is_drained(struct dc_channel *channel);
/* Sends what is queued. 0 or -errno; -EAGAIN is not an error. Lock held. */
int dc_channel_flush(struct dc_channel *channel);
void dc_channel_drop_queue(struct dc_channel *channel);

#endif
