#ifndef DC_CLIENT_STATISTICS_H
#define DC_CLIENT_STATISTICS_H
/* Numbers from series of times in milliseconds, as QA defines them (docs/protocol.md, "What the report says"). */
#include <stddef.h>
#include <stdint.h>

/* Growing series of numbers. */
struct dc_series {
    double *values; // owned
    size_t count, capacity;
};

void dc_series_add(struct dc_series *series, double value); // dropped when out of memory
void dc_series_finish(struct dc_series *series);
/* Sorts in place. */
void dc_series_sort(struct dc_series *series);
/* Of a sorted series, nearest rank; `percent` 0 … 100. NaN when empty. */
double dc_series_percentile(const struct dc_series *sorted, double percent);

/* Frame rate of the mean of the worst 1 % (at least one) of frame times, sorted. 0 when empty. */
double dc_fps_1pct_low(const struct dc_series *sorted_frame_times_ms);

struct dc_jank {
    uint32_t jank;      // > 2 × the mean of the three before and > 84 ms
    uint32_t big_jank;  // the same and > 125 ms
    double stutter;     // time in janky frames ÷ all
};
/* PerfDog's definition; frame times in the order in which they came. */
struct dc_jank dc_jank_count(const double *frame_times_ms, size_t count);

#endif
