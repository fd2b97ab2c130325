#ifndef DC_PROTOCOL_WEBRTC_PEER_H
#define DC_PROTOCOL_WEBRTC_PEER_H
/*
 * One end of a WebRTC session (RFC 8825): ICE (RFC 8445; the server is lite, the client a controlling agent with a single
 * candidate), DTLS 1.2 (RFC 5764, OpenSSL), SRTP and SRTCP (libsrtp2), SCTP data channels (RFC 8831, 8832; usrsctp inside
 * DTLS). It owns no socket and no thread: datagrams and times go in, datagrams and events come out, so that one UDP port
 * serves many peers, TCP (RFC 4571) carries the same bytes, and tests run two of them against each other in memory.
 *
 * All calls of one peer come from one thread; peers of different threads may exist at once. Callbacks may send, and never
 * destroy the peer. Times are CLOCK_MONOTONIC microseconds and never go back.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/webrtc/identity.h>

struct dc_webrtc_peer;
struct sockaddr;

/* Room behind a packet for what SRTP and SRTCP add to it. */
#define DC_WEBRTC_SRTP_TRAILER_BYTES 32
/* No datagram that a peer sends is longer: fits an IPv6 path of 1280 bytes with its headers. */
#define DC_WEBRTC_MAX_DATAGRAM_BYTES 1232
/* Longer RTP and RTCP packets cannot be sent. */
#define DC_WEBRTC_MAX_RTP_BYTES (DC_WEBRTC_MAX_DATAGRAM_BYTES - DC_WEBRTC_SRTP_TRAILER_BYTES)
/* Stream ids are below this. */
#define DC_WEBRTC_MAX_CHANNELS 64
/* A longer message of the other end closes the session; SDP says so in a=max-message-size. */
#define DC_WEBRTC_MAX_MESSAGE_BYTES (256u << 10)
/* What waits at most unsent, all channels together. */
#define DC_WEBRTC_MAX_UNSENT_BYTES (1u << 20)

/*
 * Where a datagram came from or goes to: made by the owner of the sockets, compared bytewise. STUN's answers show the other
 * end the address that it was seen with, so the first bytes are that; the rest is the owner's (which connection, …).
 *
 *      0        1              3                        19
 *     +--------+--------------+------------------------+----------------
 *     | 4 or 6 | port, be     | address (IPv4: first 4)| the owner's …      first byte 0: no address to show
 *     +--------+--------------+------------------------+----------------
 */
#define DC_WEBRTC_PATH_ADDRESS_BYTES 19
struct dc_webrtc_path {
    uint8_t bytes[32];
};

/* Fills the address, zeroes the rest. An IPv4 address mapped into IPv6 becomes IPv4; of another family: no address. */
void dc_webrtc_path_set_address(struct dc_webrtc_path *path, const struct sockaddr *address);

/* Totals since creation; what was dropped was dropped silently. */
struct dc_webrtc_peer_counters {
    uint64_t received_datagrams;
    uint64_t unknown_datagrams;   // of no protocol that we speak (RFC 7983)
    uint64_t foreign_datagrams;   // from a path that passed no check
    uint64_t malformed_checks;    // STUN that does not parse
    uint64_t refused_checks;      // wrong user name, password, role; replayed; answers nobody waits for
    uint64_t path_changes;        // after the first path
    uint64_t dropped_handshake_bytes;
    uint64_t refused_packets;     // SRTP, SRTCP: not authentic, seen before, too old, too many SSRCs, before the keys
    uint64_t refused_messages;    // on channels that are not open
    uint64_t malformed_opens;     // DCEP
    uint64_t dropped_sctp_packets; // ours, when nobody fetched them in time; SCTP sends them again
};

struct dc_webrtc_peer_listener {
    /* Required. Best effort; borrowed bytes. */
    void (*send)(void *user, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes);
    /* All below optional. DTLS is done, the fingerprint is right, SRTP has its keys. */
    void (*handle_connected)(void *user);
    /* Decrypted and not seen before; of any SSRC. */
    void (*handle_rtp)(void *user, const uint8_t *packet, size_t size_bytes, int64_t now_us);
    /* Decrypted; compound packets as they came. */
    void (*handle_rtcp)(void *user, const uint8_t *packet, size_t size_bytes, int64_t now_us);
    /* A data channel can be used, whoever opened it. `stream` is the SCTP stream id; the label is UTF-8 or not, as it came,
     * cut at 64 bytes. */
    void (*handle_channel)(void *user, uint16_t stream, const char *label);
    /* A whole message; only of channels that are open. */
    void (*handle_message)(void *user, uint16_t stream, bool is_text, const uint8_t *data, size_t size_bytes,
                           int64_t now_us);
    /* Once; after it nothing is called or sent, and only destroy() is left to do. */
    void (*handle_closed)(void *user, const char *reason);
};

struct dc_webrtc_peer_config {
    bool is_client;                            // controlling ICE, DTLS client; otherwise ICE-lite, DTLS server
    const struct dc_webrtc_identity *identity; // outlives the peer
    const char *local_ufrag, *local_password;  // copied; RFC 8839: 4 … 256 and 22 … 256 ice-chars
    const char *remote_ufrag, *remote_password;
    uint8_t remote_fingerprint[DC_WEBRTC_FINGERPRINT_BYTES]; // SHA-256; another certificate is refused
    uint32_t sctp_max_message_bytes; // what the remote end accepts (a=max-message-size), 0: 64 KiB (RFC 8841)
    struct dc_webrtc_path path;      // client: where its checks go
};

/* NULL: the configuration is wrong or a library failed, logged. */
struct dc_webrtc_peer *dc_webrtc_peer_create(const struct dc_webrtc_peer_config *config,
                                             const struct dc_webrtc_peer_listener *listener, void *user,
                                             int64_t now_us);
/* Tells the other end when it can (SCTP ABORT, DTLS close_notify). NULL is fine. */
void dc_webrtc_peer_destroy(struct dc_webrtc_peer *peer);

/* A datagram that belongs to this peer (STUN by its user name, all else by path). Hostile bytes are dropped and counted. */
void dc_webrtc_peer_receive(struct dc_webrtc_peer *peer, const struct dc_webrtc_path *path, const uint8_t *datagram,
                            size_t size_bytes, int64_t now_us);
/* When handle_timer() wants to be called next; may move with every other call. INT64_MAX: never. */
int64_t dc_webrtc_peer_deadline_us(const struct dc_webrtc_peer *peer);
void dc_webrtc_peer_handle_timer(struct dc_webrtc_peer *peer, int64_t now_us);
bool dc_webrtc_peer_is_connected(const struct dc_webrtc_peer *peer);
/* Whether a check has shown that the other end is at this path: datagrams that are not STUN are taken from such only. */
bool dc_webrtc_peer_has_path(const struct dc_webrtc_peer *peer, const struct dc_webrtc_path *path);
/* Where datagrams go now; NULL: nowhere yet. */
const struct dc_webrtc_path *dc_webrtc_peer_get_path(const struct dc_webrtc_peer *peer);
/* Client: checks go there from now on, and everything else once one was answered (TCP instead of UDP, another network). */
void dc_webrtc_peer_set_path(struct dc_webrtc_peer *peer, const struct dc_webrtc_path *path, int64_t now_us);
const struct dc_webrtc_peer_counters *dc_webrtc_peer_counters(const struct dc_webrtc_peer *peer);

/* Protects and sends. `packet` has room for DC_WEBRTC_SRTP_TRAILER_BYTES behind `size_bytes`, and is overwritten. false:
 * not connected, or not a packet. */
bool dc_webrtc_peer_send_rtp(struct dc_webrtc_peer *peer, uint8_t *packet, size_t size_bytes);
bool dc_webrtc_peer_send_rtcp(struct dc_webrtc_peer *peer, uint8_t *packet, size_t size_bytes);

/* Opens a channel by DCEP (RFC 8832) on this stream: even ones are the client's, odd ones the server's. May be called before
 * the session is connected. `max_retransmits` -1: reliable. handle_channel() tells when it can be used. */
bool dc_webrtc_peer_open_channel(struct dc_webrtc_peer *peer, uint16_t stream, const char *label, bool ordered,
                                 int max_retransmits);
/* A channel that both ends know of without DCEP ("negotiated" in a browser), of any stream. */
bool dc_webrtc_peer_add_channel(struct dc_webrtc_peer *peer, uint16_t stream, const char *label, bool ordered,
                                int max_retransmits);
/* false: the channel is not open, the message is longer than the other end accepts, or too much waits already
 * (DC_WEBRTC_MAX_UNSENT_BYTES): nothing was taken. */
bool dc_webrtc_peer_send_message(struct dc_webrtc_peer *peer, uint16_t stream, bool is_text, const uint8_t *data,
                                 size_t size_bytes);
/* Messages that SCTP has not sent and acknowledged yet. */
size_t dc_webrtc_peer_unsent_bytes(const struct dc_webrtc_peer *peer);

/* To whom a STUN binding request is addressed, before any peer is known: the part of its user name before the colon.
 * false: not such a request, or the name does not fit. Checks nothing else. */
bool dc_webrtc_stun_username(const uint8_t *datagram, size_t size_bytes, char *local_ufrag, size_t capacity);

#endif
