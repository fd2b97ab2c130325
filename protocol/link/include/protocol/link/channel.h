#ifndef DC_PROTOCOL_LINK_CHANNEL_H
#define DC_PROTOCOL_LINK_CHANNEL_H
/*
 * Framed messages over a stream (Unix socket with fd passing, or TLS): supervisor ↔ worker, supervisor ↔ dc-render.
 *
 *     0        4       6       8
 *     +--------+-------+-------+----------------
 *     | size   | type  | flags | payload (size)
 *     +--------+-------+-------+----------------   little-endian
 *
 * flags: bits 0–11 belong to the type, bits 12–15 count the file descriptors that come with the message (Unix only).
 * Non-blocking on both sides: sends queue in memory (bounded), receives assemble whole messages.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DC_CHANNEL_MAX_MESSAGE_BYTES (8u << 20)
#define DC_CHANNEL_MAX_QUEUE_BYTES (64u << 20)
#define DC_CHANNEL_MAX_FDS 4

enum dc_link_message {
    DC_LINK_CONTROL = 1, // protobuf dc.render.ToWorker / dc.render.FromWorker (protocol/messages/render.proto)
    DC_LINK_PACKET = 2,  // worker → supervisor: packed dc_packet (protocol/link/packet_wire.h)
    DC_LINK_PCM = 3,     // supervisor → worker: i64 time_us of first sample, then s16le stereo 48 kHz
    // TCP only: replication of rings (byte diagrams in docs/protocol.md)
    DC_LINK_RING_CMD = 16,
    DC_LINK_RING_BULK = 17,
    DC_LINK_RING_REPLY = 18,
    DC_LINK_RING_ACK = 19,
    DC_LINK_RING_STATE = 20,
    // TCP only, bulk connection: chunks that dc-render has (protocol/link/bulk_codec.h)
    DC_LINK_BULK_REF = 24,
    DC_LINK_STORE_OPEN = 25,
    DC_LINK_STORE_HAVE = 26,
    DC_LINK_STORE_EVICT = 27,
    DC_LINK_RDMA = 32, // how both ends agree on RDMA (protocol/link/rdma_message.h)
};
#define DC_CHANNEL_FLAGS_MASK 0x0fffu

struct dc_channel;

/* The bytes below a channel when it is not a plain Unix socket (protocol/link/tls.h). Calls come with the channel's lock
 * held. All required. */
struct dc_channel_transport {
    /* Bytes moved, 0 at the end of the stream (receive), or -errno: -EAGAIN when it would block. */
    int64_t (*send)(void *transport, const void *data, size_t size_bytes);
    int64_t (*receive)(void *transport, void *data, size_t size_bytes);
    /* POLLOUT if a receive waits for the socket to take bytes, else 0. */
    short (*extra_events)(void *transport);
    /* Nothing is buffered, and the socket was empty just now: what comes later, poll sees. */
    bool (*is_drained)(void *transport);
    void (*destroy)(void *transport);
};

struct dc_channel_message {
    uint16_t type, flags;
    const uint8_t *payload; // valid during the callback
    size_t size_bytes;
    int fds[DC_CHANNEL_MAX_FDS]; // -1 where unused; the handler takes those it sets to -1, the rest are closed
};

struct dc_channel_listener {
    /* Required. false ends the channel. */
    bool (*handle_message)(void *user, struct dc_channel_message *message);
};

/* Takes ownership of `fd` (a connected Unix stream socket, set non-blocking), even on failure (NULL). */
struct dc_channel *dc_channel_create(int fd, const struct dc_channel_listener *listener, void *user);
/* Over a transport on the non-blocking socket `fd`; takes ownership of both, even on failure. No fd passing. */
struct dc_channel *dc_channel_create_over(int fd, const struct dc_channel_transport *impl, void *transport,
                                          const struct dc_channel_listener *listener, void *user);
/* Not from inside the channel's own handle_message. */
void dc_channel_destroy(struct dc_channel *channel);
/* Ends the channel but keeps the connection: for handing it to another process. -EPROTO (and everything closed) if bytes
 * were already received beyond the last message, or are still to be sent. Unix only. */
int dc_channel_take_fd(struct dc_channel *channel);
/* A bound below DC_CHANNEL_MAX_MESSAGE_BYTES for what is received, e.g. before admission. */
void dc_channel_set_max_message(struct dc_channel *channel, size_t size_bytes);
/* From cork to uncork small messages wait, and go out together: over TLS in one record. Large ones push those before them
 * out. uncork returns 0 or -errno, as sending does. Thread-safe, not nested. */
void dc_channel_cork(struct dc_channel *channel);
int dc_channel_uncork(struct dc_channel *channel);
/* Bytes waiting for the socket to take them. Thread-safe. */
size_t dc_channel_queued_bytes(struct dc_channel *channel);
/* Over everything since creation, headers included, transport overhead not. */
void dc_channel_get_bytes(struct dc_channel *channel, uint64_t *sent_bytes, uint64_t *received_bytes);
int dc_channel_fd(const struct dc_channel *channel); // to poll
/* POLLIN, plus POLLOUT while something is queued. Call after every send or process. */
short dc_channel_events(struct dc_channel *channel);
/* Reads and writes what is possible, calls handle_message. 0, or -errno (-EPIPE: peer closed, -EPROTO: nonsense,
 * -ECANCELED: handle_message returned false). One thread at a time. */
int dc_channel_process(struct dc_channel *channel, short revents);
/* Copies the payload; dups nothing: `fds` are duplicated into the queue. -ENOBUFS when the queue bound is hit.
 * Thread-safe against other senders (internal lock); writes at once if the socket takes it. */
int dc_channel_send(struct dc_channel *channel, uint16_t type, uint16_t flags, const void *payload, size_t size_bytes,
                    const int *fds, int fd_count);
/* Same with a header and a body in two pieces, so that large bodies are not copied twice. */
int dc_channel_send2(struct dc_channel *channel, uint16_t type, uint16_t flags, const void *head, size_t head_bytes,
                     const void *body, size_t body_bytes);

#endif
