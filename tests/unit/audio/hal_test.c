/* The HAL against a guest that does not keep to the protocol: raw sockets and a raw ring. */
#undef NDEBUG
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "hal_runner.h"
#include "wire.h"

struct guest {
    int fd, memfd;
    struct dc_audio_ring *ring;
};

static bool
guest_open(struct guest *g, const struct hal_runner *hal)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct dc_audio_hello hello = {0};
    char control[CMSG_SPACE(sizeof(int))];
    struct iovec iov = {.iov_base = &hello, .iov_len = sizeof(hello)};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
                             .msg_controllen = sizeof(control)};

    *g = (struct guest){.fd = socket(AF_UNIX, SOCK_SEQPACKET, 0), .memfd = -1};
    strcpy(address.sun_path, hal->path);
    assert_int_equal(connect(g->fd, (struct sockaddr *)&address, sizeof(address)), 0);
    const ssize_t n = recvmsg(g->fd, &message, 0);
    if (n <= 0)
        return false;
    assert_int_equal(n, sizeof(hello));
    assert_int_equal(hello.magic, DC_AUDIO_MAGIC);
    assert_int_equal(hello.version, 1);
    assert_int_equal(hello.rate, 48000);
    assert_int_equal(hello.channels, 2);
    assert_int_equal(hello.period_frames, hal->period_ms * 48);
    assert_non_null(CMSG_FIRSTHDR(&message));
    memcpy(&g->memfd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
    g->ring = mmap(NULL, sizeof(*g->ring), PROT_READ | PROT_WRITE, MAP_SHARED, g->memfd, 0);
    assert_true(g->ring != MAP_FAILED);
    return true;
}

static void
guest_close(struct guest *g)
{
    if (g->ring)
        munmap(g->ring, sizeof(*g->ring));
    if (g->memfd >= 0)
        close(g->memfd);
    close(g->fd);
}

static void
guest_send(struct guest *g, uint32_t op, uint32_t serial)
{
    const struct dc_audio_message message = {.op = op, .serial = serial};

    assert_int_equal(send(g->fd, &message, sizeof(message), MSG_NOSIGNAL), sizeof(message));
}

/* The next message's op; 0: none within 2 s; -1: closed. */
static int
guest_receive(struct guest *g, uint32_t *serial)
{
    struct pollfd fd = {.fd = g->fd, .events = POLLIN};
    struct dc_audio_message message;

    if (poll(&fd, 1, 2000) != 1)
        return 0;
    if (recv(g->fd, &message, sizeof(message), 0) != sizeof(message))
        return -1;
    *serial = message.serial;
    return (int)message.op;
}

static void
wait_periods(struct hal_runner *hal, uint64_t more)
{
    const uint64_t until = hal_runner_stats(hal).periods + more;

    for (int i = 0; i < 300 && hal_runner_stats(hal).periods < until; i++)
        usleep(10000);
    assert_true(hal_runner_stats(hal).periods >= until);
}

/* Positions from nowhere are silence; the ring cannot be shrunk under the HAL; the samples may be anything. */
static void
test_hostile_ring(void **state)
{
    static const uint64_t positions[] = {UINT64_MAX, UINT64_MAX / 2, DC_AUDIO_CAPACITY_FRAMES + 1, 1ull << 32};
    struct hal_runner hal;
    struct guest guest;
    uint32_t frames;

    hal_runner_start(&hal, 5);
    assert_true(guest_open(&guest, &hal));
    assert_int_equal(ftruncate(guest.memfd, 4096), -1);
    assert_int_equal(errno, EPERM);
    memset(guest.ring->samples, 0x7f, sizeof(guest.ring->samples));
    atomic_store(&guest.ring->read_frames, 123456789); // not ours to write, and not read back
    guest_send(&guest, DC_AUDIO_START, 0);
    for (size_t i = 0; i < sizeof(positions) / sizeof(positions[0]); i++) {
        atomic_store(&guest.ring->write_frames, positions[i]);
        atomic_store(&guest.ring->wake_at_frames, positions[i] + 1);
        wait_periods(&hal, 4);
    }
    assert_true(hal_runner_rms_dbfs(&hal, &frames) < -900);
    // The whole ring at once is allowed, and played.
    atomic_store(&guest.ring->write_frames, DC_AUDIO_CAPACITY_FRAMES);
    wait_periods(&hal, 10);
    assert_true(hal_runner_rms_dbfs(&hal, &frames) > -1);
    guest_close(&guest);
    assert_true(hal_runner_wait_running(&hal, 0));
    hal_runner_stop(&hal);
}

static void
test_hostile_messages(void **state)
{
    struct hal_runner hal;
    struct guest guest, good;
    uint32_t serial;

    hal_runner_start(&hal, 5);
    assert_true(guest_open(&good, &hal));
    guest_send(&good, DC_AUDIO_START, 0);

    assert_true(guest_open(&guest, &hal));
    guest_send(&guest, 4711, 0);
    assert_int_equal(guest_receive(&guest, &serial), -1); // closed
    guest_close(&guest);

    assert_true(guest_open(&guest, &hal));
    assert_int_equal(send(guest.fd, "x", 1, 0), 1);
    assert_int_equal(guest_receive(&guest, &serial), -1);
    guest_close(&guest);

    assert_true(guest_open(&guest, &hal));
    char big[4096] = {0};
    assert_int_equal(send(guest.fd, big, sizeof(big), 0), sizeof(big));
    assert_int_equal(guest_receive(&guest, &serial), -1);
    guest_close(&guest);

    // Requests without reading the answers: the answers are lost, the HAL does not wait for their reader.
    assert_true(guest_open(&guest, &hal));
    for (uint32_t i = 0; i < 3000; i++)
        guest_send(&guest, DC_AUDIO_STOP, i);
    wait_periods(&hal, 10);
    guest_close(&guest);

    assert_int_equal(hal_runner_stats(&hal).streams_running, 1); // the good one
    guest_close(&good);
    hal_runner_stop(&hal);
}

/* A stream that runs but plays nothing: 100 ms are handed on, then nothing until it sounds again. */
static void
test_silence(void **state)
{
    struct hal_runner hal;
    struct guest guest;

    hal_runner_start(&hal, 5);
    assert_true(guest_open(&guest, &hal));
    guest_send(&guest, DC_AUDIO_START, 0);
    wait_periods(&hal, 40);
    assert_int_equal(hal_runner_frames(&hal), 4800);
    for (int i = 0; i < 480; i++)
        guest.ring->samples[i] = 1;
    atomic_store(&guest.ring->write_frames, 240);
    wait_periods(&hal, 40);
    assert_int_equal(hal_runner_frames(&hal), 4800 + 240 + 4800);
    assert_int_equal(hal.gaps, 1);
    guest_close(&guest);
    hal_runner_stop(&hal);
}

static void
test_stop_and_events(void **state)
{
    struct hal_runner hal;
    struct guest guest;
    uint32_t serial = 0;

    hal_runner_start(&hal, 5);
    assert_true(guest_open(&guest, &hal));
    atomic_store(&guest.ring->wake_at_frames, 480);
    atomic_store(&guest.ring->write_frames, 4800);
    guest_send(&guest, DC_AUDIO_START, 0);
    assert_int_equal(guest_receive(&guest, &serial), DC_AUDIO_EVENT);
    assert_true(atomic_load(&guest.ring->read_frames) >= 480);
    guest_send(&guest, DC_AUDIO_STOP, 77);
    assert_int_equal(guest_receive(&guest, &serial), DC_AUDIO_STOPPED); // and no second event in between
    assert_int_equal(serial, 77);
    assert_int_equal(atomic_load(&guest.ring->read_frames), 4800); // the rest was dropped
    assert_int_equal(hal_runner_stats(&hal).streams_running, 0);

    // Draining ends by itself.
    atomic_store(&guest.ring->wake_at_frames, 5000);
    atomic_store(&guest.ring->write_frames, 5000);
    guest_send(&guest, DC_AUDIO_DRAIN, 0);
    assert_int_equal(guest_receive(&guest, &serial), DC_AUDIO_EVENT);
    assert_int_equal(atomic_load(&guest.ring->read_frames), 5000);
    assert_true(hal_runner_wait_running(&hal, 0));
    assert_int_equal(hal_runner_stats(&hal).underruns, 0);
    guest_close(&guest);
    hal_runner_stop(&hal);
}

static void
test_too_many(void **state)
{
    struct hal_runner hal;
    struct guest guests[32], extra;

    hal_runner_start(&hal, 10);
    for (int i = 0; i < 32; i++)
        assert_true(guest_open(&guests[i], &hal));
    assert_false(guest_open(&extra, &hal));
    guest_close(&extra);
    guest_close(&guests[7]);
    usleep(100000);
    assert_true(guest_open(&guests[7], &hal)); // a place is free again
    for (int i = 0; i < 32; i++)
        guest_close(&guests[i]);
    usleep(50000);
    assert_int_equal(hal_runner_stats(&hal).streams_opened, 33);
    hal_runner_stop(&hal);
}

static void
test_create(void **state)
{
    const struct dc_audio_hal_listener listener = {0};
    char path[200];

    memset(path, 'x', sizeof(path));
    path[0] = '/';
    path[199] = 0;
    assert_null(dc_audio_hal_create(&(struct dc_audio_hal_config){path, 5}, &listener, NULL));
    assert_null(dc_audio_hal_create(&(struct dc_audio_hal_config){"/no/such/directory/audio", 5}, &listener, NULL));
    assert_null(dc_audio_hal_create(&(struct dc_audio_hal_config){"/tmp/unused", 7}, &listener, NULL));
    dc_audio_hal_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hostile_ring), cmocka_unit_test(test_hostile_messages),
        cmocka_unit_test(test_silence), cmocka_unit_test(test_stop_and_events),
        cmocka_unit_test(test_too_many), cmocka_unit_test(test_create),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
