#ifndef DC_COMMAND_SERVER_MIRROR_RING_H
#define DC_COMMAND_SERVER_MIRROR_RING_H
/*
 * A mirrored ring, whatever carries its bytes: a ring that the worker maps and cannot tell from a local application's. The
 * link's process plays the frontend in it, and gives the worker wake_fd to be woken by. Whoever pumps a ring arms it first
 * (dc_ring_frontend_arm), then looks, then waits for wake_fd. One thread.
 */
#include <stdbool.h>
#include <stdint.h>

#include <protocol/link/channel.h>
#include <protocol/link/ring.h>
#include <render.pb-c.h>

#define DC_MIRROR_MAX_RINGS 64

struct dc_mirror_ring {
    struct dc_ring ring;
    uint32_t ring_id;
    int wake_fd; // borrowed
};

/* What the supervisor asks for is checked first: sizes, id, name. NULL, or the reason. Not initialised then. */
const char *dc_mirror_ring_init(struct dc_mirror_ring *m, const Dc__Render__RingAttach *attach, int wake_fd);
/* The worker has its own mapping and executes what is there before it looks at the state. */
void dc_mirror_ring_finish(struct dc_mirror_ring *m, enum dc_ring_state state);

/* To the worker, as from a local supervisor. 0 or -errno. */
int dc_mirror_ring_send_attach(const struct dc_mirror_ring *m, struct dc_channel *worker,
                               const Dc__Render__RingAttach *attach);
int dc_mirror_ring_send_close(const struct dc_mirror_ring *m, struct dc_channel *worker);

#endif
