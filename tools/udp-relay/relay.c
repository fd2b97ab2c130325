#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <common/clock.h>

#define MAX_DATAGRAM_BYTES 65535
#define MAX_WAITING_BYTES (64u << 20)

struct waiting {
    struct waiting *next, *before;
    int64_t due_us;
    int peer;
    enum dc_relay_direction direction;
    size_t size_bytes;
    uint8_t data[];
};

struct peer {
    int fd; // towards the target; -1: unused
    struct sockaddr_storage address;
    socklen_t address_size;
};

struct relay {
    const struct dc_relay_options *options;
    int listen_fd;
    struct peer peers[DC_RELAY_PEERS];
    struct dc_line lines[2];
    struct waiting *first, *last; // by due_us
    size_t waiting_bytes;
    int64_t start_us; // of the first datagram; 0: none came. Times of rates and outages count from it
    uint64_t no_room; // datagrams for which there was no memory or no peer's place
};

static int
open_socket(const struct sockaddr_storage *address, socklen_t size, bool listening)
{
    int buffer = 4 << 20, fd = socket(address->ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
    if ((listening ? bind : connect)(fd, (const struct sockaddr *)address, size)) {
        close(fd);
        return -1;
    }
    return fd;
}

static int
find_peer(struct relay *relay, const struct sockaddr_storage *address, socklen_t size)
{
    for (int i = 0; i < DC_RELAY_PEERS; i++) {
        struct peer *peer = &relay->peers[i];
        if (peer->fd >= 0 && peer->address_size == size && !memcmp(&peer->address, address, size))
            return i;
        if (peer->fd < 0) { // places are never freed, so it is a new one
            *peer = (struct peer){ open_socket(&relay->options->to, relay->options->to_size, false), *address, size };
            return peer->fd >= 0 ? i : -1;
        }
    }
    return -1;
}

static void
accept_datagram(struct relay *relay, int peer, enum dc_relay_direction direction, const uint8_t *data, size_t size_bytes)
{
    int64_t now_us = dc_clock_now_us(), due_us;
    if (!relay->start_us)
        relay->start_us = now_us;
    if (!dc_line_offer(&relay->lines[direction], size_bytes, now_us - relay->start_us, &due_us))
        return;
    struct waiting *w = relay->waiting_bytes + size_bytes <= MAX_WAITING_BYTES ? malloc(sizeof(*w) + size_bytes) : NULL;
    if (!w) {
        relay->no_room++;
        return;
    }
    *w = (struct waiting){ .due_us = relay->start_us + due_us, .peer = peer, .direction = direction, .size_bytes = size_bytes };
    memcpy(w->data, data, size_bytes);
    w->before = relay->last;
    while (w->before && w->before->due_us > w->due_us)
        w->before = w->before->before;
    w->next = w->before ? w->before->next : relay->first;
    *(w->before ? &w->before->next : &relay->first) = w;
    *(w->next ? &w->next->before : &relay->last) = w;
    relay->waiting_bytes += size_bytes;
}

static void
receive_all(struct relay *relay, int fd, int peer)
{
    static uint8_t data[MAX_DATAGRAM_BYTES];
    for (unsigned i = 0; i < 256; i++) { // then what is due gets its turn
        struct sockaddr_storage from = { 0 };
        socklen_t from_size = sizeof(from);
        ssize_t n = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &from_size);
        if (n < 0)
            return; // nothing more, or the target answered that nobody listens
        int to = peer >= 0 ? peer : find_peer(relay, &from, from_size);
        if (to < 0)
            relay->no_room++;
        else
            accept_datagram(relay, to, peer >= 0 ? DC_RELAY_DOWN : DC_RELAY_UP, data, (size_t)n);
    }
}

static void
send_due(struct relay *relay, int64_t now_us)
{
    while (relay->first && relay->first->due_us <= now_us) {
        struct waiting *w = relay->first;
        const struct peer *peer = &relay->peers[w->peer];
        if (w->direction == DC_RELAY_UP)
            send(peer->fd, w->data, w->size_bytes, 0);
        else
            sendto(relay->listen_fd, w->data, w->size_bytes, 0, (const struct sockaddr *)&peer->address, peer->address_size);
        relay->first = w->next;
        *(w->next ? &w->next->before : &relay->last) = NULL;
        relay->waiting_bytes -= w->size_bytes;
        free(w);
    }
}

static void
wait_for_something(struct relay *relay, int64_t end_us)
{
    struct pollfd polled[1 + DC_RELAY_PEERS] = { { .fd = relay->listen_fd, .events = POLLIN } };
    nfds_t count = 1;
    int64_t until_us = relay->first && relay->first->due_us < end_us ? relay->first->due_us : end_us;
    int64_t wait_us = until_us - dc_clock_now_us();
    struct timespec timeout = { 0 };
    for (int i = 0; i < DC_RELAY_PEERS && relay->peers[i].fd >= 0; i++)
        polled[count++] = (struct pollfd){ .fd = relay->peers[i].fd, .events = POLLIN };
    if (wait_us > 100000)
        wait_us = 100000; // a signal that came just before is seen soon
    if (wait_us > 0)
        timeout.tv_nsec = wait_us * 1000;
    if (ppoll(polled, count, &timeout, NULL) <= 0)
        return;
    for (nfds_t i = 0; i < count; i++)
        if (polled[i].revents)
            receive_all(relay, polled[i].fd, (int)i - 1);
}

static void
write_line(FILE *f, const char *name, const struct dc_line_counters *c)
{
    fprintf(f, "  \"%s\": {\"datagrams\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"passed\": %" PRIu64 ", \"lost\": %" PRIu64
            ", \"dropped_queue\": %" PRIu64 ", \"dropped_outage\": %" PRIu64 ", \"reordered\": %" PRIu64
            ", \"queue_max_ms\": %.1f},\n", name, c->datagrams, c->bytes, c->passed, c->lost, c->dropped_queue,
            c->dropped_outage, c->reordered, (double)c->queue_max_us / 1000);
}

static bool
write_report(const struct relay *relay)
{
    bool to_stdout = !strcmp(relay->options->json_path, "-");
    FILE *f = to_stdout ? stdout : fopen(relay->options->json_path, "w");
    if (!f)
        return false;
    fprintf(f, "{\n  \"seed\": %" PRIu64 ",\n", relay->options->seed);
    write_line(f, "up", &relay->lines[DC_RELAY_UP].counters);
    write_line(f, "down", &relay->lines[DC_RELAY_DOWN].counters);
    fprintf(f, "  \"no_room\": %" PRIu64 "\n}\n", relay->no_room);
    return to_stdout ? fflush(f) == 0 : fclose(f) == 0;
}

static void
end(struct relay *relay)
{
    while (relay->first) {
        struct waiting *next = relay->first->next;
        free(relay->first);
        relay->first = next;
    }
    for (int i = 0; i < DC_RELAY_PEERS; i++)
        if (relay->peers[i].fd >= 0)
            close(relay->peers[i].fd);
    close(relay->listen_fd);
}

int
dc_relay_run(const struct dc_relay_options *options, const volatile sig_atomic_t *stop)
{
    struct relay relay = { .options = options, .listen_fd = open_socket(&options->listen, options->listen_size, true) };
    int status = 0;
    if (relay.listen_fd < 0) {
        fprintf(stderr, "dc-udp-relay: cannot listen: %s\n", strerror(errno));
        return 1;
    }
    for (int i = 0; i < DC_RELAY_PEERS; i++)
        relay.peers[i].fd = -1;
    for (unsigned i = 0; i < 2; i++)
        dc_line_init(&relay.lines[i], &options->lines[i], options->seed * 2 + i);
    int64_t end_us = options->seconds > 0 ? dc_clock_now_us() + (int64_t)(options->seconds * 1e6) : INT64_MAX;
    fprintf(stderr, "dc-udp-relay: ready\n");
    while (!*stop && dc_clock_now_us() < end_us) {
        wait_for_something(&relay, end_us);
        send_due(&relay, dc_clock_now_us());
    }
    if (options->json_path && !write_report(&relay)) {
        fprintf(stderr, "dc-udp-relay: cannot write %s: %s\n", options->json_path, strerror(errno));
        status = 1;
    }
    end(&relay);
    return status;
}
