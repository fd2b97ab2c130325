#ifndef DC_INSTANCE_NETWORK_SESSION_H
#define DC_INSTANCE_NETWORK_SESSION_H
/*
 * One client's connection from its Hello to its end, above a transport. A session never frees itself: when its state is
 * CLOSED, the server destroys it at a point where nobody is inside.
 */
#include <stdbool.h>
#include <stdint.h>

#include <session.pb-c.h>
#include <vhal/input.h>

#include "media_sender.h"
#include "send_queue.h"
#include "transport.h"

enum dc_session_state {
    DC_SESSION_UNAUTHENTICATED,
    DC_SESSION_ADMITTED,
    DC_SESSION_CLOSING, // the last words are being flushed
    DC_SESSION_CLOSED,
};

struct dc_session;

struct dc_session_host {
    /* Optional. The first datagram of a session that nobody was admitted on. true: it was no session's, and its transport was
     * taken away. */
    bool (*adopt_transport)(void *user, struct dc_session *session, const uint8_t *data, size_t size_bytes);
    /* All below required. admit(): true: the session is the player; false: the refusal is filled. */
    bool (*admit)(void *user, struct dc_session *session, const Dc__Session__Hello *hello,
                  Dc__Session__Refused *refused);
    void (*fill_welcome)(void *user, Dc__Session__Welcome *welcome);
    void (*handle_input)(void *user, const struct dc_input_event *event);
    void (*handle_keyframe_request)(void *user);
    void (*handle_refresh)(void *user, struct dc_session *session);
    void (*handle_display_shift)(void *user, int64_t shift_us);
    void (*handle_stats_request)(void *user, Dc__Session__InstanceStats *stats);
};

struct dc_session {
    struct dc_transport *transport; // owned; NULL: taken away
    const struct dc_session_host *host;
    void *user;
    enum dc_session_state state;
    bool was_admitted;
    bool is_webrtc_only; // it becomes ICE over TCP, or ends
    bool is_expected; // its offer was admitted: it needs no token, only a connection
    struct dc_send_queue queue;
    struct dc_media_sender media;
    int64_t deadline_us; // of the state: Hello, sign of life, last flush
    int64_t last_keyframe_request_us;
    size_t received_bytes;
    uint32_t refresh_mhz;
    uint64_t malformed_messages;
    char end_reason[96]; // why the state became CLOSED
    uint32_t watched_events; // server's: what epoll waits for
    struct dc_session *next; // server's list
};

/* Takes ownership of the transport, even on failure. */
struct dc_session *dc_session_create(struct dc_transport *transport, const struct dc_session_host *host, void *user,
                                     int64_t now_us);
/* The client was admitted by its offer; it has some seconds to connect. */
void dc_session_expect_connection(struct dc_session *session, int64_t now_us);
/* It has connected: what it would say in its Hello. */
void dc_session_begin(struct dc_session *session, const Dc__Session__Hello *hello, int64_t now_us);
/* CLOSED; the first reason stays. */
void dc_session_end(struct dc_session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));
void dc_session_destroy(struct dc_session *session);
/* The transport is readable and/or writable, or the deadline has come. */
void dc_session_dispatch(struct dc_session *session, bool readable, int64_t now_us);
void dc_session_send_packet(struct dc_session *session, const struct dc_packet *packet, int64_t now_us);
/* Says goodbye and closes once that is flushed. */
void dc_session_send_bye(struct dc_session *session, const char *reason, int exit_status, bool app_exited,
                         int64_t now_us);
bool dc_session_wants_write(const struct dc_session *session);

#endif
