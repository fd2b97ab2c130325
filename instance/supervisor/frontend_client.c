#include "frontend_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "instance"
#include <common/log.h>
#include <instance/link/link.h>

static const struct dc_ring_geometry geometry = { DC_RING_CMD_BYTES, DC_RING_BULK_BYTES, DC_RING_REPLY_BYTES };

static bool
send_welcome(struct dc_frontend_client *client, const struct dc_frontend_welcome *welcome, const int fds[3])
{
    struct iovec data = { .iov_base = (void *)welcome, .iov_len = sizeof(*welcome) };
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(3 * sizeof(int))];
    } control = { 0 };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };
    if (fds) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof(control.bytes);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(3 * sizeof(int));
        memcpy(CMSG_DATA(header), fds, 3 * sizeof(int));
    }
    // An empty socket buffer always takes so few bytes at once.
    return sendmsg(client->fd, &message, MSG_NOSIGNAL) == (ssize_t)sizeof(*welcome);
}

static void
refuse(struct dc_frontend_client *client, int error, const char *reason)
{
    struct dc_frontend_welcome welcome = { .magic = DC_FRONTEND_MAGIC, .version = DC_FRONTEND_VERSION,
                                           .error = (uint32_t)error };
    snprintf(welcome.reason, sizeof(welcome.reason), "%s", reason);
    dc_warn("%s is refused: %s", client->process, reason);
    send_welcome(client, &welcome, NULL);
    dc_frontend_client_destroy(client);
}

static bool
attach_ring(struct dc_frontend_client *client)
{
    struct dc_frontend_server *server = client->server;
    int error = dc_ring_create(&client->ring, &geometry);
    if (!error) {
        client->ring_id = server->next_ring_id++;
        error = dc_link_attach_ring(server->link, client->ring_id, &client->ring, client->process);
        if (error)
            dc_ring_finish(&client->ring);
        else
            __atomic_store_n(&client->ring.shared->epoch, server->epoch, __ATOMIC_RELEASE);
    }
    if (error)
        dc_error("%s: ring: %s", client->process, strerror(-error));
    client->has_ring = client->attached = error == 0;
    return client->has_ring;
}

void
dc_frontend_client_try_welcome(struct dc_frontend_client *client)
{
    struct dc_frontend_server *server = client->server;
    if (client->has_ring || client->hello_bytes < sizeof(client->hello) || server->profile_fd < 0)
        return;
    if (server->lost) {
        refuse(client, EPIPE, "the render server is gone");
        return;
    }
    if (!server->link)
        return; // until another worker is there
    if (!attach_ring(client)) {
        refuse(client, ENOMEM, "no ring can be made");
        return;
    }
    struct dc_frontend_welcome welcome = {
        .magic = DC_FRONTEND_MAGIC,
        .version = DC_FRONTEND_VERSION,
        .ring_id = client->ring_id,
        .profile_bytes = server->profile_bytes,
        .gl_error_mode = server->gl_error_mode,
        .recover_mib = server->recover_mib,
    };
    int fds[3] = { client->ring.memfd, client->ring.cmd_eventfd, server->profile_fd };
    if (!send_welcome(client, &welcome, fds)) {
        dc_frontend_client_destroy(client);
        return;
    }
    dc_info("%s has ring %u", client->process, client->ring_id);
}

/* false: the client was destroyed. */
static bool
read_hello(struct dc_frontend_client *client)
{
    ssize_t got = read(client->fd, client->hello + client->hello_bytes, sizeof(client->hello) - client->hello_bytes);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (got <= 0) {
        dc_frontend_client_destroy(client);
        return false;
    }
    client->hello_bytes += (size_t)got;
    if (client->hello_bytes < sizeof(client->hello))
        return true;
    struct dc_frontend_hello hello;
    memcpy(&hello, client->hello, sizeof(hello));
    if (hello.magic != DC_FRONTEND_MAGIC || hello.version != DC_FRONTEND_VERSION) {
        refuse(client, EPROTO, "libEGL_droidcloud.so and dc-instance are of different versions");
        return false;
    }
    return true;
}

/* The process has emptied its ring and fills it anew: the worker may have it. false: not to be believed. */
static bool
handle_restarted(struct dc_frontend_client *client)
{
    struct dc_frontend_server *server = client->server;
    struct dc_frontend_restarted message;
    memcpy(&message, client->restarted, sizeof(message));
    client->restarted_bytes = 0;
    if (message.magic != DC_FRONTEND_RESTARTED_MAGIC || !client->has_ring || client->attached ||
        message.epoch > server->epoch)
        return false;
    if (message.epoch < server->epoch || !server->link)
        return true; // that worker is gone as well
    int error = dc_link_attach_ring(server->link, client->ring_id, &client->ring, client->process);
    if (error) {
        dc_error("%s: ring: %s", client->process, strerror(-error));
        dc_ring_set_state(&client->ring, DC_RING_LOST);
    }
    client->attached = error == 0;
    dc_info("%s goes on with worker %u", client->process, server->epoch);
    if (server->handle_attached)
        server->handle_attached(server->user);
    return true;
}

static void
handle_readable(uv_poll_t *poll, int status, int events)
{
    struct dc_frontend_client *client = poll->data;
    if (client->hello_bytes < sizeof(client->hello)) {
        if (read_hello(client))
            dc_frontend_client_try_welcome(client);
        return;
    }
    ssize_t got = read(client->fd, client->restarted + client->restarted_bytes,
                       sizeof(client->restarted) - client->restarted_bytes);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    client->restarted_bytes += got > 0 ? (size_t)got : 0;
    if (got > 0 && client->restarted_bytes < sizeof(client->restarted) && client->server->epoch > 1)
        return;
    if (got > 0 && client->restarted_bytes == sizeof(client->restarted) && handle_restarted(client))
        return;
    if (got > 0)
        dc_warn("%s speaks out of turn: its ring is closed", client->process);
    dc_frontend_client_destroy(client);
}

static void
identify(struct dc_frontend_client *client)
{
    struct ucred peer = { 0 };
    socklen_t length = sizeof(peer);
    char path[48], name[20] = "process";
    getsockopt(client->fd, SOL_SOCKET, SO_PEERCRED, &peer, &length);
    client->pid = peer.pid;
    snprintf(path, sizeof(path), "/proc/%d/comm", (int)peer.pid);
    FILE *file = fopen(path, "re");
    if (file) {
        if (fgets(name, sizeof(name), file))
            name[strcspn(name, "\n")] = '\0';
        fclose(file);
    }
    for (char *at = name; *at; at++)
        *at = *at >= ' ' && *at <= '~' ? *at : '?'; // it goes into logs
    snprintf(client->process, sizeof(client->process), "%s[%d]", name, (int)client->pid);
}

void
dc_frontend_client_create(struct dc_frontend_server *server, int fd)
{
    struct dc_frontend_client *client = calloc(1, sizeof(*client));
    if (!client || uv_poll_init(server->loop, &client->poll, fd) != 0) {
        free(client);
        close(fd);
        return;
    }
    client->server = server;
    client->fd = fd;
    client->poll.data = client;
    client->next = server->clients;
    server->clients = client;
    server->client_count++;
    identify(client);
    if (server->client_count > DC_FRONTEND_MAX_PROCESSES)
        refuse(client, EUSERS, "too many processes in this instance");
    else
        uv_poll_start(&client->poll, UV_READABLE, handle_readable);
}

static void
free_client(uv_handle_t *handle)
{
    free(handle->data);
}

void
dc_frontend_client_destroy(struct dc_frontend_client *client)
{
    struct dc_frontend_server *server = client->server;
    struct dc_frontend_client **at = &server->clients;
    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
    server->client_count--;
    dc_frontend_client_add_counters(client, &server->ended);
    if (client->has_ring) {
        dc_debug("%s is gone: ring %u is closed", client->process, client->ring_id);
        if (server->link && client->attached)
            dc_link_detach_ring(server->link, client->ring_id);
        dc_ring_finish(&client->ring);
        client->has_ring = false;
    }
    uv_poll_stop(&client->poll);
    close(client->fd);
    uv_close((uv_handle_t *)&client->poll, free_client);
}

void
dc_frontend_client_add_counters(const struct dc_frontend_client *client, struct dc_frontend_counters *counters)
{
    if (!client->has_ring)
        return;
    const struct dc_ring_shared *shared = client->ring.shared;
    counters->round_trips += __atomic_load_n(&shared->round_trips, __ATOMIC_RELAXED);
    counters->app_waits += __atomic_load_n(&shared->app_waits, __ATOMIC_RELAXED);
    counters->frames += __atomic_load_n(&shared->frames, __ATOMIC_RELAXED);
    counters->commands += __atomic_load_n(&shared->commands, __ATOMIC_RELAXED);
}
