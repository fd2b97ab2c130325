#include "recovery.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <gles_encode.h>

#include <common/clock.h>
#include <instance/journal/journal.h>
#include <protocol/link/frontend_socket.h>

#include "context.h"

#define DC_LOG_COMPONENT "frontend"
#include <common/log.h>

#define FENCES_AT_ONCE 256
#define LOSSES_NAMED 4

/* Another worker is gone before it knew everything. */
static bool
is_interrupted(const struct dc_connection *c)
{
    return dc_process_is_lost(&c->process) || dc_recovery_is_due(c);
}

static bool
sink_submit(void *user, uint32_t context_id, const uint32_t *words, size_t word_count)
{
    return dc_connection_write(user, context_id, words, word_count, is_interrupted);
}

static void *
sink_bulk_begin(void *user, size_t size_bytes, uint64_t *position)
{
    return dc_connection_reserve_bulk(user, size_bytes, position, is_interrupted);
}

static bool
sink_bulk_end(void *user, size_t size_bytes, uint32_t context_id, const uint32_t *words, size_t word_count)
{
    struct dc_connection *c = user;
    dc_ring_bulk_publish(&c->process.ring, size_bytes);
    return sink_submit(user, context_id, words, word_count);
}

struct fences {
    struct dc_encoder encoder;
    uint32_t count;
    uint32_t words[FENCES_AT_ONCE * 4];
};

static void
add_fence(void *user, uint64_t serial)
{
    struct fences *fences = user;
    if (fences->count++ < FENCES_AT_ONCE)
        dc_enc_dcFence(&fences->encoder, serial);
}

/* Fences that the old worker had passed or would have: the new one is past them now. */
static bool
renew_fences(struct dc_connection *c)
{
    struct fences fences = { .encoder = { .at = fences.words, .end = fences.words + FENCES_AT_ONCE * 4 } };
    pthread_mutex_lock(&c->reply_lock);
    for (const struct dc_fence *fence = c->fences; fence; fence = fence->next)
        add_fence(&fences, fence->serial);
    pthread_mutex_unlock(&c->reply_lock);
    dc_gles_each_fence(&c->process, add_fence, &fences);
    if (fences.count > FENCES_AT_ONCE)
        dc_warn("%u fences will not signal any more", fences.count - FENCES_AT_ONCE);
    return fences.count == 0 ||
           sink_submit(c, 0, fences.words, (size_t)(fences.encoder.at - fences.words));
}

/* Answers that came whole are taken; those that did not, and what was asked and folded since, are answered again or
 * never. */
static void
restart(struct dc_connection *c, uint32_t epoch)
{
    dc_connection_pump(c);
    pthread_mutex_lock(&c->reply_lock);
    dc_journal_detach(c->journal);
    dc_ring_restart(&c->process.ring);
    for (struct dc_call *call = c->calls, *next; call; call = next) {
        next = call->next;
        call->got_bytes = 0;
        if (!dc_journal_asks(c->journal, call->serial))
            dc_connection_abandon_call(c, call);
    }
    c->epoch = epoch;
    pthread_mutex_unlock(&c->reply_lock);
    const struct dc_frontend_restarted message = { DC_FRONTEND_RESTARTED_MAGIC, epoch };
    if (send(c->socket_fd, &message, sizeof(message), MSG_NOSIGNAL | MSG_DONTWAIT) != sizeof(message))
        dc_connection_lose(c, "the supervisor is gone");
}

struct losses {
    char text[256];
    uint32_t named;
};

static void
name_loss(void *user, const char *text)
{
    struct losses *losses = user;
    size_t length = strlen(losses->text);
    dc_debug("lost: %s", text);
    if (losses->named++ < LOSSES_NAMED)
        snprintf(losses->text + length, sizeof(losses->text) - length, "%s%s", length ? ", " : "", text);
}

static void
report(struct dc_connection *c, int64_t start_us)
{
    struct dc_journal_stats stats;
    struct losses losses = { .named = 0 };
    dc_journal_get_stats(c->journal, &stats);
    uint32_t count = dc_journal_each_loss(c->journal, name_loss, &losses);
    dc_info("another worker (epoch %u) has what this process needs: %u contexts, %u surfaces, %u objects, %llu KiB of "
            "contents, after %lld ms",
            c->epoch, stats.contexts, stats.surfaces, stats.objects,
            (unsigned long long)(stats.content_bytes + stats.ring_bytes) / 1024,
            (long long)(dc_clock_now_us() - start_us) / 1000);
    if (count)
        dc_warn("contents of %u objects are lost: %s%s", count, losses.text, count > LOSSES_NAMED ? ", …" : "");
}

bool
dc_recovery_run(struct dc_connection *c)
{
    static const char incomplete[] = "the process cannot be brought to another worker: memory ran out once";
    const struct dc_journal_sink sink = { c, sink_submit, sink_bulk_begin, sink_bulk_end };
    struct dc_ring *ring = &c->process.ring;
    int64_t start_us = dc_clock_now_us();
    while (!dc_process_is_lost(&c->process)) {
        uint32_t seen = dc_ring_wake_word(ring);
        if (!dc_recovery_is_due(c))
            return true;
        if (dc_ring_get_state(ring) == DC_RING_PAUSED) {
            dc_ring_frontend_wait(ring, seen, DC_WAIT_SLICE_MS);
            dc_connection_check(c);
            continue;
        }
        restart(c, dc_ring_get_epoch(ring));
        if (dc_journal_replay(c->journal, &sink) && renew_fences(c))
            report(c, start_us);
        else if (!is_interrupted(c))
            dc_connection_lose(c, incomplete);
    }
    return false;
}

void
dc_recovery_check(struct dc_connection *c)
{
    if (!dc_recovery_is_due(c) || __atomic_load_n(&c->lost, __ATOMIC_RELAXED))
        return;
    pthread_mutex_lock(&c->lock);
    dc_recovery_run(c);
    pthread_mutex_unlock(&c->lock);
}
