/* What a locked-in process cannot do any more, each tried in a child of its own. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
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
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

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
        if (!dc_sandbox_drop_privileges(512) || !dc_sandbox_enter(false))
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

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_forbidden), cmocka_unit_test(test_needed) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
