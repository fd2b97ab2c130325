#ifndef DC_COMMON_CLOCK_H
#define DC_COMMON_CLOCK_H
#include <stdint.h>

/* CLOCK_MONOTONIC in microseconds: the one unit of time stamps that cross a boundary (DESIGN §3). */
int64_t dc_clock_now_us(void);

/* CPU time (user + system) of the calling process, all threads, microseconds. */
int64_t dc_clock_process_cpu_us(void);

#endif
