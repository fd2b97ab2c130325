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

#include "session_internal.h"

#define HELLO_TIMEOUT_US 5000000   // an unauthenticated connection lives this long
#define IDLE_TIMEOUT_US 10000000   // a client pings every second
#define CONNECT_TIMEOUT_US 15000000 // from the answer to the end of DTLS
#define CLOSING_TIMEOUT_US 1000000 // for the last words and the peer's own end
#define UNAUTHENTICATED_MAX_BYTES DC_MESSAGE_MAX_BYTES
#define MAX_WAITING_MESSAGES 256 // of a client that asks and does not read
#define BATCH 32

void
dc_session_end(struct dc_session *session, const char *format, ...)
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

static bool
handle_datagram(void *user, const uint8_t *data, size_t size_bytes)
{
    struct dc_session *session = user;
    int64_t now_us = dc_clock_now_us();
    if (session->state == DC_SESSION_CLOSING)
        return true; // only the end of the stream matters now
    if (session->state == DC_SESSION_ADMITTED)
        session->deadline_us = now_us + IDLE_TIMEOUT_US;
    if (session->state == DC_SESSION_UNAUTHENTICATED && session->received_bytes == 0 && session->host->adopt_transport &&
        session->host->adopt_transport(session->user, session, data, size_bytes))
        return false;
    if (session->is_webrtc_only) {
        dc_session_end(session, "neither HTTP nor ICE");
        return false;
    }
    session->received_bytes += size_bytes;
    if (session->state == DC_SESSION_UNAUTHENTICATED && session->received_bytes > UNAUTHENTICATED_MAX_BYTES)
        dc_session_refuse_malformed(session, now_us);
    else if (!dc_session_handle_message(session, data, size_bytes, now_us) && session->malformed_messages++ == 0)
        dc_warn("malformed message of %zu bytes on channel %u ignored (further ones silently)", size_bytes, data[0]);
    return session->state != DC_SESSION_CLOSED;
}

/* A client that leaves says why first: what came before the connection broke still counts. */
static void
end_after_the_rest(struct dc_session *session, int error)
{
    session->transport->impl->receive(session->transport, handle_datagram, session);
    dc_session_end(session, "%s", transport_error(error));
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
            end_after_the_rest(session, taken);
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

void
dc_session_queue_message(struct dc_session *session, enum dc_channel channel, const ProtobufCMessage *message, int64_t now_us)
{
    uint8_t data[DC_MESSAGE_MAX_BYTES];
    size_t size_bytes = 1 + protobuf_c_message_get_packed_size(message);
    if (size_bytes > sizeof(data)) {
        dc_error("a message of %zu bytes is too long to send", size_bytes);
        return;
    }
    data[0] = (uint8_t)channel;
    protobuf_c_message_pack(message, data + 1);
    if (session->queue.lanes[DC_LANE_MESSAGES].count >= MAX_WAITING_MESSAGES)
        dc_session_end(session, "the client asks and does not read");
    else if (!dc_send_queue_push(&session->queue, DC_LANE_MESSAGES, data, size_bytes, now_us))
        dc_session_end(session, "out of memory");
}

void
dc_session_begin_closing(struct dc_session *session, int64_t now_us)
{
    if (session->state == DC_SESSION_CLOSED)
        return;
    dc_send_queue_drop_frames(&session->queue, NULL, NULL);
    session->state = DC_SESSION_CLOSING;
    session->deadline_us = now_us + CLOSING_TIMEOUT_US;
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
    session->last_keyframe_request_us = -DC_SESSION_KEYFRAME_INTERVAL_US;
    dc_send_queue_init(&session->queue);
    dc_media_sender_init(&session->media, &session->queue);
    return session;
}

void
dc_session_expect_connection(struct dc_session *session, int64_t now_us)
{
    session->is_expected = true;
    session->deadline_us = now_us + CONNECT_TIMEOUT_US;
}

void
dc_session_begin(struct dc_session *session, const Dc__Session__Hello *hello, int64_t now_us)
{
    if (session->state != DC_SESSION_UNAUTHENTICATED)
        return;
    session->deadline_us = now_us + IDLE_TIMEOUT_US;
    dc_session_handle_hello(session, hello, now_us);
}

void
dc_session_destroy(struct dc_session *session)
{
    dc_send_queue_finish(&session->queue);
    if (session->transport)
        session->transport->impl->destroy(session->transport);
    free(session);
}

static void
check_deadline(struct dc_session *session, int64_t now_us)
{
    if (now_us < session->deadline_us)
        return;
    if (session->is_expected && session->state == DC_SESSION_UNAUTHENTICATED)
        dc_session_end(session, "no connection within %d s of the answer", CONNECT_TIMEOUT_US / 1000000);
    else if (session->state == DC_SESSION_UNAUTHENTICATED)
        dc_session_end(session, "no Hello within %d s", HELLO_TIMEOUT_US / 1000000);
    else
        dc_session_end(session, "no sign of life for %d s", IDLE_TIMEOUT_US / 1000000);
}

void
dc_session_dispatch(struct dc_session *session, bool readable, int64_t now_us)
{
    if (readable && session->state != DC_SESSION_CLOSED) {
        int error = session->transport->impl->receive(session->transport, handle_datagram, session);
        if (error == -EBADMSG && session->state == DC_SESSION_UNAUTHENTICATED)
            dc_session_refuse_malformed(session, now_us);
        else if (error < 0)
            dc_session_end(session, "%s", transport_error(error));
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
    dc_session_queue_message(session, DC_CHANNEL_CONTROL, &control.base, now_us);
    dc_session_begin_closing(session, now_us);
    snprintf(session->end_reason, sizeof(session->end_reason), "the instance said goodbye");
    flush(session);
}

bool
dc_session_wants_write(const struct dc_session *session)
{
    return session->state != DC_SESSION_CLOSED && session->transport && (!dc_send_queue_is_empty(&session->queue) ||
                                                   session->transport->impl->is_pending(session->transport));
}
