/* One variant of the hash. The header holds all of xxHash: a shared library of that name may not be there in the
 * application's file system, or be another version. */
#include "range_hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

struct dc_range_hash
DC_RANGE_HASH_VARIANT(const void *data, size_t size_bytes, const uint8_t *secret, size_t secret_bytes)
{
    XXH128_hash_t hash = XXH3_128bits_withSecret(data, size_bytes, secret, secret_bytes);
    return (struct dc_range_hash){ hash.low64, hash.high64 };
}
