/* Commands packed and unpacked: long streams, what does not compress, and what no packer made. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <protocol/link/command_codec.h>

static uint32_t seed;

static uint32_t
next_random(void)
{
    return (seed = seed * 1664525u + 1013904223u) >> 8;
}

/* Like commands: words that repeat with small differences, now and then noise. */
static void
fill(uint8_t *data, size_t size_bytes)
{
    bool noise = next_random() % 8 == 0;
    for (size_t i = 0; i < size_bytes; i++)
        data[i] = noise ? (uint8_t)next_random() : (uint8_t)(i % 40 < 4 ? next_random() % 3 : i % 40);
}

static void
long_streams_come_back(void **state)
{
    struct dc_command_packer *packer = dc_command_packer_create();
    struct dc_command_unpacker *unpacker = dc_command_unpacker_create();
    static uint8_t data[DC_REPLICATION_MAX_PIECE_BYTES];
    size_t raw_total = 0, packed_total = 0, raw_pieces = 0;
    for (int i = 0; i < 400; i++) {
        size_t size = 1 + next_random() % (i % 5 ? 3000 : DC_REPLICATION_MAX_PIECE_BYTES), packed_bytes, raw_bytes;
        bool is_packed;
        fill(data, size);
        const uint8_t *packed = dc_command_pack(packer, data, size, &packed_bytes, &is_packed);
        assert_true(packed_bytes <= size);
        const uint8_t *raw = dc_command_unpack(unpacker, packed, packed_bytes, is_packed, &raw_bytes);
        assert_non_null(raw);
        assert_int_equal(raw_bytes, size);
        assert_memory_equal(raw, data, size);
        raw_total += size;
        packed_total += packed_bytes;
        raw_pieces += !is_packed;
    }
    assert_true(raw_total > 4 * (512u << 10)); // the histories have moved several times
    assert_true(packed_total < raw_total / 2);
    assert_true(raw_pieces > 0);
    dc_command_packer_destroy(packer);
    dc_command_unpacker_destroy(unpacker);
}

static void
a_repeated_frame_is_small(void **state)
{
    struct dc_command_packer *packer = dc_command_packer_create();
    uint8_t frame[5000];
    size_t packed_bytes = 0;
    bool is_packed = false;
    for (size_t i = 0; i < sizeof(frame); i++)
        frame[i] = (uint8_t)next_random();
    for (int i = 0; i < 3; i++) {
        memcpy(frame + 2000, &i, sizeof(i));
        dc_command_pack(packer, frame, sizeof(frame), &packed_bytes, &is_packed);
    }
    assert_true(is_packed);
    assert_true(packed_bytes < 100);
    dc_command_packer_destroy(packer);
}

static bool
unpacks(const uint8_t *data, size_t size_bytes, bool is_packed)
{
    struct dc_command_unpacker *unpacker = dc_command_unpacker_create();
    size_t raw_bytes;
    bool ok = dc_command_unpack(unpacker, data, size_bytes, is_packed, &raw_bytes) != NULL;
    dc_command_unpacker_destroy(unpacker);
    return ok;
}

static void
what_no_packer_made_is_refused(void **state)
{
    static uint8_t data[70000];
    // 1 literal, a match of 4 bytes at distance 1, then 15 literals: 20 bytes
    const uint8_t good[25] = { 20, 0, 0, 0, 0x10, 'x', 1, 0, 0xf0, 0, 'a', 'b', 'c' };
    assert_true(unpacks(good, sizeof(good), true));
    memcpy(data, good, sizeof(good));
    for (size_t n = 0; n < sizeof(good); n++)
        assert_false(unpacks(data, n, true)); // cut short
    data[0] = 19; // longer than it says
    assert_false(unpacks(data, sizeof(good), true));
    data[0] = 21; // shorter
    assert_false(unpacks(data, sizeof(good), true));
    data[0] = 20;
    data[6] = 2; // before the beginning of the stream
    assert_false(unpacks(data, sizeof(good), true));
    data[6] = 0; // no distance at all
    data[7] = 0;
    unpacks(data, sizeof(good), true); // either way, within bounds
    memcpy(data, (const uint8_t[]){ 1, 0, 1, 0 }, 4); // 64 KiB + 1
    assert_false(unpacks(data, sizeof(good), true));
    memset(data, 0xff, 4);
    assert_false(unpacks(data, sizeof(good), true));
    // a bomb: 64 KiB out of 300 bytes is what LZ4 can do, and all that it gets
    memset(data, 0xff, sizeof(data));
    memcpy(data, (const uint8_t[]){ 0, 0, 1, 0, 0x1f, 'x', 1, 0 }, 8);
    assert_false(unpacks(data, sizeof(data), true));
    assert_false(unpacks(data, 0, false));
    assert_false(unpacks(data, DC_REPLICATION_MAX_PIECE_BYTES + 1, false));
}

/* Random damage: within bounds (sanitizers look), and never more than a piece. */
static void
damage_stays_within_bounds(void **state)
{
    static uint8_t data[4000], damaged[DC_COMMAND_PACKED_MAX_BYTES];
    for (int i = 0; i < 2000; i++) {
        struct dc_command_packer *packer = i % 100 ? NULL : dc_command_packer_create();
        static size_t packed_bytes;
        static uint8_t packed[DC_COMMAND_PACKED_MAX_BYTES];
        bool is_packed = true;
        if (packer) {
            do {
                fill(data, sizeof(data));
                memcpy(packed, dc_command_pack(packer, data, sizeof(data), &packed_bytes, &is_packed), packed_bytes);
            } while (!is_packed);
            dc_command_packer_destroy(packer);
        }
        memcpy(damaged, packed, packed_bytes);
        for (int k = 0; k < 3; k++)
            damaged[next_random() % packed_bytes] ^= (uint8_t)(1 + next_random() % 255);
        unpacks(damaged, packed_bytes, true);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_streams_come_back),
        cmocka_unit_test(a_repeated_frame_is_small),
        cmocka_unit_test(what_no_packer_made_is_refused),
        cmocka_unit_test(damage_stays_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
