/*
 * A TCP link's process. It makes TLS, reads one Admit, asks the main process, and is then one of two things:
 *
 *   first connection   between the supervisor's control connection, the worker's socket (to the worker it looks like a
 *                      local supervisor) and the process of the second connection
 *   bulk connection    decrypts on a core of its own, and writes what comes into the rings that the process of the first
 *                      gave it (bulk_rings.h); with RDMA (rdma_mirror.h) there is none
 *
 * Before it reads a byte of the peer it gives up its uid and enters the worker's sandbox.
 * One loop over poll(2) either way; rings add a sleeping thread each (tcp_mirror.h). Whatever ends, ends all of it.
 */
#include "tcp_link.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DC_LOG_COMPONENT "render"
#include <common/log.h>
#include "namespaces.h"
#include "sandbox.h"
#include "tcp_process.h"

#define FLUSH_TIMEOUT_MS 1000
// Beyond this we stop reading from one side until the other has taken what is there.
#define HIGH_WATER_BYTES (4u << 20)
#define MAX_MEMORY_MIB 512u
// Freed memory of a frame stays for the next one instead of going back to the kernel page by page.
#define KEPT_BYTES (8 << 20)

static short
wanted(struct dc_channel *from, struct dc_channel *to)
{
    short events = dc_channel_events(from);
    if (dc_channel_queued_bytes(to) > HIGH_WATER_BYTES)
        events &= (short)~POLLIN;
    return events;
}

static int
process(struct dc_channel *channel, const struct pollfd *polled)
{
    return polled->revents ? dc_channel_process(channel, polled->revents) : 0;
}

static int
handle_admission(struct link_process *p)
{
    int fd = dc_admission_take_bulk(p->admission_fd);
    if (fd < 0)
        return fd; // the main process is gone, or confused
    if (p->bulk) {
        close(fd);
        return -EPROTO;
    }
    p->bulk = dc_channel_create(fd, &dc_tcp_bulk_listener, p);
    return p->bulk ? dc_mirrors_join(&p->mirrors, p->bulk) : -ENOMEM;
}

static int
serve_rdma(struct link_process *p, const struct pollfd polled[2], const char **who, bool *more)
{
    int error = 0;
    *who = "RDMA connection";
    if (polled[0].revents || polled[1].revents)
        error = dc_rdma_mirrors_process(p->rdma);
    return error ? error : dc_rdma_mirrors_pump(p->rdma, more);
}

static int
serve_first(struct link_process *p, const char **who)
{
    enum { PEER, WORKER, BULK, ADMISSION, WAKE, RDMA, COUNT = RDMA + 2 };
    int error = 0, rdma_fds[2] = { -1, -1 };
    bool more = false;
    p->mirrors.control = p->peer;
    p->mirrors.worker = p->worker;
    if (p->rdma)
        dc_rdma_mirrors_set_channels(p->rdma, p->peer, p->worker, p->mirrors.wake_fd);
    while (!error) {
        if (p->rdma)
            dc_rdma_mirrors_get_fds(p->rdma, rdma_fds);
        struct pollfd polled[COUNT] = {
            [PEER] = { .fd = dc_channel_fd(p->peer), .events = wanted(p->peer, p->worker) },
            [WORKER] = { .fd = dc_channel_fd(p->worker), .events = wanted(p->worker, p->peer) },
            [BULK] = { .fd = p->bulk ? dc_channel_fd(p->bulk) : -1,
                       .events = p->bulk ? dc_channel_events(p->bulk) : 0 },
            [ADMISSION] = { .fd = p->admission_fd, .events = POLLIN },
            [WAKE] = { .fd = p->mirrors.wake_fd, .events = POLLIN },
            [RDMA] = { .fd = rdma_fds[0], .events = POLLIN },
            [RDMA + 1] = { .fd = rdma_fds[1], .events = POLLIN },
        };
        if (poll(polled, COUNT, more ? 0 : -1) < 0 && errno != EINTR)
            return -errno;
        more = false;
        if (polled[WAKE].revents)
            dc_mirrors_clear_wake(&p->mirrors);
        *who = "render server";
        if (polled[ADMISSION].revents)
            error = handle_admission(p);
        if (!error) {
            *who = "worker";
            error = process(p->worker, &polled[WORKER]);
        }
        if (!error) {
            *who = "supervisor";
            error = process(p->peer, &polled[PEER]);
        }
        if (!error && p->bulk) {
            *who = "bulk connection";
            error = process(p->bulk, &polled[BULK]);
        }
        if (!error)
            error = dc_mirrors_pump(&p->mirrors);
        if (!error && p->rdma)
            error = serve_rdma(p, &polled[RDMA], who, &more);
    }
    return error;
}

static int
serve_bulk(struct link_process *p, const char **who)
{
    int error = 0;
    while (!error) {
        struct pollfd polled[3] = {
            { .fd = dc_channel_fd(p->peer), .events = dc_channel_events(p->peer) },
            { .fd = dc_channel_fd(p->worker), .events = dc_channel_events(p->worker) },
            { .fd = p->admission_fd, .events = POLLIN },
        };
        if (poll(polled, 3, dc_bulk_receiver_timeout_ms(p->receiver)) < 0 && errno != EINTR)
            return -errno;
        *who = "render server";
        error = polled[2].revents ? dc_bulk_receiver_read_store(p->receiver) : dc_bulk_receiver_tick(p->receiver);
        if (error)
            return error;
        *who = "supervisor";
        error = process(p->peer, &polled[0]);
        if (!error) {
            *who = "control connection";
            error = process(p->worker, &polled[1]);
        }
    }
    return error;
}

// Files are read and nothing of the peer is: from here on this process can only talk on what it has.
static bool
lock_in(struct link_process *p, int tcp_fd, const struct dc_tcp_link_config *config)
{
    if (config->offer_rdma)
        dc_rdma_mirrors_raise_limit();
    if (!dc_sandbox_drop_privileges(MAX_MEMORY_MIB, config->offer_rdma))
        return false;
    // Another uid forgets it.
    if (!dc_namespaces_end_with(config->parent_fd))
        return false;
    snprintf(p->rdma_reason, sizeof(p->rdma_reason), "the render server does not listen on an rdma: address");
    if (config->offer_rdma)
        p->rdma = dc_rdma_mirrors_open(tcp_fd, p->rdma_reason, sizeof(p->rdma_reason));
    return dc_sandbox_enter(DC_SANDBOX_MEMFD | (p->rdma ? DC_SANDBOX_RDMA : 0));
}

static void
close_rdma(struct link_process *p)
{
    dc_rdma_mirrors_destroy(p->rdma);
    p->rdma = NULL;
}

int
dc_tcp_link_run(int tcp_fd, int admission_fd, const struct dc_tcp_link_config *config)
{
    const struct dc_tls_config tls = { .ca_file = config->ca_file, .cert_file = config->cert_file,
                                       .key_file = config->key_file, .is_server = true };
    static struct link_process process_state; // one link per process by nature; too large for the stack
    struct link_process *p = &process_state;
    struct dc_tls_context *context = dc_tls_context_create(&tls);
    const char *who = "";
    int error = -EACCES;
    p->admission_fd = admission_fd;
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    dc_tcp_tune(tcp_fd);
    if (!context || !dc_mirrors_init(&p->mirrors) || !lock_in(p, tcp_fd, config) ||
        !dc_tcp_open_peer(p, tcp_fd, context))
        return 1;
    dc_channel_set_max_message(p->peer, DC_ADMISSION_MAX_ADMIT_BYTES);
    if (dc_tcp_read_admit(p) && dc_tcp_ask_admission(p)) {
        if (p->is_bulk)
            close_rdma(p);
        error = p->is_bulk ? serve_bulk(p, &who) : serve_first(p, &who);
        dc_info("tcp link ends: %s: %s", who, error == -EPIPE ? "closed" : strerror(-error));
        dc_tcp_flush(p->peer, FLUSH_TIMEOUT_MS); // a worker's last words
    }
    dc_bulk_receiver_destroy(p->receiver);
    dc_bulk_rings_finish(&p->bulk_rings);
    dc_mirrors_finish(&p->mirrors);
    close_rdma(p);
    dc_channel_destroy(p->bulk);
    dc_channel_destroy(p->worker);
    dc_channel_destroy(p->peer);
    dc_tls_context_destroy(context);
    close(admission_fd);
    return error == -EPIPE ? 0 : 1;
}
