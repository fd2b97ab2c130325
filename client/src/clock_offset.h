#ifndef DC_CLIENT_CLOCK_OFFSET_H
#define DC_CLIENT_CLOCK_OFFSET_H
/*
 * The instance's clock against ours by four-timestamp exchange: offset = instance − client, from the exchange with the
 * shortest round trip among the last ones. Only ever used to split a latency, never to state a total (DESIGN §3).
 */
#include <stdbool.h>
#include <stdint.h>

#define DC_CLOCK_OFFSET_SAMPLES 10

struct dc_clock_offset {
    struct {
        int64_t offset_us, round_trip_us;
    } samples[DC_CLOCK_OFFSET_SAMPLES];
    unsigned count; // all that were ever added
    int64_t offset_us, round_trip_us; // the best
};

/* t1: ping left us, t2: it arrived there, t3: the pong left there, t4: it arrived here. Impossible ones are ignored. */
void dc_clock_offset_add(struct dc_clock_offset *clock, int64_t t1_us, int64_t t2_us, int64_t t3_us, int64_t t4_us);

#endif
