/* The receiving half of the connection: answers, fences, credits, pushes, and whoever waits for them. */
#include "recovery.h"

#include <stdlib.h>
#include <string.h>

#include <common/clock.h>

#include "context.h"

#define DC_LOG_COMPONENT "frontend"
#include <common/log.h>

static void
handle_sync(struct dc_connection *c, const struct dc_reply_header *header, const uint8_t *payload)
{
    struct dc_call **at = &c->calls;
    while (*at && (*at)->serial != header->serial)
        at = &(*at)->next;
    struct dc_call *call = *at;
    if (!call)
        return; // nobody waits for it any more
    if (call->got_bytes < call->out_bytes) {
        size_t room = call->out_bytes - call->got_bytes;
        memcpy((uint8_t *)call->out + call->got_bytes, payload, header->size_bytes < room ? header->size_bytes : room);
    }
    call->got_bytes += header->size_bytes;
    if (header->type == DC_REPLY_SYNC) {
        *at = call->next;
        __atomic_store_n(&call->done, true, __ATOMIC_RELEASE);
    }
}

static void
handle_swap(struct dc_connection *c, const struct dc_reply_header *header, const uint8_t *payload)
{
    uint32_t surface_id;
    if (header->size_bytes < sizeof(surface_id))
        return;
    memcpy(&surface_id, payload, sizeof(surface_id));
    for (struct dc_credit *credit = c->credits; credit; credit = credit->next)
        if (credit->surface_id == surface_id && header->serial > credit->done_seq)
            __atomic_store_n(&credit->done_seq, header->serial, __ATOMIC_RELEASE);
}

static void
handle_fence(struct dc_connection *c, uint64_t serial)
{
    for (struct dc_fence **at = &c->fences; *at; at = &(*at)->next) {
        struct dc_fence *fence = *at;
        if (fence->serial == serial) {
            *at = fence->next;
            __atomic_store_n(&fence->done, true, __ATOMIC_RELEASE);
            return;
        }
    }
}

static void
queue_push(struct dc_connection *c, const struct dc_reply_header *header, const uint8_t *payload)
{
    struct dc_push *push = malloc(sizeof(*push) + header->size_bytes);
    if (!push) {
        dc_connection_lose(c, "out of memory for an answer");
        return;
    }
    *push = (struct dc_push){ .type = header->type, .serial = header->serial, .size_bytes = header->size_bytes };
    memcpy(push->payload, payload, header->size_bytes);
    *c->push_end = push;
    c->push_end = &push->next;
}

static void
handle_message(struct dc_connection *c, const struct dc_reply_header *header, const uint8_t *payload)
{
    switch (header->type) {
    case DC_REPLY_SYNC:
    case DC_REPLY_SYNC_PART:
        handle_sync(c, header, payload);
        break;
    case DC_REPLY_SWAP:
        handle_swap(c, header, payload);
        break;
    case DC_REPLY_FENCE:
        if (header->serial & DC_FENCE_EGL) {
            handle_fence(c, header->serial);
            break;
        } // fall through: one of glFenceSync's
        __attribute__((fallthrough));
    default:
        queue_push(c, header, payload);
    }
}

void
dc_connection_pump(struct dc_connection *c)
{
    struct dc_ring *ring = &c->process.ring;
    pthread_mutex_lock(&c->reply_lock);
    while (!__atomic_load_n(&c->lost, __ATOMIC_RELAXED)) {
        struct dc_reply_header header;
        size_t available = 0;
        const uint8_t *data = dc_ring_reply_peek(ring, &available);
        if (!data || available < sizeof(header))
            break;
        memcpy(&header, data, sizeof(header));
        size_t whole_bytes = sizeof(header) + (((size_t)header.size_bytes + 7) & ~(size_t)7);
        if (whole_bytes > ring->geometry.reply_bytes) {
            dc_connection_lose(c, "malformed answer from the worker");
            break;
        }
        if (whole_bytes > available)
            break; // the rest is on its way
        // The payload may change under us; whoever uses it works on the copy made here.
        handle_message(c, &header, data + sizeof(header));
        dc_ring_reply_consume(ring, whole_bytes);
    }
    pthread_mutex_unlock(&c->reply_lock);
}

/* A thread that finds another one delivering waits for it: what it waits for may be in that thread's hands. */
static void
deliver(struct dc_connection *c)
{
    pthread_mutex_lock(&c->reply_lock);
    bool something = c->push_first || c->delivering;
    pthread_mutex_unlock(&c->reply_lock);
    if (!something)
        return;
    pthread_mutex_lock(&c->deliver_lock);
    for (;;) {
        pthread_mutex_lock(&c->reply_lock);
        struct dc_push *push = c->push_first;
        c->delivering = push != NULL;
        if (push) {
            c->push_first = push->next;
            if (!c->push_first)
                c->push_end = &c->push_first;
        }
        pthread_mutex_unlock(&c->reply_lock);
        if (!push)
            break;
        dc_gles_handle_push(&c->process, push->type, push->serial, push->payload, push->size_bytes);
        free(push);
    }
    pthread_mutex_unlock(&c->deliver_lock);
}

void
dc_process_drain(struct dc_process *process)
{
    struct dc_connection *c = dc_connection_of(process);
    dc_connection_pump(c);
    deliver(c);
}

static const char *const kind_names[] = {
    [DC_WAIT_STACK] = "a round trip",
    [DC_WAIT_APP] = "which the application asked for",
    [DC_WAIT_PACE] = "for a frame to be executed",
};

static void
count_wait(struct dc_process *process, enum dc_wait_kind kind)
{
    if (kind == DC_WAIT_STACK)
        __atomic_add_fetch(&process->ring.shared->round_trips, 1, __ATOMIC_RELAXED);
    else if (kind == DC_WAIT_APP)
        __atomic_add_fetch(&process->ring.shared->app_waits, 1, __ATOMIC_RELAXED);
}

bool
dc_process_wait(struct dc_process *process, bool (*condition)(void *user), void *user, int64_t timeout_us,
                enum dc_wait_kind kind)
{
    struct dc_connection *c = dc_connection_of(process);
    int64_t deadline_us = timeout_us < 0 ? INT64_MAX : dc_clock_now_us() + timeout_us;
    bool counted = false;
    int64_t start_us = 0;
    for (;;) {
        uint32_t seen = dc_ring_wake_word(&process->ring);
        dc_process_drain(process);
        if (condition(user)) {
            if (counted)
                dc_trace("waited %lld us, %s", (long long)(dc_clock_now_us() - start_us), kind_names[kind]);
            return true;
        }
        if (dc_process_is_lost(process))
            return false;
        dc_recovery_check(c);
        int64_t left_us = timeout_us < 0 ? INT64_MAX : deadline_us - dc_clock_now_us();
        if (left_us <= 0)
            return false;
        if (!counted) {
            count_wait(process, kind);
            start_us = dc_clock_now_us();
        }
        counted = true;
        int left_ms = left_us > DC_WAIT_SLICE_MS * 1000 ? DC_WAIT_SLICE_MS : (int)((left_us + 999) / 1000);
        if (!dc_ring_frontend_wait(&process->ring, seen, left_ms))
            dc_connection_check(c);
    }
}

void
dc_call_begin(struct dc_process *process, struct dc_call *call, void *out, size_t out_bytes)
{
    struct dc_connection *c = dc_connection_of(process);
    *call = (struct dc_call){ .out = out, .out_bytes = out_bytes };
    pthread_mutex_lock(&c->reply_lock);
    call->serial = ++c->last_serial;
    call->next = c->calls;
    c->calls = call;
    pthread_mutex_unlock(&c->reply_lock);
}

static void
forget_call(struct dc_connection *c, const struct dc_call *call)
{
    for (struct dc_call **at = &c->calls; *at; at = &(*at)->next) {
        if (*at == call) {
            *at = call->next;
            break;
        }
    }
}

void
dc_connection_abandon_call(struct dc_connection *c, struct dc_call *call)
{
    forget_call(c, call);
    call->lost = true;
    __atomic_store_n(&call->done, true, __ATOMIC_RELEASE);
}

static bool
call_is_done(void *user)
{
    struct dc_call *call = user;
    return __atomic_load_n(&call->done, __ATOMIC_ACQUIRE);
}

bool
dc_call_wait(struct dc_process *process, struct dc_call *call, enum dc_wait_kind kind)
{
    struct dc_connection *c = dc_connection_of(process);
    if (dc_process_wait(process, call_is_done, call, -1, kind))
        return !call->lost;
    call->lost = true;
    pthread_mutex_lock(&c->reply_lock);
    forget_call(c, call);
    pthread_mutex_unlock(&c->reply_lock);
    return false;
}

void
dc_fence_begin(struct dc_process *process, struct dc_fence *fence)
{
    struct dc_connection *c = dc_connection_of(process);
    pthread_mutex_lock(&c->reply_lock);
    *fence = (struct dc_fence){ .serial = ++c->last_fence | DC_FENCE_EGL, .next = c->fences };
    c->fences = fence;
    pthread_mutex_unlock(&c->reply_lock);
}

void
dc_fence_end(struct dc_process *process, struct dc_fence *fence)
{
    struct dc_connection *c = dc_connection_of(process);
    pthread_mutex_lock(&c->reply_lock);
    handle_fence(c, fence->serial);
    pthread_mutex_unlock(&c->reply_lock);
}

static bool
fence_is_done(void *user)
{
    struct dc_fence *fence = user;
    return __atomic_load_n(&fence->done, __ATOMIC_ACQUIRE);
}

bool
dc_fence_wait(struct dc_process *process, struct dc_fence *fence, int64_t timeout_us, enum dc_wait_kind kind)
{
    return dc_process_wait(process, fence_is_done, fence, timeout_us, kind);
}

void
dc_credit_begin(struct dc_process *process, struct dc_credit *credit)
{
    struct dc_connection *c = dc_connection_of(process);
    pthread_mutex_lock(&c->reply_lock);
    credit->done_seq = 0;
    credit->next = c->credits;
    c->credits = credit;
    pthread_mutex_unlock(&c->reply_lock);
}

void
dc_credit_end(struct dc_process *process, struct dc_credit *credit)
{
    struct dc_connection *c = dc_connection_of(process);
    pthread_mutex_lock(&c->reply_lock);
    for (struct dc_credit **at = &c->credits; *at; at = &(*at)->next) {
        if (*at == credit) {
            *at = credit->next;
            break;
        }
    }
    pthread_mutex_unlock(&c->reply_lock);
}

struct credit_wait {
    struct dc_credit *credit;
    uint64_t seq;
};

static bool
credit_reached(void *user)
{
    struct credit_wait *wait = user;
    return __atomic_load_n(&wait->credit->done_seq, __ATOMIC_ACQUIRE) >= wait->seq;
}

bool
dc_credit_wait(struct dc_process *process, struct dc_credit *credit, uint64_t seq)
{
    struct credit_wait wait = { credit, seq };
    return dc_process_wait(process, credit_reached, &wait, -1, DC_WAIT_PACE);
}
