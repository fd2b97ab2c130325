#ifndef DC_COMMAND_SERVER_SERVER_H
#define DC_COMMAND_SERVER_SERVER_H
/*
 * dc-render's main process: listens, admits, has the zygote fork workers, and notices how they end. It parses nothing of
 * a peer beyond one bounded Admit message; a link's bytes after that go to its worker (through a TLS process of their
 * own over TCP). One thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <uv.h>

#include "admission.h"
#include "upload_hub.h"
#include "zygote.h"

#define DC_SERVER_MAX_LISTENERS 8
#define DC_SERVER_MAX_PEERS 256

struct dc_peer;

struct dc_server_config {
    const char *listen[DC_SERVER_MAX_LISTENERS]; // "unix:PATH", "tcp:HOST:PORT", "rdma:HOST:PORT"
    size_t listen_count;
    const char *key_file;
    const char *tls_ca, *tls_cert, *tls_key; // PEM; needed for tcp
    const char *gpu;                         // NULL: first usable
    uint32_t max_instances;
    struct dc_upload_quotas uploads;
    struct dc_worker_settings workers;
};

struct dc_listener {
    struct dc_server *server;
    uv_poll_t poll;
    int fd;
    bool is_tcp;     // TCP with TLS
    bool offer_rdma; // and rings over RDMA, where there is a device
    char unix_path[108]; // ours to unlink; empty for tcp
};

struct dc_running { // an instance with a worker
    struct dc_running *next;
    pid_t pid; // 0: asked for, not yet reported
    char instance[DC_INSTANCE_NAME_MAX + 1];
};

struct dc_server {
    const struct dc_server_config *config; // borrowed
    uv_loop_t loop;
    struct dc_capability_key key;
    struct dc_spent spent;
    struct dc_upload_hub uploads;
    struct dc_zygote zygote;
    uv_poll_t zygote_poll;
    uv_signal_t signals[3];
    struct dc_listener listeners[DC_SERVER_MAX_LISTENERS];
    size_t listener_count;
    struct dc_peer *peers; // owned, linked
    size_t peer_count;
    struct dc_running *running; // owned, linked
    size_t running_count;
    int exit_status;
};

/* Forks the zygote, listens, serves until SIGINT or SIGTERM. Returns the exit status. */
int dc_server_run(const struct dc_server_config *config);

/* ---- for peer.c ---- */
/* Has a worker started for an admitted link; a running worker of the same instance is replaced. NULL, or the reason. */
const char *dc_server_start_worker(struct dc_server *server, const struct dc_admission *admission, int fd);
int64_t dc_server_now_s(void); // CLOCK_REALTIME

#endif
