#define DC_LOG_COMPONENT "link"
#include <instance/link/link.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <common/log.h>
#include <protocol/link/packet_wire.h>
#include <render.pb-c.h>
#include "link_priv.h"
#include "message.h"

#define MAX_PCM_FRAMES 9600u // 200 ms

static char *
copy_string(const char *s)
{
    return s ? strdup(s) : NULL;
}

static bool
copy_config(struct dc_link *link, const struct dc_link_config *c)
{
    link->address = copy_string(c->address);
    link->instance = copy_string(c->instance ? c->instance : "");
    link->ca_file = copy_string(c->ca_file);
    link->cert_file = copy_string(c->cert_file);
    link->key_file = copy_string(c->key_file);
    link->capability = malloc(c->capability_bytes + 1);
    if (!link->address || !link->instance || !link->capability || (c->ca_file && !link->ca_file) ||
        (c->cert_file && !link->cert_file) || (c->key_file && !link->key_file))
        return false;
    if (c->capability_bytes)
        memcpy(link->capability, c->capability, c->capability_bytes);
    link->capability_bytes = c->capability_bytes;
    link->rings_survive = c->rings_survive;
    return true;
}

struct dc_link *
dc_link_create(const struct dc_link_config *config, const struct dc_link_listener *listener, void *user)
{
    struct dc_link *link = NULL;
    bool is_local = strncmp(config->address, "unix:", 5) == 0;
    if (is_local)
        link = dc_local_link_create(config->address + 5);
    else if (strncmp(config->address, "tcp:", 4) == 0)
        link = dc_tcp_link_create(config->address + 4, false, config);
    else if (strncmp(config->address, "rdma:", 5) == 0)
        link = dc_tcp_link_create(config->address + 5, true, config);
    else
        dc_error("render address %s: not unix:PATH, tcp:HOST:PORT or rdma:HOST:PORT", config->address);
    if (!link)
        return NULL;
    link->listener = listener;
    link->user = user;
    if (!copy_config(link, config)) {
        dc_error("out of memory");
        link->impl->destroy(link);
        return NULL;
    }
    if (is_local)
        dc_local_link_start(link);
    else
        dc_tcp_link_start(link);
    return link;
}

void
dc_link_init(struct dc_link *link, const struct dc_link_impl *impl)
{
    link->impl = impl;
    pthread_mutex_init(&link->lock, NULL);
}

void
dc_link_finish(struct dc_link *link)
{
    dc_link_drop_outgoing(link);
    pthread_mutex_destroy(&link->lock);
    free(link->address);
    free(link->instance);
    free(link->ca_file);
    free(link->cert_file);
    free(link->key_file);
    free(link->capability);
}

void
dc_link_destroy(struct dc_link *link)
{
    if (link)
        link->impl->destroy(link);
}

int
dc_link_fd(const struct dc_link *link)
{
    return link->impl->get_fd(link);
}

void
dc_link_dispatch(struct dc_link *link)
{
    link->impl->dispatch(link);
}

int
dc_link_send(struct dc_link *link, const Dc__Render__ToWorker *message)
{
    // Admission and rings are the link's own business.
    switch (message->body_case) {
    case DC__RENDER__TO_WORKER__BODY_ADMIT:
    case DC__RENDER__TO_WORKER__BODY_RING_ATTACH:
    case DC__RENDER__TO_WORKER__BODY_RING_CLOSE:
        return -EINVAL;
    default:
        return dc_link_post_control(link, message, NULL, 0);
    }
}

int
dc_link_send_pcm(struct dc_link *link, int64_t time_us, const int16_t *samples, uint32_t frame_count)
{
    uint8_t bytes[8 + MAX_PCM_FRAMES * 4];
    if (frame_count > MAX_PCM_FRAMES)
        return -EMSGSIZE;
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)time_us >> (8 * i));
    for (uint32_t i = 0; i < 2 * frame_count; i++) {
        bytes[8 + 2 * i] = (uint8_t)((uint16_t)samples[i]);
        bytes[9 + 2 * i] = (uint8_t)((uint16_t)samples[i] >> 8);
    }
    return dc_link_post(link, DC_LINK_PCM, bytes, 8 + 4 * (size_t)frame_count, NULL, 0);
}

int
dc_link_attach_ring(struct dc_link *link, uint32_t ring_id, struct dc_ring *ring, const char *process)
{
    return link->impl->attach_ring(link, ring_id, ring, process);
}

void
dc_link_detach_ring(struct dc_link *link, uint32_t ring_id)
{
    link->impl->detach_ring(link, ring_id);
}

void
dc_link_get_stats(const struct dc_link *link, struct dc_link_stats *stats)
{
    *stats = (struct dc_link_stats){ 0 };
    link->impl->get_stats(link, stats);
}

static bool
deliver_control(struct dc_link *link, const void *payload, size_t size_bytes)
{
    Dc__Render__FromWorker *message = dc__render__from_worker__unpack(NULL, size_bytes, payload);
    if (!message)
        return false;
    // Admission happens once, below.
    bool ok = message->body_case != DC__RENDER__FROM_WORKER__BODY_ADMITTED &&
              message->body_case != DC__RENDER__FROM_WORKER__BODY_REFUSED;
    if (ok)
        link->listener->handle_control(link->user, message);
    dc__render__from_worker__free_unpacked(message, NULL);
    return ok;
}

bool
dc_link_deliver(struct dc_link *link, uint16_t type, const void *payload, size_t size_bytes)
{
    struct dc_packet packet;
    if (type == DC_LINK_CONTROL)
        return deliver_control(link, payload, size_bytes);
    if (type != DC_LINK_PACKET || !dc_packet_unpack(payload, size_bytes, &packet))
        return false;
    link->listener->handle_packet(link->user, &packet);
    return true;
}
