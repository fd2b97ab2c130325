#ifndef DC_CLIENT_CLIENT_H
#define DC_CLIENT_CLIENT_H
/*
 * One session, whatever shows it: wires network, decoder, sound, recording and measuring together. A display (window.h,
 * headless.h) runs the main thread: it calls pump(), takes pictures, shows them and says when they were on screen.
 */
#include <stdbool.h>
#include <stdint.h>

#include <common/y4m.h>

#include "audio.h"
#include "decoder.h"
#include "measure.h"
#include "options.h"
#include "picture.h"
#include "player.h"
#include "recorder.h"
#include "report.h"
#include "script.h"

enum dc_client_phase {
    DC_CLIENT_WAITING,   // for the first frame
    DC_CLIENT_WARMUP,
    DC_CLIENT_BEGINNING, // the instance's first numbers are under way
    DC_CLIENT_MEASURING,
    DC_CLIENT_ENDING,    // its last ones are
    DC_CLIENT_DONE,
};

struct dc_client {
    const struct dc_options *options;
    struct dc_player player;
    struct dc_decoder decoder;
    struct dc_picture_slot slot;
    struct dc_audio audio;
    struct dc_recorder recorder;
    struct dc_y4m dump; // --dump-frames; decoder thread while that runs
    struct dc_measure measure;
    struct dc_script script;
    bool player_opened, decoder_runs, audio_works, records;
    /* Set by the display before start: wakes its loop; any thread. */
    void (*wake)(void *user);
    void *wake_user;
    // Main thread only from here on.
    enum dc_client_phase phase;
    int64_t started_us, first_frame_us, phase_deadline_us;
    uint64_t stats_id;    // of the request that a phase waits for, 0: not yet asked
    int64_t stats_ask_us; // when it will be
    struct dc_report report;
    struct dc_picture *shown;    // owned; what is on screen
    AVFrame *screenshot;         // owned; --screenshot-at
    bool user_quit;
    int exit_code;
};

/* Opens the session; on failure prints why and sets exit_code. finish() must be called either way. */
bool dc_client_open(struct dc_client *client, const struct dc_options *options, uint32_t refresh_mhz);
/* Starts the threads; wake and wake_user are set. `signal_fd` as in player.h. */
bool dc_client_start(struct dc_client *client, int signal_fd);
/* Writes what was asked for, prints a summary, frees. Returns the exit code. */
int dc_client_finish(struct dc_client *client);

/* Script, phases, ends. Returns when it wants to be called again, in dc_clock_now_us() time; then the loop goes on
 * while dc_client_is_running(). */
int64_t dc_client_pump(struct dc_client *client);
bool dc_client_is_running(const struct dc_client *client);
void dc_client_quit(struct dc_client *client); // the player wants to leave
/* The newest picture that was not shown yet (headless: the oldest), or NULL; the caller owns it until presented() or
 * skipped(). */
struct dc_picture *dc_client_take_picture(struct dc_client *client);
/* Both take ownership. */
void dc_client_skipped(struct dc_client *client, struct dc_picture *picture); // a newer one came before its tick
void dc_client_presented(struct dc_client *client, struct dc_picture *picture, int64_t present_us);
/* Sends and remembers when. */
void dc_client_send_input(struct dc_client *client, struct dc_input_event *event);

#endif
