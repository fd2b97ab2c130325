#ifndef DC_COMMAND_SERVER_RDMA_MIRROR_H
#define DC_COMMAND_SERVER_RDMA_MIRROR_H
/*
 * Mirrored rings of a link over RDMA, in the link's process: the supervisor writes commands and bulk straight into the rings
 * that the worker maps, and we write replies straight into its own. What may be written is the cmd and bulk area of a
 * mirrored ring, and the mailbox; the page with the positions is not registered: positions come in bells, are checked, and
 * are published by us. Calls on the link process's main thread. Without rdma-core: rdma_none.c.
 */
#include <stdbool.h>
#include <stddef.h>

#include <protocol/link/rdma_message.h>
#include <protocol/link/replication.h>

#include "mirror_ring.h"

struct dc_rdma_mirrors;

/* Opens the device that has the local address of tcp_fd, so that nothing needs a file any more. After privileges were
 * dropped (the kernel wants the same credentials as at opening), before the sandbox. NULL: `reason` for people. */
struct dc_rdma_mirrors *dc_rdma_mirrors_open(int tcp_fd, char *reason, size_t reason_bytes);
/* How much memory may be registered; before privileges are dropped. */
void dc_rdma_mirrors_raise_limit(void);
void dc_rdma_mirrors_destroy(struct dc_rdma_mirrors *m);

/* Borrowed: to the supervisor and to the worker, and what the worker writes to wake us. */
void dc_rdma_mirrors_set_channels(struct dc_rdma_mirrors *m, struct dc_channel *control, struct dc_channel *worker,
                                  int wake_fd);
/* The supervisor chose RDMA: all rings come here. */
bool dc_rdma_mirrors_are_started(const struct dc_rdma_mirrors *m);
/* Still of use: false after a connection failed that was never started (rings go over TCP then). */
bool dc_rdma_mirrors_are_usable(const struct dc_rdma_mirrors *m);

void dc_rdma_mirrors_get_fds(const struct dc_rdma_mirrors *m, int fds[2]);
int dc_rdma_mirrors_process(struct dc_rdma_mirrors *m); // a descriptor is readable. 0, or -errno: logged
/* Messages of the supervisor; false: logged, it broke the protocol and the link must end. */
bool dc_rdma_mirrors_handle_message(struct dc_rdma_mirrors *m, const struct dc_channel_message *message);
bool dc_rdma_mirrors_handle_state(struct dc_rdma_mirrors *m, const struct dc_channel_message *message);
bool dc_rdma_mirrors_attach(struct dc_rdma_mirrors *m, const Dc__Render__RingAttach *attach);
/* Replies and acks. 0 or -errno. *more: call again before sleeping. */
int dc_rdma_mirrors_pump(struct dc_rdma_mirrors *m, bool *more);

#endif
