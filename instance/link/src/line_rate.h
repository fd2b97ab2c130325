#ifndef DC_INSTANCE_LINK_LINE_RATE_H
#define DC_INSTANCE_LINK_LINE_RATE_H
/* Whether a connection is slower than packing what goes over it: it had something to send all the time, and took little. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dc_line_rate {
    int64_t since_us;    // it has not been idle since then
    uint64_t sent_bytes; // at that time
    bool is_slow;
};

/* To be asked before each send. `queued_bytes`: that the connection has not taken yet; `sent_bytes`: that it has, ever. */
bool dc_line_rate_is_slow(struct dc_line_rate *rate, int64_t now_us, size_t queued_bytes, uint64_t sent_bytes);

#endif
