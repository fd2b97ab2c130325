#ifndef DC_COMMAND_SERVER_UPLOAD_SEGMENT_H
#define DC_COMMAND_SERVER_UPLOAD_SEGMENT_H
/*
 * Chunks that supervisors sent, kept for the next instance: a memfd that a link's process fills, seals for good and hands
 * to the main process, which gives it to others of the same tenant. Nobody can change it any more; who reads it checks
 * every chunk against its digest before the first use all the same, because who wrote it has read a stranger's bytes.
 *
 *     0       4         8       12           16        data_end, a multiple of 8
 *     +-------+---------+-------+------------+---------+-----------------------------------------------
 *     | magic | version | count | data_end   | data …  | count × { SHA-256 (32) | offset u32 | size u32 }
 *     +-------+---------+-------+------------+---------+-----------------------------------------------
 */
#include <protocol/link/bulk_codec.h>

#define DC_SEGMENT_DATA_BYTES (8u << 20)
#define DC_SEGMENT_MAX_CHUNKS (DC_SEGMENT_DATA_BYTES / DC_BULK_CHUNK_MIN_BYTES)
#define DC_SEGMENT_MAX_BYTES (16u + DC_SEGMENT_DATA_BYTES + DC_SEGMENT_MAX_CHUNKS * 40u)

struct dc_segment_entry {
    struct dc_digest digest;
    uint32_t offset, size_bytes;
};

/* One that is being filled. */
struct dc_segment_writer {
    int memfd;          // owned; -1: none
    uint8_t *map;       // owned
    uint32_t used;      // of the file
    struct dc_segment_entry *entries; // owned
    uint32_t count;
};

/* Lazily made by the first add. */
void dc_segment_writer_init(struct dc_segment_writer *writer);
void dc_segment_writer_finish(struct dc_segment_writer *writer);
bool dc_segment_writer_is_full(const struct dc_segment_writer *writer, uint32_t size_bytes);
/* false: full, or out of memory. */
bool dc_segment_writer_add(struct dc_segment_writer *writer, const struct dc_digest *digest, const void *data,
                           uint32_t size_bytes);
/* Writes the index and seals the file. Returns it, the caller's now; -errno. The writer is empty afterwards. */
int dc_segment_writer_seal(struct dc_segment_writer *writer);

/* Size of a file that is sealed as a segment must be, 0 if it is none. Its contents are not looked at. */
uint64_t dc_segment_check_file(int memfd);

/* One that is there, mapped for reading. */
struct dc_segment {
    const uint8_t *map; // owned
    size_t map_bytes;
    const struct dc_segment_entry *entries; // in the map; offsets and sizes are within data
    uint32_t count;
};

/* Borrows the descriptor. false: no segment, or out of memory. */
bool dc_segment_map(struct dc_segment *segment, int memfd);
void dc_segment_unmap(struct dc_segment *segment);

#endif
