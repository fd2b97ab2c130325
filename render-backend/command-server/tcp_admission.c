#include "tcp_process.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <render.pb-c.h>

#define DC_LOG_COMPONENT "render"
#include <common/clock.h>
#include <common/log.h>

#define HANDSHAKE_TIMEOUT_MS 8000
#define ADMIT_TIMEOUT_MS 8000
#define FLUSH_TIMEOUT_MS 1000

void
dc_tcp_flush(struct dc_channel *channel, int timeout_ms)
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
    dc_tcp_flush(p->peer, FLUSH_TIMEOUT_MS);
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

bool
dc_tcp_read_admit(struct link_process *p)
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

// Whoever is admitted may name every ring that was answered before.
static bool
wait_until_joined(struct link_process *p)
{
    int64_t end_us = dc_clock_now_us() + ADMIT_TIMEOUT_MS * INT64_C(1000);
    int error = 0;
    while (!error && !p->bulk_rings.joined) {
        struct pollfd polled = { .fd = dc_channel_fd(p->worker), .events = POLLIN };
        int64_t left_us = end_us - dc_clock_now_us();
        if (left_us <= 0 || poll(&polled, 1, (int)(left_us / 1000) + 1) == 0)
            error = -ETIMEDOUT;
        else
            error = dc_channel_process(p->worker, polled.revents);
    }
    if (error)
        dc_warn("tcp link: bulk: the first connection's process does not answer: %s", strerror(-error));
    return !error;
}

bool
dc_tcp_ask_admission(struct link_process *p)
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
    p->worker = dc_channel_create(fd, &dc_tcp_worker_listener, p);
    p->admitted = p->worker != NULL;
    if (!p->admitted)
        return false;
    p->bulk_rings.first_process = p->worker;
    if (p->is_bulk && !wait_until_joined(p))
        return false;
    dc_channel_set_max_message(p->peer, DC_CHANNEL_MAX_MESSAGE_BYTES);
    send_admitted(p, &answer);
    if (p->is_bulk)
        p->receiver = dc_bulk_receiver_create(p->peer, &p->bulk_rings, p->admission_fd, answer.store_budget_bytes);
    if (p->is_bulk && !p->receiver)
        return false;
    dc_info("tcp link admitted");
    return true;
}

bool
dc_tcp_open_peer(struct link_process *p, int tcp_fd, struct dc_tls_context *context)
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
        p->peer = dc_channel_create_over(tcp_fd, &dc_tls_transport, p->tls, &dc_tcp_peer_listener, p);
        return p->peer != NULL;
    }
    dc_tls_destroy(p->tls);
    close(tcp_fd);
    return false;
}
