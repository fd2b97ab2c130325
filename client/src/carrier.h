#ifndef DC_CLIENT_CARRIER_H
#define DC_CLIENT_CARRIER_H
/*
 * Carries frames between this client and one instance: a message with its channel in front (protocol/rtp/channel.h), or an
 * RTP or RTCP packet. What lies below (one TCP connection with RFC 4571 framing; WebRTC over UDP or TCP) is nobody else's
 * business. Sending is thread-safe and never blocks; all else is the network thread's.
 */
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/rtp/channel.h>

#include "attempt.h"

#define DC_CARRIER_MAX_FDS 3
#define DC_CARRIER_RTCP_TRAILER_BYTES 32

struct dc_carrier;

/* A frame from the instance; borrowed bytes. */
typedef void (*dc_carrier_handle_frame)(void *user, const uint8_t *frame, size_t size_bytes, int64_t now_us);

struct dc_carrier_impl {
    /* All required but one. Any thread: takes a message (without its channel). false: too much waits, or the carrier is broken. */
    bool (*send)(struct dc_carrier *carrier, enum dc_channel channel, const uint8_t *message, size_t size_bytes);
    /* Optional; NULL: nothing is lost on the way, and nothing to be said about it. Network thread, outside of work(). Takes a
     * compound RTCP packet with DC_CARRIER_RTCP_TRAILER_BYTES of room behind it, which is overwritten. */
    bool (*send_rtcp)(struct dc_carrier *carrier, uint8_t *packet, size_t size_bytes);
    /* Fills what is to be polled now, returns how many (≤ DC_CARRIER_MAX_FDS). */
    unsigned (*get_fds)(struct dc_carrier *carrier, struct pollfd *fds);
    /* When work() wants to be called even if nothing happens. INT64_MAX: never. */
    int64_t (*deadline_us)(const struct dc_carrier *carrier);
    /* Sends, receives and times whatever can be done without waiting. Bytes received, or -errno: gone. */
    int (*work)(struct dc_carrier *carrier, dc_carrier_handle_frame handle, void *user);
    /* Whether something waits to be sent or acknowledged. */
    bool (*is_pending)(struct dc_carrier *carrier);
    /* Hangs up. Nothing is handled any more. */
    void (*shutdown)(struct dc_carrier *carrier);
    void (*destroy)(struct dc_carrier *carrier);
};

struct dc_carrier {
    const struct dc_carrier_impl *impl;
    const char *name; // "tcp", "webrtc/udp", …; constant text, may change
    char error[160];  // why work() failed
    /* Of a session that an offer began: what it is resumed with, and where it is deleted. */
    bool has_resume;
    uint8_t resume[DC_SESSION_TOKEN_BYTES];
    char session_path[128]; // "": nowhere
};

/* `message` is a protobuf message (base). */
bool dc_carrier_send(struct dc_carrier *carrier, enum dc_channel channel, const void *message);
/* Waits until something happens, or until a time; then work(). In an attempt (NULL: none) what ends that ends the wait: the
 * result is -EINTR then. Bytes received, or -errno. */
int dc_carrier_wait(struct dc_carrier *carrier, int64_t until_us, const struct dc_attempt *attempt,
                    dc_carrier_handle_frame handle, void *user);
/* Works until all is sent, at most `timeout_ms`; what comes is dropped. */
void dc_carrier_drain(struct dc_carrier *carrier, int timeout_ms);

#endif
