/* What a locked-in process cannot do any more, each tried in a child of its own. */
#undef NDEBUG
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "namespaces.h"
#include "sandbox.h"

static bool
try_exec(void)
{
    char *argv[] = { (char *)"/bin/true", NULL };
    return execv(argv[0], argv) == 0;
}
static bool try_socket(void) { return socket(AF_INET, SOCK_STREAM, 0) >= 0; }
static bool try_unix_socket(void) { return socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }
static bool try_connect(void) { return connect(0, NULL, 0) == 0 || errno != EPERM; }
static bool try_open_write(void) { return open("/tmp/dc-sandbox-test", O_WRONLY | O_CREAT, 0600) >= 0; }
static bool try_open_read(void) { return open("/etc/passwd", O_RDONLY) >= 0; }
static bool try_ptrace(void) { return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0; }
static bool try_mount(void) { return mount("none", "/mnt", "tmpfs", 0, NULL) == 0; }
static bool try_fork(void) { return fork() >= 0; }
static bool try_kill(void) { return kill(getppid(), 0) == 0; }
static bool try_root(void) { return getuid() == 0 || setuid(0) == 0; }

static void *
add_one(void *user)
{
    *(int *)user += 1;
    return NULL;
}
static bool
try_thread(void)
{
    int value = 0;
    pthread_t thread;
    return pthread_create(&thread, NULL, add_one, &value) == 0 && pthread_join(thread, NULL) == 0 && value == 1;
}
static bool
try_jit(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

static void
check(bool (*attempt)(void), bool allowed)
{
    pid_t pid = fork();
    int status;
    if (pid == 0) {
        if (!dc_sandbox_drop_privileges(512, false) || !dc_sandbox_enter(0))
            _exit(9);
        _exit(attempt() ? 1 : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), allowed ? 1 : 0);
}

static void
test_forbidden(void **state)
{
    check(try_exec, false);
    check(try_socket, false);
    check(try_unix_socket, false);
    check(try_connect, false);
    check(try_open_write, false);
    check(try_open_read, false);
    check(try_ptrace, false);
    check(try_mount, false);
    check(try_fork, false);
    check(try_kill, false);
    check(try_root, false);
}

static void
test_needed(void **state)
{
    check(try_thread, true);
    check(try_jit, true);
}

/* ---- namespaces, without the filter that stands before them ---- */
static int listener;           // TCP on loopback
static struct sockaddr_in at;  // its address
static pid_t bystander;

static bool try_root_listing(void) { DIR *d = opendir("/"); return !d || (readdir(d) && readdir(d) && readdir(d)); }
static bool try_connect_loopback(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
}
static bool
try_abstract_socket(void)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "\0dc-sandbox-test" };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return connect(fd, (struct sockaddr *)&name, sizeof name) == 0;
}
static bool try_kill_bystander(void) { return kill(bystander, 0) == 0 || errno != ESRCH; }
static bool try_trace_bystander(void) { return ptrace(PTRACE_SEIZE, bystander, NULL, NULL) == 0; }
static bool try_new_root_file(void) { return open("/new", O_WRONLY | O_CREAT, 0600) >= 0 || mkdir("/d", 0700) == 0; }
static bool try_mount_here(void) { return mount("none", "/", "tmpfs", 0, NULL) == 0; }
static bool try_hostname(void) { return sethostname("x", 1) == 0; }

static bool
check_alone(bool (*attempt)(void))
{
    int parent_fd, status;
    pid_t pid = dc_namespaces_fork(&parent_fd);
    if (pid == 0) {
        bool alone = getpid() == 1 && dc_sandbox_drop_privileges(512, false) && dc_sandbox_has_namespaces();
        if (!alone)
            _exit(77);
        if (!dc_namespaces_end_with(parent_fd) || dc_namespaces_empty_root(false) < 0)
            _exit(9);
        _exit(attempt() ? 1 : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        return false;
    assert_int_equal(WEXITSTATUS(status), 0);
    return true;
}

static void
test_namespaces(void **state)
{
    static bool (*const attempts[])(void) = {
        try_root_listing, try_open_read, try_open_write, try_new_root_file, try_connect_loopback, try_abstract_socket,
        try_kill_bystander, try_trace_bystander, try_root, try_mount_here, try_hostname,
    };
    struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "\0dc-sandbox-test" };
    socklen_t length = sizeof at;
    int abstract = socket(AF_UNIX, SOCK_STREAM, 0);
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &length), 0);
    assert_int_equal(listen(listener, 5), 0);
    assert_int_equal(bind(abstract, (struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(listen(abstract, 5), 0);
    assert_true(try_connect_loopback() && try_abstract_socket()); // the attempts are right
    bystander = fork();
    if (bystander == 0)
        for (;;)
            pause();
    bool alone = true;
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0] && alone; i++)
        alone = check_alone(attempts[i]);
    kill(bystander, SIGKILL);
    waitpid(bystander, NULL, 0);
    close(listener);
    close(abstract);
    if (!alone)
        skip(); // this host or container allows none
}

/* How a child ended is its parent's to see, whoever was in between. */
static void
test_fork_hands_on(void **state)
{
    int parent_fd, status;
    pid_t pid = dc_namespaces_fork(&parent_fd);
    if (pid == 0)
        _exit(dc_namespaces_end_with(parent_fd) ? 42 : 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 42);
    pid = dc_namespaces_fork(&parent_fd);
    if (pid == 0) {
        dc_namespaces_end_with(parent_fd);
        signal(SIGILL, SIG_DFL); // cmocka's
        __builtin_trap();
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    // Killing what was returned ends the child too: its end of the pipe closes.
    int pipes[2];
    char byte;
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    pid = dc_namespaces_fork(&parent_fd);
    if (pid == 0) {
        if (dc_namespaces_end_with(parent_fd) && write(pipes[1], "x", 1) == 1)
            for (;;)
                pause();
        _exit(1);
    }
    close(pipes[1]);
    assert_int_equal(read(pipes[0], &byte, 1), 1);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(read(pipes[0], &byte, 1), 0);
    close(pipes[0]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_forbidden), cmocka_unit_test(test_needed),
                                        cmocka_unit_test(test_namespaces), cmocka_unit_test(test_fork_hands_on) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
