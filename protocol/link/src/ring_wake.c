#define DC_LOG_COMPONENT "link"
#include "ring_priv.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <common/clock.h>
#include <common/log.h>

static long
futex(uint32_t *word, int op, uint32_t value, const struct timespec *timeout)
{
    return syscall(SYS_futex, word, op, value, timeout, NULL, 0);
}

static void
write_one(int eventfd)
{
    uint64_t one = 1;
    ssize_t n = write(eventfd, &one, sizeof(one));
    (void)n; // full means readable, which is all we want
}

void
dc_ring_doorbell_force(struct dc_ring *ring)
{
    // The peer shares the eventfd and may have filled it or made it blocking: look before writing.
    struct pollfd p = { .fd = ring->cmd_eventfd, .events = POLLOUT };
    if (poll(&p, 1, 0) == 1 && (p.revents & POLLOUT))
        write_one(ring->cmd_eventfd);
}

void
dc_ring_eventfd_clear(int eventfd)
{
    // Not a plain read: the peer may have cleared O_NONBLOCK on the shared description.
    uint64_t count;
    struct iovec iov = { .iov_base = &count, .iov_len = sizeof(count) };
    struct pollfd p = { .fd = eventfd, .events = POLLIN };
    if (preadv2(eventfd, &iov, 1, -1, RWF_NOWAIT) < 0 && errno == EOPNOTSUPP && poll(&p, 1, 0) == 1) {
        ssize_t n = read(eventfd, &count, sizeof(count));
        (void)n;
    }
}

void
dc_ring_doorbell_ring(struct dc_ring *ring, uint32_t events)
{
    // Pairs with the fence in dc_ring_doorbell_arm(): either we see the flag or the consumer sees the position.
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    uint32_t wanted = load_relaxed(&ring->shared->cmd_consumer_sleeping);
    if (!(wanted & events))
        return;
    __atomic_store_n(&ring->shared->cmd_consumer_sleeping, 0, __ATOMIC_RELAXED);
    write_one(ring->cmd_eventfd);
}

void
dc_ring_doorbell_arm(struct dc_ring *ring, uint32_t wanted)
{
    __atomic_store_n(&ring->shared->cmd_consumer_sleeping, wanted, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void
dc_ring_doorbell_clear(struct dc_ring *ring)
{
    __atomic_store_n(&ring->shared->cmd_consumer_sleeping, 0, __ATOMIC_RELAXED);
    dc_ring_eventfd_clear(ring->cmd_eventfd);
}

bool
dc_ring_doorbell_wait(struct dc_ring *ring, int timeout_ms)
{
    struct pollfd p = { .fd = ring->cmd_eventfd, .events = POLLIN };
    int n = poll(&p, 1, timeout_ms);
    dc_ring_doorbell_clear(ring);
    return n != 0;
}

void
dc_ring_wake_frontend(struct dc_ring *ring)
{
    __atomic_fetch_add(&ring->shared->frontend_wake, 1, __ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&ring->shared->frontend_waiters, __ATOMIC_SEQ_CST))
        return;
    if (!ring->has_wake_eventfd) {
        futex(&ring->shared->frontend_wake, FUTEX_WAKE, INT_MAX, NULL);
        return;
    }
    __atomic_store_n(&ring->shared->frontend_waiters, 0, __ATOMIC_SEQ_CST);
    write_one(ring->wake_eventfd);
}

void
dc_ring_set_wake_eventfd(struct dc_ring *ring, int eventfd)
{
    if (ring->has_wake_eventfd)
        close(ring->wake_eventfd);
    ring->has_wake_eventfd = true;
    ring->wake_eventfd = eventfd;
}

void
dc_ring_frontend_arm(struct dc_ring *ring)
{
    __atomic_store_n(&ring->shared->frontend_waiters, 1, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

uint32_t
dc_ring_wake_word(const struct dc_ring *ring)
{
    return load_acquire(&ring->shared->frontend_wake);
}

bool
dc_ring_frontend_wait(struct dc_ring *ring, uint32_t seen, int timeout_ms)
{
    int64_t end_us = timeout_ms < 0 ? 0 : dc_clock_now_us() + (int64_t)timeout_ms * 1000;
    bool in_time = true;
    __atomic_fetch_add(&ring->shared->frontend_waiters, 1, __ATOMIC_SEQ_CST);
    while (load_acquire(&ring->shared->frontend_wake) == seen && dc_ring_get_state(ring) != DC_RING_LOST) {
        struct timespec ts, *timeout = NULL;
        if (timeout_ms >= 0) {
            int64_t left_us = end_us - dc_clock_now_us();
            in_time = left_us > 0;
            if (!in_time)
                break;
            ts = (struct timespec){ .tv_sec = left_us / 1000000, .tv_nsec = left_us % 1000000 * 1000 };
            timeout = &ts;
        }
        futex(&ring->shared->frontend_wake, FUTEX_WAIT, seen, timeout);
    }
    __atomic_fetch_sub(&ring->shared->frontend_waiters, 1, __ATOMIC_RELAXED);
    return in_time;
}

enum dc_ring_state
dc_ring_get_state(const struct dc_ring *ring)
{
    uint32_t state = load_acquire(&ring->shared->state);
    return state <= DC_RING_PAUSED ? (enum dc_ring_state)state : DC_RING_LOST;
}

void
dc_ring_set_state(struct dc_ring *ring, enum dc_ring_state state)
{
    __atomic_store_n(&ring->shared->state, (uint32_t)state, __ATOMIC_SEQ_CST);
    dc_ring_wake_frontend(ring);
    dc_ring_doorbell_force(ring);
}

uint32_t
dc_ring_get_epoch(const struct dc_ring *ring)
{
    return load_acquire(&ring->shared->epoch);
}

void
dc_ring_set_epoch(struct dc_ring *ring, uint32_t epoch)
{
    __atomic_store_n(&ring->shared->epoch, epoch, __ATOMIC_SEQ_CST);
    dc_ring_set_state(ring, DC_RING_OPEN);
}

void
dc_ring_lose(struct dc_ring *ring, bool another_may_come)
{
    enum dc_ring_state state = dc_ring_get_state(ring);
    // A worker that found the ring malformed said so: that is for good.
    dc_ring_set_state(ring, another_may_come && state != DC_RING_LOST ? DC_RING_PAUSED : DC_RING_LOST);
}

void
dc_ring_restart(struct dc_ring *ring)
{
    struct dc_ring_shared *s = ring->shared;
    uint64_t *positions[] = { &s->cmd_head, &s->bulk_head, &s->reply_tail, &s->cmd_tail, &s->bulk_tail, &s->reply_head };
    for (size_t i = 0; i < sizeof positions / sizeof positions[0]; i++)
        __atomic_store_n(positions[i], 0, __ATOMIC_SEQ_CST);
    __atomic_store_n(&s->cmd_consumer_sleeping, 0, __ATOMIC_SEQ_CST);
    ring->cmd_head = ring->cmd_tail = ring->bulk_head = ring->bulk_tail = ring->reply_head = ring->reply_tail = 0;
}

bool
dc_ring_read_position(const uint64_t *shared, uint64_t low, uint64_t size_bytes, uint64_t *seen)
{
    uint64_t position = load_acquire(shared);
    // Counted from `low`, so that positions may wrap around 2^64.
    if (position - low > size_bytes || position - low < *seen - low)
        return false;
    *seen = position;
    return true;
}

int
dc_ring_fail(struct dc_ring *ring, const char *what)
{
    if (dc_ring_get_state(ring) != DC_RING_LOST) {
        dc_error("ring: impossible %s position from the other side", what);
        dc_ring_set_state(ring, DC_RING_LOST);
    }
    return -EPROTO;
}
