/*
 * dc-relay: a TCP relay that adds delay, and bounds the rate, in each direction; for tests and benchmarks of links.
 *
 * One process, one thread, poll(2). Bytes of a connection wait in a queue with the time at which they may leave. At most
 * WINDOW_BYTES wait per direction (a long fat pipe, not an endless one); then the sender feels it.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <common/clock.h>

#define MAX_PAIRS 64
#define CHUNK_BYTES (64u << 10)
#define WINDOW_BYTES (32u << 20)

struct chunk {
    struct chunk *next;
    int64_t due_us;
    size_t size_bytes, sent_bytes; // size 0: the sender has finished
    uint8_t data[];
};

struct direction {
    struct chunk *first, *last;
    size_t waiting_bytes;
    int64_t free_us; // when the bounded line is free again
    bool finished;   // nothing more will be read
};

struct pair {
    int fd[2];              // fd[0] < 0: unused
    struct direction to[2]; // to[i] leads to fd[i]
};

static int64_t delay_us, rate_bytes_per_s; // set before the loop, then constant

static int
open_socket(const char *address, bool listening)
{
    char host[256];
    const char *colon = strrchr(address, ':');
    if (!colon || (size_t)(colon - address) >= sizeof(host))
        return -1;
    snprintf(host, sizeof(host), "%.*s", (int)(colon - address), address);
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV }, *info;
    if (getaddrinfo(host, colon + 1, &hints, &info))
        return -1;
    int on = 1, fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listening)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    int error = fd < 0 ? -1
                : listening ? bind(fd, info->ai_addr, info->ai_addrlen) || listen(fd, 16)
                            : connect(fd, info->ai_addr, info->ai_addrlen);
    freeaddrinfo(info);
    if (!error)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static void
set_up(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    fcntl(fd, F_SETFL, O_NONBLOCK);
}

static void
end_pair(struct pair *p)
{
    for (int i = 0; i < 2; i++) {
        close(p->fd[i]);
        while (p->to[i].first) {
            struct chunk *next = p->to[i].first->next;
            free(p->to[i].first);
            p->to[i].first = next;
        }
    }
    *p = (struct pair){ .fd = { -1, -1 } };
}

static void
accept_pair(struct pair *pairs, int listen_fd, const char *to)
{
    int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
    for (int i = 0; fd >= 0 && i < MAX_PAIRS; i++) {
        if (pairs[i].fd[0] >= 0)
            continue;
        int other = open_socket(to, false);
        if (other < 0)
            break;
        set_up(fd);
        set_up(other);
        pairs[i] = (struct pair){ .fd = { fd, other } };
        return;
    }
    if (fd >= 0)
        close(fd);
}

// false: the connection broke.
static bool
read_side(struct pair *p, int from)
{
    struct direction *d = &p->to[!from];
    struct chunk *c = malloc(sizeof(*c) + CHUNK_BYTES);
    ssize_t n = c ? read(p->fd[from], c->data, CHUNK_BYTES) : -1;
    if (n < 0) {
        bool again = c && (errno == EAGAIN || errno == EINTR);
        free(c);
        return again;
    }
    struct chunk *smaller = realloc(c, sizeof(*c) + (size_t)n);
    c = smaller ? smaller : c;
    int64_t now_us = dc_clock_now_us();
    *c = (struct chunk){ .size_bytes = (size_t)n };
    if (d->free_us < now_us)
        d->free_us = now_us;
    if (rate_bytes_per_s)
        d->free_us += (int64_t)n * 1000000 / rate_bytes_per_s;
    c->due_us = d->free_us + delay_us;
    if (d->last)
        d->last->next = c;
    else
        d->first = c;
    d->last = c;
    d->waiting_bytes += (size_t)n;
    d->finished = n == 0;
    return true;
}

// Sends what is due. false: the connection broke, or both directions are done.
static bool
write_side(struct pair *p, int to, int64_t now_us, bool *blocked)
{
    struct direction *d = &p->to[to];
    *blocked = false;
    while (d->first && d->first->due_us <= now_us) {
        struct chunk *c = d->first;
        if (c->size_bytes == 0) {
            shutdown(p->fd[to], SHUT_WR);
        } else {
            ssize_t n = send(p->fd[to], c->data + c->sent_bytes, c->size_bytes - c->sent_bytes, MSG_NOSIGNAL);
            if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
                *blocked = true;
                return true;
            }
            if (n < 0)
                return false;
            c->sent_bytes += (size_t)n;
            d->waiting_bytes -= (size_t)n;
            if (c->sent_bytes < c->size_bytes)
                continue;
        }
        d->first = c->next;
        if (!d->first)
            d->last = NULL;
        free(c);
    }
    return !(p->to[0].finished && p->to[1].finished && !p->to[0].first && !p->to[1].first);
}

// Fills the poll entries of a pair; returns how long it may wait, or -1.
static int64_t
prepare(struct pair *p, struct pollfd polled[2], int64_t now_us)
{
    int64_t wait_us = -1;
    for (int i = 0; i < 2; i++)
        polled[i] = (struct pollfd){ .fd = p->fd[i] };
    for (int i = 0; i < 2 && p->fd[0] >= 0; i++) {
        bool blocked;
        if (!write_side(p, i, now_us, &blocked)) {
            end_pair(p);
            polled[0].fd = polled[1].fd = -1;
            return -1;
        }
        if (blocked)
            polled[i].events |= POLLOUT;
        else if (p->to[i].first && (wait_us < 0 || p->to[i].first->due_us - now_us < wait_us))
            wait_us = p->to[i].first->due_us - now_us;
        if (!p->to[!i].finished && p->to[!i].waiting_bytes < WINDOW_BYTES)
            polled[i].events |= POLLIN;
        // A hang-up that is still on its way to the other side would keep us awake.
        if (!polled[i].events)
            polled[i].fd = -1;
    }
    return wait_us;
}

static void
relay(int listen_fd, const char *to)
{
    static struct pair pairs[MAX_PAIRS];
    for (int i = 0; i < MAX_PAIRS; i++)
        pairs[i].fd[0] = pairs[i].fd[1] = -1;
    for (;;) {
        struct pollfd polled[1 + 2 * MAX_PAIRS] = { { .fd = listen_fd, .events = POLLIN } };
        int64_t wait_us = -1;
        for (int i = 0; i < MAX_PAIRS; i++) {
            int64_t w = prepare(&pairs[i], &polled[1 + 2 * i], dc_clock_now_us());
            if (w >= 0 && (wait_us < 0 || w < wait_us))
                wait_us = w;
        }
        struct timespec timeout = { .tv_sec = wait_us / 1000000, .tv_nsec = wait_us % 1000000 * 1000 };
        if (ppoll(polled, 1 + 2 * MAX_PAIRS, wait_us < 0 ? NULL : &timeout, NULL) < 0 && errno != EINTR)
            return;
        for (int i = 0; i < 2 * MAX_PAIRS; i++) {
            struct pair *p = &pairs[i / 2];
            short revents = polled[1 + i].revents;
            if (p->fd[0] >= 0 && revents & (POLLIN | POLLHUP | POLLERR) && !p->to[!(i % 2)].finished &&
                !read_side(p, i % 2))
                end_pair(p);
        }
        if (polled[0].revents)
            accept_pair(pairs, listen_fd, to);
    }
}

int
main(int argc, char **argv)
{
    static const struct option options[] = {
        { "listen", required_argument, NULL, 'l' },   { "to", required_argument, NULL, 't' },
        { "delay-ms", required_argument, NULL, 'd' }, { "rate-kbps", required_argument, NULL, 'r' },
        { "help", no_argument, NULL, 'h' },           { 0 },
    };
    const char *listen_address = NULL, *to = NULL;
    int o;
    while ((o = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (o == 'l')
            listen_address = optarg;
        else if (o == 't')
            to = optarg;
        else if (o == 'd')
            delay_us = (int64_t)(atof(optarg) * 1000);
        else if (o == 'r')
            rate_bytes_per_s = (int64_t)(atof(optarg) * 1000 / 8);
        else
            listen_address = NULL, optind = argc + 1;
    }
    if (!listen_address || !to || optind != argc || delay_us < 0 || rate_bytes_per_s < 0) {
        fprintf(stderr, "Usage: dc-relay --listen HOST:PORT --to HOST:PORT [--delay-ms N] [--rate-kbps N]\n"
                        "Relays TCP connections; delay and rate are those of each direction.\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    int fd = open_socket(listen_address, true);
    if (fd < 0) {
        fprintf(stderr, "dc-relay: cannot listen on %s: %s\n", listen_address, strerror(errno));
        return 1;
    }
    relay(fd, to);
    return 1;
}
