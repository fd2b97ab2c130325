#ifndef DC_COMMAND_SERVER_BULK_RECEIVER_H
#define DC_COMMAND_SERVER_BULK_RECEIVER_H
/*
 * A bulk connection's chunks on the GPU side: unpacked, checked, kept, and resolved where the supervisor only names them.
 * What comes out goes into the rings (bulk_rings.h).
 *
 * Segments of the store stay mapped until the supervisor has answered their eviction, so whatever it names is there; a name
 * that is not ends the link. One thread.
 */
#include <protocol/link/bulk_codec.h>

#include "bulk_rings.h"

struct dc_bulk_receiver;

/* peer: the supervisor, store_fd: to the main process; all borrowed. budget_bytes: so much may be kept, 0 nothing. NULL: out of memory. Tells the supervisor the budget. */
struct dc_bulk_receiver *dc_bulk_receiver_create(struct dc_channel *peer, struct dc_bulk_rings *rings, int store_fd,
                                                 uint64_t budget_bytes);
/* Offers what is not yet offered. Accepts NULL. */
void dc_bulk_receiver_destroy(struct dc_bulk_receiver *receiver);
/* Of the supervisor. false: logged, it broke the protocol and the link must end. */
bool dc_bulk_receiver_handle(struct dc_bulk_receiver *receiver, const struct dc_channel_message *message);
/* store_fd is readable: segments that come and go. 0 or -errno: the link must end. */
int dc_bulk_receiver_read_store(struct dc_bulk_receiver *receiver);
/* Milliseconds after which dc_bulk_receiver_tick() wants to be called, -1 none. It returns 0 or -errno: the link must end. */
int dc_bulk_receiver_timeout_ms(const struct dc_bulk_receiver *receiver);
int dc_bulk_receiver_tick(struct dc_bulk_receiver *receiver);

#endif
