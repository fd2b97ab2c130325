#include "zygote.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <render-backend/gpu-manager/gpu.h>

#define DC_LOG_COMPONENT "render"
#include <common/log.h>
#include "namespaces.h"
#include "title.h"
#include "worker.h"

#define MAX_WORKERS 1024

struct child {
    pid_t pid;
    char instance[DC_INSTANCE_NAME_MAX + 1];
};

struct zygote_process {
    int fd, signal_fd;
    struct dc_worker_settings settings;
    struct child children[MAX_WORKERS];
    size_t child_count;
};

union fd_control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

bool
dc_zygote_send(struct dc_zygote *zygote, const struct dc_zygote_request *request, int fd)
{
    struct iovec iov = { .iov_base = (void *)request, .iov_len = sizeof *request };
    union fd_control control = { 0 };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
    if (fd >= 0) {
        msg.msg_control = control.bytes;
        msg.msg_controllen = sizeof control.bytes;
        struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
        cmsg->cmsg_level = SOL_SOCKET;
        cmsg->cmsg_type = SCM_RIGHTS;
        cmsg->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(cmsg), &fd, sizeof fd);
    }
    return sendmsg(zygote->fd, &msg, MSG_NOSIGNAL) == (ssize_t)sizeof *request;
}

int
dc_zygote_receive(struct dc_zygote *zygote, struct dc_zygote_report *report)
{
    ssize_t got = recv(zygote->fd, report, sizeof *report, MSG_DONTWAIT);
    if (got == (ssize_t)sizeof *report)
        return 1;
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

static void
report_to_main(const struct zygote_process *z, const struct dc_zygote_report *report)
{
    if (send(z->fd, report, sizeof *report, MSG_NOSIGNAL) != (ssize_t)sizeof *report)
        _exit(0); // main is gone; PDEATHSIG takes the workers
}

static _Noreturn void
run_worker(struct zygote_process *z, const struct dc_zygote_request *request, int fd, int parent_fd)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    close(z->fd);
    close(z->signal_fd);
    char title[DC_INSTANCE_NAME_MAX + 16];
    snprintf(title, sizeof title, "dc-worker:%s", request->instance);
    dc_title_set(title);
    const struct dc_worker_config config = {
        .instance = request->instance,
        .tenant = request->tenant,
        .gpu = request->gpu[0] ? request->gpu : NULL,
        .quotas = request->quotas,
        .settings = z->settings,
        .parent_fd = parent_fd,
    };
    _exit(dc_worker_run(&config, fd));
}

static void
start_worker(struct zygote_process *z, const struct dc_zygote_request *request, int fd)
{
    struct dc_zygote_report report = { .pid = 0 };
    memcpy(report.instance, request->instance, sizeof report.instance);
    int parent_fd = -1;
    pid_t pid = z->child_count < MAX_WORKERS && fd >= 0 ? dc_namespaces_fork(&parent_fd) : -1;
    if (pid == 0)
        run_worker(z, request, fd, parent_fd);
    if (pid > 0) {
        struct child *child = &z->children[z->child_count++];
        child->pid = report.pid = pid;
        memcpy(child->instance, request->instance, sizeof child->instance);
    } else {
        dc_error("instance %s: cannot fork a worker: %s", request->instance, strerror(errno));
    }
    report_to_main(z, &report);
}

static void
handle_request(struct zygote_process *z)
{
    struct dc_zygote_request request;
    union fd_control control;
    struct iovec iov = { .iov_base = &request, .iov_len = sizeof request };
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes,
    };
    ssize_t got = recvmsg(z->fd, &msg, MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR)
        return;
    if (got != (ssize_t)sizeof request)
        _exit(0);
    int fd = -1;
    struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
    if (cmsg && cmsg->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(cmsg), sizeof fd);
    if (!request.kill)
        start_worker(z, &request, fd);
    for (size_t i = 0; request.kill && i < z->child_count; i++) {
        if (z->children[i].pid == request.pid)
            kill(request.pid, SIGKILL);
    }
    if (fd >= 0)
        close(fd);
}

static void
reap(struct zygote_process *z)
{
    struct signalfd_siginfo info;
    while (read(z->signal_fd, &info, sizeof info) > 0)
        ;
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        struct dc_zygote_report report = { .ended = true, .pid = pid, .status = status };
        for (size_t i = 0; i < z->child_count; i++) {
            if (z->children[i].pid != pid)
                continue;
            memcpy(report.instance, z->children[i].instance, sizeof report.instance);
            z->children[i] = z->children[--z->child_count];
            break;
        }
        report_to_main(z, &report);
    }
}

static _Noreturn void
run_zygote(int fd, const struct dc_worker_settings *settings, pid_t main_pid)
{
    static struct zygote_process z; // one zygote per process by nature; too large for the stack
    z.fd = fd;
    z.settings = *settings;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != main_pid)
        _exit(0);
    // Ctrl-C reaches the whole foreground group: ending is the main process's decision.
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    z.signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (z.signal_fd < 0)
        _exit(1);
    dc_title_set("dc-render-zygote");
    dc_namespaces_probe();
    dc_gpu_preload();
    for (;;) {
        struct pollfd polled[2] = { { .fd = fd, .events = POLLIN }, { .fd = z.signal_fd, .events = POLLIN } };
        if (poll(polled, 2, -1) < 0 && errno != EINTR)
            _exit(1);
        if (polled[1].revents)
            reap(&z);
        if (polled[0].revents)
            handle_request(&z);
    }
}

bool
dc_zygote_start(struct dc_zygote *zygote, const struct dc_worker_settings *settings)
{
    int pair[2];
    *zygote = (struct dc_zygote){ .fd = -1 };
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        dc_error("zygote: %s", strerror(errno));
        return false;
    }
    pid_t main_pid = getpid(), pid = fork();
    if (pid == 0) {
        close(pair[0]);
        run_zygote(pair[1], settings, main_pid);
    }
    close(pair[1]);
    if (pid < 0) {
        dc_error("zygote: %s", strerror(errno));
        close(pair[0]);
        return false;
    }
    *zygote = (struct dc_zygote){ .fd = pair[0], .pid = pid };
    return true;
}

void
dc_zygote_stop(struct dc_zygote *zygote)
{
    if (zygote->fd >= 0)
        close(zygote->fd);
    if (zygote->pid > 0) {
        kill(zygote->pid, SIGKILL);
        waitpid(zygote->pid, NULL, 0);
    }
    *zygote = (struct dc_zygote){ .fd = -1 };
}
