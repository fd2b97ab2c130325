#ifndef DC_TESTS_CLIENT_WHEP_SERVER_H
#define DC_TESTS_CLIENT_WHEP_SERVER_H
/* One instance as far as the transport sees it: answers one offer, then is the other end of its session. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <protocol/webrtc/peer.h>

struct whep_server {
    // set before start
    bool is_plain;       // http
    bool is_udp_dead;    // UDP arrives, nobody answers
    bool has_no_udp;     // no such candidate
    int status;          // 0: 201
    const char *reason;  // beside another status
    // set by start
    uint16_t http_port, udp_port, tcp_port;
    struct dc_webrtc_identity *identity;
    // results
    char request[16384];
    _Atomic unsigned messages;
    char last_message[256];
    uint16_t last_stream;
    atomic_bool is_closed, uses_tcp;
    // inside
    pthread_t thread;
    atomic_bool stop, hang_up;
    int http_fd, udp_fd, tcp_listen_fd, tcp_fd;
    struct dc_webrtc_peer *peer;
    uint8_t tcp_in[65536];
    size_t tcp_in_bytes;
};

void whep_server_start(struct whep_server *server);
void whep_server_stop(struct whep_server *server);

#endif
