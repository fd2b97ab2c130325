#define DC_LOG_COMPONENT "network"
#include "session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <common/clock.h>
#include <common/log.h>
#include <protocol/rtp/channel.h>
#include <protocol/rtp/frame_extension.h>

#include "input_message.h"

#define HELLO_TIMEOUT_US 5000000   // an unauthenticated connection lives this long
#define IDLE_TIMEOUT_US 10000000   // a client pings every second
#define CLOSING_TIMEOUT_US 1000000 // for the last words and the peer's own end
#define UNAUTHENTICATED_MAX_BYTES DC_MESSAGE_MAX_BYTES
#define KEYFRAME_INTERVAL_US 250000 // a client may ask, not flood
#define MAX_SHIFT_US 500000
#define BATCH 32

static void
end_session(struct dc_session *session, const char *format, ...)
{
    va_list args;
    if (session->state == DC_SESSION_CLOSED)
        return;
    va_start(args, format);
    if (!session->end_reason[0])
        vsnprintf(session->end_reason, sizeof(session->end_reason), format, args);
    va_end(args);
    session->state = DC_SESSION_CLOSED;
}

static const char *
transport_error(int error)
{
    if (error == -EPIPE || error == -ECONNRESET)
        return "the client closed the connection";
    return error == -EBADMSG ? "broken framing" : strerror(-error);
}

/* The send time is only known now: the last packet of a frame carries it (frame_extension.h). */
static void
flush_queue(struct dc_session *session)
{
    struct dc_send_item *items[BATCH];
    struct dc_datagram datagrams[BATCH];
    unsigned count;
    int taken = 0;
    do {
        count = dc_send_queue_peek(&session->queue, items, BATCH);
        for (unsigned i = 0; i < count; i++) {
            datagrams[i] = (struct dc_datagram){ items[i]->data, items[i]->size_bytes };
            if (items[i]->send_time_offset)
                dc_frame_extension_put_send_time(items[i]->data + items[i]->send_time_offset, dc_clock_now_us());
        }
        taken = session->transport->impl->send(session->transport, datagrams, count);
        if (taken < 0) {
            end_session(session, "%s", transport_error(taken));
            return;
        }
        dc_send_queue_pop(&session->queue, (unsigned)taken);
    } while (taken > 0 && count);
}

static void
flush(struct dc_session *session)
{
    if (session->state == DC_SESSION_CLOSED)
        return;
    flush_queue(session);
    if (session->state == DC_SESSION_ADMITTED && dc_media_sender_needs_keyframe(&session->media))
        session->host->handle_keyframe_request(session->user);
    if (session->state == DC_SESSION_CLOSING && !dc_session_wants_write(session))
        session->transport->impl->shutdown(session->transport); // what the client still sends is read until it closes
}

static void
queue_message(struct dc_session *session, enum dc_channel channel, const ProtobufCMessage *message, int64_t now_us)
{
    uint8_t data[DC_MESSAGE_MAX_BYTES];
    size_t size_bytes = 1 + protobuf_c_message_get_packed_size(message);
    if (size_bytes > sizeof(data)) {
        dc_error("a message of %zu bytes is too long to send", size_bytes);
        return;
    }
    data[0] = (uint8_t)channel;
    protobuf_c_message_pack(message, data + 1);
    if (!dc_send_queue_push(&session->queue, DC_LANE_MESSAGES, data, size_bytes, now_us))
        end_session(session, "out of memory");
}

static void
begin_closing(struct dc_session *session, int64_t now_us)
{
    if (session->state == DC_SESSION_CLOSED)
        return;
    dc_send_queue_drop_frames(&session->queue, NULL, NULL);
    session->state = DC_SESSION_CLOSING;
    session->deadline_us = now_us + CLOSING_TIMEOUT_US;
}

static void
refuse(struct dc_session *session, Dc__Session__Refused *refused, int64_t now_us)
{
    Dc__Session__Control control = DC__SESSION__CONTROL__INIT;
    control.body_case = DC__SESSION__CONTROL__BODY_REFUSED;
    control.refused = refused;
    dc_warn("client refused: %s", refused->text);
    snprintf(session->end_reason, sizeof(session->end_reason), "refused: %s", refused->text);
    queue_message(session, DC_CHANNEL_CONTROL, &control.base, now_us);
    begin_closing(session, now_us);
}

static void
refuse_malformed(struct dc_session *session, int64_t now_us)
{
    Dc__Session__Refused refused = DC__SESSION__REFUSED__INIT;
    refused.reason = DC__SESSION__REFUSED__REASON__MALFORMED;
    refused.text = (char *)"the first message is not a Hello";
    refuse(session, &refused, now_us);
}

static void
handle_hello(struct dc_session *session, const Dc__Session__Hello *hello, int64_t now_us)
{
    Dc__Session__Control control = DC__SESSION__CONTROL__INIT;
    Dc__Session__Welcome welcome = DC__SESSION__WELCOME__INIT;
    Dc__Session__Refused refused = DC__SESSION__REFUSED__INIT;
    if (!session->host->admit(session->user, session, hello, &welcome, &refused)) {
        refuse(session, &refused, now_us);
        return;
    }
    session->state = DC_SESSION_ADMITTED;
    session->was_admitted = true;
    session->refresh_mhz = hello->refresh_mhz;
    session->media.wants_video = hello->video;
    session->media.wants_audio = hello->audio;
    welcome.video_payload_type = session->media.video.payload_type;
    welcome.audio_payload_type = session->media.audio.payload_type;
    welcome.video_ssrc = session->media.video.ssrc;
    welcome.audio_ssrc = session->media.audio.ssrc;
    control.body_case = DC__SESSION__CONTROL__BODY_WELCOME;
    control.welcome = &welcome;
    queue_message(session, DC_CHANNEL_CONTROL, &control.base, now_us);
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
    queue_message(session, DC_CHANNEL_CONTROL, &control.base, now_us);
}

static void
handle_keyframe_request(struct dc_session *session, int64_t now_us)
{
    if (now_us - session->last_keyframe_request_us < KEYFRAME_INTERVAL_US)
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
            handle_hello(session, control->hello, now_us);
        else
            refuse_malformed(session, now_us);
    } else if (control && control->body_case == DC__SESSION__CONTROL__BODY_PING) {
        handle_ping(session, control->ping, now_us);
    } else if (control && control->body_case == DC__SESSION__CONTROL__BODY_KEYFRAME_REQUEST) {
        handle_keyframe_request(session, now_us);
    } else if (control && control->body_case == DC__SESSION__CONTROL__BODY_DISPLAY_SHIFT) {
        known = handle_display_shift(session, control->display_shift->shift_us);
    } else if (control && control->body_case == DC__SESSION__CONTROL__BODY_BYE) {
        end_session(session, "the client said goodbye");
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
        queue_message(session, DC_CHANNEL_STATS, &answer.base, now_us);
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

static bool
handle_message(struct dc_session *session, const uint8_t *data, size_t size_bytes, int64_t now_us)
{
    uint8_t channel = data[0];
    if (size_bytes > DC_MESSAGE_MAX_BYTES)
        return false;
    if (session->state == DC_SESSION_UNAUTHENTICATED && channel != DC_CHANNEL_CONTROL) {
        refuse_malformed(session, now_us);
        return true;
    }
    switch (channel) {
    case DC_CHANNEL_CONTROL: return handle_control(session, data + 1, size_bytes - 1, now_us);
    case DC_CHANNEL_INPUT_EDGES:
    case DC_CHANNEL_INPUT_MOTION: return handle_input(session, data + 1, size_bytes - 1, now_us);
    case DC_CHANNEL_STATS: return handle_stats(session, data + 1, size_bytes - 1, now_us);
    default: return channel >= DC_CHANNEL_RTP_FIRST && channel <= DC_CHANNEL_RTP_LAST; // RTCP: nothing to do on TCP
    }
}

static bool
handle_datagram(void *user, const uint8_t *data, size_t size_bytes)
{
    struct dc_session *session = user;
    int64_t now_us = dc_clock_now_us();
    if (session->state == DC_SESSION_CLOSING)
        return true; // only the end of the stream matters now
    if (session->state == DC_SESSION_ADMITTED)
        session->deadline_us = now_us + IDLE_TIMEOUT_US;
    session->received_bytes += size_bytes;
    if (session->state == DC_SESSION_UNAUTHENTICATED && session->received_bytes > UNAUTHENTICATED_MAX_BYTES)
        refuse_malformed(session, now_us);
    else if (!handle_message(session, data, size_bytes, now_us) && session->malformed_messages++ == 0)
        dc_warn("malformed message of %zu bytes on channel %u ignored (further ones silently)", size_bytes, data[0]);
    return session->state != DC_SESSION_CLOSED;
}

struct dc_session *
dc_session_create(struct dc_transport *transport, const struct dc_session_host *host, void *user, int64_t now_us)
{
    struct dc_session *session = calloc(1, sizeof(*session));
    if (!session) {
        transport->impl->destroy(transport);
        return NULL;
    }
    session->transport = transport;
    session->host = host;
    session->user = user;
    session->deadline_us = now_us + HELLO_TIMEOUT_US;
    session->last_keyframe_request_us = -KEYFRAME_INTERVAL_US;
    dc_send_queue_init(&session->queue);
    dc_media_sender_init(&session->media, &session->queue);
    return session;
}

void
dc_session_destroy(struct dc_session *session)
{
    dc_send_queue_finish(&session->queue);
    session->transport->impl->destroy(session->transport);
    free(session);
}

static void
check_deadline(struct dc_session *session, int64_t now_us)
{
    if (now_us < session->deadline_us)
        return;
    if (session->state == DC_SESSION_UNAUTHENTICATED)
        end_session(session, "no Hello within %d s", HELLO_TIMEOUT_US / 1000000);
    else
        end_session(session, "no sign of life for %d s", IDLE_TIMEOUT_US / 1000000);
}

void
dc_session_dispatch(struct dc_session *session, bool readable, int64_t now_us)
{
    if (readable && session->state != DC_SESSION_CLOSED) {
        int error = session->transport->impl->receive(session->transport, handle_datagram, session);
        if (error == -EBADMSG && session->state == DC_SESSION_UNAUTHENTICATED)
            refuse_malformed(session, now_us);
        else if (error < 0)
            end_session(session, "%s", transport_error(error));
    }
    flush(session);
    if (session->state != DC_SESSION_CLOSED)
        check_deadline(session, now_us);
}

void
dc_session_send_packet(struct dc_session *session, const struct dc_packet *packet, int64_t now_us)
{
    if (session->state != DC_SESSION_ADMITTED)
        return;
    dc_media_sender_push(&session->media, packet, now_us);
    flush(session);
}

void
dc_session_send_bye(struct dc_session *session, const char *reason, int exit_status, bool app_exited, int64_t now_us)
{
    Dc__Session__Control control = DC__SESSION__CONTROL__INIT;
    Dc__Session__Bye bye = DC__SESSION__BYE__INIT;
    if (session->state != DC_SESSION_ADMITTED)
        return;
    bye.reason = (char *)(reason ? reason : "");
    bye.exit_status = exit_status;
    bye.app_exited = app_exited;
    control.body_case = DC__SESSION__CONTROL__BODY_BYE;
    control.bye = &bye;
    queue_message(session, DC_CHANNEL_CONTROL, &control.base, now_us);
    begin_closing(session, now_us);
    snprintf(session->end_reason, sizeof(session->end_reason), "the instance said goodbye");
    flush(session);
}

bool
dc_session_wants_write(const struct dc_session *session)
{
    return session->state != DC_SESSION_CLOSED && (!dc_send_queue_is_empty(&session->queue) ||
                                                   session->transport->impl->is_pending(session->transport));
}
