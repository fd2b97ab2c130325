#include "statistics.h"

#include <math.h>
#include <stdlib.h>

void
dc_series_add(struct dc_series *series, double value)
{
    if (series->count == series->capacity) {
        size_t capacity = series->capacity ? 2 * series->capacity : 256;
        double *values = realloc(series->values, capacity * sizeof(*values));
        if (!values)
            return;
        series->values = values;
        series->capacity = capacity;
    }
    series->values[series->count++] = value;
}

void
dc_series_finish(struct dc_series *series)
{
    free(series->values);
    *series = (struct dc_series){ 0 };
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void
dc_series_sort(struct dc_series *series)
{
    if (series->count)
        qsort(series->values, series->count, sizeof(double), compare);
}

double
dc_series_percentile(const struct dc_series *sorted, double percent)
{
    if (!sorted->count)
        return NAN;
    size_t rank = (size_t)ceil(percent / 100 * (double)sorted->count);
    if (rank < 1)
        rank = 1;
    return sorted->values[(rank > sorted->count ? sorted->count : rank) - 1];
}

double
dc_fps_1pct_low(const struct dc_series *sorted_frame_times_ms)
{
    size_t count = sorted_frame_times_ms->count;
    size_t worst = count / 100 ? count / 100 : 1;
    double sum_ms = 0;
    if (!count)
        return 0;
    for (size_t i = count - worst; i < count; i++)
        sum_ms += sorted_frame_times_ms->values[i];
    return sum_ms > 0 ? 1000.0 * (double)worst / sum_ms : 0;
}

struct dc_jank
dc_jank_count(const double *frame_times_ms, size_t count)
{
    struct dc_jank result = { 0 };
    double janky_ms = 0, all_ms = 0;
    for (size_t i = 0; i < count; i++) {
        double ms = frame_times_ms[i];
        all_ms += ms;
        if (i < 3)
            continue;
        double mean_ms = (frame_times_ms[i - 1] + frame_times_ms[i - 2] + frame_times_ms[i - 3]) / 3;
        if (ms <= 2 * mean_ms || ms <= 84)
            continue;
        result.jank++;
        result.big_jank += ms > 125;
        janky_ms += ms;
    }
    result.stutter = all_ms > 0 ? janky_ms / all_ms : 0;
    return result;
}
