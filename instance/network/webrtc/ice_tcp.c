#include "ice_tcp.h"

#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>

#define MAX_WAITING_BYTES (256u << 10) // a session stops giving media long before

struct dc_ice_tcp *
dc_ice_tcp_create(struct dc_transport *transport, uint64_t number)
{
    struct dc_ice_tcp *tcp = calloc(1, sizeof(*tcp));
    struct sockaddr_storage peer = { 0 };
    socklen_t length = sizeof(peer);
    if (!tcp) {
        transport->impl->destroy(transport);
        return NULL;
    }
    tcp->transport = transport;
    dc_send_queue_init(&tcp->waiting);
    getpeername(transport->impl->fd(transport), (struct sockaddr *)&peer, &length);
    dc_webrtc_path_set_address(&tcp->path, (struct sockaddr *)&peer);
    tcp->path.bytes[DC_WEBRTC_PATH_ADDRESS_BYTES] = 1; // the same address over UDP is another path
    memcpy(tcp->path.bytes + DC_WEBRTC_PATH_ADDRESS_BYTES + 1, &number, sizeof(number));
    return tcp;
}

void
dc_ice_tcp_destroy(struct dc_ice_tcp *tcp)
{
    dc_send_queue_finish(&tcp->waiting);
    tcp->transport->impl->destroy(tcp->transport);
    free(tcp);
}

bool
dc_ice_tcp_has_path(const struct dc_ice_tcp *tcp, const struct dc_webrtc_path *path)
{
    return memcmp(&tcp->path, path, sizeof(*path)) == 0;
}

void
dc_ice_tcp_flush(struct dc_ice_tcp *tcp)
{
    struct dc_send_item *item;
    int taken = 0;
    do {
        unsigned count = dc_send_queue_peek(&tcp->waiting, &item, 1);
        struct dc_datagram datagram = { count ? item->data : NULL, count ? item->size_bytes : 0 };
        taken = tcp->transport->impl->send(tcp->transport, &datagram, count);
        if (taken < 0)
            tcp->is_closed = true;
        else
            dc_send_queue_pop(&tcp->waiting, (unsigned)taken);
    } while (taken > 0);
}

void
dc_ice_tcp_send(struct dc_ice_tcp *tcp, const uint8_t *datagram, size_t size_bytes, int64_t now_us)
{
    if (tcp->is_closed || tcp->waiting.lanes[DC_LANE_MESSAGES].size_bytes > MAX_WAITING_BYTES)
        return;
    dc_send_queue_push(&tcp->waiting, DC_LANE_MESSAGES, datagram, size_bytes, now_us);
    dc_ice_tcp_flush(tcp);
}

bool
dc_ice_tcp_is_blocked(const struct dc_ice_tcp *tcp)
{
    return !tcp->is_closed &&
           (!dc_send_queue_is_empty(&tcp->waiting) || tcp->transport->impl->is_pending(tcp->transport));
}
