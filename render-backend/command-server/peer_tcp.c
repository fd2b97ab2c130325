/* The main process's end of TCP links: forks a process for each connection and answers what it asks. */
#include "peer_private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#define DC_LOG_COMPONENT "render"
#include <common/log.h>
#include "namespaces.h"
#include "tcp_link.h"
#include "title.h"

/* A second (bulk) connection of an admitted link: joins the two processes with a socket pair. */
static const char *
join_bulk(struct dc_peer *peer, const struct dc_admission *admission, struct dc_admission_answer *answer, int *fd)
{
    for (struct dc_peer *first = peer->server->peers; first; first = first->next) {
        if (!first->link_pid || strcmp(first->instance, admission->instance) != 0 ||
            memcmp(first->bulk_token, admission->bulk_token, sizeof first->bulk_token) != 0)
            continue;
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
            return "the server is out of descriptors";
        struct dc_admission_answer join = { .kind = DC_ADMISSION_BULK_JOIN };
        bool sent = dc_admission_send_answer(first->fd, &join, pair[0]);
        close(pair[0]);
        if (!sent) {
            close(pair[1]);
            break;
        }
        memset(first->bulk_token, 0, sizeof first->bulk_token);
        RAND_bytes(first->bulk_token, sizeof first->bulk_token); // single use
        memcpy(peer->tenant, first->tenant, sizeof peer->tenant); // of the capability that the first connection showed
        answer->kind = DC_ADMISSION_BULK_PEER;
        answer->store_budget_bytes = dc_upload_store_link_budget(&peer->server->uploads.store);
        *fd = pair[1];
        return NULL;
    }
    return "the bulk connection belongs to no link";
}

static const char *
admit_link(struct dc_peer *peer, const struct dc_admission *admission, struct dc_admission_answer *answer, int *fd)
{
    int pair[2];
    if (RAND_bytes(answer->bulk_token, sizeof answer->bulk_token) != 1 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
        return "the server is out of descriptors";
    const char *reason = dc_server_start_worker(peer->server, admission, pair[1]);
    close(pair[1]);
    if (reason) {
        close(pair[0]);
        return reason;
    }
    memcpy(peer->bulk_token, answer->bulk_token, sizeof peer->bulk_token);
    memcpy(peer->tenant, admission->tenant, sizeof peer->tenant);
    answer->kind = DC_ADMISSION_WORKER;
    *fd = pair[0];
    return NULL;
}

void
dc_peer_read_link(struct dc_peer *peer)
{
    static struct dc_admission_request request; // single-threaded, and too large to like on a stack
    if (peer->uploads.hub) {
        if (!dc_upload_hub_read(&peer->uploads))
            dc_peer_destroy(peer);
        return;
    }
    ssize_t got = recv(peer->fd, &request, sizeof request, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got != (ssize_t)sizeof request || peer->instance[0]) {
        dc_peer_destroy(peer); // the process ended, or asks twice; its own log line said why
        return;
    }
    request.common_name[sizeof request.common_name - 1] = '\0';
    struct dc_admission admission;
    struct dc_admission_answer answer = { 0 };
    int fd = -1;
    const char *reason = dc_admission_check(&peer->server->key, &peer->server->spent, request.admit,
                                            request.admit_bytes, request.common_name, dc_server_now_s(), &admission);
    memcpy(answer.instance, admission.instance, sizeof answer.instance);
    if (!reason && admission.is_bulk)
        reason = join_bulk(peer, &admission, &answer, &fd);
    else if (!reason)
        reason = admit_link(peer, &admission, &answer, &fd);
    if (reason) {
        dc_peer_log_refused(&admission, admission.is_bulk ? "bulk" : "tcp", reason);
        answer.error = EACCES;
        snprintf(answer.reason, sizeof answer.reason, "%s", reason);
    } else {
        memcpy(peer->instance, admission.instance, sizeof peer->instance);
        uv_timer_stop(&peer->timer);
    }
    dc_admission_send_answer(peer->fd, &answer, fd);
    if (fd >= 0)
        close(fd);
    if (!reason && admission.is_bulk)
        dc_upload_hub_join(&peer->server->uploads, &peer->uploads, peer->fd, peer->tenant);
}

/* In the child: nothing of the server is left open but the two sockets. */
static _Noreturn void
run_link(struct dc_server *server, int tcp_fd, bool offer_rdma, int admission_fd, int parent_fd)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGCHLD, SIGPIPE };
    sigset_t none;
    sigemptyset(&none);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        signal(signals[i], signals[i] == SIGPIPE || signals[i] == SIGINT ? SIG_IGN : SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    // Above every descriptor of ours first: dup2 onto 3, 4 and 5 must not hit another of them.
    int high[3] = { fcntl(tcp_fd, F_DUPFD, 64), fcntl(admission_fd, F_DUPFD, 64), fcntl(parent_fd, F_DUPFD, 64) };
    for (int i = 0; i < 3; i++) {
        if (high[i] < 0 || dup3(high[i], 3 + i, O_CLOEXEC) < 0)
            _exit(1);
    }
    if (close_range(6, ~0u, 0) < 0)
        _exit(1);
    // This process is about to read bytes of anybody: it must not hold what signs capabilities.
    OPENSSL_cleanse(&server->key, sizeof server->key);
    dc_title_set("dc-render-link");
    const struct dc_server_config *config = server->config;
    const struct dc_tcp_link_config link = {
        .ca_file = config->tls_ca, .cert_file = config->tls_cert, .key_file = config->tls_key, .parent_fd = 5,
        .offer_rdma = offer_rdma,
    };
    _exit(dc_tcp_link_run(3, 4, &link));
}

void
dc_peer_accept_tcp(struct dc_server *server, int fd, bool offer_rdma)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        dc_error("tcp link: %s", strerror(errno));
        close(fd);
        return;
    }
    int parent_fd;
    pid_t pid = dc_namespaces_fork(&parent_fd);
    if (pid == 0)
        run_link(server, fd, offer_rdma, pair[1], parent_fd);
    close(fd);
    close(pair[1]);
    if (pid < 0) {
        dc_error("tcp link: %s", strerror(errno));
        close(pair[0]);
        return;
    }
    dc_peer_create(server, pair[0], pid);
}

bool
dc_peer_handle_exit(struct dc_server *server, pid_t pid, int status)
{
    for (struct dc_peer *peer = server->peers; peer; peer = peer->next) {
        if (peer->link_pid != pid)
            continue;
        if (WIFSIGNALED(status))
            dc_error("instance %s: link process %d died of signal %d", peer->instance[0] ? peer->instance : "?",
                     (int)pid, WTERMSIG(status));
        if (peer->uploads.hub)
            dc_upload_hub_read(&peer->uploads); // its last words
        dc_peer_destroy(peer);
        return true;
    }
    return false;
}
