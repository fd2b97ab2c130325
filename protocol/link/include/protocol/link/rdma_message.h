#ifndef DC_PROTOCOL_LINK_RDMA_MESSAGE_H
#define DC_PROTOCOL_LINK_RDMA_MESSAGE_H
/*
 * How both ends of a link agree on RDMA, over the TLS connection that admitted it (DC_LINK_RDMA). Little-endian:
 *
 *   0        4          8        12       16             24       28       32             40         56
 *   +--------+----------+--------+--------+--------------+--------+--------+--------------+----------+------------
 *   | kind   | ring_id  | slot   | port   | a: address   | a: key | b: key | b: address   | token    | reason …
 *   +--------+----------+--------+--------+--------------+--------+--------+--------------+----------+------------
 *
 *   OPEN         supervisor → dc-render   may I?
 *   READY        dc-render → supervisor   port to connect to, token that the connection must show
 *   UNAVAILABLE  dc-render → supervisor   reason: rings travel over TCP
 *   START        supervisor → dc-render   connected: rings travel over RDMA from now on; a: mailbox
 *   STARTED      dc-render → supervisor   a: mailbox
 *   RING         supervisor → dc-render   ring_id has this slot; a: its reply area
 *   RING_READY   dc-render → supervisor   a: cmd area, b: bulk area
 */
#include <stdbool.h>
#include <stdint.h>

#include <protocol/link/channel.h>

#define DC_RDMA_TOKEN_BYTES 16u
#define DC_RDMA_MAX_REASON_BYTES 160u
#define DC_RDMA_SLOTS 64u // rings at a time

/* Memory that the other side may write, by address and key. */
struct dc_rdma_region {
    uint64_t address;
    uint32_t key;
};

enum dc_rdma_kind {
    DC_RDMA_OPEN = 1,
    DC_RDMA_READY,
    DC_RDMA_UNAVAILABLE,
    DC_RDMA_START,
    DC_RDMA_STARTED,
    DC_RDMA_RING,
    DC_RDMA_RING_READY,
};

struct dc_rdma_message {
    uint32_t kind, ring_id, slot, port;
    struct dc_rdma_region a, b;
    uint8_t token[DC_RDMA_TOKEN_BYTES];
    char reason[DC_RDMA_MAX_REASON_BYTES]; // terminated
};

/* 0 or -errno. */
int dc_rdma_message_send(struct dc_channel *channel, const struct dc_rdma_message *message);
/* false: malformed (also: an unknown kind, a port or slot out of range). */
bool dc_rdma_message_unpack(const struct dc_channel_message *from, struct dc_rdma_message *message);

#endif
