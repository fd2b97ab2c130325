/* The bulk connection's process of dc-render: rings that it is given, written to, and what it says of them. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <protocol/link/ring.h>

#include "bulk_rings.h"

static const struct dc_ring_geometry small = { .cmd_bytes = 4096, .bulk_bytes = 16384, .reply_bytes = 4096 };

struct fixture {
    struct dc_channel *first, *bulk; // the two processes' ends
    struct dc_bulk_rings rings;
    struct dc_ring ring; // as the first process has it
    struct dc_bulk_ring_message said;
    unsigned said_count;
};

static bool
hear(void *user, struct dc_channel_message *message)
{
    struct fixture *f = user;
    f->said_count++;
    return dc_bulk_ring_unpack(message, &f->said);
}

static bool
handle(void *user, struct dc_channel_message *message)
{
    struct fixture *f = user;
    return dc_bulk_rings_handle(&f->rings, message);
}

static int
setup(void **state)
{
    static const struct dc_channel_listener at_first = { .handle_message = hear }, at_bulk = { .handle_message = handle };
    struct fixture *f = calloc(1, sizeof(*f));
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    f->first = dc_channel_create(pair[0], &at_first, f);
    f->bulk = dc_channel_create(pair[1], &at_bulk, f);
    f->rings.first_process = f->bulk;
    assert_int_equal(dc_ring_create(&f->ring, &small), 0);
    const int fds[2] = { f->ring.memfd, f->ring.cmd_eventfd };
    assert_int_equal(dc_bulk_ring_send(f->first, DC_BULK_RING_OPEN, 7, 0, fds), 0);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;
    dc_bulk_rings_finish(&f->rings);
    dc_channel_destroy(f->first);
    dc_channel_destroy(f->bulk);
    dc_ring_finish(&f->ring);
    free(f);
    return 0;
}

/* Everything that the first process has sent. */
static int
receive(struct fixture *f)
{
    struct pollfd p = { .fd = dc_channel_fd(f->bulk), .events = POLLIN };
    int error = 0;
    while (!error && poll(&p, 1, 0) == 1)
        error = dc_channel_process(f->bulk, POLLIN);
    return error;
}

static const uint8_t bytes[16384] = { 1, 2, 3 };

static void
test_rings_in_the_socket_are_found(void **state)
{
    struct fixture *f = *state;
    uint64_t cmd, bulk;
    struct dc_ring worker;
    assert_int_equal(dc_ring_map(&worker, dup(f->ring.memfd), dup(f->ring.cmd_eventfd)), 0);
    struct dc_ring other;
    assert_int_equal(dc_ring_create(&other, &small), 0);
    const int fds[2] = { other.memfd, other.cmd_eventfd };
    assert_int_equal(dc_bulk_ring_send(f->first, DC_BULK_RING_OPEN, 8, 0, fds), 0);
    // Nobody has read the OPENs: the second lies behind the first one's descriptors.
    assert_true(dc_bulk_rings_write(&f->rings, 8, 0, bytes, 100));
    assert_int_equal(other.shared->bulk_head, 100);
    assert_true(dc_bulk_rings_write(&f->rings, 7, 0, bytes, 5000));
    assert_true(dc_ring_bulk_wait(&worker, 5000));
    assert_memory_equal(dc_ring_bulk_view(&worker, 0, 5000), bytes, 5000);
    assert_true(dc_bulk_rings_write(&f->rings, 7, 5000, bytes, 3000));
    // The first process, which has written nothing of it, sees what the worker frees.
    dc_ring_set_tails(&worker, 0, 5000);
    assert_int_equal(dc_ring_get_shared_tails(&f->ring, &cmd, &bulk), 0);
    assert_int_equal(bulk, 5000);
    assert_int_equal(f->ring.bulk_head, 8000);
    dc_ring_finish(&worker);
    dc_ring_finish(&other);
}

static void
test_joined(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(dc_bulk_ring_send(f->first, DC_BULK_RING_JOINED, 0, 0, NULL), 0);
    assert_false(f->rings.joined);
    assert_int_equal(receive(f), 0);
    assert_true(f->rings.joined);
}

static void
test_closed_when_all_is_there(void **state)
{
    struct fixture *f = *state;
    assert_true(dc_bulk_rings_write(&f->rings, 7, 0, bytes, 4096));
    assert_int_equal(dc_bulk_ring_send(f->first, DC_BULK_RING_CLOSE, 7, 8192, NULL), 0);
    assert_int_equal(receive(f), 0);
    assert_int_equal(dc_channel_process(f->first, POLLIN), 0);
    assert_int_equal(f->said_count, 0);
    assert_true(dc_bulk_rings_write(&f->rings, 7, 4096, bytes, 4096));
    assert_int_equal(dc_channel_process(f->first, POLLIN), 0);
    assert_int_equal(f->said_count, 1);
    assert_int_equal(f->said.kind, DC_BULK_RING_CLOSED);
    assert_int_equal(f->said.ring_id, 7);
    assert_null(f->rings.first);
    assert_true(dc_bulk_rings_write(&f->rings, 7, 8192, bytes, 4096)); // gone: dropped
    assert_int_equal(f->ring.shared->bulk_head, 8192);
}

static void
test_a_dropped_ring_takes_nothing(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(dc_bulk_ring_send(f->first, DC_BULK_RING_DROP, 7, 0, NULL), 0);
    assert_int_equal(receive(f), 0);
    assert_true(dc_bulk_rings_write(&f->rings, 7, 0, bytes, 4096));
    assert_int_equal(f->ring.shared->bulk_head, 0);
    assert_null(f->rings.first);
}

static void
test_nonsense_of_the_supervisor(void **state)
{
    struct fixture *f = *state;
    assert_false(dc_bulk_rings_write(&f->rings, 7, 64, bytes, 4096)); // not where the ring is
    assert_true(dc_bulk_rings_write(&f->rings, 7, 0, bytes, 12288));
    assert_false(dc_bulk_rings_write(&f->rings, 7, 12288, bytes, 4097)); // more than there is room for
    assert_int_equal(f->ring.shared->bulk_head, 12288);
}

static void
test_nonsense_of_the_worker(void **state)
{
    struct fixture *f = *state;
    uint64_t cmd, bulk;
    assert_int_equal(receive(f), 0);
    f->ring.shared->bulk_tail = 64; // nothing was written
    assert_true(dc_bulk_rings_write(&f->rings, 7, 0, bytes, 4096));
    assert_int_equal(dc_ring_get_state(&f->ring), DC_RING_LOST);
    assert_int_equal(dc_channel_process(f->first, POLLIN), 0);
    assert_int_equal(f->said.kind, DC_BULK_RING_LOST);
    assert_true(dc_bulk_rings_write(&f->rings, 7, 0, bytes, 4096)); // lost: dropped
    assert_int_equal(f->ring.shared->bulk_head, 0);
    assert_true(dc_ring_get_shared_tails(&f->ring, &cmd, &bulk) < 0);
    f->ring.shared->bulk_head = small.bulk_bytes + 1;
    assert_true(dc_ring_get_shared_tails(&f->ring, &cmd, &bulk) < 0);
}

static void
test_nonsense_of_the_first_process(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(dc_bulk_ring_send(f->first, DC_BULK_RING_OPEN, 8, 0, NULL), 0); // without descriptors
    assert_true(receive(f) < 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_rings_in_the_socket_are_found), TEST(test_joined), TEST(test_closed_when_all_is_there),
        TEST(test_a_dropped_ring_takes_nothing), TEST(test_nonsense_of_the_supervisor), TEST(test_nonsense_of_the_worker),
        TEST(test_nonsense_of_the_first_process),
    };
    setenv("DC_LOG", "error", 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
