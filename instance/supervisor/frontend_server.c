#include "frontend_server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "instance"
#include <common/log.h>
#include <instance/link/link.h>

#include "frontend_client.h"

static void
handle_listen(uv_poll_t *poll, int status, int events)
{
    struct dc_frontend_server *server = poll->data;
    int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0)
        dc_frontend_client_create(server, fd);
    else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        dc_warn("a process cannot be let in: %s", strerror(errno));
}

bool
dc_frontend_server_init(struct dc_frontend_server *server, uv_loop_t *loop, const char *path, uint32_t gl_error_mode,
                        uint32_t recover_mib)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    *server = (struct dc_frontend_server){
        .loop = loop, .profile_fd = -1, .gl_error_mode = gl_error_mode, .next_ring_id = DC_FRONTEND_FIRST_RING_ID,
        .epoch = 1, .recover_mib = recover_mib,
    };
    snprintf(server->path, sizeof(server->path), "%s", path);
    memcpy(address.sun_path, server->path, sizeof(address.sun_path));
    server->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->listen_fd < 0 || bind(server->listen_fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(server->listen_fd, 16) < 0) {
        dc_error("%s: %s", path, strerror(errno));
        if (server->listen_fd >= 0)
            close(server->listen_fd);
        server->path[0] = '\0';
        return false;
    }
    uv_poll_init(loop, &server->poll, server->listen_fd);
    server->poll.data = server;
    uv_poll_start(&server->poll, UV_READABLE, handle_listen);
    return true;
}

void
dc_frontend_server_finish(struct dc_frontend_server *server)
{
    if (!server->path[0])
        return;
    while (server->clients)
        dc_frontend_client_destroy(server->clients);
    uv_poll_stop(&server->poll);
    uv_close((uv_handle_t *)&server->poll, NULL);
    close(server->listen_fd);
    unlink(server->path);
    server->path[0] = '\0';
    if (server->profile_fd >= 0)
        close(server->profile_fd);
    server->profile_fd = -1;
}

static int
create_profile_file(const void *profile, size_t profile_bytes)
{
    int fd = memfd_create("droidcloud-profile", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -1;
    // One file for all processes, so none of them may change it.
    if (write(fd, profile, profile_bytes) == (ssize_t)profile_bytes &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
        return fd;
    close(fd);
    return -1;
}

static void
welcome_waiting(struct dc_frontend_server *server)
{
    struct dc_frontend_client *client, *next;
    for (client = server->clients; client; client = next) {
        next = client->next;
        dc_frontend_client_try_welcome(client);
    }
}

bool
dc_frontend_server_set_profile(struct dc_frontend_server *server, struct dc_link *link, const void *profile,
                               size_t profile_bytes)
{
    if (server->profile_fd >= 0)
        close(server->profile_fd);
    server->profile_fd = create_profile_file(profile, profile_bytes);
    if (server->profile_fd < 0) {
        dc_error("profile file: %s", strerror(errno));
        return false;
    }
    server->profile_bytes = (uint32_t)profile_bytes;
    server->link = link;
    welcome_waiting(server);
    return true;
}

uint32_t
dc_frontend_server_pause(struct dc_frontend_server *server)
{
    uint32_t able = 0;
    server->link = NULL;
    for (struct dc_frontend_client *client = server->clients; client; client = client->next) {
        if (!client->has_ring)
            continue;
        // The link has paused it, unless the worker said that its commands are at fault.
        dc_ring_lose(&client->ring, true);
        client->attached = false;
        if (dc_ring_get_state(&client->ring) == DC_RING_PAUSED)
            able++;
        else
            dc_error("%s: its commands ended the worker; its contexts are lost", client->process);
    }
    return able;
}

static bool
is_same_profile(const struct dc_frontend_server *server, const void *profile, size_t profile_bytes)
{
    if (profile_bytes != server->profile_bytes)
        return false;
    void *first = mmap(NULL, profile_bytes, PROT_READ, MAP_PRIVATE, server->profile_fd, 0);
    bool same = first != MAP_FAILED && memcmp(first, profile, profile_bytes) == 0;
    if (first != MAP_FAILED)
        munmap(first, profile_bytes);
    return same;
}

bool
dc_frontend_server_resume(struct dc_frontend_server *server, struct dc_link *link, const void *profile,
                          size_t profile_bytes)
{
    if (!is_same_profile(server, profile, profile_bytes))
        return false;
    server->link = link;
    server->epoch++;
    for (struct dc_frontend_client *client = server->clients; client; client = client->next) {
        if (client->has_ring && dc_ring_get_state(&client->ring) == DC_RING_PAUSED)
            dc_ring_set_epoch(&client->ring, server->epoch);
    }
    welcome_waiting(server);
    return true;
}

bool
dc_frontend_server_is_attached(const struct dc_frontend_server *server, uint32_t ring_id)
{
    for (const struct dc_frontend_client *client = server->clients; client; client = client->next) {
        if (client->has_ring && client->ring_id == ring_id)
            return client->attached || dc_ring_get_state(&client->ring) == DC_RING_LOST;
    }
    return true; // nobody's: nothing to wait for
}

void
dc_frontend_server_lose_link(struct dc_frontend_server *server)
{
    server->lost = true;
    for (struct dc_frontend_client *client = server->clients; client; client = client->next) {
        if (client->has_ring)
            dc_ring_set_state(&client->ring, DC_RING_LOST);
    }
}

bool
dc_frontend_server_owns(const struct dc_frontend_server *server, uint32_t ring_id, pid_t pid)
{
    for (const struct dc_frontend_client *client = server->clients; client; client = client->next) {
        if (client->has_ring && client->ring_id == ring_id)
            return client->pid == pid;
    }
    return false;
}

void
dc_frontend_server_set_input(struct dc_frontend_server *server, pid_t pid, uint64_t input_id)
{
    for (struct dc_frontend_client *client = server->clients; client; client = client->next) {
        if (client->has_ring && client->pid == pid)
            __atomic_store_n(&client->ring.shared->input_id, input_id, __ATOMIC_RELEASE);
    }
}

void
dc_frontend_server_set_paced(struct dc_frontend_server *server, pid_t pid, bool paced)
{
    for (struct dc_frontend_client *client = server->clients; client; client = client->next) {
        if (client->has_ring && client->pid == pid)
            __atomic_store_n(&client->ring.shared->app_paced, paced, __ATOMIC_RELAXED);
    }
}

void
dc_frontend_server_get_counters(const struct dc_frontend_server *server, struct dc_frontend_counters *counters)
{
    *counters = server->ended;
    counters->processes = 0;
    for (const struct dc_frontend_client *client = server->clients; client; client = client->next) {
        dc_frontend_client_add_counters(client, counters);
        counters->processes += client->has_ring;
    }
}
