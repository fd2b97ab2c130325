#define DC_LOG_COMPONENT "client"
#include "connection.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <common/clock.h>
#include <common/wire.h>
#include <protocol/rtp/stream_framing.h>

#define MAX_UNSENT_BYTES (1u << 20)
#define MAX_FRAME_BYTES 4096 // RTP packets are 1200, messages at most this

struct dc_connection {
    struct dc_carrier carrier;
    int fd;
    int wake_fd; // readable when unsent bytes wait: the network thread polls for room, too
    struct dc_stream_reader reader; // network thread only
    pthread_mutex_t lock;
    struct dc_writer unsent; // protected by lock
};

/* Waits for `events` on fd, as long as the attempt goes on. Returns as poll(2). */
static int
wait_for(int fd, short events, int timeout_ms, const struct dc_attempt *attempt)
{
    int64_t until_us = dc_clock_now_us() + (int64_t)timeout_ms * 1000;
    int result = 0;
    sigset_t none;
    sigemptyset(&none);
    while (result == 0 && dc_clock_now_us() < until_us && !dc_attempt_is_over(attempt)) {
        struct pollfd poll_fd = { .fd = fd, .events = events };
        int64_t left_us = dc_attempt_next_us(attempt, until_us) - dc_clock_now_us();
        struct timespec timeout = { .tv_sec = left_us / 1000000, .tv_nsec = left_us % 1000000 * 1000 };
        if (left_us > 0)
            result = ppoll(&poll_fd, 1, &timeout, attempt->signals_kill ? &none : NULL);
    }
    return result;
}

int
dc_connection_connect(const struct addrinfo *address, int timeout_ms, const struct dc_attempt *attempt)
{
    int error = 0, one = 1;
    socklen_t length = sizeof(error);
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, address->ai_addr, address->ai_addrlen) < 0) {
        if (errno != EINPROGRESS)
            error = errno;
        else if (wait_for(fd, POLLOUT, timeout_ms, attempt) <= 0)
            error = ETIMEDOUT;
        else
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    }
    if (!error) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        return fd;
    }
    close(fd);
    return -error;
}

static struct dc_connection *
from(const struct dc_carrier *carrier)
{
    return (struct dc_connection *)carrier; // its first member
}

static void
flush_locked(struct dc_connection *connection)
{
    struct dc_writer *unsent = &connection->unsent;
    while (unsent->size_bytes) {
        ssize_t n = send(connection->fd, unsent->data, unsent->size_bytes, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR)
                dc_writer_reset(unsent); // the network thread sees the end, and says so
            return;
        }
        memmove(unsent->data, unsent->data + n, unsent->size_bytes - (size_t)n);
        unsent->size_bytes -= (size_t)n;
    }
}

static bool
connection_send(struct dc_carrier *carrier, enum dc_channel channel, const uint8_t *message, size_t size_bytes)
{
    struct dc_connection *connection = from(carrier);
    uint8_t header[DC_STREAM_HEADER_BYTES + 1];
    uint64_t one = 1;
    dc_stream_put_header(header, 1 + size_bytes);
    header[DC_STREAM_HEADER_BYTES] = (uint8_t)channel;
    pthread_mutex_lock(&connection->lock);
    bool sent = connection->unsent.size_bytes < MAX_UNSENT_BYTES;
    if (sent) {
        dc_writer_bytes(&connection->unsent, header, sizeof(header));
        dc_writer_bytes(&connection->unsent, message, size_bytes);
    }
    flush_locked(connection);
    bool waits = connection->unsent.size_bytes != 0;
    pthread_mutex_unlock(&connection->lock);
    if (waits && write(connection->wake_fd, &one, sizeof(one)) < 0)
        return false;
    return sent;
}

static bool
connection_is_pending(struct dc_carrier *carrier)
{
    struct dc_connection *connection = from(carrier);
    pthread_mutex_lock(&connection->lock);
    bool waits = connection->unsent.size_bytes != 0;
    pthread_mutex_unlock(&connection->lock);
    return waits;
}

static unsigned
connection_get_fds(struct dc_carrier *carrier, struct pollfd *fds)
{
    struct dc_connection *connection = from(carrier);
    short events = POLLIN | (connection_is_pending(carrier) ? POLLOUT : 0);
    fds[0] = (struct pollfd){ .fd = connection->fd, .events = events };
    fds[1] = (struct pollfd){ .fd = connection->wake_fd, .events = POLLIN };
    return 2;
}

static int64_t
connection_deadline_us(const struct dc_carrier *carrier)
{
    return INT64_MAX;
}

static int
fail(struct dc_connection *connection, int error)
{
    const char *text = error == -EPIPE ? "the instance closed the connection"
                       : error == -EBADMSG ? "broken framing" : strerror(-error);
    snprintf(connection->carrier.error, sizeof(connection->carrier.error), "%s", text);
    return error;
}

/* Receives once without waiting. > 0: bytes; 0: nothing there. */
static int
receive(struct dc_connection *connection)
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

static int
connection_work(struct dc_carrier *carrier, dc_carrier_handle_frame handle, void *user)
{
    struct dc_connection *connection = from(carrier);
    const uint8_t *frame;
    size_t size_bytes;
    uint64_t count;
    if (read(connection->wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
        return fail(connection, -errno);
    pthread_mutex_lock(&connection->lock);
    flush_locked(connection);
    pthread_mutex_unlock(&connection->lock);
    int result = receive(connection);
    int64_t now_us = dc_clock_now_us();
    while (result > 0 && dc_stream_reader_pull(&connection->reader, &frame, &size_bytes))
        handle(user, frame, size_bytes, now_us);
    if (connection->reader.failed)
        result = -EBADMSG;
    return result < 0 ? fail(connection, result) : result;
}

static void
connection_shutdown(struct dc_carrier *carrier)
{
    shutdown(from(carrier)->fd, SHUT_RDWR);
}

static void
connection_destroy(struct dc_carrier *carrier)
{
    struct dc_connection *connection = from(carrier);
    if (connection->fd >= 0)
        close(connection->fd);
    if (connection->wake_fd >= 0)
        close(connection->wake_fd);
    dc_stream_reader_finish(&connection->reader);
    dc_writer_finish(&connection->unsent);
    pthread_mutex_destroy(&connection->lock);
    free(connection);
}

static const struct dc_carrier_impl impl = {
    .send = connection_send,
    .get_fds = connection_get_fds,
    .deadline_us = connection_deadline_us,
    .work = connection_work,
    .is_pending = connection_is_pending,
    .shutdown = connection_shutdown,
    .destroy = connection_destroy,
};

struct dc_carrier *
dc_connection_create(int fd)
{
    struct dc_connection *connection = calloc(1, sizeof(*connection));
    if (!connection) {
        close(fd);
        return NULL;
    }
    connection->carrier = (struct dc_carrier){ .impl = &impl, .name = "tcp" };
    connection->fd = fd;
    connection->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pthread_mutex_init(&connection->lock, NULL);
    dc_writer_init(&connection->unsent);
    if (connection->wake_fd >= 0 && dc_stream_reader_init(&connection->reader, MAX_FRAME_BYTES))
        return &connection->carrier;
    connection_destroy(&connection->carrier);
    return NULL;
}

struct dc_carrier *
dc_connection_open(const char *host, uint16_t port, int timeout_ms, const struct dc_attempt *attempt, char *error)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    struct addrinfo *addresses = NULL;
    char service[8];
    int fd = -EADDRNOTAVAIL;
    snprintf(service, sizeof(service), "%u", port);
    int result = getaddrinfo(host, service, &hints, &addresses);
    if (result) {
        snprintf(error, 128, "%s", gai_strerror(result));
        return NULL;
    }
    for (const struct addrinfo *a = addresses; a && fd < 0; a = a->ai_next)
        fd = dc_connection_connect(a, timeout_ms, attempt);
    freeaddrinfo(addresses);
    struct dc_carrier *carrier = fd >= 0 ? dc_connection_create(fd) : NULL;
    if (!carrier)
        snprintf(error, 128, "%s", strerror(fd < 0 ? -fd : errno));
    return carrier;
}
