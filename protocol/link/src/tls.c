#define DC_LOG_COMPONENT "link"
#include <protocol/link/tls.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <common/clock.h>
#include <common/log.h>
#include "tls_bio.h"

#define READ_BUFFER_BYTES (64u << 10)
#define RECORD_BYTES 16384u

struct dc_tls_context {
    SSL_CTX *ctx; // owned
    bool is_server;
};

struct dc_tls {
    SSL *ssl; // owned
    struct dc_tls_socket socket;
    bool read_wants_write, broken, established;
    char error[160];
};

static const char *
openssl_reason(void)
{
    unsigned long e = ERR_peek_last_error();
    const char *reason = e ? ERR_reason_error_string(e) : NULL;
    return reason ? reason : "unknown reason";
}

static bool
load_files(SSL_CTX *ctx, const struct dc_tls_config *c)
{
    const char *failed = NULL;
    if (!c->ca_file || !c->cert_file || !c->key_file) {
        dc_error("tls: a CA, a certificate and a key file are needed for a TCP link");
        return false;
    }
    if (SSL_CTX_load_verify_locations(ctx, c->ca_file, NULL) != 1)
        failed = c->ca_file;
    else if (SSL_CTX_use_certificate_chain_file(ctx, c->cert_file) != 1)
        failed = c->cert_file;
    else if (SSL_CTX_use_PrivateKey_file(ctx, c->key_file, SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(ctx) != 1)
        failed = c->key_file;
    if (failed)
        dc_error("tls: %s: %s", failed, openssl_reason());
    return !failed;
}

struct dc_tls_context *
dc_tls_context_create(const struct dc_tls_config *config)
{
    struct dc_tls_context *context = calloc(1, sizeof(*context));
    if (!context)
        return NULL;
    ERR_clear_error();
    context->is_server = config->is_server;
    context->ctx = SSL_CTX_new(config->is_server ? TLS_server_method() : TLS_client_method());
    if (!context->ctx || !load_files(context->ctx, config)) {
        dc_tls_context_destroy(context);
        return NULL;
    }
    SSL_CTX *ctx = context->ctx;
    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
    SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ctx, 0); // nobody resumes: every link is admitted anew
    // A retried write may come from our queue instead of the caller's memory.
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_default_read_buffer_len(ctx, READ_BUFFER_BYTES);
    return context;
}

void
dc_tls_context_destroy(struct dc_tls_context *context)
{
    if (!context)
        return;
    SSL_CTX_free(context->ctx);
    free(context);
}

static bool
set_host(SSL *ssl, const char *host)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
    struct in6_addr address;
    if (inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1;
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(param, host, 0) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

struct dc_tls *
dc_tls_create(struct dc_tls_context *context, int fd, const char *host)
{
    struct dc_tls *tls = calloc(1, sizeof(*tls));
    if (!tls)
        return NULL;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    tls->socket.fd = fd;
    tls->ssl = SSL_new(context->ctx);
    BIO *bio = tls->ssl ? dc_tls_bio_create(&tls->socket) : NULL;
    if (!bio || (!context->is_server && (!host || !set_host(tls->ssl, host)))) {
        BIO_free(bio);
        dc_tls_destroy(tls);
        return NULL;
    }
    SSL_set_bio(tls->ssl, bio, bio);
    if (context->is_server)
        SSL_set_accept_state(tls->ssl);
    else
        SSL_set_connect_state(tls->ssl);
    snprintf(tls->error, sizeof(tls->error), "no error");
    return tls;
}

void
dc_tls_destroy(struct dc_tls *tls)
{
    if (!tls)
        return;
    if (tls->established && !tls->broken)
        SSL_shutdown(tls->ssl);
    ERR_clear_error();
    SSL_free(tls->ssl);
    free(tls);
}

const char *
dc_tls_error(const struct dc_tls *tls)
{
    return tls->error;
}

// What SSL_get_error() said, as -errno. -EAGAIN when it would block.
static int64_t
handle_result(struct dc_tls *tls, int result)
{
    int saved_errno = errno;
    switch (SSL_get_error(tls->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return -EAGAIN;
    case SSL_ERROR_WANT_WRITE:
        tls->read_wants_write = true;
        return -EAGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    case SSL_ERROR_SYSCALL:
        tls->broken = true;
        snprintf(tls->error, sizeof(tls->error), "%s", saved_errno ? strerror(saved_errno) : "connection closed");
        return saved_errno ? -saved_errno : -EPIPE;
    default:
        break;
    }
    tls->broken = true;
    if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        snprintf(tls->error, sizeof(tls->error), "connection closed");
        return -EPIPE;
    }
    long verify = SSL_get_verify_result(tls->ssl);
    if (verify != X509_V_OK && !tls->established) {
        snprintf(tls->error, sizeof(tls->error), "certificate not accepted: %s", X509_verify_cert_error_string(verify));
        return -EACCES;
    }
    snprintf(tls->error, sizeof(tls->error), "TLS: %s", openssl_reason());
    return -EPROTO;
}

// Waits until the socket is ready for `events`. 0, -ETIMEDOUT, -ECANCELED.
static int
wait_ready(struct dc_tls *tls, short events, int64_t end_us, int cancel_fd)
{
    struct pollfd p[2] = { { .fd = tls->socket.fd, .events = events }, { .fd = cancel_fd, .events = POLLIN } };
    int64_t left_us = end_us - dc_clock_now_us();
    if (left_us <= 0 || poll(p, cancel_fd >= 0 ? 2 : 1, (int)(left_us / 1000) + 1) == 0) {
        snprintf(tls->error, sizeof(tls->error), "no TLS handshake in time");
        return -ETIMEDOUT;
    }
    return cancel_fd >= 0 && p[1].revents ? -ECANCELED : 0;
}

int
dc_tls_handshake(struct dc_tls *tls, int timeout_ms, int cancel_fd)
{
    int64_t end_us = dc_clock_now_us() + (int64_t)timeout_ms * 1000;
    for (;;) {
        ERR_clear_error();
        errno = 0;
        tls->read_wants_write = false;
        int result = SSL_do_handshake(tls->ssl);
        if (result == 1) {
            tls->established = true;
            // One recv() takes whole records, several if they are there, instead of two for each. Not before: what came
            // along with the handshake would be in our memory, where poll does not see it.
            SSL_set_read_ahead(tls->ssl, 1);
            return 0;
        }
        int64_t error = handle_result(tls, result);
        if (error != -EAGAIN)
            return error ? (int)error : -EPIPE;
        error = wait_ready(tls, tls->read_wants_write ? POLLOUT : POLLIN, end_us, cancel_fd);
        if (error)
            return (int)error;
    }
}

bool
dc_tls_get_peer_name(const struct dc_tls *tls, char *name, size_t size_bytes)
{
    X509 *cert = SSL_get0_peer_certificate(tls->ssl);
    if (!cert || SSL_get_verify_result(tls->ssl) != X509_V_OK)
        return false;
    X509_NAME *subject = X509_get_subject_name(cert);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    // Exactly one: two common names are two opinions about who this is.
    if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
        return false;
    unsigned char *utf8 = NULL;
    int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    bool ok = length > 0 && (size_t)length < size_bytes && !memchr(utf8, 0, (size_t)length);
    if (ok) {
        memcpy(name, utf8, (size_t)length);
        name[length] = '\0';
    }
    OPENSSL_free(utf8);
    return ok;
}

void
dc_tls_get_wire_bytes(const struct dc_tls *tls, uint64_t *out_bytes, uint64_t *in_bytes)
{
    *out_bytes = __atomic_load_n(&tls->socket.out_bytes, __ATOMIC_RELAXED);
    *in_bytes = __atomic_load_n(&tls->socket.in_bytes, __ATOMIC_RELAXED);
}

static int64_t
send_record(struct dc_tls *tls, const uint8_t *data, size_t size_bytes)
{
    size_t sent = 0;
    ERR_clear_error();
    errno = 0;
    if (tls->broken)
        return -EPIPE;
    int result = SSL_write_ex(tls->ssl, data, size_bytes, &sent);
    if (result == 1)
        return (int64_t)sent;
    bool read_wants_write = tls->read_wants_write;
    int64_t error = handle_result(tls, result);
    tls->read_wants_write = read_wants_write; // a blocked write is the channel's to poll for
    return error ? error : -EPIPE;
}

static int64_t
tls_send(void *transport, const void *data, size_t size_bytes)
{
    struct dc_tls *tls = transport;
    int64_t total = 0, n = 0;
    // The kernel makes large segments of the records, and wakes the other side for the last one.
    do {
        size_t left = size_bytes - (size_t)total, part = left < RECORD_BYTES ? left : RECORD_BYTES;
        tls->socket.more = left > part;
        n = send_record(tls, (const uint8_t *)data + total, part);
        if (n > 0)
            total += n;
    } while (n > 0 && (size_t)total < size_bytes);
    tls->socket.more = false;
    return total ? total : n;
}

static int64_t
tls_receive(void *transport, void *data, size_t size_bytes)
{
    struct dc_tls *tls = transport;
    size_t received = 0;
    ERR_clear_error();
    errno = 0;
    tls->read_wants_write = false;
    int result = SSL_read_ex(tls->ssl, data, size_bytes, &received);
    return result == 1 ? (int64_t)received : handle_result(tls, result);
}

static short
tls_extra_events(void *transport)
{
    struct dc_tls *tls = transport;
    return tls->read_wants_write ? POLLOUT : 0;
}

static bool
tls_is_drained(void *transport)
{
    struct dc_tls *tls = transport;
    return tls->socket.is_empty && !SSL_has_pending(tls->ssl);
}

static void
tls_destroy(void *transport)
{
    dc_tls_destroy(transport);
}

const struct dc_channel_transport dc_tls_transport = {
    .send = tls_send, .receive = tls_receive, .extra_events = tls_extra_events,
    .is_drained = tls_is_drained, .destroy = tls_destroy,
};

void
dc_tcp_tune(int fd)
{
    const int on = 1, idle_s = 5, interval_s = 2, count = 3, timeout_ms = 10000;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof(interval_s));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
}
