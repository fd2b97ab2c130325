/* The application as a child: environment, exit statuses, descendants that try to escape, the runtime directory. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"
#include "exit_status.h"
#include "paths.h"
#include "process_tree.h"
#include "runtime_dir.h"

static struct dc_runtime_dir runtime;
static struct dc_paths paths = { .egl_vendor = "/v.json", .alsa_conf = "/a.conf" };

static int
run(char *script)
{
    struct dc_app app = { 0 };
    char *argv[] = { "sh", "-c", script, NULL };
    int status, wait_status;
    status = dc_app_start(&app, argv, &runtime, "wayland-x", &paths);
    if (status)
        return status;
    pid_t pid = waitpid(app.pid, &wait_status, 0);
    assert_true(dc_app_handle_exit(&app, pid, wait_status));
    return app.exit_status;
}

static void
test_exit_statuses(void **state)
{
    struct dc_app app = { 0 };
    char *missing[] = { "/nonexistent/game", NULL }, *directory[] = { "/tmp", NULL };
    assert_int_equal(run("exit 7"), 7);
    assert_int_equal(run("kill -SEGV $$"), 128 + SIGSEGV);
    assert_int_equal(dc_app_start(&app, missing, &runtime, "w", &paths), DC_EXIT_APP_NOT_FOUND);
    assert_int_equal(dc_app_start(&app, directory, &runtime, "w", &paths), DC_EXIT_APP_NOT_RUN);
}

static void
test_environment(void **state)
{
    setenv("DISPLAY", ":0", 1);
    setenv("EGL_PLATFORM", "x11", 1);
    assert_int_equal(run("test $WAYLAND_DISPLAY = wayland-x && test -z \"$DISPLAY$EGL_PLATFORM\" && "
                         "test $SDL_VIDEODRIVER = wayland && test $LOVE_GRAPHICS_USE_OPENGLES = 1 && "
                         "test $__EGL_VENDOR_LIBRARY_FILENAMES = /v.json && test $ALSA_CONFIG_PATH = /a.conf && "
                         "test $DROIDCLOUD_FRONTEND = $XDG_RUNTIME_DIR/droidcloud-frontend-0"),
                     0);
    assert_string_equal(getenv("DISPLAY"), ":0"); // ours is untouched
}

static void
test_nothing_escapes(void **state)
{
    struct dc_process_list children;
    // A daemon in a session of its own, whose parent is gone.
    assert_int_equal(run("setsid sh -c 'sleep 600 & sleep 600' & exec true"), 0);
    usleep(200000);
    dc_process_list_children(&children, getpid());
    assert_true(children.count >= 1);
    dc_app_kill_descendants(0);
    dc_process_list_children(&children, getpid());
    assert_int_equal(children.count, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void
test_processor_time_of_descendants(void **state)
{
    struct dc_app app = { 0 };
    char *argv[] = { "sh", "-c", "sh -c 'while :; do :; done'; true", NULL };
    assert_int_equal(dc_app_start(&app, argv, &runtime, "w", &paths), 0);
    for (int i = 0; i < 100 && dc_process_tree_cpu_us(0) < 50000; i++)
        usleep(50000);
    assert_true(dc_process_tree_cpu_us(0) >= 50000);
    assert_true(dc_process_tree_cpu_us(app.pid) == 0); // spared
    dc_app_terminate(&app, SIGKILL);
    dc_app_kill_descendants(0);
}

static void
test_runtime_directory(void **state)
{
    struct dc_runtime_dir dir = { 0 };
    char path[108];
    struct stat info;
    setenv("XDG_RUNTIME_DIR", "/tmp", 1);
    assert_true(dc_runtime_dir_create(&dir, "a-name-that-is-much-longer-than-fits-into-a-socket-path"));
    assert_int_equal(stat(dir.path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    dc_runtime_dir_join(&dir, "sub", path);
    assert_int_equal(mkdir(path, 0700), 0);
    dc_runtime_dir_join(&dir, "sub/file", path);
    fclose(fopen(path, "w"));
    strcpy(path, dir.path);
    dc_runtime_dir_remove(&dir);
    assert_int_equal(access(path, F_OK), -1);
    dc_runtime_dir_remove(&dir); // twice is harmless
    setenv("XDG_RUNTIME_DIR", "/proc/nonexistent", 1); // falls back; as root anything else may have been made
    assert_true(dc_runtime_dir_create(&dir, "x"));
    assert_memory_equal(dir.path, "/tmp/", 5);
    dc_runtime_dir_remove(&dir);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exit_statuses),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_nothing_escapes),
        cmocka_unit_test(test_processor_time_of_descendants),
        cmocka_unit_test(test_runtime_directory),
    };
    dc_app_prepare();
    snprintf(runtime.path, sizeof(runtime.path), "/tmp");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
