#include "loop.h"

#include <stdlib.h>
#include <string.h>

#include <gles_decode.h>
#include <gles_encode.h>

static struct loop *
loop_of(struct dc_encoder *encoder)
{
    return (struct loop *)encoder;
}

static void
refill(struct dc_encoder *encoder, size_t words)
{
    loop_run(loop_of(encoder));
}

static void *
bulk_begin(struct dc_encoder *encoder, size_t size_bytes, uint64_t *position)
{
    struct loop *loop = loop_of(encoder);
    if (size_bytes > LOOP_BULK_BYTES - loop->bulk_at)
        abort();
    *position = loop->bulk_at;
    return loop->bulk + loop->bulk_at;
}

static void
bulk_end(struct dc_encoder *encoder, size_t size_bytes)
{
    loop_of(encoder)->bulk_at += size_bytes;
}

static const struct dc_encoder_impl encoder_impl = { refill, bulk_begin, bulk_end };

static const void *
bulk_view(void *user, uint64_t position, size_t size_bytes)
{
    struct loop *loop = user;
    return position <= loop->bulk_at && size_bytes <= loop->bulk_at - position ? loop->bulk + position : NULL;
}

static void *
reply_reserve(struct dc_exec *x, size_t size_bytes)
{
    struct loop *loop = x->user;
    return size_bytes <= sizeof(loop->reply_room) ? loop->reply_room : NULL;
}

static struct loop_reply *
last_part(struct loop *loop, uint64_t serial)
{
    for (struct loop_reply *reply = loop->replies; reply; reply = reply->next)
        if (reply->type == DC_REPLY_SYNC_PART && reply->serial == serial)
            return reply;
    return NULL;
}

static void
reply_publish(struct dc_exec *x, size_t size_bytes)
{
    struct loop *loop = x->user;
    struct dc_reply_header header;
    memcpy(&header, loop->reply_room, sizeof(header));
    if (sizeof(header) + header.size_bytes > size_bytes || size_bytes % 8)
        abort();
    struct loop_reply *reply = last_part(loop, header.serial);
    if (!reply) {
        struct loop_reply **end = &loop->replies;
        while (*end)
            end = &(*end)->next;
        reply = *end = calloc(1, sizeof(*reply));
        reply->serial = header.serial;
    }
    reply->type = header.type;
    reply->data = realloc(reply->data, reply->size_bytes + header.size_bytes + 1);
    memcpy(reply->data + reply->size_bytes, loop->reply_room + sizeof(header), header.size_bytes);
    reply->size_bytes += header.size_bytes;
}

static const struct dc_exec_impl exec_impl = { .reply_reserve = reply_reserve, .reply_publish = reply_publish };

struct loop *
loop_create(const struct dc_gl *gl)
{
    struct loop *loop = calloc(1, sizeof(*loop));
    if (!loop || !(loop->bulk = malloc(LOOP_BULK_BYTES)) || !dc_exec_init(&loop->exec, gl, &exec_impl, loop))
        abort();
    loop->encoder = (struct dc_encoder){ &encoder_impl, loop->words, loop->words + LOOP_WORDS };
    loop->exec.decoder.bulk_view = bulk_view;
    loop->exec.decoder.user = loop;
    loop->context = dc_exec_context_create(&loop->exec, 1, DC_API_GLES2, NULL);
    if (!loop->context)
        abort();
    dc_exec_context_made_current(&loop->exec, loop->context);
    return loop;
}

void
loop_destroy(struct loop *loop)
{
    dc_exec_finish(&loop->exec);
    while (loop->replies) {
        struct loop_reply *reply = loop->replies;
        loop->replies = reply->next;
        loop_reply_free(reply);
    }
    free(loop->bulk);
    free(loop);
}

int
loop_run(struct loop *loop)
{
    int rc = dc_gles_dispatch(&loop->exec, loop->words, (size_t)(loop->encoder.at - loop->words));
    loop->encoder.at = loop->words;
    loop->bulk_at = 0;
    return rc;
}

int
loop_run_words(struct loop *loop, const uint32_t *words, size_t count)
{
    return dc_gles_dispatch(&loop->exec, words, count);
}

struct loop_reply *
loop_take(struct loop *loop, uint32_t type)
{
    for (struct loop_reply **at = &loop->replies; *at; at = &(*at)->next) {
        struct loop_reply *reply = *at;
        if (reply->type == type) {
            *at = reply->next;
            return reply;
        }
    }
    return NULL;
}

void
loop_reply_free(struct loop_reply *reply)
{
    if (reply)
        free(reply->data);
    free(reply);
}

uint32_t
loop_error(struct loop *loop)
{
    uint32_t error = UINT32_MAX;
    dc_enc_GetError(&loop->encoder, 0x7e57);
    loop_run(loop);
    struct loop_reply *reply = loop_take(loop, DC_REPLY_SYNC);
    while (reply && reply->serial != 0x7e57) {
        loop_reply_free(reply);
        reply = loop_take(loop, DC_REPLY_SYNC);
    }
    if (reply && reply->size_bytes == sizeof(error))
        memcpy(&error, reply->data, sizeof(error));
    loop_reply_free(reply);
    return error;
}
