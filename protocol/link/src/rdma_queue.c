/* Moving bytes: writes, bells, completions. */
#include "rdma_priv.h"

#include <errno.h>
#include <string.h>

// Bells that only say how many were taken: they need a receive as well, and must never be short of one.
#define RESERVED_BELLS 2u
#define POLL_BATCH 16
#define TAG_BELL UINT32_MAX

int
dc_rdma_register(struct dc_rdma *r, struct dc_rdma_memory *memory, uint8_t *base, size_t size_bytes, bool peer_writes)
{
    int access = peer_writes ? IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE : 0;
    struct ibv_mr *mr = ibv_reg_mr(r->pd, base, size_bytes, access);
    if (!mr)
        return errno ? -errno : -EIO;
    *memory = (struct dc_rdma_memory){ .mr = mr, .base = base, .region = { (uint64_t)(uintptr_t)base, mr->rkey } };
    return 0;
}

void
dc_rdma_unregister(struct dc_rdma_memory *memory)
{
    if (memory->mr)
        ibv_dereg_mr(memory->mr);
    *memory = (struct dc_rdma_memory){ 0 };
}

static int
post_receive(struct dc_rdma *r)
{
    // Nothing is ever received into memory: a receive only carries the news of a written record.
    struct ibv_recv_wr wr = { 0 }, *bad;
    int error = ibv_post_recv(r->qp, &wr, &bad);
    return error ? dc_rdma_fail(r, error, "RDMA receive: %s", strerror(error)) : 0;
}

int
dc_rdma_post_receives(struct dc_rdma *r)
{
    int error = 0;
    for (uint32_t i = 0; i < DC_RDMA_BELLS && !error; i++)
        error = post_receive(r);
    return error;
}

static int
post_write(struct dc_rdma *r, const struct dc_rdma_memory *from, size_t from_offset, struct dc_rdma_region to,
           size_t to_offset, size_t size_bytes, bool is_bell, uint32_t tag)
{
    struct ibv_sge sge = { .addr = (uint64_t)(uintptr_t)(from->base + from_offset), .length = (uint32_t)size_bytes,
                           .lkey = ((struct ibv_mr *)from->mr)->lkey };
    struct ibv_send_wr wr = {
        .wr_id = (uint64_t)tag << 32 | (uint32_t)size_bytes,
        .sg_list = &sge, .num_sge = 1,
        .opcode = is_bell ? IBV_WR_RDMA_WRITE_WITH_IMM : IBV_WR_RDMA_WRITE,
        .send_flags = IBV_SEND_SIGNALED,
        .wr.rdma = { .remote_addr = to.address + to_offset, .rkey = to.key },
    }, *bad;
    int error = ibv_post_send(r->qp, &wr, &bad);
    if (error)
        return dc_rdma_fail(r, error, "RDMA write: %s", strerror(error));
    r->sends++;
    __atomic_fetch_add(&r->out_bytes, size_bytes, __ATOMIC_RELAXED);
    return 0;
}

int
dc_rdma_write(struct dc_rdma *r, const struct dc_rdma_memory *from, struct dc_rdma_region to, size_t offset,
              size_t size_bytes, uint32_t tag)
{
    if (r->state != CONNECTED)
        return r->state == CONNECTING ? -EAGAIN : -EPIPE;
    // A place in the queue for the bell stays free.
    if (r->sends + 1 >= SEND_DEPTH)
        return -EAGAIN;
    return post_write(r, from, offset, to, offset, size_bytes, false, tag);
}

static int
tell(struct dc_rdma *r, const struct dc_rdma_bell *bell, uint32_t reserve)
{
    if (r->state == FAILED || !r->has_peer_mailbox)
        return -EPIPE;
    if (r->state == CONNECTING || r->sends >= SEND_DEPTH || r->told - r->peer_taken >= DC_RDMA_BELLS - reserve)
        return -EAGAIN;
    uint32_t place = r->told % DC_RDMA_BELLS;
    r->outbox[place] = (struct record){ .slot = bell->slot, .taken = r->taken, .first = bell->first,
                                        .second = bell->second, .third = bell->third };
    int error = post_write(r, &r->outbox_memory, place * sizeof(struct record), r->peer_mailbox,
                           place * sizeof(struct record), sizeof(struct record), true, TAG_BELL);
    if (error)
        return error;
    r->told++;
    r->taken_told = r->taken;
    return 0;
}

int
dc_rdma_tell(struct dc_rdma *r, const struct dc_rdma_bell *bell)
{
    return tell(r, bell, RESERVED_BELLS);
}

// Without one of our own for a long time, the other side would run out of bells.
static int
return_credits(struct dc_rdma *r)
{
    const struct dc_rdma_bell nothing = { .slot = DC_RDMA_SLOTS };
    if (r->taken - r->taken_told < DC_RDMA_BELLS / 2 || !r->has_peer_mailbox)
        return 0;
    int error = tell(r, &nothing, 0);
    return error == -EAGAIN ? 0 : error;
}

static int
handle_record(struct dc_rdma *r)
{
    // Its place is not written again before we say that it was taken; a peer that does so cheats itself only.
    struct record record;
    memcpy(&record, &r->mailbox[r->taken % DC_RDMA_BELLS], sizeof(record));
    r->taken++;
    __atomic_fetch_add(&r->in_bytes, sizeof(record), __ATOMIC_RELAXED);
    if (record.taken - r->peer_taken > r->told - r->peer_taken)
        return dc_rdma_fail(r, EPROTO, "the other side broke the protocol (it took more than it was told)");
    r->peer_taken = record.taken;
    const struct dc_rdma_bell bell = { record.slot, record.first, record.second, record.third };
    int error = post_receive(r);
    if (error || bell.slot == DC_RDMA_SLOTS)
        return error;
    if (bell.slot > DC_RDMA_SLOTS || !r->listener->handle_bell(r->user, &bell))
        return dc_rdma_fail(r, EPROTO, "the other side broke the protocol (impossible positions)");
    return 0;
}

// Flushed ones only follow what has ended the connection.
static int
fail_completion(struct dc_rdma *r, const char *what, enum ibv_wc_status status)
{
    return dc_rdma_fail(r, status == IBV_WC_WR_FLUSH_ERR ? EPIPE : ECONNABORTED, "RDMA %s: %s", what,
                        ibv_wc_status_str(status));
}

static int
handle_received(struct dc_rdma *r, const struct ibv_wc *wc)
{
    if (wc->status != IBV_WC_SUCCESS)
        return fail_completion(r, "receive", wc->status);
    if (wc->opcode != IBV_WC_RECV_RDMA_WITH_IMM || wc->byte_len != sizeof(struct record))
        return dc_rdma_fail(r, EPROTO, "the other side broke the protocol (unexpected message)");
    return handle_record(r);
}

static int
handle_sent(struct dc_rdma *r, const struct ibv_wc *wc)
{
    uint32_t tag = (uint32_t)(wc->wr_id >> 32);
    r->sends--;
    if (wc->status != IBV_WC_SUCCESS)
        return fail_completion(r, "write", wc->status);
    if (tag != TAG_BELL)
        r->listener->handle_written(r->user, tag, (uint32_t)wc->wr_id);
    return 0;
}

static int
poll_queue(struct dc_rdma *r, struct ibv_cq *cq, int (*handle)(struct dc_rdma *, const struct ibv_wc *), bool *any)
{
    struct ibv_wc wc[POLL_BATCH];
    int count, error = 0;
    do {
        count = ibv_poll_cq(cq, POLL_BATCH, wc);
        if (count < 0)
            return dc_rdma_fail(r, EIO, "RDMA completions cannot be read");
        *any |= count > 0;
        for (int i = 0; i < count && !error; i++)
            error = handle(r, &wc[i]);
    } while (!error && count == POLL_BATCH);
    return error;
}

int
dc_rdma_poll(struct dc_rdma *r, bool *any)
{
    struct ibv_cq *cq;
    void *context;
    *any = false;
    while (ibv_get_cq_event(r->completions, &cq, &context) == 0)
        ibv_ack_cq_events(cq, 1);
    int error = poll_queue(r, r->send_cq, handle_sent, any);
    if (!error)
        error = poll_queue(r, r->receive_cq, handle_received, any);
    return error ? error : return_credits(r);
}

int
dc_rdma_arm(struct dc_rdma *r, bool for_room, bool *more)
{
    bool any;
    if (!r->qp || r->state == FAILED)
        return 0;
    if (ibv_req_notify_cq(r->receive_cq, 0) || (for_room && ibv_req_notify_cq(r->send_cq, 0)))
        return dc_rdma_fail(r, EIO, "RDMA completions cannot be awaited");
    // Between the last look and the arming.
    int error = dc_rdma_poll(r, &any);
    *more |= any;
    return error;
}

void
dc_rdma_get_bytes(const struct dc_rdma *r, uint64_t *out_bytes, uint64_t *in_bytes)
{
    *out_bytes = __atomic_load_n(&r->out_bytes, __ATOMIC_RELAXED);
    *in_bytes = __atomic_load_n(&r->in_bytes, __ATOMIC_RELAXED);
}

void
dc_rdma_count_in(struct dc_rdma *r, uint64_t size_bytes)
{
    __atomic_fetch_add(&r->in_bytes, size_bytes, __ATOMIC_RELAXED);
}
