#include "namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "render"
#include <common/log.h>
#include "sandbox.h"

#define OWN_NAMESPACES (CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS)

static bool
set_capabilities(uint32_t mask)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2] = { { .effective = mask, .permitted = mask } };
    return syscall(SYS_capset, &header, data) == 0;
}

bool
dc_namespaces_keep_admin(void)
{
    return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0;
}

bool
dc_namespaces_raise_admin(void)
{
    return set_capabilities(1u << CAP_SYS_ADMIN) || set_capabilities(0); // a container's root may not have it
}

static int
open_self(void)
{
    return (int)syscall(SYS_pidfd_open, getpid(), 0);
}

/* unshare() counts for children only, and can be taken back where the old namespace is ours: root's way. */
static pid_t
fork_as_root(void)
{
    int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
    bool apart = own >= 0 && unshare(CLONE_NEWPID) == 0;
    pid_t pid = fork();
    int error = errno;
    if (pid != 0 && apart && setns(own, CLONE_NEWPID) < 0)
        dc_error("PID namespace: %s", strerror(errno)); // later children share this one: still not the host's
    if (own >= 0)
        close(own);
    errno = error;
    return pid;
}

/* In between: ends as the child ended. */
static _Noreturn void
hand_on(pid_t child)
{
    int status = 0;
    close_range(3, ~0u, 0);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFSIGNALED(status)) {
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); // no core of ours for its fault
        signal(WTERMSIG(status), SIG_DFL);
        kill(getpid(), WTERMSIG(status));
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static bool
write_map(const char *path, unsigned id)
{
    char text[64];
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int length = snprintf(text, sizeof text, "%u %u 1\n", id, id);
    bool ok = fd >= 0 && write(fd, text, (size_t)length) == length;
    if (fd >= 0)
        close(fd);
    return ok;
}

/* A user namespace whose only user is who we are: who is not known there cannot make further ones. */
static bool
enter_user_namespace(int flags)
{
    unsigned uid = geteuid(), gid = getegid();
    if (unshare(CLONE_NEWUSER | flags) < 0)
        return false;
    int fd = open("/proc/self/setgroups", O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, "deny", 4) == 4;
    if (fd >= 0)
        close(fd);
    return ok && write_map("/proc/self/uid_map", uid) && write_map("/proc/self/gid_map", gid);
}

/* Only who is in a user namespace of his own may make a PID namespace, and only for children. */
static pid_t
fork_in_between(int *parent_fd)
{
    int grandparent_fd = *parent_fd;
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    if (!enter_user_namespace(CLONE_NEWPID))
        return 0; // no namespaces to be had: this is the child itself
    *parent_fd = open_self();
    pid = fork();
    if (pid == 0) {
        close(grandparent_fd);
        return 0;
    }
    if (pid < 0 || !dc_namespaces_end_with(grandparent_fd))
        _exit(1); // the child sees its parent gone
    hand_on(pid);
}

pid_t
dc_namespaces_fork(int *parent_fd)
{
    *parent_fd = open_self();
    int mine = *parent_fd;
    pid_t pid = geteuid() == 0 ? fork_as_root() : fork_in_between(parent_fd);
    if (pid != 0 && mine >= 0)
        close(mine);
    return pid;
}

bool
dc_namespaces_end_with(int parent_fd)
{
    // Its pid says nothing: beyond our PID namespace every parent is 0.
    struct pollfd polled = { .fd = parent_fd, .events = POLLIN };
    bool ok = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && poll(&polled, 1, 0) == 0;
    if (parent_fd >= 0)
        close(parent_fd);
    return ok;
}

bool
dc_namespaces_enter(bool keep_network)
{
    int own = OWN_NAMESPACES | (keep_network ? 0 : CLONE_NEWNET);
    if (unshare(CLONE_NEWUSER | own) == 0) {
        // Nothing that is mounted later reaches us. Of the namespace's capabilities we need one.
        if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && set_capabilities(1u << CAP_SYS_ADMIN))
            return true;
        set_capabilities(0);
        return false;
    }
    int error = errno;
    // No user namespaces here, but root can have the others. Its capability goes before the driver makes threads that
    // would keep it, and so the root stays.
    if (unshare(own) < 0)
        dc_debug("namespaces: %s, %s", strerror(error), strerror(errno));
    set_capabilities(0);
    return false;
}

bool
dc_namespaces_leave_network(void)
{
    return unshare(CLONE_NEWNET) == 0;
}

/* A directory that an empty file system can be mounted on. */
static bool
mount_empty(const char **at)
{
    static const char *const directories[] = { "/tmp", "/run", "/proc", "/dev" };
    for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++) {
        *at = directories[i];
        if (mount("none", *at, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,nr_inodes=2,mode=0555") == 0)
            return true;
    }
    return false;
}

int
dc_namespaces_empty_root(bool keep_credentials)
{
    const char *at;
    // The old root lies on the new one for a moment, and is let go: open files keep what they need of it.
    if (!mount_empty(&at) || chdir(at) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
        chdir("/") < 0 || mount("none", "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
                                NULL) < 0)
        return -errno;
    return keep_credentials || set_capabilities(0) ? 0 : -errno;
}

enum { LACKS_PID = 1, LACKS_USER = 2, LACKS_ROOT = 4, FAILED = 8 };

static _Noreturn void
probe_child(void)
{
    int lacks = getpid() == 1 ? 0 : LACKS_PID;
    if (!dc_sandbox_drop_privileges(0, false))
        _exit(FAILED);
    if (!dc_sandbox_has_namespaces())
        lacks |= LACKS_USER;
    else if (dc_namespaces_empty_root(false) < 0)
        lacks |= LACKS_ROOT;
    _exit(lacks);
}

void
dc_namespaces_probe(void)
{
    int parent_fd, status = FAILED << 8;
    pid_t pid = dc_namespaces_fork(&parent_fd);
    if (pid == 0)
        probe_child();
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) & FAILED) {
        dc_warn("namespaces: cannot be tried out: %s", strerror(errno));
        return;
    }
    int lacks = WEXITSTATUS(status);
    if (lacks)
        dc_warn("workers are confined by system call filter and uid, but have no %s%s%s of their own here "
                "(docs/security.md says what the host must allow)",
                lacks & LACKS_PID ? "process ids, " : "", lacks & LACKS_USER ? "user namespace, " : "",
                lacks & (LACKS_USER | LACKS_ROOT) ? "empty root directory" : "network");
}
