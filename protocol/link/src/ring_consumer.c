/* The worker's half of the ring: consumer of cmd and bulk, producer of reply. Everything it reads is hostile. */
#include "ring_priv.h"

#include <errno.h>

#include <common/clock.h>

/*
 * A command that follows another is usually microseconds away: looking again is cheaper than a sleep and a wake, which
 * take tens of microseconds on a virtual machine. Where waits have been short lately (an application that calls glFinish
 * in a loop), they are looked through to their end; otherwise the processor is given up at once.
 */
#define SPIN_SHORT_US 4
#define SPIN_LONG_US 60
#define WAIT_MAX_US 1000 // a longer one counts as this: a few short waits after a pause are enough to look longer again

static inline void
cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

int
dc_ring_cmd_peek_from(struct dc_ring *ring, uint64_t position, const uint8_t **data, size_t *size_bytes)
{
    *data = NULL;
    *size_bytes = 0;
    if (!dc_ring_read_position(&ring->shared->cmd_head, ring->cmd_tail, ring->geometry.cmd_bytes, &ring->cmd_head))
        return dc_ring_fail(ring, "cmd head");
    if (position - ring->cmd_tail > ring->cmd_head - ring->cmd_tail)
        return -EPROTO;
    *size_bytes = (size_t)(ring->cmd_head - position);
    if (*size_bytes)
        *data = ring->cmd + (position & (ring->geometry.cmd_bytes - 1));
    return 0;
}

int
dc_ring_cmd_peek(struct dc_ring *ring, const uint8_t **data, size_t *size_bytes)
{
    return dc_ring_cmd_peek_from(ring, ring->cmd_tail, data, size_bytes);
}

static bool
read_bulk_head(struct dc_ring *ring)
{
    return dc_ring_read_position(&ring->shared->bulk_head, ring->bulk_tail, ring->geometry.bulk_bytes,
                                 &ring->bulk_head);
}

int
dc_ring_bulk_peek_from(struct dc_ring *ring, uint64_t position, const uint8_t **data, size_t *size_bytes)
{
    *data = NULL;
    *size_bytes = 0;
    if (!read_bulk_head(ring))
        return dc_ring_fail(ring, "bulk head");
    if (position - ring->bulk_tail > ring->bulk_head - ring->bulk_tail)
        return -EPROTO;
    *size_bytes = (size_t)(ring->bulk_head - position);
    if (*size_bytes)
        *data = ring->bulk + (position & (ring->geometry.bulk_bytes - 1));
    return 0;
}

// A link process passes credits on in parts; nothing waits for less (DC_RING_ACK_PART).
static bool
is_worth_a_wake(struct dc_ring *ring)
{
    if (ring->cmd_tail - ring->told_cmd_tail < ring->geometry.cmd_bytes / DC_RING_ACK_PART &&
        ring->bulk_tail - ring->told_bulk_tail < ring->geometry.bulk_bytes / DC_RING_ACK_PART)
        return false;
    ring->told_cmd_tail = ring->cmd_tail;
    ring->told_bulk_tail = ring->bulk_tail;
    return true;
}

int
dc_ring_set_tails(struct dc_ring *ring, uint64_t cmd_tail, uint64_t bulk_tail)
{
    if (cmd_tail - ring->cmd_tail > ring->cmd_head - ring->cmd_tail ||
        bulk_tail - ring->bulk_tail > ring->bulk_head - ring->bulk_tail)
        return -EPROTO;
    ring->cmd_tail = cmd_tail;
    ring->bulk_tail = bulk_tail;
    store_release(&ring->shared->bulk_tail, bulk_tail);
    store_release(&ring->shared->cmd_tail, cmd_tail);
    if (!ring->has_wake_eventfd || is_worth_a_wake(ring))
        dc_ring_wake_frontend(ring);
    return 0;
}

void
dc_ring_cmd_consume(struct dc_ring *ring, size_t size_bytes, uint64_t bulk_end)
{
    // `bulk_end` comes from a batch header: a value outside what is published frees nothing.
    if (bulk_end - ring->bulk_tail > ring->bulk_head - ring->bulk_tail)
        bulk_end = ring->bulk_tail;
    dc_ring_set_tails(ring, ring->cmd_tail + size_bytes, bulk_end);
}

static bool
cmd_is_ready(struct dc_ring *ring)
{
    return __atomic_load_n(&ring->shared->cmd_head, __ATOMIC_SEQ_CST) != ring->cmd_tail || !dc_ring_is_open(ring);
}

static bool
spin(struct dc_ring *ring, int64_t start_us)
{
    int64_t end_us = start_us + (ring->cmd_wait_us < SPIN_LONG_US ? SPIN_LONG_US : SPIN_SHORT_US);
    do {
        for (int i = 0; i < 16; i++) {
            if (cmd_is_ready(ring))
                return true;
            cpu_relax();
        }
    } while (dc_clock_now_us() < end_us);
    return false;
}

static bool
sleep_until_ready(struct dc_ring *ring, int timeout_ms)
{
    for (;;) {
        dc_ring_doorbell_arm(ring, DC_RING_DOORBELL_CMD);
        if (cmd_is_ready(ring)) {
            dc_ring_doorbell_clear(ring);
            return true;
        }
        bool rang = dc_ring_doorbell_wait(ring, timeout_ms);
        if (cmd_is_ready(ring))
            return true;
        // A bell without a command (a stale or hostile one) does not prolong a finite wait.
        if (!rang || timeout_ms >= 0)
            return false;
    }
}

bool
dc_ring_cmd_wait(struct dc_ring *ring, int timeout_ms)
{
    if (cmd_is_ready(ring))
        return true;
    int64_t start_us = dc_clock_now_us();
    bool ready = spin(ring, start_us) || sleep_until_ready(ring, timeout_ms);
    int64_t waited_us = dc_clock_now_us() - start_us;
    ring->cmd_wait_us += ((waited_us < WAIT_MAX_US ? waited_us : WAIT_MAX_US) - ring->cmd_wait_us) / 4;
    return ready;
}

const void *
dc_ring_bulk_view(struct dc_ring *ring, uint64_t position, size_t size_bytes)
{
    uint64_t offset = position - ring->bulk_tail, published = ring->bulk_head - ring->bulk_tail;
    if (offset > published || size_bytes > published - offset) {
        if (!read_bulk_head(ring)) {
            dc_ring_fail(ring, "bulk head");
            return NULL;
        }
        published = ring->bulk_head - ring->bulk_tail;
        if (offset > published || size_bytes > published - offset)
            return NULL;
    }
    return ring->bulk + (position & (ring->geometry.bulk_bytes - 1));
}

bool
dc_ring_bulk_wait(struct dc_ring *ring, uint64_t end)
{
    if (end - ring->bulk_tail > ring->geometry.bulk_bytes)
        return false;
    for (;;) {
        // State first: what was published before an orderly end is still ours.
        enum dc_ring_state state = dc_ring_get_state(ring);
        if (!read_bulk_head(ring)) {
            dc_ring_fail(ring, "bulk head");
            return false;
        }
        if (end - ring->bulk_tail <= ring->bulk_head - ring->bulk_tail)
            return true;
        if (state != DC_RING_OPEN)
            return false;
        dc_ring_doorbell_arm(ring, DC_RING_DOORBELL_BULK);
        uint64_t head = __atomic_load_n(&ring->shared->bulk_head, __ATOMIC_SEQ_CST);
        if (head == ring->bulk_head && dc_ring_is_open(ring))
            dc_ring_doorbell_wait(ring, -1);
        else
            dc_ring_doorbell_clear(ring);
    }
}

int
dc_ring_get_reply_tail(struct dc_ring *ring, uint64_t *reply_tail)
{
    if (!dc_ring_read_position(&ring->shared->reply_tail, ring->reply_tail, ring->reply_head - ring->reply_tail,
                               &ring->reply_tail))
        return dc_ring_fail(ring, "reply tail");
    *reply_tail = ring->reply_tail;
    return 0;
}

void *
dc_ring_reply_reserve(struct dc_ring *ring, size_t size_bytes)
{
    uint64_t tail = 0;
    uint32_t area = ring->geometry.reply_bytes;
    if (dc_ring_get_reply_tail(ring, &tail) < 0 || size_bytes > area - (ring->reply_head - tail))
        return NULL;
    return ring->reply + (ring->reply_head & (area - 1));
}

void
dc_ring_reply_publish(struct dc_ring *ring, size_t size_bytes)
{
    ring->reply_head += size_bytes;
    store_release(&ring->shared->reply_head, ring->reply_head);
    dc_ring_wake_frontend(ring);
}

bool
dc_ring_reply_wait(struct dc_ring *ring, size_t size_bytes)
{
    if (size_bytes > ring->geometry.reply_bytes)
        return false;
    for (;;) {
        if (dc_ring_reply_reserve(ring, size_bytes))
            return true;
        if (!dc_ring_is_open(ring))
            return false;
        dc_ring_doorbell_arm(ring, DC_RING_DOORBELL_REPLY_ROOM);
        if (dc_ring_reply_reserve(ring, size_bytes) || !dc_ring_is_open(ring))
            dc_ring_doorbell_clear(ring);
        else
            dc_ring_doorbell_wait(ring, -1);
    }
}
