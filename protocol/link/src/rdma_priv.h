#ifndef DC_LINK_RDMA_PRIV_H
#define DC_LINK_RDMA_PRIV_H
/* A connection's parts: rdma_device.c finds the device, rdma_connect.c makes and ends the connection, rdma_events.c brings
 * it about, rdma_queue.c moves bytes. */
#include <protocol/link/rdma.h>

#include <infiniband/verbs.h>
#include <rdma/rdma_cma.h>

#define SEND_DEPTH 256u
#define DC_RDMA_RESOLVE_TIMEOUT_MS 2000

/* One mailbox record, 64 bytes, so that no two share a cache line. */
struct record {
    uint32_t slot;
    uint32_t taken; // records that the writer has taken from its own mailbox so far
    uint64_t first, second, third;
    uint8_t reserved[32];
};

enum state { CONNECTING, CONNECTED, FAILED };

struct dc_rdma {
    const struct dc_rdma_listener *listener;
    void *user;
    enum state state;
    char error[160];

    struct rdma_event_channel *events;
    struct rdma_cm_id *listening; // server, until it is connected
    struct rdma_cm_id *id;        // the connection
    uint32_t refused;             // connections with a wrong token
    uint8_t token[DC_RDMA_TOKEN_BYTES];
    struct ibv_pd *pd; // our own: keys of other links in this process are worth nothing here
    struct ibv_comp_channel *completions;
    struct ibv_cq *send_cq, *receive_cq;
    struct ibv_qp *qp;

    /* In one mapping: what the other side tells us (it writes), then what we tell it. */
    struct record *mailbox, *outbox;
    struct dc_rdma_memory mailbox_memory, outbox_memory;
    struct dc_rdma_region peer_mailbox;
    bool has_peer_mailbox;

    uint32_t sends;      // in the queue
    uint32_t told;       // records sent
    uint32_t peer_taken; // of those, as the other side says
    uint32_t taken;      // records received and read
    uint32_t taken_told; // the other side knows
    uint64_t out_bytes, in_bytes; // __atomic
};

/* Remembers the first failure; returns -error. */
int dc_rdma_fail(struct dc_rdma *r, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- rdma_device.c ---- */
/* An event channel that never blocks, and an id bound to the device of `local`: that opens the device. NULL: `reason`. */
struct rdma_cm_id *dc_rdma_open_device(struct rdma_event_channel **events, const struct sockaddr *local, void *context,
                                       char *reason, size_t reason_bytes);

/* ---- rdma_connect.c ---- */
/* On r->id, with all receives posted. 0 or -errno. */
int dc_rdma_make_queue_pair(struct dc_rdma *r);

/* ---- rdma_queue.c ---- */
/* Posts all receives. 0 or -errno. */
int dc_rdma_post_receives(struct dc_rdma *r);
int dc_rdma_poll(struct dc_rdma *r, bool *any);

#endif
