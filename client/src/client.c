#define DC_LOG_COMPONENT "client"
#include "client.h"

#include <stdio.h>
#include <string.h>

#include <common/clock.h>
#include <common/log.h>
#include <protocol/rtp/opus_payload.h>

#include "exit_code.h"
#include "headless.h"

static void
wake(struct dc_client *client)
{
    client->wake(client->wake_user);
}

static void
handle_wake(void *user)
{
    wake(user);
}

static void
handle_video(void *user, const struct dc_access_unit *unit, bool is_good, int64_t clock_offset_us)
{
    struct dc_client *client = user;
    struct dc_frame_record record = {
        .frame_id = unit->meta.frame_id,
        .size_bytes = unit->size_bytes,
        .keyframe = unit->keyframe,
        .hidden = !is_good,
        .times = unit->meta.times,
        .clock_offset_us = clock_offset_us,
        .first_packet_us = unit->first_packet_us,
        .last_packet_us = unit->last_packet_us,
        .input_id_count = unit->meta.input_id_count,
        .input_to_present_us = -1,
    };
    memcpy(record.input_ids, unit->meta.input_ids, sizeof(record.input_ids));
    AVPacket *packet = av_packet_alloc();
    if (packet && av_new_packet(packet, (int)unit->size_bytes) == 0) {
        memcpy(packet->data, unit->data, unit->size_bytes);
        if (!dc_decoder_push(&client->decoder, packet, &record))
            dc_player_handle_decoder_failure(&client->player);
        if (client->records)
            dc_recorder_push_video(&client->recorder, packet, unit->keyframe, unit->timestamp, unit->last_packet_us);
    }
    av_packet_free(&packet);
}

static void
handle_audio(void *user, const struct dc_rtp_packet *packet, int64_t now_us)
{
    struct dc_client *client = user;
    uint32_t duration = dc_opus_duration(packet->payload, packet->payload_bytes);
    if (client->audio_works)
        dc_audio_push(&client->audio, packet);
    if (client->records && duration)
        dc_recorder_push_audio(&client->recorder, packet->payload, packet->payload_bytes, duration, packet->timestamp,
                               now_us);
}

static void
handle_reconnected(void *user)
{
    struct dc_client *client = user;
    dc_audio_restart(&client->audio);
}

static const struct dc_player_listener player_listener = {
    .handle_video = handle_video,
    .handle_audio = handle_audio,
    .handle_wake = handle_wake,
    .handle_reconnected = handle_reconnected,
};

static void
dump_picture(struct dc_client *client, const struct dc_picture *picture)
{
    const AVFrame *frame = picture->frame;
    const uint8_t *const planes[] = { frame->data[0], frame->data[1], frame->data[2] };
    const int32_t strides[] = { frame->linesize[0], frame->linesize[1], frame->linesize[2] };
    dc_y4m_write(&client->dump, picture->record.frame_id, (uint32_t)frame->width, (uint32_t)frame->height, planes, strides);
}

static void
handle_picture(void *user, struct dc_picture *picture)
{
    struct dc_client *client = user;
    if (picture->record.hidden) {
        dc_measure_frame_skipped(&client->measure, &picture->record);
        dc_picture_destroy(picture);
        return;
    }
    if (client->options->dump_frames)
        dump_picture(client, picture);
    struct dc_picture *skipped = dc_picture_slot_put(&client->slot, picture);
    if (skipped)
        dc_measure_frame_skipped(&client->measure, &skipped->record);
    dc_picture_destroy(skipped);
    wake(client);
}

static void
handle_decoder_error(void *user)
{
    struct dc_client *client = user;
    dc_player_handle_decoder_failure(&client->player);
}

static const struct dc_decoder_listener decoder_listener = {
    .handle_picture = handle_picture,
    .handle_error = handle_decoder_error,
};

static bool
fail(struct dc_client *client, int exit_code)
{
    if (!client->exit_code)
        client->exit_code = exit_code;
    return false;
}

static bool
open_session(struct dc_client *client, uint32_t refresh_mhz)
{
    const struct dc_url *url = &client->options->url;
    char error[256] = "";
    client->player_opened = true;
    switch (dc_player_open(&client->player, url, refresh_mhz, client->options->settings.audio,
                           (int64_t)(client->options->reconnect_s * 1e6), error)) {
    case DC_PLAYER_OK:
        return true;
    case DC_PLAYER_CANNOT_CONNECT:
        fprintf(stderr, "dc-client: cannot connect to %s port %u: %s\n", url->host, url->port, error);
        return fail(client, DC_EXIT_CONNECT);
    case DC_PLAYER_WAS_REFUSED:
        fprintf(stderr, "dc-client: refused by %s port %u: %s\n", url->host, url->port, error);
        return fail(client, DC_EXIT_REFUSED);
    case DC_PLAYER_WAS_LOST:
        fprintf(stderr, "dc-client: %s port %u: %s\n", url->host, url->port, error);
        return fail(client, DC_EXIT_LOST);
    }
    return false;
}

bool
dc_client_open(struct dc_client *client, const struct dc_options *options, uint32_t refresh_mhz)
{
    *client = (struct dc_client){ .options = options, .dump.fd = -1 };
    dc_picture_slot_init(&client->slot, options->headless ? DC_HEADLESS_PICTURES : 1);
    client->audio_works = dc_audio_init(&client->audio) && options->settings.audio;
    if (!dc_measure_init(&client->measure, options->report || options->csv))
        return fail(client, DC_EXIT_LOCAL);
    if (options->script && !dc_script_load(&client->script, options->script))
        return fail(client, DC_EXIT_SCRIPT);
    if (options->record) {
        client->records = dc_recorder_start(&client->recorder, options->record, options->settings.audio);
        if (!client->records)
            return fail(client, DC_EXIT_OUTPUT);
    }
    int error = options->dump_frames ? dc_y4m_open(&client->dump, options->dump_frames) : 0;
    if (error) {
        fprintf(stderr, "dc-client: --dump-frames %s: %s\n", options->dump_frames, strerror(-error));
        return fail(client, DC_EXIT_OUTPUT);
    }
    return open_session(client, refresh_mhz);
}

bool
dc_client_start(struct dc_client *client, int signal_fd)
{
    client->started_us = dc_clock_now_us();
    client->decoder_runs = true; // stop() accepts a half-started one
    if (!dc_decoder_start(&client->decoder, client->options->settings.decoder, &decoder_listener, client))
        return fail(client, DC_EXIT_LOCAL);
    if (!dc_player_start(&client->player, &player_listener, client, signal_fd))
        return fail(client, DC_EXIT_LOCAL);
    return true;
}

void
dc_client_send_input(struct dc_client *client, struct dc_input_event *event)
{
    dc_player_send_input(&client->player, event);
    dc_measure_input_sent(&client->measure, event->id, event->time_us);
}

struct dc_picture *
dc_client_take_picture(struct dc_client *client)
{
    return dc_picture_slot_take(&client->slot);
}

void
dc_client_skipped(struct dc_client *client, struct dc_picture *picture)
{
    dc_measure_frame_skipped(&client->measure, &picture->record);
    dc_picture_destroy(picture);
}

void
dc_client_presented(struct dc_client *client, struct dc_picture *picture, int64_t present_us)
{
    double at_s = client->options->screenshot_at_s;
    if (!client->first_frame_us)
        client->first_frame_us = present_us;
    // The one that was on screen at that time is the one before the first that came later.
    if (client->options->screenshot && at_s >= 0 && !client->screenshot && client->shown &&
        present_us - client->first_frame_us > (int64_t)(at_s * 1e6))
        client->screenshot = av_frame_clone(client->shown->frame);
    picture->record.presented_us = present_us;
    dc_measure_frame_presented(&client->measure, &picture->record);
    dc_picture_destroy(client->shown);
    client->shown = picture;
}

void
dc_client_quit(struct dc_client *client)
{
    client->user_quit = true;
}

bool
dc_client_is_running(const struct dc_client *client)
{
    return client->phase != DC_CLIENT_DONE;
}
