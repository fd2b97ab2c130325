#define DC_LOG_COMPONENT "client"
#include "datagram_sockets.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <common/log.h>

#define MAX_DATAGRAM_BYTES 2048
#define MAX_AT_ONCE 64
#define MAX_UNSENT_BYTES (256u << 10) // what is older than that is no use as a datagram
#define RECEIVE_BUFFER_BYTES (2 << 20) // a key frame in one go
#define TCP_MARK_OFFSET DC_WEBRTC_PATH_ADDRESS_BYTES

bool
dc_datagram_path(struct dc_webrtc_path *path, const char *host, uint16_t port, bool is_tcp)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
    if (inet_pton(AF_INET, host, &in.sin_addr) == 1)
        dc_webrtc_path_set_address(path, (struct sockaddr *)&in);
    else if (inet_pton(AF_INET6, host, &in6.sin6_addr) == 1)
        dc_webrtc_path_set_address(path, (struct sockaddr *)&in6);
    else
        return false;
    path->bytes[TCP_MARK_OFFSET] = is_tcp;
    return true;
}

bool
dc_datagram_path_is_tcp(const struct dc_webrtc_path *path)
{
    return path->bytes[TCP_MARK_OFFSET];
}

static socklen_t
get_address(const struct dc_webrtc_path *path, struct sockaddr_storage *storage)
{
    struct sockaddr_in *in = (struct sockaddr_in *)storage;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)storage;
    memset(storage, 0, sizeof(*storage));
    if (path->bytes[0] == 4) {
        in->sin_family = AF_INET;
        memcpy(&in->sin_port, path->bytes + 1, 2);
        memcpy(&in->sin_addr, path->bytes + 3, 4);
        return sizeof(*in);
    }
    in6->sin6_family = AF_INET6;
    memcpy(&in6->sin6_port, path->bytes + 1, 2);
    memcpy(&in6->sin6_addr, path->bytes + 3, 16);
    return sizeof(*in6);
}

bool
dc_datagram_sockets_init(struct dc_datagram_sockets *sockets)
{
    *sockets = (struct dc_datagram_sockets){ .udp_fd = -1, .tcp_fd = -1 };
    dc_writer_init(&sockets->unsent);
    return dc_stream_reader_init(&sockets->reader, MAX_DATAGRAM_BYTES);
}

static void
close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void
dc_datagram_sockets_finish(struct dc_datagram_sockets *sockets)
{
    close_fd(&sockets->udp_fd);
    close_fd(&sockets->tcp_fd);
    dc_stream_reader_finish(&sockets->reader);
    dc_writer_finish(&sockets->unsent);
}

static void
send_udp(struct dc_datagram_sockets *sockets, const struct dc_webrtc_path *path, const uint8_t *datagram,
         size_t size_bytes)
{
    struct sockaddr_storage address;
    socklen_t length = get_address(path, &address);
    int size = RECEIVE_BUFFER_BYTES;
    bool is_ipv6 = path->bytes[0] == 6;
    if (sockets->udp_fd >= 0 && sockets->is_ipv6 != is_ipv6)
        close_fd(&sockets->udp_fd);
    if (sockets->udp_fd < 0) {
        sockets->udp_fd = socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        sockets->is_ipv6 = is_ipv6;
        setsockopt(sockets->udp_fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    }
    if (sendto(sockets->udp_fd, datagram, size_bytes, 0, (struct sockaddr *)&address, length) < 0)
        dc_trace("UDP: %s", strerror(errno));
}

static void
connect_tcp(struct dc_datagram_sockets *sockets, const struct dc_webrtc_path *path)
{
    struct sockaddr_storage address;
    socklen_t length = get_address(path, &address);
    int one = 1;
    close_fd(&sockets->tcp_fd);
    dc_writer_reset(&sockets->unsent);
    dc_stream_reader_finish(&sockets->reader);
    sockets->tcp_path = *path;
    if (!dc_stream_reader_init(&sockets->reader, MAX_DATAGRAM_BYTES))
        return;
    sockets->tcp_fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(sockets->tcp_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (connect(sockets->tcp_fd, (struct sockaddr *)&address, length) < 0 && errno != EINPROGRESS) {
        dc_debug("TCP: %s", strerror(errno));
        close_fd(&sockets->tcp_fd);
    }
}

void
dc_datagram_sockets_flush(struct dc_datagram_sockets *sockets)
{
    struct dc_writer *unsent = &sockets->unsent;
    while (unsent->size_bytes && sockets->tcp_fd >= 0) {
        ssize_t n = send(sockets->tcp_fd, unsent->data, unsent->size_bytes, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR)
                close_fd(&sockets->tcp_fd); // the next datagram opens another one
            return;
        }
        memmove(unsent->data, unsent->data + n, unsent->size_bytes - (size_t)n);
        unsent->size_bytes -= (size_t)n;
    }
}

static void
send_tcp(struct dc_datagram_sockets *sockets, const struct dc_webrtc_path *path, const uint8_t *datagram,
         size_t size_bytes)
{
    uint8_t header[DC_STREAM_HEADER_BYTES];
    if (sockets->tcp_fd < 0 || memcmp(&sockets->tcp_path, path, sizeof(*path)))
        connect_tcp(sockets, path);
    if (sockets->unsent.size_bytes + size_bytes > MAX_UNSENT_BYTES) {
        sockets->dropped_datagrams++;
        return;
    }
    dc_stream_put_header(header, size_bytes);
    dc_writer_bytes(&sockets->unsent, header, sizeof(header));
    dc_writer_bytes(&sockets->unsent, datagram, size_bytes);
    dc_datagram_sockets_flush(sockets);
}

void
dc_datagram_sockets_send(struct dc_datagram_sockets *sockets, const struct dc_webrtc_path *path,
                         const uint8_t *datagram, size_t size_bytes)
{
    if (dc_datagram_path_is_tcp(path))
        send_tcp(sockets, path, datagram, size_bytes);
    else
        send_udp(sockets, path, datagram, size_bytes);
}

unsigned
dc_datagram_sockets_get_fds(const struct dc_datagram_sockets *sockets, struct pollfd *fds)
{
    unsigned count = 0;
    if (sockets->udp_fd >= 0)
        fds[count++] = (struct pollfd){ .fd = sockets->udp_fd, .events = POLLIN };
    if (sockets->tcp_fd >= 0)
        fds[count++] = (struct pollfd){ .fd = sockets->tcp_fd,
                                        .events = POLLIN | (sockets->unsent.size_bytes ? POLLOUT : 0) };
    return count;
}

static size_t
receive_udp(struct dc_datagram_sockets *sockets, dc_datagram_handle handle, void *user)
{
    size_t received_bytes = 0;
    for (unsigned i = 0; i < MAX_AT_ONCE && sockets->udp_fd >= 0; i++) {
        uint8_t datagram[MAX_DATAGRAM_BYTES];
        struct sockaddr_storage address;
        struct dc_webrtc_path path;
        socklen_t length = sizeof(address);
        ssize_t n = recvfrom(sockets->udp_fd, datagram, sizeof(datagram), 0, (struct sockaddr *)&address, &length);
        if (n < 0 && (errno == EAGAIN || errno == EBADF))
            break;
        if (n <= 0) // an ICMP error of what was sent: the next one may get through
            continue;
        dc_webrtc_path_set_address(&path, (struct sockaddr *)&address);
        handle(user, &path, datagram, (size_t)n);
        received_bytes += (size_t)n;
    }
    return received_bytes;
}

static size_t
receive_tcp(struct dc_datagram_sockets *sockets, dc_datagram_handle handle, void *user)
{
    const uint8_t *frame;
    size_t size_bytes;
    uint8_t *room = dc_stream_reader_room(&sockets->reader, &size_bytes);
    ssize_t n = size_bytes ? recv(sockets->tcp_fd, room, size_bytes, 0) : 0;
    if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN))
        return 0;
    if (n <= 0) {
        dc_debug("TCP: %s", n < 0 ? strerror(errno) : "closed by the instance");
        close_fd(&sockets->tcp_fd);
        return 0;
    }
    dc_stream_reader_commit(&sockets->reader, (size_t)n);
    while (sockets->tcp_fd >= 0 && dc_stream_reader_pull(&sockets->reader, &frame, &size_bytes)) {
        uint8_t datagram[MAX_DATAGRAM_BYTES]; // what handle() sends may open another connection, with the reader anew
        memcpy(datagram, frame, size_bytes);
        handle(user, &sockets->tcp_path, datagram, size_bytes);
    }
    if (sockets->reader.failed)
        close_fd(&sockets->tcp_fd);
    return (size_t)n;
}

size_t
dc_datagram_sockets_work(struct dc_datagram_sockets *sockets, dc_datagram_handle handle, void *user)
{
    size_t received_bytes = receive_udp(sockets, handle, user);
    dc_datagram_sockets_flush(sockets);
    if (sockets->tcp_fd >= 0)
        received_bytes += receive_tcp(sockets, handle, user);
    return received_bytes;
}
