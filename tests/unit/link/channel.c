/* Messages over a Unix socket pair: queueing, gathering, assembling, descriptors, and peers that talk nonsense. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <protocol/link/channel.h>

struct sink {
    int count, fd_count;
    uint32_t sum;
    size_t total_bytes;
    uint16_t type, flags;
    int taken_fd;
    bool refuse;
};

static bool
handle_message(void *user, struct dc_channel_message *m)
{
    struct sink *s = user;
    s->count++;
    s->type = m->type;
    s->flags = m->flags;
    s->total_bytes += m->size_bytes;
    for (size_t i = 0; i < m->size_bytes; i++)
        s->sum = s->sum * 31 + m->payload[i];
    for (int i = 0; i < DC_CHANNEL_MAX_FDS; i++)
        s->fd_count += m->fds[i] >= 0;
    if (m->fds[0] >= 0) {
        if (s->taken_fd >= 0)
            close(s->taken_fd);
        s->taken_fd = m->fds[0];
        m->fds[0] = -1;
    }
    return !s->refuse;
}

static const struct dc_channel_listener listener = { .handle_message = handle_message };

struct fixture {
    int raw[2];
    struct dc_channel *a, *b;
    struct sink at_a, at_b;
};

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->at_a.taken_fd = f->at_b.taken_fd = -1;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, f->raw), 0);
    f->a = dc_channel_create(f->raw[0], &listener, &f->at_a);
    f->b = dc_channel_create(f->raw[1], &listener, &f->at_b);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;
    dc_channel_destroy(f->a);
    dc_channel_destroy(f->b);
    if (f->at_b.taken_fd >= 0)
        close(f->at_b.taken_fd);
    free(f);
    return 0;
}

static void
test_large_messages_queue_and_arrive(void **state)
{
    struct fixture *f = *state;
    static uint8_t body[3 << 20];
    for (size_t i = 0; i < sizeof(body); i++)
        body[i] = (uint8_t)(i * 7 + i / 253);
    uint32_t sum = 0;
    for (size_t i = 0; i < sizeof(body); i++)
        sum = sum * 31 + body[i];
    assert_int_equal(dc_channel_send2(f->a, DC_LINK_PACKET, 3, body, 40, body + 40, sizeof(body) - 40), 0);
    assert_true(dc_channel_events(f->a) & POLLOUT);
    assert_true(dc_channel_queued_bytes(f->a) > 0);
    for (int i = 0; i < 1000 && f->at_b.count == 0; i++) {
        assert_int_equal(dc_channel_process(f->b, POLLIN), 0);
        assert_int_equal(dc_channel_process(f->a, POLLOUT), 0);
    }
    assert_int_equal(f->at_b.count, 1);
    assert_int_equal(f->at_b.type, DC_LINK_PACKET);
    assert_int_equal(f->at_b.flags, 3);
    assert_int_equal(f->at_b.total_bytes, sizeof(body));
    assert_int_equal(f->at_b.sum, sum);
    assert_false(dc_channel_events(f->a) & POLLOUT);
}

static void
test_descriptors_stay_with_their_message(void **state)
{
    struct fixture *f = *state;
    for (int round = 0; round < 20; round++) {
        uint64_t value = 0;
        int fds[2] = { eventfd((unsigned)round + 1, EFD_CLOEXEC), eventfd(0, EFD_CLOEXEC) };
        assert_int_equal(dc_channel_send(f->a, 1, 0, "plain", 5, NULL, 0), 0);
        assert_int_equal(dc_channel_send(f->a, 2, 0, "fds", 3, fds, 2), 0);
        assert_int_equal(dc_channel_send(f->a, 1, 0, "plain", 5, NULL, 0), 0);
        close(fds[0]);
        close(fds[1]);
        f->at_b.count = f->at_b.fd_count = 0;
        for (int i = 0; i < 10 && f->at_b.count < 3; i++)
            assert_int_equal(dc_channel_process(f->b, POLLIN), 0);
        assert_int_equal(f->at_b.count, 3);
        assert_int_equal(f->at_b.fd_count, 2);
        assert_int_equal(read(f->at_b.taken_fd, &value, 8), 8);
        assert_int_equal(value, round + 1);
        assert_true(fcntl(f->at_b.taken_fd, F_GETFD) & FD_CLOEXEC);
    }
    // The descriptor that the handler did not take was closed: the numbers do not creep.
    assert_true(f->at_b.taken_fd < 20);
}

static void
test_descriptors_survive_the_queue(void **state)
{
    struct fixture *f = *state;
    static uint8_t body[1 << 20];
    int fd = eventfd(5, EFD_CLOEXEC);
    uint64_t value;
    assert_int_equal(dc_channel_send(f->a, 1, 0, body, sizeof(body), NULL, 0), 0);
    assert_int_equal(dc_channel_send(f->a, 2, 0, "x", 1, &fd, 1), 0);
    close(fd);
    for (int i = 0; i < 1000 && f->at_b.count < 2; i++) {
        assert_int_equal(dc_channel_process(f->b, POLLIN), 0);
        assert_int_equal(dc_channel_process(f->a, POLLOUT), 0);
    }
    assert_int_equal(f->at_b.fd_count, 1);
    assert_int_equal(read(f->at_b.taken_fd, &value, 8), 8);
    assert_int_equal(value, 5);
}

static void
test_bounds_of_sending(void **state)
{
    struct fixture *f = *state;
    static uint8_t body[DC_CHANNEL_MAX_MESSAGE_BYTES + 1];
    assert_int_equal(dc_channel_send(f->a, 1, 0, body, sizeof(body), NULL, 0), -EMSGSIZE);
    assert_int_equal(dc_channel_send2(f->a, 1, 0, body, 1, body, sizeof(body) - 1), -EMSGSIZE);
    assert_int_equal(dc_channel_send2(f->a, 1, 0, body, SIZE_MAX, body, SIZE_MAX), -EMSGSIZE);
    int error = 0, sent = 0;
    for (; sent < 20 && !error; sent++)
        error = dc_channel_send(f->a, 1, 0, body, sizeof(body) - 1, NULL, 0);
    assert_int_equal(error, -ENOBUFS);
    assert_true(sent >= 7);
    int fds[5] = { 0 };
    assert_int_equal(dc_channel_send(f->a, 1, 0, NULL, 0, fds, 5), -EINVAL);
}

static void
test_byte_by_byte(void **state)
{
    struct fixture *f = *state;
    static const uint8_t bytes[] = { 3, 0, 0, 0, 1, 0, 0, 0, 'a', 'b', 'c', 0, 0, 0, 0, 2, 0, 0, 0 };
    for (size_t i = 0; i < sizeof(bytes); i++) {
        assert_int_equal(write(f->raw[0], bytes + i, 1), 1);
        assert_int_equal(dc_channel_process(f->b, POLLIN), 0);
        assert_int_equal(f->at_b.count, (i >= 10) + (i >= 18));
    }
}

static void
expect_protocol_error(struct fixture *f, const uint8_t *bytes, size_t size_bytes)
{
    assert_int_equal(write(f->raw[0], bytes, size_bytes), size_bytes);
    assert_int_equal(dc_channel_process(f->b, POLLIN), -EPROTO);
    assert_int_equal(f->at_b.count, 0);
}

static void
test_an_oversized_message_is_refused_by_its_header(void **state)
{
    expect_protocol_error(*state, (const uint8_t[]){ 1, 0, 0x80, 0, 1, 0, 0, 0 }, 8);
}

static void
test_a_smaller_bound_holds(void **state)
{
    struct fixture *f = *state;
    dc_channel_set_max_message(f->b, 16);
    expect_protocol_error(f, (const uint8_t[]){ 17, 0, 0, 0, 1, 0, 0, 0 }, 8);
}

static void
test_descriptors_that_never_came(void **state)
{
    expect_protocol_error(*state, (const uint8_t[]){ 0, 0, 0, 0, 1, 0, 0, 0x10 }, 8);
}

static void
test_peer_vanishes_in_a_message(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(dc_channel_send(f->a, 1, 0, "whole", 5, NULL, 0), 0);
    assert_int_equal(write(f->raw[0], (const uint8_t[]){ 9, 0, 0, 0, 1 }, 5), 5);
    dc_channel_destroy(f->a);
    f->a = NULL;
    int error = 0;
    for (int i = 0; i < 3 && !error; i++)
        error = dc_channel_process(f->b, POLLIN);
    assert_int_equal(error, -EPIPE);
    assert_int_equal(f->at_b.count, 1);
    for (int i = 0; i < 3; i++)
        error = dc_channel_send(f->b, 1, 0, "x", 1, NULL, 0);
    assert_int_equal(error, -EPIPE);
}

static void
test_a_handler_can_end_it(void **state)
{
    struct fixture *f = *state;
    f->at_b.refuse = true;
    assert_int_equal(dc_channel_send(f->a, 1, 0, "x", 1, NULL, 0), 0);
    assert_int_equal(dc_channel_send(f->a, 1, 0, "x", 1, NULL, 0), 0);
    assert_int_equal(dc_channel_process(f->b, POLLIN), -ECANCELED);
    assert_int_equal(f->at_b.count, 1);
}

static void
test_handing_the_connection_over(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(dc_channel_send(f->a, 1, 0, "admit", 5, NULL, 0), 0);
    assert_int_equal(dc_channel_process(f->b, POLLIN), 0);
    int fd = dc_channel_take_fd(f->b);
    assert_true(fd >= 0);
    f->b = dc_channel_create(fd, &listener, &f->at_b);
    assert_int_equal(dc_channel_send(f->a, 1, 0, "start", 5, NULL, 0), 0);
    assert_int_equal(write(f->raw[0], (const uint8_t[]){ 9 }, 1), 1);
    assert_int_equal(dc_channel_process(f->b, POLLIN), 0);
    assert_int_equal(f->at_b.count, 2);
    assert_int_equal(dc_channel_take_fd(f->b), -EPROTO); // half a message would be lost
    f->b = NULL;
}

/* A transport that takes `room` bytes and no more, and counts the calls that took some. */
struct taker {
    uint8_t bytes[65536];
    size_t size_bytes, room;
    int sends;
};

static int64_t
taker_send(void *transport, const void *data, size_t size_bytes)
{
    struct taker *t = transport;
    size_t n = size_bytes < t->room ? size_bytes : t->room;
    if (!n)
        return -EAGAIN;
    assert_true(t->size_bytes + n <= sizeof(t->bytes));
    memcpy(t->bytes + t->size_bytes, data, n);
    t->size_bytes += n;
    t->room -= n;
    t->sends++;
    return (int64_t)n;
}

static bool
taker_is_drained(void *transport)
{
    (void)transport;
    return true;
}

static void
taker_destroy(void *transport)
{
    (void)transport;
}

static const struct dc_channel_transport taker_impl = {
    .send = taker_send, .is_drained = taker_is_drained, .destroy = taker_destroy,
};

static void
test_a_cork_gathers(void **state)
{
    static uint8_t large[20000];
    static struct taker plain = { .room = SIZE_MAX }, corked = { .room = SIZE_MAX };
    struct taker *takers[] = { &plain, &corked };
    (void)state;
    for (int k = 0; k < 2; k++) {
        struct dc_channel *channel =
            dc_channel_create_over(eventfd(0, EFD_CLOEXEC), &taker_impl, takers[k], &listener, NULL);
        assert_non_null(channel);
        if (k)
            dc_channel_cork(channel);
        for (int i = 0; i < 20; i++)
            assert_int_equal(dc_channel_send(channel, (uint16_t)i, 0, "small", 5, NULL, 0), 0);
        assert_int_equal(takers[k]->sends, k ? 0 : 20);
        assert_int_equal(dc_channel_send(channel, 20, 0, large, sizeof(large), NULL, 0), 0);
        assert_int_equal(dc_channel_send(channel, 21, 0, "last", 4, NULL, 0), 0);
        if (k) {
            assert_int_equal(dc_channel_queued_bytes(channel), 12); // the large one did not wait, nor what was before it
            corked.room = 5;
            assert_int_equal(dc_channel_uncork(channel), 0);
            assert_int_equal(dc_channel_queued_bytes(channel), 7);
            corked.room = SIZE_MAX;
            dc_channel_cork(channel);
            assert_int_equal(dc_channel_uncork(channel), 0);
        }
        assert_int_equal(dc_channel_queued_bytes(channel), 0);
        dc_channel_destroy(channel);
    }
    assert_true(corked.sends < 10);
    assert_int_equal(corked.size_bytes, plain.size_bytes);
    assert_memory_equal(corked.bytes, plain.bytes, plain.size_bytes);
}

static void
test_a_cork_keeps_descriptors(void **state)
{
    struct fixture *f = *state;
    int fds[1] = { eventfd(0, EFD_CLOEXEC) };
    dc_channel_cork(f->a);
    assert_int_equal(dc_channel_send(f->a, 1, 0, "plain", 5, NULL, 0), 0);
    assert_int_equal(dc_channel_send(f->a, 2, 0, "fd", 2, fds, 1), 0);
    close(fds[0]);
    assert_int_equal(dc_channel_process(f->b, POLLIN), 0);
    assert_int_equal(f->at_b.count, 0);
    assert_int_equal(dc_channel_uncork(f->a), 0);
    for (int i = 0; i < 10 && f->at_b.count < 2; i++)
        assert_int_equal(dc_channel_process(f->b, POLLIN), 0);
    assert_int_equal(f->at_b.count, 2);
    assert_int_equal(f->at_b.fd_count, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_large_messages_queue_and_arrive, setup, teardown),
        cmocka_unit_test_setup_teardown(test_descriptors_stay_with_their_message, setup, teardown),
        cmocka_unit_test_setup_teardown(test_descriptors_survive_the_queue, setup, teardown),
        cmocka_unit_test(test_a_cork_gathers),
        cmocka_unit_test_setup_teardown(test_a_cork_keeps_descriptors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bounds_of_sending, setup, teardown),
        cmocka_unit_test_setup_teardown(test_byte_by_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_oversized_message_is_refused_by_its_header, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_smaller_bound_holds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_descriptors_that_never_came, setup, teardown),
        cmocka_unit_test_setup_teardown(test_peer_vanishes_in_a_message, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_handler_can_end_it, setup, teardown),
        cmocka_unit_test_setup_teardown(test_handing_the_connection_over, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
