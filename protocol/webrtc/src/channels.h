#ifndef DC_WEBRTC_CHANNELS_H
#define DC_WEBRTC_CHANNELS_H
/*
 * The data channels of a session (RFC 8831): which streams are open, and as what. Channels that are asked for before the
 * association is up are opened when it is.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/webrtc/peer.h>

#include "dcep.h"
#include "sctp.h"

enum dc_channel_state {
    DC_CHANNEL_CLOSED,
    DC_CHANNEL_WANTED,  // to be opened when the association is up
    DC_CHANNEL_OPENING, // OPEN is sent
    DC_CHANNEL_OPEN,
};

struct dc_channel_entry {
    enum dc_channel_state state;
    bool is_negotiated; // without DCEP
    struct dc_sctp_reliability reliability;
    char label[DC_DCEP_MAX_LABEL_BYTES + 1];
};

struct dc_channels_listener {
    void (*handle_channel)(void *user, uint16_t stream, const char *label);
    void (*handle_message)(void *user, uint16_t stream, bool is_text, const uint8_t *data, size_t size_bytes);
};

struct dc_channels {
    struct dc_sctp *sctp; // borrowed
    bool is_client;
    uint32_t remote_max_bytes;
    const struct dc_channels_listener *listener;
    void *user;
    struct dc_webrtc_peer_counters *counters; // borrowed
    struct dc_channel_entry entries[DC_WEBRTC_MAX_CHANNELS];
};

/* false: the stream is in use, not ours to open, or the label is too long. */
bool dc_channels_want(struct dc_channels *channels, uint16_t stream, const char *label, bool is_negotiated,
                      const struct dc_sctp_reliability *reliability);
/* The association is up. */
void dc_channels_start(struct dc_channels *channels);
/* What came from the association. */
void dc_channels_receive(struct dc_channels *channels, uint16_t stream, uint32_t ppid, const uint8_t *data,
                         size_t size_bytes);
/* The other end has closed the stream: we close ours. */
void dc_channels_handle_reset(struct dc_channels *channels, uint16_t stream);
bool dc_channels_send(struct dc_channels *channels, uint16_t stream, bool is_text, const uint8_t *data,
                      size_t size_bytes);

#endif
