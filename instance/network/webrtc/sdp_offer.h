#ifndef DC_INSTANCE_NETWORK_WEBRTC_SDP_OFFER_H
#define DC_INSTANCE_NETWORK_WEBRTC_SDP_OFFER_H
/*
 * A client's offer (RFC 8866, 8829), reduced to what an answer depends on: which section is which, what it can decode,
 * where and with which keys it connects. What is not understood is skipped, as SDP wants it; what is understood is
 * bounded and checked. Nothing is kept of the text.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/webrtc/identity.h>

#define DC_SDP_MAX_BYTES (64u << 10)
#define DC_SDP_MAX_SECTIONS 16
#define DC_SDP_MAX_MID_BYTES 32
#define DC_SDP_MAX_PROTOCOL_BYTES 32
#define DC_ICE_MAX_BYTES 256 // of a user name fragment or a password (RFC 8839 §5.4)

/* What of ours a client may offer for its video: parity (protocol/rtp/fec_payload.h) as a payload type of its own, and that it
 * asks for frames without what it lost (protocol/rtp/rtcp_feedback.h). */
#define DC_SDP_PARITY_ENCODING "x-droidcloud-parity/90000"
#define DC_SDP_INVALIDATION_FEEDBACK "x-droidcloud-invalidate"

enum dc_sdp_kind { DC_SDP_VIDEO, DC_SDP_AUDIO, DC_SDP_APPLICATION, DC_SDP_OTHER };

enum dc_sdp_extension { // of RTP headers, that we can send
    DC_SDP_EXTENSION_TRANSPORT_CC,
    DC_SDP_EXTENSION_PLAYOUT_DELAY,
    DC_SDP_EXTENSION_FRAME, // ours: frame_extension.h
    DC_SDP_EXTENSION_INPUT_IDS,
    DC_SDP_EXTENSION_TIMES,
    DC_SDP_EXTENSION_SEND_TIME,
    DC_SDP_EXTENSION_REFERENCE,
    DC_SDP_EXTENSION_COUNT,
};

struct dc_sdp_section {
    enum dc_sdp_kind kind;
    char media[16];                            // as offered: "video", …
    char protocol[DC_SDP_MAX_PROTOCOL_BYTES];  // "UDP/TLS/RTP/SAVPF"
    char mid[DC_SDP_MAX_MID_BYTES];            // empty: none
    char format[32];                           // the first one
    bool is_usable;      // of a kind that we serve, bundled, receiving, with a codec of ours
    int payload_type;    // H.264 or Opus; < 0: none that we have
    int rtx_payload_type, parity_payload_type; // < 0: none
    uint32_t profile_level_id; // of the H.264 choice: profile_idc, constraints, level_idc
    bool nack, nack_pli, ccm_fir, transport_cc, invalidation; // feedback offered for payload_type
    uint8_t extension_ids[DC_SDP_EXTENSION_COUNT]; // 0: not offered
    uint32_t ptime_ms; // how much sound a packet should hold; 0: any
    uint16_t sctp_port;
    bool has_sctpmap; // the old syntax (draft-ietf-mmusic-sctp-sdp-05), which aiortc still speaks
    uint32_t max_message_bytes;
};

struct dc_sdp_offer {
    // Of the bundle's first section: the transport that is used for all of them (RFC 8843).
    char ice_ufrag[DC_ICE_MAX_BYTES + 1], ice_password[DC_ICE_MAX_BYTES + 1];
    uint8_t fingerprint[DC_WEBRTC_FINGERPRINT_BYTES];
    bool extmap_allow_mixed;
    unsigned section_count;
    struct dc_sdp_section sections[DC_SDP_MAX_SECTIONS];
};

/* URIs of the extensions, by enum dc_sdp_extension. */
extern const char *const dc_sdp_extension_uris[DC_SDP_EXTENSION_COUNT];

/* false: `reason` (static) says to the client what is wrong with it. */
bool dc_sdp_offer_parse(const char *text, size_t size_bytes, struct dc_sdp_offer *offer, const char **reason);
/* The usable section of this kind, NULL: there is none. */
const struct dc_sdp_section *dc_sdp_offer_find(const struct dc_sdp_offer *offer, enum dc_sdp_kind kind);

#endif
