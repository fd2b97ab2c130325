/* What a worker may tell an application to remember, and how much of it. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <protocol/link/ring.h>

#include "core/process.h"
#include "gles/results.h"

#define DATA_BYTES (64u << 10)

static struct dc_process process; // its table lives as long as the process
static uint8_t message[16 + DATA_BYTES];

static void
tell(uint64_t key, uint64_t type, size_t size_bytes)
{
    memcpy(message, &key, 8);
    memcpy(message + 8, &key, 8);
    dc_results_handle_known(&process, type, message, size_bytes);
}

static bool
is_known(uint64_t key, uint32_t type)
{
    size_t size_bytes;
    return dc_results_find(&process, type, (struct dc_result_key){ key, key }, &size_bytes);
}

static void
malformed_ones_are_dropped(void **state)
{
    (void)state;
    tell(1, DC_REPLY_PROGRAM, 15);
    tell(2, DC_REPLY_SWAP, 32);
    assert_false(is_known(1, DC_REPLY_PROGRAM) || is_known(2, DC_REPLY_SWAP));
    tell(3, DC_REPLY_PROGRAM, 32);
    assert_true(is_known(3, DC_REPLY_PROGRAM));
    assert_false(is_known(3, DC_REPLY_SHADER));
}

static void
a_worker_cannot_make_it_grow(void **state)
{
    (void)state;
    uint32_t kept = 0;
    for (uint64_t key = 100; key < 1100; key++)
        tell(key, DC_REPLY_SHADER, sizeof(message));
    for (uint64_t key = 100; key < 1100; key++)
        kept += is_known(key, DC_REPLY_SHADER);
    assert_in_range(kept, 8, 64); // what a worker pushes fits, 4 MiB are the end
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_ones_are_dropped),
        cmocka_unit_test(a_worker_cannot_make_it_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
