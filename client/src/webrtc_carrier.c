#define DC_LOG_COMPONENT "client"
#include "webrtc_carrier.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <openssl/rand.h>

#include <common/clock.h>
#include <common/log.h>
#include <protocol/webrtc/peer.h>

#include "datagram_sockets.h"
#include "sdp.h"
#include "whep.h"

#define MAX_WAITING_BYTES (1u << 20)
#define MAX_TARGETS (2 * DC_SDP_MAX_ADDRESSES)
#define TRY_TARGET_US 1000000 // UDP at two addresses, then TCP: after two seconds
#define OPEN_US 10000000
#define MAX_EARLY_BYTES (1u << 20)

struct webrtc {
    struct dc_carrier carrier;
    struct dc_webrtc_identity *identity; // owned
    struct dc_webrtc_peer *peer;         // owned; network thread only, as all below
    struct dc_datagram_sockets sockets;
    struct dc_webrtc_path targets[MAX_TARGETS]; // in the order to be tried
    unsigned target_count, target;
    int64_t next_target_us;
    bool is_open, is_closed; // the control channel, the session
    int64_t now_us;
    dc_carrier_handle_frame handle; // of the work() that goes on
    void *handle_user;
    struct dc_writer early;  // frames that came before anybody took them: length u32 and bytes each
    int wake_fd;             // readable when messages wait
    pthread_mutex_t lock;
    struct dc_writer waiting; // protected by lock: channel u8, length u16, bytes each
};

static const struct {
    enum dc_channel channel;
    const char *label;
} channels[] = {
    { DC_CHANNEL_CONTROL, "control" },
    { DC_CHANNEL_INPUT_EDGES, "input" },
    // Reliable: it carries relative motion, and what is lost of that is a view that drifts.
    { DC_CHANNEL_INPUT_MOTION, "motion" },
    { DC_CHANNEL_STATS, "stats" },
};

static struct webrtc *
from(const struct dc_carrier *carrier)
{
    return (struct webrtc *)carrier; // its first member
}

/* The peer's callbacks. */
static void
peer_send(void *user, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes)
{
    struct webrtc *webrtc = user;
    dc_datagram_sockets_send(&webrtc->sockets, path, datagram, size_bytes);
}

static void
peer_media(void *user, const uint8_t *packet, size_t size_bytes, int64_t now_us)
{
    struct webrtc *webrtc = user;
    if (webrtc->handle)
        webrtc->handle(webrtc->handle_user, packet, size_bytes, now_us);
}

static void
peer_channel(void *user, uint16_t stream, const char *label)
{
    struct webrtc *webrtc = user;
    webrtc->is_open |= stream == DC_CHANNEL_CONTROL;
}

static void
peer_message(void *user, uint16_t stream, bool is_text, const uint8_t *data, size_t size_bytes, int64_t now_us)
{
    struct webrtc *webrtc = user;
    uint8_t frame[DC_MESSAGE_MAX_BYTES];
    if (!webrtc->handle || stream >= DC_CHANNEL_RTP_FIRST || 1 + size_bytes > sizeof(frame))
        return;
    frame[0] = (uint8_t)stream;
    memcpy(frame + 1, data, size_bytes);
    webrtc->handle(webrtc->handle_user, frame, 1 + size_bytes, now_us);
}

static void
peer_closed(void *user, const char *reason)
{
    struct webrtc *webrtc = user;
    webrtc->is_closed = true;
    snprintf(webrtc->carrier.error, sizeof(webrtc->carrier.error), "%s", reason);
}

static const struct dc_webrtc_peer_listener peer_listener = {
    .send = peer_send,
    .handle_rtp = peer_media,
    .handle_rtcp = peer_media,
    .handle_channel = peer_channel,
    .handle_message = peer_message,
    .handle_closed = peer_closed,
};

/* The carrier. Messages wait for the network thread, whose the peer is. */
static bool
webrtc_send(struct dc_carrier *carrier, enum dc_channel channel, const uint8_t *message, size_t size_bytes)
{
    struct webrtc *webrtc = from(carrier);
    uint64_t one = 1;
    pthread_mutex_lock(&webrtc->lock);
    bool fits = webrtc->waiting.size_bytes + size_bytes < MAX_WAITING_BYTES;
    if (fits) {
        dc_writer_u8(&webrtc->waiting, (uint8_t)channel);
        dc_writer_u16le(&webrtc->waiting, (uint16_t)size_bytes);
        dc_writer_bytes(&webrtc->waiting, message, size_bytes);
    }
    pthread_mutex_unlock(&webrtc->lock);
    return fits && write(webrtc->wake_fd, &one, sizeof(one)) == sizeof(one);
}

_Static_assert(DC_CARRIER_RTCP_TRAILER_BYTES >= DC_WEBRTC_SRTP_TRAILER_BYTES, "room for SRTCP");

static bool
webrtc_send_rtcp(struct dc_carrier *carrier, uint8_t *packet, size_t size_bytes)
{
    return dc_webrtc_peer_send_rtcp(from(carrier)->peer, packet, size_bytes);
}

/* Gives the peer what it takes; what it does not, waits on. */
static void
send_waiting(struct webrtc *webrtc)
{
    struct dc_reader r;
    size_t done_bytes = 0;
    pthread_mutex_lock(&webrtc->lock);
    dc_reader_init(&r, webrtc->waiting.data, webrtc->waiting.size_bytes);
    while (dc_reader_left(&r)) {
        uint16_t channel = dc_reader_u8(&r), size_bytes = dc_reader_u16le(&r);
        const uint8_t *message = dc_reader_bytes(&r, size_bytes);
        if (r.failed || !dc_webrtc_peer_send_message(webrtc->peer, channel, false, message, size_bytes))
            break;
        done_bytes = r.offset;
    }
    if (done_bytes)
        memmove(webrtc->waiting.data, webrtc->waiting.data + done_bytes, webrtc->waiting.size_bytes - done_bytes);
    webrtc->waiting.size_bytes -= done_bytes;
    pthread_mutex_unlock(&webrtc->lock);
}

static unsigned
webrtc_get_fds(struct dc_carrier *carrier, struct pollfd *fds)
{
    struct webrtc *webrtc = from(carrier);
    fds[0] = (struct pollfd){ .fd = webrtc->wake_fd, .events = POLLIN };
    return 1 + dc_datagram_sockets_get_fds(&webrtc->sockets, fds + 1);
}

static int64_t
webrtc_deadline_us(const struct dc_carrier *carrier)
{
    const struct webrtc *webrtc = from(carrier);
    int64_t deadline_us = dc_webrtc_peer_deadline_us(webrtc->peer);
    if (webrtc->early.size_bytes && webrtc->is_open)
        return 0;
    return deadline_us < webrtc->next_target_us ? deadline_us : webrtc->next_target_us;
}

static void
handle_datagram(void *user, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes)
{
    struct webrtc *webrtc = user;
    dc_webrtc_peer_receive(webrtc->peer, path, datagram, size_bytes, webrtc->now_us);
}

/* Nobody answered at this target: on to the next. Once one did, the peer keeps to it. */
static void
change_target(struct webrtc *webrtc)
{
    if (dc_webrtc_peer_get_path(webrtc->peer)) {
        webrtc->next_target_us = INT64_MAX;
        return;
    }
    if (webrtc->now_us < webrtc->next_target_us)
        return;
    webrtc->next_target_us = webrtc->now_us + TRY_TARGET_US;
    webrtc->target = (webrtc->target + 1) % webrtc->target_count;
    if (dc_datagram_path_is_tcp(&webrtc->targets[webrtc->target]))
        dc_info("nothing comes over UDP, trying TCP");
    dc_webrtc_peer_set_path(webrtc->peer, &webrtc->targets[webrtc->target], webrtc->now_us);
}

static void
handle_early_frames(struct webrtc *webrtc)
{
    struct dc_writer early = webrtc->early;
    struct dc_reader r;
    dc_writer_init(&webrtc->early);
    dc_reader_init(&r, early.data, early.size_bytes);
    while (dc_reader_left(&r) && !early.failed) {
        size_t size_bytes = dc_reader_u32le(&r);
        webrtc->handle(webrtc->handle_user, dc_reader_bytes(&r, size_bytes), size_bytes, webrtc->now_us);
    }
    dc_writer_finish(&early);
}

static int
webrtc_work(struct dc_carrier *carrier, dc_carrier_handle_frame handle, void *user)
{
    struct webrtc *webrtc = from(carrier);
    uint64_t count;
    webrtc->handle = handle;
    webrtc->handle_user = user;
    webrtc->now_us = dc_clock_now_us();
    if (read(webrtc->wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
        dc_debug("cannot be woken: %s", strerror(errno));
    if (webrtc->early.size_bytes && webrtc->is_open)
        handle_early_frames(webrtc);
    send_waiting(webrtc);
    size_t received_bytes = dc_datagram_sockets_work(&webrtc->sockets, handle_datagram, webrtc);
    change_target(webrtc);
    if (dc_webrtc_peer_deadline_us(webrtc->peer) <= webrtc->now_us)
        dc_webrtc_peer_handle_timer(webrtc->peer, webrtc->now_us);
    webrtc->handle = NULL;
    const struct dc_webrtc_path *path = dc_webrtc_peer_get_path(webrtc->peer);
    if (path)
        carrier->name = dc_datagram_path_is_tcp(path) ? "webrtc/tcp" : "webrtc/udp";
    return webrtc->is_closed ? -EPIPE : (int)received_bytes;
}

static bool
webrtc_is_pending(struct dc_carrier *carrier)
{
    struct webrtc *webrtc = from(carrier);
    pthread_mutex_lock(&webrtc->lock);
    bool waits = webrtc->waiting.size_bytes != 0;
    pthread_mutex_unlock(&webrtc->lock);
    return waits || dc_webrtc_peer_unsent_bytes(webrtc->peer) != 0;
}

static void
webrtc_shutdown(struct dc_carrier *carrier)
{
    struct webrtc *webrtc = from(carrier);
    dc_webrtc_peer_destroy(webrtc->peer); // says goodbye
    webrtc->peer = NULL;
    dc_datagram_sockets_flush(&webrtc->sockets);
}

static void
webrtc_destroy(struct dc_carrier *carrier)
{
    struct webrtc *webrtc = from(carrier);
    dc_webrtc_peer_destroy(webrtc->peer);
    dc_datagram_sockets_finish(&webrtc->sockets);
    dc_webrtc_identity_destroy(webrtc->identity);
    if (webrtc->wake_fd >= 0)
        close(webrtc->wake_fd);
    dc_writer_finish(&webrtc->waiting);
    dc_writer_finish(&webrtc->early);
    pthread_mutex_destroy(&webrtc->lock);
    free(webrtc);
}

static const struct dc_carrier_impl impl = {
    .send = webrtc_send,
    .send_rtcp = webrtc_send_rtcp,
    .get_fds = webrtc_get_fds,
    .deadline_us = webrtc_deadline_us,
    .work = webrtc_work,
    .is_pending = webrtc_is_pending,
    .shutdown = webrtc_shutdown,
    .destroy = webrtc_destroy,
};

static struct webrtc *
create(void)
{
    struct webrtc *webrtc = calloc(1, sizeof(*webrtc));
    if (!webrtc)
        return NULL;
    webrtc->carrier = (struct dc_carrier){ .impl = &impl, .name = "webrtc" };
    pthread_mutex_init(&webrtc->lock, NULL);
    dc_writer_init(&webrtc->waiting);
    dc_writer_init(&webrtc->early);
    webrtc->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    webrtc->identity = dc_webrtc_identity_create();
    if (dc_datagram_sockets_init(&webrtc->sockets) && webrtc->wake_fd >= 0 && webrtc->identity)
        return webrtc;
    webrtc_destroy(&webrtc->carrier);
    return NULL;
}

static bool
random_text(char *text, size_t length)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (RAND_bytes((uint8_t *)text, (int)length) != 1)
        return false;
    for (size_t i = 0; i < length; i++)
        text[i] = letters[(uint8_t)text[i] % 64];
    text[length] = '\0';
    return true;
}

static void
add_target(struct webrtc *webrtc, const char *host, uint16_t port, bool is_tcp)
{
    struct dc_webrtc_path path;
    if (webrtc->target_count == MAX_TARGETS || !dc_datagram_path(&path, host, port, is_tcp))
        return;
    for (unsigned i = 0; i < webrtc->target_count; i++) {
        if (!memcmp(&webrtc->targets[i], &path, sizeof(path)))
            return;
    }
    webrtc->targets[webrtc->target_count++] = path;
}

/* First where HTTPS came through, with each port that was told, since candidates may be addresses of a network behind
 * that; then the first of the candidates. UDP before TCP. */
static void
choose_targets(struct webrtc *webrtc, const struct dc_sdp_answer_values *answer, const char *http_address)
{
    for (unsigned tcp = 0; tcp < 2; tcp++) {
        const struct dc_sdp_address *first = NULL;
        for (unsigned i = 0; i < answer->address_count && !first; i++)
            first = answer->addresses[i].is_tcp == tcp ? &answer->addresses[i] : NULL;
        if (!first)
            continue;
        add_target(webrtc, http_address, first->port, tcp);
        add_target(webrtc, first->host, first->port, tcp);
    }
}

static bool
create_peer(struct webrtc *webrtc, const struct dc_sdp_offer_values *offer, const struct dc_sdp_answer_values *answer)
{
    struct dc_webrtc_peer_config config = {
        .is_client = true, .identity = webrtc->identity,
        .local_ufrag = offer->ufrag, .local_password = offer->password,
        .remote_ufrag = answer->ufrag, .remote_password = answer->password,
        .sctp_max_message_bytes = answer->max_message_bytes, .path = webrtc->targets[0],
    };
    memcpy(config.remote_fingerprint, answer->fingerprint, sizeof(config.remote_fingerprint));
    webrtc->now_us = dc_clock_now_us();
    webrtc->next_target_us = webrtc->now_us + TRY_TARGET_US * (webrtc->target_count > 2 ? 1 : 2);
    webrtc->peer = dc_webrtc_peer_create(&config, &peer_listener, webrtc, webrtc->now_us);
    for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]) && webrtc->peer; i++)
        dc_webrtc_peer_add_channel(webrtc->peer, channels[i].channel, channels[i].label, true, -1);
    return webrtc->peer;
}

/* The instance says Welcome as soon as its channel is open, perhaps in the datagram that opens ours. */
static void
keep_frame(void *user, const uint8_t *frame, size_t size_bytes, int64_t now_us)
{
    struct webrtc *webrtc = user;
    if (webrtc->early.size_bytes + size_bytes > MAX_EARLY_BYTES)
        return;
    dc_writer_u32le(&webrtc->early, (uint32_t)size_bytes);
    dc_writer_bytes(&webrtc->early, frame, size_bytes);
}

static bool
connect_peer(struct webrtc *webrtc, const struct dc_attempt *attempt, char *error)
{
    int64_t until_us = dc_clock_now_us() + OPEN_US;
    while (!webrtc->is_open) {
        if (dc_carrier_wait(&webrtc->carrier, until_us, attempt, keep_frame, webrtc) < 0) {
            snprintf(error, 256, "%s", webrtc->carrier.error);
            return false;
        }
        if (dc_clock_now_us() >= until_us) {
            snprintf(error, 256, "it answered over HTTP, but neither over UDP nor over TCP at the ports it told");
            return false;
        }
    }
    dc_info("connected by %s", webrtc->carrier.name);
    return true;
}

static void
remember_session(struct dc_carrier *carrier, const struct dc_whep_answer *answer)
{
    carrier->has_resume = answer->has_resume;
    memcpy(carrier->resume, answer->resume, sizeof(carrier->resume));
    snprintf(carrier->session_path, sizeof(carrier->session_path), "%s", answer->location);
}

static enum dc_webrtc_result
negotiate(struct webrtc *webrtc, const struct dc_url *url, const struct dc_attempt *attempt, char *error)
{
    char ufrag[9], password[33], offer[DC_SDP_OFFER_BYTES];
    struct dc_sdp_offer_values values = { .ufrag = ufrag, .password = password, .session_id = (uint64_t)dc_clock_now_us(),
                                          .fingerprint = dc_webrtc_identity_fingerprint(webrtc->identity) };
    struct dc_sdp_answer_values answer_values;
    struct dc_whep_answer answer;
    const char *reason;
    if (!random_text(ufrag, 8) || !random_text(password, 32) || !dc_sdp_write_offer(&values, offer, sizeof(offer))) {
        snprintf(error, 256, "no offer could be made");
        return DC_WEBRTC_UNREACHABLE;
    }
    enum dc_whep_result result = dc_whep_offer(url, offer, attempt, &answer, error);
    if (result != DC_WHEP_ANSWERED)
        return result == DC_WHEP_REFUSED ? DC_WEBRTC_REFUSED : DC_WEBRTC_UNREACHABLE;
    remember_session(&webrtc->carrier, &answer);
    bool is_read = dc_sdp_read_answer(answer.text, answer.size_bytes, &answer_values, &reason);
    if (is_read)
        choose_targets(webrtc, &answer_values, answer.address);
    dc_whep_answer_finish(&answer);
    if (!is_read || !webrtc->target_count) {
        snprintf(error, 256, "its answer cannot be used: %s", is_read ? "no candidates in it" : reason);
        return DC_WEBRTC_UNREACHABLE;
    }
    if (!create_peer(webrtc, &values, &answer_values)) {
        snprintf(error, 256, "no session could be made");
        return DC_WEBRTC_UNREACHABLE;
    }
    return connect_peer(webrtc, attempt, error) ? DC_WEBRTC_OPEN : DC_WEBRTC_UNREACHABLE;
}

struct dc_carrier *
dc_webrtc_carrier_open(const struct dc_url *url, const struct dc_attempt *attempt, enum dc_webrtc_result *result,
                       char *error)
{
    struct webrtc *webrtc = create();
    *result = DC_WEBRTC_UNREACHABLE;
    if (!webrtc) {
        snprintf(error, 256, "%s", strerror(errno));
        return NULL;
    }
    *result = negotiate(webrtc, url, attempt, error);
    if (*result == DC_WEBRTC_OPEN)
        return &webrtc->carrier;
    webrtc_destroy(&webrtc->carrier);
    return NULL;
}
