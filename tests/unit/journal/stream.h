#ifndef DC_TESTS_JOURNAL_STREAM_H
#define DC_TESTS_JOURNAL_STREAM_H
/* A ring that goes nowhere: what is encoded is appended to a journal; what a journal dumps is kept, printed, and can be
 * appended to another one. */
#include <stdbool.h>
#include <stdio.h>

#include <instance/journal/journal.h>
#include <protocol/gles/encoder.h>

#define STREAM_WORDS 65536
#define STREAM_BULK_BYTES (4u << 20)

struct stream {
    struct dc_encoder encoder; // first
    struct dc_journal *journal;
    uint32_t context_id;
    uint32_t words[STREAM_WORDS];
    uint8_t *bulk; // owned; a ring without wrapping
    uint64_t bulk_head, bulk_begun;
};

void stream_init(struct stream *stream, struct dc_journal *journal);
void stream_finish(struct stream *stream);
/* What follows is of this context. */
void stream_enter(struct stream *stream, uint32_t context_id);
void stream_flush(struct stream *stream);

struct dump {
    char *text; // owned: as the printer has it
    size_t text_bytes;
    uint8_t *bulk; // owned
    uint64_t bulk_head;
    FILE *out;
    struct dc_journal *into; // NULL: nowhere
    uint64_t room_position;
    uint32_t stop_after; // batches; 0: never
    uint32_t batches;
    bool replay;
};

/* Dumps `journal` (its frames, too, if `replay` is set) and appends all of it to `into`. */
bool dump_take(struct dump *dump, struct dc_journal *journal, struct dc_journal *into);
void dump_finish(struct dump *dump);

#endif
