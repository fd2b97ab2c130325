#ifndef DC_INSTANCE_NETWORK_WEBRTC_UDP_SOCKET_H
#define DC_INSTANCE_NETWORK_WEBRTC_UDP_SOCKET_H
/* The one UDP port of an instance, and how its addresses and WebRTC's paths become each other. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/socket.h>

#include <protocol/webrtc/peer.h>

/* A socket (non-blocking, close-on-exec), or -1, logged. The host as for dc_listener_open(). */
int dc_udp_open(const char *host, uint16_t port);
bool dc_udp_is_v6(int fd);
/* Best effort. `is_v6`: the socket's. false: the path is not one over UDP. */
bool dc_udp_send(int fd, bool is_v6, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes);
/* One datagram. Returns its size, 0: an empty one, < 0: none there. */
ssize_t dc_udp_receive(int fd, struct dc_webrtc_path *path, uint8_t *out, size_t capacity);

#endif
