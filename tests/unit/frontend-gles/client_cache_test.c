/* Which client arrays the worker keeps, and the hash that says so. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gles/client_cache.h"

#define RANGE_BYTES 4000u

static enum dc_client_fate
draw(struct dc_client_cache *cache, const void *data, uint32_t size_bytes, uint32_t pad_bytes, uint32_t *slot)
{
    dc_client_cache_begin_draw(cache);
    return dc_client_cache_look(cache, data, data, size_bytes, pad_bytes, slot);
}

static void
the_second_sight_is_kept(void **state)
{
    struct dc_client_cache *cache = dc_client_cache_create();
    uint8_t data[RANGE_BYTES] = { 1 }, moved[RANGE_BYTES] = { 1 };
    uint32_t slot, again;
    assert_int_equal(draw(cache, data, sizeof(data), 0, &slot), DC_CLIENT_SEND);
    assert_int_equal(slot, DC_CLIENT_SLOT_NEXT_DRAW);
    assert_int_equal(draw(cache, data, sizeof(data), 0, &slot), DC_CLIENT_STORE);
    assert_in_range(slot, 1, DC_CLIENT_SLOTS);
    assert_int_equal(dc_client_cache_take_evicted(cache), 0);
    assert_int_equal(draw(cache, data, sizeof(data), 0, &again), DC_CLIENT_HAVE);
    assert_int_equal(again, slot);
    // The same bytes elsewhere are the same bytes.
    assert_int_equal(draw(cache, moved, sizeof(moved), 0, &again), DC_CLIENT_HAVE);
    // One byte is enough.
    data[RANGE_BYTES - 1] ^= 1;
    assert_int_equal(draw(cache, data, sizeof(data), 0, &again), DC_CLIENT_SEND);
    assert_int_equal(draw(cache, data, sizeof(data), 0, &again), DC_CLIENT_STORE);
    assert_int_not_equal(again, slot);
    data[RANGE_BYTES - 1] ^= 1;
    assert_int_equal(draw(cache, data, sizeof(data), 0, &again), DC_CLIENT_HAVE);
    assert_int_equal(again, slot);
    dc_client_cache_destroy(cache);
}

static void
small_and_large_ones_are_not_kept(void **state)
{
    struct dc_client_cache *cache = dc_client_cache_create();
    uint8_t *data = calloc(1, DC_CLIENT_RANGE_MAX_BYTES + 1);
    uint32_t slot;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(draw(cache, data, DC_CLIENT_CACHE_MIN_BYTES - 1, 0, &slot), DC_CLIENT_SEND);
        assert_int_equal(draw(cache, data, DC_CLIENT_RANGE_MAX_BYTES, 1, &slot), DC_CLIENT_SEND);
    }
    free(data);
    dc_client_cache_destroy(cache);
}

static void
more_pad_is_another_range(void **state)
{
    struct dc_client_cache *cache = dc_client_cache_create();
    uint8_t data[RANGE_BYTES] = { 3 };
    uint32_t slot, padded;
    draw(cache, data, sizeof(data), 0, &slot);
    assert_int_equal(draw(cache, data, sizeof(data), 0, &slot), DC_CLIENT_STORE);
    assert_int_equal(draw(cache, data, sizeof(data), 64, &padded), DC_CLIENT_STORE); // its bytes were seen before
    assert_int_not_equal(padded, slot);
    assert_int_equal(draw(cache, data, sizeof(data), 32, &slot), DC_CLIENT_HAVE);
    assert_int_equal(slot, padded);
    dc_client_cache_destroy(cache);
}

/* The bytes that change at every draw cost a hash now and then; once they rest they are found again. */
static void
restless_bytes_are_left_alone(void **state)
{
    struct dc_client_cache *cache = dc_client_cache_create();
    uint8_t data[RANGE_BYTES] = { 0 };
    uint32_t slot;
    for (int i = 0; i < 1000; i++) {
        memcpy(data, &i, sizeof(i));
        assert_int_equal(draw(cache, data, sizeof(data), 0, &slot), DC_CLIENT_SEND);
    }
    int draws = 0;
    while (draw(cache, data, sizeof(data), 0, &slot) != DC_CLIENT_HAVE)
        assert_true(++draws < 200);
    dc_client_cache_destroy(cache);
}

/* The other side's view: what is kept where, from what it is told. */
struct mirror {
    uint32_t bytes[DC_CLIENT_SLOTS + 1], total, evictions;
};

static void
tell(struct mirror *mirror, struct dc_client_cache *cache, uint32_t slot, uint32_t bytes)
{
    for (uint32_t evicted; (evicted = dc_client_cache_take_evicted(cache)); mirror->evictions++) {
        assert_true(mirror->bytes[evicted] > 0);
        mirror->total -= mirror->bytes[evicted];
        mirror->bytes[evicted] = 0;
    }
    mirror->total += bytes - mirror->bytes[slot];
    mirror->bytes[slot] = bytes;
    assert_true(mirror->total <= DC_CLIENT_SLOTS_BYTES);
}

static void
both_sides_agree_when_room_is_short(void **state)
{
    struct dc_client_cache *cache = dc_client_cache_create();
    struct mirror mirror = { 0 };
    enum { LARGE = 2 << 20, RANGES = 3000 };
    uint8_t *data = calloc(1, LARGE);
    uint32_t slot, kept = 0;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < RANGES; i++) {
            uint32_t bytes = i % 50 ? RANGE_BYTES + (uint32_t)i : LARGE - (uint32_t)i, pad = (uint32_t)i % 5 * 100;
            memcpy(data, &i, sizeof(i));
            for (int sight = 0; sight < 4; sight++) {
                dc_client_cache_begin_draw(cache);
                // Each range at an address of its own: none of them is thought restless.
                enum dc_client_fate fate = dc_client_cache_look(cache, (void *)(uintptr_t)(i + 1), data, bytes, pad, &slot);
                if (fate == DC_CLIENT_STORE)
                    tell(&mirror, cache, slot, bytes + pad);
                if (fate == DC_CLIENT_HAVE)
                    assert_true(mirror.bytes[slot] >= bytes + pad);
                kept += fate == DC_CLIENT_HAVE;
            }
        }
    }
    assert_true(kept > RANGES);
    assert_true(mirror.evictions > 0);
    free(data);
    dc_client_cache_destroy(cache);
}

static void
a_draw_keeps_what_it_uses(void **state)
{
    struct dc_client_cache *cache = dc_client_cache_create();
    enum { EACH = DC_CLIENT_RANGE_MAX_BYTES };
    uint8_t *data = calloc(1, EACH);
    uint32_t slots[5], stored = 0;
    for (int sight = 0; sight < 2; sight++) {
        dc_client_cache_begin_draw(cache);
        for (int i = 0; i < 5; i++) { // one more than fits
            data[0] = (uint8_t)i;
            enum dc_client_fate fate = dc_client_cache_look(cache, (void *)(uintptr_t)(i + 1), data, EACH, 0, &slots[i]);
            stored += fate == DC_CLIENT_STORE;
            assert_int_equal(dc_client_cache_take_evicted(cache), 0);
        }
    }
    assert_int_equal(stored, 4);
    assert_int_equal(slots[4], DC_CLIENT_SLOT_NEXT_DRAW);
    free(data);
    dc_client_cache_destroy(cache);
}

/* More in turn than can be kept: what is kept stays, and serves. */
static void
too_many_in_turn_do_not_replace_each_other(void **state)
{
    struct dc_client_cache *cache = dc_client_cache_create();
    enum { RANGES = DC_CLIENT_SLOTS + 200, ROUNDS = 8 };
    uint8_t data[RANGE_BYTES] = { 0 };
    uint32_t slot, have[ROUNDS] = { 0 };
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < RANGES; i++) {
            memcpy(data, &i, sizeof(i));
            dc_client_cache_begin_draw(cache);
            for (int sight = 0; sight < (round ? 1 : 2); sight++)
                have[round] += dc_client_cache_look(cache, (void *)(uintptr_t)(i * 64 + 1), data, sizeof(data), 0, &slot)
                               == DC_CLIENT_HAVE;
        }
    }
    assert_int_equal(have[ROUNDS - 1], DC_CLIENT_SLOTS);
    dc_client_cache_destroy(cache);
}

static void
hash_variants_agree(void **state)
{
    uint8_t data[3000], secret[192];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 7 + i / 256);
    for (size_t i = 0; i < sizeof(secret); i++)
        secret[i] = (uint8_t)(i * 11);
    struct dc_range_hash last = { 0 };
    for (size_t bytes = 1; bytes <= sizeof(data); bytes += 13) {
        struct dc_range_hash plain = dc_range_hash_baseline(data, bytes, secret, sizeof(secret));
        assert_false(dc_range_hash_equal(plain, last));
        last = plain;
#if DC_RANGE_HASH_AVX2
        if (__builtin_cpu_supports("avx2"))
            assert_true(dc_range_hash_equal(plain, dc_range_hash_avx2(data, bytes, secret, sizeof(secret))));
#endif
        assert_true(dc_range_hash_equal(dc_range_hash(data, bytes), dc_range_hash(data, bytes)));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_sight_is_kept),
        cmocka_unit_test(small_and_large_ones_are_not_kept),
        cmocka_unit_test(more_pad_is_another_range),
        cmocka_unit_test(restless_bytes_are_left_alone),
        cmocka_unit_test(both_sides_agree_when_room_is_short),
        cmocka_unit_test(a_draw_keeps_what_it_uses),
        cmocka_unit_test(too_many_in_turn_do_not_replace_each_other),
        cmocka_unit_test(hash_variants_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
