#define DC_LOG_COMPONENT "webrtc"
#include <protocol/webrtc/peer.h>

#include <common/log.h>

struct dc_webrtc_peer *
dc_webrtc_peer_create(const struct dc_webrtc_peer_config *config, const struct dc_webrtc_peer_listener *listener,
                      void *user, int64_t now_us)
{
    dc_error("sessions over WebRTC are not there yet");
    return NULL;
}
void
dc_webrtc_peer_destroy(struct dc_webrtc_peer *peer)
{
}
void
dc_webrtc_peer_receive(struct dc_webrtc_peer *peer, const struct dc_webrtc_path *path, const uint8_t *datagram,
                       size_t size_bytes, int64_t now_us)
{
}
int64_t
dc_webrtc_peer_deadline_us(const struct dc_webrtc_peer *peer)
{
    return INT64_MAX;
}
void
dc_webrtc_peer_handle_timer(struct dc_webrtc_peer *peer, int64_t now_us)
{
}
bool
dc_webrtc_peer_is_connected(const struct dc_webrtc_peer *peer)
{
    return false;
}
bool
dc_webrtc_peer_send_rtp(struct dc_webrtc_peer *peer, uint8_t *packet, size_t size_bytes)
{
    return false;
}
bool
dc_webrtc_peer_send_rtcp(struct dc_webrtc_peer *peer, uint8_t *packet, size_t size_bytes)
{
    return false;
}
bool
dc_webrtc_peer_open_channel(struct dc_webrtc_peer *peer, uint16_t stream, const char *label, bool ordered,
                            int max_retransmits)
{
    return false;
}
bool
dc_webrtc_peer_add_channel(struct dc_webrtc_peer *peer, uint16_t stream, const char *label, bool ordered,
                           int max_retransmits)
{
    return false;
}
bool
dc_webrtc_peer_send_message(struct dc_webrtc_peer *peer, uint16_t stream, bool is_text, const uint8_t *data,
                            size_t size_bytes)
{
    return false;
}
size_t
dc_webrtc_peer_unsent_bytes(const struct dc_webrtc_peer *peer)
{
    return 0;
}
bool
dc_webrtc_stun_username(const uint8_t *datagram, size_t size_bytes, char *local_ufrag, size_t capacity)
{
    return false;
}
