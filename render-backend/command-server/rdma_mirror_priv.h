#ifndef DC_COMMAND_SERVER_RDMA_MIRROR_PRIV_H
#define DC_COMMAND_SERVER_RDMA_MIRROR_PRIV_H
/* The parts of rdma_mirror.h: rdma_mirror.c is the connection and its messages, rdma_mirror_rings.c moves positions. */
#include <protocol/link/rdma.h>

#include "rdma_mirror.h"

struct rdma_mirror { // one ring
    struct rdma_mirror *next;
    struct dc_mirror_ring base;
    struct dc_rdma_memory cmd, bulk, reply; // registered for the mirror's life
    struct dc_rdma_region peer_reply;
    uint32_t slot;
    bool has_slot;
    uint64_t cmd_told, bulk_told;                // acks
    uint64_t reply_sent, reply_target, reply_told;
    uint32_t writes;                             // posted, not yet completed
    bool lost, lost_told;                        // lost: nothing moves any more
    bool closing, closed;                        // closed: the worker is told; gone once no write is left
    uint64_t cmd_end, bulk_end;                  // closing: execute up to here
};

struct dc_rdma_mirrors {
    struct dc_rdma *rdma;
    struct dc_channel *control, *worker; // borrowed
    int wake_fd;                         // borrowed
    bool offered, started;
    struct rdma_mirror *first;
    uint32_t count;
    struct rdma_mirror *slots[DC_RDMA_SLOTS];
    bool for_room; // something waits for a write to complete
};

extern const struct dc_rdma_listener dc_rdma_mirror_listener; // user: the struct dc_rdma_mirrors

struct rdma_mirror *dc_rdma_mirror_find(struct dc_rdma_mirrors *m, uint32_t ring_id);
/* Unregistered, closed or lost for the worker, freed. */
void dc_rdma_mirror_destroy(struct dc_rdma_mirrors *m, struct rdma_mirror *r);
bool dc_rdma_mirror_refuse(uint32_t ring_id, const char *what); // logs; false

#endif
