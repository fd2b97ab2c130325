/* Two connections to dc-render: resolved, connected, in TLS, admitted. Runs on the link's thread and can be stopped. */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "link"
#include <common/clock.h>
#include <common/log.h>
#include "rdma_link.h"

#define CONNECT_TIMEOUT_MS 10000
#define ADMIT_TIMEOUT_MS 15000

static void __attribute__((format(printf, 2, 3)))
set_reason(struct tcp_link *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(t->reason, sizeof(t->reason), format, args);
    va_end(args);
}

static int
connect_one(struct tcp_link *t, const struct addrinfo *info)
{
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = 0;
    socklen_t length = sizeof(error);
    if (fd < 0)
        return -errno;
    if (connect(fd, info->ai_addr, info->ai_addrlen) < 0 && errno != EINPROGRESS) {
        error = errno;
    } else {
        struct pollfd p[2] = { { .fd = fd, .events = POLLOUT }, { .fd = t->stop_fd, .events = POLLIN } };
        int n = poll(p, 2, CONNECT_TIMEOUT_MS);
        if (n == 0)
            error = ETIMEDOUT;
        else if (n < 0 || p[1].revents)
            error = ECANCELED;
        else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
            error = errno;
    }
    if (!error)
        return fd;
    close(fd);
    return -error;
}

int
dc_tcp_connect(struct tcp_link *t)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV }, *list = NULL;
    int error = getaddrinfo(t->host, t->port, &hints, &list), fd = -EHOSTUNREACH;
    if (error) {
        set_reason(t, "cannot resolve render server %s: %s", t->host, gai_strerror(error));
        return -EHOSTUNREACH;
    }
    for (const struct addrinfo *info = list; info && fd < 0 && fd != -ECANCELED; info = info->ai_next)
        fd = connect_one(t, info);
    freeaddrinfo(list);
    if (fd < 0)
        set_reason(t, "cannot connect to the render server at tcp:%s:%s: %s", t->host, t->port, strerror(-fd));
    else
        dc_tcp_tune(fd);
    return fd;
}

struct dc_channel *
dc_tcp_open_channel(struct tcp_link *t, const struct dc_channel_listener *listener, struct dc_tls **tls)
{
    int fd = dc_tcp_connect(t);
    if (fd < 0)
        return NULL;
    *tls = dc_tls_create(t->tls, fd, t->host);
    if (!*tls) {
        set_reason(t, "cannot start TLS with %s", t->host);
        close(fd);
        return NULL;
    }
    if (dc_tls_handshake(*tls, CONNECT_TIMEOUT_MS, t->stop_fd) < 0) {
        set_reason(t, "render server at tcp:%s:%s: %s", t->host, t->port, dc_tls_error(*tls));
        dc_tls_destroy(*tls);
        close(fd);
        return NULL;
    }
    struct dc_channel *channel = dc_channel_create_over(fd, &dc_tls_transport, *tls, listener, t);
    if (!channel)
        set_reason(t, "out of memory");
    return channel;
}

// Admit and its answer. false: t->reason.
static bool
admit(struct tcp_link *t, struct dc_channel *channel, struct dc_tls *tls, const bool *answered, const uint8_t *token,
      size_t token_bytes)
{
    int64_t start_us = dc_clock_now_us(), end_us = start_us + ADMIT_TIMEOUT_MS * INT64_C(1000);
    int error = dc_link_send_admit(&t->base, channel, token, token_bytes);
    while (!error && !*answered) {
        struct pollfd p[2] = { { .fd = dc_channel_fd(channel), .events = dc_channel_events(channel) },
                               { .fd = t->stop_fd, .events = POLLIN } };
        int64_t left_us = end_us - dc_clock_now_us();
        if (left_us <= 0 || poll(p, 2, (int)(left_us / 1000) + 1) == 0)
            error = -ETIMEDOUT;
        else if (p[1].revents)
            error = -ECANCELED;
        else
            error = dc_channel_process(channel, p[0].revents);
    }
    // One message there and one back, through whatever lies between (which the socket's own estimate does not see).
    __atomic_store_n(&t->rtt_us, (uint32_t)(dc_clock_now_us() - start_us), __ATOMIC_RELAXED);
    // What was answered before the connection ended counts more than its end.
    if (*answered && t->admission.answer != DC_LINK_ANSWER_ADMITTED)
        set_reason(t, "%s", t->admission.reason);
    else if (error == -EPIPE)
        set_reason(t, "render server closed the link before admission");
    else if (error == -ETIMEDOUT)
        set_reason(t, "render server did not answer in time");
    else if (error)
        set_reason(t, "render server at tcp:%s:%s: %s", t->host, t->port, dc_tls_error(tls));
    return *answered && t->admission.answer == DC_LINK_ANSWER_ADMITTED && (!error || error == -EPIPE);
}

bool
dc_tcp_admit(struct tcp_link *t, const struct dc_channel_listener *a, const struct dc_channel_listener *b)
{
    struct dc_tls *tls = NULL;
    t->a = dc_tcp_open_channel(t, a, &tls);
    if (!t->a)
        return false;
    __atomic_store_n(&t->a_tls, tls, __ATOMIC_RELEASE);
    if (!admit(t, t->a, tls, &t->a_answered, NULL, 0))
        return false;
    if (t->wants_rdma) {
        bool ended;
        if (dc_rdma_link_open(t, &ended))
            return true;
        if (ended)
            return false;
        dc_warn("RDMA is not used, commands travel over TCP: %s", t->reason);
    }
    t->b = dc_tcp_open_channel(t, b, &tls);
    if (!t->b)
        return false;
    __atomic_store_n(&t->b_tls, tls, __ATOMIC_RELEASE);
    uint8_t token[DC_LINK_MAX_TOKEN_BYTES];
    size_t token_bytes = t->admission.bulk_token_bytes;
    memcpy(token, t->admission.bulk_token, token_bytes);
    return admit(t, t->b, tls, &t->b_answered, token, token_bytes);
}
