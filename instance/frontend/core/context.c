#include "context.h"

#include <stdlib.h>

#include <gles_opcodes.h>

#include <common/clock.h>

#define DC_LOG_COMPONENT "frontend"
#include <common/log.h>

#define BATCH_WORDS (DC_BATCH_MAX_BYTES / 4)
#define FLUSH_WORDS ((64u << 10) / 4) // a batch of this size is sent
#define ROOM_WORDS ((4u << 10) / 4)   // room is given in small steps, so that the age is looked at now and then
#define FLUSH_AGE_US 300              // the worker starts on a long frame while the application still builds it

__thread struct dc_context *dc_current __attribute__((tls_model("initial-exec")));

static size_t
used_words(const struct dc_context *context)
{
    return context->oversize ? 0 : (size_t)(context->encoder.at - context->batch);
}

/* Whether a command changes or reads the pixels of whatever framebuffer is bound. */
static bool
is_drawing(uint32_t op)
{
    switch (op) {
    case DC_OP_Clear:
    case DC_OP_ClearBufferiv:
    case DC_OP_ClearBufferuiv:
    case DC_OP_ClearBufferfv:
    case DC_OP_ClearBufferfi:
    case DC_OP_DrawArrays:
    case DC_OP_DrawArraysInstanced:
    case DC_OP_DrawArraysIndirect:
    case DC_OP_DrawElements:
    case DC_OP_DrawElementsInstanced:
    case DC_OP_DrawElementsIndirect:
    case DC_OP_DrawElementsBaseVertex:
    case DC_OP_DrawElementsInstancedBaseVertex:
    case DC_OP_DrawRangeElements:
    case DC_OP_DrawRangeElementsBaseVertex:
    case DC_OP_BlitFramebuffer:
    case DC_OP_ReadPixels:
        return true;
    default:
        return false;
    }
}

struct walk {
    uint64_t commands;
    bool drawn;
};

/* Walks the headers of a batch of our own making. */
static struct walk
walk_batch(const uint32_t *words, size_t word_count)
{
    struct walk walk = { 0 };
    for (size_t i = 0; i < word_count; walk.commands++) {
        size_t length = words[i] >> 16;
        walk.drawn |= is_drawing(words[i] & 0xffff);
        if (length == 0 && i + 1 < word_count)
            length = words[i + 1];
        i += length ? length : 1;
    }
    return walk;
}

static void
account(struct dc_context *context, size_t words)
{
    struct walk walk = walk_batch(context->batch, words);
    dc_process_count_commands(context->process, walk.commands);
    context->drawn |= walk.drawn;
}

static void
reset_batch(struct dc_context *context)
{
    free(context->oversize);
    context->oversize = NULL;
    context->encoder.at = context->encoder.end = context->batch;
}

static void
submit(struct dc_context *context)
{
    size_t words = used_words(context);
    if (words > 0 && !context->lost) {
        account(context, words);
        context->lost |= !dc_process_submit(context->process, context->id, context->batch, words);
    }
    reset_batch(context);
}

/* A command that no batch can hold goes into memory of its own, and nowhere from there. */
static void
give_oversize(struct dc_context *context, size_t words)
{
    dc_error("context %u: command of %zu words is too large, dropped", context->id, words);
    context->oversize = malloc(words * 4);
    if (!context->oversize)
        abort(); // there is no address to hand out
    context->encoder.at = context->oversize;
    context->encoder.end = context->oversize + words;
}

void
dc_context_make_room(struct dc_context *context, size_t words)
{
    if (context->oversize)
        reset_batch(context);
    if ((size_t)(context->encoder.end - context->encoder.at) >= words)
        return;
    size_t used = used_words(context);
    bool old = used > 0 && dc_clock_now_us() - context->batch_start_us > FLUSH_AGE_US;
    if (used + words > FLUSH_WORDS || old) {
        submit(context);
        used = 0;
    }
    if (words > BATCH_WORDS) {
        give_oversize(context, words);
        return;
    }
    if (used == 0)
        context->batch_start_us = dc_clock_now_us();
    size_t room = words > ROOM_WORDS ? words : ROOM_WORDS;
    if (used + room > BATCH_WORDS)
        room = BATCH_WORDS - used;
    context->encoder.end = context->batch + used + room;
}

bool
dc_context_has_drawn(struct dc_context *context)
{
    return context->drawn || walk_batch(context->batch, used_words(context)).drawn;
}

void
dc_context_leave_no_room(struct dc_context *context)
{
    context->encoder.end = context->encoder.at;
}

static void
refill(struct dc_encoder *encoder, size_t words)
{
    struct dc_context *context = (struct dc_context *)encoder;
    dc_surface_begin_frame(context);
    dc_context_make_room(context, words);
}

static void *
bulk_begin(struct dc_encoder *encoder, size_t size_bytes, uint64_t *position)
{
    struct dc_context *context = (struct dc_context *)encoder;
    return dc_process_bulk_begin(context->process, size_bytes, position);
}

static void
bulk_end(struct dc_encoder *encoder, size_t size_bytes)
{
    struct dc_context *context = (struct dc_context *)encoder;
    size_t words = used_words(context);
    account(context, words);
    dc_process_bulk_end(context->process, size_bytes, context->id, context->batch, words);
    reset_batch(context);
}

static const struct dc_encoder_impl encoder_impl = {
    .refill = refill,
    .bulk_begin = bulk_begin,
    .bulk_end = bulk_end,
};

bool
dc_context_init(struct dc_context *context)
{
    context->batch = malloc(DC_BATCH_MAX_BYTES);
    if (!context->batch)
        return false;
    context->encoder.impl = &encoder_impl;
    reset_batch(context);
    return true;
}

void
dc_context_finish(struct dc_context *context)
{
    free(context->oversize);
    free(context->batch);
    context->oversize = NULL;
    context->batch = NULL;
}

void
dc_context_flush(struct dc_context *context)
{
    submit(context);
    dc_process_drain(context->process);
}

bool
dc_context_call_wait(struct dc_context *context, struct dc_call *call, enum dc_wait_kind kind)
{
    submit(context);
    return dc_call_wait(context->process, call, kind);
}
