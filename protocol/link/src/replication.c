#include <protocol/link/replication.h>

#include <common/wire.h>

static void
put(uint8_t *p, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static int
send_piece(struct dc_channel *channel, uint16_t type, uint16_t flags, uint32_t ring_id, uint64_t position,
           const uint8_t *bytes, size_t size_bytes)
{
    uint8_t head[DC_REPLICATION_DATA_BYTES] = { 0 };
    put(head, ring_id, 4);
    put(head + 8, position, 8);
    return dc_channel_send2(channel, type, flags, head, sizeof(head), bytes, size_bytes);
}

int
dc_replication_send_data(struct dc_channel *channel, uint16_t type, uint32_t ring_id, uint64_t position,
                         const uint8_t *bytes, size_t size_bytes, bool more)
{
    return send_piece(channel, type, more ? DC_REPLICATION_MORE : 0, ring_id, position, bytes, size_bytes);
}

int
dc_replication_send_commands(struct dc_channel *channel, uint32_t ring_id, uint64_t position, const uint8_t *bytes,
                             size_t size_bytes, bool more, bool is_packed)
{
    uint16_t flags = (uint16_t)((more ? DC_REPLICATION_MORE : 0) | (is_packed ? DC_REPLICATION_LZ4 : 0));
    return send_piece(channel, DC_LINK_RING_CMD, flags, ring_id, position, bytes, size_bytes);
}

int
dc_replication_send_ack(struct dc_channel *channel, uint16_t type, const struct dc_replication_ack *ack)
{
    uint8_t bytes[DC_REPLICATION_ACK_BYTES];
    put(bytes, ack->ring_id, 4);
    put(bytes + 4, ack->state, 4);
    put(bytes + 8, ack->first, 8);
    put(bytes + 16, ack->second, 8);
    return dc_channel_send(channel, type, 0, bytes, sizeof(bytes), NULL, 0);
}

bool
dc_replication_unpack_data(const struct dc_channel_message *message, struct dc_replication_data *data)
{
    struct dc_reader r;
    dc_reader_init(&r, message->payload, message->size_bytes);
    data->ring_id = dc_reader_u32le(&r);
    uint32_t reserved = dc_reader_u32le(&r);
    data->position = dc_reader_u64le(&r);
    data->size_bytes = dc_reader_left(&r);
    data->bytes = dc_reader_bytes(&r, data->size_bytes);
    data->more = message->flags & DC_REPLICATION_MORE;
    data->is_packed = message->flags & DC_REPLICATION_LZ4;
    uint16_t known = DC_REPLICATION_MORE | (message->type == DC_LINK_RING_CMD ? DC_REPLICATION_LZ4 : 0);
    return !r.failed && reserved == 0 && data->size_bytes > 0 && data->size_bytes <= DC_REPLICATION_MAX_PIECE_BYTES &&
           !(message->flags & ~known);
}

bool
dc_replication_unpack_ack(const struct dc_channel_message *message, struct dc_replication_ack *ack)
{
    struct dc_reader r;
    dc_reader_init(&r, message->payload, message->size_bytes);
    ack->ring_id = dc_reader_u32le(&r);
    ack->state = dc_reader_u32le(&r);
    ack->first = dc_reader_u64le(&r);
    ack->second = dc_reader_u64le(&r);
    return !r.failed && dc_reader_left(&r) == 0;
}
