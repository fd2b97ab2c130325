#include "server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "render"
#include <common/log.h>
#include "listener.h"
#include "peer.h"

int64_t
dc_server_now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

static struct dc_running *
find_running(struct dc_server *server, const char *instance)
{
    for (struct dc_running *r = server->running; r; r = r->next) {
        if (strcmp(r->instance, instance) == 0)
            return r;
    }
    return NULL;
}

static void
forget_running(struct dc_server *server, struct dc_running *gone)
{
    for (struct dc_running **at = &server->running; *at; at = &(*at)->next) {
        if (*at != gone)
            continue;
        *at = gone->next;
        server->running_count--;
        free(gone);
        return;
    }
}

static void
kill_worker(struct dc_server *server, pid_t pid)
{
    struct dc_zygote_request request = { .kill = true, .pid = pid };
    if (!dc_zygote_send(&server->zygote, &request, -1))
        dc_error("zygote: %s", strerror(errno));
}

const char *
dc_server_start_worker(struct dc_server *server, const struct dc_admission *admission, int fd)
{
    struct dc_running *old = find_running(server, admission->instance);
    if (old) {
        // A supervisor that lost its link without a word comes back with a new capability: the newest link wins.
        dc_warn("instance %s: a new link replaces worker %d", admission->instance, (int)old->pid);
        if (old->pid > 0)
            kill_worker(server, old->pid);
        forget_running(server, old);
    }
    if (server->running_count >= server->config->max_instances)
        return "the server is full";
    struct dc_zygote_request request = { .quotas = admission->quotas };
    memcpy(request.instance, admission->instance, sizeof request.instance);
    memcpy(request.tenant, admission->tenant, sizeof request.tenant);
    if (server->config->gpu)
        snprintf(request.gpu, sizeof request.gpu, "%s", server->config->gpu);
    struct dc_running *running = calloc(1, sizeof *running);
    if (!running || !dc_zygote_send(&server->zygote, &request, fd)) {
        free(running);
        return "the server cannot start a worker";
    }
    memcpy(running->instance, admission->instance, sizeof running->instance);
    running->next = server->running;
    server->running = running;
    server->running_count++;
    return NULL;
}

static void
handle_ended(struct dc_server *server, const struct dc_zygote_report *report)
{
    if (WIFSIGNALED(report->status))
        dc_error("instance %s: worker %d died of signal %d (%s)", report->instance, (int)report->pid,
                 WTERMSIG(report->status), strsignal(WTERMSIG(report->status)));
    else
        dc_info("instance %s: worker %d ended with status %d", report->instance, (int)report->pid,
                WEXITSTATUS(report->status));
    for (struct dc_running *r = server->running; r; r = r->next) {
        if (r->pid == report->pid) {
            forget_running(server, r);
            return;
        }
    }
}

static void
handle_zygote(uv_poll_t *poll, int status, int events)
{
    struct dc_server *server = poll->data;
    struct dc_zygote_report report;
    int got;
    while ((got = dc_zygote_receive(&server->zygote, &report)) > 0) {
        report.instance[sizeof report.instance - 1] = '\0';
        if (report.ended) {
            handle_ended(server, &report);
            continue;
        }
        struct dc_running *running = find_running(server, report.instance);
        if (report.pid > 0)
            dc_info("instance %s: worker %d", report.instance, (int)report.pid);
        if (running && report.pid > 0) {
            if (running->pid > 0) // replaced before it was reported: reports come in order, the last is the newest
                kill_worker(server, running->pid);
            running->pid = report.pid;
        }
        if (running && report.pid <= 0)
            forget_running(server, running);
    }
    if (got < 0) {
        dc_error("the zygote died, and every worker with it");
        server->exit_status = 1;
        uv_stop(&server->loop);
    }
}

static void
handle_connection(uv_poll_t *poll, int status, int events)
{
    struct dc_listener *listener = poll->data;
    for (;;) {
        int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return;
        if (listener->server->peer_count >= DC_SERVER_MAX_PEERS) {
            dc_warn("too many connections wait for admission: one more was closed");
            close(fd);
        } else if (listener->is_tcp) {
            dc_peer_accept_tcp(listener->server, fd, listener->offer_rdma);
        } else {
            dc_peer_accept_local(listener->server, fd);
        }
    }
}

static void
handle_signal(uv_signal_t *handle, int signum)
{
    struct dc_server *server = handle->data;
    if (signum != SIGCHLD) {
        dc_info("signal %d: ending", signum);
        uv_stop(&server->loop);
        return;
    }
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid == server->zygote.pid) {
            server->zygote.pid = 0; // its socket reports the rest
        } else {
            dc_peer_handle_exit(server, pid, status);
        }
    }
}

static bool
start_polls(struct dc_server *server)
{
    static const int signals[3] = { SIGINT, SIGTERM, SIGCHLD };
    for (size_t i = 0; i < 3; i++) {
        server->signals[i].data = server;
        if (uv_signal_init(&server->loop, &server->signals[i]) < 0 ||
            uv_signal_start(&server->signals[i], handle_signal, signals[i]) < 0)
            return false;
    }
    server->zygote_poll.data = server;
    if (uv_poll_init(&server->loop, &server->zygote_poll, server->zygote.fd) < 0 ||
        uv_poll_start(&server->zygote_poll, UV_READABLE, handle_zygote) < 0)
        return false;
    for (size_t i = 0; i < server->config->listen_count; i++) {
        struct dc_listener *listener = &server->listeners[server->listener_count++];
        listener->server = server;
        listener->poll.data = listener;
        if (!dc_listener_open(listener, server->config->listen[i]))
            return false;
        if (listener->is_tcp && (!server->config->tls_ca || !server->config->tls_cert || !server->config->tls_key)) {
            dc_error("listen on %s: needs --tls-ca, --tls-cert and --tls-key", server->config->listen[i]);
            return false;
        }
        if (uv_poll_init(&server->loop, &listener->poll, listener->fd) < 0 ||
            uv_poll_start(&listener->poll, UV_READABLE, handle_connection) < 0)
            return false;
    }
    return true;
}

int
dc_server_run(const struct dc_server_config *config)
{
    struct dc_server *server = calloc(1, sizeof *server);
    char journal[4096];
    if (!server)
        return 1;
    *server = (struct dc_server){ .config = config, .zygote.fd = -1, .spent.journal_fd = -1, .exit_status = 1 };
    dc_upload_hub_init(&server->uploads, &config->uploads);
    // First of all: the zygote must not inherit the key, a listener or the loop.
    if (!dc_zygote_start(&server->zygote, &config->workers))
        goto done;
    if (!dc_capability_key_load(&server->key, config->key_file))
        goto done;
    snprintf(journal, sizeof journal, "%s.spent", config->key_file);
    dc_spent_init(&server->spent, journal, dc_server_now_s());
    if (uv_loop_init(&server->loop) < 0)
        goto done;
    if (start_polls(server)) {
        server->exit_status = 0;
        uv_run(&server->loop, UV_RUN_DEFAULT);
    }
    dc_peer_destroy_all(server);
    for (size_t i = 0; i < server->listener_count; i++)
        dc_listener_close(&server->listeners[i]);
done:
    while (server->running)
        forget_running(server, server->running);
    dc_zygote_stop(&server->zygote);
    dc_upload_hub_finish(&server->uploads);
    dc_spent_finish(&server->spent);
    int exit_status = server->exit_status;
    // The loop's handles live in *server; the process ends now, so neither is torn down piece by piece.
    return exit_status;
}
