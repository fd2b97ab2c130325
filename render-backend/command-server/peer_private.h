#ifndef DC_COMMAND_SERVER_PEER_PRIVATE_H
#define DC_COMMAND_SERVER_PEER_PRIVATE_H
/* Shared by peer.c (life of a connection, local supervisors) and peer_tcp.c (links' processes). */
#include "peer.h"

#define DC_PEER_HEADER_BYTES 8u

struct dc_peer {
    struct dc_peer *next;
    struct dc_server *server;
    uv_poll_t poll;
    uv_timer_t timer;
    int fd;         // local: the supervisor; tcp: the admission socket
    pid_t link_pid; // tcp: the link's process, 0: local
    bool closing;
    unsigned handles_open;
    size_t got_bytes; // local: of header and message
    uint8_t buffer[DC_PEER_HEADER_BYTES + DC_ADMISSION_MAX_ADMIT_BYTES];
    uint8_t bulk_token[DC_ADMISSION_TOKEN_BYTES]; // tcp: as given to an admitted first connection
    char instance[DC_INSTANCE_NAME_MAX + 1];      // set once admitted
    char tenant[DC_INSTANCE_NAME_MAX + 1];        // tcp: whose uploads it sees, once admitted
    struct dc_upload_member uploads;              // tcp: a bulk connection's, once admitted
};

/* Takes ownership of fd. link_pid 0: a local supervisor. */
void dc_peer_create(struct dc_server *server, int fd, pid_t link_pid);
void dc_peer_destroy(struct dc_peer *peer);
void dc_peer_log_refused(const struct dc_admission *admission, const char *kind, const char *reason);
/* peer_tcp.c: a link's process asks for admission, or has ended. */
void dc_peer_read_link(struct dc_peer *peer);

#endif
