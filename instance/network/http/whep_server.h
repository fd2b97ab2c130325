#ifndef DC_INSTANCE_NETWORK_HTTP_WHEP_SERVER_H
#define DC_INSTANCE_NETWORK_HTTP_WHEP_SERVER_H
/*
 * Offers and answers over HTTPS in the manner of WHEP (draft-ietf-wish-whep), and the web player's page. libmicrohttpd
 * does HTTP and TLS; it has no thread here and is driven by an epoll descriptor.
 *
 *   POST /whep            Authorization: Bearer TOKEN, application/sdp  →  201, Location, ETag, DC-Resume, the answer
 *   DELETE /whep/SESSION  ends it                                       →  200
 *   OPTIONS …             what a page of another origin may do
 *   GET /, /player.js     the player
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/socket.h>

#include <protocol/webrtc/identity.h>

struct dc_whep_server;

#define DC_WHEP_SESSION_BYTES 33 // 128 bits in hexadecimal, with its NUL
#define DC_WHEP_ANSWER_BYTES 16384

struct dc_whep_offer {
    const char *token; // as it came, NULL: none
    const char *sdp;   // not terminated
    size_t size_bytes;
    const struct sockaddr *local; // the address under which the client found us
};

struct dc_whep_reply {
    unsigned status; // 201, or an error with its reason as `body`
    char body[DC_WHEP_ANSWER_BYTES];
    char session[DC_WHEP_SESSION_BYTES], resume[DC_WHEP_SESSION_BYTES]; // 201 only
};

struct dc_whep_host { // all required
    void (*handle_offer)(void *user, const struct dc_whep_offer *offer, struct dc_whep_reply *reply);
    bool (*handle_delete)(void *user, const char *session); // false: there is no such session
};

/* It does not listen: connections are given to it. `identity`: the certificate for HTTPS; NULL: plain HTTP. NULL: logged. */
struct dc_whep_server *dc_whep_server_create(const struct dc_webrtc_identity *identity,
                                             const struct dc_whep_host *host, void *user);
/* Takes ownership of fd, even when there are too many. */
void dc_whep_server_add(struct dc_whep_server *server, int fd, const struct sockaddr *from, socklen_t length);
void dc_whep_server_destroy(struct dc_whep_server *server); // NULL is fine
int dc_whep_server_fd(const struct dc_whep_server *server);
/* The descriptor is readable, or the deadline has come. */
void dc_whep_server_dispatch(struct dc_whep_server *server);
int64_t dc_whep_server_deadline_us(const struct dc_whep_server *server, int64_t now_us); // INT64_MAX: none

#endif
