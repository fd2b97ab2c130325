/* The frontend socket, byte by byte, without a link: the link's two calls are this file's own. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <instance/link/link.h>
#include <protocol/link/frontend_socket.h>

#include "frontend_server.h"

static struct {
    uint32_t attached, detached, last_ring_id;
    int attach_error;
    char process[64];
} link_calls;

int
dc_link_attach_ring(struct dc_link *link, uint32_t ring_id, struct dc_ring *ring, const char *process)
{
    link_calls.attached++;
    link_calls.last_ring_id = ring_id;
    snprintf(link_calls.process, sizeof(link_calls.process), "%s", process);
    return link_calls.attach_error;
}

void
dc_link_detach_ring(struct dc_link *link, uint32_t ring_id)
{
    link_calls.detached++;
    assert_int_equal(ring_id, link_calls.last_ring_id);
}

struct test {
    uv_loop_t loop;
    struct dc_frontend_server server;
    char path[64];
};

static int
setup(void **state)
{
    struct test *t = calloc(1, sizeof(*t));
    memset(&link_calls, 0, sizeof(link_calls));
    snprintf(t->path, sizeof(t->path), "/tmp/dc-test-frontend-%d", (int)getpid());
    uv_loop_init(&t->loop);
    assert_true(dc_frontend_server_init(&t->server, &t->loop, t->path, 2, 64));
    *state = t;
    return 0;
}

static int
teardown(void **state)
{
    struct test *t = *state;
    dc_frontend_server_finish(&t->server);
    uv_run(&t->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&t->loop), 0);
    assert_int_equal(access(t->path, F_OK), -1);
    free(t);
    return 0;
}

static void
turn(struct test *t)
{
    for (int i = 0; i < 5; i++)
        uv_run(&t->loop, UV_RUN_NOWAIT);
}

static int
connect_to(struct test *t)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    strcpy(address.sun_path, t->path);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void
say_hello(int fd, uint32_t version)
{
    struct dc_frontend_hello hello = { .magic = DC_FRONTEND_MAGIC, .version = version };
    assert_int_equal(write(fd, &hello, sizeof(hello)), sizeof(hello));
}

/* How many descriptors came with it; -1: nothing came. */
static int
receive_welcome(int fd, struct dc_frontend_welcome *welcome, int fds[3])
{
    struct iovec data = { welcome, sizeof(*welcome) };
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(3 * sizeof(int))];
    } control;
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes,
                              .msg_controllen = sizeof(control.bytes) };
    if (recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != (ssize_t)sizeof(*welcome))
        return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!header)
        return 0;
    memcpy(fds, CMSG_DATA(header), 3 * sizeof(int));
    return (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
}

static struct dc_link *const some_link = (struct dc_link *)&link_calls;

static void
test_welcome_waits_for_the_profile(void **state)
{
    struct test *t = *state;
    struct dc_frontend_welcome welcome;
    int fds[3], fd = connect_to(t);
    say_hello(fd, DC_FRONTEND_VERSION);
    turn(t);
    assert_int_equal(receive_welcome(fd, &welcome, fds), -1);
    assert_true(dc_frontend_server_set_profile(&t->server, some_link, "profile!", 8));
    assert_int_equal(receive_welcome(fd, &welcome, fds), 3);
    assert_int_equal(welcome.magic, DC_FRONTEND_MAGIC);
    assert_int_equal(welcome.error, 0);
    assert_int_equal(welcome.ring_id, DC_FRONTEND_FIRST_RING_ID);
    assert_int_equal(welcome.profile_bytes, 8);
    assert_int_equal(welcome.gl_error_mode, 2);
    assert_int_equal(link_calls.attached, 1);
    assert_non_null(strstr(link_calls.process, "["));

    char text[8];
    assert_int_equal(pread(fds[2], text, 8, 0), 8);
    assert_memory_equal(text, "profile!", 8);
    assert_int_equal(pwrite(fds[2], "x", 1, 0), -1); // sealed: one file for everybody
    assert_int_equal(fcntl(fds[0], F_GET_SEALS) & (F_SEAL_SHRINK | F_SEAL_GROW), F_SEAL_SHRINK | F_SEAL_GROW);
    struct dc_ring ring;
    assert_int_equal(dc_ring_map(&ring, fds[0], fds[1]), 0);

    assert_true(dc_frontend_server_owns(&t->server, welcome.ring_id, getpid()));
    assert_false(dc_frontend_server_owns(&t->server, welcome.ring_id, getpid() + 1));
    assert_false(dc_frontend_server_owns(&t->server, welcome.ring_id + 1, getpid()));
    dc_frontend_server_set_input(&t->server, getpid(), 1234);
    assert_true(ring.shared->input_id == 1234);
    ring.shared->frames = 60;
    ring.shared->round_trips = 3;

    struct dc_frontend_counters counters;
    dc_frontend_server_get_counters(&t->server, &counters);
    assert_true(counters.frames == 60 && counters.round_trips == 3 && counters.processes == 1);
    close(fd); // the process ends
    turn(t);
    assert_int_equal(link_calls.detached, 1);
    assert_false(dc_frontend_server_owns(&t->server, welcome.ring_id, getpid()));
    dc_frontend_server_get_counters(&t->server, &counters);
    assert_true(counters.frames == 60 && counters.processes == 0); // what it did is not forgotten
    dc_ring_finish(&ring);
    close(fds[2]);
}

static void
test_wrong_version_is_refused_with_a_reason(void **state)
{
    struct test *t = *state;
    struct dc_frontend_welcome welcome;
    int fds[3], fd = connect_to(t);
    say_hello(fd, DC_FRONTEND_VERSION + 1);
    turn(t);
    assert_int_equal(receive_welcome(fd, &welcome, fds), 0);
    assert_int_equal(welcome.error, EPROTO);
    assert_true(strlen(welcome.reason) > 10);
    assert_int_equal(link_calls.attached, 0);
    close(fd);
}

static void
test_each_process_has_a_ring_of_its_own(void **state)
{
    struct test *t = *state;
    struct dc_frontend_welcome welcome[2];
    int fds[2][3], fd[2];
    assert_true(dc_frontend_server_set_profile(&t->server, some_link, "p", 1));
    for (int i = 0; i < 2; i++) {
        fd[i] = connect_to(t);
        say_hello(fd[i], DC_FRONTEND_VERSION);
        turn(t);
        assert_int_equal(receive_welcome(fd[i], &welcome[i], fds[i]), 3);
    }
    assert_int_not_equal(welcome[0].ring_id, welcome[1].ring_id);
    dc_frontend_server_lose_link(&t->server);
    for (int i = 0; i < 2; i++) {
        struct dc_ring ring;
        assert_int_equal(dc_ring_map(&ring, fds[i][0], fds[i][1]), 0);
        assert_int_equal(dc_ring_get_state(&ring), DC_RING_LOST);
        dc_ring_finish(&ring);
        close(fds[i][2]);
    }
    int late = connect_to(t); // after the loss: told so
    struct dc_frontend_welcome refused;
    int none[3];
    say_hello(late, DC_FRONTEND_VERSION);
    turn(t);
    assert_int_equal(receive_welcome(late, &refused, none), 0);
    assert_int_equal(refused.error, EPIPE);
    close(late);
    close(fd[1]);
    turn(t);
    link_calls.last_ring_id = welcome[0].ring_id; // teardown detaches it even though the link is lost
    close(fd[0]);
    turn(t);
    assert_int_equal(link_calls.detached, 2);
}

static void
test_noise_closes_the_connection(void **state)
{
    struct test *t = *state;
    struct dc_frontend_welcome welcome;
    int fds[3], fd = connect_to(t);
    assert_true(dc_frontend_server_set_profile(&t->server, some_link, "p", 1));
    say_hello(fd, DC_FRONTEND_VERSION);
    turn(t);
    assert_int_equal(receive_welcome(fd, &welcome, fds), 3);
    assert_int_equal(write(fd, "more", 4), 4);
    turn(t);
    assert_int_equal(link_calls.detached, 1);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(test_welcome_waits_for_the_profile),
        TEST(test_wrong_version_is_refused_with_a_reason),
        TEST(test_each_process_has_a_ring_of_its_own),
        TEST(test_noise_closes_the_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
