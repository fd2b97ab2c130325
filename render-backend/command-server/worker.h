#ifndef DC_COMMAND_SERVER_WORKER_H
#define DC_COMMAND_SERVER_WORKER_H
/* The worker: one process per instance, between its link's socket and its renderer and encoders. */
#include "capability.h"

/* The operator's limits for each worker; a capability's quotas come on top. 0: no limit of time, the renderer's default of the
 * others. */
struct dc_worker_limits {
    uint32_t draw_timeout_s;
    uint32_t objects, programs, shader_kib;
};

/* What the operator says about every worker. Strings are borrowed. */
struct dc_worker_settings {
    const char *cache_dir; // of compiled programs; NULL: none are kept
    const char *dump_dir;  // where frames are written to (--dump-frames); NULL: nowhere
    const char *encoder;   // of video, as dc_video_encoder_choose takes it
    struct dc_worker_limits limits;
};

struct dc_worker_config {
    const char *instance, *tenant;
    const char *gpu; // NULL: first usable
    struct dc_quotas quotas;
    struct dc_worker_settings settings;
    int parent_fd; // owned: the worker ends with this process (namespaces.h)
};

/* Runs until the link ends; returns the exit status. Takes ownership of `fd`, a connected Unix stream socket on which
 * the peer's Admit was already answered. */
int dc_worker_run(const struct dc_worker_config *config, int fd);

/* locked_in.c: what a worker does first inside its sandbox, which is nothing. A test's server has another one here. */
void dc_worker_handle_locked_in(const struct dc_worker_config *config);

#endif
