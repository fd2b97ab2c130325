/*
 * A TCP link's process. It makes TLS, reads one Admit, asks the main process, and is then one of two things:
 *
 *   first connection   between the supervisor's control connection, the worker's socket (to the worker it looks like a
 *                      local supervisor) and the process of the second connection
 *   bulk connection    passes messages between TLS and a socket to the process of the first; it decrypts on a core of
 *                      its own
 *
 * Before it reads a byte of the peer it gives up its uid and enters the worker's sandbox.
 * One loop over poll(2) either way; rings add a sleeping thread each (tcp_mirror.h). Whatever ends, ends all of it.
 */
#include "tcp_link.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <protocol/link/tls.h>
#include <render.pb-c.h>

#define DC_LOG_COMPONENT "render"
#include <common/clock.h>
#include <common/log.h>
#include "admission.h"
#include "sandbox.h"
#include "tcp_mirror.h"

#define HANDSHAKE_TIMEOUT_MS 8000
#define ADMIT_TIMEOUT_MS 8000
#define FLUSH_TIMEOUT_MS 1000
// Beyond this we stop reading from one side until the other has taken what is there.
#define HIGH_WATER_BYTES (4u << 20)
#define MAX_PCM_BYTES (64u << 10)
#define MAX_MEMORY_MIB 512u

struct link_process {
    struct dc_tls *tls; // owned by peer
    struct dc_channel *peer;   // TLS
    struct dc_channel *worker; // first connection: the worker; bulk connection: the first connection's process
    struct dc_channel *bulk;   // first connection: the bulk connection's process, once it joined
    int admission_fd;
    bool is_bulk, admitted;
    bool has_admit;
    struct dc_admission_request request;
    struct dc_mirrors mirrors;
};

// ---- messages of the supervisor ----

static bool
keep_admit(struct link_process *p, const struct dc_channel_message *message)
{
    if (p->has_admit || message->type != DC_LINK_CONTROL || message->size_bytes > sizeof(p->request.admit)) {
        dc_warn("tcp link: %s", p->has_admit ? "more bytes before the answer to Admit" : "the first message is no Admit");
        return false;
    }
    p->has_admit = true;
    p->request.admit_bytes = (uint32_t)message->size_bytes;
    memcpy(p->request.admit, message->payload, message->size_bytes);
    return true;
}

static bool
forward(struct dc_channel *to, const struct dc_channel_message *message)
{
    return dc_channel_send(to, message->type, message->flags, message->payload, message->size_bytes, NULL, 0) == 0;
}

static bool
refuse_type(const struct dc_channel_message *message)
{
    dc_error("tcp link: unexpected message of type %u and %zu bytes", message->type, message->size_bytes);
    return false;
}

static bool
handle_control(struct link_process *p, const struct dc_channel_message *message)
{
    Dc__Render__ToWorker *m = dc__render__to_worker__unpack(NULL, message->size_bytes, message->payload);
    bool ok = false;
    switch (m ? m->body_case : DC__RENDER__TO_WORKER__BODY__NOT_SET) {
    case DC__RENDER__TO_WORKER__BODY_RING_ATTACH:
        ok = dc_mirrors_attach(&p->mirrors, m->ring_attach);
        break;
    case DC__RENDER__TO_WORKER__BODY__NOT_SET:
    case DC__RENDER__TO_WORKER__BODY_ADMIT:
    case DC__RENDER__TO_WORKER__BODY_RING_CLOSE: // over TCP a ring ends with DC_LINK_RING_STATE
        dc_error("tcp link: malformed control message");
        break;
    default:
        ok = forward(p->worker, message);
    }
    if (m)
        dc__render__to_worker__free_unpacked(m, NULL);
    return ok;
}

static bool
handle_peer(void *user, struct dc_channel_message *message)
{
    struct link_process *p = user;
    if (!p->admitted)
        return keep_admit(p, message);
    if (p->is_bulk)
        return message->type == DC_LINK_RING_BULK ? forward(p->worker, message) : refuse_type(message);
    switch (message->type) {
    case DC_LINK_CONTROL:
        return handle_control(p, message);
    case DC_LINK_PCM:
        return message->size_bytes <= MAX_PCM_BYTES ? forward(p->worker, message) : refuse_type(message);
    case DC_LINK_RING_CMD:
        return dc_mirrors_handle_cmd(&p->mirrors, message);
    case DC_LINK_RING_ACK:
        return dc_mirrors_handle_ack(&p->mirrors, message);
    case DC_LINK_RING_STATE:
        return dc_mirrors_handle_state(&p->mirrors, message);
    default:
        return refuse_type(message);
    }
}

// Of the worker (control, packets), or, on a bulk connection, of the first connection's process (replies).
static bool
handle_worker(void *user, struct dc_channel_message *message)
{
    struct link_process *p = user;
    bool fits = p->is_bulk ? message->type == DC_LINK_RING_REPLY
                           : message->type == DC_LINK_CONTROL || message->type == DC_LINK_PACKET;
    return fits ? forward(p->peer, message) : refuse_type(message);
}

static bool
handle_bulk(void *user, struct dc_channel_message *message)
{
    struct link_process *p = user;
    return message->type == DC_LINK_RING_BULK ? dc_mirrors_handle_bulk(&p->mirrors, message) : refuse_type(message);
}

static const struct dc_channel_listener peer_listener = { .handle_message = handle_peer };
static const struct dc_channel_listener worker_listener = { .handle_message = handle_worker };
static const struct dc_channel_listener bulk_listener = { .handle_message = handle_bulk };

// ---- admission ----

static void
flush(struct dc_channel *channel, int timeout_ms)
{
    int64_t end_us = dc_clock_now_us() + timeout_ms * INT64_C(1000);
    while (dc_channel_queued_bytes(channel) && dc_clock_now_us() < end_us) {
        struct pollfd p = { .fd = dc_channel_fd(channel), .events = POLLOUT };
        if (poll(&p, 1, timeout_ms) <= 0 || dc_channel_process(channel, POLLOUT) < 0)
            return;
    }
}

static void
send_answer(struct link_process *p, Dc__Render__FromWorker *message)
{
    uint8_t bytes[512];
    if (dc__render__from_worker__get_packed_size(message) > sizeof(bytes))
        return;
    dc_channel_send(p->peer, DC_LINK_CONTROL, 0, bytes, dc__render__from_worker__pack(message, bytes), NULL, 0);
}

static void
send_refused(struct link_process *p, const char *reason)
{
    Dc__Render__Refused refused = DC__RENDER__REFUSED__INIT;
    Dc__Render__FromWorker message = DC__RENDER__FROM_WORKER__INIT;
    refused.reason = (char *)reason;
    message.body_case = DC__RENDER__FROM_WORKER__BODY_REFUSED;
    message.refused = &refused;
    send_answer(p, &message);
    flush(p->peer, FLUSH_TIMEOUT_MS);
}

static void
send_admitted(struct link_process *p, const struct dc_admission_answer *answer)
{
    Dc__Render__Admitted admitted = DC__RENDER__ADMITTED__INIT;
    Dc__Render__FromWorker message = DC__RENDER__FROM_WORKER__INIT;
    message.body_case = DC__RENDER__FROM_WORKER__BODY_ADMITTED;
    message.admitted = &admitted;
    if (!p->is_bulk)
        admitted.bulk_token = (ProtobufCBinaryData){ .len = sizeof(answer->bulk_token),
                                                     .data = (uint8_t *)answer->bulk_token };
    send_answer(p, &message);
}

static bool
read_admit(struct link_process *p)
{
    int64_t end_us = dc_clock_now_us() + ADMIT_TIMEOUT_MS * INT64_C(1000);
    int error = 0;
    while (!error && !p->has_admit) {
        struct pollfd polled = { .fd = dc_channel_fd(p->peer), .events = dc_channel_events(p->peer) };
        int64_t left_us = end_us - dc_clock_now_us();
        if (left_us <= 0 || poll(&polled, 1, (int)(left_us / 1000) + 1) == 0)
            error = -ETIMEDOUT;
        else
            error = dc_channel_process(p->peer, polled.revents);
    }
    if (error == -ECANCELED || error == -EPROTO)
        send_refused(p, "the first message is no Admit");
    else if (error == -EPIPE)
        dc_debug("tcp link: closed before it asked for admission");
    else if (error)
        dc_warn("tcp link refused: %s", error == -ETIMEDOUT ? "no Admit in time" : dc_tls_error(p->tls));
    return !error;
}

static bool
ask_admission(struct link_process *p)
{
    struct dc_admission_answer answer;
    int fd;
    if (dc_admission_ask(p->admission_fd, &p->request, &answer, &fd) < 0) {
        send_refused(p, answer.reason);
        return false;
    }
    char subject[96];
    p->is_bulk = answer.kind == DC_ADMISSION_BULK_PEER;
    snprintf(subject, sizeof(subject), "instance %s%s", answer.instance, p->is_bulk ? " bulk" : "");
    dc_log_set_subject(subject);
    p->worker = dc_channel_create(fd, &worker_listener, p);
    p->admitted = p->worker != NULL;
    if (!p->admitted)
        return false;
    dc_channel_set_max_message(p->peer, DC_CHANNEL_MAX_MESSAGE_BYTES);
    send_admitted(p, &answer);
    dc_info("tcp link admitted");
    return true;
}

// ---- loop ----

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
    p->bulk = p->mirrors.bulk = dc_channel_create(fd, &bulk_listener, p);
    return p->bulk ? 0 : -ENOMEM;
}

static int
serve_first(struct link_process *p, const char **who)
{
    enum { PEER, WORKER, BULK, ADMISSION, WAKE, COUNT };
    int error = 0;
    p->mirrors.control = p->peer;
    p->mirrors.worker = p->worker;
    while (!error) {
        struct pollfd polled[COUNT] = {
            [PEER] = { .fd = dc_channel_fd(p->peer), .events = wanted(p->peer, p->worker) },
            [WORKER] = { .fd = dc_channel_fd(p->worker), .events = wanted(p->worker, p->peer) },
            [BULK] = { .fd = p->bulk ? dc_channel_fd(p->bulk) : -1,
                       .events = p->bulk ? dc_channel_events(p->bulk) : 0 },
            [ADMISSION] = { .fd = p->admission_fd, .events = POLLIN },
            [WAKE] = { .fd = p->mirrors.wake_fd, .events = POLLIN },
        };
        if (poll(polled, COUNT, -1) < 0 && errno != EINTR)
            return -errno;
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
    }
    return error;
}

static int
serve_bulk(struct link_process *p, const char **who)
{
    int error = 0;
    while (!error) {
        struct pollfd polled[2] = {
            { .fd = dc_channel_fd(p->peer), .events = wanted(p->peer, p->worker) },
            { .fd = dc_channel_fd(p->worker), .events = wanted(p->worker, p->peer) },
        };
        if (poll(polled, 2, -1) < 0 && errno != EINTR)
            return -errno;
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
lock_in(void)
{
    pid_t parent_pid = getppid();
    if (!dc_sandbox_drop_privileges(MAX_MEMORY_MIB))
        return false;
    // Another uid forgets it.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent_pid)
        return false;
    return dc_sandbox_enter(false);
}

static bool
open_peer(struct link_process *p, int tcp_fd, struct dc_tls_context *context)
{
    p->tls = dc_tls_create(context, tcp_fd, NULL);
    int error = p->tls ? dc_tls_handshake(p->tls, HANDSHAKE_TIMEOUT_MS, -1) : -ENOMEM;
    if (error == -EPIPE)
        dc_debug("tcp link: closed before TLS was made"); // a port probe
    else if (error)
        dc_warn("tcp link refused: %s", p->tls ? dc_tls_error(p->tls) : "out of memory");
    else if (!dc_tls_get_peer_name(p->tls, p->request.common_name, sizeof(p->request.common_name)))
        dc_warn("tcp link refused: the client certificate has no usable common name");
    else {
        p->peer = dc_channel_create_over(tcp_fd, &dc_tls_transport, p->tls, &peer_listener, p);
        return p->peer != NULL;
    }
    dc_tls_destroy(p->tls);
    close(tcp_fd);
    return false;
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
    dc_tcp_tune(tcp_fd);
    if (!context || !dc_mirrors_init(&p->mirrors) || !lock_in() || !open_peer(p, tcp_fd, context))
        return 1;
    dc_channel_set_max_message(p->peer, DC_ADMISSION_MAX_ADMIT_BYTES);
    if (read_admit(p) && ask_admission(p)) {
        error = p->is_bulk ? serve_bulk(p, &who) : serve_first(p, &who);
        dc_info("tcp link ends: %s: %s", who, error == -EPIPE ? "closed" : strerror(-error));
        flush(p->peer, FLUSH_TIMEOUT_MS); // a worker's last words
    }
    dc_mirrors_finish(&p->mirrors);
    dc_channel_destroy(p->bulk);
    dc_channel_destroy(p->worker);
    dc_channel_destroy(p->peer);
    dc_tls_context_destroy(context);
    close(admission_fd);
    return error == -EPIPE ? 0 : 1;
}
