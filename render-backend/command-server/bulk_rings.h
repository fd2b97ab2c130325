#ifndef DC_COMMAND_SERVER_BULK_RINGS_H
#define DC_COMMAND_SERVER_BULK_RINGS_H
/*
 * The mirrored rings as the process of a bulk connection has them: it writes bulk where the worker reads it, so that it is
 * copied once and wakes nobody in between. The first connection's process makes the rings (tcp_mirror.h) and says so over
 * the socket between the two:
 *
 *   first → bulk   OPEN with memfd and eventfd   before the supervisor hears of the ring
 *                  JOINED                        the rings so far are sent; only then is the bulk connection admitted
 *                  CLOSE {bulk_end}              the supervisor sends no more than up to there
 *                  DROP                          the ring is lost
 *   bulk → first   CLOSED                        answer to CLOSE: everything is in the ring
 *                  LOST                          the ring is broken
 * Both stay on the same host and build, so the struct is sent as it is. One thread.
 */
#include <stdbool.h>
#include <stdint.h>

#include <protocol/link/channel.h>

enum { DC_BULK_RING_MESSAGE = 128 }; // beside enum dc_link_message

enum dc_bulk_ring_kind {
    DC_BULK_RING_OPEN, DC_BULK_RING_JOINED, DC_BULK_RING_CLOSE, DC_BULK_RING_DROP, DC_BULK_RING_CLOSED, DC_BULK_RING_LOST,
};

struct dc_bulk_ring_message {
    uint32_t kind, ring_id; // ring_id 0: JOINED
    uint64_t bulk_end;      // CLOSE
};

/* fds: memfd and eventfd, borrowed, or NULL. 0 or -errno. */
int dc_bulk_ring_send(struct dc_channel *channel, uint32_t kind, uint32_t ring_id, uint64_t bulk_end, const int fds[2]);
bool dc_bulk_ring_unpack(const struct dc_channel_message *message, struct dc_bulk_ring_message *unpacked);

struct dc_bulk_ring; // one ring

struct dc_bulk_rings {
    struct dc_channel *first_process; // borrowed, set before use
    struct dc_bulk_ring *first;
    bool joined;
};

void dc_bulk_rings_finish(struct dc_bulk_rings *rings);
/* A message of the first connection's process. false: logged, the link must end. */
bool dc_bulk_rings_handle(struct dc_bulk_rings *rings, struct dc_channel_message *message);
/* Bytes for the ring, at the end of what it has. What is for a ring that is gone is dropped. false: logged, the supervisor
 * broke the protocol, or the first process is gone: the link must end. Not from inside dc_bulk_rings_handle(). */
bool dc_bulk_rings_write(struct dc_bulk_rings *rings, uint32_t ring_id, uint64_t position, const uint8_t *bytes,
                         uint32_t size_bytes);

#endif
