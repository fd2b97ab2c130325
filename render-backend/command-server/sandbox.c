#include "sandbox.h"

#include <errno.h>
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

// A sanitizer's shadow memory is terabytes of private mappings.
#ifdef __has_feature // clang
#define UNDER_SANITIZER (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZER 1
#else
#define UNDER_SANITIZER 0
#endif

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
    return setgroups(group_count, groups) == 0 && setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0;
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

bool
dc_sandbox_drop_privileges(uint32_t memory_mib)
{
    if (geteuid() == 0 && !become_nobody()) {
        dc_error("cannot give up root: %s", strerror(errno));
        return false;
    }
    bool ok = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && set_limit(RLIMIT_CORE, 0) && set_limit(RLIMIT_NOFILE, 1024);
    signal(SIGXFSZ, SIG_IGN);
    ok = ok && set_limit(RLIMIT_FSIZE, DC_SANDBOX_MAX_FILE_BYTES);
    if (ok && !UNDER_SANITIZER && memory_mib)
        ok = set_limit(RLIMIT_DATA, (rlim_t)memory_mib << 20);
    if (!ok)
        dc_error("cannot set the worker's limits: %s", strerror(errno));
    return ok;
}

static const int allowed[] = {
    // memory (the shader compiler maps executable pages)
    SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise), SCMP_SYS(brk),
    SCMP_SYS(mincore), SCMP_SYS(get_mempolicy), SCMP_SYS(memfd_create), SCMP_SYS(ftruncate),
    // open descriptors
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(preadv2),
    SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(recvfrom), SCMP_SYS(sendto), SCMP_SYS(shutdown), SCMP_SYS(close),
    SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(fcntl), SCMP_SYS(lseek), SCMP_SYS(fstat),
    SCMP_SYS(flock), SCMP_SYS(newfstatat), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(eventfd2),
    SCMP_SYS(getsockopt), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_create1),
    // threads and time
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list), SCMP_SYS(rseq), SCMP_SYS(set_tid_address),
    SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_setaffinity), SCMP_SYS(sched_getscheduler),
    SCMP_SYS(sched_setscheduler), SCMP_SYS(sched_getparam), SCMP_SYS(sched_setparam), SCMP_SYS(getcpu),
    SCMP_SYS(setpriority), SCMP_SYS(getpriority), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(restart_syscall),
    SCMP_SYS(membarrier), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(tgkill), SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(prctl),
    // facts
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
    SCMP_SYS(getegid), SCMP_SYS(getrandom), SCMP_SYS(getrusage), SCMP_SYS(sysinfo), SCMP_SYS(uname),
};

static bool
fill(scmp_filter_ctx filter, bool allow_ioctl)
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
    return !allow_ioctl || seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 0) == 0;
}

bool
dc_sandbox_enter(bool allow_ioctl)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int error = filter ? 0 : -ENOMEM;
    // The driver has threads by now: the filter covers them too.
    if (!error)
        error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (!error && !fill(filter, allow_ioctl || UNDER_SANITIZER))
        error = -EINVAL;
    if (!error)
        error = seccomp_load(filter);
    if (filter)
        seccomp_release(filter);
    if (error)
        dc_error("cannot enter the sandbox: %s", strerror(-error));
    return error == 0;
}
