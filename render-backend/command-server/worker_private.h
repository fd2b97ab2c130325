#ifndef DC_COMMAND_SERVER_WORKER_PRIVATE_H
#define DC_COMMAND_SERVER_WORKER_PRIVATE_H
/* Shared by worker.c (life, loop, sending) and worker_control.c (what the messages do). */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <encoder/audio/encoder.h>
#include <protocol/link/channel.h>
#include <render-backend/renderer/renderer.h>
#include <render.pb-c.h>

#include "video_pipe.h"
#include "worker.h"

struct dc_worker {
    const struct dc_worker_config *config;
    struct dc_channel *channel; // sending: any thread
    struct dc_renderer *renderer;
    const struct dc_video_encoder_impl *video_impl; // chosen before the sandbox
    struct dc_video_pipe *video; // set by Start before the first frame, then constant
    struct dc_video_tap *tap;    // NULL: frames are not dumped; encoder thread from Start on
    struct dc_audio_encoder *audio; // main thread only
    int wake_fd;                // eventfd: another thread queued something or failed
    int statm_fd;               // /proc/self/statm, opened before the sandbox
    bool started, stopped;      // main thread only
    atomic_bool failed;
    atomic_bool active; // the renderer is to be watched
    uint64_t audio_packets; // main thread only
};

/* Any thread. Ends the worker when the peer does not read any more. */
void dc_worker_send(struct dc_worker *worker, const Dc__Render__FromWorker *message);
void dc_worker_send_packet(struct dc_worker *worker, const struct dc_packet *packet);
/* Any thread. Sends Failed; the main thread ends the process once that is out. */
void dc_worker_fail(struct dc_worker *worker, const char *reason);

/* Main thread: one message of the channel. false: the worker ends. */
bool dc_worker_handle_message(void *user, struct dc_channel_message *message);

#endif
