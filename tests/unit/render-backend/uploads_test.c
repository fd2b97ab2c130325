/* Kept uploads: sealed segments, the store's quotas and tenants, the index of what may be named. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chunk_index.h>
#include <upload_segment.h>
#include <upload_store.h>

static uint8_t data[DC_BULK_CHUNK_MAX_BYTES];

static struct dc_digest
digest_of(uint32_t number)
{
    struct dc_digest digest = { { 0 } };
    memcpy(digest.bytes, &number, sizeof(number));
    return digest;
}

/* A sealed segment of `count` chunks with made-up digests. */
static int
make_segment(uint32_t first, uint32_t count, uint32_t size_bytes)
{
    struct dc_segment_writer writer;
    dc_segment_writer_init(&writer);
    for (uint32_t i = first; i < first + count; i++) {
        struct dc_digest digest = digest_of(i);
        memcpy(data, &i, sizeof(i));
        assert_true(dc_segment_writer_add(&writer, &digest, data, size_bytes));
    }
    int memfd = dc_segment_writer_seal(&writer);
    assert_true(memfd >= 0);
    return memfd;
}

static void
a_segment_is_read_back_and_cannot_be_changed(void **state)
{
    int memfd = make_segment(5, 3, 5001);
    struct dc_segment segment;
    assert_true(dc_segment_check_file(memfd) > 3 * 5001);
    assert_true(dc_segment_map(&segment, memfd));
    assert_int_equal(segment.count, 3);
    assert_int_equal(segment.entries[2].size_bytes, 5001);
    uint32_t number;
    memcpy(&number, segment.map + segment.entries[2].offset, sizeof(number));
    assert_int_equal(number, 7);
    assert_int_equal(pwrite(memfd, "x", 1, 20), -1);
    assert_int_equal(ftruncate(memfd, 100), -1);
    assert_true(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0) == MAP_FAILED);
    dc_segment_unmap(&segment);
    close(memfd);
}

static void
a_segment_holds_what_it_may(void **state)
{
    struct dc_segment_writer writer;
    const struct dc_digest digest = digest_of(1);
    dc_segment_writer_init(&writer);
    uint32_t chunks = 0;
    while (dc_segment_writer_add(&writer, &digest, data, sizeof(data)))
        chunks++;
    assert_int_equal(chunks, DC_SEGMENT_DATA_BYTES / sizeof(data));
    assert_true(dc_segment_writer_is_full(&writer, sizeof(data)));
    int memfd = dc_segment_writer_seal(&writer);
    assert_int_equal(writer.count, 0);
    assert_false(dc_segment_writer_is_full(&writer, sizeof(data)));
    close(memfd);
    dc_segment_writer_finish(&writer);
}

/* Files that a compromised process of a link could hand over. */
static void
what_is_no_segment_is_refused(void **state)
{
    struct dc_segment segment;
    int good = make_segment(0, 2, 4096), devices[2];
    struct stat st;
    uint8_t *bytes = malloc(DC_SEGMENT_MAX_BYTES);
    assert_int_equal(fstat(good, &st), 0);
    assert_int_equal(pread(good, bytes, (size_t)st.st_size, 0), st.st_size);
    const struct { uint32_t at, value; } damages[] = {
        { 0, 0 }, { 4, 9 }, { 8, 0 }, { 8, 3 }, { 8, UINT32_MAX }, { 12, 3 }, { 12, 8 }, { 12, UINT32_MAX & ~7u },
        { 16 + 8192 + 32, 0 },                            // an offset in the header
        { 16 + 8192 + 32, UINT32_MAX }, { 16 + 8192 + 32, 16 + 4097 + 4096 },
        { 16 + 8192 + 36, 100 }, { 16 + 8192 + 36, UINT32_MAX }, { 16 + 8192 + 36, DC_BULK_CHUNK_MAX_BYTES },
    };
    for (size_t i = 0; i <= sizeof(damages) / sizeof(damages[0]); i++) {
        int memfd = memfd_create("damaged", MFD_ALLOW_SEALING);
        assert_int_equal(write(memfd, bytes, (size_t)st.st_size), st.st_size);
        if (i < sizeof(damages) / sizeof(damages[0]))
            assert_int_equal(pwrite(memfd, &damages[i].value, 4, damages[i].at), 4);
        assert_false(dc_segment_map(&segment, memfd)); // not sealed
        assert_int_equal(fcntl(memfd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), 0);
        assert_int_equal(dc_segment_map(&segment, memfd), i == sizeof(damages) / sizeof(damages[0]));
        dc_segment_unmap(&segment);
        close(memfd);
    }
    assert_int_equal(pipe(devices), 0);
    assert_false(dc_segment_map(&segment, devices[0]));
    assert_int_equal(dc_segment_check_file(open("/dev/zero", O_RDONLY | O_CLOEXEC)), 0);
    free(bytes);
    close(good);
}

struct evictions {
    char scope[64];
    uint64_t epochs[16];
    int count;
};

static void
note_eviction(void *user, const char *scope, uint64_t epoch)
{
    struct evictions *e = user;
    strcpy(e->scope, scope);
    e->epochs[e->count++] = epoch;
}

static void
count_one(void *user, uint64_t epoch, int memfd)
{
    assert_true(dc_segment_check_file(memfd) > 0);
    ++*(int *)user;
}

static int
count_of(struct dc_upload_store *store, const char *scope)
{
    int count = 0;
    dc_upload_store_each(store, scope, count_one, &count);
    return count;
}

static void
the_least_used_goes_first(void **state)
{
    struct evictions e = { .count = 0 };
    struct dc_upload_store store;
    const struct dc_upload_quotas quotas = { .total_bytes = 16 * 4200, .tenant_bytes = 3 * 4200 };
    dc_upload_store_init(&store, &quotas, note_eviction, &e);
    for (uint64_t i = 1; i <= 3; i++)
        assert_int_equal(dc_upload_store_add(&store, "a", make_segment(0, 1, 4096)), i);
    assert_int_equal(e.count, 0);
    assert_true(dc_upload_store_use(&store, "a", 1));
    assert_false(dc_upload_store_use(&store, "b", 2)); // not b's
    assert_int_equal(dc_upload_store_add(&store, "a", make_segment(0, 1, 4096)), 4);
    assert_int_equal(e.count, 1);
    assert_int_equal(e.epochs[0], 2);
    assert_int_equal(count_of(&store, "a"), 3);
    assert_int_equal(count_of(&store, "b"), 0);
    assert_int_equal(dc_upload_store_add(&store, "a", make_segment(0, 4, 4096)), 0); // larger than its quota
    assert_int_equal(e.count, 1);
    // Another tenant's are not touched while there is room for all.
    for (int i = 0; i < 3; i++)
        assert_true(dc_upload_store_add(&store, "b", make_segment(0, 1, 4096)) > 0);
    assert_int_equal(count_of(&store, "a"), 3);
    assert_int_equal(e.count, 1);
    dc_upload_store_finish(&store);
}

static void
the_whole_has_a_bound_too(void **state)
{
    struct evictions e = { .count = 0 };
    struct dc_upload_store store;
    const struct dc_upload_quotas quotas = { .total_bytes = 4 * 4200, .tenant_bytes = 3 * 4200 };
    dc_upload_store_init(&store, &quotas, note_eviction, &e);
    for (int i = 0; i < 3; i++)
        dc_upload_store_add(&store, "a", make_segment(0, 1, 4096));
    for (int i = 0; i < 3; i++)
        dc_upload_store_add(&store, "b", make_segment(0, 1, 4096));
    assert_int_equal(e.count, 2);
    assert_string_equal(e.scope, "a");
    assert_true(store.used_bytes <= quotas.total_bytes);
    dc_upload_store_finish(&store);
}

static void
sharing_and_none(void **state)
{
    struct dc_upload_store store;
    const struct dc_upload_quotas shared = { .total_bytes = 1 << 20, .tenant_bytes = 1 << 20, .shared = true }, none = { 0 };
    dc_upload_store_init(&store, &shared, note_eviction, NULL);
    assert_string_equal(dc_upload_store_scope(&store, "a"), dc_upload_store_scope(&store, "b"));
    dc_upload_store_finish(&store);
    dc_upload_store_init(&store, &none, note_eviction, NULL);
    assert_string_equal(dc_upload_store_scope(&store, "a"), "a");
    assert_int_equal(dc_upload_store_link_budget(&store), 0);
    assert_int_equal(dc_upload_store_add(&store, "a", make_segment(0, 1, 4096)), 0);
    dc_upload_store_finish(&store);
}

static bool
has(struct dc_chunk_index *index, uint32_t number)
{
    struct dc_chunk chunk;
    struct dc_digest digest = digest_of(number);
    uint32_t found = 0;
    if (!dc_chunk_index_find(index, &digest, &chunk))
        return false;
    memcpy(&found, chunk.bytes, sizeof(found));
    assert_int_equal(found, number);
    return true;
}

static void
what_is_in_two_segments_survives_one(void **state)
{
    struct dc_segment_writer open;
    struct dc_chunk_index index;
    dc_segment_writer_init(&open);
    dc_chunk_index_init(&index, &open);
    int first = make_segment(0, 10, 4096), second = make_segment(5, 10, 4096);
    assert_non_null(dc_chunk_index_add_set(&index, first, 1));
    assert_non_null(dc_chunk_index_add_set(&index, second, 2));
    assert_false(dc_chunk_index_drop_evicted(&index, 1)); // nobody asked for it
    assert_false(dc_chunk_index_drop_evicted(&index, 0));
    dc_chunk_index_find_set(&index, 1)->evicted = true;
    assert_true(has(&index, 0)); // until the answer
    assert_true(dc_chunk_index_drop_evicted(&index, 1));
    assert_false(dc_chunk_index_drop_evicted(&index, 1));
    assert_false(has(&index, 0));
    assert_true(has(&index, 5));
    assert_true(has(&index, 14));
    // The open one, and what becomes of it.
    for (uint32_t i = 100; i < 2000; i++) {
        struct dc_digest digest = digest_of(i);
        memcpy(data, &i, sizeof(i));
        assert_true(dc_segment_writer_add(&open, &digest, data, 4096));
        assert_true(dc_chunk_index_add_open(&index));
    }
    assert_true(has(&index, 100) && has(&index, 1999));
    int sealed = dc_segment_writer_seal(&open);
    assert_non_null(dc_chunk_index_add_set(&index, sealed, 0));
    assert_true(has(&index, 100) && has(&index, 1999));
    assert_int_equal(dc_chunk_index_name_oldest(&index, 7)->segment.count, 1900);
    assert_null(dc_chunk_index_name_oldest(&index, 8));
    assert_non_null(dc_chunk_index_find_set(&index, 7));
    close(first);
    close(second);
    close(sealed);
    dc_chunk_index_finish(&index);
    dc_segment_writer_finish(&open);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_segment_is_read_back_and_cannot_be_changed),
        cmocka_unit_test(a_segment_holds_what_it_may),
        cmocka_unit_test(what_is_no_segment_is_refused),
        cmocka_unit_test(the_least_used_goes_first),
        cmocka_unit_test(the_whole_has_a_bound_too),
        cmocka_unit_test(sharing_and_none),
        cmocka_unit_test(what_is_in_two_segments_survives_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
