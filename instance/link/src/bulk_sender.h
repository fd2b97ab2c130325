#ifndef DC_INSTANCE_LINK_BULK_SENDER_H
#define DC_INSTANCE_LINK_BULK_SENDER_H
/*
 * How bulk goes over TCP: named where dc-render has it, packed where that is worth it, kept there for the next time.
 * Hashing and packing cost time, and pay for what is loaded once, not for what an application computes anew every frame:
 * both draw on an allowance that a stream of fresh data soon uses up, and sizes that never come twice are not hashed. Then
 * bytes go as they are, unless the line is slower than packing. Link's thread only.
 */
#include "digest_set.h"

struct dc_bulk_sender;

/* NULL: out of memory. */
struct dc_bulk_sender *dc_bulk_sender_create(void);
void dc_bulk_sender_destroy(struct dc_bulk_sender *sender);
/* Bytes of the next chunk of a piece of `left_bytes`: pieces are cut evenly, the same way every time. */
uint32_t dc_bulk_sender_cut(uint64_t left_bytes);
/* Sends a chunk as a reference, packed or as it is. Copies it first: the application may write there. 0 or -errno.
 * References wait for each other: dc_bulk_sender_flush must follow before anything else happens on the channel. */
int dc_bulk_sender_send(struct dc_bulk_sender *sender, struct dc_channel *channel, uint32_t ring_id, uint64_t position,
                        const uint8_t *data, uint32_t size_bytes);
int dc_bulk_sender_flush(struct dc_bulk_sender *sender, struct dc_channel *channel);
/* STORE_OPEN, STORE_HAVE, STORE_EVICT of dc-render. false: malformed. */
bool dc_bulk_sender_handle(struct dc_bulk_sender *sender, struct dc_channel *channel,
                           const struct dc_channel_message *message);

#endif
