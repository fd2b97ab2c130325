#ifndef DC_CLIENT_DATAGRAM_SOCKETS_H
#define DC_CLIENT_DATAGRAM_SOCKETS_H
/*
 * The sockets below a WebRTC session: UDP of one address family, and one TCP connection that carries the same datagrams in
 * RFC 4571 frames, opened when something is sent there. Paths are peer.h's, byte 19 is 1 for TCP. Network thread only.
 */
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <common/wire.h>
#include <protocol/rtp/stream_framing.h>
#include <protocol/webrtc/peer.h>

typedef void (*dc_datagram_handle)(void *user, const struct dc_webrtc_path *path, const uint8_t *datagram,
                                   size_t size_bytes);

struct dc_datagram_sockets {
    int udp_fd; // -1: none
    int tcp_fd; // -1: none (any more)
    bool is_ipv6;
    struct dc_webrtc_path tcp_path;
    struct dc_stream_reader reader;
    struct dc_writer unsent; // of TCP
    uint64_t dropped_datagrams; // TCP could not take them in time
};

/* A path to a numeric address and port. false: not one. */
bool dc_datagram_path(struct dc_webrtc_path *path, const char *host, uint16_t port, bool is_tcp);
bool dc_datagram_path_is_tcp(const struct dc_webrtc_path *path);

bool dc_datagram_sockets_init(struct dc_datagram_sockets *sockets);
void dc_datagram_sockets_finish(struct dc_datagram_sockets *sockets);
/* Best effort. */
void dc_datagram_sockets_send(struct dc_datagram_sockets *sockets, const struct dc_webrtc_path *path,
                              const uint8_t *datagram, size_t size_bytes);
unsigned dc_datagram_sockets_get_fds(const struct dc_datagram_sockets *sockets, struct pollfd *fds); // ≤ 2
/* Receives what is there, a bounded number at a time; sends what waits. Bytes received. */
size_t dc_datagram_sockets_work(struct dc_datagram_sockets *sockets, dc_datagram_handle handle, void *user);
/* Sends what waits. */
void dc_datagram_sockets_flush(struct dc_datagram_sockets *sockets);

#endif
