/* One thread per ring: copies batches out of the shared memory, checks and executes them in ring order. */
#include "surface.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <gles_decode.h>

#define DC_LOG_COMPONENT "renderer"
#include <common/log.h>
#include "compositor.h"
#include "egl_image.h"
#include "image.h"
#include "results.h"
#include "watchdog.h"

static const void *
bulk_view(void *user, uint64_t position, size_t size_bytes)
{
    struct dc_executor *executor = user;
    return dc_ring_bulk_view(&executor->ring, position, size_bytes);
}

static void *
reply_reserve(struct dc_exec *x, size_t size_bytes)
{
    struct dc_ring *ring = &dc_executor_of(x)->ring;
    void *room = dc_ring_reply_reserve(ring, size_bytes);
    if (room)
        return room;
    // A process that does not read its answers holds up only itself.
    dc_watchdog_wait_begin(dc_executor_of(x));
    while (!room && dc_ring_reply_wait(ring, size_bytes))
        room = dc_ring_reply_reserve(ring, size_bytes);
    dc_watchdog_wait_end(dc_executor_of(x));
    return room;
}

static void
reply_publish(struct dc_exec *x, size_t size_bytes)
{
    dc_ring_reply_publish(&dc_executor_of(x)->ring, size_bytes);
}

static bool
switch_context(struct dc_exec *x, struct dc_exec_context *context)
{
    return x->context == context || dc_context_bind(dc_executor_of(x), context);
}

static void
note_result(struct dc_exec *x, uint32_t type, struct dc_result_key key, const void *data, size_t size_bytes)
{
    dc_results_put(dc_executor_of(x)->renderer->results, type, key, data, size_bytes);
}

static const struct dc_exec_impl exec_impl = {
    .reply_reserve = reply_reserve,
    .reply_publish = reply_publish,
    .switch_context = switch_context,
    .note_result = note_result,
};

/* Makes the batch's context current if it was bound before; a new one waits for its first dcMakeCurrent, because the
 * driver takes the initial viewport from the first surface that it sees. */
static void
enter_batch(struct dc_executor *executor, uint32_t context_id)
{
    struct dc_exec *x = &executor->exec;
    x->batch_context_id = context_id;
    if (!context_id || (x->context && x->context->id == context_id))
        return;
    struct dc_exec_context *context = dc_exec_context_find(x, context_id);
    if (!context)
        dc_exec_fail(x, 0, "batch of an unknown context");
    else if (!context->first_bind_done)
        dc_exec_context_made_current(x, NULL);
    else if (!dc_context_bind(executor, context))
        dc_exec_fail(x, 0, "the driver cannot bind the batch's context");
}

static void
run_batch(struct dc_executor *executor, const struct dc_batch_header *header)
{
    struct dc_exec *x = &executor->exec;
    uint64_t before = x->commands;
    dc_watchdog_enter(executor);
    enter_batch(executor, header->context_id);
    if (!x->failed)
        dc_gles_dispatch(x, executor->words, header->size_bytes / 4);
    dc_watchdog_note_batch(executor);
    dc_watchdog_leave(executor);
    atomic_fetch_add_explicit(&executor->renderer->commands, x->commands - before, memory_order_relaxed);
    atomic_fetch_add_explicit(&executor->renderer->batches, 1, memory_order_relaxed);
}

static size_t
align8(size_t size_bytes)
{
    return (size_bytes + 7) & ~(size_t)7;
}

/* Takes one batch from the `available` bytes at `data`, shared memory: everything is copied once, then checked.
 * Returns the bytes consumed, 0 when the ring ended while waiting; failures are x's. */
static size_t
take_batch(struct dc_executor *executor, const uint8_t *data, size_t available)
{
    struct dc_exec *x = &executor->exec;
    struct dc_batch_header header;
    if (available < sizeof header) {
        dc_exec_fail(x, 0, "truncated batch header");
        return 0;
    }
    memcpy(&header, data, sizeof header);
    if (header.size_bytes > DC_BATCH_MAX_BYTES || header.size_bytes % 4) {
        dc_exec_fail(x, 0, "oversized or unaligned batch");
        return 0;
    }
    size_t total = align8(sizeof header + header.size_bytes);
    if (total > available) {
        dc_exec_fail(x, 0, "truncated batch");
        return 0;
    }
    memcpy(executor->words, data + sizeof header, header.size_bytes);
    if (!dc_ring_bulk_wait(&executor->ring, header.bulk_end)) {
        if (dc_ring_get_state(&executor->ring) == DC_RING_OPEN)
            dc_exec_fail(x, 0, "bulk end is outside the window");
        return 0;
    }
    run_batch(executor, &header);
    if (!x->failed)
        dc_ring_cmd_consume(&executor->ring, total, header.bulk_end);
    return total;
}

/* false: the ring has ended or failed. */
static bool
take_published(struct dc_executor *executor)
{
    const uint8_t *data;
    size_t size_bytes;
    // The state is read before the look: what was published before the close is executed.
    bool open = dc_ring_get_state(&executor->ring) == DC_RING_OPEN;
    if (dc_ring_cmd_peek(&executor->ring, &data, &size_bytes) < 0) {
        dc_exec_fail(&executor->exec, 0, "impossible ring position");
        return false;
    }
    if (!data || !size_bytes)
        return open;
    size_t taken = 0;
    while (taken < size_bytes && !executor->exec.failed && dc_ring_get_state(&executor->ring) != DC_RING_LOST) {
        size_t batch = take_batch(executor, data + taken, size_bytes - taken);
        if (!batch)
            return false;
        taken += batch;
        dc_exec_glance_fences(&executor->exec);
    }
    return !executor->exec.failed && dc_ring_get_state(&executor->ring) != DC_RING_LOST;
}

static void
report_failure(struct dc_executor *executor)
{
    const struct dc_exec *x = &executor->exec;
    const char *op = x->failed_op ? dc_op_name(x->failed_op) : NULL;
    dc_error("ring %u (%s): opcode %u (%s): %s", executor->ring_id, executor->process, x->failed_op, op ? op : "none",
             x->fail_reason);
    dc_ring_set_state(&executor->ring, DC_RING_LOST);
    executor->renderer->listener->handle_ring_failed(executor->renderer->user, executor->ring_id, x->failed_op,
                                                     x->fail_reason);
}

static void
executor_free(struct dc_executor *executor)
{
    struct dc_renderer *renderer = executor->renderer;
    dc_watchdog_enter(executor);
    dc_watchdog_finish(executor);
    dc_context_destroy_all(executor);
    dc_egl_image_destroy_all(executor);
    dc_eraser_finish(executor);
    dc_surface_destroy_all(executor);
    dc_image_destroy_all(executor);
    pthread_mutex_lock(&renderer->lock);
    for (struct dc_executor **at = &renderer->executors; *at; at = &(*at)->next) {
        if (*at == executor) {
            *at = executor->next;
            break;
        }
    }
    pthread_mutex_unlock(&renderer->lock);
    dc_compositor_handle_swap(renderer->compositor); // layers of this ring are not waited for any more
    // The last look at the renderer: its destruction waits for this count.
    pthread_mutex_lock(&renderer->lock);
    renderer->executor_count--;
    pthread_cond_broadcast(&renderer->executors_changed);
    pthread_mutex_unlock(&renderer->lock);
    dc_exec_finish(&executor->exec);
    dc_ring_finish(&executor->ring);
    free(executor->words);
    free(executor);
}

/* Without pending fences and queries only commands wake us; with them we look again soon, at first very soon: somebody
 * may be waiting in glClientWaitSync. */
static bool
wait_commands(struct dc_executor *executor, uint32_t pending, int look_ms, uint32_t *looks)
{
    static const struct timespec soon = { .tv_nsec = 100000 };
    if (!pending)
        return dc_ring_cmd_wait(&executor->ring, look_ms);
    if ((*looks)++ >= 20)
        return dc_ring_cmd_wait(&executor->ring, 1);
    if (dc_ring_cmd_wait(&executor->ring, 0))
        return true;
    nanosleep(&soon, NULL);
    return false;
}

static void *
run(void *user)
{
    struct dc_executor *executor = user;
    char name[16];
    snprintf(name, sizeof name, "dc-ring-%u", executor->ring_id % 1000000);
    prctl(PR_SET_NAME, name, 0, 0, 0);
    eglBindAPI(EGL_OPENGL_ES_API);
    dc_results_push(executor->renderer->results, &executor->exec, executor->ring.geometry.reply_bytes / 2);
    uint32_t looks = 0;
    bool quiet = false;
    for (bool more = true; more;) {
        int look_ms;
        dc_watchdog_enter(executor);
        uint32_t pending = dc_exec_poll_fences(&executor->exec);
        bool in_time = dc_watchdog_check(executor, quiet, &look_ms);
        dc_watchdog_leave(executor);
        if (!in_time)
            break;
        quiet = !wait_commands(executor, pending, look_ms, &looks);
        if (!quiet) {
            more = take_published(executor);
            looks = 0; // the fences of what was just executed pass soon
        }
    }
    if (executor->exec.failed)
        report_failure(executor);
    dc_debug("ring %u (%s): ended after %llu commands", executor->ring_id, executor->process,
             (unsigned long long)executor->exec.commands);
    executor_free(executor);
    return NULL;
}

static bool
list(struct dc_renderer *renderer, struct dc_executor *executor)
{
    bool ok = true;
    pthread_mutex_lock(&renderer->lock);
    for (const struct dc_executor *other = renderer->executors; other; other = other->next)
        ok &= other->ring_id != executor->ring_id;
    ok &= renderer->executor_count < renderer->config.max_rings;
    if (ok) {
        executor->next = renderer->executors;
        renderer->executors = executor;
        renderer->executor_count++;
    }
    pthread_mutex_unlock(&renderer->lock);
    return ok;
}

static void
set_quota(struct dc_exec *x, struct dc_renderer *renderer)
{
    const struct dc_renderer_config *config = &renderer->config;
    x->ledger = &renderer->ledger;
    if (config->max_objects)
        x->quota.objects = config->max_objects;
    if (config->max_programs)
        x->quota.programs = config->max_programs;
    if (config->max_shader_bytes)
        x->quota.shader_bytes = config->max_shader_bytes;
}

int
dc_executor_start(struct dc_renderer *renderer, uint32_t ring_id, const struct dc_ring_fds *fds, const char *process)
{
    struct dc_ring ring;
    int error = dc_ring_map(&ring, fds->memfd, fds->cmd_eventfd);
    if (!error && fds->wake_eventfd >= 0)
        dc_ring_set_wake_eventfd(&ring, fds->wake_eventfd);
    else if (fds->wake_eventfd >= 0)
        close(fds->wake_eventfd);
    if (error)
        return error;
    struct dc_executor *executor = calloc(1, sizeof *executor);
    if (!executor) {
        dc_ring_finish(&ring);
        return -ENOMEM;
    }
    executor->renderer = renderer;
    executor->ring_id = ring_id;
    executor->ring = ring;
    snprintf(executor->process, sizeof executor->process, "%s", process ? process : "");
    executor->words = malloc(DC_BATCH_MAX_BYTES);
    error = -ENOMEM;
    if (!executor->words || !dc_exec_init(&executor->exec, &renderer->gl, &exec_impl, executor))
        goto fail;
    executor->exec.decoder.bulk_view = bulk_view;
    executor->exec.decoder.user = executor;
    set_quota(&executor->exec, renderer);
    error = -EBUSY;
    if (!list(renderer, executor))
        goto fail_exec;
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    error = -pthread_create(&executor->thread, &attr, run, executor);
    pthread_attr_destroy(&attr);
    if (!error)
        return 0;
    executor_free(executor);
    return error;
fail_exec:
    dc_exec_finish(&executor->exec);
fail:
    dc_ring_finish(&executor->ring);
    free(executor->words);
    free(executor);
    return error;
}
