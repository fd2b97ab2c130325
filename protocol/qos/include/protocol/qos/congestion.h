#ifndef DC_PROTOCOL_QOS_CONGESTION_H
#define DC_PROTOCOL_QOS_CONGESTION_H
/*
 * Congestion control at the sender: from what left and what transport-wide feedback says of it to a target for all that is
 * sent, a rate for the pacer, and whether a frame is worth encoding now. docs/streaming.md says why it is made like this:
 *  - the delay's trend line (delay_trend.h) sees a growing queue before it is long;
 *  - the frame itself is a probe: it leaves much faster than the target, so the time over which it arrives tells what the
 *    line can carry. That is what the target falls to, and up to what it may rise quickly;
 *  - loss alone lowers the target only above 10 %: below that, parity is the answer;
 *  - a queue that is there has to drain: while the predicted one is too long, frames are skipped before they are encoded.
 */
#include <stdbool.h>
#include <stdint.h>

#include <protocol/qos/delay_trend.h>
#include <protocol/qos/loss_estimate.h>
#include <protocol/rtp/transport_feedback.h>

#define DC_CONGESTION_PACKETS 4096 // in flight at most; a power of two
#define DC_CONGESTION_TRAINS 8

struct dc_congestion_config {
    uint32_t start_bps, min_bps, max_bps;
};

struct dc_sent_packet {
    int64_t number, send_us; // number 0: empty
    uint32_t bytes_before;   // sent in all before it (wraps)
    uint16_t size_bytes;
    bool acknowledged, reported; // reported: some feedback spoke of it. A lost message says nothing of losses
};

struct dc_packet_group { // packets that left close together
    int64_t first_send_us, last_send_us, first_arrival_us, last_arrival_us;
    uint32_t bytes; // behind the first packet
    unsigned packets;
};

struct dc_congestion {
    struct dc_congestion_config config;
    struct dc_sent_packet *sent; // owned ring by number
    int64_t newest_number;       // sent last
    int64_t settled_number;      // up to here every packet's fate is counted
    uint32_t sent_bytes;
    struct dc_loss_estimate loss;
    struct dc_delay_trend trend;
    struct dc_packet_group group, group_before;
    uint32_t trains_bps[DC_CONGESTION_TRAINS]; // the newest at (train_count − 1) % n
    bool trains_stretched[DC_CONGESTION_TRAINS]; // it arrived over a longer time than it was sent
    unsigned train_count;
    bool has_arrival;
    int64_t arrival_us;          // newest, unwrapped from 24 bits of 64 ms
    int64_t base_delay_us[2];    // least one-way delay in this and the previous ten seconds, clocks' offset included
    int64_t base_since_us;
    int64_t queue_us;            // the newest acknowledged packet's delay above the base
    int64_t acknowledged_send_us;
    uint32_t acknowledged_sent_bytes;
    int64_t round_trip_us;       // least of the last ones, feedback's own delay included; 0: unknown
    int64_t feedback_us;         // when feedback came last
    int64_t silent_frame_us;     // when a frame was let through in silence
    int64_t lowered_us, raised_us, calm_since_us;
    uint32_t received_bytes;     // in the current interval of received_bps
    int64_t received_since_us;
    uint32_t received_bps;       // 0: unknown
    uint32_t target_bps;
    bool is_draining;            // frames are skipped until the queue is short
    uint64_t overuses, lowered_for_loss;
};

bool dc_congestion_init(struct dc_congestion *congestion, const struct dc_congestion_config *config, int64_t now_us);
void dc_congestion_finish(struct dc_congestion *congestion);
/* The next transport-wide number; every packet that leaves gets one. */
uint16_t dc_congestion_next_number(const struct dc_congestion *congestion);
void dc_congestion_handle_sent(struct dc_congestion *congestion, size_t size_bytes, int64_t now_us);
void dc_congestion_handle_feedback(struct dc_congestion *congestion, struct dc_transport_feedback *feedback,
                                   int64_t now_us);

/* Bits per second for all that is sent. */
uint32_t dc_congestion_target_bps(const struct dc_congestion *congestion);
uint32_t dc_congestion_pacing_bps(const struct dc_congestion *congestion, int64_t now_us);
/* How long a packet that leaves now is likely to wait in the network. */
int64_t dc_congestion_queue_us(const struct dc_congestion *congestion, int64_t now_us);
/* false: a frame encoded now would come too late or feed a queue; skip it. */
bool dc_congestion_may_encode(struct dc_congestion *congestion, int64_t now_us);

#endif
