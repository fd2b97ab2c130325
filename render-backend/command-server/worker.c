/*
 * Threads of a worker: this main one (messages, audio, statistics: it never touches GL, so that it answers while a
 * driver hangs), one executor per ring and one compositor inside the renderer, and the video encoder's.
 */
#include "worker_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <common/clock.h>
#include <encoder/video/choice.h>
#include <protocol/link/packet_wire.h>

#define DC_LOG_COMPONENT "worker"
#include <common/log.h>
#include "namespaces.h"
#include "program_cache.h"
#include "sandbox.h"

#define FLUSH_TIMEOUT_US 1000000
#define KEPT_BLOCK_BYTES (16 << 20) // smaller blocks come from the heap
#define KEPT_TOP_BYTES (16 << 20)   // free memory at the top of a heap that is not handed back

static void
wake_main(struct dc_worker *worker)
{
    uint64_t one = 1;
    if (write(worker->wake_fd, &one, sizeof one) < 0)
        dc_trace("wake: %s", strerror(errno)); // full: it is awake already
}

static void
check_sent(struct dc_worker *worker, int error)
{
    if (error == -ENOBUFS && !atomic_exchange(&worker->failed, true))
        dc_error("the supervisor does not read any more");
    if (error || dc_channel_events(worker->channel) & POLLOUT)
        wake_main(worker);
}

void
dc_worker_send(struct dc_worker *worker, const Dc__Render__FromWorker *message)
{
    uint8_t small[1024], *packed = small;
    size_t size_bytes = dc__render__from_worker__get_packed_size(message);
    if (size_bytes > sizeof small && !(packed = malloc(size_bytes)))
        return;
    dc__render__from_worker__pack(message, packed);
    check_sent(worker, dc_channel_send(worker->channel, DC_LINK_CONTROL, 0, packed, size_bytes, NULL, 0));
    if (packed != small)
        free(packed);
}

void
dc_worker_send_packet(struct dc_worker *worker, const struct dc_packet *packet)
{
    struct dc_writer w;
    dc_writer_init(&w);
    dc_packet_pack(&w, packet);
    if (!w.failed)
        check_sent(worker, dc_channel_send2(worker->channel, DC_LINK_PACKET, 0, w.data, w.size_bytes, packet->data,
                                            packet->size_bytes));
    dc_writer_finish(&w);
}

void
dc_worker_fail(struct dc_worker *worker, const char *reason)
{
    Dc__Render__Failed failed = DC__RENDER__FAILED__INIT;
    Dc__Render__FromWorker message = DC__RENDER__FROM_WORKER__INIT;
    failed.reason = (char *)reason;
    message.body_case = DC__RENDER__FROM_WORKER__BODY_FAILED;
    message.failed = &failed;
    dc_worker_send(worker, &message);
    atomic_store(&worker->failed, true);
    wake_main(worker);
}

static uint64_t
handle_frame(void *user, struct dc_frame *frame)
{
    struct dc_worker *worker = user;
    return dc_video_pipe_push(worker->video, frame);
}

static void
handle_release(void *user, uint32_t ring_id, uint32_t surface_id, uint64_t seq)
{
    Dc__Render__Release release = DC__RENDER__RELEASE__INIT;
    Dc__Render__FromWorker message = DC__RENDER__FROM_WORKER__INIT;
    release.ring_id = ring_id;
    release.surface_id = surface_id;
    release.seq = seq;
    message.body_case = DC__RENDER__FROM_WORKER__BODY_RELEASE;
    message.release = &release;
    dc_worker_send(user, &message);
}

static void
handle_present_done(void *user, uint64_t present_id, uint64_t frame_id, int64_t execute_us)
{
    Dc__Render__PresentDone done = DC__RENDER__PRESENT_DONE__INIT;
    Dc__Render__FromWorker message = DC__RENDER__FROM_WORKER__INIT;
    done.present_id = present_id;
    done.frame_id = frame_id;
    done.execute_us = execute_us;
    message.body_case = DC__RENDER__FROM_WORKER__BODY_PRESENT_DONE;
    message.present_done = &done;
    dc_worker_send(user, &message);
}

static void
handle_ring_failed(void *user, uint32_t ring_id, uint32_t opcode, const char *reason)
{
    Dc__Render__RingFailed failed = DC__RENDER__RING_FAILED__INIT;
    Dc__Render__FromWorker message = DC__RENDER__FROM_WORKER__INIT;
    failed.ring_id = ring_id;
    failed.opcode = opcode;
    failed.reason = (char *)reason;
    message.body_case = DC__RENDER__FROM_WORKER__BODY_RING_FAILED;
    message.ring_failed = &failed;
    dc_worker_send(user, &message);
    dc_worker_fail(user, reason);
}

static void
handle_active(void *user)
{
    struct dc_worker *worker = user;
    atomic_store(&worker->active, true);
    wake_main(worker);
}

static const struct dc_renderer_listener renderer_listener = {
    .handle_frame = handle_frame,
    .handle_release = handle_release,
    .handle_present_done = handle_present_done,
    .handle_ring_failed = handle_ring_failed,
    .handle_active = handle_active,
};

static bool
start_renderer(struct dc_worker *worker)
{
    const struct dc_worker_limits *limits = &worker->config->settings.limits;
    const struct dc_renderer_config config = {
        .width = 1280, // until Start says
        .height = 720,
        .device = worker->config->gpu,
        .results_dir = dc_program_cache_directory(),
        .max_width = worker->config->quotas.max_width,
        .max_height = worker->config->quotas.max_height,
        .max_rings = worker->config->quotas.rings,
        .draw_timeout_ms = limits->draw_timeout_s * 1000,
        .max_bytes = ((uint64_t)worker->config->quotas.memory_mib << 20) / 4 * 3, // the rest is the worker's own
        .max_objects = limits->objects,
        .max_programs = limits->programs,
        .max_shader_bytes = limits->shader_kib << 10,
    };
    worker->renderer = dc_renderer_create(&config, &renderer_listener, worker);
    return worker->renderer != NULL;
}

/* Bounded: a peer that does not read its last message does not keep us. */
static void
flush(struct dc_worker *worker)
{
    int64_t end_us = dc_clock_now_us() + FLUSH_TIMEOUT_US;
    while (dc_channel_events(worker->channel) & POLLOUT && dc_clock_now_us() < end_us) {
        struct pollfd polled = { .fd = dc_channel_fd(worker->channel), .events = POLLOUT };
        if (poll(&polled, 1, 50) < 0 && errno != EINTR)
            return;
        if (dc_channel_process(worker->channel, POLLOUT) < 0)
            return;
    }
}

/* How long the main thread may sleep: until the next look at the renderer, if it runs. Looks when it is time. */
static int
watch(struct dc_worker *worker, int64_t *next_us)
{
    int64_t now_us = dc_clock_now_us(), period_us = (int64_t)worker->config->settings.limits.draw_timeout_s * 1000000 / 4;
    if (!atomic_load(&worker->active)) {
        *next_us = 0;
        return -1;
    }
    if (*next_us && now_us >= *next_us) {
        atomic_store(&worker->active, false); // before the look: who becomes active after it is not missed
        if (dc_renderer_watch(worker->renderer) != DC_RENDERER_IDLE)
            atomic_store(&worker->active, true);
    }
    if (!*next_us || now_us >= *next_us)
        *next_us = now_us + period_us;
    return (int)((*next_us - now_us) / 1000) + 1;
}

static int
run_loop(struct dc_worker *worker)
{
    int64_t next_look_us = 0;
    while (!atomic_load(&worker->failed)) {
        struct pollfd polled[2] = {
            { .fd = dc_channel_fd(worker->channel), .events = dc_channel_events(worker->channel) },
            { .fd = worker->wake_fd, .events = POLLIN },
        };
        if (poll(polled, 2, watch(worker, &next_look_us)) < 0 && errno != EINTR)
            return 1;
        uint64_t count;
        if (polled[1].revents && read(worker->wake_fd, &count, sizeof count) < 0 && errno != EAGAIN)
            return 1;
        int error = polled[0].revents ? dc_channel_process(worker->channel, polled[0].revents) : 0;
        if (error == -EPIPE || (error && worker->stopped)) {
            dc_info("the supervisor %s", worker->stopped ? "stopped the instance" : "closed the link");
            return 0;
        }
        if (error && !atomic_load(&worker->failed)) {
            dc_error("link: %s", strerror(-error));
            return 1;
        }
    }
    flush(worker);
    return 1;
}

/* While there are files. It says so in the log: players' pictures lie on this disk. */
static bool
open_tap(struct dc_worker *worker)
{
    char path[PATH_MAX];
    if (!worker->config->settings.dump_dir)
        return true;
    snprintf(path, sizeof path, "%s/%s.y4m", worker->config->settings.dump_dir, worker->config->instance);
    dc_warn("every frame is written to %s", path);
    dc_sandbox_allow_large_files();
    worker->tap = dc_video_tap_create(path);
    return worker->tap != NULL;
}

static bool
lock_in(struct dc_worker *worker)
{
    const struct dc_worker_config *config = worker->config;
    const char *cache_dir = config->settings.cache_dir;
    bool cached = cache_dir && dc_program_cache_create(cache_dir, config->tenant);
    if (!open_tap(worker)) {
        dc_worker_fail(worker, "frames cannot be dumped");
        return false;
    }
    if (!dc_sandbox_drop_privileges(worker->config->quotas.memory_mib, false))
        return false;
    // After the change of uid, which clears it.
    if (!dc_namespaces_end_with(config->parent_fd))
        return false;
    dc_program_cache_use(cached ? cache_dir : NULL, config->tenant);
    worker->statm_fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (!start_renderer(worker)) {
        dc_worker_fail(worker, "no GPU of this server initialises");
        return false;
    }
    const struct dc_video_encoder_place place = { .has_gpu = !dc_renderer_is_software(worker->renderer),
                                                  .drm_node = dc_renderer_drm_node(worker->renderer) };
    worker->video_impl = dc_video_encoder_choose(config->settings.encoder, &place);
    if (!dc_sandbox_enter(dc_renderer_is_software(worker->renderer) ? 0 : DC_SANDBOX_IOCTL)) {
        dc_worker_fail(worker, "the worker's sandbox cannot be set up");
        return false;
    }
    dc_worker_handle_locked_in(config);
    return true;
}

/*
 * Drivers allocate and free some megabytes a frame (llvmpipe: the vertices of each draw). By default the C library hands
 * such blocks back to the kernel at once, and gets them back page by page, zeroed. RLIMIT_DATA still bounds the whole.
 */
static void
keep_freed_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, KEPT_BLOCK_BYTES);
    mallopt(M_TRIM_THRESHOLD, KEPT_TOP_BYTES);
}

int
dc_worker_run(const struct dc_worker_config *config, int fd)
{
    static const struct dc_channel_listener listener = { .handle_message = dc_worker_handle_message };
    struct dc_worker *worker = calloc(1, sizeof *worker);
    char subject[DC_INSTANCE_NAME_MAX + 16];
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, SIG_DFL);
    keep_freed_memory();
    snprintf(subject, sizeof subject, "instance %s", config->instance);
    dc_log_set_subject(subject);
    if (!worker) {
        close(fd);
        return 1;
    }
    worker->config = config;
    worker->statm_fd = -1;
    worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    worker->channel = dc_channel_create(fd, &listener, worker);
    if (worker->wake_fd < 0 || !worker->channel)
        return 1;
    int status = 1;
    if (lock_in(worker))
        status = run_loop(worker);
    else
        flush(worker);
    // Threads may hang in a driver: the process's end is the one clean-up that never waits.
    return status;
}
