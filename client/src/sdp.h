#ifndef DC_CLIENT_SDP_H
#define DC_CLIENT_SDP_H
/* The client's offer of a session and what it needs to know of the answer (RFC 8829): where, with which keys. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/webrtc/identity.h>

#define DC_SDP_OFFER_BYTES 4096
#define DC_SDP_MAX_ANSWER_BYTES (64u << 10)
#define DC_SDP_MAX_ADDRESSES 8
#define DC_SDP_RTX_PAYLOAD_TYPE 98
#define DC_SDP_PARITY_PAYLOAD_TYPE 99
#define DC_SDP_TRANSPORT_EXTENSION_ID 5 // of a packet's transport-wide number

struct dc_sdp_offer_values {
    const char *ufrag, *password;
    const uint8_t *fingerprint;
    uint64_t session_id;
};

struct dc_sdp_address {
    char host[64]; // numeric
    uint16_t port;
    bool is_tcp;
};

struct dc_sdp_answer_values {
    char ufrag[257], password[257];
    uint8_t fingerprint[DC_WEBRTC_FINGERPRINT_BYTES];
    uint32_t max_message_bytes; // 0: not said
    unsigned address_count;
    struct dc_sdp_address addresses[DC_SDP_MAX_ADDRESSES];
};

/* One picture, one sound, data channels, all in one bundle; the payload types are those of channel.h. false: it does not
 * fit. */
bool dc_sdp_write_offer(const struct dc_sdp_offer_values *values, char *text, size_t capacity);
/* false: `error` (static) says what is missing. */
bool dc_sdp_read_answer(const char *text, size_t size_bytes, struct dc_sdp_answer_values *answer, const char **error);

#endif
