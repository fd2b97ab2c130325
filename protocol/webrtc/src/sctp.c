#define DC_LOG_COMPONENT "webrtc"
#include "sctp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <arpa/inet.h>

#include <common/clock.h>
#include <common/log.h>
#include <protocol/webrtc/peer.h>

#include "sctp_library.h"

#define TICK_US 10000
#define IDLE_TICK_US 2000000
#define ACTIVE_US 1000000
#define CONNECT_US 30000000
#define RECEIVE_BUFFER_BYTES (384 << 10)
#define RTO_MIN_MS 60
#define RTO_MAX_MS 500
#define RTO_INITIAL_MS 200
/* Consent (ICE) decides when the other end is gone, not these: at least 30 s of retransmissions. */
#define MAX_RETRANSMISSIONS 70

static void
schedule(struct dc_sctp *sctp, int64_t now_us)
{
    bool connects = !sctp->is_up && now_us < sctp->started_us + CONNECT_US;
    bool is_active = connects || !sctp->is_dry || now_us < sctp->active_us + ACTIVE_US;
    sctp->deadline_us = now_us + (is_active ? TICK_US : IDLE_TICK_US);
}

static bool
set_option(struct dc_sctp *sctp, int option, const void *value, size_t size_bytes)
{
    if (usrsctp_setsockopt(sctp->socket, IPPROTO_SCTP, option, value, (socklen_t)size_bytes) == 0)
        return true;
    dc_error("SCTP option %d: %s", option, strerror(errno));
    return false;
}

static bool
set_timing(struct dc_sctp *sctp)
{
    uint32_t on = 1;
    struct sctp_rtoinfo rto = { .srto_initial = RTO_INITIAL_MS, .srto_min = RTO_MIN_MS, .srto_max = RTO_MAX_MS };
    struct sctp_assocparams association = { .sasoc_asocmaxrxt = MAX_RETRANSMISSIONS };
    struct sctp_sack_info sack = { .sack_delay = 2, .sack_freq = 1 };
    struct sctp_assoc_value burst = { .assoc_id = SCTP_FUTURE_ASSOC, .assoc_value = 0 };
    return set_option(sctp, SCTP_NODELAY, &on, sizeof(on)) && set_option(sctp, SCTP_RTOINFO, &rto, sizeof(rto)) &&
           set_option(sctp, SCTP_ASSOCINFO, &association, sizeof(association)) &&
           set_option(sctp, SCTP_DELAYED_SACK, &sack, sizeof(sack)) &&
           set_option(sctp, SCTP_MAX_BURST, &burst, sizeof(burst));
}

/* Only an address that exists takes its MTU, hence after connect(). */
static bool
set_path(struct dc_sctp *sctp, const struct sockaddr_conn *name)
{
    struct sctp_paddrparams path = { .spp_flags = SPP_HB_DISABLE | SPP_PMTUD_DISABLE, .spp_pathmtu = DC_SCTP_MTU_BYTES,
                                     .spp_pathmaxrxt = MAX_RETRANSMISSIONS };
    memcpy(&path.spp_address, name, sizeof(*name));
    return set_option(sctp, SCTP_PEER_ADDR_PARAMS, &path, sizeof(path));
}

static bool
set_streams(struct dc_sctp *sctp)
{
    static const uint16_t events[] = { SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT, SCTP_SENDER_DRY_EVENT };
    struct sctp_initmsg init = { .sinit_num_ostreams = DC_WEBRTC_MAX_CHANNELS, .sinit_max_attempts = 100,
                                 .sinit_max_instreams = DC_WEBRTC_MAX_CHANNELS, .sinit_max_init_timeo = 1000 };
    struct sctp_assoc_value reset = { .assoc_id = SCTP_ALL_ASSOC, .assoc_value = SCTP_ENABLE_RESET_STREAM_REQ };
    bool ok = set_option(sctp, SCTP_INITMSG, &init, sizeof(init)) &&
              set_option(sctp, SCTP_ENABLE_STREAM_RESET, &reset, sizeof(reset));
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]) && ok; i++) {
        struct sctp_event event = { .se_assoc_id = SCTP_ALL_ASSOC, .se_type = events[i], .se_on = 1 };
        ok = set_option(sctp, SCTP_EVENT, &event, sizeof(event));
    }
    return ok;
}

static bool
set_buffers(struct dc_sctp *sctp)
{
    int send_bytes = DC_SCTP_SEND_BUFFER_BYTES, receive_bytes = RECEIVE_BUFFER_BYTES;
    struct linger linger = { .l_onoff = 1, .l_linger = 0 }; // close means ABORT, at once
    return usrsctp_setsockopt(sctp->socket, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof(send_bytes)) == 0 &&
           usrsctp_setsockopt(sctp->socket, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof(receive_bytes)) == 0 &&
           usrsctp_setsockopt(sctp->socket, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) == 0 &&
           usrsctp_set_non_blocking(sctp->socket, 1) == 0;
}

static bool
connect_locked(struct dc_sctp *sctp)
{
    void *address = (void *)(uintptr_t)sctp->id;
    struct sockaddr_conn name = { .sconn_family = AF_CONN, .sconn_port = htons(DC_SCTP_PORT), .sconn_addr = address };
    sctp->socket = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, dc_sctp_library_receive,
                                  dc_sctp_library_acknowledge, 0, address);
    if (!sctp->socket || !set_buffers(sctp) || !set_timing(sctp) || !set_streams(sctp) ||
        usrsctp_bind(sctp->socket, (struct sockaddr *)&name, sizeof(name)) < 0)
        return false;
    bool connects = usrsctp_connect(sctp->socket, (struct sockaddr *)&name, sizeof(name)) == 0 || errno == EINPROGRESS;
    return connects && set_path(sctp, &name);
}

static void
handle_notification(struct dc_sctp *sctp, const struct dc_sctp_item *item)
{
    const union sctp_notification *n = (const union sctp_notification *)item->data;
    if (item->size_bytes < sizeof(n->sn_header) || n->sn_header.sn_length != item->size_bytes)
        return;
    if (n->sn_header.sn_type == SCTP_STREAM_RESET_EVENT) {
        const struct sctp_stream_reset_event *reset = &n->sn_strreset_event;
        size_t count = (item->size_bytes - sizeof(*reset)) / sizeof(uint16_t);
        for (size_t i = 0; i < count && reset->strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN; i++)
            sctp->listener->handle_stream_reset(sctp->user, reset->strreset_stream_list[i]);
        return;
    }
    if (n->sn_header.sn_type != SCTP_ASSOC_CHANGE)
        return;
    switch (n->sn_assoc_change.sac_state) {
    case SCTP_COMM_UP:
        sctp->is_up = true;
        sctp->listener->handle_up(sctp->user);
        return;
    case SCTP_COMM_LOST:
        sctp->is_up = false;
        sctp->listener->handle_down(sctp->user, "the other end has ended the data channels");
        return;
    case SCTP_SHUTDOWN_COMP:
        sctp->is_up = false;
        sctp->listener->handle_down(sctp->user, "the other end has shut the data channels down");
        return;
    }
}

static void
handle_message(struct dc_sctp *sctp, const struct dc_sctp_item *item)
{
    if (item->is_end && sctp->partial.size_bytes == 0) {
        sctp->listener->handle_message(sctp->user, item->stream, item->ppid, item->data, item->size_bytes);
        return;
    }
    // usrsctp finishes one message before it begins another, as we did not ask for interleaving.
    if (sctp->partial.size_bytes && sctp->partial_stream != item->stream)
        dc_writer_reset(&sctp->partial);
    sctp->partial_stream = item->stream;
    if (sctp->partial.size_bytes + item->size_bytes > DC_WEBRTC_MAX_MESSAGE_BYTES) {
        sctp->listener->handle_down(sctp->user, "the other end sent a message that is too long");
        return;
    }
    dc_writer_bytes(&sctp->partial, item->data, item->size_bytes);
    if (!item->is_end || sctp->partial.failed)
        return;
    struct dc_writer whole = sctp->partial; // a callback may receive more
    dc_writer_init(&sctp->partial);
    sctp->listener->handle_message(sctp->user, item->stream, item->ppid, whole.data, whole.size_bytes);
    dc_writer_finish(&whole);
}

static struct dc_sctp_item *
pull(struct dc_sctp *sctp)
{
    dc_sctp_library_lock();
    struct dc_sctp_item *item = dc_sctp_library_pull(sctp);
    dc_sctp_library_unlock();
    return item;
}

/* Hands on what usrsctp left. A callback that sends adds to the queue; only the outermost call empties it, which keeps
 * the order and the stack flat. */
static void
drain(struct dc_sctp *sctp)
{
    struct dc_sctp_item *item;
    if (sctp->is_draining)
        return;
    sctp->is_draining = true;
    while ((item = pull(sctp))) {
        if (item->kind == DC_SCTP_PACKET)
            sctp->listener->send(sctp->user, item->data, item->size_bytes);
        else if (item->kind == DC_SCTP_MESSAGE)
            handle_message(sctp, item);
        else
            handle_notification(sctp, item);
        dc_sctp_item_destroy(item);
    }
    sctp->is_draining = false;
    schedule(sctp, dc_clock_now_us());
}

bool
dc_sctp_init(struct dc_sctp *sctp)
{
    dc_writer_init(&sctp->partial);
    sctp->started_us = sctp->active_us = dc_clock_now_us();
    dc_sctp_library_lock();
    dc_sctp_library_add(sctp);
    usrsctp_register_address((void *)(uintptr_t)sctp->id);
    bool connects = connect_locked(sctp);
    dc_sctp_library_unlock();
    if (!connects)
        dc_error("SCTP cannot be set up: %s", strerror(errno));
    drain(sctp);
    return connects;
}

void
dc_sctp_finish(struct dc_sctp *sctp)
{
    struct dc_sctp_item *item;
    if (sctp->id == 0)
        return;
    dc_sctp_library_lock();
    if (sctp->socket)
        usrsctp_close(sctp->socket);
    sctp->socket = NULL;
    usrsctp_deregister_address((void *)(uintptr_t)sctp->id);
    dc_sctp_library_remove(sctp);
    dc_sctp_library_unlock();
    while ((item = dc_sctp_library_pull(sctp))) { // nobody else knows it any more
        if (item->kind == DC_SCTP_PACKET)
            sctp->listener->send(sctp->user, item->data, item->size_bytes);
        dc_sctp_item_destroy(item);
    }
    dc_writer_finish(&sctp->partial);
    sctp->id = 0;
}

void
dc_sctp_receive(struct dc_sctp *sctp, const uint8_t *packet, size_t size_bytes)
{
    sctp->active_us = dc_clock_now_us();
    dc_sctp_library_lock();
    usrsctp_conninput((void *)(uintptr_t)sctp->id, packet, size_bytes, 0);
    dc_sctp_library_unlock();
    drain(sctp);
}

void
dc_sctp_handle_timer(struct dc_sctp *sctp, int64_t now_us)
{
    if (sctp->id && now_us >= sctp->deadline_us)
        drain(sctp); // the lock lets the timers run
}

int64_t
dc_sctp_deadline_us(const struct dc_sctp *sctp)
{
    return sctp->id ? sctp->deadline_us : INT64_MAX;
}

bool
dc_sctp_send(struct dc_sctp *sctp, uint16_t stream, uint32_t ppid, const struct dc_sctp_reliability *reliability,
             const uint8_t *data, size_t size_bytes)
{
    struct sctp_sendv_spa spa = { .sendv_flags = SCTP_SEND_SNDINFO_VALID };
    if (!sctp->is_up)
        return false;
    spa.sendv_sndinfo.snd_sid = stream;
    spa.sendv_sndinfo.snd_ppid = htonl(ppid);
    spa.sendv_sndinfo.snd_flags = SCTP_EOR | (reliability->is_ordered ? 0 : SCTP_UNORDERED);
    if (reliability->limit >= 0) {
        spa.sendv_flags |= SCTP_SEND_PRINFO_VALID;
        spa.sendv_prinfo.pr_policy = reliability->by_time ? SCTP_PR_SCTP_TTL : SCTP_PR_SCTP_RTX;
        spa.sendv_prinfo.pr_value = (uint32_t)reliability->limit;
    }
    dc_sctp_library_lock();
    bool fits = sctp->unsent_bytes + size_bytes <= DC_WEBRTC_MAX_UNSENT_BYTES;
    bool sent = fits && usrsctp_sendv(sctp->socket, data, size_bytes, NULL, 0, &spa, sizeof(spa), SCTP_SENDV_SPA, 0) ==
                            (ssize_t)size_bytes;
    if (sent) {
        sctp->unsent_bytes += size_bytes;
        sctp->is_dry = false;
    }
    dc_sctp_library_unlock();
    sctp->active_us = dc_clock_now_us();
    drain(sctp);
    return sent;
}

void
dc_sctp_reset_stream(struct dc_sctp *sctp, uint16_t stream)
{
    uint64_t room[2] = { 0 }; // the struct and its one stream
    struct sctp_reset_streams *reset = (struct sctp_reset_streams *)room;
    reset->srs_assoc_id = SCTP_ALL_ASSOC;
    reset->srs_flags = SCTP_STREAM_RESET_OUTGOING;
    reset->srs_number_streams = 1;
    reset->srs_stream_list[0] = stream;
    if (!sctp->is_up)
        return;
    dc_sctp_library_lock();
    int result = usrsctp_setsockopt(sctp->socket, IPPROTO_SCTP, SCTP_RESET_STREAMS, reset,
                                    sizeof(*reset) + sizeof(uint16_t));
    dc_sctp_library_unlock();
    if (result < 0)
        dc_debug("stream %u is not reset: %s", stream, strerror(errno));
    drain(sctp);
}

size_t
dc_sctp_unsent_bytes(const struct dc_sctp *sctp)
{
    return sctp->unsent_bytes;
}
