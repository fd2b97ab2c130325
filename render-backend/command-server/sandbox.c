#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "worker"
#include <common/log.h>
#include "namespaces.h"

// A sanitizer's shadow memory is terabytes of private mappings.
#ifdef __has_feature // clang
#define UNDER_SANITIZER (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZER 1
#else
#define UNDER_SANITIZER 0
#endif

static bool has_namespaces, has_host_network, allows_large_files; // of this process, by nature

void
dc_sandbox_get_user(uid_t *uid, gid_t *gid)
{
    const struct passwd *nobody = getpwnam("nobody");
    *uid = nobody ? nobody->pw_uid : 65534;
    *gid = nobody ? nobody->pw_gid : 65534;
}

static bool
become_nobody(void)
{
    gid_t groups[2];
    size_t group_count = 0;
    const struct group *group = getgrnam("render");
    if (group)
        groups[group_count++] = group->gr_gid;
    group = getgrnam("video");
    if (group)
        groups[group_count++] = group->gr_gid;
    uid_t uid;
    gid_t gid;
    dc_sandbox_get_user(&uid, &gid);
    return setgroups(group_count, groups) == 0 && setresgid(gid, gid, gid) == 0 && dc_namespaces_keep_admin() &&
           setresuid(uid, uid, uid) == 0 && dc_namespaces_raise_admin();
}

static bool
set_limit(int resource, rlim_t value)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) < 0)
        return false;
    if (limit.rlim_max != RLIM_INFINITY && value > limit.rlim_max)
        value = limit.rlim_max;
    limit.rlim_cur = limit.rlim_max = value;
    return setrlimit(resource, &limit) == 0;
}

void
dc_sandbox_allow_large_files(void)
{
    allows_large_files = true;
}

bool
dc_sandbox_has_namespaces(void)
{
    return has_namespaces;
}

bool
dc_sandbox_drop_privileges(uint32_t memory_mib, bool keep_network)
{
    if (geteuid() == 0 && !become_nobody()) {
        dc_error("cannot give up root: %s", strerror(errno));
        return false;
    }
    has_namespaces = dc_namespaces_enter(keep_network);
    has_host_network = keep_network;
    // Not dumpable: nobody of the same uid looks into our memory.
    bool ok = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && set_limit(RLIMIT_CORE, 0) && set_limit(RLIMIT_NOFILE, 1024);
    signal(SIGXFSZ, SIG_IGN);
    ok = ok && (allows_large_files || set_limit(RLIMIT_FSIZE, DC_SANDBOX_MAX_FILE_BYTES));
    if (ok && !UNDER_SANITIZER && memory_mib)
        ok = set_limit(RLIMIT_DATA, (rlim_t)memory_mib << 20);
    if (!ok)
        dc_error("cannot set the worker's limits: %s", strerror(errno));
    return ok;
}

static const int allowed[] = {
    // memory (the shader compiler maps executable pages)
    SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise), SCMP_SYS(brk),
    SCMP_SYS(mincore), SCMP_SYS(get_mempolicy), SCMP_SYS(ftruncate),
    // open descriptors
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(preadv2),
    SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(recvfrom), SCMP_SYS(sendto), SCMP_SYS(shutdown), SCMP_SYS(close),
    SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(lseek), SCMP_SYS(fstat),
    SCMP_SYS(flock), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(eventfd2),
    SCMP_SYS(getsockopt), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_create1),
    // threads and time
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list), SCMP_SYS(rseq), SCMP_SYS(set_tid_address),
    SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_setaffinity), SCMP_SYS(sched_getscheduler),
    SCMP_SYS(sched_getparam), SCMP_SYS(getcpu), SCMP_SYS(getpriority), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(restart_syscall),
    SCMP_SYS(membarrier), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
    // facts
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
    SCMP_SYS(getegid), SCMP_SYS(getrandom), SCMP_SYS(getrusage), SCMP_SYS(sysinfo), SCMP_SYS(uname),
};

/* Calls of which some uses are needed: argument `index`, masked, must be `value`. */
static const struct {
    int call;
    unsigned index;
    uint64_t mask, value;
} restricted[] = {
    // What a descriptor is; not who is signalled about it.
    { SCMP_SYS(fcntl), 1, ~0ull, F_DUPFD }, { SCMP_SYS(fcntl), 1, ~0ull, F_DUPFD_CLOEXEC },
    { SCMP_SYS(fcntl), 1, ~0ull, F_GETFD }, { SCMP_SYS(fcntl), 1, ~0ull, F_SETFD },
    { SCMP_SYS(fcntl), 1, ~0ull, F_GETFL }, { SCMP_SYS(fcntl), 1, ~0ull, F_SETFL },
    { SCMP_SYS(fcntl), 1, ~0ull, F_GET_SEALS },
    { SCMP_SYS(newfstatat), 3, AT_EMPTY_PATH, AT_EMPTY_PATH }, // fstat()
    { SCMP_SYS(prctl), 0, ~0ull, PR_SET_NAME }, { SCMP_SYS(prctl), 0, ~0ull, PR_GET_NAME },
    { SCMP_SYS(prctl), 0, ~0ull, PR_SET_VMA },
    { SCMP_SYS(setpriority), 1, ~0ull, 0 }, // the calling thread's
};
/* By the type that is part of an ioctl's number. */
static const struct {
    unsigned need;
    char type;
} ioctls[] = {
    // DRM, dma-buf, sync files, NVIDIA's own nodes
    { DC_SANDBOX_IOCTL, 'd' }, { DC_SANDBOX_IOCTL, 'b' }, { DC_SANDBOX_IOCTL, '>' }, { DC_SANDBOX_IOCTL, 'F' },
    { DC_SANDBOX_RDMA, 0x1b },
};

static bool
fill_restricted(scmp_filter_ctx filter, unsigned needs)
{
    for (size_t i = 0; i < sizeof restricted / sizeof restricted[0]; i++) {
        struct scmp_arg_cmp arg = SCMP_CMP(restricted[i].index, SCMP_CMP_MASKED_EQ, restricted[i].mask, restricted[i].value);
        if (seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, restricted[i].call, 1, &arg) < 0)
            return false;
    }
    for (size_t i = 0; i < sizeof ioctls / sizeof ioctls[0]; i++) {
        if (needs & ioctls[i].need && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                             SCMP_A1(SCMP_CMP_MASKED_EQ, 0xff00, (uint64_t)ioctls[i].type << 8)) < 0)
            return false;
    }
    if (needs & DC_SANDBOX_MEMFD &&
        (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(memfd_create), 0) < 0 ||
         seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, SCMP_A1(SCMP_CMP_EQ, F_ADD_SEALS)) < 0))
        return false;
    // abort() and the like: to ourselves.
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, (uint64_t)getpid())) == 0;
}

#if UNDER_SANITIZER
/* Its runtime asks for more. */
static bool
fill_sanitizer(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 0) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 0) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 0) == 0;
}
#else
static bool
fill_sanitizer(scmp_filter_ctx filter)
{
    return true;
}
#endif

static bool
fill(scmp_filter_ctx filter, unsigned needs)
{
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) < 0)
            return false;
    }
    // Threads yes, processes no. clone3's flags are out of a filter's sight: ENOSYS sends libc back to clone.
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                         SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)) < 0 ||
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) < 0)
        return false;
    // Reading our own limits (thread stacks) is all that prlimit is for.
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, SCMP_A0(SCMP_CMP_EQ, 0),
                         SCMP_A2(SCMP_CMP_EQ, 0)) < 0)
        return false;
    // Libraries that look for an optional file see an unreadable one.
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 0) < 0 ||
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(open), 0) < 0)
        return false;
    return fill_restricted(filter, needs) && fill_sanitizer(filter);
}

bool
dc_sandbox_enter(unsigned needs)
{
    bool keep_credentials = needs & DC_SANDBOX_RDMA;
    if (has_namespaces && has_host_network && !dc_namespaces_leave_network()) {
        dc_error("no network namespace: %s", strerror(errno));
        return false;
    }
    int rooted = has_namespaces ? dc_namespaces_empty_root(keep_credentials) : 0;
    if (rooted < 0) {
        dc_error("no empty root directory: %s", strerror(-rooted));
        return false;
    }
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int error = filter ? 0 : -ENOMEM;
    // The driver has threads by now: the filter covers them too.
    if (!error)
        error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (!error && !fill(filter, needs))
        error = -EINVAL;
    if (!error)
        error = seccomp_load(filter);
    if (filter)
        seccomp_release(filter);
    if (error)
        dc_error("cannot enter the sandbox: %s", strerror(-error));
    return error == 0;
}
