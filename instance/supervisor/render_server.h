#ifndef DC_SUPERVISOR_RENDER_SERVER_H
#define DC_SUPERVISOR_RENDER_SERVER_H
/* A dc-render of our own, for an instance that was given none: on a Unix socket in the runtime directory. */
#include <stdbool.h>
#include <sys/types.h>

struct dc_options;
struct dc_paths;
struct dc_runtime_dir;

struct dc_render_server {
    pid_t pid; // 0: none
    char address[128]; // "unix:…"
};

/* Starts it, waits until it listens, and puts address and a fresh capability into `options`. 0 or an exit status. */
int dc_render_server_start(struct dc_render_server *server, struct dc_options *options,
                           const struct dc_runtime_dir *runtime, const struct dc_paths *paths);
/* A fresh capability for another worker; a server that has ended is started anew. 0 or an exit status. */
int dc_render_server_renew(struct dc_render_server *server, struct dc_options *options,
                           const struct dc_runtime_dir *runtime, const struct dc_paths *paths);
/* The same from `options->capability_command`. false: it gives none; logged. */
bool dc_render_server_ask_capability(struct dc_options *options);
/* Ends it and waits for that. Accepts a zeroed one. */
void dc_render_server_stop(struct dc_render_server *server);

#endif
