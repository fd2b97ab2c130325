#ifndef DC_INSTANCE_LINK_TCP_PRIV_H
#define DC_INSTANCE_LINK_TCP_PRIV_H
/*
 * A link over TCP. Its thread owns both connections and its own mapping of every ring; the caller's thread sends control
 * and sound on the control connection itself (the channel has a lock) and receives through the event queue.
 *
 *   a  control connection: admission, control, sound, commands, acks; back: control, packets, acks
 *   b  bulk connection: bulk; back: replies
 *
 * With RDMA (rdma_link.h) what is in the rings travels there instead, and b does not exist.
 */
#include <protocol/link/command_codec.h>
#include <protocol/link/replication.h>
#include <protocol/link/tls.h>

#include "blob_ends.h"
#include "bulk_sender.h"
#include "link_priv.h"
#include "message.h"

struct rdma_link; // rdma_link.h
struct rdma_ring;

/* One attached ring. Thread only. */
struct tcp_ring {
    struct tcp_ring *next;
    uint32_t ring_id;
    struct dc_ring ring;  // own mapping; we play consumer of cmd and bulk, producer of reply
    struct dc_command_packer *packer; // owned
    uint64_t cmd_sent, cmd_target; // target: end of a published run that is being sent
    uint64_t bulk_sent;
    struct dc_blob_ends blobs;     // where bulk is cut
    uint64_t cmd_end, bulk_end;    // once detaching: what is still to be sent ends here
    size_t reply_pending_bytes;    // received, not yet published
    uint64_t reply_acked;
    bool is_polled, detaching, lost;
    bool attached; // acknowledged: bulk, on its own connection, cannot arrive before the ring any more
    struct rdma_ring *rdma; // owned; NULL over TCP
};

/* What the caller's thread asks of the link's. */
struct tcp_op {
    struct tcp_op *next;
    uint32_t ring_id;
    struct tcp_ring *attach; // NULL: detach
};

struct tcp_event {
    struct tcp_event *next;
    uint16_t type; // DC_LINK_CONTROL, DC_LINK_PACKET, or 0: closed, data is the reason
    size_t size_bytes;
    uint8_t data[];
};

struct tcp_link {
    struct dc_link base;
    char *host, *port; // owned
    struct dc_tls_context *tls;
    pthread_t thread;
    bool thread_started;
    int stop_fd; // → thread: end
    int wake_fd; // → thread: ops, or something is queued on a
    int event_fd; // → caller: events

    // Protected by base.lock.
    struct tcp_op *first_op, *last_op;
    // Held from posting a ring's attachment until its op is queued: who has taken it sees the op of whatever is answered.
    pthread_mutex_t attach_lock;

    // Protected by event_lock.
    pthread_mutex_t event_lock;
    struct tcp_event *first_event, *last_event;
    size_t event_bytes;
    char nonsense[96]; // set by dispatch before stopping the thread

    // Written by the thread, read by anybody through __atomic.
    struct dc_tls *a_tls, *b_tls; // owned by the channels
    uint64_t command_bytes, bulk_bytes;

    // Thread only; a is used by senders too, after admission.
    struct dc_channel *a, *b;
    int epoll_fd;
    short a_events, b_events;
    struct tcp_ring *rings;
    struct dc_bulk_sender *bulk; // owned
    bool a_answered, b_answered;
    struct dc_link_admission admission;
    bool wants_rdma;                // set before start, then constant
    struct rdma_link *opening_rdma; // while it is being agreed
    struct rdma_link *rdma;         // owned; rings travel over RDMA, and there is no b. Set once, read by anybody
    uint32_t rtt_us; // of an admission; 0 is not known
    char reason[224];
};

/* ---- tcp_thread.c ---- */
void *dc_tcp_run_thread(void *user); // the link's thread; user is the tcp_link
/* What the caller asked for meanwhile; with `lose` only so that nothing is left over. Thread, or after its end. */
void dc_tcp_run_ops(struct tcp_link *t, bool lose);

/* ---- tcp_connect.c ---- */
/* A tuned TCP connection to host:port, or -errno with t->reason. */
int dc_tcp_connect(struct tcp_link *t);
/* Connects, makes TLS and a channel. NULL: t->reason says why. */
struct dc_channel *dc_tcp_open_channel(struct tcp_link *t, const struct dc_channel_listener *listener,
                                       struct dc_tls **tls);
/* Both connections (or the first one and RDMA), admitted. false: t->reason says why. */
bool dc_tcp_admit(struct tcp_link *t, const struct dc_channel_listener *a, const struct dc_channel_listener *b);

/* ---- tcp_events.c ---- */
/* Copies. false: the caller does not keep up, or out of memory. */
bool dc_tcp_push_event(struct tcp_link *t, uint16_t type, const void *data, size_t size_bytes);
void dc_tcp_dispatch_events(struct tcp_link *t);
void dc_tcp_drop_events(struct tcp_link *t);

/* ---- tcp_rings.c; thread only ---- */
struct tcp_ring *dc_tcp_ring_create(uint32_t ring_id, const struct dc_ring *ring); // any thread
void dc_tcp_ring_destroy(struct tcp_ring *r);
void dc_tcp_ring_attach(struct tcp_link *t, struct tcp_ring *r);
void dc_tcp_ring_detach(struct tcp_link *t, uint32_t ring_id);
struct tcp_ring *dc_tcp_ring_find(struct tcp_link *t, uint32_t ring_id);
/* The frontend broke its ring: that ring is dead on both sides, the link goes on. 0 or -errno. */
int dc_tcp_ring_lose(struct tcp_link *t, struct tcp_ring *r);
/* Everything of a detached ring is sent: forgets and frees it. */
void dc_tcp_ring_remove(struct tcp_link *t, struct tcp_ring *r);
/* Asks the frontend to ring for `wanted` (enum dc_ring_doorbell). true: something came just before, look again. */
bool dc_tcp_ring_arm(struct tcp_ring *r, uint32_t wanted);
/* Sends what can be sent; finished rings are removed. -errno: the link is broken. *more: call again before sleeping. */
int dc_tcp_rings_pump(struct tcp_link *t, bool *more);
/* Messages of the other side. false: it broke the protocol. */
bool dc_tcp_rings_handle_ack(struct tcp_link *t, const struct dc_channel_message *message);
bool dc_tcp_rings_handle_state(struct tcp_link *t, const struct dc_channel_message *message);
bool dc_tcp_rings_handle_reply(struct tcp_link *t, const struct dc_channel_message *message);
/* Marks all LOST and frees them. */
void dc_tcp_rings_lose(struct tcp_link *t);

#endif
