/* The render process of the rig: dc-render's admission, without its zygote and GPU. One thread. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <admission.h>
#include <tcp_link.h>
#include <upload_hub.h>

#include <protocol/link/channel.h>
#include "render.h"

#define MAX_PEERS 32

struct peer {
    int fd; // 0: unused; admission socket
    uint8_t token[DC_ADMISSION_TOKEN_BYTES];
    char instance[DC_INSTANCE_NAME_MAX + 1], tenant[DC_INSTANCE_NAME_MAX + 1];
    struct dc_upload_member uploads;
};

struct render {
    const char *dir;
    struct dc_capability_key key;
    struct dc_spent spent;
    struct peer peers[MAX_PEERS];
    struct dc_upload_hub uploads;
    int tcp_fd, unix_fd, signal_fd;
    bool crashed;
};

const struct dc_capability_key rig_key = { .bytes = { 1, 2, 3, 4, 5, 6, 7, 8, 9 } };

static void
become_child(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void
start_worker(int fd)
{
    if (fork() == 0) {
        become_child();
        _exit(rig_worker_run(fcntl(fd, F_DUPFD_CLOEXEC, 3)));
    }
}

static void
accept_tcp(struct render *r)
{
    char ca[128], cert[128], key[128];
    int fd = accept4(r->tcp_fd, NULL, NULL, SOCK_CLOEXEC), pair[2];
    assert(fd >= 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
    snprintf(ca, sizeof(ca), "%s/ca.pem", r->dir);
    snprintf(cert, sizeof(cert), "%s/server.pem", r->dir);
    snprintf(key, sizeof(key), "%s/server.key", r->dir);
    struct dc_tcp_link_config config = { .ca_file = ca, .cert_file = cert, .key_file = key,
                                         .offer_rdma = getenv("DC_TEST_RDMA_ADDRESS") != NULL };
    if (fork() == 0) {
        become_child();
        int parent_high = fcntl((int)syscall(SYS_pidfd_open, getppid(), 0), F_DUPFD, 64);
        int high[2] = { fcntl(fd, F_DUPFD, 64), fcntl(pair[1], F_DUPFD, 64) };
        dup3(high[0], 3, O_CLOEXEC);
        dup3(high[1], 4, O_CLOEXEC);
        config.parent_fd = dup3(parent_high, 5, O_CLOEXEC);
        close_range(6, ~0u, 0);
        _exit(dc_tcp_link_run(3, 4, &config));
    }
    close(fd);
    close(pair[1]);
    for (int i = 0; i < MAX_PEERS; i++) {
        if (r->peers[i].fd)
            continue;
        r->peers[i] = (struct peer){ .fd = pair[0] };
        return;
    }
    abort();
}

static const char *
admit(struct render *r, struct peer *peer, const struct dc_admission *admission, struct dc_admission_answer *answer,
      int *fd)
{
    int pair[2];
    assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    *fd = pair[0];
    if (!admission->is_bulk) {
        start_worker(pair[1]);
        close(pair[1]);
        memcpy(answer->bulk_token, &pair, sizeof(pair)); // any will do here
        answer->bulk_token[15] = (uint8_t)(peer - r->peers);
        memcpy(peer->token, answer->bulk_token, sizeof(peer->token));
        memcpy(peer->instance, admission->instance, sizeof(peer->instance));
        memcpy(peer->tenant, admission->tenant, sizeof(peer->tenant));
        answer->kind = DC_ADMISSION_WORKER;
        return NULL;
    }
    struct peer *first = &r->peers[admission->bulk_token[15] % MAX_PEERS];
    struct dc_admission_answer join = { .kind = DC_ADMISSION_BULK_JOIN };
    bool known = first->fd && memcmp(first->token, admission->bulk_token, sizeof(first->token)) == 0 &&
                 strcmp(first->instance, admission->instance) == 0;
    if (known)
        dc_admission_send_answer(first->fd, &join, pair[1]);
    memset(first->token, 0xff, sizeof(first->token));
    close(pair[1]);
    answer->kind = DC_ADMISSION_BULK_PEER;
    answer->store_budget_bytes = dc_upload_store_link_budget(&r->uploads.store);
    memcpy(peer->tenant, first->tenant, sizeof(peer->tenant));
    return known ? NULL : "the bulk connection belongs to no link";
}

static void
handle_peer(struct render *r, struct peer *peer)
{
    static struct dc_admission_request request;
    if (peer->uploads.hub && dc_upload_hub_read(&peer->uploads))
        return;
    dc_upload_hub_leave(&peer->uploads);
    if (recv(peer->fd, &request, sizeof(request), 0) != (ssize_t)sizeof(request)) {
        close(peer->fd);
        *peer = (struct peer){ 0 };
        return;
    }
    struct dc_admission admission;
    struct dc_admission_answer answer = { 0 };
    int fd = -1;
    const char *reason = dc_admission_check(&r->key, &r->spent, request.admit, request.admit_bytes,
                                            request.common_name, time(NULL), &admission);
    if (!reason)
        reason = admit(r, peer, &admission, &answer, &fd);
    snprintf(answer.instance, sizeof(answer.instance), "%s", admission.instance);
    answer.error = reason ? EACCES : 0;
    snprintf(answer.reason, sizeof(answer.reason), "%s", reason ? reason : "");
    dc_admission_send_answer(peer->fd, &answer, reason ? -1 : fd);
    if (fd >= 0)
        close(fd);
    if (!reason && admission.is_bulk)
        dc_upload_hub_join(&r->uploads, &peer->uploads, peer->fd, peer->tenant);
}

struct local_admit {
    struct render *render;
    const char *reason;
    bool asked;
};

static bool
handle_local_message(void *user, struct dc_channel_message *message)
{
    struct local_admit *l = user;
    struct dc_admission admission;
    l->reason = dc_admission_check(&l->render->key, &l->render->spent, message->payload, message->size_bytes, NULL,
                                   time(NULL), &admission);
    return l->asked = true;
}

static void
accept_local(struct render *r)
{
    static const struct dc_channel_listener listener = { .handle_message = handle_local_message };
    struct local_admit l = { .render = r };
    struct dc_channel *channel = dc_channel_create(accept4(r->unix_fd, NULL, NULL, SOCK_CLOEXEC), &listener, &l);
    struct pollfd p = { .fd = dc_channel_fd(channel), .events = POLLIN };
    while (!l.asked && poll(&p, 1, 2000) == 1 && dc_channel_process(channel, POLLIN) == 0)
        ;
    Dc__Render__Refused refused = DC__RENDER__REFUSED__INIT;
    Dc__Render__Admitted admitted = DC__RENDER__ADMITTED__INIT;
    Dc__Render__FromWorker m = DC__RENDER__FROM_WORKER__INIT;
    uint8_t bytes[256];
    refused.reason = (char *)l.reason;
    m.body_case = l.reason ? DC__RENDER__FROM_WORKER__BODY_REFUSED : DC__RENDER__FROM_WORKER__BODY_ADMITTED;
    m.admitted = &admitted;
    if (l.reason)
        m.refused = &refused;
    if (l.asked)
        dc_channel_send(channel, DC_LINK_CONTROL, 0, bytes, dc__render__from_worker__pack(&m, bytes), NULL, 0);
    int fd = dc_channel_take_fd(channel);
    if (!l.reason && l.asked && fd >= 0)
        start_worker(fd);
    if (fd >= 0)
        close(fd);
}

static void
reap(struct render *r)
{
    struct signalfd_siginfo info;
    ssize_t n = read(r->signal_fd, &info, sizeof(info));
    (void)n;
    int status;
    while (waitpid(-1, &status, WNOHANG) > 0) {
        if (WIFSIGNALED(status)) {
            fprintf(stderr, "a process of the link died of signal %d\n", WTERMSIG(status));
            r->crashed = true;
        }
    }
    if (info.ssi_signo == SIGTERM)
        _exit(r->crashed ? 1 : 0);
}

_Noreturn void
rig_render_run(const char *dir, int tcp_fd, int unix_fd)
{
    static struct render r;
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigaddset(&mask, SIGTERM);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    r = (struct render){ .dir = dir, .key = rig_key, .tcp_fd = tcp_fd, .unix_fd = unix_fd,
                         .signal_fd = signalfd(-1, &mask, SFD_CLOEXEC) };
    dc_spent_init(&r.spent, NULL, time(NULL));
    const struct dc_upload_quotas quotas = { .total_bytes = 64u << 20, .tenant_bytes = 24u << 20 };
    dc_upload_hub_init(&r.uploads, &quotas);
    for (;;) {
        struct pollfd p[3 + MAX_PEERS] = { { .fd = tcp_fd, .events = POLLIN },
                                           { .fd = unix_fd, .events = POLLIN },
                                           { .fd = r.signal_fd, .events = POLLIN } };
        for (int i = 0; i < MAX_PEERS; i++)
            p[3 + i] = (struct pollfd){ .fd = r.peers[i].fd ? r.peers[i].fd : -1, .events = POLLIN };
        poll(p, 3 + MAX_PEERS, -1);
        for (int i = 0; i < MAX_PEERS; i++) {
            if (p[3 + i].revents)
                handle_peer(&r, &r.peers[i]);
        }
        if (p[2].revents)
            reap(&r);
        if (p[0].revents)
            accept_tcp(&r);
        if (p[1].revents)
            accept_local(&r);
    }
}
