#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
outgoing_destroy(struct dc_link_outgoing *out)
{
    for (int i = 0; i < out->fd_count; i++)
        close(out->fds[i]);
    free(out);
}

void
dc_link_drop_outgoing(struct dc_link *link)
{
    while (link->first) {
        struct dc_link_outgoing *next = link->first->next;
        outgoing_destroy(link->first);
        link->first = next;
    }
    link->last = NULL;
    link->waiting_bytes = 0;
}

static int
wait_for_admission(struct dc_link *link, uint16_t type, const void *payload, size_t size_bytes, const int *fds,
                   int fd_count)
{
    if (link->waiting_bytes + size_bytes > DC_LINK_MAX_WAITING_BYTES)
        return -ENOBUFS;
    struct dc_link_outgoing *out = malloc(sizeof(*out) + size_bytes);
    if (!out)
        return -ENOMEM;
    *out = (struct dc_link_outgoing){ .type = type, .size_bytes = size_bytes };
    if (size_bytes)
        memcpy(out->data, payload, size_bytes);
    for (; out->fd_count < fd_count; out->fd_count++) {
        int fd = fcntl(fds[out->fd_count], F_DUPFD_CLOEXEC, 3);
        if (fd < 0) {
            int error = -errno;
            outgoing_destroy(out);
            return error;
        }
        out->fds[out->fd_count] = fd;
    }
    if (link->last)
        link->last->next = out;
    else
        link->first = out;
    link->last = out;
    link->waiting_bytes += size_bytes;
    return 0;
}

int
dc_link_post(struct dc_link *link, uint16_t type, const void *payload, size_t size_bytes, const int *fds, int fd_count)
{
    int error;
    pthread_mutex_lock(&link->lock);
    if (link->closed)
        error = -EPIPE;
    else if (!link->admitted)
        // Sound of before the beginning is of no use to anybody.
        error = type == DC_LINK_PCM ? 0 : wait_for_admission(link, type, payload, size_bytes, fds, fd_count);
    else
        error = link->impl->send(link, type, payload, size_bytes, fds, fd_count);
    pthread_mutex_unlock(&link->lock);
    return error;
}

int
dc_link_set_admitted(struct dc_link *link)
{
    int error = 0;
    pthread_mutex_lock(&link->lock);
    for (struct dc_link_outgoing *out = link->first; out && !error; out = out->next)
        error = link->impl->send(link, out->type, out->data, out->size_bytes, out->fds, out->fd_count);
    dc_link_drop_outgoing(link);
    link->admitted = true;
    pthread_mutex_unlock(&link->lock);
    return error;
}

bool
dc_link_set_closed(struct dc_link *link)
{
    pthread_mutex_lock(&link->lock);
    bool was_open = !link->closed;
    link->closed = true;
    dc_link_drop_outgoing(link);
    pthread_mutex_unlock(&link->lock);
    return was_open;
}

// The packed message, to free(); NULL when out of memory.
static uint8_t *
pack(const Dc__Render__ToWorker *message, size_t *size_bytes)
{
    *size_bytes = dc__render__to_worker__get_packed_size(message);
    uint8_t *bytes = malloc(*size_bytes + 1);
    if (bytes)
        dc__render__to_worker__pack(message, bytes);
    return bytes;
}

int
dc_link_post_control(struct dc_link *link, const Dc__Render__ToWorker *message, const int *fds, int fd_count)
{
    size_t size_bytes;
    uint8_t *bytes = pack(message, &size_bytes);
    if (!bytes)
        return -ENOMEM;
    int error = dc_link_post(link, DC_LINK_CONTROL, bytes, size_bytes, fds, fd_count);
    free(bytes);
    return error;
}

int
dc_link_send_admit(struct dc_link *link, struct dc_channel *channel, const uint8_t *bulk_token, size_t bulk_token_bytes)
{
    Dc__Render__Admit admit = DC__RENDER__ADMIT__INIT;
    Dc__Render__ToWorker message = DC__RENDER__TO_WORKER__INIT;
    message.body_case = DC__RENDER__TO_WORKER__BODY_ADMIT;
    message.admit = &admit;
    admit.version = 1;
    admit.instance = link->instance;
    // The capability is single-use: the second connection shows the token that the first one earned.
    if (!bulk_token)
        admit.capability = (ProtobufCBinaryData){ .len = link->capability_bytes, .data = link->capability };
    else
        admit.bulk_token = (ProtobufCBinaryData){ .len = bulk_token_bytes, .data = (uint8_t *)bulk_token };
    size_t size_bytes;
    uint8_t *bytes = pack(&message, &size_bytes);
    if (!bytes)
        return -ENOMEM;
    int error = dc_channel_send(channel, DC_LINK_CONTROL, 0, bytes, size_bytes, NULL, 0);
    free(bytes);
    return error;
}

int
dc_link_post_ring_attach(struct dc_link *link, uint32_t ring_id, const struct dc_ring *ring, const char *process,
                         const int *fds, int fd_count)
{
    Dc__Render__RingAttach attach = DC__RENDER__RING_ATTACH__INIT;
    Dc__Render__ToWorker message = DC__RENDER__TO_WORKER__INIT;
    message.body_case = DC__RENDER__TO_WORKER__BODY_RING_ATTACH;
    message.ring_attach = &attach;
    attach.ring_id = ring_id;
    attach.cmd_bytes = ring->geometry.cmd_bytes;
    attach.bulk_bytes = ring->geometry.bulk_bytes;
    attach.reply_bytes = ring->geometry.reply_bytes;
    attach.process = (char *)(process ? process : "");
    return dc_link_post_control(link, &message, fds, fd_count);
}

void
dc_link_read_admission(const struct dc_channel_message *message, struct dc_link_admission *admission)
{
    *admission = (struct dc_link_admission){ .answer = DC_LINK_ANSWER_NONSENSE };
    snprintf(admission->reason, sizeof(admission->reason), "render server answered nonsense");
    Dc__Render__FromWorker *m = NULL;
    if (message->type == DC_LINK_CONTROL)
        m = dc__render__from_worker__unpack(NULL, message->size_bytes, message->payload);
    if (!m)
        return;
    if (m->body_case == DC__RENDER__FROM_WORKER__BODY_REFUSED) {
        admission->answer = DC_LINK_ANSWER_REFUSED;
        snprintf(admission->reason, sizeof(admission->reason), "refused: %.120s", m->refused->reason);
    } else if (m->body_case == DC__RENDER__FROM_WORKER__BODY_ADMITTED &&
               m->admitted->bulk_token.len <= DC_LINK_MAX_TOKEN_BYTES) {
        admission->answer = DC_LINK_ANSWER_ADMITTED;
        admission->bulk_token_bytes = m->admitted->bulk_token.len;
        if (admission->bulk_token_bytes)
            memcpy(admission->bulk_token, m->admitted->bulk_token.data, admission->bulk_token_bytes);
    }
    dc__render__from_worker__free_unpacked(m, NULL);
}
