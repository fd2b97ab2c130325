#ifndef DC_LINK_RING_PRIV_H
#define DC_LINK_RING_PRIV_H
/* What the halves of the ring share: atomic access to the page, and the three ways of waking somebody. */
#include <protocol/link/ring.h>

#define load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define load_relaxed(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)

/* Producer: wakes the consumer if it sleeps for any of `events`. Call after the position was stored. */
void dc_ring_doorbell_ring(struct dc_ring *ring, uint32_t events);
/* Writes the eventfd whether or not somebody sleeps; never blocks for long. */
void dc_ring_doorbell_force(struct dc_ring *ring);
/* Consumer: blocks on the eventfd. false on timeout. */
bool dc_ring_doorbell_wait(struct dc_ring *ring, int timeout_ms);
/* Bumps the frontend's futex word, and wakes whoever waits there. Call after the position was stored. */
void dc_ring_wake_frontend(struct dc_ring *ring);

/* Reads a position that the other side writes. It must lie in [own, own + size_bytes], and not before `seen`, what we
 * knew of it; on failure `seen` stays. */
bool dc_ring_read_position(const uint64_t *shared, uint64_t low, uint64_t size_bytes, uint64_t *seen);

/* A position of the other side is impossible: logs once and marks the ring LOST. */
int dc_ring_fail(struct dc_ring *ring, const char *what);

static inline bool
dc_ring_is_open(const struct dc_ring *ring)
{
    return dc_ring_get_state(ring) == DC_RING_OPEN;
}

#endif
