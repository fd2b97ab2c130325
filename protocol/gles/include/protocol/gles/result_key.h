#ifndef DC_PROTOCOL_GLES_RESULT_KEY_H
#define DC_PROTOCOL_GLES_RESULT_KEY_H
/*
 * What a compile or a link gives depends on the sources and on what was set before; 128 bits of those name the result
 * (dcResultKey, DC_REPLY_KNOWN). The frontend makes the keys and the worker believes them: results are shared within one
 * tenant only, whose programs can spoil nothing but each other's.
 */
#include <stdbool.h>
#include <stdint.h>

struct dc_result_key {
    uint64_t low, high; // both 0: none
};

static inline bool
dc_result_key_is_set(struct dc_result_key key)
{
    return key.low || key.high;
}

static inline bool
dc_result_key_equal(struct dc_result_key a, struct dc_result_key b)
{
    return a.low == b.low && a.high == b.high;
}

#endif
