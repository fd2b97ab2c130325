#ifndef DC_JOURNAL_WRITER_H
#define DC_JOURNAL_WRITER_H
/* Encodes a dump into batches for a sink. Once the sink has stopped, what is written goes nowhere. */
#include <protocol/gles/encoder.h>

#include <instance/journal/journal.h>

struct dc_journal_writer {
    struct dc_encoder encoder; // first
    const struct dc_journal_sink *sink;
    uint32_t context_id;
    bool stopped;
    uint32_t *batch;   // owned
    void *spare;       // owned: takes bulk data when the sink has stopped
};

bool dc_journal_writer_init(struct dc_journal_writer *writer, const struct dc_journal_sink *sink);
/* Sends the rest. false: the sink stopped. */
bool dc_journal_writer_finish(struct dc_journal_writer *writer);
/* What follows is of this context (0: none). */
void dc_journal_writer_enter(struct dc_journal_writer *writer, uint32_t context_id);
/* Whole commands as they are. */
void dc_journal_writer_put(struct dc_journal_writer *writer, const uint32_t *words, size_t word_count);
/* A command of which header and scalars are given, with its data; data NULL: none. */
void dc_journal_writer_put_data(struct dc_journal_writer *writer, const uint32_t *scalars, uint32_t scalar_count,
                                const void *data, uint32_t size_bytes);

#endif
