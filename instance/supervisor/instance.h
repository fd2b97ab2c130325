#ifndef DC_SUPERVISOR_INSTANCE_H
#define DC_SUPERVISOR_INSTANCE_H
/*
 * One DC-Instance: everything that dc-instance holds, and how the parts hear of each other. Loop thread only.
 * Files: instance.c start and end; worker.c what comes over the link; player.c what comes from the client and the
 * tokens; screen.c what the display asks for; recovery.c what happens when the worker is lost; report.c figures.
 */
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include <vhal/hub.h>

#include "app.h"
#include "frontend_server.h"
#include "image_writer.h"
#include "options.h"
#include "paths.h"
#include "recovery.h"
#include "render_server.h"
#include "runtime_dir.h"
#include "steady.h"

struct dc_audio_hal;
struct dc_display;
struct dc_display_listener;
struct dc_input_event;
struct dc_instance;
struct dc_link_listener;
struct dc_link_stats;
struct dc_network;
struct dc_network_listener;

/* A descriptor of one of the parts, polled for reading. */
struct dc_watch {
    uv_poll_t poll;
    void (*dispatch)(struct dc_instance *instance);
    bool active;
};

/* Last known; asked for with each statistics request. */
struct dc_worker_stats {
    int64_t cpu_us;
    uint64_t frames_encoded, video_bytes, audio_packets, rss_bytes;
};

struct dc_instance {
    struct dc_options *options;
    struct dc_paths paths;
    struct dc_runtime_dir runtime;
    struct dc_render_server render;
    uv_loop_t loop;
    uv_signal_t signals[4];
    struct dc_watch link_watch, network_watch, display_watch, audio_watch;
    uv_timer_t kill_timer;  // the application got SIGTERM: SIGKILL next
    uv_timer_t wait_timer;  // --wait-client, --idle-exit
    uv_timer_t token_timer; // the token that nobody used runs out
    struct dc_link *link;       // owned, as are the next three; NULL: none
    struct dc_network *network;
    struct dc_display *display;
    struct dc_audio_hal *audio;
    struct dc_hub hub;
    struct dc_frontend_server frontends;
    struct dc_image_writer images;
    struct dc_app app;
    char wayland_display[32], gpu[128]; // gpu: as the worker names it
    bool worker_ready;                  // it said Hello
    struct dc_recovery recovery;
    bool link_closed, client_connected, stopping;
    bool encoder_skips; // the line to the client is full: nothing is encoded until it has drained
    int exit_status;
    char reason[256]; // why we stop, for the client
    int64_t start_us;
    uint64_t clients, presents, packets, packet_bytes, stats_id;
    struct dc_worker_stats worker;
    uv_timer_t steady_timer;  // --report: notes totals
    struct dc_steady steady;
};

/* Runs until the end; returns the process's exit status. */
int dc_instance_run(struct dc_options *options);

/* ---- between the files ---- */

/* Ends the instance with this status, the application first. The first call wins. */
void dc_instance_stop(struct dc_instance *instance, int exit_status, const char *reason);
/* Starts the application once worker and (with --wait-client) client are there. */
void dc_instance_try_start_app(struct dc_instance *instance);

extern const struct dc_link_listener dc_instance_link_listener;       // worker.c
extern const struct dc_network_listener dc_instance_network_listener; // player.c
extern const struct dc_display_listener dc_instance_display_listener; // screen.c

/* Connects to the render server and asks for a worker. */
bool dc_instance_start_link(struct dc_instance *instance);
bool dc_worker_start(struct dc_instance *instance); // the Start message
void dc_worker_set_encoder(struct dc_instance *instance, bool paused, bool keyframe);
struct dc_network_encoder_wish;
/* What the line to the client wants of it. */
void dc_worker_tune_encoder(struct dc_instance *instance, const struct dc_network_encoder_wish *wish);
void dc_worker_request_stats(struct dc_instance *instance);
/* A fresh token: connect line, token file. */
bool dc_player_announce(struct dc_instance *instance);
void dc_player_start_timers(struct dc_instance *instance);
/* Towards the server, as the link carried it; over shared memory that is the commands and bulk themselves. */
uint64_t dc_stats_wire_bytes(const struct dc_link_stats *link);
int64_t dc_stats_app_cpu_us(const struct dc_instance *instance);
void dc_report_start(struct dc_instance *instance);
void dc_report_write(const struct dc_instance *instance);

#endif
