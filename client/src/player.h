#ifndef DC_CLIENT_PLAYER_H
#define DC_CLIENT_PLAYER_H
/*
 * The client's side of a session: says Hello, then a thread of its own receives, hands media on, keeps the clock offset
 * and answers. Input is sent from the calling thread at once.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <common/wire.h>
#include <protocol/qos/frame_gate.h>
#include <protocol/rtp/h264_depacketizer.h>
#include <vhal/input.h>

#include "clock_offset.h"
#include "carrier.h"
#include "url.h"
#include "video_repair.h"

struct dc_player_listener {
    /* All required; network thread. Views are the callee's only during the call. */
    /* `is_good` false: it refers to something lost; the decoder needs it, nobody is to see it. */
    void (*handle_video)(void *user, const struct dc_access_unit *unit, bool is_good, int64_t clock_offset_us);
    void (*handle_audio)(void *user, const struct dc_rtp_packet *packet, int64_t now_us);
    void (*handle_wake)(void *user); // state, statistics or a signal: look
    void (*handle_reconnected)(void *user); // what comes from now on has other numbers; a key frame is on its way
};

enum dc_player_state {
    DC_PLAYER_PLAYING,
    DC_PLAYER_RECONNECTING, // the way to the instance broke; the game goes on there
    DC_PLAYER_REFUSED,
    DC_PLAYER_BYE,  // the instance ended the session
    DC_PLAYER_LOST, // the connection broke
};

struct dc_player_welcome {
    char instance[64];
    uint32_t width, height, refresh_mhz, audio_frame_ms;
};

/* Totals of the instance since its start (session.proto InstanceStats). */
struct dc_instance_stats {
    uint64_t id; // of the request, 0: none came yet
    int64_t time_us;
    char link_kind[16], renderer[128], app[128], runtime[32];
    uint64_t link_bytes, link_wire_bytes, frames, round_trips, app_waits, frames_encoded, audio_underruns;
    int64_t app_cpu_us, instance_cpu_us, worker_cpu_us;
};

struct dc_player {
    pthread_mutex_t carrier_lock; // the network thread changes the carrier; who else sends holds this
    struct dc_carrier *carrier;   // owned; NULL: on the way to a new one
    int64_t reconnect_us;         // constant, as the next two; 0: never
    uint32_t refresh_mhz;
    bool wants_audio;
    int wake_fd;                    // ends the thread's wait
    const struct dc_player_listener *listener;
    void *user;
    int signal_fd;                     // borrowed; network thread reads it
    struct dc_player_welcome welcome;  // set before start, then constant
    pthread_t thread;
    bool thread_runs;
    atomic_bool stop;
    atomic_bool decoder_failed;        // no picture came of a frame that was good
    atomic_int signal;                 // number of the signal that came, 0: none
    _Atomic uint64_t received_bytes, received_packets, lost_packets;
    // Packets that parity or being sent again brought back, and frames that were given up all the same.
    _Atomic uint64_t recovered_packets, resent_packets, dropped_frames;
    _Atomic int64_t round_trip_us, clock_offset_us;
    _Atomic uint64_t last_frame_id;
    _Atomic uint64_t reconnects;
    _Atomic int64_t longest_outage_us; // from the last sign of life to the next session
    struct dc_url url; // network thread only, as all below; the token gives way to the resume secret
    bool may_resume, is_lost;
    char lost_reason[160];
    char session_path[128]; // "": there is nothing to be deleted
    uint32_t video_ssrc, audio_ssrc;
    uint64_t lost_before; // packets, in the sessions before
    struct dc_h264_depacketizer depacketizer;
    struct dc_video_repair repair;
    struct dc_frame_gate gate;
    struct dc_writer early; // frames that came with the answer, before there was a thread: length u32 and bytes each
    struct dc_clock_offset clock;
    int64_t next_ping_us, started_us, last_received_us;
    uint64_t ping_id, dropped_units;
    pthread_mutex_t lock;
    enum dc_player_state state;        // protected by lock, as all below
    char end_text[256];
    int exit_status;
    bool app_exited;
    struct dc_instance_stats stats;
    int64_t last_keyframe_request_us;
    uint64_t next_input_id, next_stats_id; // main thread only
};

/* Connects and is admitted, or not; `error` (≥ 256 bytes) is for a person. `reconnect_us`: how long to try again when the way
 * there breaks later, 0: not at all. */
enum dc_player_result { DC_PLAYER_OK, DC_PLAYER_CANNOT_CONNECT, DC_PLAYER_WAS_REFUSED, DC_PLAYER_WAS_LOST };
enum dc_player_result dc_player_open(struct dc_player *player, const struct dc_url *url, uint32_t refresh_mhz,
                                     bool audio, int64_t reconnect_us, char *error);
/* Starts the thread. `signal_fd`: a signalfd, or -1. */
bool dc_player_start(struct dc_player *player, const struct dc_player_listener *listener, void *user, int signal_fd);
/* Joins the thread; says goodbye if there is somebody to hear it, hangs up, and deletes the session. */
void dc_player_stop(struct dc_player *player);
void dc_player_finish(struct dc_player *player); // after stop(); frees

/* Sends; fills id and time_us. */
void dc_player_send_input(struct dc_player *player, struct dc_input_event *event);
void dc_player_send_display_shift(struct dc_player *player, int64_t shift_us);
/* Returns the id that the answer will carry. */
uint64_t dc_player_request_stats(struct dc_player *player);
void dc_player_request_keyframe(struct dc_player *player);
/* The decoder made no picture of a frame that was good. Any thread. */
void dc_player_handle_decoder_failure(struct dc_player *player);
void dc_player_get_stats(struct dc_player *player, struct dc_instance_stats *stats);
enum dc_player_state dc_player_get_state(struct dc_player *player);

#endif
