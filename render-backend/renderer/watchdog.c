#include "watchdog.h"

#include <string.h>

#include <gles_opcodes.h>

#include <common/clock.h>

#define DC_LOG_COMPONENT "renderer"
#include <common/log.h>

#define LOOK_MS 250
// A process that gets less than a sixth of a core has more time than that.
#define STARVED 6

int64_t
dc_watchdog_elapsed_us(bool software, int64_t wall_us, int64_t cpu_us)
{
    if (!software || cpu_us >= wall_us)
        return wall_us;
    return cpu_us > wall_us / STARVED ? cpu_us : wall_us / STARVED;
}

static struct dc_watch_time
time_now(void)
{
    return (struct dc_watch_time){ .wall_us = dc_clock_now_us(), .cpu_us = dc_clock_process_cpu_us() };
}

static bool
is_late(const struct dc_renderer *renderer, const struct dc_watch_time *since, const struct dc_watch_time *now)
{
    return dc_watchdog_elapsed_us(renderer->gpu.software, now->wall_us - since->wall_us,
                                  now->cpu_us - since->cpu_us) >= (int64_t)renderer->config.draw_timeout_ms * 1000;
}

void
dc_watchdog_enter(struct dc_executor *executor)
{
    struct dc_renderer *renderer = executor->renderer;
    atomic_store_explicit(&executor->entries, atomic_load_explicit(&executor->entries, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    atomic_store(&executor->busy, true);
    if (!atomic_load(&renderer->watched) && renderer->config.draw_timeout_ms && !atomic_exchange(&renderer->watched, true) &&
        renderer->listener->handle_active)
        renderer->listener->handle_active(renderer->user);
}

void
dc_watchdog_leave(struct dc_executor *executor)
{
    atomic_store_explicit(&executor->busy, false, memory_order_release);
}

void
dc_watchdog_wait_begin(struct dc_executor *executor)
{
    atomic_store(&executor->waiting, true);
}

void
dc_watchdog_wait_end(struct dc_executor *executor)
{
    atomic_store(&executor->waiting, false);
}

void
dc_watchdog_note_batch(struct dc_executor *executor)
{
    uint32_t op = executor->exec.op;
    bool flushed = op == DC_OP_dcSwap || op == DC_OP_Flush || op == DC_OP_dcFinish;
    if (flushed || executor->unguarded == DC_WORK_NONE)
        executor->unguarded = flushed ? DC_WORK_FLUSHED : DC_WORK_OPEN;
}

void
dc_watchdog_guard(struct dc_executor *executor)
{
    if (executor->guard != EGL_NO_SYNC || executor->unguarded == DC_WORK_NONE || !executor->exec.context ||
        !executor->renderer->config.draw_timeout_ms)
        return;
    executor->guard = eglCreateSync(executor->renderer->display, EGL_SYNC_FENCE, NULL);
    executor->guard_since = time_now();
    if (executor->guard != EGL_NO_SYNC)
        executor->unguarded = DC_WORK_NONE;
}

static void
destroy_guard(struct dc_executor *executor)
{
    if (executor->guard != EGL_NO_SYNC)
        eglDestroySync(executor->renderer->display, executor->guard);
    executor->guard = EGL_NO_SYNC;
}

bool
dc_watchdog_check(struct dc_executor *executor, bool quiet, int *look_ms)
{
    const struct dc_renderer *renderer = executor->renderer;
    *look_ms = -1;
    if ((executor->guard == EGL_NO_SYNC && executor->unguarded == DC_WORK_NONE) || !renderer->config.draw_timeout_ms)
        return true;
    *look_ms = LOOK_MS;
    int64_t now_us = dc_clock_now_us();
    if (now_us - executor->guard_looked_us < LOOK_MS * 1000 / 2)
        return true;
    executor->guard_looked_us = now_us;
    if (executor->guard == EGL_NO_SYNC) {
        // In the middle of a frame a fence would make a driver begin with half of it.
        if (executor->unguarded == DC_WORK_FLUSHED || quiet)
            dc_watchdog_guard(executor);
        if (executor->guard == EGL_NO_SYNC && !executor->exec.context)
            *look_ms = -1; // nothing to look for until a context is bound again
        return true;
    }
    // An error is no sign that the work is done.
    if (eglClientWaitSync(renderer->display, executor->guard, EGL_SYNC_FLUSH_COMMANDS_BIT, 0) == EGL_CONDITION_SATISFIED) {
        destroy_guard(executor);
        if (executor->unguarded == DC_WORK_NONE)
            *look_ms = -1;
        return true;
    }
    struct dc_watch_time now = time_now();
    if (!is_late(renderer, &executor->guard_since, &now))
        return true;
    dc_exec_fail(&executor->exec, 0, "a frame takes the GPU longer than allowed");
    return false;
}

void
dc_watchdog_finish(struct dc_executor *executor)
{
    destroy_guard(executor);
    executor->unguarded = DC_WORK_NONE;
}

static bool
is_in_driver(struct dc_executor *executor)
{
    return atomic_load(&executor->busy) && !atomic_load(&executor->waiting);
}

/* With renderer->lock held. Whether it did anything since the last look; `*hangs`: for longer than allowed the same. */
static bool
look_locked(struct dc_executor *executor, const struct dc_watch_time *now, bool *hangs)
{
    // Whoever left the driver meanwhile has entered it again, if it is there now.
    uint64_t commands = __atomic_load_n(&executor->exec.commands, __ATOMIC_RELAXED);
    uint32_t entries = atomic_load_explicit(&executor->entries, memory_order_relaxed);
    bool same = commands == executor->watch_commands && entries == executor->watch_entries;
    bool in_driver = is_in_driver(executor);
    if (same && in_driver && executor->watch_since.wall_us) {
        *hangs = is_late(executor->renderer, &executor->watch_since, now);
        return true;
    }
    executor->watch_commands = commands;
    executor->watch_entries = entries;
    executor->watch_since = in_driver ? *now : (struct dc_watch_time){ 0 };
    return in_driver || !same;
}

enum dc_renderer_activity
dc_renderer_watch(struct dc_renderer *renderer)
{
    static const char reason[] = "the driver does not come back";
    bool active = false, hangs = false;
    uint32_t ring_id = 0, op = 0;
    char process[64] = "";
    struct dc_watch_time now = time_now();
    pthread_mutex_lock(&renderer->lock);
    for (struct dc_executor *e = renderer->executors; e && !hangs; e = e->next) {
        active |= look_locked(e, &now, &hangs);
        if (hangs) {
            ring_id = e->ring_id;
            op = __atomic_load_n(&e->exec.op, __ATOMIC_RELAXED);
            memcpy(process, e->process, sizeof process);
        }
    }
    if (!active) {
        // Whoever enters from here on calls again; whoever entered before is seen now.
        atomic_store(&renderer->watched, false);
        for (struct dc_executor *e = renderer->executors; e && !active; e = e->next)
            active = is_in_driver(e);
        if (active)
            atomic_store(&renderer->watched, true);
    }
    pthread_mutex_unlock(&renderer->lock);
    if (!hangs)
        return active ? DC_RENDERER_RUNS : DC_RENDERER_IDLE;
    dc_error("ring %u (%s): opcode %u (%s): %s for %u s", ring_id, process, op, dc_op_name(op), reason,
             renderer->config.draw_timeout_ms / 1000);
    renderer->listener->handle_ring_failed(renderer->user, ring_id, op, reason);
    return DC_RENDERER_HANGS;
}
