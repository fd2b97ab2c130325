#ifndef DC_INSTANCE_NETWORK_TRANSPORT_H
#define DC_INSTANCE_NETWORK_TRANSPORT_H
/*
 * Carries datagrams between one client and one session. What lies below (TCP with RFC 4571 framing; UDP with DTLS-SRTP
 * and SCTP) is not the session's business. Never blocks; one thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dc_datagram {
    const uint8_t *data; // borrowed for the call
    size_t size_bytes;
};

struct dc_transport;

/* false: stop, the session is over. */
typedef bool (*dc_transport_handle_datagram)(void *user, const uint8_t *data, size_t size_bytes);

struct dc_transport_impl {
    const char *name;
    void (*destroy)(struct dc_transport *transport); // required
    int (*fd)(const struct dc_transport *transport); // required; for epoll, level-triggered
    /* Required. Takes the first n of `count` datagrams, n is returned: the rest when fd is writable. -errno: gone. */
    int (*send)(struct dc_transport *transport, const struct dc_datagram *datagrams, unsigned count);
    /* Required. Something that was taken by send() has not reached the kernel. */
    bool (*is_pending)(const struct dc_transport *transport);
    /* Required. Reads once what is there. 0, or -errno: gone (-EPIPE: the peer closed, -EBADMSG: framing). */
    int (*receive)(struct dc_transport *transport, dc_transport_handle_datagram handle, void *user);
    /* Required. Nothing more is sent; the peer's own end still arrives through receive(). */
    void (*shutdown)(struct dc_transport *transport);
};

struct dc_transport {
    const struct dc_transport_impl *impl;
};

/* Takes ownership of fd, even on failure. `max_frame_bytes` bounds what the peer may send in one piece. */
struct dc_transport *dc_transport_tcp_create(int fd, size_t max_frame_bytes);

#endif
