#ifndef DC_PROTOCOL_LINK_TLS_H
#define DC_PROTOCOL_LINK_TLS_H
/*
 * Mutual TLS 1.3 below a channel, for both ends of a TCP link (DESIGN §3, The link). Both sides show a certificate of the
 * same authority; the client checks the server's name, dc-render checks the common name against the instance.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/link/channel.h>

struct dc_tls_context; // certificates and rules; one per process side
struct dc_tls;         // one connection; one thread at a time (a channel's lock sees to it)

struct dc_tls_config {
    const char *ca_file, *cert_file, *key_file; // PEM
    bool is_server;
};

/* NULL: logged (which file, why). */
struct dc_tls_context *dc_tls_context_create(const struct dc_tls_config *config);
void dc_tls_context_destroy(struct dc_tls_context *context);

/* On a connected TCP socket, borrowed, set non-blocking. `host` (client): name or address that the server's certificate
 * must carry; NULL on the server. */
struct dc_tls *dc_tls_create(struct dc_tls_context *context, int fd, const char *host);
void dc_tls_destroy(struct dc_tls *tls); // says goodbye if that does not block
/* 0; -ETIMEDOUT; -ECANCELED once cancel_fd (-1: none) is readable; -EACCES: a certificate was not accepted; or another
 * -errno. dc_tls_error() says more. */
int dc_tls_handshake(struct dc_tls *tls, int timeout_ms, int cancel_fd);
/* The last failure for people; never NULL. With TLS 1.3 a server's "no" to our certificate shows at the first read. */
const char *dc_tls_error(const struct dc_tls *tls);
/* Common name of the verified peer certificate. false: none, too long, or with a NUL inside. */
bool dc_tls_get_peer_name(const struct dc_tls *tls, char *name, size_t size_bytes);
/* Bytes on the socket, records and handshake included. Any thread. */
void dc_tls_get_wire_bytes(const struct dc_tls *tls, uint64_t *out_bytes, uint64_t *in_bytes);

/* For dc_channel_create_over(): the transport is the struct dc_tls. */
extern const struct dc_channel_transport dc_tls_transport;

/* TCP_NODELAY, keep-alive and user time-out, so that a peer that vanished is noticed within seconds. */
void dc_tcp_tune(int fd);

#endif
