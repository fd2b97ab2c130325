#ifndef DC_PROTOCOL_QOS_DELAY_TREND_H
#define DC_PROTOCOL_QOS_DELAY_TREND_H
/*
 * Does the one-way delay grow? The trend line of Google's congestion control (draft-ietf-rmcat-gcc-02, and the line in
 * place of the draft's Kalman filter as WebRTC has it): the slope of the smoothed, accumulated delay differences between
 * groups of packets, against a threshold that adapts to the line's own jitter.
 */
#include <stdint.h>

#define DC_TREND_POINTS 20

enum dc_delay_state { DC_DELAY_NORMAL, DC_DELAY_OVERUSE, DC_DELAY_UNDERUSE };

struct dc_delay_trend {
    double times_ms[DC_TREND_POINTS], delays_ms[DC_TREND_POINTS]; // a ring
    unsigned count, next;
    double accumulated_ms, smoothed_ms, threshold_ms, previous_trend;
    int64_t first_us, updated_us;
    double overuse_ms; // how long the trend has been above the threshold
    unsigned overuse_count;
    enum dc_delay_state state;
};

void dc_delay_trend_init(struct dc_delay_trend *trend);
/* Two groups of packets in a row: how much later the second one was sent and arrived. */
enum dc_delay_state dc_delay_trend_push(struct dc_delay_trend *trend, int64_t send_delta_us, int64_t arrival_delta_us,
                                        int64_t arrival_us);

#endif
