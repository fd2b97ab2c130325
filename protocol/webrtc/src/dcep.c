#include "dcep.h"

#include <string.h>

#define UNORDERED 0x80
#define RELIABLE 0
#define BY_RETRANSMISSIONS 1
#define BY_TIME 2

static bool
unpack_open(struct dc_reader *r, struct dc_dcep_message *message)
{
    uint8_t type = dc_reader_u8(r);
    dc_reader_u16be(r); // priority: ours is one
    uint32_t limit = dc_reader_u32be(r);
    uint16_t label_bytes = dc_reader_u16be(r), protocol_bytes = dc_reader_u16be(r);
    const char *label = dc_reader_bytes(r, label_bytes);
    dc_reader_bytes(r, protocol_bytes);
    if (r->failed || (type & ~UNORDERED) > BY_TIME)
        return false;
    message->reliability = (struct dc_sctp_reliability){
        .is_ordered = !(type & UNORDERED),
        .by_time = (type & ~UNORDERED) == BY_TIME,
        .limit = (type & ~UNORDERED) == RELIABLE ? -1 : (int32_t)(limit < INT32_MAX ? limit : INT32_MAX),
    };
    if (label_bytes > DC_DCEP_MAX_LABEL_BYTES)
        label_bytes = DC_DCEP_MAX_LABEL_BYTES;
    memcpy(message->label, label, label_bytes); // a NUL in it ends it
    message->label[label_bytes] = '\0';
    return true;
}

bool
dc_dcep_unpack(const uint8_t *data, size_t size_bytes, struct dc_dcep_message *message)
{
    struct dc_reader r;
    *message = (struct dc_dcep_message){ .label = "" };
    dc_reader_init(&r, data, size_bytes);
    message->type = dc_reader_u8(&r);
    if (message->type == DC_DCEP_OPEN && !unpack_open(&r, message))
        return false;
    return (message->type == DC_DCEP_OPEN || message->type == DC_DCEP_ACK) && !r.failed && dc_reader_left(&r) == 0;
}

void
dc_dcep_pack(const struct dc_dcep_message *message, struct dc_writer *writer)
{
    const struct dc_sctp_reliability *reliability = &message->reliability;
    dc_writer_u8(writer, (uint8_t)message->type);
    if (message->type == DC_DCEP_ACK)
        return;
    uint8_t type = reliability->limit < 0 ? RELIABLE : reliability->by_time ? BY_TIME : BY_RETRANSMISSIONS;
    dc_writer_u8(writer, type | (reliability->is_ordered ? 0 : UNORDERED));
    dc_writer_u16be(writer, 256); // "normal" (RFC 8831 §6.4)
    dc_writer_u32be(writer, reliability->limit < 0 ? 0 : (uint32_t)reliability->limit);
    dc_writer_u16be(writer, (uint16_t)strlen(message->label));
    dc_writer_u16be(writer, 0);
    dc_writer_bytes(writer, message->label, strlen(message->label));
}
