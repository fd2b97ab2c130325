#ifndef DC_PROTOCOL_QOS_LOSS_ESTIMATE_H
#define DC_PROTOCOL_QOS_LOSS_ESTIMATE_H
/*
 * How much the network loses, and in runs of what length, over the last eight seconds. A prior of one loss in a hundred
 * stands in for what was not seen yet: the first seconds are protected, and a clean line costs little after them. A run that
 * is too long for any parity is an outage and does not count.
 */
#include <stdbool.h>
#include <stdint.h>

#define DC_LOSS_BUCKETS 8

struct dc_loss_bucket {
    uint32_t packets, lost, runs;
};

struct dc_loss_estimate {
    struct dc_loss_bucket buckets[DC_LOSS_BUCKETS]; // a second each, [0] is being filled
    int64_t bucket_us;                              // when [0] began
    uint32_t run; // lost since the last packet that was not
};

void dc_loss_estimate_init(struct dc_loss_estimate *estimate, int64_t now_us);
/* The fate of the next packet in the order of sending. */
void dc_loss_estimate_push(struct dc_loss_estimate *estimate, bool lost, int64_t now_us);
double dc_loss_estimate_loss(const struct dc_loss_estimate *estimate);
double dc_loss_estimate_burst(const struct dc_loss_estimate *estimate); // ≥ 1
/* Of the last one to two seconds, without the prior; 0 when too few packets were sent to say so. */
double dc_loss_estimate_recent(const struct dc_loss_estimate *estimate);

#endif
