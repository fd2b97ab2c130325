#ifndef DC_FRONTEND_RECOVERY_H
#define DC_FRONTEND_RECOVERY_H
/*
 * What happens when the worker is gone and the supervisor finds another one (docs/recovery.md): whoever submits next or
 * waits stops here, restarts the ring, and replays the process's journal into it.
 */
#include "connection.h"

/* The worker that the ring belongs to is not the one that has been told everything. Cheap. */
static inline bool
dc_recovery_is_due(const struct dc_connection *c)
{
    return c->journal && (dc_ring_get_state(&c->process.ring) == DC_RING_PAUSED ||
                          dc_ring_get_epoch(&c->process.ring) != c->epoch);
}

/* With `lock` held: waits until there is a worker and tells it everything. false: lost. */
bool dc_recovery_run(struct dc_connection *c);
/* Without `lock`: the same if it is due. */
void dc_recovery_check(struct dc_connection *c);

#endif
