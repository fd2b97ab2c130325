#ifndef DC_WEBRTC_DTLS_H
#define DC_WEBRTC_DTLS_H
/*
 * DTLS 1.2 over whatever carries datagrams (RFC 6347, RFC 5764). The other end's certificate is the one of the fingerprint, or
 * the handshake fails. It begins only after ICE has shown that the other end really is where it says, so it needs no cookie.
 * OpenSSL takes the time from the clock itself; deadlines are told in the caller's CLOCK_MONOTONIC.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include <protocol/webrtc/peer.h>

#define DC_DTLS_MAX_RECORD_BYTES 16384u
#define DC_DTLS_MTU_BYTES 1200
#define DC_DTLS_MAX_HANDSHAKE_BYTES (128u << 10)

enum dc_dtls_state { DC_DTLS_HANDSHAKE, DC_DTLS_CONNECTED, DC_DTLS_CLOSED };

struct dc_dtls {
    enum dc_dtls_state state;
    char reason[160]; // of CLOSED
    SSL_CTX *context; // owned
    SSL *ssl;         // owned; its BIO, too
    uint8_t fingerprint[DC_WEBRTC_FINGERPRINT_BYTES];
    bool is_refused;          // the certificate was another one
    const uint8_t *in;        // the datagram that is being read, NULL: read
    size_t in_bytes;
    size_t handshake_bytes;   // received
    int64_t deadline_us;      // INT64_MAX: none
    struct dc_webrtc_peer_counters *counters; // borrowed
    void (*send)(void *user, const uint8_t *datagram, size_t size_bytes);
    void (*handle_record)(void *user, const uint8_t *data, size_t size_bytes);
    void *user;
};

/* `send`, `handle_record`, `user` and `counters` are set before. false: OpenSSL said no, logged. */
bool dc_dtls_init(struct dc_dtls *dtls, bool is_client, const struct dc_webrtc_identity *identity,
                  const uint8_t *fingerprint);
/* Accepts a half-built object. Says goodbye where that makes sense. */
void dc_dtls_finish(struct dc_dtls *dtls);
/* Client: sends the first flight. */
void dc_dtls_start(struct dc_dtls *dtls, int64_t now_us);
/* One datagram; records that it carried go to handle_record(). Look at `state` after it. */
void dc_dtls_receive(struct dc_dtls *dtls, const uint8_t *datagram, size_t size_bytes, int64_t now_us);
void dc_dtls_handle_timer(struct dc_dtls *dtls, int64_t now_us);
bool dc_dtls_send(struct dc_dtls *dtls, const uint8_t *data, size_t size_bytes);

/* dtls_bio.c: a BIO whose datagrams are dtls->in and dtls->send(). */
BIO *dc_dtls_bio_create(struct dc_dtls *dtls);

#endif
