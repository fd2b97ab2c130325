#define DC_LOG_COMPONENT "network"
#include "listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <common/log.h>

#include "bound_socket.h"

#define BACKLOG 16

int
dc_listener_open(const char *host, uint16_t port)
{
    int fd = dc_bound_socket_open(host, port, SOCK_STREAM);
    if (fd < 0 || listen(fd, BACKLOG) == 0)
        return fd;
    dc_error("cannot listen on %s port %u: %s", host, port, strerror(errno));
    close(fd);
    return -1;
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
