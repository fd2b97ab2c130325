#ifndef DC_COMMAND_SERVER_PEER_H
#define DC_COMMAND_SERVER_PEER_H
/* A connection that is not admitted yet: a local supervisor's socket, or a TCP link's process on its admission socket.
 * It has a few seconds and one message. Belongs to the server's loop. */
#include "server.h"

/* Takes ownership of `fd`, a non-blocking connected Unix stream socket. */
void dc_peer_accept_local(struct dc_server *server, int fd);
/* Takes ownership of `fd`, a connected TCP socket: forks the link's process for it. */
void dc_peer_accept_tcp(struct dc_server *server, int fd, bool offer_rdma);
/* A link's process has ended. false: `pid` is none of ours. */
bool dc_peer_handle_exit(struct dc_server *server, pid_t pid, int status);
void dc_peer_destroy_all(struct dc_server *server);

#endif
