#ifndef DC_TEST_LINK_RIG_H
#define DC_TEST_LINK_RIG_H
/*
 * Both ends of a link in one test: a render process with dc-render's own admission and TCP link processes and a worker
 * that checks bytes instead of rendering, certificates from dc-certs, a supervisor's link, and dc-relay in between.
 *
 * It keeps 24 MiB of uploads for a tenant, 64 in all; a link may have 12 kept.
 *
 * Batches of the test start with a word that says what the worker shall do:
 *   OP_DATA  n, then n × {u64 position, u64 size} of bulk, then bytes: hashes all of it
 *   OP_SYNC  serial: replies DC_REPLY_SYNC with the hash so far (u64)
 *   OP_BIG   serial, size: replies size bytes in parts (rig_pattern), the last as DC_REPLY_SYNC
 *   OP_LOSE  marks the ring LOST       OP_EXIT  ends the worker       OP_SLEEP  milliseconds
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <instance/link/link.h>
#include <render.pb-c.h>

enum { OP_DATA = 1, OP_SYNC, OP_BIG, OP_LOSE, OP_EXIT, OP_SLEEP };

struct rig {
    char dir[64];
    pid_t render_pid, relay_pid;
    uint16_t tcp_port, relay_port;
    // What the link told us.
    int closed_count, hello_count, stats_count, packet_count, lost_count;
    char reason[256];
    uint64_t stats_pcm_bytes;
    uint32_t packet_sum;
    size_t packet_bytes;
};

void rig_start(struct rig *rig);
/* Ends the render process; asserts that no process of the link crashed. */
void rig_finish(struct rig *rig);
/* From now on the TCP address goes through a relay. */
void rig_start_relay(struct rig *rig, int delay_ms, int rate_kbps);
/* Whose instances the following ones are; NULL: each is a tenant of its own. */
extern const char *rig_tenant;
/* A fresh capability. Returns its size. */
#define RIG_CAPABILITY_BYTES 256 // DC_CAPABILITY_MAX_BYTES
size_t rig_capability(const char *instance, uint8_t out[RIG_CAPABILITY_BYTES]);
/* kind: "unix", "tcp", "relay", "rdma" (needs a device with the address in DC_TEST_RDMA_ADDRESS). `cert`: file name without
 * suffix in the rig's directory. */
struct dc_link *rig_connect(struct rig *rig, const char *kind, const char *instance, const char *cert,
                            const uint8_t *capability, size_t capability_bytes);
/* The same with a fresh capability and the instance's own certificate. */
struct dc_link *rig_open(struct rig *rig, const char *kind, const char *instance);
/* Dispatches until *count >= wanted or some seconds have passed. */
bool rig_wait(struct dc_link *link, const int *count, int wanted);
void rig_send_start(struct dc_link *link);
/* Processes below `pid`, all threads: voluntary context switches so far. */
uint64_t rig_switches(pid_t pid);

/* ---- a frontend ---- */
uint64_t rig_hash(uint64_t hash, const void *data, size_t size_bytes);
void rig_pattern(uint8_t *data, size_t size_bytes, uint32_t seed);
/* Publishes a batch; waits for room. false: lost. */
bool rig_submit(struct dc_ring *ring, const void *payload, size_t size_bytes);
/* Publishes bulk; waits for room. false: lost. */
bool rig_bulk(struct dc_ring *ring, const void *data, size_t size_bytes, uint64_t *position);
/* Waits for the whole answer to `serial`; returns its size, or -1 when the ring ended. */
int64_t rig_answer(struct dc_ring *ring, uint64_t serial, void *out, size_t out_bytes);

/* ---- worker.c ---- */
int rig_worker_run(int fd);

#endif
