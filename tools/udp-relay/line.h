#ifndef DC_UDP_RELAY_LINE_H
#define DC_UDP_RELAY_LINE_H
/*
 * One direction of a network, as a model: what happens to each datagram and when it comes out. No socket and no clock, so
 * that the relay and simulations in virtual time share it. The same seed and the same datagrams give the same fates.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DC_LINE_MAX_RATES 8

struct dc_line_rate { // from a time on
    int64_t from_us;
    uint64_t bps; // 0: unlimited
};

struct dc_line_config {
    double loss;        // share of the datagrams
    double burst;       // mean length of a run of losses (Gilbert model); < 1: each by itself
    int64_t delay_us;
    int64_t jitter_us;  // added, evenly between 0 and this; order is kept
    double reorder;     // share of the datagrams that come reorder_us later, so that others overtake
    int64_t reorder_us;
    struct dc_line_rate rates[DC_LINE_MAX_RATES]; // ascending; unlimited before the first
    unsigned rate_count;
    int64_t queue_us;   // what would wait longer is dropped; 0: 1 s
    int64_t outage_from_us, outage_us; // everything is dropped
};

struct dc_line_counters {
    uint64_t datagrams, bytes, passed, lost, dropped_queue, dropped_outage, reordered;
    int64_t queue_max_us;
};

struct dc_line {
    struct dc_line_config config;
    struct dc_line_counters counters;
    uint64_t random;
    bool in_burst;
    int64_t free_us;     // when the bounded rate has room again
    int64_t last_due_us; // order is kept
};

void dc_line_init(struct dc_line *line, const struct dc_line_config *config, uint64_t seed);
/* A datagram arrives; times count from the line's start. false: it never comes out. */
bool dc_line_offer(struct dc_line *line, size_t size_bytes, int64_t now_us, int64_t *due_us);
/* How long a datagram that arrives now would wait for the rate. */
int64_t dc_line_queue_us(const struct dc_line *line, int64_t now_us);

#endif
