#ifndef DC_COMMAND_SERVER_CHUNK_INDEX_H
#define DC_COMMAND_SERVER_CHUNK_INDEX_H
/* Where the chunks are that a supervisor may name: in mapped segments, and in the one that is being filled. One thread. */
#include "upload_segment.h"

struct dc_chunk_set { // a mapped segment
    struct dc_chunk_set *next;
    uint64_t epoch; // 0: sealed by us, not yet named by the main process
    bool unnamed;   // and never will be
    bool evicted;   // the supervisor is asked, and has not yet answered
    int64_t told_us; // the main process heard of its use
    struct dc_segment segment;
    bool *verified; // owned; by chunk: compared with its digest
};

struct dc_chunk_slot {
    struct dc_chunk_set *set; // NULL with `used`: the open segment
    uint32_t index;           // of its entry there
    bool used;
};

struct dc_chunk_index {
    struct dc_chunk_set *sets; // owned; oldest first
    const struct dc_segment_writer *open; // borrowed
    struct dc_chunk_slot *slots; // owned; open addressing
    uint32_t capacity, count, evicted_count;
};

struct dc_chunk {
    struct dc_chunk_set *set; // NULL: the open segment
    const uint8_t *bytes;
    uint32_t size_bytes;
    bool *verified; // NULL: it was when it came
};

void dc_chunk_index_init(struct dc_chunk_index *index, const struct dc_segment_writer *open);
void dc_chunk_index_finish(struct dc_chunk_index *index);
bool dc_chunk_index_find(const struct dc_chunk_index *index, const struct dc_digest *digest, struct dc_chunk *chunk);
/* The open segment's newest chunk. false: out of memory. */
bool dc_chunk_index_add_open(struct dc_chunk_index *index);
/* Maps a sealed segment, the open one's successor among others; the open one is empty again or as it was. epoch 0: ours,
 * what it has was verified. Borrows the descriptor. NULL: no segment, or out of memory. */
struct dc_chunk_set *dc_chunk_index_add_set(struct dc_chunk_index *index, int memfd, uint64_t epoch);
/* The oldest of ours gets its epoch, 0: it stays without. NULL: there is none. */
struct dc_chunk_set *dc_chunk_index_name_oldest(struct dc_chunk_index *index, uint64_t epoch);
struct dc_chunk_set *dc_chunk_index_find_set(const struct dc_chunk_index *index, uint64_t epoch);
/* The supervisor has answered. false: this set was not to go. */
bool dc_chunk_index_drop_evicted(struct dc_chunk_index *index, uint64_t epoch);

#endif
