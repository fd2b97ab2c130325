#undef NDEBUG
#include "rig.h"

#include <arpa/inet.h>
#include <assert.h>
#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <common/clock.h>
#include "render.h"

#define WAIT_US 20000000

static void
run_tool(const char *format, const char *dir, const char *argument)
{
    char command[512];
    int n = snprintf(command, sizeof(command), "%s ", getenv("DC_CERTS"));
    snprintf(command + n, sizeof(command) - (size_t)n, format, dir, argument);
    if (system(command) != 0) {
        fprintf(stderr, "failed: %s\n", command);
        abort();
    }
}

// Where the render process listens; a test of RDMA names the address of a device.
static const char *
host(void)
{
    const char *address = getenv("DC_TEST_RDMA_ADDRESS");
    return address ? address : "127.0.0.1";
}

// Made once where that is slow (tests/vm), else for each test.
static void
make_certificates(const char *dir)
{
    const char *made = getenv("DC_TEST_CERTS");
    char command[512];
    if (made) {
        snprintf(command, sizeof(command), "cp %s/* %s/", made, dir);
        assert(system(command) == 0);
        return;
    }
    run_tool("ca --dir %s", dir, "");
    run_tool("server --dir %s --host %s", dir, host());
    run_tool("instance --dir %s --name %s", dir, "demo");
    run_tool("instance --dir %s --name %s", dir, "other");
}

static int
listen_tcp(uint16_t *port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = inet_addr(host()) };
    socklen_t length = sizeof(a);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 16) == 0);
    assert(getsockname(fd, (struct sockaddr *)&a, &length) == 0);
    *port = ntohs(a.sin_port);
    return fd;
}

static int
listen_unix(const char *dir)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    snprintf(a.sun_path, sizeof(a.sun_path), "%s/render", dir);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 16) == 0);
    return fd;
}

void
rig_start(struct rig *rig)
{
    *rig = (struct rig){ 0 };
    strcpy(rig->dir, "/tmp/dc-link-test-XXXXXX");
    assert(mkdtemp(rig->dir));
    make_certificates(rig->dir);
    int tcp_fd = listen_tcp(&rig->tcp_port), unix_fd = listen_unix(rig->dir);
    rig->render_pid = fork();
    if (rig->render_pid == 0)
        rig_render_run(rig->dir, tcp_fd, unix_fd);
    close(tcp_fd);
    close(unix_fd);
}

void
rig_start_relay(struct rig *rig, int delay_ms, int rate_kbps)
{
    char listen_address[32], to[32], delay[16], rate[16];
    int fd = listen_tcp(&rig->relay_port); // a free port
    close(fd);
    snprintf(listen_address, sizeof(listen_address), "%s:%u", host(), rig->relay_port);
    snprintf(to, sizeof(to), "%s:%u", host(), rig->tcp_port);
    snprintf(delay, sizeof(delay), "%d", delay_ms);
    snprintf(rate, sizeof(rate), "%d", rate_kbps);
    rig->relay_pid = fork();
    if (rig->relay_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execl(getenv("DC_RELAY"), "dc-relay", "--listen", listen_address, "--to", to, "--delay-ms", delay,
              "--rate-kbps", rate, NULL);
        _exit(127);
    }
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(rig->relay_port),
                             .sin_addr.s_addr = inet_addr(host()) };
    for (int i = 0; i < 200; i++) {
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int error = connect(fd, (struct sockaddr *)&a, sizeof(a));
        close(fd);
        if (!error)
            return;
        usleep(10000);
    }
    abort();
}

void
rig_finish(struct rig *rig)
{
    int status;
    if (rig->relay_pid) {
        kill(rig->relay_pid, SIGKILL);
        waitpid(rig->relay_pid, NULL, 0);
    }
    usleep(20000); // let the processes of the link end, so that a crash of theirs is seen
    kill(rig->render_pid, SIGTERM);
    assert(waitpid(rig->render_pid, &status, 0) == rig->render_pid);
    assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    char command[128];
    snprintf(command, sizeof(command), "rm -rf %s", rig->dir);
    assert(system(command) == 0);
}

const char *rig_tenant;

size_t
rig_capability(const char *instance, uint8_t out[RIG_CAPABILITY_BYTES])
{
    struct dc_capability c = { .expiry_s = time(NULL) + 60, .quotas = dc_quotas_default };
    snprintf(c.instance, sizeof(c.instance), "%s", instance);
    if (rig_tenant)
        snprintf(c.tenant, sizeof(c.tenant), "%s", rig_tenant);
    assert(dc_capability_nonce(c.nonce));
    size_t size_bytes = dc_capability_seal(&rig_key, &c, out);
    assert(size_bytes);
    return size_bytes;
}

static void
handle_control(void *user, const Dc__Render__FromWorker *m)
{
    struct rig *rig = user;
    rig->hello_count += m->body_case == DC__RENDER__FROM_WORKER__BODY_HELLO;
    if (m->body_case == DC__RENDER__FROM_WORKER__BODY_RELEASE) {
        rig->lost_count++;
        rig->stats_pcm_bytes = m->release->seq;
    }
    if (m->body_case == DC__RENDER__FROM_WORKER__BODY_STATS) {
        rig->stats_count++;
        rig->stats_pcm_bytes = m->stats->audio_packets;
    }
}

static void
handle_packet(void *user, const struct dc_packet *packet)
{
    struct rig *rig = user;
    uint8_t *expected = malloc(packet->size_bytes + 1);
    rig_pattern(expected, packet->size_bytes, (uint32_t)packet->meta.frame_id);
    assert(packet->size_bytes == packet->meta.frame_id);
    assert(memcmp(expected, packet->data, packet->size_bytes) == 0);
    free(expected);
    rig->packet_count++;
}

static void
handle_closed(void *user, const char *reason)
{
    struct rig *rig = user;
    rig->closed_count++;
    fprintf(stderr, "link closed: %s\n", reason);
    snprintf(rig->reason, sizeof(rig->reason), "%s", reason);
}

static const struct dc_link_listener listener = {
    .handle_control = handle_control, .handle_packet = handle_packet, .handle_closed = handle_closed,
};

struct dc_link *
rig_connect(struct rig *rig, const char *kind, const char *instance, const char *cert_name, const uint8_t *capability,
            size_t capability_bytes)
{
    char address[128], ca[128], cert[128], key[128];
    if (strcmp(kind, "unix") == 0)
        snprintf(address, sizeof(address), "unix:%s/render", rig->dir);
    else
        snprintf(address, sizeof(address), "%s:%s:%u", strcmp(kind, "rdma") ? "tcp" : "rdma", host(),
                 strcmp(kind, "relay") ? rig->tcp_port : rig->relay_port);
    snprintf(ca, sizeof(ca), "%s/ca.pem", rig->dir);
    snprintf(cert, sizeof(cert), "%s/%s.pem", rig->dir, cert_name);
    snprintf(key, sizeof(key), "%s/%s.key", rig->dir, cert_name);
    const struct dc_link_config config = {
        .address = address, .instance = instance, .capability = capability, .capability_bytes = capability_bytes,
        .ca_file = ca, .cert_file = cert, .key_file = key,
    };
    return dc_link_create(&config, &listener, rig);
}

struct dc_link *
rig_open(struct rig *rig, const char *kind, const char *instance)
{
    uint8_t capability[RIG_CAPABILITY_BYTES];
    size_t size_bytes = rig_capability(instance, capability);
    return rig_connect(rig, kind, instance, instance, capability, size_bytes);
}

bool
rig_wait(struct dc_link *link, const int *count, int wanted)
{
    int64_t end_us = dc_clock_now_us() + WAIT_US;
    while (*count < wanted && dc_clock_now_us() < end_us) {
        struct pollfd p = { .fd = dc_link_fd(link), .events = POLLIN };
        poll(&p, 1, 100);
        if (p.revents)
            dc_link_dispatch(link);
    }
    return *count >= wanted;
}

void
rig_send_start(struct dc_link *link)
{
    Dc__Render__Start start = DC__RENDER__START__INIT;
    Dc__Render__ToWorker m = DC__RENDER__TO_WORKER__INIT;
    m.body_case = DC__RENDER__TO_WORKER__BODY_START;
    m.start = &start;
    start.width = 640;
    start.height = 360;
    assert(dc_link_send(link, &m) == 0);
}

static uint64_t
process_switches(const char *pid)
{
    char path[600], line[256];
    uint64_t total = 0;
    snprintf(path, sizeof(path), "/proc/%s/task", pid);
    DIR *tasks = opendir(path);
    for (struct dirent *t; tasks && (t = readdir(tasks));) {
        snprintf(path, sizeof(path), "/proc/%s/task/%s/status", pid, t->d_name);
        FILE *f = t->d_name[0] == '.' ? NULL : fopen(path, "r");
        unsigned long long n;
        while (f && fgets(line, sizeof(line), f)) {
            if (sscanf(line, "voluntary_ctxt_switches: %llu", &n) == 1)
                total += n;
        }
        if (f)
            fclose(f);
    }
    if (tasks)
        closedir(tasks);
    return total;
}

uint64_t
rig_switches(pid_t pid)
{
    uint64_t total = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *d; (d = readdir(proc));) {
        char path[600];
        int parent = 0;
        snprintf(path, sizeof(path), "/proc/%s/stat", d->d_name);
        FILE *f = atoi(d->d_name) ? fopen(path, "r") : NULL;
        if (!f)
            continue;
        if (fscanf(f, "%*d (%*[^)]) %*c %d", &parent) == 1 && (parent == pid || atoi(d->d_name) == pid))
            total += process_switches(d->d_name);
        fclose(f);
    }
    closedir(proc);
    return total;
}

uint64_t
rig_hash(uint64_t hash, const void *data, size_t size_bytes)
{
    const uint8_t *p = data;
    for (size_t i = 0; i < size_bytes; i++)
        hash = (hash ^ p[i]) * 0x100000001b3u;
    return hash;
}

void
rig_pattern(uint8_t *data, size_t size_bytes, uint32_t seed)
{
    for (size_t i = 0; i < size_bytes; i++) {
        seed = seed * 1664525u + 1013904223u;
        data[i] = (uint8_t)(seed >> 24);
    }
}

bool
rig_submit(struct dc_ring *ring, const void *payload, size_t size_bytes)
{
    struct dc_batch_header h = { .size_bytes = (uint32_t)size_bytes, .bulk_end = ring->bulk_head };
    size_t whole = sizeof(h) + ((size_bytes + 7) & ~7ul);
    for (;;) {
        uint32_t seen = dc_ring_wake_word(ring);
        uint8_t *p = dc_ring_cmd_reserve(ring, whole);
        if (p) {
            memcpy(p, &h, sizeof(h));
            memcpy(p + sizeof(h), payload, size_bytes);
            dc_ring_cmd_publish(ring, whole);
            return true;
        }
        if (dc_ring_get_state(ring) != DC_RING_OPEN)
            return false;
        dc_ring_frontend_wait(ring, seen, 10000);
    }
}

bool
rig_bulk(struct dc_ring *ring, const void *data, size_t size_bytes, uint64_t *position)
{
    for (;;) {
        uint32_t seen = dc_ring_wake_word(ring);
        uint8_t *p = dc_ring_bulk_reserve(ring, size_bytes, position);
        if (p) {
            memcpy(p, data, size_bytes);
            dc_ring_bulk_publish(ring, size_bytes);
            return true;
        }
        if (dc_ring_get_state(ring) != DC_RING_OPEN)
            return false;
        dc_ring_frontend_wait(ring, seen, 10000);
    }
}

int64_t
rig_answer(struct dc_ring *ring, uint64_t serial, void *out, size_t out_bytes)
{
    size_t got = 0;
    int64_t end_us = dc_clock_now_us() + WAIT_US;
    while (dc_clock_now_us() < end_us) {
        size_t size_bytes;
        uint32_t seen = dc_ring_wake_word(ring);
        const uint8_t *p = dc_ring_reply_peek(ring, &size_bytes);
        if (!p && dc_ring_get_state(ring) != DC_RING_OPEN)
            return -1;
        if (!p) {
            dc_ring_frontend_wait(ring, seen, 5000);
            continue;
        }
        struct dc_reply_header h;
        assert(size_bytes >= sizeof(h));
        memcpy(&h, p, sizeof(h));
        size_t whole = sizeof(h) + ((h.size_bytes + 7ul) & ~7ul);
        assert(size_bytes >= whole && h.serial == serial); // never in part
        if (got + h.size_bytes <= out_bytes)
            memcpy((uint8_t *)out + got, p + sizeof(h), h.size_bytes);
        got += h.size_bytes;
        dc_ring_reply_consume(ring, whole);
        if (h.type == DC_REPLY_SYNC)
            return (int64_t)got;
    }
    return -2;
}
