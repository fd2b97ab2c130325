#include "rate_limit.h"

#include <string.h>

#include <netinet/in.h>

static void
fold_address(const struct sockaddr *from, uint8_t out[16])
{
    memset(out, 0, 16);
    if (from->sa_family == AF_INET) {
        out[0] = 4;
        memcpy(out + 1, &((const struct sockaddr_in *)from)->sin_addr, 4);
    } else if (from->sa_family == AF_INET6) {
        const struct in6_addr *address = &((const struct sockaddr_in6 *)from)->sin6_addr;
        out[0] = 6;
        memcpy(out + 1, address->s6_addr, IN6_IS_ADDR_V4MAPPED(address) ? 15 : 8);
        if (IN6_IS_ADDR_V4MAPPED(address))
            out[15] = address->s6_addr[15];
    }
}

bool
dc_rate_limit_take(struct dc_rate_limit *limit, const struct sockaddr *from, int64_t now_us)
{
    uint8_t address[16];
    unsigned slot = 0;
    fold_address(from, address);
    for (unsigned i = 0; i < DC_RATE_LIMIT_SLOTS; i++) {
        if (memcmp(limit->slots[i].address, address, 16) == 0) {
            slot = i;
            break;
        }
        if (limit->slots[i].full_us < limit->slots[slot].full_us)
            slot = i; // whose bucket is fullest loses nothing
    }
    if (memcmp(limit->slots[slot].address, address, 16) != 0) {
        memcpy(limit->slots[slot].address, address, 16);
        limit->slots[slot].full_us = now_us;
    }
    int64_t full_us = limit->slots[slot].full_us > now_us ? limit->slots[slot].full_us : now_us;
    if (full_us - now_us > (int64_t)(DC_RATE_LIMIT_BURST - 1) * DC_RATE_LIMIT_INTERVAL_US)
        return false;
    limit->slots[slot].full_us = full_us + DC_RATE_LIMIT_INTERVAL_US;
    return true;
}
