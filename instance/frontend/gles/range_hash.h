#ifndef DC_FRONTEND_GLES_RANGE_HASH_H
#define DC_FRONTEND_GLES_RANGE_HASH_H
/*
 * 128 bits that stand for a range of the application's memory (XXH3 with a secret of this process, so that nobody can
 * make two ranges with one hash beforehand). They never leave the process: whoever found a collision all the same would
 * see a wrong picture of his own.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dc_range_hash {
    uint64_t low, high;
};

/* Any thread; the first call makes the secret. */
struct dc_range_hash dc_range_hash(const void *data, size_t size_bytes);

static inline bool
dc_range_hash_equal(struct dc_range_hash a, struct dc_range_hash b)
{
    return a.low == b.low && a.high == b.high;
}

/* Variants of one function (range_hash_variant.c), compiled for different processors. */
struct dc_range_hash dc_range_hash_baseline(const void *data, size_t size_bytes, const uint8_t *secret, size_t secret_bytes);
struct dc_range_hash dc_range_hash_avx2(const void *data, size_t size_bytes, const uint8_t *secret, size_t secret_bytes);

#endif
