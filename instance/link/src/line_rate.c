#include "line_rate.h"

// Long enough that a socket's buffer does not count as the line, short enough for a level's loading.
#define WINDOW_US 20000
// zstd packs about this much on half a core, and the other side unpacks faster: 1 Gbit/s is slow, 10 Gbit/s is not.
#define SLOW_BYTES_PER_S 130000000u

bool
dc_line_rate_is_slow(struct dc_line_rate *rate, int64_t now_us, size_t queued_bytes, uint64_t sent_bytes)
{
    int64_t time_us = now_us - rate->since_us;
    if (queued_bytes && time_us < WINDOW_US)
        return rate->is_slow;
    rate->is_slow = queued_bytes && (sent_bytes - rate->sent_bytes) * 1000000 / (uint64_t)time_us < SLOW_BYTES_PER_S;
    rate->since_us = now_us;
    rate->sent_bytes = sent_bytes;
    return rate->is_slow;
}
