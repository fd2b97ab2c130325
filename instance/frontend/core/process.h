#ifndef DC_FRONTEND_PROCESS_H
#define DC_FRONTEND_PROCESS_H
/*
 * The application process's one connection to its supervisor: ring, profile, and whoever waits for an answer.
 * Connects on first use; a fork()ed child that did not exec gets a connection of its own. Thread-safe throughout.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/gles/profile.h>
#include <protocol/link/ring.h>

enum dc_wait_kind {
    DC_WAIT_STACK, // a wait that the stack adds: counted in round_trips
    DC_WAIT_APP,   // a wait that GL itself demands (glFinish, glReadPixels, glClientWaitSync, query result): app_waits
    DC_WAIT_PACE,  // back-pressure (frame credits): not counted, a faster worker would only move it
};

enum dc_error_mode { DC_ERROR_AUTO, DC_ERROR_EXACT, DC_ERROR_ASYNC };

struct dc_results;

struct dc_process {
    struct dc_ring ring;       // protected by lock
    struct dc_profile profile; // constant after connect
    uint32_t ring_id;
    enum dc_error_mode error_mode;
    bool errors_trusted; // __atomic: far from the worker, a context of ours has stopped asking for errors (gles/error.c)
    struct dc_results *results; // __atomic: gles/results.c's
    // private to connection.h beyond this
};

/* NULL when no supervisor answers; logged once with what to do. */
struct dc_process *dc_process_get(void);
bool dc_process_is_lost(const struct dc_process *process); // worker or link gone

/* Copies a batch into the ring. Blocks while the ring is full. false: lost (the batch is dropped). */
bool dc_process_submit(struct dc_process *process, uint32_t context_id, const uint32_t *words, size_t word_count);
/* Bulk in two steps; the process lock is held in between. Never NULL: scratch memory when lost. */
void *dc_process_bulk_begin(struct dc_process *process, size_t size_bytes, uint64_t *position);
void dc_process_bulk_end(struct dc_process *process, size_t size_bytes, uint32_t context_id, const uint32_t *words,
                         size_t word_count);

/* A call that waits for its answer. begin, encode the command with `serial`, flush the context, wait. */
struct dc_call {
    uint32_t serial; // unique among outstanding calls
    void *out;       // where the answer goes; longer answers are cut
    size_t out_bytes, got_bytes; // got_bytes: the answer's whole length
    bool done, lost;
    struct dc_call *next; // reply.c
};
void dc_call_begin(struct dc_process *process, struct dc_call *call, void *out, size_t out_bytes);
/* false: lost; out is untouched or partly written. */
bool dc_call_wait(struct dc_process *process, struct dc_call *call, enum dc_wait_kind kind);

/* Reads what the worker pushed, without waiting. Called at swap, flush, and by every wait. Pushes (shader, program,
 * fence, error, reset, query) go to dc_gles_handle_push() in their order, one at a time over all threads, with none of
 * our locks but the one that serialises them: it may take its own locks but must not submit, drain or wait, and whoever
 * drains or waits must not hold a lock that it takes. */
void dc_process_drain(struct dc_process *process);
/* Blocks until condition(user) holds (checked after each drain, without the lock), the ring is lost or timeout_us
 * passed (-1 none). true: the condition holds. Counts one wait of `kind` if it had to block at all. */
bool dc_process_wait(struct dc_process *process, bool (*condition)(void *user), void *user, int64_t timeout_us,
                     enum dc_wait_kind kind);

/* A fence of EGL's own: dcFence with `serial`, which has the top bit set so that it is never one of glFenceSync's. */
#define DC_FENCE_EGL (1ull << 63)
struct dc_fence {
    uint64_t serial;
    bool done; // __atomic: set by whichever thread drains
    struct dc_fence *next; // reply.c
};
void dc_fence_begin(struct dc_process *process, struct dc_fence *fence);
void dc_fence_end(struct dc_process *process, struct dc_fence *fence); // forget it; accepts one that signalled
/* Drains first. true: signalled. timeout_us -1: none. */
bool dc_fence_wait(struct dc_process *process, struct dc_fence *fence, int64_t timeout_us, enum dc_wait_kind kind);

/* Frames of one surface that the worker has executed (DC_REPLY_SWAP). */
struct dc_credit {
    uint32_t surface_id;
    uint64_t done_seq; // __atomic
    struct dc_credit *next; // reply.c
};
void dc_credit_begin(struct dc_process *process, struct dc_credit *credit);
void dc_credit_end(struct dc_process *process, struct dc_credit *credit);
/* Blocks until frame `seq` is executed. false: lost. */
bool dc_credit_wait(struct dc_process *process, struct dc_credit *credit, uint64_t seq);

/* Metrics in the shared page; nothing after the connection is lost. */
void dc_process_count_frame(struct dc_process *process);
void dc_process_count_commands(struct dc_process *process, uint64_t count);
/* Last input event that the supervisor wrote to this process's Wayland socket. */
/* Moves on when another worker is there that has what the old one was told (docs/recovery.md). */
uint32_t dc_process_epoch(const struct dc_process *process);
uint64_t dc_process_input_id(const struct dc_process *process);

#endif
