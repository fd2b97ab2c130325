/* A worker that was taken over harms nobody, and every worker is alone in its namespaces. */
#undef NDEBUG
#include <assert.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "rig.h"

static const char *compromised, *shipped;

/* The pid of the line "instance NAME: worker PID". */
static pid_t
find_worker(const struct rig_server *server, const char *instance)
{
    char line[1024], start[96];
    pid_t pid = 0;
    snprintf(start, sizeof start, "instance %s: worker ", instance);
    FILE *log = fopen(server->log_path, "r");
    assert_non_null(log);
    while (!pid && fgets(line, sizeof line, log)) {
        const char *at = strstr(line, start);
        pid = at ? (pid_t)atoi(at + strlen(start)) : 0;
    }
    fclose(log);
    assert_int_not_equal(pid, 0);
    return pid;
}

/* Whether this machine lets anybody have namespaces and a root of his own, tried without any of dc-render's code. */
static bool
machine_has_namespaces(void)
{
    int status;
    pid_t pid = fork();
    assert(pid >= 0);
    if (pid == 0) {
        const int others = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
        bool ok = geteuid() == 0 ? unshare(CLONE_NEWPID) == 0 && setresuid(65534, 65534, 65534) == 0 && unshare(others) == 0
                                 : unshare(CLONE_NEWPID | others) == 0;
        ok = ok && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
             mount("none", "/tmp", "tmpfs", 0, NULL) == 0;
        _exit(!ok);
    }
    assert(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool
has_own_namespaces(const struct rig_server *server)
{
    bool has = rig_log_count(server, "of their own here") == 0; // dc-render's warning
    assert_true(has || !machine_has_namespaces());
    return has;
}

static void
test_attempts(void **state)
{
    struct rig_server server = { 0 };
    struct rig_link good, evil;
    char name[64];
    rig_server_start(&server, compromised);
    rig_link_start(&good, &server, compromised, "good");
    assert_true(rig_link_play(&good, 1));
    snprintf(name, sizeof name, "evil-%d", (int)find_worker(&server, "good"));
    rig_link_start(&evil, &server, compromised, name);
    assert_int_equal(rig_log_count(&server, "attempts done: 34"), 1);
    assert_int_equal(rig_log_count(&server, "attempt to "), 34);
    assert_int_equal(rig_log_count(&server, ": refused ("), 34);
    // The victim plays on, and so does the worker itself with what it is for.
    assert_true(rig_link_play(&good, 2));
    assert_true(rig_link_play(&evil, 1));
    rig_link_finish(&evil);
    rig_link_finish(&good);
    rig_server_stop(&server);
}

/* What the link of a process's namespace says; empty: not to be seen. */
static void
read_namespace(pid_t pid, const char *kind, char out[64])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, kind);
    ssize_t length = readlink(path, out, 63);
    out[length < 0 ? 0 : length] = '\0';
}

/* The real uid of a process, as this host knows it. */
static int
read_uid(pid_t pid)
{
    char path[64], line[256];
    int uid = -1;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        (void)sscanf(line, "Uid: %d", &uid);
    fclose(file);
    return uid;
}

static void
test_namespaces(void **state)
{
    static const char *const kinds[] = { "user", "mnt", "net", "pid", "ipc", "uts" };
    struct rig_server server = { 0 };
    struct rig_link first, second;
    if (geteuid() != 0)
        skip(); // /proc of a process that is not dumpable is root's
    rig_server_start(&server, shipped);
    rig_link_start(&first, &server, shipped, "first");
    rig_link_start(&second, &server, shipped, "second");
    pid_t pids[2] = { find_worker(&server, "first"), find_worker(&server, "second") };
    for (size_t i = 0; has_own_namespaces(&server) && i < sizeof kinds / sizeof kinds[0]; i++) {
        char ours[64], one[64], other[64];
        read_namespace(getpid(), kinds[i], ours);
        read_namespace(pids[0], kinds[i], one);
        read_namespace(pids[1], kinds[i], other);
        assert_int_not_equal(strlen(one), 0);
        assert_string_not_equal(one, ours);
        assert_string_not_equal(other, ours);
        assert_string_not_equal(one, other);
    }
    assert_true(read_uid(pids[0]) > 0);
    char path[64], root[256];
    snprintf(path, sizeof path, "ls -A /proc/%d/root | wc -l", (int)pids[0]);
    FILE *pipe = popen(path, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(root, sizeof root, pipe));
    pclose(pipe);
    if (has_own_namespaces(&server))
        assert_int_equal(atoi(root), 0);
    assert_true(rig_link_play(&first, 1));
    rig_link_finish(&first);
    rig_link_finish(&second);
    rig_server_stop(&server);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_attempts), cmocka_unit_test(test_namespaces) };
    assert(argc == 3);
    compromised = argv[1];
    shipped = argv[2];
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
