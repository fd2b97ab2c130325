#include <instance/journal/journal.h>

#include <stdlib.h>
#include <string.h>

#include <protocol/gles/encoder.h>
#include <protocol/gles/table.h>

#include "fold.h"

#define DC_LOG_COMPONENT "journal"
#include <common/log.h>

#define BLOB_WORDS 4u // { size, BULK, position }: how a batch with data in the ring ends

struct dc_journal *
dc_journal_create(uint64_t max_bytes)
{
    struct dc_journal *journal = calloc(1, sizeof *journal);
    if (journal)
        journal->contents.max_bytes = max_bytes;
    return journal;
}

void
dc_journal_destroy(struct dc_journal *journal)
{
    if (!journal)
        return;
    dc_frame_log_finish(&journal->log);
    dc_objects_finish(&journal->images); // those that textures have stay until these go
    while (journal->contexts) {
        struct dc_journal_context *next = journal->contexts->next;
        dc_journal_context_destroy(journal->contexts, &journal->groups);
        journal->contexts = next;
    }
    while (journal->surfaces) {
        struct dc_journal_surface *next = journal->surfaces->next;
        free(journal->surfaces);
        journal->surfaces = next;
    }
    free(journal);
}

bool
dc_journal_append(struct dc_journal *journal, uint32_t context_id, const uint32_t *words, size_t word_count,
                  const struct dc_journal_bulk *bulk)
{
    struct dc_content *content = NULL;
    if (!word_count || journal->incomplete)
        return false;
    if (bulk && word_count > BLOB_WORDS && words[word_count - BLOB_WORDS + 1] == DC_BLOB_BULK) {
        struct dc_journal_bulk exact = *bulk; // the ring's room is rounded up
        uint32_t size_bytes = words[word_count - BLOB_WORDS];
        exact.size_bytes = size_bytes < bulk->size_bytes ? size_bytes : bulk->size_bytes;
        content = dc_content_in_ring(&journal->contents, &exact);
        journal->incomplete |= !content;
    }
    const struct dc_log_batch *batch = dc_frame_log_append(&journal->log, context_id, words, word_count, content);
    journal->incomplete |= !batch;
    if (journal->incomplete)
        dc_error("out of memory: this process cannot be brought to another worker");
    return batch && (batch->ends_frame || dc_frame_log_is_long(&journal->log));
}

bool
dc_journal_asks(const struct dc_journal *journal, uint32_t serial)
{
    for (const struct dc_log_batch *batch = journal->log.first; batch; batch = batch->next) {
        for (uint32_t at = 0; at < batch->word_count;) {
            uint32_t length = batch->words[at] >> 16, op = batch->words[at] & 0xffff;
            const struct dc_op_info *info = dc_op_info(op);
            if (info && (info->flags & DC_OP_SYNC) && length > 1 && batch->words[at + 1] == serial)
                return true;
            at += length ? length : at + 1 < batch->word_count && batch->words[at + 1] ? batch->words[at + 1] : 1;
        }
    }
    return false;
}

void
dc_journal_acknowledge(struct dc_journal *journal, uint32_t surface, uint64_t seq)
{
    dc_frame_log_acknowledge(&journal->log, surface, seq);
}

static void
fold_oldest(struct dc_journal *journal)
{
    struct dc_log_batch *batch = dc_frame_log_take(&journal->log);
    if (!journal->incomplete)
        dc_fold_batch(journal, batch);
    dc_frame_log_free(batch);
}

void
dc_journal_settle(struct dc_journal *journal)
{
    for (size_t count = dc_frame_log_settled(&journal->log); count; count--)
        fold_oldest(journal);
}

void
dc_journal_settle_all(struct dc_journal *journal)
{
    while (journal->log.first)
        fold_oldest(journal);
}

void
dc_journal_release(struct dc_journal *journal, uint64_t position)
{
    dc_contents_release(&journal->contents, position);
}

void
dc_journal_detach(struct dc_journal *journal)
{
    dc_contents_release(&journal->contents, UINT64_MAX);
}

static bool
replay_with_data(const struct dc_log_batch *batch, const struct dc_journal_sink *sink)
{
    uint64_t position = 0;
    size_t room_bytes = (batch->content->size_bytes + 63u) & ~(size_t)63;
    uint32_t *words = malloc(batch->word_count * 4u);
    void *room = words ? sink->bulk_begin(sink->user, room_bytes, &position) : NULL;
    bool ok = room;
    if (ok) {
        memcpy(words, batch->words, batch->word_count * 4u);
        words[batch->word_count - 2] = (uint32_t)position;
        words[batch->word_count - 1] = (uint32_t)(position >> 32);
        if (batch->content->data)
            memcpy(room, batch->content->data, batch->content->size_bytes);
        else
            memset(room, 0, batch->content->size_bytes);
        ok = sink->bulk_end(sink->user, room_bytes, batch->context_id, words, batch->word_count);
    }
    free(words);
    return ok;
}

bool
dc_journal_replay(struct dc_journal *journal, const struct dc_journal_sink *sink)
{
    if (!dc_journal_dump(journal, sink))
        return false;
    for (const struct dc_log_batch *batch = journal->log.first; batch; batch = batch->next) {
        bool ok = batch->content ? replay_with_data(batch, sink)
                                 : sink->submit(sink->user, batch->context_id, batch->words, batch->word_count);
        if (!ok)
            return false;
    }
    return true;
}

void
dc_journal_get_stats(const struct dc_journal *journal, struct dc_journal_stats *stats)
{
    *stats = (struct dc_journal_stats){ .content_bytes = journal->contents.kept_bytes,
                                        .ring_bytes = journal->contents.ring_bytes, .log_bytes = journal->log.bytes };
    for (const struct dc_journal_context *c = journal->contexts; c; c = c->next) {
        stats->contexts++;
        stats->objects += c->objects.count;
    }
    for (const struct dc_journal_surface *s = journal->surfaces; s; s = s->next)
        stats->surfaces++;
    for (const struct dc_group *group = journal->groups; group; group = group->next)
        stats->objects += group->objects.count;
}
