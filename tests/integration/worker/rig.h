#ifndef DC_TESTS_WORKER_RIG_H
#define DC_TESTS_WORKER_RIG_H
/* Starts dc-render in a directory of its own and plays supervisors towards it. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <protocol/link/channel.h>
#include <render.pb-c.h>

#include "ring_writer.h"

struct rig_server {
    pid_t pid;
    char directory[64], socket_path[96], key_path[96], log_path[96];
    unsigned memory_mib; // of capabilities; 0: the default
    char limit[64]; // set before the start: one more option, "--draw-timeout=1"
};

struct rig_link {
    struct dc_channel *channel;
    bool closed;
    bool refused, admitted, hello, failed, ring_failed, video_keyframe;
    char reason[256]; // of Refused or Failed
    uint32_t failed_op;
    unsigned video_packets, audio_packets, releases, presents_done, stats;
    uint64_t last_frame_id;
    struct ring_writer *writer; // ring 1
};

/* argv[1] of the test is dc-render's path. */
void rig_server_start(struct rig_server *server, const char *dc_render);
/* The process alone, with the key and socket that are there. */
void rig_server_spawn(struct rig_server *server, const char *dc_render);
void rig_server_stop(struct rig_server *server);
/* After a test that failed, and after one that did not. */
void rig_server_abort(struct rig_server *server);
/* How often `text` is in the server's log. */
unsigned rig_log_count(const struct rig_server *server, const char *text);

/* Hex of a capability. */
void rig_capability(const struct rig_server *server, const char *dc_render, const char *instance, const char *ttl_s,
                    char out[512]);
/* Connects and sends Admit; capability may be "". */
void rig_link_connect(struct rig_link *link, const struct rig_server *server, const char *instance, const char *hex);
/* Connect, admit, Start, wait for Hello, attach a ring with a context and a 64x48 surface 3. */
void rig_link_start(struct rig_link *link, const struct rig_server *server, const char *dc_render, const char *instance);
void rig_link_finish(struct rig_link *link);
void rig_link_send(struct rig_link *link, const Dc__Render__ToWorker *message, const int *fds, int fd_count);
void rig_link_send_raw(struct rig_link *link, uint16_t type, const void *bytes, size_t size_bytes);
/* Dispatches until *flag or *count ≥ n, or the link closes, or 10 s passed. */
void rig_link_poll(struct rig_link *link); // once, 20 ms at most
bool rig_link_wait(struct rig_link *link, const bool *flag);
bool rig_link_wait_count(struct rig_link *link, const unsigned *count, unsigned n);
/* Clears, swaps `seq`, presents it full screen and waits for the packet. */
bool rig_link_play(struct rig_link *link, uint64_t seq);

#endif
