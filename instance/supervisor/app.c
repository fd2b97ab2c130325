#include "app.h"

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
#include <common/log.h>

#include "exit_status.h"
#include "paths.h"
#include "process_tree.h"
#include "runtime_dir.h"

void
dc_app_prepare(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* What an unmodified program needs to hear so that it speaks Wayland, GLES and ALSA with us and with nobody else. */
static void
set_environment(const struct dc_runtime_dir *runtime, const char *wayland_display, const struct dc_paths *paths)
{
    char path[108];
    setenv("XDG_RUNTIME_DIR", runtime->path, 1);
    setenv("WAYLAND_DISPLAY", wayland_display, 1);
    dc_runtime_dir_join(runtime, "droidcloud-frontend-0", path);
    setenv("DROIDCLOUD_FRONTEND", path, 1);
    dc_runtime_dir_join(runtime, "droidcloud-audio-0", path);
    setenv("DROIDCLOUD_AUDIO", path, 1);
    if (paths->egl_vendor[0])
        setenv("__EGL_VENDOR_LIBRARY_FILENAMES", paths->egl_vendor, 1);
    if (paths->alsa_conf[0])
        setenv("ALSA_CONFIG_PATH", paths->alsa_conf, 1);
    if (paths->alsa_plugin[0])
        setenv("DROIDCLOUD_ALSA_PLUGIN", paths->alsa_plugin, 1);
    setenv("SDL_VIDEODRIVER", "wayland", 1);
    setenv("SDL_AUDIODRIVER", "alsa", 1);
    setenv("ALSOFT_DRIVERS", "alsa", 1);
    setenv("LOVE_GRAPHICS_USE_OPENGLES", "1", 1);
    setenv("GDK_BACKEND", "wayland", 1);
    setenv("GDK_GL", "gles", 1);
    setenv("QT_QPA_PLATFORM", "wayland", 1);
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_SOCKET");
    unsetenv("EGL_PLATFORM");
    unsetenv("__EGL_VENDOR_LIBRARY_DIRS");
    unsetenv("PULSE_SERVER");
}

static void
reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int signal_number = 1; signal_number < 32; signal_number++)
        signal(signal_number, SIG_DFL);
}

static _Noreturn void
run_child(char **argv, pid_t parent, int error_fd)
{
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) { // else it died before prctl
        reset_signals();
        execvp(argv[0], argv);
    }
    int error = errno;
    if (write(error_fd, &error, sizeof(error)) != (ssize_t)sizeof(error))
        error = EIO; // the parent sees the status at least
    _exit(error == ENOENT ? DC_EXIT_APP_NOT_FOUND : DC_EXIT_APP_NOT_RUN);
}

int
dc_app_start(struct dc_app *app, char **argv, const struct dc_runtime_dir *runtime, const char *wayland_display,
             const struct dc_paths *paths)
{
    int error_pipe[2], error = 0;
    if (pipe2(error_pipe, O_CLOEXEC) < 0) {
        dc_error("pipe: %s", strerror(errno));
        return DC_EXIT_SYSTEM;
    }
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        set_environment(runtime, wayland_display, paths);
        run_child(argv, parent, error_pipe[1]);
    }
    int fork_error = errno;
    close(error_pipe[1]);
    if (pid < 0) {
        close(error_pipe[0]);
        dc_error("fork: %s", strerror(fork_error));
        return DC_EXIT_SYSTEM;
    }
    // Ends at exec (close-on-exec) or with the reason why there was none.
    bool failed = read(error_pipe[0], &error, sizeof(error)) == (ssize_t)sizeof(error);
    close(error_pipe[0]);
    if (failed) {
        waitpid(pid, NULL, 0);
        dc_error("%s: %s", argv[0], strerror(error));
        return error == ENOENT ? DC_EXIT_APP_NOT_FOUND : DC_EXIT_APP_NOT_RUN;
    }
    app->pid = pid;
    app->started = true;
    dc_info("%s runs as process %d", argv[0], (int)pid);
    return 0;
}

void
dc_app_terminate(struct dc_app *app, int signal_number)
{
    if (app->pid > 0)
        kill(-app->pid, signal_number);
}

bool
dc_app_handle_exit(struct dc_app *app, pid_t pid, int wait_status)
{
    if (pid != app->pid)
        return false;
    app->pid = 0;
    app->exited = true;
    app->exit_status = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
    return true;
}

void
dc_app_kill_descendants(pid_t spared)
{
    // Orphans become our children, so each round sees what the last one set free.
    for (int round = 0; round < 100; round++) {
        struct dc_process_list children;
        uint32_t killed = 0;
        dc_process_list_children(&children, getpid());
        for (uint32_t i = 0; i < children.count; i++) {
            if (children.pids[i] == spared)
                continue;
            kill(children.pids[i], SIGKILL);
            waitpid(children.pids[i], NULL, 0);
            killed++;
        }
        if (killed == 0)
            return;
    }
}
