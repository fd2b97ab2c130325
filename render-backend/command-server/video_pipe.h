#ifndef DC_COMMAND_SERVER_VIDEO_PIPE_H
#define DC_COMMAND_SERVER_VIDEO_PIPE_H
/*
 * Between the compositor and the video encoder: a thread that encodes, and one place for the frame that comes next. The
 * newest frame wins that place; what the one before it was to show first (input ids) passes to it.
 * Any thread may call anything except create and destroy.
 */
#include <stdbool.h>
#include <stdint.h>

#include <encoder/video/encoder.h>
#include <encoder/video/tap.h>

struct dc_video_pipe;

struct dc_video_pipe_config {
    const struct dc_video_encoder_impl *impl;
    struct dc_video_tap *tap; // borrowed; gets every frame before the encoder; NULL: none
    bool may_fall_back; // to libx264, when `impl` fails
    uint32_t refresh_mhz, bitrate_kbps;
    uint32_t threads;  // as dc_video_encoder_config
    char preset[32];   // empty: the encoder's default
    uint32_t kept_frames; // as dc_video_encoder_config, as is the next one
    bool intra_refresh;
    uint32_t rate_divisor; // 0, 1: every frame
};

struct dc_video_pipe_listener {
    void (*handle_packet)(void *user, const struct dc_packet *packet); // required; encoder thread
    void (*handle_failed)(void *user, const char *reason);             // required; encoder thread, once
};

struct dc_video_pipe_stats {
    uint64_t frames, bytes, superseded, keyframes, invalidated;
};

struct dc_video_pipe *dc_video_pipe_create(const struct dc_video_pipe_config *config,
                                           const struct dc_video_pipe_listener *listener, void *user);
/* Waits for the frame in the encoder. */
void dc_video_pipe_destroy(struct dc_video_pipe *pipe);
/* Takes the frame (released through its callback). Sets its frame_id, consecutive in encoding order, and returns it. A
 * frame of another size than the last one gets a new encoder. */
uint64_t dc_video_pipe_push(struct dc_video_pipe *pipe, struct dc_frame *frame);
void dc_video_pipe_request_keyframe(struct dc_video_pipe *pipe);
void dc_video_pipe_set_bitrate(struct dc_video_pipe *pipe, uint32_t bitrate_kbps);
/* At most every n-th refresh is encoded, at the same bit rate: frames between are superseded, the last one never is. */
void dc_video_pipe_set_rate_divisor(struct dc_video_pipe *pipe, uint32_t divisor);
/* The next frame gets a new encoder. */
void dc_video_pipe_set_refresh(struct dc_video_pipe *pipe, uint32_t refresh_mhz);
/* The client is without this frame and those that depend on it: the next one refers to older ones, or is a key frame, of
 * which this makes at most four a second (a client asks again). */
void dc_video_pipe_invalidate(struct dc_video_pipe *pipe, uint64_t first_lost_id);
/* Where it is a change, the next frame gets a new encoder. */
void dc_video_pipe_set_resilience(struct dc_video_pipe *pipe, uint32_t kept_frames, bool intra_refresh);
void dc_video_pipe_get_stats(struct dc_video_pipe *pipe, struct dc_video_pipe_stats *stats);

#endif
