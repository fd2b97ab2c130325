#ifndef DC_PROTOCOL_RTP_SEQUENCE_H
#define DC_PROTOCOL_RTP_SEQUENCE_H
/* Sequence numbers of 16 bits that wrap → 64 bits that do not: the one that is nearest to the newest seen. */
#include <stdbool.h>
#include <stdint.h>

struct dc_sequence_unwrapper {
    int64_t newest; // the first number is moved up by 2^16, so that what was overtaken at the start is not negative
    bool started;
};

static inline int64_t
dc_sequence_peek(const struct dc_sequence_unwrapper *u, uint16_t sequence)
{
    return u->started ? u->newest + (int16_t)(uint16_t)(sequence - (uint16_t)u->newest) : 0x10000 + (int64_t)sequence;
}

static inline int64_t
dc_sequence_unwrap(struct dc_sequence_unwrapper *u, uint16_t sequence)
{
    int64_t value = dc_sequence_peek(u, sequence);
    if (!u->started || value > u->newest)
        u->newest = value;
    u->started = true;
    return value;
}

#endif
