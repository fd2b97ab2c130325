#include "peer_private.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <protocol/link/channel.h>
#include <render.pb-c.h>

#define DC_LOG_COMPONENT "render"
#include <common/log.h>
#include <common/wire.h>

#define HEADER_BYTES DC_PEER_HEADER_BYTES
#define ADMISSION_TIMEOUT_MS 10000u

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

void
dc_peer_destroy(struct dc_peer *peer)
{
    if (peer->closing)
        return;
    peer->closing = true;
    dc_upload_hub_leave(&peer->uploads);
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

void
dc_peer_log_refused(const struct dc_admission *admission, const char *kind, const char *reason)
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
        dc_peer_log_refused(&admission, "local", reason);
        send_refused(peer->fd, reason);
    }
    dc_peer_destroy(peer);
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
                dc_peer_destroy(peer);
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
            dc_peer_destroy(peer);
            return;
        }
        peer->got_bytes += (size_t)got;
    }
}

static void
handle_readable(uv_poll_t *poll, int status, int events)
{
    struct dc_peer *peer = poll->data;
    if (peer->link_pid)
        dc_peer_read_link(peer);
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
    dc_peer_destroy(peer);
}

void
dc_peer_create(struct dc_server *server, int fd, pid_t link_pid)
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
    dc_peer_create(server, fd, 0);
}

void
dc_peer_destroy_all(struct dc_server *server)
{
    while (server->peers) {
        if (server->peers->link_pid)
            kill(server->peers->link_pid, SIGTERM);
        dc_peer_destroy(server->peers);
    }
}
