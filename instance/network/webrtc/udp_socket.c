#define DC_LOG_COMPONENT "network"
#include "udp_socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <common/log.h>

#define SEND_BUFFER_BYTES (1 << 20) // a key frame at once
#define RECEIVE_BUFFER_BYTES (1 << 19)

static int
open_address(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int send_bytes = SEND_BUFFER_BYTES, receive_bytes = RECEIVE_BUFFER_BYTES;
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof(send_bytes)); // as much as the system gives
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof(receive_bytes));
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0)
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

int
dc_udp_open(const char *host, uint16_t port)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_flags = AI_PASSIVE };
    struct addrinfo *addresses = NULL;
    char service[8];
    int fd = -EADDRNOTAVAIL;
    snprintf(service, sizeof(service), "%u", port);
    int error = getaddrinfo(host, service, &hints, &addresses);
    if (error) {
        dc_error("cannot receive on %s: %s", host, gai_strerror(error));
        return -1;
    }
    for (const struct addrinfo *a = addresses; a && fd < 0; a = a->ai_next)
        fd = open_address(a);
    freeaddrinfo(addresses);
    if (fd >= 0)
        return fd;
    dc_error("cannot receive on %s UDP port %u: %s", host, port, strerror(-fd));
    return -1;
}

/* As dc_webrtc_path_set_address() wrote it. */
static socklen_t
unpack_path(const struct dc_webrtc_path *path, bool wants_v6, struct sockaddr_storage *out)
{
    struct sockaddr_in *in = (struct sockaddr_in *)out;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
    memset(out, 0, sizeof(*out));
    if (path->bytes[0] == 4 && !wants_v6) {
        in->sin_family = AF_INET;
        memcpy(&in->sin_port, path->bytes + 1, 2);
        memcpy(&in->sin_addr, path->bytes + 3, 4);
        return sizeof(*in);
    }
    if (path->bytes[0] != 4 && path->bytes[0] != 6)
        return 0;
    in6->sin6_family = AF_INET6;
    memcpy(&in6->sin6_port, path->bytes + 1, 2);
    if (path->bytes[0] == 6) {
        memcpy(in6->sin6_addr.s6_addr, path->bytes + 3, 16);
    } else {
        in6->sin6_addr.s6_addr[10] = in6->sin6_addr.s6_addr[11] = 0xff;
        memcpy(in6->sin6_addr.s6_addr + 12, path->bytes + 3, 4);
    }
    return sizeof(*in6);
}

bool
dc_udp_is_v6(int fd)
{
    int domain = AF_INET;
    socklen_t length = sizeof(domain);
    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_INET6;
}

bool
dc_udp_send(int fd, bool is_v6, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes)
{
    struct sockaddr_storage to;
    socklen_t length = unpack_path(path, is_v6, &to);
    if (!length)
        return false;
    sendto(fd, datagram, size_bytes, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&to, length);
    return true;
}

ssize_t
dc_udp_receive(int fd, struct dc_webrtc_path *path, uint8_t *out, size_t capacity)
{
    struct sockaddr_storage from;
    socklen_t length = sizeof(from);
    ssize_t size_bytes = recvfrom(fd, out, capacity, MSG_DONTWAIT, (struct sockaddr *)&from, &length);
    if (size_bytes >= 0)
        dc_webrtc_path_set_address(path, (struct sockaddr *)&from);
    return size_bytes;
}
