#ifndef DC_INSTANCE_LINK_RDMA_PRIV_H
#define DC_INSTANCE_LINK_RDMA_PRIV_H
/* The parts of rdma_link.h: rdma_link.c agrees with the other side, rdma_rings.c moves what is in the rings. */
#include <protocol/link/rdma.h>

#include "rdma_link.h"

/* What RDMA adds to a ring. */
struct rdma_ring {
    uint32_t slot;
    struct dc_rdma_memory cmd, bulk, reply; // registered for the ring's life
    struct dc_rdma_region peer_cmd, peer_bulk;
    bool ready;                 // the other side's areas are known
    uint64_t cmd_whole;         // sent up to here, and here a published run ends
    uint64_t cmd_told, bulk_told;
    uint32_t writes;            // posted, not yet completed
    bool closed;                // said so; the other side may still write replies until it says so, too
};

struct rdma_link {
    struct dc_rdma *rdma; // NULL while opening
    struct dc_rdma_message answer;
    bool answered;
    struct tcp_ring *slots[DC_RDMA_SLOTS];
    uint32_t bulk_in_flight_bytes;
    bool for_room; // something waits for a write to complete
};

extern const struct dc_rdma_listener dc_rdma_rings_listener; // user: the tcp_link
/* The other side's answer about a ring, or its end. false: broke the protocol. */
bool dc_rdma_rings_handle_ready(struct tcp_link *t, const struct dc_rdma_message *m);
bool dc_rdma_rings_handle_state(struct tcp_link *t, const struct dc_channel_message *message);
/* Nothing of the ring is registered any more. */
void dc_rdma_ring_release(struct tcp_link *t, struct tcp_ring *r);

#endif
