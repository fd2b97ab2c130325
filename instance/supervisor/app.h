#ifndef DC_SUPERVISOR_APP_H
#define DC_SUPERVISOR_APP_H
/*
 * The application: a child process in a session of its own. We are the subreaper of all that it starts, so nothing
 * escapes by daemonising, and everything is killed at the end. If we die ourselves the kernel kills it.
 */
#include <stdbool.h>
#include <sys/types.h>

struct dc_paths;
struct dc_runtime_dir;

struct dc_app {
    pid_t pid; // 0: not running
    bool started, exited;
    int exit_status; // as a shell would say it: status, or 128 + signal
};

/* Makes this process the subreaper of what it starts. */
void dc_app_prepare(void);
/* 0, or what dc-instance should exit with (explained in the log). */
int dc_app_start(struct dc_app *app, char **argv, const struct dc_runtime_dir *runtime, const char *wayland_display,
                 const struct dc_paths *paths);
void dc_app_terminate(struct dc_app *app, int signal); // to the whole process group
/* A child was reaped: true if it was the application itself. */
bool dc_app_handle_exit(struct dc_app *app, pid_t pid, int wait_status);
/* Kills every descendant, whatever session it is in, except `spared` (0: none) and what that one started. Blocks until
 * they are reaped. */
void dc_app_kill_descendants(pid_t spared);

#endif
