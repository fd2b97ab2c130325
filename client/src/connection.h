#ifndef DC_CLIENT_CONNECTION_H
#define DC_CLIENT_CONNECTION_H
/* The socket to the instance with RFC 4571 framing. Sending is thread-safe and never blocks; receiving has one thread. */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <common/wire.h>
#include <protocol/rtp/channel.h>
#include <protocol/rtp/stream_framing.h>

struct dc_connection {
    int fd;
    int wake_fd; // readable when unsent bytes wait: the receiving thread polls for room, too
    struct dc_stream_reader reader; // receiving thread only
    pthread_mutex_t lock;
    struct dc_writer unsent; // protected by lock
};

/* Waits for `events` on fd; a signal ends the process as if it were not blocked. Returns as poll(2). */
int dc_connection_wait(int fd, short events, int timeout_ms);
/* Tries every address of the host for up to `timeout_ms` each. false: `error` (≥ 128 bytes) says why. */
bool dc_connection_open(struct dc_connection *connection, const char *host, uint16_t port, int timeout_ms, char *error);
void dc_connection_close(struct dc_connection *connection);
/* `message` is a protobuf message (base). false: out of memory or the connection is broken (recv tells). */
bool dc_connection_send(struct dc_connection *connection, enum dc_channel channel, const void *message);
/* Sends what waits. */
void dc_connection_flush(struct dc_connection *connection);
bool dc_connection_has_unsent(struct dc_connection *connection);
/* Waits until everything is sent, at most `timeout_ms`. */
void dc_connection_drain(struct dc_connection *connection, int timeout_ms);
/* Receives once without waiting. > 0: bytes; 0: nothing there; -errno: gone (-EPIPE: closed by the peer). Pull frames
 * from `reader` after it. */
int dc_connection_receive(struct dc_connection *connection);

#endif
