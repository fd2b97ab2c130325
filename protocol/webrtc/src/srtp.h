#ifndef DC_WEBRTC_SRTP_H
#define DC_WEBRTC_SRTP_H
/*
 * SRTP and SRTCP of a session (RFC 3711, RFC 7714), keyed by DTLS (RFC 5764): one key each way, for every SSRC. What was
 * received once is not received again (window of 1024); a sequence number is never protected twice, because with counter
 * modes two texts under one number give both away.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>
#include <srtp2/srtp.h>

/* SSRCs of the other end, each costs memory: media, retransmission, FEC, and some change of them. */
#define DC_SRTP_MAX_SSRCS 32

struct dc_srtp {
    srtp_t inbound, outbound; // owned
    uint32_t ssrcs[DC_SRTP_MAX_SSRCS]; // that proved authentic
    unsigned ssrc_count;
};

/* After the handshake. false: logged. */
bool dc_srtp_init(struct dc_srtp *srtp, SSL *ssl, bool is_client);
void dc_srtp_finish(struct dc_srtp *srtp);
/* In place; the size becomes the result's. false: to be dropped. */
bool dc_srtp_unprotect(struct dc_srtp *srtp, bool is_rtcp, uint8_t *packet, size_t *size_bytes);
/* In place; there is room for DC_WEBRTC_SRTP_TRAILER_BYTES more. */
bool dc_srtp_protect(struct dc_srtp *srtp, bool is_rtcp, uint8_t *packet, size_t *size_bytes);

#endif
