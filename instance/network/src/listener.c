#define DC_LOG_COMPONENT "network"
#include "listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <common/log.h>

static int
open_address(const struct addrinfo *address)
{
    int one = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)); // a restart must not wait for TIME_WAIT
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, 16) == 0)
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

int
dc_listener_open(const char *host, uint16_t port)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
    struct addrinfo *addresses = NULL;
    char service[8];
    int fd = -EADDRNOTAVAIL;
    snprintf(service, sizeof(service), "%u", port);
    int error = getaddrinfo(host, service, &hints, &addresses);
    if (error) {
        dc_error("cannot listen on %s: %s", host, gai_strerror(error));
        return -1;
    }
    for (const struct addrinfo *a = addresses; a && fd < 0; a = a->ai_next)
        fd = open_address(a);
    freeaddrinfo(addresses);
    if (fd < 0) {
        dc_error("cannot listen on %s port %u: %s", host, port, strerror(-fd));
        return -1;
    }
    return fd;
}

uint16_t
dc_listener_port(int fd)
{
    struct sockaddr_storage address = { 0 };
    socklen_t length = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        return 0;
    if (address.ss_family == AF_INET)
        return ntohs(((struct sockaddr_in *)&address)->sin_port);
    return address.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&address)->sin6_port) : 0;
}
