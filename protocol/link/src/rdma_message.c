#include <protocol/link/rdma_message.h>

#include <errno.h>
#include <string.h>

#include <common/wire.h>

#define FIXED_BYTES 56u

int
dc_rdma_message_send(struct dc_channel *channel, const struct dc_rdma_message *m)
{
    struct dc_writer w;
    dc_writer_init(&w);
    dc_writer_u32le(&w, m->kind);
    dc_writer_u32le(&w, m->ring_id);
    dc_writer_u32le(&w, m->slot);
    dc_writer_u32le(&w, m->port);
    dc_writer_u64le(&w, m->a.address);
    dc_writer_u32le(&w, m->a.key);
    dc_writer_u32le(&w, m->b.key);
    dc_writer_u64le(&w, m->b.address);
    dc_writer_bytes(&w, m->token, sizeof(m->token));
    dc_writer_bytes(&w, m->reason, strnlen(m->reason, sizeof(m->reason) - 1));
    int error = w.failed ? -ENOMEM : dc_channel_send(channel, DC_LINK_RDMA, 0, w.data, w.size_bytes, NULL, 0);
    dc_writer_finish(&w);
    return error;
}

bool
dc_rdma_message_unpack(const struct dc_channel_message *from, struct dc_rdma_message *m)
{
    struct dc_reader r;
    *m = (struct dc_rdma_message){ 0 };
    if (from->type != DC_LINK_RDMA || from->flags || from->size_bytes < FIXED_BYTES ||
        from->size_bytes >= FIXED_BYTES + sizeof(m->reason))
        return false;
    dc_reader_init(&r, from->payload, from->size_bytes);
    m->kind = dc_reader_u32le(&r);
    m->ring_id = dc_reader_u32le(&r);
    m->slot = dc_reader_u32le(&r);
    m->port = dc_reader_u32le(&r);
    m->a.address = dc_reader_u64le(&r);
    m->a.key = dc_reader_u32le(&r);
    m->b.key = dc_reader_u32le(&r);
    m->b.address = dc_reader_u64le(&r);
    memcpy(m->token, from->payload + 40, sizeof(m->token));
    memcpy(m->reason, from->payload + FIXED_BYTES, from->size_bytes - FIXED_BYTES);
    for (char *c = m->reason; *c; c++) {
        if ((unsigned char)*c < ' ')
            *c = '?'; // it will be logged
    }
    return !r.failed && m->kind >= DC_RDMA_OPEN && m->kind <= DC_RDMA_RING_READY && m->slot < DC_RDMA_SLOTS &&
           m->port <= UINT16_MAX;
}
