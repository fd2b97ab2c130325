#define DC_LOG_COMPONENT "webrtc"
#include "dtls.h"

#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include <openssl/err.h>

#include <common/log.h>

#include "identity_internal.h"

#define FIRST_RETRY_US 100000u
#define MAX_RETRY_US 1000000u
#define MAX_CHAIN_BYTES 16384

static void
close_with(struct dc_dtls *dtls, const char *what, const char *why)
{
    if (dtls->state == DC_DTLS_CLOSED)
        return;
    dtls->state = DC_DTLS_CLOSED;
    dtls->deadline_us = INT64_MAX;
    snprintf(dtls->reason, sizeof(dtls->reason), "%s%s%s", what, why ? ": " : "", why ? why : "");
}

/* Replaces the check of a chain: the fingerprint says all there is to say. */
static int
check_certificate(X509_STORE_CTX *store, void *user)
{
    struct dc_dtls *dtls = user;
    uint8_t fingerprint[DC_WEBRTC_FINGERPRINT_BYTES];
    X509 *certificate = X509_STORE_CTX_get0_cert(store);
    dtls->is_refused = !certificate || !dc_webrtc_fingerprint_of(certificate, fingerprint) ||
                       memcmp(fingerprint, dtls->fingerprint, sizeof(fingerprint)) != 0;
    if (dtls->is_refused)
        X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return !dtls->is_refused;
}

static unsigned
next_retry_us(SSL *ssl, unsigned last_us)
{
    if (last_us == 0)
        return FIRST_RETRY_US;
    return last_us * 2 < MAX_RETRY_US ? last_us * 2 : MAX_RETRY_US;
}

static bool
init_context(struct dc_dtls *dtls, const struct dc_webrtc_identity *identity)
{
    SSL_CTX *context = dtls->context = SSL_CTX_new(DTLS_method());
    if (!context)
        return false;
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_QUERY_MTU |
                                     SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(context, MAX_CHAIN_BYTES);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(context, check_certificate, dtls);
    return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
           SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1 &&
           SSL_CTX_use_certificate(context, identity->certificate) == 1 &&
           SSL_CTX_use_PrivateKey(context, identity->key) == 1 &&
           // The function of this name alone returns 0 for success.
           SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80") == 0;
}

bool
dc_dtls_init(struct dc_dtls *dtls, bool is_client, const struct dc_webrtc_identity *identity,
             const uint8_t *fingerprint)
{
    dtls->deadline_us = INT64_MAX;
    memcpy(dtls->fingerprint, fingerprint, sizeof(dtls->fingerprint));
    if (!init_context(dtls, identity) || !(dtls->ssl = SSL_new(dtls->context)))
        goto fail;
    BIO *bio = dc_dtls_bio_create(dtls);
    if (!bio)
        goto fail;
    SSL_set_bio(dtls->ssl, bio, bio); // takes both references, which are one
    DTLS_set_link_mtu(dtls->ssl, DC_DTLS_MTU_BYTES);
    DTLS_set_timer_cb(dtls->ssl, next_retry_us);
    if (is_client)
        SSL_set_connect_state(dtls->ssl);
    else
        SSL_set_accept_state(dtls->ssl);
    return true;
fail:
    dc_error("DTLS cannot be set up: %s", ERR_reason_error_string(ERR_peek_last_error()));
    ERR_clear_error();
    dc_dtls_finish(dtls);
    return false;
}

void
dc_dtls_finish(struct dc_dtls *dtls)
{
    ERR_clear_error();
    if (dtls->ssl && dtls->state == DC_DTLS_CONNECTED)
        SSL_shutdown(dtls->ssl); // close_notify; nobody waits for the answer
    SSL_free(dtls->ssl);
    SSL_CTX_free(dtls->context);
    ERR_clear_error();
    dtls->ssl = NULL;
    dtls->context = NULL;
    dtls->state = DC_DTLS_CLOSED;
}

static void
update_deadline(struct dc_dtls *dtls, int64_t now_us)
{
    struct timeval left;
    bool waits = dtls->state == DC_DTLS_HANDSHAKE && DTLSv1_get_timeout(dtls->ssl, &left) == 1;
    dtls->deadline_us = waits ? now_us + left.tv_sec * 1000000 + left.tv_usec : INT64_MAX;
}

static void
fail_handshake(struct dc_dtls *dtls)
{
    if (dtls->is_refused)
        close_with(dtls, "the other end's certificate is not the one of the fingerprint", NULL);
    else
        close_with(dtls, "DTLS handshake failed", ERR_reason_error_string(ERR_peek_last_error()));
    ERR_clear_error();
}

static void
continue_handshake(struct dc_dtls *dtls)
{
    ERR_clear_error();
    int result = SSL_do_handshake(dtls->ssl);
    if (result == 1)
        dtls->state = DC_DTLS_CONNECTED;
    else if (SSL_get_error(dtls->ssl, result) != SSL_ERROR_WANT_READ)
        fail_handshake(dtls);
}

static void
read_records(struct dc_dtls *dtls)
{
    uint8_t record[DC_DTLS_MAX_RECORD_BYTES];
    while (dtls->state == DC_DTLS_CONNECTED) {
        ERR_clear_error();
        int n = SSL_read(dtls->ssl, record, sizeof(record));
        if (n > 0) {
            dtls->handle_record(dtls->user, record, (size_t)n);
            continue;
        }
        int error = SSL_get_error(dtls->ssl, n);
        if (error == SSL_ERROR_ZERO_RETURN)
            close_with(dtls, "the other end has closed the session", NULL);
        else if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
            close_with(dtls, "DTLS failed", ERR_reason_error_string(ERR_peek_last_error()));
        ERR_clear_error();
        return;
    }
}

void
dc_dtls_start(struct dc_dtls *dtls, int64_t now_us)
{
    if (dtls->state != DC_DTLS_HANDSHAKE || !SSL_in_before(dtls->ssl))
        return;
    continue_handshake(dtls);
    update_deadline(dtls, now_us);
}

void
dc_dtls_receive(struct dc_dtls *dtls, const uint8_t *datagram, size_t size_bytes, int64_t now_us)
{
    if (dtls->state == DC_DTLS_CLOSED)
        return;
    if (dtls->state == DC_DTLS_HANDSHAKE) {
        if (dtls->handshake_bytes + size_bytes > DC_DTLS_MAX_HANDSHAKE_BYTES) {
            dtls->counters->dropped_handshake_bytes += size_bytes;
            return;
        }
        dtls->handshake_bytes += size_bytes;
    }
    dtls->in = datagram;
    dtls->in_bytes = size_bytes;
    if (dtls->state == DC_DTLS_HANDSHAKE)
        continue_handshake(dtls);
    read_records(dtls);
    dtls->in = NULL;
    update_deadline(dtls, now_us);
}

void
dc_dtls_handle_timer(struct dc_dtls *dtls, int64_t now_us)
{
    if (dtls->state != DC_DTLS_HANDSHAKE || now_us < dtls->deadline_us)
        return;
    ERR_clear_error();
    if (DTLSv1_handle_timeout(dtls->ssl) < 0)
        fail_handshake(dtls);
    update_deadline(dtls, now_us);
}

bool
dc_dtls_send(struct dc_dtls *dtls, const uint8_t *data, size_t size_bytes)
{
    if (dtls->state != DC_DTLS_CONNECTED)
        return false;
    ERR_clear_error();
    return SSL_write(dtls->ssl, data, (int)size_bytes) > 0;
}
