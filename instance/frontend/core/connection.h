#ifndef DC_FRONTEND_CONNECTION_H
#define DC_FRONTEND_CONNECTION_H
/*
 * What core/ keeps of the connection to the supervisor beyond struct dc_process. Private to core/.
 *
 * Locks, in the order in which they nest: deliver_lock → reply_lock; lock → reply_lock. `lock` is held while a thread
 * waits for room in the ring (nobody else could go on either), so nothing that the worker needs may wait for it: replies
 * are read under reply_lock alone, and pushes are handed to gles/ outside of both.
 */
#include <pthread.h>

#include "process.h"

/* A message for gles/ between reading it from the ring and handing it over. */
struct dc_push {
    struct dc_push *next;
    uint32_t type;
    uint64_t serial;
    size_t size_bytes;
    uint8_t payload[];
};

struct dc_journal;

struct dc_connection {
    struct dc_process process; // first: the two are cast into each other
    struct dc_connection *next; // every connection of this process, for fork()
    int socket_fd;              // owned; its end says that the supervisor is gone
    bool lost;                  // __atomic; in memory of our own: a forked child is lost without touching the ring

    pthread_mutex_t lock; // cmd and bulk of the ring
    void *scratch;        // owned; protected by lock: takes bulk data when the ring is lost
    size_t scratch_bytes;
    bool bulk_is_scratch; // protected by lock
    struct dc_journal *journal; // owned; protected by lock, but for whether there is one: NULL where no worker may follow
    bool settle_at_once; // $DC_SETTLE_JOURNAL: no frame is replayed (debugging)
    uint32_t epoch;             // of the worker that knows everything; written under both locks
    uint64_t bulk_position;     // protected by lock, between begin and end, as is:
    void *bulk_data;

    pthread_mutex_t reply_lock; // reply of the ring, and everything below
    struct dc_call *calls;
    uint32_t last_serial;
    struct dc_fence *fences;
    uint64_t last_fence;
    struct dc_credit *credits;
    struct dc_push *push_first, **push_end; // owned
    bool delivering;

    pthread_mutex_t deliver_lock; // serialises dc_gles_handle_push()
};

static inline struct dc_connection *
dc_connection_of(const struct dc_process *process)
{
    return (struct dc_connection *)process;
}

/* With `lock` held: a batch into the ring, as soon as there is room. false: lost, or `stops` says so meanwhile. */
bool dc_connection_write(struct dc_connection *connection, uint32_t context_id, const uint32_t *words, size_t word_count,
                         bool (*stops)(const struct dc_connection *connection));
/* With `lock` held: room in bulk likewise; NULL: there will be none. */
void *dc_connection_reserve_bulk(struct dc_connection *connection, size_t size_bytes, uint64_t *position,
                                 bool (*stops)(const struct dc_connection *connection));
/* With reply_lock held: this call gets no answer. */
void dc_connection_abandon_call(struct dc_connection *connection, struct dc_call *call);

/* Marks it lost, logs why (once), wakes whoever waits. */
void dc_connection_lose(struct dc_connection *connection, const char *why);
/* Looks whether the supervisor still holds its end of the socket; cheap enough for twice a second. */
void dc_connection_check(struct dc_connection *connection);
/* Reads replies: answers calls, fences and credits; queues pushes. Takes reply_lock. */
void dc_connection_pump(struct dc_connection *connection);

#define DC_WAIT_SLICE_MS 500 // how long a wait sleeps before it looks whether the supervisor is still there

#endif
