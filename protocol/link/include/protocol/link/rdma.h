#ifndef DC_PROTOCOL_LINK_RDMA_H
#define DC_PROTOCOL_LINK_RDMA_H
/*
 * One reliable RDMA connection between a supervisor and dc-render, and what both ends do with it: write into memory that
 * the other has registered, and ring its bell with positions. Nothing is ever read remotely, and only what was registered
 * with `peer_writes` (mirrored ring areas, and the mailbox) can be written.
 *
 * The mailbox is a queue of DC_RDMA_BELLS records in registered memory. dc_rdma_tell() writes the next record with
 * immediate data, which uses up one of the receives that the other side has posted. Records count those that were taken,
 * so that neither a record is overwritten before it was read nor a receive is missing. The connection keeps order: whoever
 * sees a bell sees every byte that was written before it.
 *
 * Bytes of records are hostile: copied, then checked by whoever handles the bell. One thread; nothing blocks.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <protocol/link/rdma_message.h>

#define DC_RDMA_BELLS 256u

struct dc_rdma;

/* Positions of the ring in `slot`; what each means is the caller's business. */
struct dc_rdma_bell {
    uint32_t slot;
    uint64_t first, second, third;
};

struct dc_rdma_listener {
    /* Required. false: nonsense, the connection ends with -EPROTO. */
    bool (*handle_bell)(void *user, const struct dc_rdma_bell *bell);
    /* Required. A write posted with `tag` has reached the other side. */
    void (*handle_written)(void *user, uint32_t tag, uint32_t size_bytes);
};

/* Registered memory. */
struct dc_rdma_memory {
    void *mr;      // NULL: none
    uint8_t *base; // borrowed
    struct dc_rdma_region region;
};

/* Where memory may not be locked there is no RDMA: raises the limit as far as we may, at most to `size_bytes`. Before
 * privileges are dropped. */
void dc_rdma_raise_memory_limit(uint64_t size_bytes);

/* Both open the device of the local address and create everything that needs a file. NULL: `reason` for people.
 * Listening takes any port and one connection that shows the token. */
struct dc_rdma *dc_rdma_listen(const struct sockaddr *local, const struct dc_rdma_listener *listener, void *user,
                               char *reason, size_t reason_bytes);
struct dc_rdma *dc_rdma_connect(const struct sockaddr *local, const struct sockaddr *peer, const uint8_t *token,
                                const struct dc_rdma_listener *listener, void *user, char *reason, size_t reason_bytes);
/* true: there is a device for this local address. */
bool dc_rdma_has_device(const struct sockaddr *local, char *reason, size_t reason_bytes);
/* Memory may be unregistered after this and before dc_rdma_destroy(): the other side can write no more. */
void dc_rdma_disconnect(struct dc_rdma *r);
void dc_rdma_destroy(struct dc_rdma *r);

uint16_t dc_rdma_get_port(const struct dc_rdma *r);
const uint8_t *dc_rdma_get_token(const struct dc_rdma *r);
/* The other side can be written to (its mailbox must be known, too). */
bool dc_rdma_is_connected(const struct dc_rdma *r);
/* Server: a connection with the right token is accepted, though perhaps its last message has not come yet. */
bool dc_rdma_has_peer(const struct dc_rdma *r);
struct dc_rdma_region dc_rdma_get_mailbox(const struct dc_rdma *r);
void dc_rdma_set_peer_mailbox(struct dc_rdma *r, struct dc_rdma_region mailbox);

/* To poll for POLLIN: connection events, completions. */
void dc_rdma_get_fds(const struct dc_rdma *r, int fds[2]);
/* Handles what is there. 0, or -errno for good: dc_rdma_error() says why. */
int dc_rdma_process(struct dc_rdma *r);
/* Before sleeping on the descriptors; with `for_room` they also wake when something was written. *more: something came
 * just before, and was handled: look again instead of sleeping. 0 or -errno. */
int dc_rdma_arm(struct dc_rdma *r, bool for_room, bool *more);
const char *dc_rdma_error(const struct dc_rdma *r); // never NULL

/* 0 or -errno. `base` must stay mapped until dc_rdma_unregister(). */
int dc_rdma_register(struct dc_rdma *r, struct dc_rdma_memory *memory, uint8_t *base, size_t size_bytes,
                     bool peer_writes);
void dc_rdma_unregister(struct dc_rdma_memory *memory);

/* Writes our [offset, offset + size_bytes) to the same offset of the other side's region. -EAGAIN: the queue is full. */
int dc_rdma_write(struct dc_rdma *r, const struct dc_rdma_memory *from, struct dc_rdma_region to, size_t offset,
                  size_t size_bytes, uint32_t tag);
/* -EAGAIN: the other side has not yet taken enough of what it was told. */
int dc_rdma_tell(struct dc_rdma *r, const struct dc_rdma_bell *bell);
/* Payload bytes since the beginning. Any thread. */
void dc_rdma_get_bytes(const struct dc_rdma *r, uint64_t *out_bytes, uint64_t *in_bytes);
/* For bytes that the other side wrote by itself: positions say how many. */
void dc_rdma_count_in(struct dc_rdma *r, uint64_t size_bytes);

#endif
