/* What was sent once is not sent again: by this link, by the next one of the same tenant, by one that runs beside it; and
 * everything arrives as it was sent, also while the store throws away what is named. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <common/clock.h>
#include "rig.h"

#define MIB (1u << 20)

static struct rig rig;
static const struct dc_ring_geometry usual = { DC_RING_CMD_BYTES, DC_RING_BULK_BYTES, DC_RING_REPLY_BYTES };

static int
setup(void **state)
{
    rig_start(&rig);
    rig_tenant = "games";
    return 0;
}

static int
teardown(void **state)
{
    rig_tenant = NULL;
    rig_finish(&rig);
    return 0;
}

struct app {
    struct dc_link *link;
    struct dc_ring ring;
    uint64_t hash;
    uint32_t serial;
};

static void
app_start(struct app *app, const char *instance)
{
    *app = (struct app){ .link = rig_open(&rig, "tcp", instance) };
    assert_int_equal(dc_ring_create(&app->ring, &usual), 0);
    assert_int_equal(dc_link_attach_ring(app->link, 1, &app->ring, "app"), 0);
    rig_send_start(app->link);
    int wanted = rig.hello_count + 1;
    assert_true(rig_wait(app->link, &rig.hello_count, wanted));
}

static uint64_t
wire_bytes(const struct app *app)
{
    struct dc_link_stats stats;
    dc_link_get_stats(app->link, &stats);
    return stats.wire_bytes_out;
}

/* Textures of 1 MiB and some that do not compress; each with its batch, as the frontend does. The worker must have seen
 * the same. Returns the bytes that it took. */
static uint64_t
upload(struct app *app, uint32_t first, uint32_t count)
{
    static uint8_t data[MIB + 5000];
    uint64_t before = wire_bytes(app), hash = 0;
    for (uint32_t i = first; i < first + count; i++) {
        size_t size_bytes = MIB + i % 5000;
        uint64_t range[2] = { 0, size_bytes };
        uint32_t batch[6] = { OP_DATA, 1 };
        rig_pattern(data, size_bytes, 1000 + i);
        memset(data + size_bytes, 0, 64);
        assert_true(rig_bulk(&app->ring, data, (size_bytes + 63) & ~63ul, &range[0]));
        memcpy(batch + 2, range, sizeof(range));
        assert_true(rig_submit(&app->ring, batch, sizeof(batch)));
        app->hash = rig_hash(app->hash, batch, sizeof(batch));
        app->hash = rig_hash(app->hash, data, size_bytes);
    }
    const uint32_t sync[2] = { OP_SYNC, ++app->serial };
    assert_true(rig_submit(&app->ring, sync, sizeof(sync)));
    assert_int_equal(rig_answer(&app->ring, app->serial, &hash, sizeof(hash)), sizeof(hash));
    assert_int_equal(hash, app->hash);
    return wire_bytes(app) - before;
}

static void
app_end(struct app *app)
{
    dc_link_destroy(app->link);
    dc_ring_finish(&app->ring);
    usleep(300000); // its process seals what is left
}

static void
test_the_second_instance_sends_little(void **state)
{
    struct app app;
    app_start(&app, "demo");
    uint64_t first = upload(&app, 0, 6);
    assert_true(first > 6 * MIB);
    assert_true(upload(&app, 0, 6) < first / 20); // by itself, again
    app_end(&app);
    app_start(&app, "other"); // another instance, same tenant
    uint64_t second = upload(&app, 0, 6);
    assert_true(second < first / 20);
    print_message("first %llu, second %llu bytes\n", (unsigned long long)first, (unsigned long long)second);
    app_end(&app);
    rig_tenant = "rivals";
    app_start(&app, "demo"); // another tenant pays for itself
    assert_true(upload(&app, 0, 6) > 6 * MIB);
    app_end(&app);
}

static void
test_a_neighbour_profits_while_both_run(void **state)
{
    struct app first, second;
    app_start(&first, "demo");
    app_start(&second, "other");
    upload(&first, 0, 9); // more than a segment
    int64_t end_us = dc_clock_now_us() + 8000000;
    uint64_t took;
    uint32_t i = 0;
    // It hears of the segment soon: one of the first seven is named then.
    do {
        usleep(200000);
        took = upload(&second, i++, 1);
    } while (took > MIB / 20 && i < 7 && dc_clock_now_us() < end_us);
    assert_true(took <= MIB / 20);
    app_end(&first);
    app_end(&second);
}

/* The tenant's quota is two links' worth: a third drives out what the first has sent, while a fourth goes on naming it. */
static void
test_what_is_named_while_it_is_evicted_arrives(void **state)
{
    struct app old, fresh;
    app_start(&old, "demo");
    upload(&old, 0, 11);
    app_end(&old);
    app_start(&old, "demo");
    assert_true(upload(&old, 0, 11) < MIB);
    for (uint32_t i = 1; i <= 3; i++) {
        app_start(&fresh, "other");
        for (uint32_t k = 0; k < 11; k++) {
            upload(&fresh, 100 * i + k, 1);
            upload(&old, k, 1);
        }
        app_end(&fresh);
    }
    upload(&old, 0, 11); // by now much of it is gone, and what had to be sent again was
    app_end(&old);
    assert_int_equal(rig.closed_count, 0);
}

static void
test_what_compresses_is_packed(void **state)
{
    static uint8_t data[2 * MIB];
    struct app app;
    app_start(&app, "demo");
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i / 700 * 13 + i % 4);
    uint64_t position, hash, before = wire_bytes(&app);
    assert_true(rig_bulk(&app.ring, data, sizeof(data), &position));
    uint64_t range[2] = { position, sizeof(data) };
    uint32_t batch[6] = { OP_DATA, 1 };
    memcpy(batch + 2, range, sizeof(range));
    assert_true(rig_submit(&app.ring, batch, sizeof(batch)));
    const uint32_t sync[2] = { OP_SYNC, 1 };
    assert_true(rig_submit(&app.ring, sync, sizeof(sync)));
    assert_int_equal(rig_answer(&app.ring, 1, &hash, sizeof(hash)), sizeof(hash));
    assert_int_equal(hash, rig_hash(rig_hash(0, batch, sizeof(batch)), data, sizeof(data)));
    assert_true(wire_bytes(&app) - before < sizeof(data) / 10);
    app_end(&app);
}

/* A batch whose headers make no sense to the link is cut where it ends, and the worker judges it. */
static void
test_senseless_headers_stall_nothing(void **state)
{
    static uint8_t data[100000];
    struct app app;
    uint64_t position;
    app_start(&app, "demo");
    upload(&app, 0, 1);
    rig_pattern(data, sizeof(data), 5);
    assert_true(rig_bulk(&app.ring, data, sizeof(data), &position));
    struct dc_batch_header header = { .size_bytes = 8, .bulk_end = position + (200u << 20) };
    uint8_t *room = dc_ring_cmd_reserve(&app.ring, 24);
    memcpy(room, &header, sizeof(header));
    memset(room + 16, 0, 8);
    dc_ring_cmd_publish(&app.ring, 24);
    int64_t end_us = dc_clock_now_us() + 5000000;
    while (dc_ring_get_state(&app.ring) == DC_RING_OPEN && dc_clock_now_us() < end_us)
        usleep(10000);
    assert_int_equal(dc_ring_get_state(&app.ring), DC_RING_LOST); // by the worker
    assert_int_equal(rig.closed_count, 0);
    app_end(&app);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_second_instance_sends_little, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_neighbour_profits_while_both_run, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_named_while_it_is_evicted_arrives, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_compresses_is_packed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_senseless_headers_stall_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
