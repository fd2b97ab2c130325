#include "mirror_ring.h"

#include <errno.h>
#include <string.h>

// What a supervisor may ask us to keep for one ring. Pages cost only once written.
#define MAX_CMD_BYTES (16u << 20)
#define MAX_BULK_BYTES (256u << 20)
#define MAX_REPLY_BYTES (16u << 20)
#define MAX_PROCESS_BYTES 255u

static const char *
check(const Dc__Render__RingAttach *attach)
{
    if (attach->ring_id == 0)
        return "ring id is zero";
    if (attach->cmd_bytes > MAX_CMD_BYTES || attach->bulk_bytes > MAX_BULK_BYTES || attach->reply_bytes > MAX_REPLY_BYTES)
        return "ring is too large";
    return strlen(attach->process) > MAX_PROCESS_BYTES ? "process name is too long" : NULL;
}

const char *
dc_mirror_ring_init(struct dc_mirror_ring *m, const Dc__Render__RingAttach *attach, int wake_fd)
{
    const struct dc_ring_geometry geometry = { attach->cmd_bytes, attach->bulk_bytes, attach->reply_bytes };
    const char *reason = check(attach);
    if (reason)
        return reason;
    *m = (struct dc_mirror_ring){ .ring_id = attach->ring_id, .wake_fd = wake_fd };
    int error = dc_ring_create(&m->ring, &geometry);
    if (error)
        return error == -EINVAL ? "ring sizes are not powers of two" : strerror(-error);
    dc_ring_frontend_arm(&m->ring);
    return NULL;
}

void
dc_mirror_ring_finish(struct dc_mirror_ring *m, enum dc_ring_state state)
{
    dc_ring_set_state(&m->ring, state);
    dc_ring_finish(&m->ring);
}

static int
send_to_worker(struct dc_channel *worker, const Dc__Render__ToWorker *message, const int *fds, int fd_count)
{
    uint8_t bytes[1024];
    if (dc__render__to_worker__get_packed_size(message) > sizeof(bytes))
        return -EMSGSIZE;
    size_t size_bytes = dc__render__to_worker__pack(message, bytes);
    return dc_channel_send(worker, DC_LINK_CONTROL, 0, bytes, size_bytes, fds, fd_count);
}

int
dc_mirror_ring_send_attach(const struct dc_mirror_ring *m, struct dc_channel *worker,
                           const Dc__Render__RingAttach *attach)
{
    const int fds[3] = { m->ring.memfd, m->ring.cmd_eventfd, m->wake_fd };
    Dc__Render__ToWorker message = DC__RENDER__TO_WORKER__INIT;
    message.body_case = DC__RENDER__TO_WORKER__BODY_RING_ATTACH;
    message.ring_attach = (Dc__Render__RingAttach *)attach;
    return send_to_worker(worker, &message, fds, 3);
}

int
dc_mirror_ring_send_close(const struct dc_mirror_ring *m, struct dc_channel *worker)
{
    Dc__Render__RingClose close_ring = DC__RENDER__RING_CLOSE__INIT;
    Dc__Render__ToWorker message = DC__RENDER__TO_WORKER__INIT;
    message.body_case = DC__RENDER__TO_WORKER__BODY_RING_CLOSE;
    message.ring_close = &close_ring;
    close_ring.ring_id = m->ring_id;
    return send_to_worker(worker, &message, NULL, 0);
}
