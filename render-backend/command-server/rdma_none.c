/* This build has no rdma-core: see rdma_mirror.h. Only the first is ever called. */
#include "rdma_mirror.h"

#include <stdio.h>

struct dc_rdma_mirrors *
dc_rdma_mirrors_open(int tcp_fd, char *reason, size_t reason_bytes)
{
    snprintf(reason, reason_bytes, "this dc-render was built without RDMA");
    return NULL;
}

void
dc_rdma_mirrors_raise_limit(void)
{
}

void
dc_rdma_mirrors_destroy(struct dc_rdma_mirrors *m)
{
}

void
dc_rdma_mirrors_set_channels(struct dc_rdma_mirrors *m, struct dc_channel *control, struct dc_channel *worker, int wake_fd)
{
}

bool
dc_rdma_mirrors_are_started(const struct dc_rdma_mirrors *m)
{
    return false;
}

bool
dc_rdma_mirrors_are_usable(const struct dc_rdma_mirrors *m)
{
    return false;
}

void
dc_rdma_mirrors_get_fds(const struct dc_rdma_mirrors *m, int fds[2])
{
    fds[0] = fds[1] = -1;
}

int
dc_rdma_mirrors_process(struct dc_rdma_mirrors *m)
{
    return 0;
}

bool
dc_rdma_mirrors_handle_message(struct dc_rdma_mirrors *m, const struct dc_channel_message *message)
{
    return false;
}

bool
dc_rdma_mirrors_handle_state(struct dc_rdma_mirrors *m, const struct dc_channel_message *message)
{
    return false;
}

bool
dc_rdma_mirrors_attach(struct dc_rdma_mirrors *m, const Dc__Render__RingAttach *attach)
{
    return false;
}

int
dc_rdma_mirrors_pump(struct dc_rdma_mirrors *m, bool *more)
{
    return 0;
}
