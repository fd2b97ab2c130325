/* What comes over the link: the worker's messages, packets, and its end. */
#include <stdio.h>
#include <string.h>

#define DC_LOG_COMPONENT "instance"
#include <common/log.h>
#include <instance/link/link.h>
#include <instance/network/server.h>
#include <render.pb-c.h>
#include <vhal/display.h>

#include "exit_status.h"
#include "instance.h"

static void
send_message(struct dc_instance *instance, const Dc__Render__ToWorker *message)
{
    if (!instance->link || instance->link_closed)
        return;
    int error = dc_link_send(instance->link, message);
    if (error)
        dc_warn("a message to the worker is lost: %s", strerror(-error));
}

bool
dc_worker_start(struct dc_instance *instance)
{
    const struct dc_options *options = instance->options;
    Dc__Render__Start start = DC__RENDER__START__INIT;
    Dc__Render__ToWorker message = DC__RENDER__TO_WORKER__INIT;
    start.width = options->width;
    start.height = options->height;
    start.refresh_mhz = options->refresh_mhz;
    start.bitrate_kbps = options->bitrate_kbps;
    start.audio_frame_ms = options->audio_frame_ms;
    message.body_case = DC__RENDER__TO_WORKER__BODY_START;
    message.start = &start;
    return dc_link_send(instance->link, &message) == 0;
}

void
dc_worker_set_encoder(struct dc_instance *instance, bool paused, bool keyframe)
{
    Dc__Render__EncoderUpdate update = DC__RENDER__ENCODER_UPDATE__INIT;
    Dc__Render__ToWorker message = DC__RENDER__TO_WORKER__INIT;
    update.paused = paused || instance->encoder_skips;
    update.keyframe = keyframe;
    message.body_case = DC__RENDER__TO_WORKER__BODY_ENCODER;
    message.encoder = &update;
    send_message(instance, &message);
}

void
dc_worker_tune_encoder(struct dc_instance *instance, const struct dc_network_encoder_wish *wish)
{
    Dc__Render__EncoderUpdate update = DC__RENDER__ENCODER_UPDATE__INIT;
    Dc__Render__ToWorker message = DC__RENDER__TO_WORKER__INIT;
    dc_debug("the line to the client takes %u kb/s%s%s%s", wish->bitrate_kbps, wish->skip ? ", is full" : "",
             wish->rate_divisor > 1 ? ", not every frame" : "", wish->first_lost_id ? ", lost a frame" : "");
    instance->encoder_skips = wish->skip;
    update.bitrate_kbps = wish->bitrate_kbps;
    update.rate_divisor = wish->rate_divisor > 1 ? wish->rate_divisor : 1;
    update.paused = wish->skip || !instance->client_connected;
    update.first_lost_id = wish->first_lost_id;
    update.kept_frames = wish->kept_frames;
    message.body_case = DC__RENDER__TO_WORKER__BODY_ENCODER;
    message.encoder = &update;
    send_message(instance, &message);
}

void
dc_worker_request_stats(struct dc_instance *instance)
{
    Dc__Render__StatsRequest request = DC__RENDER__STATS_REQUEST__INIT;
    Dc__Render__ToWorker message = DC__RENDER__TO_WORKER__INIT;
    request.id = ++instance->stats_id;
    message.body_case = DC__RENDER__TO_WORKER__BODY_STATS_REQUEST;
    message.stats_request = &request;
    send_message(instance, &message);
}

static bool
accept_first(struct dc_instance *instance, const Dc__Render__Hello *hello)
{
    dc_image_writer_set_link(&instance->images, instance->link);
    return dc_frontend_server_set_profile(&instance->frontends, instance->link, hello->profile.data, hello->profile.len);
}

static void
handle_hello(struct dc_instance *instance, const Dc__Render__Hello *hello)
{
    if (instance->worker_ready)
        return;
    snprintf(instance->gpu, sizeof(instance->gpu), "%s", hello->gpu);
    dc_info("worker is ready: %s", instance->gpu);
    if (instance->recovery.going) {
        if (!dc_recovery_finish(instance, hello->profile.data, hello->profile.len))
            return;
    } else if (!accept_first(instance, hello)) {
        dc_instance_stop(instance, DC_EXIT_INTERNAL, "out of memory");
        return;
    }
    struct dc_link_stats stats;
    dc_link_get_stats(instance->link, &stats);
    dc_display_set_link_rtt(instance->display, stats.rtt_us);
    instance->worker_ready = true;
    dc_worker_set_encoder(instance, !instance->client_connected, instance->client_connected);
    dc_worker_request_stats(instance);
    dc_display_repaint(instance->display);
    bool first = !instance->recovery.was_ready;
    instance->recovery.was_ready = true;
    if (first && instance->network && !dc_player_announce(instance)) {
        dc_instance_stop(instance, DC_EXIT_SYSTEM, "no token");
        return;
    }
    dc_instance_try_start_app(instance);
}

static void
handle_stats(struct dc_instance *instance, const Dc__Render__Stats *stats)
{
    instance->worker = (struct dc_worker_stats){
        .cpu_us = stats->cpu_us,
        .frames_encoded = stats->frames_encoded,
        .video_bytes = stats->video_bytes,
        .audio_packets = stats->audio_packets,
        .rss_bytes = stats->rss_bytes,
    };
}

static void
handle_control(void *user, const Dc__Render__FromWorker *message)
{
    struct dc_instance *instance = user;
    switch (message->body_case) {
    case DC__RENDER__FROM_WORKER__BODY_HELLO:
        handle_hello(instance, message->hello);
        break;
    case DC__RENDER__FROM_WORKER__BODY_RELEASE:
        dc_display_handle_release(instance->display, message->release->ring_id, message->release->surface_id,
                                  message->release->seq);
        break;
    case DC__RENDER__FROM_WORKER__BODY_PRESENT_DONE:
        dc_display_handle_present_done(instance->display, message->present_done->present_id,
                                       message->present_done->execute_us);
        break;
    case DC__RENDER__FROM_WORKER__BODY_RING_FAILED:
        dc_error("worker: ring %u, opcode %u: %s", message->ring_failed->ring_id, message->ring_failed->opcode,
                 message->ring_failed->reason);
        break;
    case DC__RENDER__FROM_WORKER__BODY_FAILED:
        dc_error("worker: %s", message->failed->reason);
        break;
    case DC__RENDER__FROM_WORKER__BODY_STATS:
        handle_stats(instance, message->stats);
        break;
    default:
        break; // admission is the link's
    }
}

static void
handle_packet(void *user, const struct dc_packet *packet)
{
    struct dc_instance *instance = user;
    instance->packets++;
    instance->packet_bytes += packet->size_bytes;
    if (instance->network)
        dc_network_send_packet(instance->network, packet);
}

static void
handle_closed(void *user, const char *reason)
{
    struct dc_instance *instance = user;
    int status = instance->recovery.was_ready ? DC_EXIT_LINK_LOST
                 : strncmp(reason, "refused", 7) == 0 ? DC_EXIT_REFUSED
                                                      : DC_EXIT_NO_RENDER;
    char text[256];
    snprintf(text, sizeof(text), "render server: %s", reason);
    instance->link_closed = true;
    if (dc_recovery_begin(instance, reason))
        return;
    dc_frontend_server_lose_link(&instance->frontends);
    dc_image_writer_lose_link(&instance->images);
    if (!instance->stopping)
        dc_error("%s (%s)", text, instance->options->link);
    dc_instance_stop(instance, status, text);
}

const struct dc_link_listener dc_instance_link_listener = {
    .handle_control = handle_control,
    .handle_packet = handle_packet,
    .handle_closed = handle_closed,
};
