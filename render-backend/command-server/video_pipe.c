#include "video_pipe.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#define DC_LOG_COMPONENT "worker"
#include <common/clock.h>
#include <common/log.h>

#define KEYFRAME_INTERVAL_US 250000 // between two that a loss makes

struct dc_video_pipe {
    struct dc_video_pipe_config config; // what can be set is protected by lock, the rest constant
    const struct dc_video_pipe_listener *listener;
    void *user;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    // protected by lock
    struct dc_frame *next; // NULL: nothing to encode
    uint64_t last_frame_id;
    int64_t next_us, taken_us; // when `next` came, when the last one was taken
    bool stop, keyframe, bitrate_changed, renew; // renew: the next frame gets a new encoder
    uint64_t first_lost_id;                      // 0: nothing was lost
    struct dc_video_pipe_stats stats;
    // encoder thread only
    struct dc_video_encoder *encoder;
    uint32_t width, height;
    bool failed;
    int64_t keyframe_us; // when the last one was encoded
};

static void
release(struct dc_frame *frame)
{
    if (frame->release)
        frame->release(frame);
}

static void
handle_packet(void *user, const struct dc_packet *packet)
{
    struct dc_video_pipe *pipe = user;
    pthread_mutex_lock(&pipe->lock);
    pipe->stats.frames++;
    pipe->stats.bytes += packet->size_bytes;
    pipe->stats.keyframes += packet->keyframe;
    pthread_mutex_unlock(&pipe->lock);
    if (packet->keyframe)
        pipe->keyframe_us = dc_clock_now_us();
    pipe->listener->handle_packet(pipe->user, packet);
}

static const struct dc_video_encoder_listener encoder_listener = { .handle_packet = handle_packet };

struct job {
    struct dc_frame *frame;
    bool keyframe, bitrate_changed, renew;
    uint64_t first_lost_id;
    uint32_t refresh_mhz, bitrate_kbps, kept_frames;
    bool intra_refresh;
};

static uint32_t
rate_divisor(const struct dc_video_pipe *pipe)
{
    return pipe->config.rate_divisor > 1 ? pipe->config.rate_divisor : 1;
}

/* Until when the waiting frame waits for a newer one; 0: it does not. One that came when its turn was (a quarter of a tick
 * around it) goes at once. One that came too early goes a quarter of a tick late if none follows: the last picture before
 * a screen stands still must be shown. With the lock. */
static int64_t
hold_until_us(const struct dc_video_pipe *pipe)
{
    int64_t tick_us = 1000000000 / (pipe->config.refresh_mhz ? pipe->config.refresh_mhz : 60000);
    int64_t turn_us = pipe->taken_us + tick_us * rate_divisor(pipe);
    if (rate_divisor(pipe) == 1 || !pipe->taken_us || pipe->keyframe || pipe->first_lost_id ||
        pipe->next_us >= turn_us - tick_us / 4)
        return 0;
    return turn_us + tick_us / 4;
}

/* With the lock. */
static void
wait_for_frame(struct dc_video_pipe *pipe)
{
    while (!pipe->stop) {
        int64_t until_us = pipe->next ? hold_until_us(pipe) : 0;
        if (pipe->next && until_us <= dc_clock_now_us())
            return;
        const struct timespec until = { .tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000 };
        if (pipe->next)
            pthread_cond_timedwait(&pipe->wake, &pipe->lock, &until);
        else
            pthread_cond_wait(&pipe->wake, &pipe->lock);
    }
}

/* false: the pipe ends. */
static bool
take_job(struct dc_video_pipe *pipe, struct job *job)
{
    pthread_mutex_lock(&pipe->lock);
    wait_for_frame(pipe);
    pipe->taken_us = dc_clock_now_us();
    *job = (struct job){
        .frame = pipe->next,
        .keyframe = pipe->keyframe,
        .bitrate_changed = pipe->bitrate_changed,
        .renew = pipe->renew,
        .first_lost_id = pipe->first_lost_id,
        .refresh_mhz = pipe->config.refresh_mhz,
        // The encoder counts in frames of the full rate: fewer of them may each be larger, without a new encoder's key frame.
        .bitrate_kbps = pipe->config.bitrate_kbps * rate_divisor(pipe),
        .kept_frames = pipe->config.kept_frames,
        .intra_refresh = pipe->config.intra_refresh,
    };
    bool more = !pipe->stop;
    pipe->next = NULL;
    pipe->keyframe = pipe->bitrate_changed = pipe->renew = false;
    pipe->first_lost_id = 0;
    pthread_mutex_unlock(&pipe->lock);
    return more;
}

/* A GPU's encoder may fail at any time: all its sessions are taken, it was reset. The CPU's goes on. false: it was that one. */
static bool
fall_back(struct dc_video_pipe *pipe)
{
    const struct dc_video_encoder_impl *impl = pipe->config.impl;
    if (impl == &dc_video_encoder_x264 || !pipe->config.may_fall_back)
        return false;
    if (pipe->encoder)
        impl->destroy(pipe->encoder);
    pipe->encoder = NULL;
    pipe->config.impl = &dc_video_encoder_x264;
    dc_warn("the video encoder %s has failed: libx264 on the CPU instead", impl->name);
    return true;
}

static bool
ensure_encoder(struct dc_video_pipe *pipe, const struct job *job)
{
    const struct dc_video_encoder_impl *impl = pipe->config.impl;
    bool same = pipe->width == job->frame->width && pipe->height == job->frame->height && !job->renew;
    if (pipe->encoder && same)
        return !job->bitrate_changed || impl->set_bitrate(pipe->encoder, job->bitrate_kbps);
    if (pipe->encoder)
        impl->destroy(pipe->encoder);
    const struct dc_video_encoder_config config = {
        .width = job->frame->width,
        .height = job->frame->height,
        .refresh_mhz = job->refresh_mhz,
        .bitrate_kbps = job->bitrate_kbps,
        .threads = pipe->config.threads,
        .preset = pipe->config.preset[0] ? pipe->config.preset : NULL,
        .kept_frames = job->kept_frames,
        .intra_refresh = job->intra_refresh,
    };
    pipe->encoder = impl->create(&config, &encoder_listener, pipe);
    if (!pipe->encoder && fall_back(pipe))
        pipe->encoder = pipe->config.impl->create(&config, &encoder_listener, pipe);
    pipe->width = config.width;
    pipe->height = config.height;
    return pipe->encoder != NULL;
}

/* true: what was lost cannot be gone around, a key frame is due. */
static bool
needs_keyframe(struct dc_video_pipe *pipe, const struct job *job)
{
    const struct dc_video_encoder_impl *impl = pipe->config.impl;
    if (!job->first_lost_id || job->keyframe)
        return job->keyframe;
    pthread_mutex_lock(&pipe->lock);
    pipe->stats.invalidated++;
    pthread_mutex_unlock(&pipe->lock);
    if (impl->invalidate && impl->invalidate(pipe->encoder, job->first_lost_id))
        return false;
    return dc_clock_now_us() - pipe->keyframe_us >= KEYFRAME_INTERVAL_US;
}

static void
encode(struct dc_video_pipe *pipe, const struct job *job)
{
    const char *reason = NULL;
    if (pipe->failed) {
        release(job->frame);
        return;
    }
    if (pipe->config.tap)
        dc_video_tap_write(pipe->config.tap, job->frame);
    if (!ensure_encoder(pipe, job)) {
        release(job->frame);
        reason = "the video encoder does not start";
    } else if (!pipe->config.impl->encode(pipe->encoder, job->frame, needs_keyframe(pipe, job)) && !fall_back(pipe)) {
        reason = "the video encoder failed";
    }
    if (reason) {
        pipe->failed = true;
        pipe->listener->handle_failed(pipe->user, reason);
    }
}

static void *
run(void *user)
{
    struct dc_video_pipe *pipe = user;
    struct job job;
    prctl(PR_SET_NAME, "dc-encoder", 0, 0, 0);
    while (take_job(pipe, &job))
        encode(pipe, &job);
    if (job.frame)
        release(job.frame);
    if (pipe->encoder)
        pipe->config.impl->destroy(pipe->encoder);
    return NULL;
}

struct dc_video_pipe *
dc_video_pipe_create(const struct dc_video_pipe_config *config, const struct dc_video_pipe_listener *listener,
                     void *user)
{
    struct dc_video_pipe *pipe = calloc(1, sizeof *pipe);
    if (!pipe)
        return NULL;
    *pipe = (struct dc_video_pipe){ .config = *config, .listener = listener, .user = user, .keyframe = true };
    pthread_mutex_init(&pipe->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC); // dc_clock_now_us()'s
    pthread_cond_init(&pipe->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&pipe->thread, NULL, run, pipe) != 0) {
        dc_error("video encoder: no thread");
        free(pipe);
        return NULL;
    }
    return pipe;
}

void
dc_video_pipe_destroy(struct dc_video_pipe *pipe)
{
    if (!pipe)
        return;
    pthread_mutex_lock(&pipe->lock);
    pipe->stop = true;
    pthread_cond_signal(&pipe->wake);
    pthread_mutex_unlock(&pipe->lock);
    pthread_join(pipe->thread, NULL);
    pthread_cond_destroy(&pipe->wake);
    pthread_mutex_destroy(&pipe->lock);
    free(pipe);
}

/* The newer frame is now the first to show what the older one was to show; the oldest ids are kept, as they have
 * waited longest. */
static void
inherit_inputs(struct dc_frame_meta *newer, const struct dc_frame_meta *older)
{
    struct dc_frame_meta merged = *older;
    for (uint32_t i = 0; i < newer->input_id_count && merged.input_id_count < DC_FRAME_MAX_INPUT_IDS; i++)
        merged.input_ids[merged.input_id_count++] = newer->input_ids[i];
    memcpy(newer->input_ids, merged.input_ids, sizeof newer->input_ids);
    newer->input_id_count = merged.input_id_count;
}

uint64_t
dc_video_pipe_push(struct dc_video_pipe *pipe, struct dc_frame *frame)
{
    pthread_mutex_lock(&pipe->lock);
    struct dc_frame *old = pipe->next;
    if (old) {
        inherit_inputs(&frame->meta, &old->meta);
        pipe->stats.superseded++;
    } else {
        pipe->last_frame_id++; // a superseded frame's id goes to its successor: the client sees no hole
    }
    uint64_t frame_id = frame->meta.frame_id = pipe->last_frame_id;
    pipe->next = frame;
    pipe->next_us = dc_clock_now_us();
    pthread_cond_signal(&pipe->wake);
    pthread_mutex_unlock(&pipe->lock);
    if (old)
        release(old);
    return frame_id;
}

void
dc_video_pipe_request_keyframe(struct dc_video_pipe *pipe)
{
    pthread_mutex_lock(&pipe->lock);
    pipe->keyframe = true;
    pthread_cond_signal(&pipe->wake);
    pthread_mutex_unlock(&pipe->lock);
}

void
dc_video_pipe_set_bitrate(struct dc_video_pipe *pipe, uint32_t bitrate_kbps)
{
    pthread_mutex_lock(&pipe->lock);
    pipe->config.bitrate_kbps = bitrate_kbps;
    pipe->bitrate_changed = true;
    pthread_mutex_unlock(&pipe->lock);
}

void
dc_video_pipe_set_rate_divisor(struct dc_video_pipe *pipe, uint32_t divisor)
{
    pthread_mutex_lock(&pipe->lock);
    if (rate_divisor(pipe) != divisor) {
        pipe->config.rate_divisor = divisor;
        pipe->bitrate_changed = true;
        pthread_cond_signal(&pipe->wake);
    }
    pthread_mutex_unlock(&pipe->lock);
}

void
dc_video_pipe_set_refresh(struct dc_video_pipe *pipe, uint32_t refresh_mhz)
{
    pthread_mutex_lock(&pipe->lock);
    if (pipe->config.refresh_mhz != refresh_mhz) {
        pipe->config.refresh_mhz = refresh_mhz;
        pipe->renew = true;
    }
    pthread_mutex_unlock(&pipe->lock);
}

void
dc_video_pipe_invalidate(struct dc_video_pipe *pipe, uint64_t first_lost_id)
{
    pthread_mutex_lock(&pipe->lock);
    if (!pipe->first_lost_id || first_lost_id < pipe->first_lost_id)
        pipe->first_lost_id = first_lost_id;
    pthread_cond_signal(&pipe->wake);
    pthread_mutex_unlock(&pipe->lock);
}

void
dc_video_pipe_set_resilience(struct dc_video_pipe *pipe, uint32_t kept_frames, bool intra_refresh)
{
    pthread_mutex_lock(&pipe->lock);
    if (pipe->config.kept_frames != kept_frames || pipe->config.intra_refresh != intra_refresh) {
        pipe->config.kept_frames = kept_frames;
        pipe->config.intra_refresh = intra_refresh;
        pipe->renew = true;
    }
    pthread_mutex_unlock(&pipe->lock);
}

void
dc_video_pipe_get_stats(struct dc_video_pipe *pipe, struct dc_video_pipe_stats *stats)
{
    pthread_mutex_lock(&pipe->lock);
    *stats = pipe->stats;
    pthread_mutex_unlock(&pipe->lock);
}
