#ifndef DC_PROTOCOL_LINK_RING_H
#define DC_PROTOCOL_LINK_RING_H
/*
 * The ring: one per application process, a memfd made and sealed by the supervisor (never by the application).
 *
 *   page 0           struct dc_ring_shared (positions and flags; both sides write their own cache lines)
 *   cmd   area       batches of commands, producer = frontend, consumer = worker's executor
 *   bulk  area       data of 4 KiB and more that commands refer to by position (the arena)
 *   reply area       messages from the worker to the frontend
 *
 * Every position is a monotonic 64-bit byte count; offset in the area = position & (size - 1). Each area is mapped
 * twice in a row, so that any range of up to `size` bytes is contiguous in memory.
 * All that the other side can write is copied before it is checked: positions are read once with acquire order and
 * clamped to [own, own + size]; a position outside is `-EPROTO` and ends the ring.
 *
 * Waking: the consumer of cmd blocks on an eventfd; the producer writes it only if `cmd_consumer_sleeping` names what it
 * just did (enum dc_ring_doorbell). The frontend (waiting for a reply, or for room in cmd or bulk) blocks on the futex
 * word `frontend_wake`, which the other side bumps at every step (so that a waiter about to block cannot miss one) and
 * wakes only if `frontend_waiters` is not zero. An idle ring wakes nobody. A link process that plays the frontend has much
 * else to wait for: it gives the worker an eventfd instead, arms it (dc_ring_frontend_arm) and is woken once for each
 * arming, by a reply, a state, or an eighth of an area that became free.
 *
 * Over TCP the supervisor's link thread plays the consumer of cmd and bulk and the producer of reply on the compute
 * host; dc-render's link process plays the producer of a mirrored ring of the same geometry for the worker. Frontend
 * and executor cannot tell.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DC_RING_MAGIC 0x47524344u // "DCRG"
#define DC_RING_VERSION 1u
#define DC_RING_CMD_BYTES (1u << 20)
#define DC_RING_BULK_BYTES (64u << 20)
#define DC_RING_REPLY_BYTES (4u << 20)
#define DC_BULK_THRESHOLD_BYTES 4096u
// A link acknowledges what was consumed at the latest after this part of an area: half of it is always to be had.
#define DC_RING_ACK_PART 8

enum dc_ring_state {
    DC_RING_OPEN = 0,
    DC_RING_CLOSED = 1, // orderly end; the consumer finishes what is there
    DC_RING_LOST = 2,   // the worker or the link is gone; the frontend answers EGL_CONTEXT_LOST and stops waiting
    DC_RING_PAUSED = 3, // the worker is gone and another one may come: then the epoch moves on and the ring is open again
};

/* What a consumer that sleeps on the eventfd wants to be woken for. */
enum dc_ring_doorbell {
    DC_RING_DOORBELL_CMD = 1,
    DC_RING_DOORBELL_BULK = 2,
    DC_RING_DOORBELL_REPLY_ROOM = 4,
};

struct dc_ring_geometry {
    uint32_t cmd_bytes, bulk_bytes, reply_bytes; // powers of two, multiples of the page size
};

/* Shared page. Fields are accessed with the __atomic builtins only. */
struct dc_ring_shared {
    uint32_t magic, version;
    struct dc_ring_geometry geometry; // copied and validated at map time, never read again
    uint32_t epoch; // of the worker, starts at 1; supervisor. The frontend restarts the ring when it sees a new one
    uint32_t state; // enum dc_ring_state, written by supervisor or worker

    _Alignas(64) uint64_t cmd_head;  // frontend: end of published batches
    uint64_t bulk_head;              // frontend: end of published bulk bytes
    uint64_t reply_tail;             // frontend: replies read
    uint32_t frontend_waiters;       // frontend: threads blocked on frontend_wake; link process: 1 = armed

    _Alignas(64) uint64_t cmd_tail;  // worker: batches executed
    uint64_t bulk_tail;              // worker: bulk bytes no longer needed
    uint64_t reply_head;             // worker: end of published replies
    uint32_t frontend_wake;          // futex word
    uint32_t cmd_consumer_sleeping;  // worker: about to block on the eventfd, enum dc_ring_doorbell bits

    // Supervisor → frontend. Last input event written to this process's Wayland socket (DESIGN §1, An input event).
    _Alignas(64) uint64_t input_id;
    uint32_t link_rtt_us; // supervisor's link: there and back to the worker; so much later come credits for frames
    uint32_t app_paced;   // supervisor: the application waits for frame callbacks of its own before each swap

    // Metrics, frontend → supervisor. Untrusted numbers, only ever shown.
    _Alignas(64) uint64_t round_trips; // waits that the stack added
    uint64_t app_waits;                // waits that GL itself demands
    uint64_t frames;                   // swaps
    uint64_t commands;
};

/* What comes with RingAttach. */
struct dc_ring_fds {
    int memfd, cmd_eventfd;
    int wake_eventfd; // of a link process that plays the frontend, else -1
};

struct dc_ring {
    struct dc_ring_shared *shared; // mapped
    struct dc_ring_geometry geometry; // validated private copy
    uint8_t *cmd, *bulk, *reply;   // each mapped twice
    int memfd;                     // owned
    int cmd_eventfd;               // owned
    bool has_wake_eventfd;         // worker whose frontend is a link process
    int wake_eventfd;              // owned, if there is one
    uint64_t told_cmd_tail, told_bulk_tail; // with wake_eventfd: where the tails were at the last wake
    // private positions of whichever side we are
    uint64_t cmd_head, cmd_tail, bulk_head, bulk_tail, reply_head, reply_tail;
    int64_t cmd_wait_us; // consumer: mean of the last few waits for a command
};

/* Supervisor. Creates memfd (sealed against shrinking, growing and further seals) and eventfd, and maps it.
 * Returns 0 or -errno. */
int dc_ring_create(struct dc_ring *ring, const struct dc_ring_geometry *geometry);
/* Frontend and worker. Takes ownership of both fds, even on failure. Checks seals, size, magic, version and geometry:
 * -EPROTO when they do not fit. */
int dc_ring_map(struct dc_ring *ring, int memfd, int cmd_eventfd);
/* Accepts a half-built or zeroed ring (with fds -1). */
void dc_ring_finish(struct dc_ring *ring);

enum dc_ring_state dc_ring_get_state(const struct dc_ring *ring);
/* Sets the state and wakes both sides. */
void dc_ring_set_state(struct dc_ring *ring, enum dc_ring_state state);
uint32_t dc_ring_get_epoch(const struct dc_ring *ring);
/* Supervisor, while the ring is paused and no link has it: opens it for the worker of this epoch. */
void dc_ring_set_epoch(struct dc_ring *ring, uint32_t epoch);
/* Supervisor's link: the worker is gone. Paused where another one may come, else lost; what is lost stays so. */
void dc_ring_lose(struct dc_ring *ring, bool another_may_come);
/* Frontend, at a new epoch and before any link has the ring: every position is 0 again, what is in it is forgotten. */
void dc_ring_restart(struct dc_ring *ring);

/* ---- frontend: producer of cmd and bulk, consumer of reply. One thread at a time (the process lock). ---- */

/* Contiguous room for `size_bytes` in cmd (≤ cmd_bytes / 2), or NULL if there is none now. Nothing is visible to the
 * consumer before dc_ring_cmd_publish(). */
void *dc_ring_cmd_reserve(struct dc_ring *ring, size_t size_bytes);
void dc_ring_cmd_publish(struct dc_ring *ring, size_t size_bytes); // rings the doorbell if the consumer sleeps
/* Same for bulk (≤ bulk_bytes / 2). `position` receives the position to name in the command. Published before the
 * batch that refers to it. */
void *dc_ring_bulk_reserve(struct dc_ring *ring, size_t size_bytes, uint64_t *position);
void dc_ring_bulk_publish(struct dc_ring *ring, size_t size_bytes);
/* Published reply bytes not yet consumed: a contiguous view and its size (0 = none). -EPROTO through *size_bytes = 0 and
 * a state of LOST if the worker's position is impossible. */
const void *dc_ring_reply_peek(struct dc_ring *ring, size_t *size_bytes);
void dc_ring_reply_consume(struct dc_ring *ring, size_t size_bytes);
/* Blocks until the other side moved anything since `seen` (value of dc_ring_wake_word() taken before looking), the
 * state changed or timeout_ms passed (-1 = none): false. May be called by several threads, without the process lock. */
uint32_t dc_ring_wake_word(const struct dc_ring *ring);
bool dc_ring_frontend_wait(struct dc_ring *ring, uint32_t seen, int timeout_ms);

/* ---- worker (or the link playing it): consumer of cmd and bulk, producer of reply. One thread. ---- */

/* Published cmd bytes not yet consumed; the caller copies before it checks. NULL and *size_bytes = 0 when empty,
 * returns -EPROTO for an impossible head. */
int dc_ring_cmd_peek(struct dc_ring *ring, const uint8_t **data, size_t *size_bytes);
/* `bulk_end`: bulk bytes before this position are free again. Wakes a frontend that waits for room. */
void dc_ring_cmd_consume(struct dc_ring *ring, size_t size_bytes, uint64_t bulk_end);
/* Blocks until there is a command or the state is not OPEN. Returns false on timeout (-1 = none). Spins at most a few
 * microseconds before it sleeps. */
bool dc_ring_cmd_wait(struct dc_ring *ring, int timeout_ms);
/* View of bulk bytes [position, position + size_bytes); NULL if the range is not inside what is published and unfreed. */
const void *dc_ring_bulk_view(struct dc_ring *ring, uint64_t position, size_t size_bytes);
/* Waits until bulk is published up to `end` (over TCP it travels on its own connection). false: closed, lost, or end is
 * outside the window. */
bool dc_ring_bulk_wait(struct dc_ring *ring, uint64_t end);
void *dc_ring_reply_reserve(struct dc_ring *ring, size_t size_bytes); // NULL: no room now
void dc_ring_reply_publish(struct dc_ring *ring, size_t size_bytes);  // wakes a waiting frontend
/* Blocks until `size_bytes` of reply room exist; false: closed or lost. */
bool dc_ring_reply_wait(struct dc_ring *ring, size_t size_bytes);
/* From now on an armed frontend is woken by this eventfd (owned). Before the first command is read. */
void dc_ring_set_wake_eventfd(struct dc_ring *ring, int eventfd);

/* ---- for the link, which replicates a ring that is not its own (one thread) ---- */

/* Tells the producer to ring the doorbell for `wanted` (enum dc_ring_doorbell) and state changes. Look at the ring again
 * after this and before blocking on cmd_eventfd. */
void dc_ring_doorbell_arm(struct dc_ring *ring, uint32_t wanted);
/* After the doorbell rang, or instead of blocking: no more rings until the next arm. */
void dc_ring_doorbell_clear(struct dc_ring *ring);
/* Published cmd bytes from `position` (≥ what is consumed) on. -EPROTO for an impossible head. */
int dc_ring_cmd_peek_from(struct dc_ring *ring, uint64_t position, const uint8_t **data, size_t *size_bytes);
/* Same for bulk. */
int dc_ring_bulk_peek_from(struct dc_ring *ring, uint64_t position, const uint8_t **data, size_t *size_bytes);
/* Playing the consumer: moves the tails to where the real consumer is and wakes the frontend. -EPROTO if a position goes
 * back or beyond what was published. */
int dc_ring_set_tails(struct dc_ring *ring, uint64_t cmd_tail, uint64_t bulk_tail);
/* Playing the consumer: how far the frontend has read replies. -EPROTO for an impossible tail. */
int dc_ring_get_reply_tail(struct dc_ring *ring, uint64_t *reply_tail);
/* Playing the frontend: how far the worker has consumed. -EPROTO for impossible tails. */
int dc_ring_get_tails(struct dc_ring *ring, uint64_t *cmd_tail, uint64_t *bulk_tail);
/* The same where another mapping of the ring publishes the bulk. */
int dc_ring_get_shared_tails(struct dc_ring *ring, uint64_t *cmd_tail, uint64_t *bulk_tail);
/* Playing the frontend: published reply bytes from `position` on; consume them (dc_ring_reply_set_tail) when the real
 * frontend has. */
int dc_ring_reply_peek_from(struct dc_ring *ring, uint64_t position, const uint8_t **data, size_t *size_bytes);
int dc_ring_reply_set_tail(struct dc_ring *ring, uint64_t reply_tail);
/* Playing the frontend: the worker writes the eventfd that it was given at its next step. Look at the ring after this
 * and before blocking. */
void dc_ring_frontend_arm(struct dc_ring *ring);
/* Takes what an eventfd counted, and never blocks, whatever the other side has done to the shared description. */
void dc_ring_eventfd_clear(int eventfd);

/* ---- layouts inside the areas ---- */

/* Before every batch in cmd; the batch's commands follow, `size_bytes` of them (multiple of 4); the next batch starts
 * at the next multiple of 8.
 *
 *     0        4           8                   16
 *     +--------+-----------+-------------------+---------------------
 *     | size   | context   | bulk_end          | commands …
 *     +--------+-----------+-------------------+--------------------- */
struct dc_batch_header {
    uint32_t size_bytes;
    uint32_t context_id; // 0: no context (EGL-level commands)
    uint64_t bulk_end;   // every bulk reference in this batch and before ends here at most
};
#define DC_BATCH_MAX_BYTES (256u << 10)

/* Messages in reply; payload follows, next header at the next multiple of 8. */
enum dc_reply_type {
    DC_REPLY_SYNC = 1,      // last part of the answer to request `serial`; payload = result bytes
    DC_REPLY_SYNC_PART = 2, // earlier part of a long answer (parts are ≤ 256 KiB), in order
    DC_REPLY_SHADER = 3,    // pushed after glCompileShader; serial = shader name | context id << 32
    DC_REPLY_PROGRAM = 4,   // pushed after glLinkProgram / glProgramBinary; serial likewise (protocol/gles/reflection.h)
    DC_REPLY_FENCE = 5,     // fence `serial` has signalled
    DC_REPLY_SWAP = 6,      // swap `serial` of surface (payload u32) is executed: credit for one more frame
    DC_REPLY_GL_ERROR = 7,  // serial = context id, payload u32 GL error raised since the last batch (auto, async)
    DC_REPLY_RESET = 8,     // serial = context id, payload u32 GL reset status: context lost
    DC_REPLY_QUERY = 9,     // pushed query result; serial = query name | context id << 32, payload u64
    DC_REPLY_KNOWN = 11,    // at the ring's beginning: what a compile or link gave elsewhere; serial = DC_REPLY_SHADER or
                            // DC_REPLY_PROGRAM, payload u64 key low, u64 key high, and what that push carries
    DC_REPLY_DEBUG = 10,    // KHR_debug message; serial = context id, payload u32 source, type, id, severity, text
};
struct dc_reply_header {
    uint32_t size_bytes; // payload
    uint32_t type;
    uint64_t serial;
};

#endif
