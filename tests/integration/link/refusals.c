/* Who does not get in, what ends a link, and that it ends on both sides. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"

static struct rig rig;
static const struct dc_ring_geometry small = { .cmd_bytes = 8192, .bulk_bytes = 65536, .reply_bytes = 8192 };

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

// A link that must end with a reason containing `expected`; its ring must be LOST.
static void
expect_closed(struct dc_link *link, const char *expected)
{
    struct dc_ring ring;
    assert_non_null(link);
    assert_int_equal(dc_ring_create(&ring, &small), 0);
    int error = dc_link_attach_ring(link, 1, &ring, "test");
    assert_true(rig_wait(link, &rig.closed_count, 1));
    if (!strstr(rig.reason, expected))
        fail_msg("\"%s\" does not say \"%s\"", rig.reason, expected);
    if (!error)
        assert_int_equal(dc_ring_get_state(&ring), DC_RING_LOST);
    assert_int_equal(dc_link_attach_ring(link, 2, &ring, "test"), -EPIPE);
    dc_link_dispatch(link);
    assert_int_equal(rig.closed_count, 1); // said once
    dc_link_destroy(link);
    dc_ring_finish(&ring);
}

static void
test_no_capability(void **state)
{
    expect_closed(rig_connect(&rig, "tcp", "demo", "demo", NULL, 0), "refused: ");
    rig.closed_count = 0;
    expect_closed(rig_connect(&rig, "unix", "demo", "demo", NULL, 0), "refused: ");
}

static void
check_replay(const char *kind)
{
    uint8_t capability[RIG_CAPABILITY_BYTES];
    size_t size_bytes = rig_capability("demo", capability);
    struct dc_link *first = rig_connect(&rig, kind, "demo", "demo", capability, size_bytes);
    rig_send_start(first);
    assert_true(rig_wait(first, &rig.hello_count, 1));
    expect_closed(rig_connect(&rig, kind, "demo", "demo", capability, size_bytes), "used");
    dc_link_destroy(first);
}

static void
test_replayed_capability(void **state)
{
    check_replay("tcp");
    rig.closed_count = rig.hello_count = 0;
    check_replay("unix");
}

static void
test_capability_of_another_instance(void **state)
{
    uint8_t capability[RIG_CAPABILITY_BYTES];
    size_t size_bytes = rig_capability("other", capability);
    expect_closed(rig_connect(&rig, "tcp", "demo", "demo", capability, size_bytes), "refused: ");
}

static void
test_certificate_of_another_instance(void **state)
{
    uint8_t capability[RIG_CAPABILITY_BYTES];
    size_t size_bytes = rig_capability("demo", capability);
    expect_closed(rig_connect(&rig, "tcp", "demo", "other", capability, size_bytes), "certificate belongs to somebody");
}

static void
test_certificate_of_another_authority(void **state)
{
    struct rig foreign;
    uint8_t capability[RIG_CAPABILITY_BYTES];
    char command[600];
    rig_start(&foreign);
    // Our server, their client certificate.
    snprintf(command, sizeof(command), "cp %s/demo.pem %s/foreign.pem && cp %s/demo.key %s/foreign.key", foreign.dir,
             rig.dir, foreign.dir, rig.dir);
    assert_int_equal(system(command), 0);
    size_t size_bytes = rig_capability("demo", capability);
    expect_closed(rig_connect(&rig, "tcp", "demo", "foreign", capability, size_bytes), "");
    assert_int_equal(rig.hello_count, 0);
    assert_null(strstr(rig.reason, "refused:")); // it did not get as far as admission
    // Their server, our client: the server's certificate is not accepted.
    rig.closed_count = 0;
    uint16_t port = rig.tcp_port;
    rig.tcp_port = foreign.tcp_port;
    expect_closed(rig_connect(&rig, "tcp", "demo", "demo", capability, size_bytes), "certificate not accepted");
    rig.tcp_port = port;
    // The capability was not spent by any of this.
    struct dc_link *link = rig_connect(&rig, "tcp", "demo", "demo", capability, size_bytes);
    rig_send_start(link);
    assert_true(rig_wait(link, &rig.hello_count, 1));
    dc_link_destroy(link);
    rig_finish(&foreign);
}

static void
test_server_with_another_name(void **state)
{
    char command[300];
    snprintf(command, sizeof(command), "%s server --dir %s --host render.example", getenv("DC_CERTS"), rig.dir);
    assert_int_equal(system(command), 0);
    expect_closed(rig_open(&rig, "tcp", "demo"), "certificate not accepted");
}

static void
test_nobody_listens(void **state)
{
    uint16_t port = rig.tcp_port;
    rig.tcp_port = 1;
    expect_closed(rig_open(&rig, "tcp", "demo"), "cannot connect");
    rig.tcp_port = port;
    rig.closed_count = 0;
    char dir[64];
    strcpy(dir, rig.dir);
    strcpy(rig.dir, "/nonexistent");
    expect_closed(rig_open(&rig, "unix", "demo"), "cannot connect");
    strcpy(rig.dir, dir);
}

static void
test_bad_addresses(void **state)
{
    const struct dc_link_config config = { .address = "http://x", .instance = "demo" };
    assert_null(dc_link_create(&config, NULL, NULL));
    const struct dc_link_config no_port = { .address = "tcp:localhost", .instance = "demo" };
    assert_null(dc_link_create(&no_port, NULL, NULL));
}

// ---- the end of a link ----

static void
check_worker_ends(const char *kind)
{
    struct dc_ring ring;
    uint32_t op[2] = { OP_EXIT };
    struct dc_link *link = rig_open(&rig, kind, "demo");
    assert_int_equal(dc_ring_create(&ring, &small), 0);
    assert_int_equal(dc_link_attach_ring(link, 1, &ring, "test"), 0);
    rig_send_start(link);
    assert_true(rig_wait(link, &rig.hello_count, 1));
    assert_true(rig_submit(&ring, op, sizeof(op)));
    assert_true(rig_wait(link, &rig.closed_count, 1));
    assert_string_equal(rig.reason, "render server closed the link");
    assert_int_equal(rig_answer(&ring, 1, NULL, 0), -1); // a waiting frontend is released
    dc_link_destroy(link);
    dc_ring_finish(&ring);
}

static void
test_worker_ends(void **state)
{
    check_worker_ends("tcp");
    rig.closed_count = rig.hello_count = 0;
    check_worker_ends("unix");
}

static void
test_a_ring_that_the_worker_gives_up(void **state)
{
    struct dc_ring bad, good;
    uint64_t hash;
    uint32_t lose[2] = { 99 }, sync[2] = { OP_SYNC, 3 };
    struct dc_link *link = rig_open(&rig, "tcp", "demo");
    assert_int_equal(dc_ring_create(&bad, &small), 0);
    assert_int_equal(dc_ring_create(&good, &small), 0);
    assert_int_equal(dc_link_attach_ring(link, 1, &bad, "bad"), 0);
    assert_int_equal(dc_link_attach_ring(link, 2, &good, "good"), 0);
    assert_true(rig_submit(&bad, lose, sizeof(lose)));
    assert_int_equal(rig_answer(&bad, 1, NULL, 0), -1);
    assert_int_equal(dc_ring_get_state(&bad), DC_RING_LOST);
    dc_link_detach_ring(link, 1);
    assert_true(rig_submit(&good, sync, sizeof(sync)));
    assert_int_equal(rig_answer(&good, 3, &hash, 8), 8);
    assert_true(rig_wait(link, &rig.lost_count, 1)); // the worker heard of the detach
    assert_int_equal(rig.closed_count, 0);
    dc_link_destroy(link);
    dc_ring_finish(&bad);
    dc_ring_finish(&good);
}

static void
test_a_frontend_that_breaks_its_ring(void **state)
{
    struct dc_ring bad, good;
    uint64_t hash;
    uint32_t sync[2] = { OP_SYNC, 3 };
    struct dc_link *link = rig_open(&rig, "tcp", "demo");
    assert_int_equal(dc_ring_create(&bad, &small), 0);
    assert_int_equal(dc_ring_create(&good, &small), 0);
    assert_int_equal(dc_link_attach_ring(link, 1, &bad, "bad"), 0);
    assert_int_equal(dc_link_attach_ring(link, 2, &good, "good"), 0);
    assert_true(rig_submit(&good, sync, sizeof(sync)));
    assert_int_equal(rig_answer(&good, 3, &hash, 8), 8);
    bad.shared->cmd_head = 1ull << 40;
    dc_ring_doorbell_arm(&bad, 0);
    uint64_t one = 1;
    assert_int_equal(write(bad.cmd_eventfd, &one, 8), 8);
    assert_int_equal(rig_answer(&bad, 1, NULL, 0), -1);
    assert_true(rig_submit(&good, sync, sizeof(sync)));
    assert_int_equal(rig_answer(&good, 3, &hash, 8), 8);
    dc_link_destroy(link);
    dc_ring_finish(&bad);
    dc_ring_finish(&good);
}

static void
test_destroy_while_connecting(void **state)
{
    for (int i = 0; i < 10; i++) {
        struct dc_link *link = rig_open(&rig, "tcp", "demo");
        rig_send_start(link);
        usleep((useconds_t)i * 700);
        dc_link_destroy(link);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_capability, setup, teardown),
        cmocka_unit_test_setup_teardown(test_replayed_capability, setup, teardown),
        cmocka_unit_test_setup_teardown(test_capability_of_another_instance, setup, teardown),
        cmocka_unit_test_setup_teardown(test_certificate_of_another_instance, setup, teardown),
        cmocka_unit_test_setup_teardown(test_certificate_of_another_authority, setup, teardown),
        cmocka_unit_test_setup_teardown(test_server_with_another_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nobody_listens, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_addresses, setup, teardown),
        cmocka_unit_test_setup_teardown(test_worker_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_ring_that_the_worker_gives_up, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_frontend_that_breaks_its_ring, setup, teardown),
        cmocka_unit_test_setup_teardown(test_destroy_while_connecting, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
