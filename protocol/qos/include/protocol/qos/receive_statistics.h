#ifndef DC_PROTOCOL_QOS_RECEIVE_STATISTICS_H
#define DC_PROTOCOL_QOS_RECEIVE_STATISTICS_H
/* What a receiver says of one stream in its reports (RFC 3550 §6.4.1, appendices A.3 and A.8). */
#include <stdbool.h>
#include <stdint.h>

#include <protocol/rtp/rtcp.h>
#include <protocol/rtp/sequence.h>

struct dc_receive_statistics {
    uint32_t ssrc, clock_hz;
    struct dc_sequence_unwrapper unwrapper;
    int64_t base;      // first sequence, unwrapped
    uint64_t received; // without what was recovered
    uint64_t expected_before, received_before; // at the last report
    bool has_transit;
    uint32_t transit; // arrival − timestamp, units of the clock
    uint32_t jitter;  // × 16
    uint32_t last_report;
    int64_t last_report_us; // when that SR came
};

void dc_receive_statistics_init(struct dc_receive_statistics *statistics, uint32_t ssrc, uint32_t clock_hz);
void dc_receive_statistics_push(struct dc_receive_statistics *statistics, uint16_t sequence, uint32_t timestamp,
                                int64_t now_us);
void dc_receive_statistics_handle_sender_report(struct dc_receive_statistics *statistics,
                                                const struct dc_rtcp_report *report, int64_t now_us);
/* false: nothing was received yet. Begins the next interval. */
bool dc_receive_statistics_report(struct dc_receive_statistics *statistics, int64_t now_us, struct dc_rtcp_block *block);

#endif
