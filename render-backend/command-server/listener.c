#include "listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "render"
#include <common/log.h>

static bool
remove_stale(const struct sockaddr_un *address)
{
    struct stat st;
    if (lstat(address->sun_path, &st) < 0)
        return errno == ENOENT;
    if (!S_ISSOCK(st.st_mode)) {
        errno = EEXIST;
        return false;
    }
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool alive = probe >= 0 && connect(probe, (const struct sockaddr *)address, sizeof *address) == 0;
    if (probe >= 0)
        close(probe);
    if (alive) {
        errno = EADDRINUSE;
        return false;
    }
    return unlink(address->sun_path) == 0;
}

static bool
open_unix(struct dc_listener *listener, const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    strcpy(address.sun_path, path);
    if (!remove_stale(&address))
        return false;
    listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener->fd < 0 || bind(listener->fd, (struct sockaddr *)&address, sizeof address) < 0)
        return false;
    strcpy(listener->unix_path, path);
    return listen(listener->fd, 64) == 0;
}

static bool
bind_tcp(struct dc_listener *listener, const struct addrinfo *info)
{
    int on = 1;
    listener->fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener->fd < 0)
        return false;
    setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener->fd, info->ai_addr, info->ai_addrlen) == 0 && listen(listener->fd, 64) == 0)
        return true;
    int error = errno;
    close(listener->fd);
    listener->fd = -1;
    errno = error;
    return false;
}

static bool
open_tcp(struct dc_listener *listener, const char *host_port)
{
    char host[256];
    const char *colon = strrchr(host_port, ':');
    if (!colon || (size_t)(colon - host_port) >= sizeof host) {
        errno = EINVAL;
        return false;
    }
    snprintf(host, sizeof host, "%.*s", (int)(colon - host_port), host_port);
    char *name = host;
    if (name[0] == '[' && name[strlen(name) - 1] == ']') { // [::1]:PORT
        name[strlen(name) - 1] = '\0';
        name++;
    }
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *found = NULL;
    if (getaddrinfo(name[0] ? name : NULL, colon + 1, &hints, &found) != 0) {
        errno = EADDRNOTAVAIL;
        return false;
    }
    bool ok = false;
    for (const struct addrinfo *info = found; info && !ok; info = info->ai_next)
        ok = bind_tcp(listener, info);
    int error = errno;
    freeaddrinfo(found);
    errno = error;
    listener->is_tcp = true;
    return ok;
}

static void
announce(const struct dc_listener *listener, const char *address)
{
    struct sockaddr_storage bound;
    socklen_t length = sizeof bound;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    // With port 0 the kernel has chosen one.
    if (listener->is_tcp && getsockname(listener->fd, (struct sockaddr *)&bound, &length) == 0 &&
        getnameinfo((struct sockaddr *)&bound, length, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        dc_info("listening on %s:%s:%s", listener->offer_rdma ? "rdma" : "tcp", host, port);
    else
        dc_info("listening on %s", address);
}

bool
dc_listener_open(struct dc_listener *listener, const char *address)
{
    bool ok;
    listener->fd = -1;
    if (strncmp(address, "unix:", 5) == 0) {
        ok = open_unix(listener, address + 5);
    } else if (strncmp(address, "tcp:", 4) == 0) {
        ok = open_tcp(listener, address + 4);
    } else if (strncmp(address, "rdma:", 5) == 0) {
        ok = open_tcp(listener, address + 5);
        listener->offer_rdma = true;
    } else {
        dc_error("listen address %s: not unix:PATH, tcp:HOST:PORT or rdma:HOST:PORT", address);
        return false;
    }
    if (!ok)
        dc_error("listen on %s: %s", address, strerror(errno));
    else
        announce(listener, address);
    return ok;
}

void
dc_listener_close(struct dc_listener *listener)
{
    if (listener->unix_path[0])
        unlink(listener->unix_path);
    if (listener->fd >= 0)
        close(listener->fd);
    listener->fd = -1;
    listener->unix_path[0] = '\0';
}
