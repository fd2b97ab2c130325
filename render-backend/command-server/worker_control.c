#include "worker_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <common/clock.h>
#include <common/wire.h>

#define DC_LOG_COMPONENT "worker"
#include <common/log.h>

#define MAX_BITRATE_KBPS 400000u
#define MAX_RATE_DIVISOR 4u
#define MAX_PCM_FRAMES 48000u

static void
handle_video_packet(void *user, const struct dc_packet *packet)
{
    dc_worker_send_packet(user, packet);
}

static void
handle_video_failed(void *user, const char *reason)
{
    dc_worker_fail(user, reason);
}

static void
handle_audio_packet(void *user, const struct dc_packet *packet)
{
    struct dc_worker *worker = user;
    worker->audio_packets++;
    dc_worker_send_packet(worker, packet);
}

static uint32_t
clamp(uint32_t value, uint32_t min, uint32_t max)
{
    return value < min ? min : value > max ? max : value;
}

static bool
check_size(const struct dc_worker *worker, uint32_t width, uint32_t height)
{
    const struct dc_quotas *quotas = &worker->config->quotas;
    if (width >= 16 && height >= 16 && width <= quotas->max_width && height <= quotas->max_height)
        return true;
    dc_error("size %ux%u is outside 16x16 to %ux%u", width, height, quotas->max_width, quotas->max_height);
    return false;
}

static bool
create_encoders(struct dc_worker *worker, const Dc__Render__Start *start)
{
    static const struct dc_video_pipe_listener video_listener = {
        .handle_packet = handle_video_packet,
        .handle_failed = handle_video_failed,
    };
    static const struct dc_audio_encoder_listener audio_listener = { .handle_packet = handle_audio_packet };
    struct dc_video_pipe_config video = {
        .impl = worker->video_impl,
        .may_fall_back = true,
        .tap = worker->tap,
        .refresh_mhz = clamp(start->refresh_mhz ? start->refresh_mhz : 60000, 1000, 480000),
        .bitrate_kbps = clamp(start->bitrate_kbps ? start->bitrate_kbps : 4000, 100, MAX_BITRATE_KBPS),
    };
    const struct dc_audio_encoder_config audio = {
        .frame_ms = start->audio_frame_ms == 5 ? 5 : 10,
        .bitrate_kbps = clamp(start->audio_bitrate_kbps ? start->audio_bitrate_kbps : 128, 16, 510),
        .dtx = true,
    };
    snprintf(video.preset, sizeof video.preset, "%s", start->x264_preset);
    worker->video = dc_video_pipe_create(&video, &video_listener, worker);
    worker->audio = dc_audio_encoder_create(&audio, &audio_listener, worker);
    return worker->video && worker->audio;
}

static bool
handle_start(struct dc_worker *worker, const Dc__Render__Start *start)
{
    if (worker->started || !check_size(worker, start->width, start->height) || !create_encoders(worker, start)) {
        dc_worker_fail(worker, worker->started ? "started twice" : "cannot start: size or encoder settings");
        return false;
    }
    worker->started = true;
    dc_renderer_resize(worker->renderer, start->width, start->height);

    struct dc_writer profile;
    dc_writer_init(&profile);
    bool ok = dc_renderer_pack_profile(worker->renderer, &profile) && !profile.failed;
    if (ok) {
        Dc__Render__Hello hello = DC__RENDER__HELLO__INIT;
        Dc__Render__FromWorker message = DC__RENDER__FROM_WORKER__INIT;
        hello.profile = (ProtobufCBinaryData){ .data = profile.data, .len = profile.size_bytes };
        hello.gpu = (char *)dc_renderer_gpu_name(worker->renderer);
        message.body_case = DC__RENDER__FROM_WORKER__BODY_HELLO;
        message.hello = &hello;
        dc_worker_send(worker, &message);
        dc_info("started: %ux%u, %s", start->width, start->height, hello.gpu);
    } else {
        dc_worker_fail(worker, "the driver's profile cannot be read");
    }
    dc_writer_finish(&profile);
    return ok;
}

static bool
handle_ring_attach(struct dc_worker *worker, const Dc__Render__RingAttach *attach, struct dc_channel_message *message)
{
    const struct dc_ring_fds fds = { message->fds[0], message->fds[1], message->fds[2] };
    if (!worker->started || !attach->ring_id || fds.memfd < 0 || fds.cmd_eventfd < 0) {
        dc_error("RingAttach %u: before Start, or without its descriptors", attach->ring_id);
        dc_worker_fail(worker, "malformed RingAttach");
        return false;
    }
    message->fds[0] = message->fds[1] = message->fds[2] = -1;
    int error = dc_renderer_attach_ring(worker->renderer, attach->ring_id, &fds, attach->process);
    if (error) {
        dc_error("ring %u (%s): %s", attach->ring_id, attach->process, strerror(-error));
        dc_worker_fail(worker, "a ring cannot be attached");
    }
    return error == 0;
}

static void
handle_encoder_update(struct dc_worker *worker, const Dc__Render__EncoderUpdate *update)
{
    if (update->bitrate_kbps)
        dc_video_pipe_set_bitrate(worker->video, clamp(update->bitrate_kbps, 100, MAX_BITRATE_KBPS));
    if (update->rate_divisor)
        dc_video_pipe_set_rate_divisor(worker->video, clamp(update->rate_divisor, 1, MAX_RATE_DIVISOR));
    dc_renderer_set_paused(worker->renderer, update->paused);
    if (update->kept_frames)
        dc_video_pipe_set_resilience(worker->video, clamp(update->kept_frames, 1, 16), update->intra_refresh);
    if (update->first_lost_id)
        dc_video_pipe_invalidate(worker->video, update->first_lost_id);
    if (update->keyframe)
        dc_video_pipe_request_keyframe(worker->video);
    if (update->keyframe || update->first_lost_id)
        dc_renderer_repaint(worker->renderer); // a still screen makes no frame of itself
}

static uint64_t
resident_bytes(const struct dc_worker *worker)
{
    char text[128];
    ssize_t got = worker->statm_fd < 0 ? -1 : pread(worker->statm_fd, text, sizeof text - 1, 0);
    unsigned long long pages = 0;
    if (got > 0) {
        text[got] = '\0';
        if (sscanf(text, "%*u %llu", &pages) != 1)
            pages = 0;
    }
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void
handle_stats_request(struct dc_worker *worker, const Dc__Render__StatsRequest *request)
{
    Dc__Render__Stats stats = DC__RENDER__STATS__INIT;
    Dc__Render__FromWorker message = DC__RENDER__FROM_WORKER__INIT;
    struct dc_video_pipe_stats video = { 0 };
    struct dc_renderer_stats renderer = { 0 };
    if (worker->video)
        dc_video_pipe_get_stats(worker->video, &video);
    dc_renderer_get_stats(worker->renderer, &renderer);
    stats.id = request->id;
    stats.cpu_us = dc_clock_process_cpu_us();
    stats.frames_encoded = video.frames;
    stats.video_bytes = video.bytes;
    stats.audio_packets = worker->audio_packets;
    stats.commands = renderer.commands;
    stats.rss_bytes = resident_bytes(worker);
    message.body_case = DC__RENDER__FROM_WORKER__BODY_STATS;
    message.stats = &stats;
    dc_worker_send(worker, &message);
}

static bool
handle_resize(struct dc_worker *worker, const Dc__Render__Resize *resize)
{
    if (!worker->started || !check_size(worker, resize->width, resize->height)) {
        dc_worker_fail(worker, "resize to an impossible size");
        return false;
    }
    if (resize->refresh_mhz)
        dc_video_pipe_set_refresh(worker->video, clamp(resize->refresh_mhz, 1000, 480000));
    dc_renderer_resize(worker->renderer, resize->width, resize->height);
    return true;
}

static bool
handle_control(struct dc_worker *worker, const Dc__Render__ToWorker *control, struct dc_channel_message *message)
{
    if (!worker->started && control->body_case != DC__RENDER__TO_WORKER__BODY_START &&
        control->body_case != DC__RENDER__TO_WORKER__BODY_STATS_REQUEST &&
        control->body_case != DC__RENDER__TO_WORKER__BODY_STOP) {
        dc_error("message %d before Start", (int)control->body_case);
        dc_worker_fail(worker, "the first message is not Start");
        return false;
    }
    switch (control->body_case) {
    case DC__RENDER__TO_WORKER__BODY_START: return handle_start(worker, control->start);
    case DC__RENDER__TO_WORKER__BODY_RING_ATTACH: return handle_ring_attach(worker, control->ring_attach, message);
    case DC__RENDER__TO_WORKER__BODY_RING_CLOSE:
        dc_renderer_close_ring(worker->renderer, control->ring_close->ring_id);
        return true;
    case DC__RENDER__TO_WORKER__BODY_PRESENT:
        dc_renderer_present(worker->renderer, control->present);
        return true;
    case DC__RENDER__TO_WORKER__BODY_ENCODER: handle_encoder_update(worker, control->encoder); return true;
    case DC__RENDER__TO_WORKER__BODY_RESIZE: return handle_resize(worker, control->resize);
    case DC__RENDER__TO_WORKER__BODY_STATS_REQUEST: handle_stats_request(worker, control->stats_request); return true;
    case DC__RENDER__TO_WORKER__BODY_STOP: worker->stopped = true; return false;
    default: return true; // a newer supervisor's message that we do not know
    }
}

static bool
handle_pcm(struct dc_worker *worker, const struct dc_channel_message *message)
{
    struct dc_reader r;
    dc_reader_init(&r, message->payload, message->size_bytes);
    int64_t time_us = (int64_t)dc_reader_u64le(&r);
    size_t size_bytes = dc_reader_left(&r);
    if (r.failed || size_bytes % 4 || size_bytes / 4 > MAX_PCM_FRAMES || !worker->audio) {
        dc_error("malformed PCM message of %zu bytes", message->size_bytes);
        dc_worker_fail(worker, "malformed PCM");
        return false;
    }
    int16_t *samples = malloc(size_bytes ? size_bytes : 1); // the message may lie at an odd address
    if (samples) {
        memcpy(samples, message->payload + 8, size_bytes);
        dc_audio_encoder_push(worker->audio, time_us, samples, (uint32_t)(size_bytes / 4));
        free(samples);
    }
    return true;
}

bool
dc_worker_handle_message(void *user, struct dc_channel_message *message)
{
    struct dc_worker *worker = user;
    if (message->type == DC_LINK_PCM)
        return handle_pcm(worker, message);
    if (message->type != DC_LINK_CONTROL) {
        dc_error("unknown link message %u", message->type);
        dc_worker_fail(worker, "unknown link message");
        return false;
    }
    Dc__Render__ToWorker *control = dc__render__to_worker__unpack(NULL, message->size_bytes, message->payload);
    if (!control) {
        dc_error("malformed control message of %zu bytes", message->size_bytes);
        dc_worker_fail(worker, "malformed control message");
        return false;
    }
    bool more = handle_control(worker, control, message);
    dc__render__to_worker__free_unpacked(control, NULL);
    return more;
}
