#ifndef DC_COMMAND_SERVER_STORE_MESSAGE_H
#define DC_COMMAND_SERVER_STORE_MESSAGE_H
/*
 * What a bulk connection's process and dc-render's main process say to each other about kept uploads, on the admission
 * socket once the connection is admitted. Both are of one build.
 *
 *   link → main   OFFER with a sealed segment: for the tenant of this link, nobody else
 *                 USED   a chunk of segment `epoch` was used
 *   main → link   ADDED  segment `epoch`, with its descriptor; `own`: the oldest of yours that was not yet named
 *                 EVICT  segment `epoch` is to go
 */
#include <stdbool.h>
#include <stdint.h>

enum dc_store_kind { DC_STORE_OFFER = 0x53544f01, DC_STORE_USED, DC_STORE_ADDED, DC_STORE_EVICT };

struct dc_store_message {
    uint32_t kind;
    uint32_t own;
    uint64_t epoch;
};

/* fd -1: none. Never blocks. false: the other side is gone or does not listen. */
bool dc_store_message_send(int socket_fd, const struct dc_store_message *message, int fd);
/* 1: a message; *fd is the caller's or -1. 0: none now. -errno: the other side is gone, or talks nonsense. */
int dc_store_message_receive(int socket_fd, struct dc_store_message *message, int *fd);

#endif
