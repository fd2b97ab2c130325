/* The ring between two threads, its bounds, and what a hostile other side can write into its page. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <common/clock.h>
#include <protocol/link/ring.h>

static const struct dc_ring_geometry small = { .cmd_bytes = 4096, .bulk_bytes = 16384, .reply_bytes = 4096 };

static void
make_pair(struct dc_ring *frontend, struct dc_ring *worker)
{
    assert_int_equal(dc_ring_create(frontend, &small), 0);
    assert_int_equal(dc_ring_map(worker, dup(frontend->memfd), dup(frontend->cmd_eventfd)), 0);
}

static void
finish_pair(struct dc_ring *frontend, struct dc_ring *worker)
{
    dc_ring_finish(frontend);
    dc_ring_finish(worker);
}

static void
test_ranges_are_contiguous_across_the_end(void **state)
{
    struct dc_ring f, w;
    make_pair(&f, &w);
    const uint8_t *data;
    size_t size;
    for (int round = 0; round < 50; round++) {
        uint8_t *p = dc_ring_cmd_reserve(&f, 1512);
        assert_non_null(p);
        memset(p, round, 1512);
        dc_ring_cmd_publish(&f, 1512);
        assert_int_equal(dc_ring_cmd_peek(&w, &data, &size), 0);
        assert_int_equal(size, 1512);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(data[i], round);
        dc_ring_cmd_consume(&w, size, 0);
    }
    finish_pair(&f, &w);
}

static void
test_reserve_fails_when_full_and_works_again(void **state)
{
    struct dc_ring f, w;
    make_pair(&f, &w);
    assert_non_null(dc_ring_cmd_reserve(&f, 4096));
    assert_null(dc_ring_cmd_reserve(&f, 4097));
    dc_ring_cmd_publish(&f, 4096);
    assert_null(dc_ring_cmd_reserve(&f, 1));
    const uint8_t *data;
    size_t size;
    assert_int_equal(dc_ring_cmd_peek(&w, &data, &size), 0);
    dc_ring_cmd_consume(&w, 8, 0);
    assert_non_null(dc_ring_cmd_reserve(&f, 8));
    assert_null(dc_ring_cmd_reserve(&f, 9));
    finish_pair(&f, &w);
}

static void
test_bulk_positions(void **state)
{
    struct dc_ring f, w;
    make_pair(&f, &w);
    uint64_t position;
    for (int round = 0; round < 20; round++) {
        uint8_t *p = dc_ring_bulk_reserve(&f, 8000, &position);
        assert_non_null(p);
        assert_int_equal(position, round * 8000);
        memset(p, round, 8000);
        assert_null(dc_ring_bulk_view(&w, position, 8000)); // not yet published
        dc_ring_bulk_publish(&f, 8000);
        const uint8_t *view = dc_ring_bulk_view(&w, position, 8000);
        assert_non_null(view);
        assert_int_equal(view[0], round);
        assert_int_equal(view[7999], round);
        assert_null(dc_ring_bulk_view(&w, position, 8001));
        assert_null(dc_ring_bulk_view(&w, position - 1, 1)); // before the window
        assert_null(dc_ring_bulk_view(&w, position, SIZE_MAX));
        assert_null(dc_ring_bulk_view(&w, UINT64_MAX, 2));
        assert_true(dc_ring_bulk_wait(&w, position + 8000));
        dc_ring_cmd_consume(&w, 0, position + 8000);
        assert_null(dc_ring_bulk_view(&w, position, 1)); // freed
    }
    // A batch cannot free what was never published.
    dc_ring_cmd_consume(&w, 0, position + 80000);
    assert_int_equal(w.bulk_tail, position + 8000);
    assert_false(dc_ring_bulk_wait(&w, position + 8000 + small.bulk_bytes + 1));
    finish_pair(&f, &w);
}

static void
test_replies(void **state)
{
    struct dc_ring f, w;
    make_pair(&f, &w);
    size_t size;
    assert_null(dc_ring_reply_peek(&f, &size));
    memcpy(dc_ring_reply_reserve(&w, 8), "answered", 8);
    dc_ring_reply_publish(&w, 8);
    assert_memory_equal(dc_ring_reply_peek(&f, &size), "answered", 8);
    assert_int_equal(size, 8);
    assert_null(dc_ring_reply_reserve(&w, 4090));
    dc_ring_reply_consume(&f, 8);
    assert_non_null(dc_ring_reply_reserve(&w, 4096));
    finish_pair(&f, &w);
}

static void
test_a_ring_must_be_sealed_and_whole(void **state)
{
    struct dc_ring f, w;
    assert_int_equal(dc_ring_create(&f, &(struct dc_ring_geometry){ 4096, 5000, 4096 }), -EINVAL);
    assert_int_equal(dc_ring_create(&f, &(struct dc_ring_geometry){ 4096, 4096, 0 }), -EINVAL);
    assert_int_equal(dc_ring_create(&f, &small), 0);

    int fd = memfd_create("unsealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_int_equal(ftruncate(fd, 4096 + 4096 + 16384 + 4096), 0);
    assert_int_equal(write(fd, f.shared, sizeof(*f.shared)), sizeof(*f.shared));
    assert_int_equal(dc_ring_map(&w, dup(fd), dup(f.cmd_eventfd)), -EPROTO);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL), 0);
    assert_int_equal(dc_ring_map(&w, dup(fd), dup(f.cmd_eventfd)), 0);
    dc_ring_finish(&w);
    close(fd);

    f.shared->geometry.bulk_bytes = 1u << 20; // more than the file has
    assert_int_equal(dc_ring_map(&w, dup(f.memfd), dup(f.cmd_eventfd)), -EPROTO);
    f.shared->geometry.bulk_bytes = small.bulk_bytes;
    f.shared->cmd_head = 5000; // outside the area
    assert_int_equal(dc_ring_map(&w, dup(f.memfd), dup(f.cmd_eventfd)), -EPROTO);
    assert_int_equal(dc_ring_map(&w, -1, -1), -EBADF);
    assert_int_equal(ftruncate(f.memfd, 0), -1);
    dc_ring_finish(&f);
}

static void
test_impossible_positions_end_the_ring(void **state)
{
    struct dc_ring f, w;
    const uint8_t *data;
    size_t size;
    make_pair(&f, &w);
    f.shared->cmd_head = 4097;
    assert_int_equal(dc_ring_cmd_peek(&w, &data, &size), -EPROTO);
    assert_null(data);
    assert_int_equal(dc_ring_get_state(&f), DC_RING_LOST);
    finish_pair(&f, &w);

    make_pair(&f, &w);
    f.shared->cmd_head = 64;
    assert_int_equal(dc_ring_cmd_peek(&w, &data, &size), 0);
    f.shared->cmd_head = 32; // backwards
    assert_int_equal(dc_ring_cmd_peek(&w, &data, &size), -EPROTO);
    finish_pair(&f, &w);

    make_pair(&f, &w);
    f.shared->bulk_head = UINT64_MAX;
    assert_null(dc_ring_bulk_view(&w, 0, 1));
    assert_false(dc_ring_bulk_wait(&w, 8));
    finish_pair(&f, &w);

    make_pair(&f, &w);
    f.shared->reply_tail = 8; // read what was never written
    assert_null(dc_ring_reply_reserve(&w, 8));
    assert_false(dc_ring_reply_wait(&w, 8));
    finish_pair(&f, &w);

    make_pair(&f, &w); // and the other way round
    w.shared->cmd_tail = 8;
    assert_null(dc_ring_cmd_reserve(&f, 8));
    assert_int_equal(dc_ring_get_state(&f), DC_RING_LOST);
    finish_pair(&f, &w);

    make_pair(&f, &w);
    w.shared->reply_head = 4097;
    assert_null(dc_ring_reply_peek(&f, &size));
    assert_int_equal(size, 0);
    assert_int_equal(dc_ring_get_state(&f), DC_RING_LOST);
    w.shared->state = 77; // unknown states are the worst one
    assert_int_equal(dc_ring_get_state(&f), DC_RING_LOST);
    finish_pair(&f, &w);
}

// ---- two threads ----

#define BATCHES 20000

struct stream {
    struct dc_ring *ring;
    uint64_t sum_cmd, sum_bulk;
};

static uint32_t
next_random(uint32_t *seed)
{
    return *seed = *seed * 1664525u + 1013904223u;
}

static void *
producer_thread(void *user)
{
    struct stream *s = user;
    uint32_t seed = 1;
    for (int i = 0; i < BATCHES; i++) {
        size_t words = 1 + next_random(&seed) % 180;
        bool has_bulk = next_random(&seed) % 8 == 0;
        uint64_t position = 0;
        for (;;) { // bulk first, as the frontend does
            uint32_t seen = dc_ring_wake_word(s->ring);
            uint8_t *b = has_bulk ? dc_ring_bulk_reserve(s->ring, 4096, &position) : NULL;
            if (b) {
                memset(b, i & 255, 4096);
                dc_ring_bulk_publish(s->ring, 4096);
                s->sum_bulk += (uint64_t)(i & 255) * 4096;
            }
            if (b || !has_bulk)
                break;
            dc_ring_frontend_wait(s->ring, seen, 5000);
        }
        size_t size = sizeof(struct dc_batch_header) + ((words * 4 + 7) & ~7ul);
        uint8_t *p;
        for (;;) {
            uint32_t seen = dc_ring_wake_word(s->ring);
            p = dc_ring_cmd_reserve(s->ring, size);
            if (p)
                break;
            dc_ring_frontend_wait(s->ring, seen, 5000);
        }
        struct dc_batch_header h = { .size_bytes = (uint32_t)words * 4, .bulk_end = s->ring->bulk_head };
        memcpy(p, &h, sizeof(h));
        for (size_t k = 0; k < words; k++) {
            uint32_t v = next_random(&seed);
            s->sum_cmd += v;
            memcpy(p + sizeof(h) + 4 * k, &v, 4);
        }
        dc_ring_cmd_publish(s->ring, size);
    }
    dc_ring_set_state(s->ring, DC_RING_CLOSED);
    return NULL;
}

static void
consume_one(struct stream *s, const uint8_t *data, size_t size)
{
    struct dc_batch_header h;
    assert_true(size >= sizeof(h));
    memcpy(&h, data, sizeof(h));
    size_t whole = sizeof(h) + ((h.size_bytes + 7) & ~7u);
    assert_true(whole <= size);
    assert_true(dc_ring_bulk_wait(s->ring, h.bulk_end));
    while (s->ring->bulk_tail + 4096 <= h.bulk_end) {
        const uint8_t *b = dc_ring_bulk_view(s->ring, s->ring->bulk_tail, 4096);
        assert_non_null(b);
        for (int i = 0; i < 4096; i++)
            s->sum_bulk += b[i];
        dc_ring_cmd_consume(s->ring, 0, s->ring->bulk_tail + 4096);
    }
    for (size_t k = 0; k < h.size_bytes / 4; k++) {
        uint32_t v;
        memcpy(&v, data + sizeof(h) + 4 * k, 4);
        s->sum_cmd += v;
    }
    dc_ring_cmd_consume(s->ring, whole, h.bulk_end);
}

static void
test_two_threads_see_the_same_bytes(void **state)
{
    struct dc_ring f, w;
    make_pair(&f, &w);
    struct stream out = { .ring = &f }, in = { .ring = &w };
    pthread_t thread;
    pthread_create(&thread, NULL, producer_thread, &out);
    const uint8_t *data;
    size_t size;
    for (;;) {
        int64_t start_us = dc_clock_now_us();
        dc_ring_cmd_wait(&w, 10000); // a bell from before may end it early, a lost one would not
        assert_true(dc_clock_now_us() - start_us < 9000000);
        enum dc_ring_state s = dc_ring_get_state(&w);
        assert_int_equal(dc_ring_cmd_peek(&w, &data, &size), 0);
        if (size)
            consume_one(&in, data, size);
        else if (s != DC_RING_OPEN)
            break;
    }
    pthread_join(thread, NULL);
    assert_int_equal(in.sum_cmd, out.sum_cmd);
    assert_int_equal(in.sum_bulk, out.sum_bulk);
    finish_pair(&f, &w);
}

static void *
waiter_thread(void *user)
{
    struct dc_ring *f = user;
    size_t size;
    for (;;) {
        uint32_t seen = dc_ring_wake_word(f);
        const void *p = dc_ring_reply_peek(f, &size);
        if (p)
            dc_ring_reply_consume(f, size);
        if (p || dc_ring_get_state(f) != DC_RING_OPEN)
            return p ? f : NULL;
        dc_ring_frontend_wait(f, seen, -1);
    }
}

static void
test_nobody_misses_a_wake(void **state)
{
    struct dc_ring f, w;
    make_pair(&f, &w);
    for (int i = 0; i < 300; i++) {
        pthread_t thread;
        void *result;
        pthread_create(&thread, NULL, waiter_thread, &f);
        if (i % 3 == 0)
            usleep(300); // sometimes it sleeps already, sometimes not
        assert_true(dc_ring_reply_wait(&w, 8));
        memset(dc_ring_reply_reserve(&w, 8), 0, 8);
        dc_ring_reply_publish(&w, 8);
        pthread_join(thread, &result);
        assert_ptr_equal(result, &f);
    }
    pthread_t thread;
    void *result;
    pthread_create(&thread, NULL, waiter_thread, &f);
    usleep(1000);
    dc_ring_set_state(&w, DC_RING_LOST);
    pthread_join(thread, &result);
    assert_null(result);
    assert_int_equal(f.shared->frontend_waiters, 0);
    assert_true(dc_ring_cmd_wait(&w, -1)); // lost: nothing blocks any more
    assert_false(dc_ring_bulk_wait(&w, 8));
    finish_pair(&f, &w);
}

static void
test_waits_time_out(void **state)
{
    struct dc_ring f, w;
    make_pair(&f, &w);
    int64_t start = dc_clock_now_us();
    assert_false(dc_ring_cmd_wait(&w, 20));
    assert_false(dc_ring_frontend_wait(&f, dc_ring_wake_word(&f), 20));
    assert_true(dc_clock_now_us() - start >= 39000);
    // The bell rings only for what somebody sleeps for.
    uint64_t count, position;
    dc_ring_bulk_reserve(&f, 8, &position);
    dc_ring_bulk_publish(&f, 8);
    assert_int_equal(read(w.cmd_eventfd, &count, 8), -1);
    dc_ring_doorbell_arm(&w, DC_RING_DOORBELL_CMD);
    dc_ring_bulk_publish(&f, 8);
    assert_int_equal(read(w.cmd_eventfd, &count, 8), -1);
    dc_ring_cmd_publish(&f, 8);
    assert_int_equal(read(w.cmd_eventfd, &count, 8), 8);
    finish_pair(&f, &w);
}

struct hostile {
    struct dc_ring *ring;
    bool stop;
};

static void *
hostile_thread(void *user)
{
    struct hostile *h = user;
    volatile uint64_t *page = (volatile uint64_t *)h->ring->shared;
    uint32_t seed = 7;
    uint64_t one = 1;
    while (!__atomic_load_n(&h->stop, __ATOMIC_RELAXED)) {
        uint64_t v = next_random(&seed) % 3 ? next_random(&seed) % 6000 : (uint64_t)next_random(&seed) << 32;
        page[next_random(&seed) % (sizeof(struct dc_ring_shared) / 8)] = v;
        if (next_random(&seed) % 4 == 0)
            h->ring->shared->state = 0; // undo LOST, so that the victim goes on trying
        if (next_random(&seed) % 64 == 0)
            assert_true(write(h->ring->cmd_eventfd, &one, 8) != 0);
    }
    return NULL;
}

// Under sanitizers and with both mappings' ends unmapped memory, any out-of-bounds view would be seen.
static void
test_a_hostile_writer_never_gets_us_out_of_bounds(void **state)
{
    struct dc_ring f, w;
    make_pair(&f, &w);
    struct hostile h = { .ring = &f };
    pthread_t thread;
    pthread_create(&thread, NULL, hostile_thread, &h);
    const uint8_t *data;
    size_t size;
    volatile uint8_t sink = 0;
    for (int i = 0; i < 20000; i++) {
        w.shared->state = 0;
        if (dc_ring_cmd_peek(&w, &data, &size) == 0 && size) {
            assert_true(size <= small.cmd_bytes);
            sink = data[0];
            sink = data[size - 1];
            dc_ring_cmd_consume(&w, size / 2, (uint64_t)i * 64);
        }
        const uint8_t *view = dc_ring_bulk_view(&w, w.bulk_tail, (size_t)i % 20000);
        if (view && i % 20000)
            sink = view[i % 20000 - 1];
        uint8_t *r = dc_ring_reply_reserve(&w, (size_t)i % 5000);
        if (r) {
            assert_true(i % 5000 <= (int)small.reply_bytes);
            memset(r, 0, (size_t)i % 5000);
            dc_ring_reply_publish(&w, i % 5000 < 64 ? (size_t)i % 5000 : 64);
        }
        dc_ring_cmd_wait(&w, 0);
    }
    (void)sink;
    h.stop = true;
    pthread_join(thread, NULL);
    finish_pair(&f, &w);
}

/* What the supervisor, a fresh frontend's side and a fresh worker do when a worker is lost. */
static void
test_a_paused_ring_begins_anew(void **state)
{
    struct dc_ring f, w, next;
    make_pair(&f, &w);
    memset(dc_ring_cmd_reserve(&f, 64), 1, 64);
    dc_ring_cmd_publish(&f, 64);
    dc_ring_cmd_wait(&w, 0);
    assert_int_equal(dc_ring_get_epoch(&f), 1);
    dc_ring_lose(&f, true);
    assert_int_equal(dc_ring_get_state(&w), DC_RING_PAUSED);
    assert_false(dc_ring_reply_wait(&w, 4097)); // the old worker, if it still lives, waits for nothing
    dc_ring_set_epoch(&f, 2);
    assert_int_equal(dc_ring_get_state(&f), DC_RING_OPEN);
    assert_int_equal(dc_ring_get_epoch(&f), 2);
    dc_ring_restart(&f);
    assert_int_equal(dc_ring_map(&next, dup(f.memfd), dup(f.cmd_eventfd)), 0);
    const uint8_t *data;
    size_t size_bytes;
    assert_int_equal(dc_ring_cmd_peek(&next, &data, &size_bytes), 0);
    assert_int_equal(size_bytes, 0);
    memset(dc_ring_cmd_reserve(&f, 32), 2, 32);
    dc_ring_cmd_publish(&f, 32);
    assert_int_equal(dc_ring_cmd_peek(&next, &data, &size_bytes), 0);
    assert_int_equal(size_bytes, 32);
    assert_int_equal(data[0], 2);
    // A worker that found its ring malformed has the last word.
    dc_ring_set_state(&next, DC_RING_LOST);
    dc_ring_lose(&f, true);
    assert_int_equal(dc_ring_get_state(&f), DC_RING_LOST);
    dc_ring_finish(&next);
    finish_pair(&f, &w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges_are_contiguous_across_the_end),
        cmocka_unit_test(test_reserve_fails_when_full_and_works_again),
        cmocka_unit_test(test_bulk_positions),
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_a_ring_must_be_sealed_and_whole),
        cmocka_unit_test(test_impossible_positions_end_the_ring),
        cmocka_unit_test(test_two_threads_see_the_same_bytes),
        cmocka_unit_test(test_nobody_misses_a_wake),
        cmocka_unit_test(test_waits_time_out),
        cmocka_unit_test(test_a_paused_ring_begins_anew),
        cmocka_unit_test(test_a_hostile_writer_never_gets_us_out_of_bounds),
    };
    setenv("DC_LOG", "error,link:error", 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
