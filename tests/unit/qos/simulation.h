#ifndef DC_TESTS_QOS_SIMULATION_H
#define DC_TESTS_QOS_SIMULATION_H
/*
 * A stream in virtual time: frames → sender → line → receiver → depacketiser → gate, and RTCP back over a line of its own.
 * Encoder and decoder are models (sizes, times, references); every byte that reaches the decoder is compared.
 */
#include <stdbool.h>
#include <stdint.h>

#include "line.h"

struct simulation_config {
    uint64_t seed;
    double seconds;
    struct dc_line_config forward, backward; // without delay: 10 ms each
    uint32_t bitrate_kbps;
    bool no_fec, no_nack;
};

struct simulation_result {
    unsigned captured, skipped, decoded, keyframes, corrupt;
    unsigned shown;           // on an emulated display of 60 Hz, newest frame wins
    double shown_share;       // of the captured ones
    double p50_ms, p95_ms, p99_ms, max_ms; // capture → decoded beyond one way
    double calm_after_ms;     // after the first change of rate: when the line's queue was last longer than 60 ms
    double late_queue_ms;     // longest queue from 1.5 s after that change to the next
    double back_after_ms;     // after the outage: the first frame decoded
    double recovered_after_s; // after the second change of rate: encoder at 95 % of its most; −1: never
    double low_kbps;          // mean of the encoder's rate in the last second before the second change
    double overhead;          // everything sent ÷ media
    uint64_t resent, recovered, parity, nacked, invalidated, given_up;
};

void simulation_run(const struct simulation_config *config, struct simulation_result *result);

#endif
