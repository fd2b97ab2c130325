#ifndef DC_INSTANCE_NETWORK_HTTP_RATE_LIMIT_H
#define DC_INSTANCE_NETWORK_HTTP_RATE_LIMIT_H
/* How often one address may try: a bucket of tokens each, for the addresses that were heard last. */
#include <stdbool.h>
#include <stdint.h>

#include <sys/socket.h>

#define DC_RATE_LIMIT_BURST 20
#define DC_RATE_LIMIT_INTERVAL_US 500000 // one more after so long
#define DC_RATE_LIMIT_SLOTS 64

struct dc_rate_limit {
    struct {
        uint8_t address[16]; // IPv6 addresses count by their /64: who has one has all of it
        int64_t full_us;     // when the bucket will be full again
    } slots[DC_RATE_LIMIT_SLOTS];
};

/* false: too often. */
bool dc_rate_limit_take(struct dc_rate_limit *limit, const struct sockaddr *from, int64_t now_us);

#endif
