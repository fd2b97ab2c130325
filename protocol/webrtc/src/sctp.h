#ifndef DC_WEBRTC_SCTP_H
#define DC_WEBRTC_SCTP_H
/*
 * One SCTP association inside DTLS (RFC 8261), by usrsctp without its threads. usrsctp is one state for the whole process,
 * with many associations of perhaps many threads in it, so:
 * - one lock is held around every call into it; its callbacks run under the lock and only append to the queue of the
 *   association they are for;
 * - associations are known to it by number, never by pointer, so that a late packet or timer finds nothing rather than
 *   freed memory;
 * - its timers run for everybody whenever anybody calls in. What they send waits in the queue for the association's own
 *   thread, which looks in every ten milliseconds while something is under way.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <common/wire.h>

struct socket;

#define DC_SCTP_PORT 5000
/* Of chunks, as usrsctp counts over AF_CONN: 12 bytes of SCTP's header and 37 of a DTLS record come on top. */
#define DC_SCTP_MTU_BYTES 1148
#define DC_SCTP_MAX_QUEUED_BYTES (2u << 20)

struct dc_sctp_item; // sctp_library.c

struct dc_sctp_listener {
    /* All required; called from the association's own calls, outside the lock. */
    void (*send)(void *user, const uint8_t *packet, size_t size_bytes);
    void (*handle_up)(void *user);
    void (*handle_message)(void *user, uint16_t stream, uint32_t ppid, const uint8_t *data, size_t size_bytes);
    void (*handle_stream_reset)(void *user, uint16_t stream);
    void (*handle_down)(void *user, const char *reason);
};

struct dc_sctp {
    const struct dc_sctp_listener *listener;
    void *user;
    bool is_up, is_draining;
    struct dc_writer partial; // a message whose end has not come
    uint16_t partial_stream;
    int64_t started_us, active_us, deadline_us;
    uint64_t id;            // protected by the library's lock, as all below
    struct dc_sctp *next;
    struct socket *socket;
    struct dc_sctp_item *first, *last;
    size_t queued_bytes, unsent_bytes;
    bool is_dry;            // all that was sent is acknowledged
    uint64_t dropped_packets;
};

/* How a message travels. */
struct dc_sctp_reliability {
    bool is_ordered;
    bool by_time;    // limit is a life time in ms, else a number of retransmissions
    int32_t limit;   // -1: reliable
};

/* Begins to connect; both ends do. `listener` and `user` are set before. false: logged. */
bool dc_sctp_init(struct dc_sctp *sctp);
/* Aborts the association and sends that. Accepts an object that was never initialised but zeroed. */
void dc_sctp_finish(struct dc_sctp *sctp);
void dc_sctp_receive(struct dc_sctp *sctp, const uint8_t *packet, size_t size_bytes);
void dc_sctp_handle_timer(struct dc_sctp *sctp, int64_t now_us);
int64_t dc_sctp_deadline_us(const struct dc_sctp *sctp);
/* false: nothing was taken. */
bool dc_sctp_send(struct dc_sctp *sctp, uint16_t stream, uint32_t ppid, const struct dc_sctp_reliability *reliability,
                  const uint8_t *data, size_t size_bytes);
/* Ends our direction of a stream (RFC 6525). */
void dc_sctp_reset_stream(struct dc_sctp *sctp, uint16_t stream);
size_t dc_sctp_unsent_bytes(const struct dc_sctp *sctp);

#endif
