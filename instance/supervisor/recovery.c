#include "recovery.h"

#include <string.h>

#define DC_LOG_COMPONENT "instance"
#include <common/clock.h>
#include <common/log.h>
#include <instance/link/link.h>
#include <vhal/display.h>

#include "exit_status.h"
#include "instance.h"

#define WINDOW_US (10 * 60 * 1000000ll) // tries are counted over ten minutes
#define RETRY_MS 300                    // a render server that refused is asked again after so long
#define HOLD_MS 1500                    // a process that draws nothing holds up the others no longer

/* Tries within the last ten minutes. */
static uint32_t
recent_tries(const struct dc_recovery *recovery, int64_t now_us)
{
    uint32_t count = 0;
    while (count < DC_RECOVER_MAX_TRIES && recovery->tries_us[count] && now_us - recovery->tries_us[count] < WINDOW_US)
        count++;
    return count;
}

static bool
has_capabilities(const struct dc_instance *instance)
{
    return instance->render.address[0] || instance->options->capability_command;
}

static bool
fetch_capability(struct dc_instance *instance)
{
    if (instance->render.address[0])
        return dc_render_server_renew(&instance->render, instance->options, &instance->runtime, &instance->paths) == 0;
    return dc_render_server_ask_capability(instance->options);
}

static void
give_up(struct dc_instance *instance, const char *reason)
{
    instance->recovery.going = false;
    dc_frontend_server_lose_link(&instance->frontends);
    dc_image_writer_lose_link(&instance->images);
    dc_error("%s", reason);
    dc_instance_stop(instance, DC_EXIT_LINK_LOST, reason);
}

static void
handle_timer(uv_timer_t *timer)
{
    struct dc_instance *instance = timer->data;
    struct dc_recovery *recovery = &instance->recovery;
    if (instance->stopping)
        return;
    if (!recovery->going) { // processes that have not come by now draw nothing
        recovery->holds = false;
        dc_display_repaint(instance->display);
        return;
    }
    dc_link_destroy(instance->link);
    instance->link = NULL;
    memmove(recovery->tries_us + 1, recovery->tries_us, sizeof(recovery->tries_us) - sizeof(recovery->tries_us[0]));
    recovery->tries_us[0] = dc_clock_now_us();
    recovery->count++;
    instance->link_closed = false;
    if (!fetch_capability(instance))
        give_up(instance, "the render server gives no capability for another worker");
    else if (!dc_instance_start_link(instance))
        give_up(instance, "no link to another worker can be made");
}

static void
handle_attached(void *user)
{
    struct dc_instance *instance = user;
    dc_display_repaint(instance->display);
}

void
dc_recovery_init(struct dc_instance *instance)
{
    uv_timer_init(&instance->loop, &instance->recovery.timer);
    instance->recovery.timer.data = instance;
}

bool
dc_recovery_begin(struct dc_instance *instance, const char *reason)
{
    struct dc_recovery *recovery = &instance->recovery;
    uint32_t limit = instance->options->recover_tries, tries = recent_tries(recovery, dc_clock_now_us());
    if (!recovery->was_ready || instance->stopping || !limit)
        return false;
    if (!has_capabilities(instance)) {
        dc_warn("the worker cannot be replaced: nobody gives a capability for another one (--capability-command)");
        return false;
    }
    if (tries >= limit) {
        dc_error("the worker was replaced %u times within ten minutes (--recover %u): not again", tries, limit);
        return false;
    }
    bool again = recovery->going;
    if (!again)
        recovery->lost_us = dc_clock_now_us();
    uint32_t able = dc_frontend_server_pause(&instance->frontends);
    if (instance->app.started && !able && instance->frontends.client_count) {
        dc_error("the worker is not replaced: no process is left that could go on");
        return false;
    }
    dc_image_writer_pause(&instance->images);
    dc_display_handle_worker_lost(instance->display);
    instance->worker_ready = false;
    recovery->going = true;
    recovery->holds = true;
    instance->frontends.handle_attached = handle_attached;
    instance->frontends.user = instance;
    dc_warn("the worker is lost (%s): asking for another one, try %u of %u", reason, tries + 1, limit);
    uv_timer_start(&recovery->timer, handle_timer, again ? RETRY_MS : 0, 0);
    return true;
}

bool
dc_recovery_finish(struct dc_instance *instance, const void *profile, size_t profile_bytes)
{
    struct dc_recovery *recovery = &instance->recovery;
    if (!dc_frontend_server_resume(&instance->frontends, instance->link, profile, profile_bytes)) {
        give_up(instance, "the new worker's driver is not the one that the applications have seen");
        return false;
    }
    recovery->going = false;
    dc_image_writer_resume(&instance->images, instance->link);
    dc_info("worker %u is ready, %lld ms after the last one was lost", instance->frontends.epoch,
            (long long)(dc_clock_now_us() - recovery->lost_us) / 1000);
    uv_timer_start(&recovery->timer, handle_timer, HOLD_MS, 0);
    return true;
}

bool
dc_recovery_holds(const struct dc_instance *instance, uint32_t ring_id)
{
    return instance->recovery.holds && !dc_frontend_server_is_attached(&instance->frontends, ring_id);
}
