#include "connection.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_TIMEOUT_MS 2000

static int
receive_hello(int fd, struct dc_audio_hello *hello, int *memfd)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec iov = {.iov_base = hello, .iov_len = sizeof(*hello)};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    const struct cmsghdr *header;

    *memfd = -1;
    if (poll(&poll_fd, 1, ANSWER_TIMEOUT_MS) != 1)
        return -ETIMEDOUT;
    const ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    header = CMSG_FIRSTHDR(&message);
    if (n > 0 && header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof(int)))
        memcpy(memfd, CMSG_DATA(header), sizeof(int));
    if (n != sizeof(*hello) || *memfd < 0)
        return n == 0 ? -EBUSY : -EPROTO; // closed at once: too many streams
    if (hello->magic != DC_AUDIO_MAGIC || hello->version != DC_AUDIO_VERSION || hello->rate != DC_AUDIO_RATE ||
        hello->channels != DC_AUDIO_CHANNELS || hello->capacity_frames != DC_AUDIO_CAPACITY_FRAMES)
        return -EPROTO;
    return 0;
}

int
connection_open(struct connection *c, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct dc_audio_hello hello;
    int memfd = -1, error;

    *c = (struct connection){.fd = -1, .lock = PTHREAD_MUTEX_INITIALIZER};
    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    c->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        error = -errno;
        goto fail;
    }
    error = receive_hello(c->fd, &hello, &memfd);
    if (error < 0)
        goto fail;
    c->period_frames = hello.period_frames;
    c->ring = mmap(NULL, sizeof(*c->ring), PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
    if (c->ring == MAP_FAILED) {
        error = -errno;
        c->ring = NULL;
        goto fail;
    }
    close(memfd);
    return 0;
fail:
    if (memfd >= 0)
        close(memfd);
    connection_close(c);
    return error;
}

void
connection_close(struct connection *c)
{
    if (c->ring)
        munmap(c->ring, sizeof(*c->ring));
    if (c->fd >= 0)
        close(c->fd);
    c->ring = NULL;
    c->fd = -1;
}

static int
send_message(struct connection *c, enum dc_audio_op op, uint32_t serial)
{
    const struct dc_audio_message message = {.op = op, .serial = serial};

    return send(c->fd, &message, sizeof(message), MSG_NOSIGNAL) == sizeof(message) ? 0 : -ENODEV;
}

int
connection_send(struct connection *c, enum dc_audio_op op)
{
    return send_message(c, op, 0);
}

int
connection_receive(struct connection *c)
{
    int result = 0;

    pthread_mutex_lock(&c->lock);
    while (!c->broken) {
        struct dc_audio_message message;
        const ssize_t n = recv(c->fd, &message, sizeof(message), MSG_DONTWAIT);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (n != sizeof(message))
            c->broken = true;
        else if (message.op == DC_AUDIO_STOPPED)
            c->stopped_serial = message.serial;
    }
    if (c->broken)
        result = -ENODEV;
    pthread_mutex_unlock(&c->lock);
    return result;
}

void
connection_wait(struct connection *c, int timeout_ms)
{
    struct pollfd poll_fd = {.fd = c->fd, .events = POLLIN};

    poll(&poll_fd, 1, timeout_ms);
}

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
connection_stop(struct connection *c)
{
    const int64_t deadline_ms = now_ms() + ANSWER_TIMEOUT_MS;
    uint32_t serial;

    pthread_mutex_lock(&c->lock);
    serial = ++c->stop_serial;
    pthread_mutex_unlock(&c->lock);
    if (send_message(c, DC_AUDIO_STOP, serial) < 0)
        return -ENODEV;
    while (now_ms() < deadline_ms) {
        bool stopped;

        if (connection_receive(c) < 0)
            return -ENODEV;
        pthread_mutex_lock(&c->lock);
        stopped = (int32_t)(c->stopped_serial - serial) >= 0;
        pthread_mutex_unlock(&c->lock);
        if (stopped)
            return 0;
        connection_wait(c, 10); // short: another thread may take the message first
    }
    return -ETIMEDOUT;
}
