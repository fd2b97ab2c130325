#ifndef DC_SUPERVISOR_RECOVERY_H
#define DC_SUPERVISOR_RECOVERY_H
/*
 * Another worker for one that is lost (docs/recovery.md). Application processes and pictures are paused, a fresh
 * capability is fetched, a new link is made; the processes then tell the new worker all that it needs to know. Until it
 * shows something, the last picture stands. Loop thread only.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "options.h"

struct dc_instance;

struct dc_recovery {
    uv_timer_t timer;
    bool going;        // the old worker is gone, the new one not ready
    bool was_ready;    // there was a worker once
    bool holds;        // presents wait until the processes whose images they name are there
    int64_t lost_us;   // when the worker was lost
    int64_t tries_us[DC_RECOVER_MAX_TRIES]; // when workers were replaced, the newest first
    uint64_t count;    // so many were
};

void dc_recovery_init(struct dc_instance *instance);
/* The link has ended. false: there will be no other worker; why is logged. */
bool dc_recovery_begin(struct dc_instance *instance, const char *reason);
/* The new worker said Hello. false: it will not do. */
bool dc_recovery_finish(struct dc_instance *instance, const void *profile, size_t profile_bytes);
/* Whether a present with an image of this ring has to wait. */
bool dc_recovery_holds(const struct dc_instance *instance, uint32_t ring_id);

#endif
