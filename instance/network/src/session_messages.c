#define DC_LOG_COMPONENT "network"
#include "session_internal.h"

#include <stdio.h>

#include <common/clock.h>
#include <common/log.h>
#include <protocol/rtp/channel.h>
#include <protocol/rtp/rtcp_feedback.h>

#include "input_message.h"

#define MAX_SHIFT_US 500000

static void
refuse(struct dc_session *session, Dc__Session__Refused *refused, int64_t now_us)
{
    Dc__Session__Control control = DC__SESSION__CONTROL__INIT;
    control.body_case = DC__SESSION__CONTROL__BODY_REFUSED;
    control.refused = refused;
    dc_warn("client refused: %s", refused->text);
    snprintf(session->end_reason, sizeof(session->end_reason), "refused: %s", refused->text);
    dc_session_queue_message(session, DC_CHANNEL_CONTROL, &control.base, now_us);
    dc_session_begin_closing(session, now_us);
}

void
dc_session_refuse_malformed(struct dc_session *session, int64_t now_us)
{
    Dc__Session__Refused refused = DC__SESSION__REFUSED__INIT;
    refused.reason = DC__SESSION__REFUSED__REASON__MALFORMED;
    refused.text = (char *)"the first message is not a Hello";
    refuse(session, &refused, now_us);
}

static void
send_welcome(struct dc_session *session, int64_t now_us)
{
    Dc__Session__Control control = DC__SESSION__CONTROL__INIT;
    Dc__Session__Welcome welcome = DC__SESSION__WELCOME__INIT;
    session->host->fill_welcome(session->user, &welcome);
    welcome.video_payload_type = session->media.video.payload_type;
    welcome.audio_payload_type = session->media.audio.payload_type;
    welcome.video_ssrc = session->media.video.ssrc;
    welcome.audio_ssrc = session->media.audio.ssrc;
    control.body_case = DC__SESSION__CONTROL__BODY_WELCOME;
    control.welcome = &welcome;
    dc_session_queue_message(session, DC_CHANNEL_CONTROL, &control.base, now_us);
}

void
dc_session_handle_hello(struct dc_session *session, const Dc__Session__Hello *hello, int64_t now_us)
{
    Dc__Session__Refused refused = DC__SESSION__REFUSED__INIT;
    if (!session->host->admit(session->user, session, hello, &refused)) {
        refuse(session, &refused, now_us);
        return;
    }
    session->state = DC_SESSION_ADMITTED;
    session->was_admitted = true;
    session->refresh_mhz = hello->refresh_mhz;
    session->media.wants_video = hello->video;
    session->media.wants_audio = hello->audio;
    send_welcome(session, now_us);
}

/* Whoever was admitted by an offer got a Welcome when it connected; a Hello is answered all the same. */
static void
handle_late_hello(struct dc_session *session, const Dc__Session__Hello *hello, int64_t now_us)
{
    if (hello->version != DC_SESSION_VERSION) {
        dc_session_end(session, "another version of the protocol");
        return;
    }
    session->refresh_mhz = hello->refresh_mhz;
    session->host->handle_refresh(session->user, session);
    send_welcome(session, now_us);
}

static void
handle_ping(struct dc_session *session, const Dc__Session__Ping *ping, int64_t now_us)
{
    Dc__Session__Control control = DC__SESSION__CONTROL__INIT;
    Dc__Session__Pong pong = DC__SESSION__PONG__INIT;
    pong.id = ping->id;
    pong.t1_us = ping->t1_us;
    pong.t2_us = now_us;
    pong.t3_us = dc_clock_now_us();
    control.body_case = DC__SESSION__CONTROL__BODY_PONG;
    control.pong = &pong;
    dc_session_queue_message(session, DC_CHANNEL_CONTROL, &control.base, now_us);
}

static void
handle_keyframe_request(struct dc_session *session, int64_t now_us)
{
    if (now_us - session->last_keyframe_request_us < DC_SESSION_KEYFRAME_INTERVAL_US)
        return;
    session->last_keyframe_request_us = now_us;
    session->host->handle_keyframe_request(session->user);
}

static bool
handle_display_shift(struct dc_session *session, int64_t shift_us)
{
    if (shift_us < -MAX_SHIFT_US || shift_us > MAX_SHIFT_US)
        return false;
    session->host->handle_display_shift(session->user, shift_us);
    return true;
}

static bool
handle_control(struct dc_session *session, const uint8_t *data, size_t size_bytes, int64_t now_us)
{
    Dc__Session__Control *control = dc__session__control__unpack(NULL, size_bytes, data);
    bool is_hello = control && control->body_case == DC__SESSION__CONTROL__BODY_HELLO;
    bool known = true;
    if (session->state == DC_SESSION_UNAUTHENTICATED) {
        if (is_hello)
            dc_session_handle_hello(session, control->hello, now_us);
        else
            dc_session_refuse_malformed(session, now_us);
    } else if (is_hello && session->is_expected) {
        handle_late_hello(session, control->hello, now_us);
    } else if (control && control->body_case == DC__SESSION__CONTROL__BODY_PING) {
        handle_ping(session, control->ping, now_us);
    } else if (control && control->body_case == DC__SESSION__CONTROL__BODY_KEYFRAME_REQUEST) {
        handle_keyframe_request(session, now_us);
    } else if (control && control->body_case == DC__SESSION__CONTROL__BODY_DISPLAY_SHIFT) {
        known = handle_display_shift(session, control->display_shift->shift_us);
    } else if (control && control->body_case == DC__SESSION__CONTROL__BODY_BYE) {
        dc_session_end(session, "the client said goodbye");
    } else {
        known = false;
    }
    if (control)
        dc__session__control__free_unpacked(control, NULL);
    return known;
}

static bool
handle_stats(struct dc_session *session, const uint8_t *data, size_t size_bytes, int64_t now_us)
{
    Dc__Session__Stats *request = dc__session__stats__unpack(NULL, size_bytes, data);
    bool known = request && request->body_case == DC__SESSION__STATS__BODY_REQUEST;
    if (known) {
        Dc__Session__Stats answer = DC__SESSION__STATS__INIT;
        Dc__Session__InstanceStats stats = DC__SESSION__INSTANCE_STATS__INIT;
        session->host->handle_stats_request(session->user, &stats);
        stats.id = request->request->id;
        if (!stats.time_us)
            stats.time_us = now_us;
        answer.body_case = DC__SESSION__STATS__BODY_INSTANCE;
        answer.instance = &stats;
        dc_session_queue_message(session, DC_CHANNEL_STATS, &answer.base, now_us);
    }
    if (request)
        dc__session__stats__free_unpacked(request, NULL);
    return known;
}

static bool
handle_input(struct dc_session *session, const uint8_t *data, size_t size_bytes, int64_t now_us)
{
    struct dc_input_event event;
    if (!dc_input_message_unpack(data, size_bytes, now_us, &event))
        return false;
    session->host->handle_input(session->user, &event);
    return true;
}

/* Losses are the transport's business, if it has any; a picture is asked of the encoder. */
static bool
handle_rtcp(struct dc_session *session, const uint8_t *data, size_t size_bytes, int64_t now_us)
{
    struct dc_rtcp_reader reader;
    struct dc_rtcp_packet packet;
    struct dc_rtcp_feedback feedback;
    if (data[0] < DC_CHANNEL_RTP_FIRST || data[0] > DC_CHANNEL_RTP_LAST)
        return false;
    dc_rtcp_reader_init(&reader, data, size_bytes);
    while (dc_rtcp_reader_next(&reader, &packet)) {
        if (dc_rtcp_unpack_feedback(&packet, &feedback) &&
            (feedback.kind == DC_FEEDBACK_PLI || feedback.kind == DC_FEEDBACK_FIR))
            handle_keyframe_request(session, now_us);
    }
    return true;
}

bool
dc_session_handle_message(struct dc_session *session, const uint8_t *data, size_t size_bytes, int64_t now_us)
{
    uint8_t channel = data[0];
    if (size_bytes > DC_MESSAGE_MAX_BYTES)
        return false;
    if (session->state == DC_SESSION_UNAUTHENTICATED && channel != DC_CHANNEL_CONTROL) {
        dc_session_refuse_malformed(session, now_us);
        return true;
    }
    switch (channel) {
    case DC_CHANNEL_CONTROL: return handle_control(session, data + 1, size_bytes - 1, now_us);
    case DC_CHANNEL_INPUT_EDGES:
    case DC_CHANNEL_INPUT_MOTION: return handle_input(session, data + 1, size_bytes - 1, now_us);
    case DC_CHANNEL_STATS: return handle_stats(session, data + 1, size_bytes - 1, now_us);
    default: return handle_rtcp(session, data, size_bytes, now_us);
    }
}
