#include <protocol/qos/delay_trend.h>

#include <math.h>

#define SMOOTHING 0.9
#define GAIN 4.0
#define MAX_DELTAS 60
#define OVERUSE_MS 10
#define THRESHOLD_UP 0.0087
#define THRESHOLD_DOWN 0.039
#define THRESHOLD_FIRST_MS 12.5

void
dc_delay_trend_init(struct dc_delay_trend *trend)
{
    *trend = (struct dc_delay_trend){ .threshold_ms = THRESHOLD_FIRST_MS };
}

static double
slope(const struct dc_delay_trend *trend)
{
    double mean_time = 0, mean_delay = 0, numerator = 0, denominator = 0;
    for (unsigned i = 0; i < trend->count; i++) {
        mean_time += trend->times_ms[i] / trend->count;
        mean_delay += trend->delays_ms[i] / trend->count;
    }
    for (unsigned i = 0; i < trend->count; i++) {
        double t = trend->times_ms[i] - mean_time;
        numerator += t * (trend->delays_ms[i] - mean_delay);
        denominator += t * t;
    }
    return denominator > 0 ? numerator / denominator : 0;
}

/* A threshold that follows the trend's usual size: a stream beside an unkind one would starve with a fixed one. */
static void
adapt_threshold(struct dc_delay_trend *trend, double modified_trend, int64_t now_us)
{
    double distance = fabs(modified_trend) - trend->threshold_ms;
    double passed_ms = trend->updated_us ? (double)(now_us - trend->updated_us) / 1000 : 0;
    trend->updated_us = now_us;
    if (distance > 15) // a step, not jitter
        return;
    trend->threshold_ms += (distance < 0 ? THRESHOLD_DOWN : THRESHOLD_UP) * distance * fmin(passed_ms, 100);
    trend->threshold_ms = fmin(fmax(trend->threshold_ms, 6), 600);
}

static void
detect(struct dc_delay_trend *trend, double value, double passed_ms, unsigned deltas)
{
    double modified = fmin(deltas, MAX_DELTAS) * value * GAIN;
    if (modified > trend->threshold_ms) {
        trend->overuse_ms += trend->overuse_count ? passed_ms : passed_ms / 2;
        trend->overuse_count++;
        if (trend->overuse_ms > OVERUSE_MS && trend->overuse_count > 1 && value >= trend->previous_trend) {
            trend->overuse_ms = 0;
            trend->overuse_count = 0;
            trend->state = DC_DELAY_OVERUSE;
        }
    } else {
        trend->overuse_ms = 0;
        trend->overuse_count = 0;
        trend->state = modified < -trend->threshold_ms ? DC_DELAY_UNDERUSE : DC_DELAY_NORMAL;
    }
    trend->previous_trend = value;
}

enum dc_delay_state
dc_delay_trend_push(struct dc_delay_trend *trend, int64_t send_delta_us, int64_t arrival_delta_us, int64_t arrival_us)
{
    if (!trend->first_us)
        trend->first_us = arrival_us;
    trend->accumulated_ms += (double)(arrival_delta_us - send_delta_us) / 1000;
    trend->smoothed_ms = SMOOTHING * trend->smoothed_ms + (1 - SMOOTHING) * trend->accumulated_ms;
    trend->times_ms[trend->next] = (double)(arrival_us - trend->first_us) / 1000;
    trend->delays_ms[trend->next] = trend->smoothed_ms;
    trend->next = (trend->next + 1) % DC_TREND_POINTS;
    if (trend->count < DC_TREND_POINTS)
        trend->count++;
    double value = trend->count >= 4 ? slope(trend) : 0;
    detect(trend, value, (double)send_delta_us / 1000, trend->count * (MAX_DELTAS / DC_TREND_POINTS));
    adapt_threshold(trend, MAX_DELTAS * value * GAIN, arrival_us);
    return trend->state;
}
