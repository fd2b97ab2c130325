#define DC_LOG_COMPONENT "client"
#include "connection.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <protobuf-c/protobuf-c.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_UNSENT_BYTES (1u << 20)
#define MAX_FRAME_BYTES 4096 // RTP packets are 1200, messages at most this

int
dc_connection_wait(int fd, short events, int timeout_ms)
{
    struct pollfd poll_fd = { .fd = fd, .events = events };
    struct timespec timeout = { .tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000 };
    sigset_t none;
    sigemptyset(&none);
    return ppoll(&poll_fd, 1, &timeout, &none);
}

static int
connect_address(const struct addrinfo *address, int timeout_ms)
{
    int error = 0;
    socklen_t length = sizeof(error);
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, address->ai_addr, address->ai_addrlen) < 0) {
        if (errno != EINPROGRESS)
            error = errno;
        else if (dc_connection_wait(fd, POLLOUT, timeout_ms) <= 0)
            error = errno == EINTR ? EINTR : ETIMEDOUT;
        else
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    }
    if (!error)
        return fd;
    close(fd);
    return -error;
}

bool
dc_connection_open(struct dc_connection *connection, const char *host, uint16_t port, int timeout_ms, char *error)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    struct addrinfo *addresses = NULL;
    char service[8];
    int one = 1;
    *connection = (struct dc_connection){ .fd = -1, .wake_fd = -1 };
    pthread_mutex_init(&connection->lock, NULL);
    dc_writer_init(&connection->unsent);
    snprintf(service, sizeof(service), "%u", port);
    int result = getaddrinfo(host, service, &hints, &addresses);
    if (result) {
        snprintf(error, 128, "%s", gai_strerror(result));
        return false;
    }
    for (const struct addrinfo *a = addresses; a && connection->fd < 0; a = a->ai_next)
        connection->fd = connect_address(a, timeout_ms);
    freeaddrinfo(addresses);
    if (connection->fd < 0) {
        snprintf(error, 128, "%s", strerror(-connection->fd));
        return false;
    }
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    connection->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (connection->wake_fd < 0 || !dc_stream_reader_init(&connection->reader, MAX_FRAME_BYTES)) {
        snprintf(error, 128, "%s", strerror(errno));
        return false;
    }
    return true;
}

void
dc_connection_close(struct dc_connection *connection)
{
    if (connection->fd >= 0)
        close(connection->fd);
    if (connection->wake_fd >= 0)
        close(connection->wake_fd);
    dc_stream_reader_finish(&connection->reader);
    dc_writer_finish(&connection->unsent);
    pthread_mutex_destroy(&connection->lock);
}

static void
flush_locked(struct dc_connection *connection)
{
    struct dc_writer *unsent = &connection->unsent;
    while (unsent->size_bytes) {
        ssize_t n = send(connection->fd, unsent->data, unsent->size_bytes, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR)
                dc_writer_reset(unsent); // the receiving thread sees the end, and says so
            return;
        }
        memmove(unsent->data, unsent->data + n, unsent->size_bytes - (size_t)n);
        unsent->size_bytes -= (size_t)n;
    }
}

bool
dc_connection_send(struct dc_connection *connection, enum dc_channel channel, const void *message)
{
    uint8_t frame[DC_STREAM_HEADER_BYTES + DC_MESSAGE_MAX_BYTES];
    uint64_t one = 1;
    size_t size_bytes = 1 + protobuf_c_message_get_packed_size(message);
    if (size_bytes > DC_MESSAGE_MAX_BYTES)
        return false;
    dc_stream_put_header(frame, size_bytes);
    frame[DC_STREAM_HEADER_BYTES] = (uint8_t)channel;
    protobuf_c_message_pack(message, frame + DC_STREAM_HEADER_BYTES + 1);
    pthread_mutex_lock(&connection->lock);
    bool sent = connection->unsent.size_bytes < MAX_UNSENT_BYTES;
    if (sent)
        dc_writer_bytes(&connection->unsent, frame, DC_STREAM_HEADER_BYTES + size_bytes);
    flush_locked(connection);
    bool waits = connection->unsent.size_bytes != 0;
    pthread_mutex_unlock(&connection->lock);
    if (waits && write(connection->wake_fd, &one, sizeof(one)) < 0)
        return false;
    return sent;
}

void
dc_connection_flush(struct dc_connection *connection)
{
    pthread_mutex_lock(&connection->lock);
    flush_locked(connection);
    pthread_mutex_unlock(&connection->lock);
}

bool
dc_connection_has_unsent(struct dc_connection *connection)
{
    pthread_mutex_lock(&connection->lock);
    bool waits = connection->unsent.size_bytes != 0;
    pthread_mutex_unlock(&connection->lock);
    return waits;
}

void
dc_connection_drain(struct dc_connection *connection, int timeout_ms)
{
    struct pollfd fd = { .fd = connection->fd, .events = POLLOUT };
    dc_connection_flush(connection);
    while (dc_connection_has_unsent(connection) && poll(&fd, 1, timeout_ms) > 0)
        dc_connection_flush(connection);
}

int
dc_connection_receive(struct dc_connection *connection)
{
    size_t size_bytes;
    uint8_t *room = dc_stream_reader_room(&connection->reader, &size_bytes);
    if (size_bytes == 0)
        return -EBADMSG;
    ssize_t n = recv(connection->fd, room, size_bytes, 0);
    if (n == 0)
        return -EPIPE;
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    dc_stream_reader_commit(&connection->reader, (size_t)n);
    return (int)n;
}
