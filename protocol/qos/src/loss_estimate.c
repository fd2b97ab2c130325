#include <protocol/qos/loss_estimate.h>

#include <math.h>
#include <string.h>

#define BUCKET_US 1000000
#define PRIOR_PACKETS 500
#define PRIOR_LOST 5
#define OUTAGE_RUN 64
#define RECENT_MIN_PACKETS 100 // "loss" of one tiny window misled others (notes: selkies 332)

void
dc_loss_estimate_init(struct dc_loss_estimate *estimate, int64_t now_us)
{
    *estimate = (struct dc_loss_estimate){ .bucket_us = now_us };
}

void
dc_loss_estimate_push(struct dc_loss_estimate *estimate, bool lost, int64_t now_us)
{
    struct dc_loss_bucket *buckets = estimate->buckets;
    if (now_us - estimate->bucket_us > DC_LOSS_BUCKETS * (int64_t)BUCKET_US)
        dc_loss_estimate_init(estimate, now_us);
    while (now_us - estimate->bucket_us >= BUCKET_US) {
        memmove(&buckets[1], &buckets[0], (DC_LOSS_BUCKETS - 1) * sizeof(buckets[0]));
        buckets[0] = (struct dc_loss_bucket){ 0 };
        estimate->bucket_us += BUCKET_US;
    }
    if (lost) {
        estimate->run++;
        return;
    }
    buckets[0].packets++;
    if (estimate->run && estimate->run <= OUTAGE_RUN) {
        buckets[0].packets += estimate->run;
        buckets[0].lost += estimate->run;
        buckets[0].runs++;
    }
    estimate->run = 0;
}

static struct dc_loss_bucket
sum(const struct dc_loss_estimate *estimate, unsigned count)
{
    struct dc_loss_bucket total = { 0 };
    for (unsigned i = 0; i < count; i++) {
        total.packets += estimate->buckets[i].packets;
        total.lost += estimate->buckets[i].lost;
        total.runs += estimate->buckets[i].runs;
    }
    return total;
}

double
dc_loss_estimate_loss(const struct dc_loss_estimate *estimate)
{
    struct dc_loss_bucket total = sum(estimate, DC_LOSS_BUCKETS);
    // One standard deviation more than was counted: a rate that is too low costs frames.
    double lost = total.lost + sqrt(total.lost) + PRIOR_LOST;
    double loss = lost / (total.packets + PRIOR_PACKETS);
    return loss < 0.5 ? loss : 0.5;
}

double
dc_loss_estimate_burst(const struct dc_loss_estimate *estimate)
{
    struct dc_loss_bucket total = sum(estimate, DC_LOSS_BUCKETS);
    return (double)(total.lost + PRIOR_LOST) / (total.runs + PRIOR_LOST);
}

double
dc_loss_estimate_recent(const struct dc_loss_estimate *estimate)
{
    struct dc_loss_bucket total = sum(estimate, 2);
    return total.packets < RECENT_MIN_PACKETS ? 0 : (double)total.lost / total.packets;
}
