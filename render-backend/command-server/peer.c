#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <protocol/link/channel.h>
#include <render.pb-c.h>

#define DC_LOG_COMPONENT "render"
#include <common/log.h>
#include <common/wire.h>
#include "tcp_link.h"
#include "title.h"

#define HEADER_BYTES 8u
#define ADMISSION_TIMEOUT_MS 10000u

struct dc_peer {
    struct dc_peer *next;
    struct dc_server *server;
    uv_poll_t poll;
    uv_timer_t timer;
    int fd;         // local: the supervisor; tcp: the admission socket
    pid_t link_pid; // tcp: the link's process, 0: local
    bool closing;
    unsigned handles_open;
    size_t got_bytes; // local: of header and message
    uint8_t buffer[HEADER_BYTES + DC_ADMISSION_MAX_ADMIT_BYTES];
    uint8_t bulk_token[DC_ADMISSION_TOKEN_BYTES]; // tcp: as given to an admitted first connection
    char instance[DC_INSTANCE_NAME_MAX + 1];      // set once admitted
};

static void
handle_closed(uv_handle_t *handle)
{
    struct dc_peer *peer = handle->data;
    if (--peer->handles_open > 0)
        return;
    if (peer->fd >= 0)
        close(peer->fd);
    free(peer);
}

static void
peer_destroy(struct dc_peer *peer)
{
    if (peer->closing)
        return;
    peer->closing = true;
    for (struct dc_peer **at = &peer->server->peers; *at; at = &(*at)->next) {
        if (*at == peer) {
            *at = peer->next;
            peer->server->peer_count--;
            break;
        }
    }
    uv_close((uv_handle_t *)&peer->poll, handle_closed);
    uv_close((uv_handle_t *)&peer->timer, handle_closed);
}

static void
send_control(int fd, Dc__Render__FromWorker *message)
{
    uint8_t frame[HEADER_BYTES + 512];
    size_t size_bytes = dc__render__from_worker__get_packed_size(message);
    if (size_bytes > sizeof frame - HEADER_BYTES)
        return;
    struct dc_writer w;
    dc_writer_init(&w);
    dc_writer_u32le(&w, (uint32_t)size_bytes);
    dc_writer_u16le(&w, DC_LINK_CONTROL);
    dc_writer_u16le(&w, 0);
    if (!w.failed) {
        memcpy(frame, w.data, HEADER_BYTES);
        dc__render__from_worker__pack(message, frame + HEADER_BYTES);
        // A fresh socket's buffer takes this whole; a peer that filled it learns by the close.
        if (send(fd, frame, HEADER_BYTES + size_bytes, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
            dc_debug("answer to a connection: %s", strerror(errno));
    }
    dc_writer_finish(&w);
}

static void
send_refused(int fd, const char *reason)
{
    Dc__Render__Refused refused = DC__RENDER__REFUSED__INIT;
    Dc__Render__FromWorker message = DC__RENDER__FROM_WORKER__INIT;
    refused.reason = (char *)reason;
    message.body_case = DC__RENDER__FROM_WORKER__BODY_REFUSED;
    message.refused = &refused;
    send_control(fd, &message);
}

static void
log_refused(const struct dc_admission *admission, const char *kind, const char *reason)
{
    dc_warn("%s link of instance %s refused: %s", kind, admission->instance[0] ? admission->instance : "?", reason);
}

static void
handle_local_message(struct dc_peer *peer)
{
    struct dc_admission admission;
    const char *reason =
        dc_admission_check(&peer->server->key, &peer->server->spent, peer->buffer + HEADER_BYTES,
                           peer->got_bytes - HEADER_BYTES, NULL, dc_server_now_s(), &admission);
    if (!reason) {
        Dc__Render__Admitted admitted = DC__RENDER__ADMITTED__INIT;
        Dc__Render__FromWorker message = DC__RENDER__FROM_WORKER__INIT;
        message.body_case = DC__RENDER__FROM_WORKER__BODY_ADMITTED;
        message.admitted = &admitted;
        // Before the worker has the socket, so that its Hello cannot overtake this.
        send_control(peer->fd, &message);
        reason = dc_server_start_worker(peer->server, &admission, peer->fd);
    }
    if (reason) {
        log_refused(&admission, "local", reason);
        send_refused(peer->fd, reason);
    }
    peer_destroy(peer);
}

/* Reads exactly one message and not a byte more: what follows, with its descriptors, is for the worker. */
static void
read_local(struct dc_peer *peer)
{
    size_t want_bytes = HEADER_BYTES;
    for (;;) {
        if (peer->got_bytes >= HEADER_BYTES) {
            struct dc_reader r;
            dc_reader_init(&r, peer->buffer, HEADER_BYTES);
            uint32_t size_bytes = dc_reader_u32le(&r);
            if (size_bytes > DC_ADMISSION_MAX_ADMIT_BYTES || dc_reader_u16le(&r) != DC_LINK_CONTROL) {
                dc_warn("local link refused: the first message is no Admit");
                send_refused(peer->fd, "the first message is no Admit");
                peer_destroy(peer);
                return;
            }
            want_bytes = HEADER_BYTES + size_bytes;
        }
        if (peer->got_bytes >= HEADER_BYTES && peer->got_bytes == want_bytes) {
            handle_local_message(peer);
            return;
        }
        ssize_t got = recv(peer->fd, peer->buffer + peer->got_bytes, want_bytes - peer->got_bytes, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got <= 0) {
            dc_debug("a connection closed before it asked for admission");
            peer_destroy(peer);
            return;
        }
        peer->got_bytes += (size_t)got;
    }
}

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
        answer->kind = DC_ADMISSION_BULK_PEER;
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
    answer->kind = DC_ADMISSION_WORKER;
    *fd = pair[0];
    return NULL;
}

static void
read_link(struct dc_peer *peer)
{
    static struct dc_admission_request request; // single-threaded, and too large to like on a stack
    ssize_t got = recv(peer->fd, &request, sizeof request, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got != (ssize_t)sizeof request || peer->instance[0]) {
        peer_destroy(peer); // the process ended, or asks twice; its own log line said why
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
        log_refused(&admission, admission.is_bulk ? "bulk" : "tcp", reason);
        answer.error = EACCES;
        snprintf(answer.reason, sizeof answer.reason, "%s", reason);
    } else {
        memcpy(peer->instance, admission.instance, sizeof peer->instance);
        uv_timer_stop(&peer->timer);
    }
    dc_admission_send_answer(peer->fd, &answer, fd);
    if (fd >= 0)
        close(fd);
}

static void
handle_readable(uv_poll_t *poll, int status, int events)
{
    struct dc_peer *peer = poll->data;
    if (peer->link_pid)
        read_link(peer);
    else
        read_local(peer);
}

static void
handle_timeout(uv_timer_t *timer)
{
    struct dc_peer *peer = timer->data;
    dc_warn("%s link refused: no Admit within %u s", peer->link_pid ? "tcp" : "local", ADMISSION_TIMEOUT_MS / 1000);
    if (peer->link_pid)
        kill(peer->link_pid, SIGTERM);
    else
        send_refused(peer->fd, "no Admit in time");
    peer_destroy(peer);
}

/* Takes ownership of fd. */
static void
peer_create(struct dc_server *server, int fd, pid_t link_pid)
{
    struct dc_peer *peer = calloc(1, sizeof *peer);
    if (!peer || uv_poll_init(&server->loop, &peer->poll, fd) < 0) {
        close(fd);
        free(peer);
        return;
    }
    uv_timer_init(&server->loop, &peer->timer);
    peer->server = server;
    peer->poll.data = peer->timer.data = peer;
    peer->handles_open = 2;
    peer->fd = fd;
    peer->link_pid = link_pid;
    peer->next = server->peers;
    server->peers = peer;
    server->peer_count++;
    uv_poll_start(&peer->poll, UV_READABLE, handle_readable);
    uv_timer_start(&peer->timer, handle_timeout, ADMISSION_TIMEOUT_MS, 0);
}

void
dc_peer_accept_local(struct dc_server *server, int fd)
{
    peer_create(server, fd, 0);
}

/* In the child: nothing of the server is left open but the two sockets. */
static _Noreturn void
run_link(struct dc_server *server, int tcp_fd, int admission_fd, pid_t main_pid)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGCHLD, SIGPIPE };
    sigset_t none;
    sigemptyset(&none);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        signal(signals[i], signals[i] == SIGPIPE || signals[i] == SIGINT ? SIG_IGN : SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != main_pid)
        _exit(0);
    // Above every descriptor of ours first: dup2 onto 3 and 4 must not hit the other one.
    int tcp_high = fcntl(tcp_fd, F_DUPFD, 64), admission_high = fcntl(admission_fd, F_DUPFD, 64);
    if (tcp_high < 0 || admission_high < 0 || dup3(tcp_high, 3, O_CLOEXEC) < 0 ||
        dup3(admission_high, 4, O_CLOEXEC) < 0 || close_range(5, ~0u, 0) < 0)
        _exit(1);
    // This process is about to read bytes of anybody: it must not hold what signs capabilities.
    OPENSSL_cleanse(&server->key, sizeof server->key);
    dc_title_set("dc-render-link");
    const struct dc_server_config *config = server->config;
    const struct dc_tcp_link_config link = {
        .ca_file = config->tls_ca, .cert_file = config->tls_cert, .key_file = config->tls_key,
    };
    _exit(dc_tcp_link_run(3, 4, &link));
}

void
dc_peer_accept_tcp(struct dc_server *server, int fd)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        dc_error("tcp link: %s", strerror(errno));
        close(fd);
        return;
    }
    pid_t main_pid = getpid(), pid = fork();
    if (pid == 0)
        run_link(server, fd, pair[1], main_pid);
    close(fd);
    close(pair[1]);
    if (pid < 0) {
        dc_error("tcp link: %s", strerror(errno));
        close(pair[0]);
        return;
    }
    peer_create(server, pair[0], pid);
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
        peer_destroy(peer);
        return true;
    }
    return false;
}

void
dc_peer_destroy_all(struct dc_server *server)
{
    while (server->peers) {
        if (server->peers->link_pid)
            kill(server->peers->link_pid, SIGTERM);
        peer_destroy(server->peers);
    }
}
