#ifndef DC_INSTANCE_NETWORK_SESSION_INTERNAL_H
#define DC_INSTANCE_NETWORK_SESSION_INTERNAL_H
/* Between a session's states (session.c) and its messages (session_messages.c). */
#include <protocol/rtp/channel.h>

#include "session.h"

#define DC_SESSION_KEYFRAME_INTERVAL_US 250000 // a client may ask, not flood

/* CLOSING: what is queued is flushed, frames that have not begun are dropped. */
void dc_session_begin_closing(struct dc_session *session, int64_t now_us);
void dc_session_queue_message(struct dc_session *session, enum dc_channel channel, const ProtobufCMessage *message,
                              int64_t now_us);
void dc_session_handle_hello(struct dc_session *session, const Dc__Session__Hello *hello, int64_t now_us);
void dc_session_refuse_malformed(struct dc_session *session, int64_t now_us);
/* One datagram. false: it made no sense. */
bool dc_session_handle_message(struct dc_session *session, const uint8_t *data, size_t size_bytes, int64_t now_us);

#endif
