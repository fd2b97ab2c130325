#ifndef DC_PROTOCOL_LINK_COMMAND_CODEC_H
#define DC_PROTOCOL_LINK_COMMAND_CODEC_H
/*
 * LZ4 over a ring's command bytes (TCP only). Pieces are blocks of one stream: each may refer to the 64 KiB before it, so
 * that a frame that resembles the last one is small. Both sides keep these bytes in memory of their own, because the ring
 * is written by others, and move them by one rule.
 *
 * A DC_LINK_RING_CMD message with DC_REPLICATION_LZ4 carries, after its head:
 *     0          4
 *     +----------+-----------
 *     | raw size | LZ4 block …      raw size ≤ DC_REPLICATION_MAX_PIECE_BYTES
 *     +----------+-----------
 * Without the flag the bytes are as they are, and count for the history all the same.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/link/replication.h>

#define DC_COMMAND_PACKED_MAX_BYTES (DC_REPLICATION_MAX_PIECE_BYTES + 512u) // LZ4_COMPRESSBOUND and the raw size

struct dc_command_packer;
struct dc_command_unpacker;

/* NULL: out of memory. destroy accepts NULL. */
struct dc_command_packer *dc_command_packer_create(void);
void dc_command_packer_destroy(struct dc_command_packer *packer);
/* The piece's bytes as they are to be sent: packed (with its raw size first), or a copy of `data` where packing gains
 * nothing. Valid until the next call. *is_packed says which. size_bytes ≤ DC_REPLICATION_MAX_PIECE_BYTES. */
const uint8_t *dc_command_pack(struct dc_command_packer *packer, const uint8_t *data, size_t size_bytes,
                               size_t *packed_bytes, bool *is_packed);

struct dc_command_unpacker *dc_command_unpacker_create(void);
void dc_command_unpacker_destroy(struct dc_command_unpacker *unpacker);
/* The other way. NULL: not what a packer makes (a size beyond the limit, a block that is cut short, longer or reaches
 * outside its history). Valid until the next call. */
const uint8_t *dc_command_unpack(struct dc_command_unpacker *unpacker, const uint8_t *data, size_t size_bytes,
                                 bool is_packed, size_t *raw_bytes);

#endif
