#ifndef DC_COMMAND_SERVER_TCP_PROCESS_H
#define DC_COMMAND_SERVER_TCP_PROCESS_H
/* The parts of a TCP link's process (tcp_link.c). One thread. */
#include <stdbool.h>

#include <protocol/link/tls.h>

#include "admission.h"
#include "bulk_receiver.h"
#include "bulk_rings.h"
#include "rdma_mirror.h"
#include "tcp_mirror.h"

struct link_process {
    struct dc_tls *tls; // owned by peer
    struct dc_channel *peer;   // TLS
    struct dc_channel *worker; // first connection: the worker; bulk connection: the first connection's process
    struct dc_channel *bulk;   // first connection: the bulk connection's process, once it joined
    int admission_fd;
    bool is_bulk, admitted;
    bool has_admit;
    struct dc_admission_request request;
    struct dc_mirrors mirrors;
    struct dc_bulk_receiver *receiver; // owned; bulk connection
    struct dc_bulk_rings bulk_rings;   // bulk connection
    struct dc_rdma_mirrors *rdma; // owned; NULL: rings go over TCP, rdma_reason says why
    char rdma_reason[DC_RDMA_MAX_REASON_BYTES];
};

/* ---- tcp_messages.c: what arrives, checked, and where it goes. User: the struct link_process. ---- */
extern const struct dc_channel_listener dc_tcp_peer_listener;   // the supervisor
extern const struct dc_channel_listener dc_tcp_worker_listener; // worker, or the first connection's process
extern const struct dc_channel_listener dc_tcp_bulk_listener;   // the bulk connection's process

/* ---- tcp_admission.c; false: logged, and said to the peer where it can be ---- */
/* TLS on tcp_fd (owned, even on failure); the client certificate's name goes into the request. */
bool dc_tcp_open_peer(struct link_process *p, int tcp_fd, struct dc_tls_context *context);
bool dc_tcp_read_admit(struct link_process *p);
bool dc_tcp_ask_admission(struct link_process *p);
/* Waits for the socket to take what is queued. */
void dc_tcp_flush(struct dc_channel *channel, int timeout_ms);

#endif
