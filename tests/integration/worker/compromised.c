/*
 * In place of dc-render's locked_in.c, in a test's server only: the worker of an instance "evil-PID" tries what code that
 * has taken it over would try, against the host and against process PID, and says how each went.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <worker.h>

static pid_t victim;

static bool open_file(void) { return open("/etc/passwd", O_RDONLY) >= 0; }
static bool open_root(void) { return open("/", O_RDONLY | O_DIRECTORY) >= 0 || open(".", O_PATH) >= 0; }
static bool open_by_raw_call(void) { return syscall(SYS_open, "/etc/passwd", O_RDONLY) >= 0; }
static bool create_file(void) { return open("/tmp/dc-compromised", O_WRONLY | O_CREAT, 0600) >= 0 || mkdir("/x", 0700) == 0; }
static bool see_file(void) { struct stat st; return stat("/etc/passwd", &st) == 0 || access("/etc", F_OK) == 0; }
static bool remove_file(void) { return unlink("/tmp/dc-compromised-target") == 0; }
static bool make_unix_socket(void) { return socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }
static bool make_inet_socket(void) { return socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_INET6, SOCK_DGRAM, 0) >= 0; }
static bool make_netlink_socket(void) { return socket(AF_NETLINK, SOCK_RAW, 0) >= 0; }
static bool make_socket_pair(void) { int pair[2]; return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0; }
static bool trace(void) { return ptrace(PTRACE_SEIZE, victim, 0, 0) == 0 || ptrace(PTRACE_ATTACH, victim, 0, 0) == 0; }
static bool
read_memory(void)
{
    char byte;
    struct iovec to = { &byte, 1 }, from = { (void *)&victim, 1 };
    return process_vm_readv(victim, &to, 1, &from, 1, 0) >= 0;
}
static bool
open_memory(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", (int)victim);
    return open(path, O_RDWR) >= 0;
}
static bool signal_victim(void) { return kill(victim, 0) == 0 || kill(victim, SIGKILL) == 0; }
static bool signal_all(void) { return kill(-1, 0) == 0; }
static bool signal_thread(void) { return syscall(SYS_tgkill, victim, victim, SIGKILL) == 0; }
static bool signal_by_fcntl(void) { return fcntl(0, F_SETOWN, victim) == 0; }
static bool open_pidfd(void) { return syscall(SYS_pidfd_open, victim, 0) >= 0; }
static bool limit_victim(void) { struct sched_param param = { 0 }; return sched_setparam(victim, &param) == 0; }
static bool run_program(void) { char *argv[] = { (char *)"/bin/true", NULL }; return execv(argv[0], argv) == 0; }
static bool
make_process(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return pid > 0;
}
static bool become_root(void) { return setuid(0) == 0 || getuid() == 0; }
static bool make_namespace(void) { return unshare(CLONE_NEWUSER) == 0 || unshare(CLONE_NEWNS) == 0; }
static bool mount_something(void) { return mount("none", "/", "tmpfs", 0, NULL) == 0; }
static bool change_root(void) { return chroot("/") == 0; }
static bool share_memory(void) { return shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600) >= 0; }
static bool make_queue(void) { return mq_open("/dc-compromised", O_CREAT | O_RDWR, 0600, NULL) >= 0; }
static bool make_memfd(void) { return memfd_create("x", 0) >= 0; }
static bool use_io_uring(void) { struct io_uring_params params = { 0 }; return syscall(SYS_io_uring_setup, 1, &params) >= 0; }
static bool
load_bpf(void)
{
    union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1 };
    return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr) >= 0;
}
static bool
open_perf(void)
{
    struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE, .size = sizeof attr, .config = PERF_COUNT_SW_TASK_CLOCK,
                                    .exclude_kernel = 1, .exclude_hv = 1 };
    return syscall(SYS_perf_event_open, &attr, victim, -1, -1, 0) >= 0 ||
           syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0) >= 0;
}
static bool fault_by_user(void) { return syscall(SYS_userfaultfd, 0) >= 0; }
// A log is no terminal: that the call got so far is enough.
static bool push_terminal(void) { return ioctl(2, TIOCSTI, "x") == 0 || errno == ENOTTY; }
static bool become_dumpable(void) { return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0; }

static const struct {
    const char *name;
    bool (*attempt)(void);
} attempts[] = {
    { "open a file", open_file }, { "open the root", open_root }, { "open by a raw call", open_by_raw_call },
    { "create a file", create_file }, { "see a file", see_file }, { "remove a file", remove_file },
    { "make a Unix socket", make_unix_socket }, { "make an internet socket", make_inet_socket },
    { "make a netlink socket", make_netlink_socket }, { "make a socket pair", make_socket_pair },
    { "trace the other worker", trace }, { "read its memory", read_memory }, { "open its memory", open_memory },
    { "signal it", signal_victim }, { "signal everybody", signal_all }, { "signal its thread", signal_thread },
    { "have it signalled", signal_by_fcntl }, { "open it", open_pidfd }, { "change its schedule", limit_victim },
    { "run a program", run_program }, { "make a process", make_process }, { "become root", become_root },
    { "make a namespace", make_namespace }, { "mount", mount_something }, { "change the root", change_root },
    { "share memory", share_memory }, { "make a queue", make_queue }, { "make a memfd", make_memfd },
    { "use io_uring", use_io_uring }, { "load bpf", load_bpf }, { "open perf", open_perf },
    { "handle faults", fault_by_user }, { "type into the terminal", push_terminal },
    { "become dumpable", become_dumpable },
};

void
dc_worker_handle_locked_in(const struct dc_worker_config *config)
{
    if (strncmp(config->instance, "evil-", 5) != 0)
        return;
    victim = (pid_t)atoi(config->instance + 5);
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        errno = 0;
        bool allowed = attempts[i].attempt();
        fprintf(stderr, "attempt to %s: %s (%s)\n", attempts[i].name, allowed ? "ALLOWED" : "refused", strerror(errno));
    }
    fprintf(stderr, "attempts done: %zu\n", sizeof attempts / sizeof attempts[0]);
}
