#include "tcp_process.h"

#include <stdio.h>
#include <string.h>

#include <render.pb-c.h>

#define DC_LOG_COMPONENT "render"
#include <common/log.h>

#define MAX_PCM_BYTES (64u << 10)

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
uses_rdma(const struct link_process *p)
{
    return p->rdma && dc_rdma_mirrors_are_started(p->rdma);
}

static bool
handle_rdma(struct link_process *p, const struct dc_channel_message *message)
{
    if (p->rdma && dc_rdma_mirrors_are_usable(p->rdma) && !p->bulk)
        return dc_rdma_mirrors_handle_message(p->rdma, message);
    struct dc_rdma_message question, answer = { .kind = DC_RDMA_UNAVAILABLE };
    if (!dc_rdma_message_unpack(message, &question) || question.kind != DC_RDMA_OPEN)
        return refuse_type(message);
    snprintf(answer.reason, sizeof(answer.reason), "%s",
             p->rdma ? "the render server's RDMA connection failed" : p->rdma_reason);
    return dc_rdma_message_send(p->peer, &answer) == 0;
}

static bool
handle_control(struct link_process *p, const struct dc_channel_message *message)
{
    Dc__Render__ToWorker *m = dc__render__to_worker__unpack(NULL, message->size_bytes, message->payload);
    bool ok = false;
    switch (m ? m->body_case : DC__RENDER__TO_WORKER__BODY__NOT_SET) {
    case DC__RENDER__TO_WORKER__BODY_RING_ATTACH:
        ok = uses_rdma(p) ? dc_rdma_mirrors_attach(p->rdma, m->ring_attach)
                          : dc_mirrors_attach(&p->mirrors, m->ring_attach);
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
        return dc_bulk_receiver_handle(p->receiver, message);
    switch (message->type) {
    case DC_LINK_CONTROL:
        return handle_control(p, message);
    case DC_LINK_PCM:
        return message->size_bytes <= MAX_PCM_BYTES ? forward(p->worker, message) : refuse_type(message);
    case DC_LINK_RDMA:
        return handle_rdma(p, message);
    case DC_LINK_RING_CMD:
        return dc_mirrors_handle_cmd(&p->mirrors, message);
    case DC_LINK_RING_ACK:
        return dc_mirrors_handle_ack(&p->mirrors, message);
    case DC_LINK_RING_STATE:
        return uses_rdma(p) ? dc_rdma_mirrors_handle_state(p->rdma, message)
                            : dc_mirrors_handle_state(&p->mirrors, message);
    default:
        return refuse_type(message);
    }
}

// Of the worker; on a bulk connection of the first connection's process.
static bool
handle_worker(void *user, struct dc_channel_message *message)
{
    struct link_process *p = user;
    if (p->is_bulk)
        return dc_bulk_rings_handle(&p->bulk_rings, message);
    bool fits = message->type == DC_LINK_CONTROL || message->type == DC_LINK_PACKET;
    return fits ? forward(p->peer, message) : refuse_type(message);
}

static bool
handle_bulk(void *user, struct dc_channel_message *message)
{
    struct link_process *p = user;
    return dc_mirrors_handle_bulk(&p->mirrors, message);
}

const struct dc_channel_listener dc_tcp_peer_listener = { .handle_message = handle_peer };
const struct dc_channel_listener dc_tcp_worker_listener = { .handle_message = handle_worker };
const struct dc_channel_listener dc_tcp_bulk_listener = { .handle_message = handle_bulk };
