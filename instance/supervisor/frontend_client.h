#ifndef DC_SUPERVISOR_FRONTEND_CLIENT_H
#define DC_SUPERVISOR_FRONTEND_CLIENT_H
/* One application process's connection: hello, ring, welcome, and then silence until the process ends, but for a word at
 * each worker that follows. */
#include <protocol/link/frontend_socket.h>
#include <protocol/link/ring.h>

#include "frontend_server.h"

struct dc_frontend_client {
    struct dc_frontend_server *server;
    struct dc_frontend_client *next;
    uv_poll_t poll;
    int fd; // owned
    pid_t pid;
    char process[32]; // "love[1234]"
    uint8_t hello[sizeof(struct dc_frontend_hello)];
    size_t hello_bytes;
    uint8_t restarted[sizeof(struct dc_frontend_restarted)];
    size_t restarted_bytes;
    bool has_ring;
    bool attached; // the worker of now has the ring
    uint32_t ring_id;
    struct dc_ring ring;
};

/* Takes ownership of fd; the server owns the client. */
void dc_frontend_client_create(struct dc_frontend_server *server, int fd);
/* Detaches its ring; the memory goes when the loop has closed the handle. */
void dc_frontend_client_destroy(struct dc_frontend_client *client);
/* Makes the ring and answers, once both the hello and the worker's profile are there. May destroy the client. */
void dc_frontend_client_try_welcome(struct dc_frontend_client *client);
void dc_frontend_client_add_counters(const struct dc_frontend_client *client, struct dc_frontend_counters *counters);

#endif
