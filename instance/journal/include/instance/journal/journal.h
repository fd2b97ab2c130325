#ifndef DC_INSTANCE_JOURNAL_JOURNAL_H
#define DC_INSTANCE_JOURNAL_JOURNAL_H
/*
 * What a worker was told, kept so that a fresh worker can be told again (docs/recovery.md).
 *
 * The journal sees every batch in the order of the ring. It has two parts: the *frame log*, batches as they are from the
 * last frame that a worker is known to have finished on, and the *state*, into which older batches are folded: for each
 * object the last command of every kind that still matters, and its contents. Both together, dumped as commands, bring a
 * fresh worker to where the old one would be, and draw the newest frame again.
 *
 * Data of 4 KiB and more stays where it is in the ring until the ring is about to overwrite it: what is replaced every
 * frame is never copied.
 *
 * Nothing here is thread-safe: whoever writes the ring has a lock already.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dc_journal;

/* Where the data of a batch's last command lies in the ring's bulk area. */
struct dc_journal_bulk {
    uint64_t position;
    const void *data; // mapped until dc_journal_release() or dc_journal_detach() has copied what matters
    uint32_t size_bytes;
};

/* Where a dump goes: as struct dc_encoder_impl, batch by batch. */
struct dc_journal_sink {
    void *user;
    /* Required. false: stop, nobody takes it any more. */
    bool (*submit)(void *user, uint32_t context_id, const uint32_t *words, size_t word_count);
    /* Required. Room for bulk data; NULL: stop. */
    void *(*bulk_begin)(void *user, size_t size_bytes, uint64_t *position);
    /* Required. Publishes the data and the batch that names it. */
    bool (*bulk_end)(void *user, size_t size_bytes, uint32_t context_id, const uint32_t *words, size_t word_count);
};

struct dc_journal_stats {
    uint32_t contexts, surfaces, objects;
    uint64_t content_bytes; // kept in memory of our own, ≤ max_bytes
    uint64_t ring_bytes;    // kept by leaving them in the ring
    uint64_t log_bytes;     // commands of frames that are not folded yet
};

/* `max_bytes` of contents at most; what is beyond is lost when a worker is. NULL: out of memory. */
struct dc_journal *dc_journal_create(uint64_t max_bytes);
void dc_journal_destroy(struct dc_journal *journal); // NULL is fine

/* A batch goes out. `bulk` is NULL, or where its last blob is. true: there may be something to settle. */
bool dc_journal_append(struct dc_journal *journal, uint32_t context_id, const uint32_t *words, size_t word_count,
                       const struct dc_journal_bulk *bulk);
/* Whether a replay asks the question with this serial again. */
bool dc_journal_asks(const struct dc_journal *journal, uint32_t serial);
/* A worker has executed the surface's swap `seq`. */
void dc_journal_acknowledge(struct dc_journal *journal, uint32_t surface, uint64_t seq);
/* Folds frames that need not be drawn again. Cheap when there is nothing. */
void dc_journal_settle(struct dc_journal *journal);
/* Folds everything: the state is what the whole stream left. */
void dc_journal_settle_all(struct dc_journal *journal);
/* The ring is about to overwrite its bulk before `position`: copies what is needed. */
void dc_journal_release(struct dc_journal *journal, uint64_t position);
/* As dc_journal_release() of everything: the ring begins anew. */
void dc_journal_detach(struct dc_journal *journal);

/* Writes the commands that recreate the state, then the frames of the log. false: the sink stopped, or the journal is
 * incomplete (out of memory once). */
bool dc_journal_dump(struct dc_journal *journal, const struct dc_journal_sink *sink);
bool dc_journal_replay(struct dc_journal *journal, const struct dc_journal_sink *sink);

/* Names contents that the dump cannot give back: "texture 7: drawn by the GPU". Returns how many there are. */
uint32_t dc_journal_each_loss(const struct dc_journal *journal, void (*each)(void *user, const char *text), void *user);
void dc_journal_get_stats(const struct dc_journal *journal, struct dc_journal_stats *stats);

#endif
