#ifndef DC_CLIENT_URL_H
#define DC_CLIENT_URL_H
/*
 * Where an instance is, as dc-instance prints it:
 *   https://HOST:PORT/whep#fp=SHA256&token=HEX   WebRTC; without fp the certificate must be one that the system trusts
 *   http://127.0.0.1:PORT/whep#token=HEX         the same without TLS; loopback only
 *   dc://HOST:PORT/?token=HEX                    plain TCP, not encrypted
 * What stands behind # never leaves the client as part of an address.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/rtp/channel.h>
#include <protocol/webrtc/identity.h>

enum dc_url_scheme { DC_URL_TCP, DC_URL_HTTPS, DC_URL_HTTP };

struct dc_url {
    enum dc_url_scheme scheme;
    char host[256]; // name or address; IPv6 without its brackets
    bool is_ipv6;   // it had brackets
    uint16_t port;
    char path[256]; // of the endpoint, with its /; HTTP only
    uint8_t token[DC_SESSION_TOKEN_BYTES];
    size_t token_bytes; // 0: the URL has none
    bool has_fingerprint;
    uint8_t fingerprint[DC_WEBRTC_FINGERPRINT_BYTES]; // SHA-256 of the certificate that HTTPS must show
};

/* false: `error` says what is wrong. */
bool dc_url_parse(const char *text, struct dc_url *url, const char **error);
/* 32 hexadecimal digits, of a token or of a resume secret. */
bool dc_url_parse_secret(const char *text, size_t length, uint8_t secret[DC_SESSION_TOKEN_BYTES]);
/* "https://host:port/path", nothing secret in it; for curl and for people. */
void dc_url_format(const struct dc_url *url, char *text, size_t capacity);

#endif
