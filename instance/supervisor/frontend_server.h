#ifndef DC_SUPERVISOR_FRONTEND_SERVER_H
#define DC_SUPERVISOR_FRONTEND_SERVER_H
/*
 * Where application processes get their rings (protocol/link/frontend_socket.h). A ring lives as long as its process's
 * connection. Loop thread only.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#define DC_FRONTEND_MAX_PROCESSES 64
#define DC_FRONTEND_FIRST_RING_ID 2 // 1 is the supervisor's own

struct dc_frontend_client;
struct dc_link;

/* Untrusted numbers of the applications, summed up over all processes that ever were. */
struct dc_frontend_counters {
    uint64_t round_trips, app_waits, frames, commands;
    uint32_t processes; // now
};

struct dc_frontend_server {
    uv_loop_t *loop;
    uv_poll_t poll;
    int listen_fd;  // owned
    char path[108]; // of the socket; empty: none
    struct dc_link *link; // NULL: not yet
    bool lost;            // the link is closed for good; rings must still be detached from it before it is destroyed
    uint32_t epoch;       // of the worker, counted from 1
    uint32_t recover_mib; // contents that a process keeps for another worker; 0: none will come
    int profile_fd;       // sealed memfd, owned; -1: not known yet
    uint32_t profile_bytes;
    uint32_t gl_error_mode;
    uint32_t next_ring_id;
    struct dc_frontend_client *clients; // owned
    uint32_t client_count;
    struct dc_frontend_counters ended; // of processes that are gone
    void (*handle_attached)(void *user); // optional: a process goes on with another worker
    void *user;
};

bool dc_frontend_server_init(struct dc_frontend_server *server, uv_loop_t *loop, const char *path,
                             uint32_t gl_error_mode, uint32_t recover_mib);
/* Closes everything; the loop must run once more before the server's memory goes. Accepts a zeroed one. */
void dc_frontend_server_finish(struct dc_frontend_server *server);
/* The worker said what it can do: whoever waits is let in. */
bool dc_frontend_server_set_profile(struct dc_frontend_server *server, struct dc_link *link, const void *profile,
                                    size_t profile_bytes);
/* The link is gone, another one may come: rings are paused, newcomers wait. Returns how many processes can go on. */
uint32_t dc_frontend_server_pause(struct dc_frontend_server *server);
/* Another worker is there: each ring is attached as soon as its process has restarted it. false: its profile is not the
 * first one's, which applications have seen. */
bool dc_frontend_server_resume(struct dc_frontend_server *server, struct dc_link *link, const void *profile,
                               size_t profile_bytes);
/* The worker of now has this ring. */
bool dc_frontend_server_is_attached(const struct dc_frontend_server *server, uint32_t ring_id);
/* The link is gone: every ring is lost, newcomers are refused. */
void dc_frontend_server_lose_link(struct dc_frontend_server *server);
bool dc_frontend_server_owns(const struct dc_frontend_server *server, uint32_t ring_id, pid_t pid);
/* An input event was written to this process's Wayland socket. */
void dc_frontend_server_set_input(struct dc_frontend_server *server, pid_t pid, uint64_t input_id);
/* The process paces itself by frame callbacks: its frontend may wait after a swap instead. */
void dc_frontend_server_set_paced(struct dc_frontend_server *server, pid_t pid, bool paced);
void dc_frontend_server_get_counters(const struct dc_frontend_server *server, struct dc_frontend_counters *counters);

#endif
