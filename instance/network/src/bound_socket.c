#define DC_LOG_COMPONENT "network"
#include "bound_socket.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <common/log.h>

static int
open_address(const struct addrinfo *address)
{
    int one = 1;
    int fd = socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (address->ai_socktype == SOCK_STREAM) // a restart must not wait for TIME_WAIT
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0)
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

int
dc_bound_socket_open(const char *host, uint16_t port, int type)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = type, .ai_flags = AI_PASSIVE };
    struct addrinfo *addresses = NULL;
    const char *protocol = type == SOCK_DGRAM ? "UDP" : "TCP";
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
    if (fd >= 0)
        return fd;
    dc_error("cannot listen on %s %s port %u: %s", host, protocol, port, strerror(-fd));
    return -1;
}
