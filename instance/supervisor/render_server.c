#include "render_server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "instance"
#include <common/clock.h>
#include <common/log.h>

#include "exit_status.h"
#include "options.h"
#include "paths.h"
#include "runtime_dir.h"

#define START_TIMEOUT_US 20000000
#define STOP_TIMEOUT_US 5000000

static pid_t
spawn(char *const argv[], int stdout_fd)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    // Our standard output is for the connect line.
    if (getppid() == parent && dup2(stdout_fd, STDOUT_FILENO) >= 0)
        execv(argv[0], argv);
    _exit(127);
}

static bool
wait_for_socket(struct dc_render_server *server, const char *path)
{
    int64_t deadline_us = dc_clock_now_us() + START_TIMEOUT_US;
    while (dc_clock_now_us() < deadline_us) {
        if (access(path, F_OK) == 0)
            return true;
        int status;
        if (waitpid(server->pid, &status, WNOHANG) == server->pid) {
            server->pid = 0;
            dc_error("the private dc-render ended at once, with status %d",
                     WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
            return false;
        }
        usleep(5000);
    }
    dc_error("the private dc-render does not listen after %d s", START_TIMEOUT_US / 1000000);
    return false;
}

/* `dc-render capability` prints it in hexadecimal. */
static bool
issue_capability(const char *dc_render, char *key_file, struct dc_options *options)
{
    char *argv[] = { (char *)dc_render, "capability", "--key-file", key_file, "--instance", (char *)options->name, NULL };
    int output[2];
    if (pipe2(output, O_CLOEXEC) < 0)
        return false;
    pid_t pid = spawn(argv, output[1]);
    close(output[1]);
    FILE *file = fdopen(output[0], "r");
    char pair[3] = "";
    options->capability_bytes = 0;
    while (file && options->capability_bytes < sizeof(options->capability) && fscanf(file, "%2[0-9a-f]", pair) == 1)
        options->capability[options->capability_bytes++] = (uint8_t)strtoul(pair, NULL, 16);
    if (file)
        fclose(file);
    int status = -1;
    if (pid > 0)
        waitpid(pid, &status, 0);
    return status == 0 && options->capability_bytes > 0;
}

int
dc_render_server_start(struct dc_render_server *server, struct dc_options *options,
                       const struct dc_runtime_dir *runtime, const struct dc_paths *paths)
{
    char socket_path[108], key_path[108];
    if (!paths->dc_render[0]) {
        dc_error("no render server: dc-render is not beside dc-instance, and no --link was given");
        return DC_EXIT_NO_RENDER;
    }
    dc_runtime_dir_join(runtime, "render", socket_path);
    dc_runtime_dir_join(runtime, "render.key", key_path);
    snprintf(server->address, sizeof(server->address), "unix:%s", socket_path);
    char *argv[] = { (char *)paths->dc_render, "--listen", server->address, "--key-file", key_path,
                     "--max-instances", "1", NULL };
    server->pid = spawn(argv, STDERR_FILENO);
    if (server->pid < 0) {
        dc_error("fork: %s", strerror(errno));
        server->pid = 0;
        return DC_EXIT_SYSTEM;
    }
    if (!wait_for_socket(server, socket_path))
        return DC_EXIT_NO_RENDER;
    if (!issue_capability(paths->dc_render, key_path, options)) {
        dc_error("the private dc-render issues no capability");
        return DC_EXIT_NO_RENDER;
    }
    options->link = server->address;
    dc_info("private render server runs as process %d", (int)server->pid);
    return 0;
}

int
dc_render_server_renew(struct dc_render_server *server, struct dc_options *options, const struct dc_runtime_dir *runtime,
                       const struct dc_paths *paths)
{
    char path[108];
    if (server->pid > 0) {
        dc_runtime_dir_join(runtime, "render.key", path);
        return issue_capability(paths->dc_render, path, options) ? 0 : DC_EXIT_NO_RENDER;
    }
    dc_runtime_dir_join(runtime, "render", path);
    unlink(path);
    return dc_render_server_start(server, options, runtime, paths);
}

bool
dc_render_server_ask_capability(struct dc_options *options)
{
    char text[2 * DC_CAPABILITY_MAX_BYTES + 2];
    FILE *output = popen(options->capability_command, "re");
    size_t length = output ? fread(text, 1, sizeof(text) - 1, output) : 0;
    int status = output ? pclose(output) : -1;
    text[length] = '\0';
    // SIGCHLD's handler may have been faster: then there is no status, and the text says it all.
    bool ok = (status == 0 || (status < 0 && errno == ECHILD)) && dc_options_parse_capability(options, text);
    if (!ok)
        dc_error("the capability command prints no capability: %s", options->capability_command);
    return ok;
}

void
dc_render_server_stop(struct dc_render_server *server)
{
    if (server->pid <= 0)
        return;
    kill(server->pid, SIGTERM);
    int64_t deadline_us = dc_clock_now_us() + STOP_TIMEOUT_US;
    while (waitpid(server->pid, NULL, WNOHANG) == 0) {
        if (dc_clock_now_us() > deadline_us) {
            kill(server->pid, SIGKILL);
            waitpid(server->pid, NULL, 0);
            break;
        }
        usleep(5000);
    }
    server->pid = 0;
}
