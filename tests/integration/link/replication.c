/* A link carries what it is given: rings, control, packets and sound, local and over TCP, also when the line is slow. With
 * DC_TEST_RDMA_ADDRESS (of a device; tests/vm) what can be carried over RDMA is carried over RDMA instead. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <common/clock.h>
#include "rig.h"

static struct rig rig;
static const char *far = "tcp"; // kind of a link to another host
static const struct dc_ring_geometry small = { .cmd_bytes = 8192, .bulk_bytes = 65536, .reply_bytes = 8192 };
static const struct dc_ring_geometry usual = { DC_RING_CMD_BYTES, DC_RING_BULK_BYTES, DC_RING_REPLY_BYTES };

static int
setup(void **state)
{
    rig_start(&rig);
    return 0;
}

static int
teardown(void **state)
{
    rig_finish(&rig);
    return 0;
}

static uint32_t
next_random(uint32_t *seed)
{
    return (*seed = *seed * 1664525u + 1013904223u) >> 8;
}

// Random batches with random bulk; the hash of everything as the worker should see it.
static uint64_t
play(struct dc_ring *ring, int batches, uint32_t seed)
{
    static uint8_t data[32768], batch[4096];
    uint64_t hash = 0;
    for (int i = 0; i < batches; i++) {
        uint32_t bulk_count = next_random(&seed) % 4 == 0 ? 1 + next_random(&seed) % 3 : 0;
        size_t extra_bytes = next_random(&seed) % 1900 & ~3u, at = 8;
        uint64_t bulk_sizes[3], seeds[3], position;
        uint32_t op[2] = { OP_DATA, bulk_count };
        memcpy(batch, op, 8);
        for (uint32_t k = 0; k < bulk_count; k++, at += 16) {
            bulk_sizes[k] = 1 + next_random(&seed) % (ring->geometry.bulk_bytes / 8);
            if (bulk_sizes[k] > sizeof(data))
                bulk_sizes[k] = sizeof(data);
            seeds[k] = next_random(&seed);
            rig_pattern(data, bulk_sizes[k], (uint32_t)seeds[k]);
            assert_true(rig_bulk(ring, data, bulk_sizes[k], &position));
            memcpy(batch + at, &position, 8);
            memcpy(batch + at + 8, &bulk_sizes[k], 8);
        }
        rig_pattern(batch + at, extra_bytes, next_random(&seed));
        assert_true(rig_submit(ring, batch, at + extra_bytes));
        hash = rig_hash(hash, batch, at + extra_bytes);
        for (uint32_t k = 0; k < bulk_count; k++) {
            rig_pattern(data, bulk_sizes[k], (uint32_t)seeds[k]);
            hash = rig_hash(hash, data, bulk_sizes[k]);
        }
    }
    return hash;
}

static void
check_sync(struct dc_ring *ring, uint64_t expected)
{
    static uint32_t serial = 100;
    uint64_t hash = 0;
    uint32_t op[2] = { OP_SYNC, ++serial };
    assert_true(rig_submit(ring, op, sizeof(op)));
    assert_int_equal(rig_answer(ring, serial, &hash, sizeof(hash)), sizeof(hash));
    assert_int_equal(hash, expected);
}

static void
check_big(struct dc_ring *ring, uint32_t size_bytes)
{
    uint8_t *got = malloc(size_bytes), *expected = malloc(size_bytes);
    uint32_t op[3] = { OP_BIG, 7, size_bytes };
    rig_pattern(expected, size_bytes, 7);
    assert_true(rig_submit(ring, op, sizeof(op)));
    assert_int_equal(rig_answer(ring, 7, got, size_bytes), size_bytes);
    assert_memory_equal(got, expected, size_bytes);
    free(got);
    free(expected);
}

static void
check_integrity(const char *kind, const struct dc_ring_geometry *geometry, int batches)
{
    struct dc_ring ring;
    struct dc_link_stats stats;
    struct dc_link *link = rig_open(&rig, kind, "demo");
    assert_non_null(link);
    assert_int_equal(dc_ring_create(&ring, geometry), 0);
    assert_int_equal(dc_link_attach_ring(link, 1, &ring, "test[1]"), 0); // before admission
    rig_send_start(link);
    assert_true(rig_wait(link, &rig.hello_count, 1)); // a local link is admitted by dispatching
    uint64_t hash = play(&ring, batches, 42);
    check_sync(&ring, hash);
    check_big(&ring, 20 * geometry->reply_bytes / 7);
    check_sync(&ring, hash);
    for (int i = 0; i < 100; i++) { // acks are allowed to lag behind answers
        dc_link_get_stats(link, &stats);
        if (stats.command_bytes == ring.cmd_head + ring.bulk_head)
            break;
        usleep(10000);
    }
    assert_int_equal(stats.command_bytes, ring.cmd_head + ring.bulk_head);
    assert_string_equal(stats.kind, strcmp(kind, "unix") == 0 ? "local" : strcmp(kind, "rdma") == 0 ? "rdma" : "tcp");
    assert_true(strcmp(kind, "unix") == 0 || stats.wire_bytes_out > stats.command_bytes);
    assert_int_equal(rig.closed_count, 0);
    assert_int_equal(dc_ring_get_state(&ring), DC_RING_OPEN);
    dc_link_destroy(link);
    assert_int_equal(dc_ring_get_state(&ring), DC_RING_LOST);
    dc_ring_finish(&ring);
}

static void
test_integrity_local(void **state)
{
    check_integrity("unix", &small, 3000);
}

// Emulated processors (tests/vm) have enough with fewer.
static int
far_batches(void)
{
    return strcmp(far, "rdma") == 0 ? 1000 : 3000;
}

static void
test_integrity_far(void **state)
{
    check_integrity(far, &small, far_batches());
}

static void
test_integrity_far_usual_ring(void **state)
{
    check_integrity(far, &usual, far_batches());
}

static void
test_small_rings_over_a_slow_line(void **state)
{
    rig_start_relay(&rig, 10, 40000);
    check_integrity("relay", &small, 200);
}

// ---- several rings, each with a thread of its own ----

struct player {
    struct dc_ring ring;
    uint32_t id;
    bool ok;
};

static void *
play_thread(void *user)
{
    struct player *p = user;
    uint64_t hash = 0;
    uint32_t payload[300] = { OP_DATA };
    for (uint32_t i = 0; i < 800; i++) {
        payload[2] = p->id;
        payload[3] = i;
        if (!rig_submit(&p->ring, payload, sizeof(payload)))
            return NULL;
        hash = rig_hash(hash, payload, sizeof(payload));
        if (i % 100 == 99) {
            uint32_t op[2] = { OP_SYNC, i };
            uint64_t got = 0;
            if (!rig_submit(&p->ring, op, sizeof(op)) || rig_answer(&p->ring, i, &got, 8) != 8 || got != hash)
                return NULL;
        }
    }
    p->ok = true;
    return NULL;
}

static void
test_many_rings(void **state)
{
    static struct player players[8];
    pthread_t threads[8];
    struct dc_link *link = rig_open(&rig, far, "demo");
    for (uint32_t i = 0; i < 8; i++) {
        players[i] = (struct player){ .id = i + 1 };
        assert_int_equal(dc_ring_create(&players[i].ring, &small), 0);
        assert_int_equal(dc_link_attach_ring(link, i + 1, &players[i].ring, "test"), 0);
        pthread_create(&threads[i], NULL, play_thread, &players[i]);
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        assert_true(players[i].ok);
    }
    dc_link_destroy(link);
    for (int i = 0; i < 8; i++)
        dc_ring_finish(&players[i].ring);
}

/* The answer to an attachment may overtake the thread that asked: without its bulk the worker would wait for ever. */
static void
test_rings_attached_to_a_live_link(void **state)
{
    for (int round = 0; round < (strcmp(far, "rdma") == 0 ? 3 : 8); round++) {
        struct dc_ring rings[15];
        struct dc_link *link = rig_open(&rig, far, "demo");
        rig_send_start(link);
        assert_true(rig_wait(link, &rig.hello_count, 1));
        for (uint32_t i = 0; i < 15; i++) {
            assert_int_equal(dc_ring_create(&rings[i], &small), 0);
            uint64_t hash = play(&rings[i], 6, i + 1); // is there before the link knows the ring
            assert_int_equal(dc_link_attach_ring(link, i + 1, &rings[i], "test"), 0);
            check_sync(&rings[i], hash);
        }
        dc_link_destroy(link);
        for (uint32_t i = 0; i < 15; i++)
            dc_ring_finish(&rings[i]);
    }
}

// ---- detaching ----

static void
check_detach(const char *kind)
{
    struct dc_ring ring;
    struct dc_link *link = rig_open(&rig, kind, "demo");
    assert_int_equal(dc_ring_create(&ring, &usual), 0);
    assert_int_equal(dc_link_attach_ring(link, 5, &ring, "test"), 0);
    rig_send_start(link);
    assert_true(rig_wait(link, &rig.hello_count, 1));
    uint64_t hash = play(&ring, 300, 9);
    dc_link_detach_ring(link, 5);
    dc_ring_finish(&ring); // at once
    assert_true(rig_wait(link, &rig.lost_count, 1)); // the worker's Release, with its hash
    assert_int_equal(rig.stats_pcm_bytes, hash);
    assert_int_equal(rig.closed_count, 0);
    dc_link_destroy(link);
}

static void
test_detached_rings_are_executed_local(void **state)
{
    check_detach("unix");
}

static void
test_detached_rings_are_executed_far(void **state)
{
    check_detach(far);
}

static void
test_detached_rings_are_executed_over_a_slow_line(void **state)
{
    rig_start_relay(&rig, 10, 80000);
    check_detach("relay");
}

// ---- packets, sound ----

static void
check_media(const char *kind)
{
    int16_t samples[480 * 2] = { 0 };
    struct dc_link *link = rig_open(&rig, kind, "demo");
    rig_send_start(link);
    assert_true(rig_wait(link, &rig.hello_count, 1));
    for (int i = 0; i < 50; i++)
        assert_int_equal(dc_link_send_pcm(link, i * 10000, samples, 480), 0);
    for (int i = 0; i < 20; i++) {
        Dc__Render__StatsRequest request = DC__RENDER__STATS_REQUEST__INIT;
        Dc__Render__ToWorker m = DC__RENDER__TO_WORKER__INIT;
        m.body_case = DC__RENDER__TO_WORKER__BODY_STATS_REQUEST;
        m.stats_request = &request;
        request.id = (uint64_t)i * i * 700; // up to 250 KB
        assert_int_equal(dc_link_send(link, &m), 0);
    }
    assert_true(rig_wait(link, &rig.stats_count, 20));
    assert_int_equal(rig.packet_count, 20);
    assert_int_equal(rig.stats_pcm_bytes, 50 * 480 * 4);
    dc_link_destroy(link);
}

static void
test_media_local(void **state)
{
    check_media("unix");
}

static void
test_media_far(void **state)
{
    check_media(far);
}

// ---- idle, latency ----

static void
test_an_idle_link_wakes_nobody(void **state)
{
    struct dc_ring ring;
    struct dc_link *link = rig_open(&rig, far, "demo");
    assert_int_equal(dc_ring_create(&ring, &usual), 0);
    assert_int_equal(dc_link_attach_ring(link, 1, &ring, "test"), 0);
    check_sync(&ring, play(&ring, 20, 3));
    usleep(300000);
    uint64_t before = rig_switches(rig.render_pid) + rig_switches(getpid());
    usleep(500000);
    uint64_t after = rig_switches(rig.render_pid) + rig_switches(getpid());
    assert_true(after - before <= 4); // our own sleep, and looking
    dc_link_destroy(link);
    dc_ring_finish(&ring);
}

// 20 ms each way, 60 frames a second of 100 KB: the frontend never has to wait for room.
static void
test_delay_adds_no_waits(void **state)
{
    static uint8_t batch[50000] = { OP_DATA }, bulk[50000];
    struct dc_ring ring;
    uint64_t position, hash = 0;
    int waits = 0;
    rig_start_relay(&rig, 20, 0);
    struct dc_link *link = rig_open(&rig, "relay", "demo");
    assert_int_equal(dc_ring_create(&ring, &usual), 0);
    assert_int_equal(dc_link_attach_ring(link, 1, &ring, "test"), 0);
    check_sync(&ring, 0);
    for (int frame = 0; frame < 60; frame++) {
        waits += !dc_ring_cmd_reserve(&ring, 60000) || !dc_ring_bulk_reserve(&ring, sizeof(bulk), &position);
        assert_true(rig_bulk(&ring, bulk, sizeof(bulk), &position));
        assert_true(rig_submit(&ring, batch, sizeof(batch)));
        hash = rig_hash(hash, batch, sizeof(batch));
        usleep(16667);
    }
    assert_int_equal(waits, 0);
    int64_t start_us = dc_clock_now_us();
    check_sync(&ring, hash);
    assert_true(dc_clock_now_us() - start_us >= 39000); // the relay was really there
    dc_link_destroy(link);
    dc_ring_finish(&ring);
}

// rdma-core does not survive a fork of its own process, and the rig forks: one test a process then, named on the command line.
int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_integrity_local, setup, teardown),
        cmocka_unit_test_setup_teardown(test_integrity_far, setup, teardown),
        cmocka_unit_test_setup_teardown(test_integrity_far_usual_ring, setup, teardown),
        cmocka_unit_test_setup_teardown(test_small_rings_over_a_slow_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_rings, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rings_attached_to_a_live_link, setup, teardown),
        cmocka_unit_test_setup_teardown(test_detached_rings_are_executed_local, setup, teardown),
        cmocka_unit_test_setup_teardown(test_detached_rings_are_executed_far, setup, teardown),
        cmocka_unit_test_setup_teardown(test_detached_rings_are_executed_over_a_slow_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_media_local, setup, teardown),
        cmocka_unit_test_setup_teardown(test_media_far, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_idle_link_wakes_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(test_delay_adds_no_waits, setup, teardown),
    };
    const struct CMUnitTest rdma_tests[] = {
        cmocka_unit_test_setup_teardown(test_integrity_far, setup, teardown),
        cmocka_unit_test_setup_teardown(test_integrity_far_usual_ring, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_rings, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rings_attached_to_a_live_link, setup, teardown),
        cmocka_unit_test_setup_teardown(test_detached_rings_are_executed_far, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_idle_link_wakes_nobody, setup, teardown),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    if (!getenv("DC_TEST_RDMA_ADDRESS"))
        return cmocka_run_group_tests(tests, NULL, NULL);
    far = "rdma";
    return cmocka_run_group_tests(rdma_tests, NULL, NULL);
}
