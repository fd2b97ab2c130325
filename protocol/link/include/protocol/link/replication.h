#ifndef DC_PROTOCOL_LINK_REPLICATION_H
#define DC_PROTOCOL_LINK_REPLICATION_H
/*
 * Messages that replicate rings over TCP. Little-endian; positions are those of the ring (ring.h), which both sides
 * check against what they sent and received, so that a lost byte is an error and not a picture full of noise.
 *
 *   DC_LINK_RING_CMD, DC_LINK_RING_BULK  supervisor → dc-render    DC_LINK_RING_REPLY  dc-render → supervisor
 *     0         4          8                  16
 *     +---------+----------+------------------+------------
 *     | ring_id | reserved | position         | bytes …        flags bit 0: more; what came so far is not yet published
 *     +---------+----------+------------------+------------    (a batch, or a reply, must not be seen in part)
 *                                                              bit 1, RING_CMD only: packed (command_codec.h)
 *
 *   DC_LINK_RING_ACK, both ways: what was consumed
 *     +---------+----------+------------------+------------------+
 *     | ring_id | reserved | cmd_tail         | bulk_tail        |   dc-render → supervisor; the first one says that
 *     |         |          |                  |                  |   the ring is attached and bulk may come
 *     | ring_id | reserved | reply_tail       | 0                |   supervisor → dc-render
 *     +---------+----------+------------------+------------------+
 *
 *   DC_LINK_RING_STATE, both ways: the ring ends
 *     +---------+----------+------------------+------------------+
 *     | ring_id | state    | cmd_head         | bulk_head        |   CLOSED: execute up to here, then close
 *     +---------+----------+------------------+------------------+   LOST: positions are 0
 */
#include <stdbool.h>
#include <stdint.h>

#include <protocol/link/channel.h>
#include <protocol/link/ring.h>

#define DC_REPLICATION_MORE 1u // flags
#define DC_REPLICATION_LZ4 2u
#define DC_REPLICATION_DATA_BYTES 16u
#define DC_REPLICATION_ACK_BYTES 24u
#define DC_REPLICATION_MAX_PIECE_BYTES (64u << 10)

struct dc_replication_data {
    uint32_t ring_id;
    uint64_t position;
    const uint8_t *bytes; // into the message
    size_t size_bytes;
    bool more, is_packed;
};

/* RING_ACK and RING_STATE. */
struct dc_replication_ack {
    uint32_t ring_id, state;
    uint64_t first, second;
};

/* Sends [position, position + size_bytes) in one piece (≤ DC_REPLICATION_MAX_PIECE_BYTES). 0 or -errno. */
int dc_replication_send_data(struct dc_channel *channel, uint16_t type, uint32_t ring_id, uint64_t position,
                             const uint8_t *bytes, size_t size_bytes, bool more);
/* The same with the piece's bytes as a packer gave them (command_codec.h). */
int dc_replication_send_commands(struct dc_channel *channel, uint32_t ring_id, uint64_t position, const uint8_t *bytes,
                                 size_t size_bytes, bool more, bool is_packed);
int dc_replication_send_ack(struct dc_channel *channel, uint16_t type, const struct dc_replication_ack *ack);
/* false: malformed. */
bool dc_replication_unpack_data(const struct dc_channel_message *message, struct dc_replication_data *data);
bool dc_replication_unpack_ack(const struct dc_channel_message *message, struct dc_replication_ack *ack);

#endif
