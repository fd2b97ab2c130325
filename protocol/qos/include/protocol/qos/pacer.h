#ifndef DC_PROTOCOL_QOS_PACER_H
#define DC_PROTOCOL_QOS_PACER_H
/*
 * Spreads a frame's packets over a part of its interval, so that no buffer on the way sees a whole frame at once. A token
 * bucket of about a millisecond; retransmissions go first, the rest in order.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/rtp/channel.h>

#define DC_PACER_MAX_BYTES (2u << 20) // more is refused

enum dc_pacer_lane { DC_PACER_RESENT, DC_PACER_FRESH, DC_PACER_LANES };

struct dc_paced_packet {
    struct dc_paced_packet *next;
    int64_t queued_us;
    size_t size_bytes;
    size_t send_time_offset; // 0: none
    bool is_media;           // a video packet (not parity, not resent): it goes into the history
    uint8_t data[DC_RTP_MAX_PACKET_BYTES + 32]; // SRTP's trailer
};

struct dc_pacer {
    struct { struct dc_paced_packet *first, **end; } lanes[DC_PACER_LANES];
    size_t queued_bytes;
    int64_t next_us; // the bucket has room from then on
    uint32_t bps;    // set by the owner
};

void dc_pacer_init(struct dc_pacer *pacer);
void dc_pacer_finish(struct dc_pacer *pacer);
/* A copy. NULL: too much waits, or no memory. */
struct dc_paced_packet *dc_pacer_push(struct dc_pacer *pacer, enum dc_pacer_lane lane, const uint8_t *data,
                                      size_t size_bytes, int64_t now_us);
/* What may leave now; the caller frees it. NULL: nothing. */
struct dc_paced_packet *dc_pacer_pop(struct dc_pacer *pacer, int64_t now_us);
int64_t dc_pacer_deadline_us(const struct dc_pacer *pacer); // INT64_MAX: empty
/* How long what waits needs. */
int64_t dc_pacer_backlog_us(const struct dc_pacer *pacer);

#endif
