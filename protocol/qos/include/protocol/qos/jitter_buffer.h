#ifndef DC_PROTOCOL_QOS_JITTER_BUFFER_H
#define DC_PROTOCOL_QOS_JITTER_BUFFER_H
/*
 * Puts packets back into order below the depacketiser. What is in order goes out at once, nothing is held for smoothness;
 * at a gap it waits `wait_us` (what a retransmission or parity may still need), then goes on behind it. Packets stay until
 * their place is needed again, because parity is computed over packets that have already gone out.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/rtp/channel.h>
#include <protocol/rtp/sequence.h>

#define DC_JITTER_PACKETS 1024 // a power of two; at most this many sequence numbers are looked after

struct dc_jitter_slot {
    int64_t sequence;    // unwrapped; 0: empty
    int64_t arrival_us;
    uint16_t size_bytes;
    bool is_canonical; // recovered by parity: without transport-wide number and send time
    uint8_t data[DC_RTP_MAX_PACKET_BYTES];
};

struct dc_jitter_buffer {
    struct dc_jitter_slot *slots; // owned
    struct dc_sequence_unwrapper unwrapper;
    int64_t next;         // goes out next
    int64_t gap_since_us; // when something behind a missing `next` was first there; INT64_MAX: nothing waits
    int64_t wait_us;      // set by the owner at any time
    bool started;
    uint64_t duplicates, late, skipped; // late: after it was given up; skipped: packets given up
};

bool dc_jitter_buffer_init(struct dc_jitter_buffer *buffer);
void dc_jitter_buffer_finish(struct dc_jitter_buffer *buffer);
/* false: a duplicate, too late, or too large. `sequence` (optional) receives the unwrapped number in any case. */
bool dc_jitter_buffer_insert(struct dc_jitter_buffer *buffer, const uint8_t *packet, size_t size_bytes, bool is_canonical,
                             int64_t now_us, int64_t *sequence);
/* The packet that goes out now, NULL: none. Valid until the next insert(). */
const struct dc_jitter_slot *dc_jitter_buffer_next(struct dc_jitter_buffer *buffer, int64_t now_us);
/* When next() will give a gap up; INT64_MAX: nothing waits. */
int64_t dc_jitter_buffer_deadline_us(const struct dc_jitter_buffer *buffer);
/* A packet that is still held, gone out or not; NULL: missing. */
const struct dc_jitter_slot *dc_jitter_buffer_get(const struct dc_jitter_buffer *buffer, int64_t sequence);

#endif
