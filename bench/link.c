/*
 * The link's parts by themselves: commands through a ring between two threads, the wake of a sleeping consumer, and
 * messages through TLS over loopback TCP. Certificates come from dc-certs (DC_CERTS).
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <common/clock.h>
#include <protocol/link/ring.h>
#include <protocol/link/tls.h>

#define RUN_US 500000
#define WAKES 500

static void
die(const char *what)
{
    fprintf(stderr, "bench-link: %s\n", what);
    exit(1);
}

// ---- ring ----

struct consumer {
    struct dc_ring ring;
    uint64_t bytes;
    int64_t woken_us[WAKES];
    int woken;
};

static void *
consume(void *user)
{
    struct consumer *c = user;
    const uint8_t *data;
    size_t size_bytes;
    for (;;) {
        dc_ring_cmd_wait(&c->ring, -1);
        if (dc_ring_cmd_peek(&c->ring, &data, &size_bytes) < 0)
            die("ring broke");
        if (size_bytes == 0 && dc_ring_get_state(&c->ring) != DC_RING_OPEN)
            return NULL;
        if (size_bytes && c->woken < WAKES)
            c->woken_us[c->woken++] = dc_clock_now_us();
        c->bytes += size_bytes;
        dc_ring_cmd_consume(&c->ring, size_bytes, 0);
    }
}

static int
compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void
bench_ring(size_t batch_bytes)
{
    static uint8_t batch[65536];
    const struct dc_ring_geometry geometry = { DC_RING_CMD_BYTES, DC_RING_BULK_BYTES, DC_RING_REPLY_BYTES };
    static struct consumer c;
    struct dc_ring f;
    pthread_t thread;
    c = (struct consumer){ 0 };
    if (dc_ring_create(&f, &geometry) < 0 || dc_ring_map(&c.ring, dup(f.memfd), dup(f.cmd_eventfd)) < 0)
        die("no ring");
    pthread_create(&thread, NULL, consume, &c);
    int64_t start_us = dc_clock_now_us(), end_us = start_us + RUN_US, waits = 0, batches = 0;
    for (; dc_clock_now_us() < end_us; batches++) {
        void *p;
        uint32_t seen = dc_ring_wake_word(&f);
        while (!(p = dc_ring_cmd_reserve(&f, batch_bytes))) {
            dc_ring_frontend_wait(&f, seen, 1000);
            seen = dc_ring_wake_word(&f);
            waits++;
        }
        memcpy(p, batch, batch_bytes);
        dc_ring_cmd_publish(&f, batch_bytes);
    }
    dc_ring_set_state(&f, DC_RING_CLOSED);
    pthread_join(thread, NULL);
    double seconds = (double)(dc_clock_now_us() - start_us) / 1e6;
    printf("ring, %6zu B batches: %8.0f batches/s %8.0f MB/s, %.1f waits per 1000\n", batch_bytes,
           (double)batches / seconds, (double)c.bytes / seconds / 1e6, 1000.0 * (double)waits / (double)batches);
    dc_ring_finish(&f);
    dc_ring_finish(&c.ring);
}

static void
bench_wake(void)
{
    const struct dc_ring_geometry geometry = { 4096, 4096, 4096 };
    static struct consumer c;
    static int64_t sent_us[WAKES];
    struct dc_ring f;
    pthread_t thread;
    c = (struct consumer){ 0 };
    if (dc_ring_create(&f, &geometry) < 0 || dc_ring_map(&c.ring, dup(f.memfd), dup(f.cmd_eventfd)) < 0)
        die("no ring");
    pthread_create(&thread, NULL, consume, &c);
    for (int i = 0; i < WAKES; i++) {
        usleep(500); // it sleeps by then
        sent_us[i] = dc_clock_now_us();
        if (!dc_ring_cmd_reserve(&f, 8))
            die("no room");
        dc_ring_cmd_publish(&f, 8);
    }
    usleep(1000);
    dc_ring_set_state(&f, DC_RING_CLOSED);
    pthread_join(thread, NULL);
    int n = c.woken < WAKES ? c.woken : WAKES;
    for (int i = 0; i < n; i++)
        c.woken_us[i] -= sent_us[i];
    qsort(c.woken_us, (size_t)n, sizeof(c.woken_us[0]), compare);
    printf("wake of a sleeping consumer: p50 %d us, p99 %d us\n", (int)c.woken_us[n / 2], (int)c.woken_us[n * 99 / 100]);
    dc_ring_finish(&f);
    dc_ring_finish(&c.ring);
}

// ---- TLS ----

struct end {
    struct dc_tls_context *context;
    int fd;
    bool is_server;
    uint64_t messages, bytes;
};

static bool
count_message(void *user, struct dc_channel_message *message)
{
    struct end *e = user;
    e->messages++;
    e->bytes += message->size_bytes;
    return true;
}

static const struct dc_channel_listener listener = { .handle_message = count_message };

static struct dc_channel *
open_channel(struct end *e)
{
    struct dc_tls *tls = dc_tls_create(e->context, e->fd, e->is_server ? NULL : "127.0.0.1");
    if (!tls || dc_tls_handshake(tls, 5000, -1) < 0)
        die(tls ? dc_tls_error(tls) : "no TLS");
    return dc_channel_create_over(e->fd, &dc_tls_transport, tls, &listener, e);
}

static void *
receive(void *user)
{
    struct end *e = user;
    struct dc_channel *channel = open_channel(e);
    for (;;) {
        struct pollfd p = { .fd = e->fd, .events = dc_channel_events(channel) };
        poll(&p, 1, -1);
        if (dc_channel_process(channel, p.revents) < 0)
            break;
    }
    dc_channel_destroy(channel);
    return NULL;
}

static void
connect_pair(int fds[2])
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(a);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    fds[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 1) < 0 ||
        getsockname(fd, (struct sockaddr *)&a, &length) < 0 || connect(fds[0], (struct sockaddr *)&a, length) < 0)
        die("no loopback");
    fds[1] = accept(fd, NULL, NULL);
    close(fd);
    dc_tcp_tune(fds[0]);
    dc_tcp_tune(fds[1]);
}

static void
bench_tls(struct end *client, struct end *server, size_t message_bytes)
{
    static uint8_t message[65536];
    int fds[2];
    pthread_t thread;
    connect_pair(fds);
    client->fd = fds[0];
    server->fd = fds[1];
    server->messages = server->bytes = 0;
    pthread_create(&thread, NULL, receive, server);
    struct dc_channel *channel = open_channel(client);
    int64_t start_us = dc_clock_now_us(), end_us = start_us + RUN_US;
    while (dc_clock_now_us() < end_us) {
        if (dc_channel_queued_bytes(channel) < (256u << 10)) {
            dc_channel_send(channel, DC_LINK_RING_BULK, 0, message, message_bytes, NULL, 0);
            continue;
        }
        struct pollfd p = { .fd = client->fd, .events = dc_channel_events(channel) };
        poll(&p, 1, -1);
        dc_channel_process(channel, p.revents);
    }
    double seconds = (double)(dc_clock_now_us() - start_us) / 1e6;
    dc_channel_destroy(channel);
    pthread_join(thread, NULL);
    printf("TLS, %6zu B messages: %8.0f messages/s %8.0f MB/s\n", message_bytes, (double)server->messages / seconds,
           (double)server->bytes / seconds / 1e6);
}

static struct dc_tls_context *
context(const char *dir, const char *name, bool is_server)
{
    char ca[128], cert[128], key[128];
    snprintf(ca, sizeof(ca), "%s/ca.pem", dir);
    snprintf(cert, sizeof(cert), "%s/%s.pem", dir, name);
    snprintf(key, sizeof(key), "%s/%s.key", dir, name);
    const struct dc_tls_config config = { .ca_file = ca, .cert_file = cert, .key_file = key, .is_server = is_server };
    struct dc_tls_context *c = dc_tls_context_create(&config);
    if (!c)
        die("no certificates");
    return c;
}

int
main(void)
{
    char dir[] = "/tmp/dc-bench-link-XXXXXX", command[512];
    const char *certs = getenv("DC_CERTS");
    bench_ring(64);
    bench_ring(4096);
    bench_ring(65536);
    bench_wake();
    if (!certs || !mkdtemp(dir))
        die("DC_CERTS must name tools/dc-certs");
    snprintf(command, sizeof(command), "%s ca --dir %s && %s server --dir %s --host 127.0.0.1 && %s instance --dir %s --name demo",
             certs, dir, certs, dir, certs, dir);
    if (system(command) != 0)
        die("dc-certs failed");
    struct end client = { .context = context(dir, "demo", false) };
    struct end server = { .context = context(dir, "server", true), .is_server = true };
    bench_tls(&client, &server, 100);
    bench_tls(&client, &server, 4096);
    bench_tls(&client, &server, 65536);
    dc_tls_context_destroy(client.context);
    dc_tls_context_destroy(server.context);
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    return system(command) != 0;
}
