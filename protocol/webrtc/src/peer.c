#define DC_LOG_COMPONENT "webrtc"
#include <protocol/webrtc/peer.h>

#include <stdlib.h>
#include <string.h>

#include <common/log.h>

#include "channels.h"
#include "dtls.h"
#include "ice.h"
#include "sctp.h"
#include "srtp.h"

#define CONNECT_US 30000000
#define DEFAULT_MAX_MESSAGE_BYTES (64u << 10)

struct dc_webrtc_peer {
    struct dc_webrtc_peer_listener listener;
    void *user;
    bool is_client, is_connected, is_closed;
    int64_t now_us;      // of the call that is being worked on
    int64_t created_us;
    struct dc_webrtc_peer_counters counters;
    struct dc_ice ice;
    struct dc_dtls dtls;
    struct dc_srtp srtp;
    struct dc_sctp sctp; // its id is 0 until the session is connected
    struct dc_channels channels;
};

static void
close_peer(struct dc_webrtc_peer *peer, const char *reason)
{
    if (peer->is_closed)
        return;
    peer->is_closed = true;
    dc_debug("session over WebRTC closed: %s", reason);
    if (peer->listener.handle_closed)
        peer->listener.handle_closed(peer->user, reason);
}

/* What the parts want sent. */
static void
send_check(void *user, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes)
{
    struct dc_webrtc_peer *peer = user;
    peer->listener.send(peer->user, path, datagram, size_bytes);
}

static void
send_selected(void *user, const uint8_t *datagram, size_t size_bytes)
{
    struct dc_webrtc_peer *peer = user;
    if (peer->ice.has_selected)
        peer->listener.send(peer->user, &peer->ice.selected, datagram, size_bytes);
}

static void
send_sctp(void *user, const uint8_t *packet, size_t size_bytes)
{
    struct dc_webrtc_peer *peer = user;
    dc_dtls_send(&peer->dtls, packet, size_bytes);
}

/* What DTLS and SCTP bring. */
static void
handle_record(void *user, const uint8_t *data, size_t size_bytes)
{
    struct dc_webrtc_peer *peer = user;
    if (!peer->is_closed && peer->sctp.id)
        dc_sctp_receive(&peer->sctp, data, size_bytes);
}

static void
handle_up(void *user)
{
    struct dc_webrtc_peer *peer = user;
    if (!peer->is_closed)
        dc_channels_start(&peer->channels);
}

static void
handle_sctp_message(void *user, uint16_t stream, uint32_t ppid, const uint8_t *data, size_t size_bytes)
{
    struct dc_webrtc_peer *peer = user;
    if (!peer->is_closed)
        dc_channels_receive(&peer->channels, stream, ppid, data, size_bytes);
}

static void
handle_stream_reset(void *user, uint16_t stream)
{
    struct dc_webrtc_peer *peer = user;
    if (!peer->is_closed)
        dc_channels_handle_reset(&peer->channels, stream);
}

static void
handle_down(void *user, const char *reason)
{
    close_peer(user, reason);
}

static const struct dc_sctp_listener sctp_listener = {
    .send = send_sctp,
    .handle_up = handle_up,
    .handle_message = handle_sctp_message,
    .handle_stream_reset = handle_stream_reset,
    .handle_down = handle_down,
};

static void
handle_channel(void *user, uint16_t stream, const char *label)
{
    struct dc_webrtc_peer *peer = user;
    if (peer->listener.handle_channel && !peer->is_closed)
        peer->listener.handle_channel(peer->user, stream, label);
}

static void
handle_message(void *user, uint16_t stream, bool is_text, const uint8_t *data, size_t size_bytes)
{
    struct dc_webrtc_peer *peer = user;
    if (peer->listener.handle_message && !peer->is_closed)
        peer->listener.handle_message(peer->user, stream, is_text, data, size_bytes, peer->now_us);
}

static const struct dc_channels_listener channels_listener = {
    .handle_channel = handle_channel,
    .handle_message = handle_message,
};

static void
connect_parts(struct dc_webrtc_peer *peer, const struct dc_webrtc_peer_config *config)
{
    peer->ice.counters = peer->dtls.counters = peer->channels.counters = &peer->counters;
    peer->ice.user = peer->dtls.user = peer->sctp.user = peer->channels.user = peer;
    peer->ice.send = send_check;
    peer->dtls.send = send_selected;
    peer->dtls.handle_record = handle_record;
    peer->sctp.listener = &sctp_listener;
    peer->channels.listener = &channels_listener;
    peer->channels.sctp = &peer->sctp;
    peer->channels.is_client = config->is_client;
    peer->channels.remote_max_bytes =
        config->sctp_max_message_bytes ? config->sctp_max_message_bytes : DEFAULT_MAX_MESSAGE_BYTES;
}

struct dc_webrtc_peer *
dc_webrtc_peer_create(const struct dc_webrtc_peer_config *config, const struct dc_webrtc_peer_listener *listener,
                      void *user, int64_t now_us)
{
    struct dc_webrtc_peer *peer = calloc(1, sizeof(*peer));
    if (!peer)
        return NULL;
    peer->listener = *listener;
    peer->user = user;
    peer->is_client = config->is_client;
    peer->created_us = peer->now_us = now_us;
    connect_parts(peer, config);
    if (!dc_ice_init(&peer->ice, config, now_us)) {
        dc_error("an ICE user name or password is not as RFC 8839 wants it");
        goto fail;
    }
    if (!dc_dtls_init(&peer->dtls, config->is_client, config->identity, config->remote_fingerprint))
        goto fail;
    return peer;
fail:
    free(peer);
    return NULL;
}

void
dc_webrtc_peer_destroy(struct dc_webrtc_peer *peer)
{
    if (!peer)
        return;
    peer->is_closed = true; // nothing is called any more, except send()
    dc_sctp_finish(&peer->sctp);
    dc_dtls_finish(&peer->dtls);
    dc_srtp_finish(&peer->srtp);
    free(peer);
}

/* DTLS has moved on: the session may have become connected or closed. */
static void
look_at_dtls(struct dc_webrtc_peer *peer)
{
    if (peer->dtls.state == DC_DTLS_CLOSED) {
        close_peer(peer, peer->dtls.reason);
        return;
    }
    if (peer->dtls.state != DC_DTLS_CONNECTED || peer->is_connected || peer->is_closed)
        return;
    if (!dc_srtp_init(&peer->srtp, peer->dtls.ssl, peer->is_client)) {
        close_peer(peer, "SRTP has no keys");
        return;
    }
    peer->is_connected = true;
    if (peer->listener.handle_connected)
        peer->listener.handle_connected(peer->user);
    if (!dc_sctp_init(&peer->sctp))
        close_peer(peer, "SCTP cannot be set up");
}

static void
receive_check(struct dc_webrtc_peer *peer, const struct dc_webrtc_path *path, const uint8_t *datagram,
              size_t size_bytes)
{
    dc_ice_receive(&peer->ice, path, datagram, size_bytes, peer->now_us);
    if (!peer->is_client || !peer->ice.has_selected)
        return;
    dc_dtls_start(&peer->dtls, peer->now_us);
    look_at_dtls(peer);
}

static void
receive_dtls(struct dc_webrtc_peer *peer, const struct dc_webrtc_path *path, const uint8_t *datagram,
             size_t size_bytes)
{
    dc_dtls_receive(&peer->dtls, datagram, size_bytes, peer->now_us);
    look_at_dtls(peer);
}

/* RTP and RTCP share the port (RFC 5761): payload types 64 … 95 are RTCP's. */
static void
receive_media(struct dc_webrtc_peer *peer, const struct dc_webrtc_path *path, const uint8_t *datagram,
              size_t size_bytes)
{
    uint8_t packet[DC_STUN_MAX_BYTES + SRTP_MAX_TRAILER_LEN] __attribute__((aligned(8)));
    bool is_rtcp = size_bytes > 1 && (datagram[1] & 0x7f) >= 64 && (datagram[1] & 0x7f) < 96;
    void (*handle)(void *, const uint8_t *, size_t, int64_t) =
        is_rtcp ? peer->listener.handle_rtcp : peer->listener.handle_rtp;
    if (size_bytes > DC_STUN_MAX_BYTES)
        goto refuse;
    memcpy(packet, datagram, size_bytes);
    if (!dc_srtp_unprotect(&peer->srtp, is_rtcp, packet, &size_bytes))
        goto refuse;
    if (handle)
        handle(peer->user, packet, size_bytes, peer->now_us);
    return;
refuse:
    peer->counters.refused_packets++;
}

/* RFC 7983. Everything but STUN has to come from where a check came from. */
static const struct {
    uint8_t first, last;
    bool needs_path;
    void (*receive)(struct dc_webrtc_peer *peer, const struct dc_webrtc_path *path, const uint8_t *datagram,
                    size_t size_bytes);
} protocols[] = {
    { 128, 191, true, receive_media },
    { 20, 63, true, receive_dtls },
    { 0, 3, false, receive_check },
};

void
dc_webrtc_peer_receive(struct dc_webrtc_peer *peer, const struct dc_webrtc_path *path, const uint8_t *datagram,
                       size_t size_bytes, int64_t now_us)
{
    peer->counters.received_datagrams++;
    peer->now_us = now_us;
    if (peer->is_closed)
        return;
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]) && size_bytes; i++) {
        if (datagram[0] < protocols[i].first || datagram[0] > protocols[i].last)
            continue;
        if (!protocols[i].needs_path) {
            protocols[i].receive(peer, path, datagram, size_bytes);
        } else if (dc_ice_has_path(&peer->ice, path)) {
            dc_ice_heard(&peer->ice, now_us);
            protocols[i].receive(peer, path, datagram, size_bytes);
        } else {
            peer->counters.foreign_datagrams++;
        }
        return;
    }
    peer->counters.unknown_datagrams++;
}

int64_t
dc_webrtc_peer_deadline_us(const struct dc_webrtc_peer *peer)
{
    int64_t deadline_us = dc_ice_deadline_us(&peer->ice);
    int64_t others[] = { peer->dtls.deadline_us, dc_sctp_deadline_us(&peer->sctp),
                         peer->is_connected ? INT64_MAX : peer->created_us + CONNECT_US };
    if (peer->is_closed)
        return INT64_MAX;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        deadline_us = others[i] < deadline_us ? others[i] : deadline_us;
    return deadline_us;
}

void
dc_webrtc_peer_handle_timer(struct dc_webrtc_peer *peer, int64_t now_us)
{
    if (peer->is_closed)
        return;
    peer->now_us = now_us;
    if (!dc_ice_handle_timer(&peer->ice, now_us)) {
        close_peer(peer, "no sign of life from the other end for 30 s");
        return;
    }
    dc_dtls_handle_timer(&peer->dtls, now_us);
    look_at_dtls(peer);
    if (!peer->is_closed)
        dc_sctp_handle_timer(&peer->sctp, now_us);
    if (!peer->is_connected && now_us >= peer->created_us + CONNECT_US)
        close_peer(peer, "the session was not connected within 30 s");
}

bool
dc_webrtc_peer_is_connected(const struct dc_webrtc_peer *peer)
{
    return peer->is_connected && !peer->is_closed;
}

bool
dc_webrtc_peer_has_path(const struct dc_webrtc_peer *peer, const struct dc_webrtc_path *path)
{
    return dc_ice_has_path(&peer->ice, path);
}

const struct dc_webrtc_path *
dc_webrtc_peer_get_path(const struct dc_webrtc_peer *peer)
{
    return peer->ice.has_selected ? &peer->ice.selected : NULL;
}

void
dc_webrtc_peer_set_path(struct dc_webrtc_peer *peer, const struct dc_webrtc_path *path, int64_t now_us)
{
    if (peer->is_client)
        dc_ice_set_target(&peer->ice, path, now_us);
}

const struct dc_webrtc_peer_counters *
dc_webrtc_peer_counters(const struct dc_webrtc_peer *peer)
{
    return &peer->counters;
}

static bool
send_media(struct dc_webrtc_peer *peer, bool is_rtcp, uint8_t *packet, size_t size_bytes)
{
    if (!dc_webrtc_peer_is_connected(peer) || size_bytes > DC_WEBRTC_MAX_RTP_BYTES ||
        !dc_srtp_protect(&peer->srtp, is_rtcp, packet, &size_bytes))
        return false;
    send_selected(peer, packet, size_bytes);
    return true;
}

bool
dc_webrtc_peer_send_rtp(struct dc_webrtc_peer *peer, uint8_t *packet, size_t size_bytes)
{
    return send_media(peer, false, packet, size_bytes);
}

bool
dc_webrtc_peer_send_rtcp(struct dc_webrtc_peer *peer, uint8_t *packet, size_t size_bytes)
{
    return send_media(peer, true, packet, size_bytes);
}

static bool
want_channel(struct dc_webrtc_peer *peer, uint16_t stream, const char *label, bool is_negotiated, bool ordered,
             int max_retransmits)
{
    struct dc_sctp_reliability reliability = { .is_ordered = ordered, .limit = max_retransmits };
    return !peer->is_closed && dc_channels_want(&peer->channels, stream, label, is_negotiated, &reliability);
}

bool
dc_webrtc_peer_open_channel(struct dc_webrtc_peer *peer, uint16_t stream, const char *label, bool ordered,
                            int max_retransmits)
{
    return want_channel(peer, stream, label, false, ordered, max_retransmits);
}

bool
dc_webrtc_peer_add_channel(struct dc_webrtc_peer *peer, uint16_t stream, const char *label, bool ordered,
                           int max_retransmits)
{
    return want_channel(peer, stream, label, true, ordered, max_retransmits);
}

bool
dc_webrtc_peer_send_message(struct dc_webrtc_peer *peer, uint16_t stream, bool is_text, const uint8_t *data,
                            size_t size_bytes)
{
    return !peer->is_closed && dc_channels_send(&peer->channels, stream, is_text, data, size_bytes);
}

size_t
dc_webrtc_peer_unsent_bytes(const struct dc_webrtc_peer *peer)
{
    return dc_sctp_unsent_bytes(&peer->sctp);
}
