#ifndef DC_COMMAND_SERVER_WORKER_H
#define DC_COMMAND_SERVER_WORKER_H
/* The worker: one process per instance, between its link's socket and its renderer and encoders. */
#include <sys/types.h>

#include "capability.h"

struct dc_worker_config {
    const char *instance, *tenant;
    const char *cache_dir; // of compiled programs; NULL: none are kept
    const char *gpu; // NULL: first usable
    struct dc_quotas quotas;
    pid_t parent_pid; // the zygote: the worker dies with it
};

/* Runs until the link ends; returns the exit status. Takes ownership of `fd`, a connected Unix stream socket on which
 * the peer's Admit was already answered. */
int dc_worker_run(const struct dc_worker_config *config, int fd);

#endif
