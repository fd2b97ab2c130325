#ifndef DC_PROTOCOL_LINK_BULK_CODEC_H
#define DC_PROTOCOL_LINK_BULK_CODEC_H
/*
 * Bulk over TCP: chunks of at most 64 KiB that are packed with zstd, kept by dc-render under their SHA-256, or only named
 * because it has them. All on the bulk connection.
 *
 *   DC_LINK_RING_BULK, supervisor → dc-render
 *     0         4          8                  16            (flags bit 3)   (flags bit 2)
 *     +---------+----------+------------------+-------------+---------------+------------
 *     | ring_id | 0        | position         | SHA-256, 32 | raw size u32  | bytes …
 *     +---------+----------+------------------+-------------+---------------+------------
 *     flags: 4 zstd: the raw size, then one frame · 8 keep: the digest; dc-render makes its own before it keeps anything
 *   DC_LINK_BULK_REF, supervisor → dc-render: the chunks with these digests, one after the other from `position` on
 *     +---------+----------+------------------+-----------------------------------
 *     | ring_id | 0        | position         | n × { SHA-256, 32; raw size u32 } …      1 ≤ n ≤ 256
 *     +---------+----------+------------------+-----------------------------------
 *   DC_LINK_STORE_OPEN, dc-render → supervisor, first: so many raw bytes may be sent with `keep` over this link
 *     +-------------------+
 *     | budget u64        |
 *     +-------------------+
 *   DC_LINK_STORE_HAVE, dc-render → supervisor: a set of chunks, under the number of its epoch (never 0)
 *     +-------------------+-----------+----------+-------------------
 *     | epoch u64         | count u32 | 0        | count × SHA-256 …      count ≤ 4096
 *     +-------------------+-----------+----------+-------------------
 *   DC_LINK_STORE_EVICT, both ways: the set of this epoch is to go; the answer says that no reference to it will follow.
 *     +-------------------+        Until then dc-render keeps it: a hit never asks, and never misses.
 *     | epoch u64         |
 *     +-------------------+
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/link/replication.h>

#define DC_DIGEST_BYTES 32u
#define DC_BULK_CHUNK_MIN_BYTES 4096u // smaller ones are neither kept nor named
#define DC_BULK_CHUNK_MAX_BYTES DC_REPLICATION_MAX_PIECE_BYTES
#define DC_STORE_HAVE_MAX 4096u
#define DC_BULK_REFERENCES_MAX 256u

enum dc_bulk_flags { DC_BULK_ZSTD = 4, DC_BULK_KEEP = 8 };

struct dc_digest {
    uint8_t bytes[DC_DIGEST_BYTES];
};

struct dc_bulk_reference {
    struct dc_digest digest;
    uint32_t raw_bytes;
};

/* RING_BULK as it arrived, or one chunk of BULK_REF. */
struct dc_bulk_chunk {
    uint32_t ring_id;
    uint64_t position;
    bool is_packed, is_kept, is_reference;
    struct dc_digest digest; // is_kept, is_reference
    uint32_t raw_bytes;      // of the chunk itself
    const uint8_t *bytes;    // into the message; packed or raw; of references those that are still to come
    size_t size_bytes;
};

/* Digests and zstd, with their contexts. One thread. */
struct dc_bulk_codec;
/* NULL: out of memory. */
struct dc_bulk_codec *dc_bulk_codec_create(void);
void dc_bulk_codec_destroy(struct dc_bulk_codec *codec);
bool dc_bulk_digest(struct dc_bulk_codec *codec, const void *data, size_t size_bytes, struct dc_digest *digest);
/* At most DC_BULK_CHUNK_MAX_BYTES. The packed bytes, valid until the next call; NULL where it gains less than a part in
 * sixteen. */
const uint8_t *dc_bulk_pack(struct dc_bulk_codec *codec, const void *data, size_t size_bytes, size_t *packed_bytes);
/* The raw_bytes of a packed chunk, valid until the next call. NULL: no such frame, or one of another size. Never writes
 * more than DC_BULK_CHUNK_MAX_BYTES, and needs no more memory than the codec has. */
const uint8_t *dc_bulk_unpack(struct dc_bulk_codec *codec, const struct dc_bulk_chunk *chunk);

/* digest NULL: not kept. 0 or -errno. */
int dc_bulk_send(struct dc_channel *channel, uint32_t ring_id, uint64_t position, const struct dc_digest *digest,
                 uint32_t raw_bytes, const uint8_t *bytes, size_t size_bytes, bool is_packed);
/* 1 … DC_BULK_REFERENCES_MAX chunks from `position` on. 0 or -errno. */
int dc_bulk_send_references(struct dc_channel *channel, uint32_t ring_id, uint64_t position,
                            const struct dc_bulk_reference *references, uint32_t count);
/* Of references the first. false: malformed. */
bool dc_bulk_unpack_message(const struct dc_channel_message *message, struct dc_bulk_chunk *chunk);
/* The chunk becomes the message's next reference. false: that was the last. */
bool dc_bulk_next_reference(struct dc_bulk_chunk *chunk);

int dc_store_send_open(struct dc_channel *channel, uint64_t budget_bytes);
int dc_store_send_have(struct dc_channel *channel, uint64_t epoch, const struct dc_digest *digests, uint32_t count);
int dc_store_send_evict(struct dc_channel *channel, uint64_t epoch);
/* STORE_OPEN's budget, STORE_EVICT's epoch. false: malformed. */
bool dc_store_unpack_number(const struct dc_channel_message *message, uint64_t *number);
/* Digests point into the message. */
bool dc_store_unpack_have(const struct dc_channel_message *message, uint64_t *epoch, const struct dc_digest **digests,
                          uint32_t *count);

#endif
