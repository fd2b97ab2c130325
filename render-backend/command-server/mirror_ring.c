#include "mirror_ring.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

// What a supervisor may ask us to keep for one ring. Pages cost only once written.
#define MAX_CMD_BYTES (16u << 20)
#define MAX_BULK_BYTES (256u << 20)
#define MAX_REPLY_BYTES (16u << 20)
#define MAX_PROCESS_BYTES 255u

static void *
run_watcher(void *user)
{
    struct dc_mirror_ring *m = user;
    while (!__atomic_load_n(&m->stop, __ATOMIC_ACQUIRE)) {
        // Taken before the main thread looks, so that what it misses ends our wait at once.
        uint32_t seen = dc_ring_wake_word(&m->ring);
        uint64_t one = 1;
        ssize_t n = write(m->wake_fd, &one, sizeof(one));
        (void)n;
        if (dc_ring_get_state(&m->ring) == DC_RING_LOST)
            break;
        dc_ring_frontend_wait(&m->ring, seen, -1);
    }
    return NULL;
}

static bool
start_watcher(struct dc_mirror_ring *m)
{
    sigset_t all, before;
    pthread_attr_t attr;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 64 << 10);
    int error = pthread_create(&m->watcher, &attr, run_watcher, m);
    pthread_attr_destroy(&attr);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error == 0;
}

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
    if (start_watcher(m))
        return NULL;
    dc_ring_finish(&m->ring);
    return "no thread";
}

void
dc_mirror_ring_finish(struct dc_mirror_ring *m, enum dc_ring_state state)
{
    __atomic_store_n(&m->stop, true, __ATOMIC_RELEASE);
    dc_ring_set_state(&m->ring, state);
    pthread_join(m->watcher, NULL);
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
    const int fds[2] = { m->ring.memfd, m->ring.cmd_eventfd };
    Dc__Render__ToWorker message = DC__RENDER__TO_WORKER__INIT;
    message.body_case = DC__RENDER__TO_WORKER__BODY_RING_ATTACH;
    message.ring_attach = (Dc__Render__RingAttach *)attach;
    return send_to_worker(worker, &message, fds, 2);
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
