#ifndef DC_INSTANCE_LINK_LINK_H
#define DC_INSTANCE_LINK_LINK_H
/*
 * The supervisor's link to its worker: admission, control messages, replication of rings, packets back.
 *
 * Address: "unix:PATH" (local: the worker maps the same memfds) or "tcp:HOST:PORT" (mutual TLS 1.3, two connections,
 * one thread of its own that replicates the rings) or "rdma:HOST:PORT" (the same, but rings are written over RDMA into
 * the worker's mirror of them; where one end has no device, it is said once and rings travel over TCP). Callbacks run on
 * the thread that calls dc_link_dispatch(); nothing here depends on an event loop.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <common/packet.h>
#include <protocol/link/ring.h>

struct dc_link;
struct Dc__Render__ToWorker;
struct Dc__Render__FromWorker;

struct dc_link_config {
    const char *address;
    const char *instance;       // name, bound into the capability
    const void *capability;     // as issued by dc-render (`dc-render capability`)
    size_t capability_bytes;
    const char *ca_file, *cert_file, *key_file; // TCP: PEM
    bool rings_survive; // at the end of the link they are paused instead of lost: another link may take them
};

struct dc_link_listener {
    /* Required. FromWorker messages after admission (hello, release, present_done, stats, …). */
    void (*handle_control)(void *user, const struct Dc__Render__FromWorker *message);
    /* Required. */
    void (*handle_packet)(void *user, const struct dc_packet *packet);
    /* Required; once. `reason` for people ("refused: capability was used before", "render server closed the link").
     * Every attached ring is already LOST (or PAUSED). The caller may destroy the link inside the callback's caller, not inside. */
    void (*handle_closed)(void *user, const char *reason);
};

/* Starts connecting; never blocks for long (TCP connects on the link's thread). NULL: out of memory or bad address
 * (logged). Strings are copied. */
struct dc_link *dc_link_create(const struct dc_link_config *config, const struct dc_link_listener *listener, void *user);
void dc_link_destroy(struct dc_link *link);
/* To poll for POLLIN (an epoll fd or eventfd that is readable while dispatch has work). */
int dc_link_fd(const struct dc_link *link);
void dc_link_dispatch(struct dc_link *link);
/* Queued until admitted. 0 or -errno. */
int dc_link_send(struct dc_link *link, const struct Dc__Render__ToWorker *message);
/* s16le stereo 48 kHz; `time_us` of the first sample. */
int dc_link_send_pcm(struct dc_link *link, int64_t time_us, const int16_t *samples, uint32_t frame_count);
/* The worker executes the ring's commands from now on. The ring stays the caller's and must outlive the detach. */
int dc_link_attach_ring(struct dc_link *link, uint32_t ring_id, struct dc_ring *ring, const char *process);
/* What was published is still executed; returns at once, the caller may finish the ring. */
void dc_link_detach_ring(struct dc_link *link, uint32_t ring_id);

struct dc_link_stats {
    const char *kind;         // "local", "tcp", "rdma"
    uint64_t command_bytes;   // cmd + bulk consumed (TCP, RDMA: sent) over all rings
    uint64_t wire_bytes_out;  // TCP, RDMA: bytes sent, after framing
    uint64_t wire_bytes_in;
    uint64_t bulk_bytes;      // TCP: of the consumed bytes, bulk that was sent
    uint64_t bulk_wire_bytes; // TCP: what that took: packed, or named because the server has it
    uint32_t rtt_us;          // TCP: measured end to end at admission; 0 local
};
void dc_link_get_stats(const struct dc_link *link, struct dc_link_stats *stats);

#endif
