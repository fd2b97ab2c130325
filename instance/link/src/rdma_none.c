/* This build has no rdma-core: see rdma_link.h. */
#include "rdma_link.h"

#include <stdio.h>

bool
dc_rdma_link_open(struct tcp_link *t, bool *ended)
{
    *ended = false;
    snprintf(t->reason, sizeof(t->reason), "this dc-instance was built without RDMA");
    return false;
}

void
dc_rdma_link_close(struct tcp_link *t)
{
}

void
dc_rdma_link_destroy(struct tcp_link *t)
{
}

void
dc_rdma_link_get_fds(const struct tcp_link *t, int fds[2])
{
}

int
dc_rdma_link_process(struct tcp_link *t)
{
    return 0;
}

bool
dc_rdma_link_handle_message(struct tcp_link *t, const struct dc_channel_message *message)
{
    return false;
}

void
dc_rdma_link_get_bytes(const struct tcp_link *t, uint64_t *out_bytes, uint64_t *in_bytes)
{
    *out_bytes = *in_bytes = 0;
}

void
dc_rdma_link_attach(struct tcp_link *t, struct tcp_ring *r)
{
}

int
dc_rdma_link_pump(struct tcp_link *t, bool *more)
{
    return 0;
}
