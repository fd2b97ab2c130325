#ifndef DC_INSTANCE_NETWORK_SERVER_INTERNAL_H
#define DC_INSTANCE_NETWORK_SERVER_INTERNAL_H
/* Between the server's loop (server.c) and what its sessions ask of it (server_host.c). */
#include <instance/network/server.h>

#include <protocol/webrtc/identity.h>

#include "server_web.h"
#include "session.h"
#include "token.h"

struct dc_network {
    struct dc_network_config config;
    const struct dc_network_listener *listener;
    void *user;
    int listen_fd, epoll_fd, timer_fd;
    int64_t timer_us; // when the timer fires, INT64_MAX: never
    struct dc_token_store tokens;
    struct dc_resume resume; // of the player that was admitted last
    struct dc_session *sessions; // owned
    unsigned session_count;
    struct dc_session *player; // in `sessions`; NULL: nobody
    bool player_is_new;        // admitted in this dispatch, the listener was not told yet
    char *instance;            // owned
    struct dc_webrtc_identity *identity; // owned; NULL without WebRTC, as the next
    struct dc_web *web;                  // owned
};

/* A connection that somebody accepted; takes ownership of fd. `is_webrtc_only`: of the port where everything is encrypted. */
void dc_network_accept(struct dc_network *network, int fd, bool is_webrtc_only);
/* Takes ownership. The session has no descriptor: who made it dispatches it. */
void dc_network_add_session(struct dc_network *network, struct dc_session *session);

extern const struct dc_session_host dc_network_session_host; // user: struct dc_network

#endif
