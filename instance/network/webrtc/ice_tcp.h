#ifndef DC_INSTANCE_NETWORK_WEBRTC_ICE_TCP_H
#define DC_INSTANCE_NETWORK_WEBRTC_ICE_TCP_H
/*
 * A TCP connection that carries a WebRTC session's datagrams (RFC 6544, passive; RFC 4571 framing), where UDP is blocked.
 * It comes from the same listener as plain sessions; its first frame is a STUN request, which tells it from those.
 */
#include <stdbool.h>
#include <stdint.h>

#include <protocol/webrtc/peer.h>

#include "../src/send_queue.h"
#include "../src/transport.h"

struct dc_ice_tcp {
    struct dc_transport *transport; // owned; the framing
    struct dc_webrtc_path path;
    struct dc_send_queue waiting; // what the kernel did not take yet
    bool is_closed;
    uint32_t watched_events; // owner's
    struct dc_ice_tcp *next; // owner's list
};

/* Takes ownership of the transport, even on failure. `number` makes its path one of its own. */
struct dc_ice_tcp *dc_ice_tcp_create(struct dc_transport *transport, uint64_t number);
void dc_ice_tcp_destroy(struct dc_ice_tcp *tcp);
bool dc_ice_tcp_has_path(const struct dc_ice_tcp *tcp, const struct dc_webrtc_path *path);
/* Queues behind what waits; drops when too much does. */
void dc_ice_tcp_send(struct dc_ice_tcp *tcp, const uint8_t *datagram, size_t size_bytes, int64_t now_us);
void dc_ice_tcp_flush(struct dc_ice_tcp *tcp);
bool dc_ice_tcp_is_blocked(const struct dc_ice_tcp *tcp);

#endif
