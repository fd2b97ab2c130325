#ifndef DC_INSTANCE_NETWORK_SERVER_INTERNAL_H
#define DC_INSTANCE_NETWORK_SERVER_INTERNAL_H
/* Between the server's loop (server.c) and what its sessions ask of it (server_host.c). */
#include <instance/network/server.h>

#include "session.h"
#include "token.h"

struct dc_network {
    struct dc_network_config config;
    const struct dc_network_listener *listener;
    void *user;
    int listen_fd, epoll_fd, timer_fd;
    int64_t timer_us; // when the timer fires, INT64_MAX: never
    struct dc_token_store tokens;
    struct dc_session *sessions; // owned
    unsigned session_count;
    struct dc_session *player; // in `sessions`; NULL: nobody
    bool player_is_new;        // admitted in this dispatch, the listener was not told yet
    char *instance;            // owned
};

extern const struct dc_session_host dc_network_session_host; // user: struct dc_network

#endif
