#ifndef DC_INSTANCE_NETWORK_WEBRTC_PEER_LINK_H
#define DC_INSTANCE_NETWORK_WEBRTC_PEER_LINK_H
/*
 * A session's transport over one end of WebRTC (protocol/webrtc/peer.h): a message of channel n rides in data channel n,
 * RTP packets leave as it was negotiated, in SRTP, and lost ones are sent again. It has no descriptor of its own: the owner
 * of the sockets brings datagrams and times, and dispatches the session after that.
 */
#include <stdbool.h>
#include <stdint.h>

#include <instance/network/server.h>
#include <protocol/qos/ladder.h>
#include <protocol/qos/video_sender.h>
#include <protocol/webrtc/peer.h>

#include "../src/transport.h"
#include "opus_bundle.h"
#include "rtp_map.h"
#include "sender_reports.h"

struct dc_peer_link;
struct dc_session;

struct dc_peer_link_owner { // all required
    void (*send)(void *user, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes);
    /* What was sent along this path waits (TCP): media had better wait too. */
    bool (*is_blocked)(void *user, const struct dc_webrtc_path *path);
    void (*handle_connected)(void *user, struct dc_peer_link *link);
    /* The line wants something else of the encoder; handle_timer() and dispatch of what came lead here.
     * false: nobody listens yet, it will be said again. */
    bool (*handle_encoder)(void *user, struct dc_peer_link *link, const struct dc_network_encoder_wish *wish);
    void (*handle_destroyed)(void *user, struct dc_peer_link *link); // forget it
};

struct dc_peer_link {
    struct dc_transport base;
    const struct dc_peer_link_owner *owner;
    void *user;
    struct dc_webrtc_peer *peer; // owned
    struct dc_session *session;  // owner's: whose transport this is
    char id[33], ufrag[17];
    uint8_t *inbox;              // owned; messages and RTCP for the session, each after its length (4 bytes)
    size_t inbox_bytes;
    uint8_t *early;              // owned; messages of channels that are not open yet
    size_t early_bytes;
    bool channel_open[16];
    bool is_connected, is_shut, is_closed;
    bool has_video, has_audio, has_channels;
    struct dc_rtp_map video, audio;
    struct dc_opus_bundle bundle;
    uint16_t audio_sequence; // of bundles
    struct dc_video_sender sender; // the video from here on: pace, retransmissions, what the line carries
    bool in_frame;                 // its last packet has not come yet
    uint32_t bitrate_kbps;         // the encoder's most
    uint32_t kept_frames;          // that the encoder is to keep for this client
    struct dc_network_encoder_wish told;   // what the owner knows of it
    struct dc_ladder ladder;       // how often a frame is worth its bits
    int64_t told_us;               // when that was looked at last
    struct dc_sender_reports reports;
    bool is_profile_checked;
    uint64_t dropped_messages;
    struct dc_peer_link *next;   // owner's list
};

struct dc_peer_link_config {
    const struct dc_webrtc_identity *identity;
    const char *id, *ufrag, *password; // the session's name, ours for ICE
    const char *cname;
    const struct dc_sdp_offer *offer;
    uint32_t bitrate_kbps; // the encoder's most
    uint32_t width, height, refresh_mhz; // of the picture
};

/* NULL: logged. Give it its streams before it is connected. */
struct dc_peer_link *dc_peer_link_create(const struct dc_peer_link_config *config,
                                         const struct dc_peer_link_owner *owner, void *user, int64_t now_us);
struct dc_peer_link_ssrcs { // as the session's packetizers use them, and as the answer names them
    uint32_t video, rtx, parity, audio;
};

void dc_peer_link_set_streams(struct dc_peer_link *link, const struct dc_sdp_offer *offer,
                              const struct dc_peer_link_ssrcs *ssrcs);
int64_t dc_peer_link_deadline_us(const struct dc_peer_link *link);
void dc_peer_link_handle_timer(struct dc_peer_link *link, int64_t now_us);

#endif
