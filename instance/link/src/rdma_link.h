#ifndef DC_INSTANCE_LINK_RDMA_LINK_H
#define DC_INSTANCE_LINK_RDMA_LINK_H
/*
 * Rings over RDMA. A link over TCP whose address says rdma: asks for it on its control connection, which stays and carries
 * everything but rings; then there is no bulk connection. All calls on the link's thread. Without rdma-core (rdma_none.c)
 * the first one says so, and the rest is never called.
 */
#include "tcp_priv.h"

struct rdma_link;

/* Asks the render server, connects, agrees. false: rings travel over TCP, t->reason says why; or the link has ended, then
 * *ended. Sets t->rdma. */
bool dc_rdma_link_open(struct tcp_link *t, bool *ended);
/* Before the rings are lost: the other side can write no more, nothing stays registered. */
void dc_rdma_link_close(struct tcp_link *t);
void dc_rdma_link_destroy(struct tcp_link *t);

void dc_rdma_link_get_fds(const struct tcp_link *t, int fds[2]);
int dc_rdma_link_process(struct tcp_link *t); // a descriptor is readable; -errno with t->reason
/* Messages about RDMA, and states of rings. false: broke the protocol. */
bool dc_rdma_link_handle_message(struct tcp_link *t, const struct dc_channel_message *message);
void dc_rdma_link_get_bytes(const struct tcp_link *t, uint64_t *out_bytes, uint64_t *in_bytes); // any thread

/* The ring was attached (dc_tcp_ring_attach). */
void dc_rdma_link_attach(struct tcp_link *t, struct tcp_ring *r);
/* As dc_tcp_rings_pump(). */
int dc_rdma_link_pump(struct tcp_link *t, bool *more);

#endif
