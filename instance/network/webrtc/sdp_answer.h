#ifndef DC_INSTANCE_NETWORK_WEBRTC_SDP_ANSWER_H
#define DC_INSTANCE_NETWORK_WEBRTC_SDP_ANSWER_H
/* The answer to an offer: all in one bundle, ICE-lite with every candidate in it, DTLS passive, media one way. */
#include "sdp_offer.h"

#define DC_SDP_ANSWER_MAX_BYTES 16384
#define DC_SDP_MAX_CANDIDATES 8

struct dc_sdp_candidate {
    char address[64]; // numeric
    uint16_t port;
    bool is_tcp; // passive (RFC 6544), carried as RFC 4571 says
};

struct dc_sdp_answer {
    uint64_t session_id;
    const char *ice_ufrag, *ice_password;
    const uint8_t *fingerprint; // SHA-256
    uint32_t video_ssrc, rtx_ssrc, parity_ssrc, audio_ssrc;
    const char *cname; // the same for both: what a browser plays in step
    uint32_t max_message_bytes;
    unsigned candidate_count;
    struct dc_sdp_candidate candidates[DC_SDP_MAX_CANDIDATES];
};

/* Returns the length of the text (which has a NUL behind it), 0: it does not fit. */
size_t dc_sdp_answer_build(const struct dc_sdp_offer *offer, const struct dc_sdp_answer *answer, char *out,
                           size_t capacity);

#endif
