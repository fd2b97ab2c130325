/* The sender's side of kept uploads: what it knows of the other side, where it cuts. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <blob_ends.h>
#include <bulk_sender.h>
#include <digest_set.h>

static struct dc_digest
digest_of(uint32_t number)
{
    struct dc_digest digest = { { 0 } };
    memcpy(digest.bytes, &number, sizeof(number));
    return digest;
}

static void
epochs_come_and_go(void **state)
{
    struct dc_digest_set set = { 0 };
    for (uint32_t i = 0; i < 10000; i++) {
        struct dc_digest digest = digest_of(i);
        assert_false(dc_digest_set_has(&set, &digest));
        assert_true(dc_digest_set_add(&set, &digest, i % 3));
        assert_true(dc_digest_set_has(&set, &digest));
    }
    struct dc_digest zero = digest_of(0), one = digest_of(1), two = digest_of(2);
    assert_true(dc_digest_set_add(&set, &zero, 2)); // sent by us, now in a set
    assert_int_equal(set.count, 10000);
    dc_digest_set_evict(&set, 2);
    assert_false(dc_digest_set_has(&set, &zero));
    assert_true(dc_digest_set_has(&set, &one));
    assert_false(dc_digest_set_has(&set, &two));
    dc_digest_set_evict(&set, 9);
    dc_digest_set_evict(&set, 1);
    assert_false(dc_digest_set_has(&set, &one));
    dc_digest_set_finish(&set);
    dc_digest_set_evict(&set, 1);
}

static void
a_peer_cannot_fill_our_memory(void **state)
{
    struct dc_digest_set set = { 0 };
    uint32_t taken = 0;
    for (uint32_t i = 0; i < 3 * DC_DIGEST_SET_MAX; i++) {
        struct dc_digest digest = digest_of(i * 2654435761u);
        taken += dc_digest_set_add(&set, &digest, 1);
    }
    assert_int_equal(taken, DC_DIGEST_SET_MAX);
    assert_true(set.capacity <= 2 * DC_DIGEST_SET_MAX);
    dc_digest_set_finish(&set);
}

static void
pieces_are_cut_evenly(void **state)
{
    static const uint64_t sizes[] = { 1, 64, 4096, 65535, 65536, 65600, 66000 / 64 * 64, 1000000 / 64 * 64, 4 << 20 };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint64_t left = sizes[i];
        while (left) {
            uint32_t chunk = dc_bulk_sender_cut(left);
            assert_in_range(chunk, 1, DC_BULK_CHUNK_MAX_BYTES);
            assert_true(chunk <= left);
            if (sizes[i] >= 65600)
                assert_true(chunk >= 32768 - 64);
            left -= chunk;
        }
    }
}

static void
put_batch(struct dc_ring *ring, uint32_t size_bytes, uint64_t bulk_end)
{
    struct dc_batch_header header = { .size_bytes = size_bytes, .bulk_end = bulk_end };
    uint8_t *room = dc_ring_cmd_reserve(ring, 16 + (size_bytes + 7) / 8 * 8);
    assert_non_null(room);
    memcpy(room, &header, sizeof(header));
    dc_ring_cmd_publish(ring, 16 + (size_bytes + 7) / 8 * 8);
}

static void
make_ring(struct dc_ring *ring)
{
    const struct dc_ring_geometry geometry = { .cmd_bytes = 65536, .bulk_bytes = 65536, .reply_bytes = 4096 };
    assert_int_equal(dc_ring_create(ring, &geometry), 0);
}

static void
bulk_ends_where_its_batch_says(void **state)
{
    struct dc_ring ring;
    struct dc_blob_ends ends = { 0 };
    make_ring(&ring);
    dc_blob_ends_read(&ends, &ring);
    assert_int_equal(dc_blob_ends_next(&ends, 0, 8192), 0); // its batch is still to come
    put_batch(&ring, 12, 0);
    put_batch(&ring, 100, 4096);
    put_batch(&ring, 4, 4096);
    put_batch(&ring, 8, 8192);
    dc_blob_ends_read(&ends, &ring);
    assert_int_equal(dc_blob_ends_next(&ends, 0, 10000), 4096);
    assert_int_equal(dc_blob_ends_next(&ends, 1000, 9000), 4096); // part of it is sent
    assert_int_equal(dc_blob_ends_next(&ends, 4096, 5904), 8192);
    assert_int_equal(dc_blob_ends_next(&ends, 8192, 1808), 8192);
    assert_false(ends.broken);
    // More than are remembered: cut together, and not lost.
    for (uint32_t i = 1; i <= 2 * DC_BLOB_ENDS_MAX; i++)
        put_batch(&ring, 0, 8192 + i * 64);
    dc_blob_ends_read(&ends, &ring);
    uint64_t at = 8192, end = 8192 + 2 * DC_BLOB_ENDS_MAX * 64;
    while (at != end) {
        uint64_t next = dc_blob_ends_next(&ends, at, end - at);
        assert_true(next > at && next <= end);
        at = next;
    }
    dc_ring_finish(&ring);
}

static void
senseless_headers_end_the_hints(void **state)
{
    for (int i = 0; i < 4; i++) {
        struct dc_ring ring;
        struct dc_blob_ends ends = { 0 };
        make_ring(&ring);
        put_batch(&ring, 8, 4096);
        struct dc_batch_header header = { .size_bytes = i == 0 ? DC_BATCH_MAX_BYTES + 4 : i == 1 ? 5 : i == 2 ? 4096 : 8,
                                          .bulk_end = i == 3 ? 64 : 4096 }; // too long, odd, cut off, backwards
        memcpy(dc_ring_cmd_reserve(&ring, 24), &header, sizeof(header));
        dc_ring_cmd_publish(&ring, 24);
        dc_blob_ends_read(&ends, &ring);
        assert_true(ends.broken);
        assert_int_equal(dc_blob_ends_next(&ends, 0, 9000), 9000);
        dc_ring_finish(&ring);
    }
    struct dc_ring ring;
    struct dc_blob_ends ends = { 0 };
    make_ring(&ring);
    put_batch(&ring, 8, 5000); // bulk that was never published
    dc_blob_ends_read(&ends, &ring);
    assert_int_equal(dc_blob_ends_next(&ends, 0, 4096), 4096);
    dc_ring_finish(&ring);
}

/* What was consumed before its headers were looked at must not hold bulk back for ever. */
static void
headers_that_are_gone_end_the_hints(void **state)
{
    struct dc_ring ring;
    struct dc_blob_ends ends = { 0 };
    uint64_t position;
    make_ring(&ring);
    assert_non_null(dc_ring_bulk_reserve(&ring, 4096, &position));
    dc_ring_bulk_publish(&ring, 4096);
    put_batch(&ring, 8, 4096);
    assert_int_equal(dc_ring_set_tails(&ring, 24, 0), 0);
    put_batch(&ring, 8, 4096);
    dc_blob_ends_read(&ends, &ring);
    assert_int_equal(dc_blob_ends_next(&ends, 0, 4096), 4096);
    dc_ring_finish(&ring);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(epochs_come_and_go),            cmocka_unit_test(a_peer_cannot_fill_our_memory),
        cmocka_unit_test(pieces_are_cut_evenly),         cmocka_unit_test(bulk_ends_where_its_batch_says),
        cmocka_unit_test(senseless_headers_end_the_hints), cmocka_unit_test(headers_that_are_gone_end_the_hints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
