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
};

struct dc_channel;

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
void dc_channel_destroy(struct dc_channel *channel);
int dc_channel_fd(const struct dc_channel *channel); // to poll
/* POLLIN, plus POLLOUT while something is queued. Call after every send or process. */
short dc_channel_events(const struct dc_channel *channel);
/* Reads and writes what is possible, calls handle_message. 0, or -errno (-EPIPE: peer closed, -EPROTO: nonsense). */
int dc_channel_process(struct dc_channel *channel, short revents);
/* Copies the payload; dups nothing: `fds` are duplicated into the queue. -ENOBUFS when the queue bound is hit.
 * Thread-safe against other senders (internal lock); writes at once if the socket takes it. */
int dc_channel_send(struct dc_channel *channel, uint16_t type, uint16_t flags, const void *payload, size_t size_bytes,
                    const int *fds, int fd_count);
/* Same with a header and a body in two pieces, so that large bodies are not copied twice. */
int dc_channel_send2(struct dc_channel *channel, uint16_t type, uint16_t flags, const void *head, size_t head_bytes,
                     const void *body, size_t body_bytes);

#endif
