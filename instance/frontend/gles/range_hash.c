#include "range_hash.h"

#include <pthread.h>
#include <sys/random.h>
#include <time.h>

#define SECRET_BYTES 192 // XXH3's own default

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint8_t secret[SECRET_BYTES]; // set once, then constant
static bool have_avx2;               // set once, then constant

static void
set_up(void)
{
    if (getrandom(secret, sizeof(secret), GRND_NONBLOCK) != (ssize_t)sizeof(secret)) {
        // Too early in a machine's life, or a filter: any bytes that differ from process to process will do.
        uint64_t x = (uint64_t)time(NULL) ^ (uint64_t)(uintptr_t)&once;
        for (size_t i = 0; i < sizeof(secret); i++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            secret[i] = (uint8_t)(x >> 56);
        }
    }
#if DC_RANGE_HASH_AVX2
    have_avx2 = __builtin_cpu_supports("avx2");
#endif
}

struct dc_range_hash
dc_range_hash(const void *data, size_t size_bytes)
{
    pthread_once(&once, set_up);
#if DC_RANGE_HASH_AVX2
    if (have_avx2)
        return dc_range_hash_avx2(data, size_bytes, secret, sizeof(secret));
#endif
    return dc_range_hash_baseline(data, size_bytes, secret, sizeof(secret));
}
