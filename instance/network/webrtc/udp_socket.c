#include "udp_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "bound_socket.h"

#define SEND_BUFFER_BYTES (1 << 20) // a key frame at once
#define RECEIVE_BUFFER_BYTES (1 << 19)

int
dc_udp_open(const char *host, uint16_t port)
{
    int send_bytes = SEND_BUFFER_BYTES, receive_bytes = RECEIVE_BUFFER_BYTES;
    int fd = dc_bound_socket_open(host, port, SOCK_DGRAM);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof(send_bytes)); // as much as the system gives
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof(receive_bytes));
    return fd;
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
