#ifndef DC_INSTANCE_NETWORK_SERVER_WEB_INTERNAL_H
#define DC_INSTANCE_NETWORK_SERVER_WEB_INTERNAL_H
/* Between the sockets of the WebRTC part (server_web.c) and the offers that come in over them (web_offer.c). */
#include "doorman.h"
#include "ice_tcp.h"
#include "peer_link.h"
#include "server_internal.h"
#include "whep_server.h"

#define DC_WEB_UFRAG_BYTES 8

struct dc_web {
    struct dc_network *network;
    struct dc_doorman doorman;
    struct dc_whep_server *whep;
    int udp_fd;
    bool udp_is_v6;
    uint16_t port;
    struct dc_peer_link *links; // owned by their sessions
    unsigned link_count;
    struct dc_ice_tcp *tcp_paths; // owned
    unsigned tcp_path_count;
    uint64_t tcp_numbers;
    bool is_plain;
};

extern const struct dc_peer_link_owner dc_web_link_owner; // user: struct dc_web

/* As struct dc_whep_host says; user: struct dc_web. */
void dc_web_handle_offer(void *user, const struct dc_whep_offer *whep, struct dc_whep_reply *reply);
bool dc_web_handle_delete(void *user, const char *id);

#endif
