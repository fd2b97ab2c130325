#define DC_LOG_COMPONENT "network"
#include "peer_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <common/clock.h>
#include <common/log.h>
#include <protocol/rtp/channel.h>
#include <protocol/rtp/opus_payload.h>
#include <protocol/rtp/frame_extension.h>
#include <protocol/rtp/rtp.h>

#define INBOX_BYTES (64u << 10)
#define EARLY_BYTES (16u << 10)
#define SKIP_CHECK_US 5000 // is a frame worth encoding again?
#define LENGTH_BYTES sizeof(uint32_t)
#define KEPT_FRAMES 16     // for clients that ask for frames without what they lost; the encoder takes fewer where its level says so
#define NAL_TYPE_MASK 31 // RFC 6184 §5.3, 5.7.1; H.264 7.3.2.1.1
#define NAL_STAP_A 24
#define NAL_SPS 7
#define PROFILE_BASELINE 66
#define CONSTRAINT_SET1 0x40

static struct dc_peer_link *
link_of(const struct dc_transport *transport)
{
    return (struct dc_peer_link *)transport;
}

/* Appends one record to a buffer of this capacity. */
static bool
keep(uint8_t **buffer, size_t *buffer_bytes, size_t capacity, uint8_t channel, const uint8_t *data, size_t size_bytes)
{
    uint32_t length = (uint32_t)size_bytes + 1;
    if (size_bytes >= capacity || *buffer_bytes + LENGTH_BYTES + length > capacity)
        return false;
    if (!*buffer)
        *buffer = malloc(capacity);
    if (!*buffer)
        return false;
    memcpy(*buffer + *buffer_bytes, &length, LENGTH_BYTES);
    (*buffer)[*buffer_bytes + LENGTH_BYTES] = channel;
    memcpy(*buffer + *buffer_bytes + LENGTH_BYTES + 1, data, size_bytes);
    *buffer_bytes += LENGTH_BYTES + length;
    return true;
}

static void
send_datagram(void *user, const struct dc_webrtc_path *path, const uint8_t *datagram, size_t size_bytes)
{
    struct dc_peer_link *link = user;
    link->owner->send(link->user, path, datagram, size_bytes);
}

static void
handle_connected(void *user)
{
    struct dc_peer_link *link = user;
    link->is_connected = true;
    link->owner->handle_connected(link->user, link);
}

/* Records whose channel is not open stay. */
static void
send_early(struct dc_peer_link *link)
{
    size_t at = 0, kept = 0;
    while (at < link->early_bytes) {
        uint32_t length;
        memcpy(&length, link->early + at, LENGTH_BYTES);
        const uint8_t *record = link->early + at + LENGTH_BYTES;
        if (link->channel_open[record[0]]) {
            dc_webrtc_peer_send_message(link->peer, record[0], false, record + 1, length - 1);
        } else {
            memmove(link->early + kept, link->early + at, LENGTH_BYTES + length);
            kept += LENGTH_BYTES + length;
        }
        at += LENGTH_BYTES + length;
    }
    link->early_bytes = kept;
}

static void
handle_channel(void *user, uint16_t stream, const char *label)
{
    struct dc_peer_link *link = user;
    if (stream >= sizeof(link->channel_open) / sizeof(link->channel_open[0]))
        return;
    link->channel_open[stream] = true;
    send_early(link);
}

static void
handle_message(void *user, uint16_t stream, bool is_text, const uint8_t *data, size_t size_bytes, int64_t now_us)
{
    struct dc_peer_link *link = user;
    if (stream >= sizeof(link->channel_open) / sizeof(link->channel_open[0]) || size_bytes >= DC_MESSAGE_MAX_BYTES ||
        !keep(&link->inbox, &link->inbox_bytes, INBOX_BYTES, (uint8_t)stream, data, size_bytes)) {
        if (link->dropped_messages++ == 0)
            dc_warn("a message of %zu bytes on data channel %u dropped (further ones silently)", size_bytes, stream);
    }
}

static void
send_video(void *user, uint8_t *packet, size_t size_bytes)
{
    struct dc_peer_link *link = user;
    dc_webrtc_peer_send_rtp(link->peer, packet, size_bytes);
}

static const struct dc_video_sender_listener sender_listener = { .send = send_video };

/* What has changed since the owner was told. Small steps of the rate are not worth a message to the encoder. */
static void
tell_owner(struct dc_peer_link *link, int64_t now_us)
{
    struct dc_video_request request;
    struct dc_network_encoder_wish wish = { 0 };
    if (!link->has_video || !link->is_connected)
        return;
    link->told_us = now_us;
    wish.bitrate_kbps = dc_video_sender_encoder_kbps(&link->sender);
    wish.skip = !dc_video_sender_may_encode(&link->sender, now_us);
    if (dc_video_sender_take_request(&link->sender, now_us, &request))
        wish.first_lost_id = request.first_lost_id; // key frames are the session's business
    uint32_t told_kbps = link->told.bitrate_kbps, limit_kbps = link->bitrate_kbps;
    uint32_t step_kbps = wish.bitrate_kbps > told_kbps ? wish.bitrate_kbps - told_kbps : told_kbps - wish.bitrate_kbps;
    bool is_news = step_kbps * 25 > told_kbps || (wish.bitrate_kbps == limit_kbps && step_kbps);
    if (!is_news)
        wish.bitrate_kbps = told_kbps;
    wish.kept_frames = link->kept_frames;
    // Few bits by the operator's own limit are a choice, not the line's doing.
    uint32_t line_kbps = wish.bitrate_kbps < limit_kbps ? wish.bitrate_kbps : UINT32_MAX;
    wish.rate_divisor = dc_ladder_update(&link->ladder, line_kbps, now_us)->rate_divisor;
    if (!is_news && wish.skip == link->told.skip && wish.rate_divisor == link->told.rate_divisor && !wish.first_lost_id &&
        wish.kept_frames == link->told.kept_frames)
        return;
    if (link->owner->handle_encoder(link->user, link, &wish))
        link->told = wish;
}

/* Losses are dealt with here; what asks for a picture is the session's business, which also takes it as a sign of life. */
static void
handle_rtcp(void *user, const uint8_t *packet, size_t size_bytes, int64_t now_us)
{
    struct dc_peer_link *link = user;
    if (link->has_video) {
        dc_video_sender_handle_rtcp(&link->sender, packet, size_bytes, now_us);
        tell_owner(link, now_us);
    }
    if (size_bytes)
        keep(&link->inbox, &link->inbox_bytes, INBOX_BYTES, packet[0], packet + 1, size_bytes - 1);
}

static void
handle_closed(void *user, const char *reason)
{
    struct dc_peer_link *link = user;
    dc_debug("WebRTC session %.8s: %s", link->id, reason);
    link->is_closed = true;
}

static const struct dc_webrtc_peer_listener peer_listener = {
    .send = send_datagram,
    .handle_connected = handle_connected,
    .handle_rtcp = handle_rtcp,
    .handle_channel = handle_channel,
    .handle_message = handle_message,
    .handle_closed = handle_closed,
};

static void
link_destroy(struct dc_transport *transport)
{
    struct dc_peer_link *link = link_of(transport);
    dc_webrtc_peer_destroy(link->peer);
    link->owner->handle_destroyed(link->user, link);
    if (link->has_video)
        dc_video_sender_finish(&link->sender);
    free(link->inbox);
    free(link->early);
    free(link);
}

static int
link_fd(const struct dc_transport *transport)
{
    return -1;
}

/* false: it has to wait. */
static bool
send_message(struct dc_peer_link *link, const uint8_t *data, size_t size_bytes)
{
    uint8_t channel = data[0];
    if (!link->has_channels)
        return true; // the client did without
    if (!link->channel_open[channel]) {
        if (!keep(&link->early, &link->early_bytes, EARLY_BYTES, channel, data + 1, size_bytes - 1))
            link->dropped_messages++;
        return true;
    }
    return dc_webrtc_peer_send_message(link->peer, channel, false, data + 1, size_bytes - 1);
}

/* What was answered holds for constrained baseline; an encoder may be set to something else. */
static void
check_profile(struct dc_peer_link *link, const struct dc_rtp_packet *rtp)
{
    if (rtp->payload_bytes < 6 || (rtp->payload[0] & NAL_TYPE_MASK) != NAL_STAP_A ||
        (rtp->payload[3] & NAL_TYPE_MASK) != NAL_SPS)
        return;
    uint8_t profile = rtp->payload[4], constraints = rtp->payload[5];
    link->is_profile_checked = true;
    if (profile != PROFILE_BASELINE || !(constraints & CONSTRAINT_SET1))
        dc_warn("the stream's H.264 profile %02x%02x is not constrained baseline, which was agreed on: not every client will "
                "show it", profile, constraints);
}

/* A frame goes to the sender packet by packet; the marker ends it. */
static void
pace_video(struct dc_peer_link *link, const struct dc_rtp_packet *original, uint8_t *packet, size_t size_bytes)
{
    struct dc_frame_extension extension = { 0 };
    uint8_t id = link->video.extension_ids[DC_SDP_EXTENSION_SEND_TIME];
    int64_t now_us = dc_clock_now_us();
    if (original->has_extension)
        dc_frame_extension_unpack(original->extension_profile, original->extension, original->extension_bytes, &extension);
    if (!link->in_frame)
        dc_video_sender_begin_frame(&link->sender, extension.meta.frame_id, extension.keyframe, original->timestamp, now_us);
    link->in_frame = !original->marker;
    dc_video_sender_add_packet(&link->sender, packet, size_bytes,
                               id ? dc_frame_extension_find_send_time(packet, size_bytes, id) : 0);
    if (!original->marker)
        return;
    dc_video_sender_end_frame(&link->sender, now_us);
    tell_owner(link, now_us);
}

static void
send_mapped(struct dc_peer_link *link, const struct dc_rtp_map *map, int stream, const uint8_t *data, size_t size_bytes)
{
    uint8_t packet[DC_WEBRTC_MAX_RTP_BYTES + DC_WEBRTC_SRTP_TRAILER_BYTES];
    struct dc_rtp_packet original, rtp;
    size_t mapped_bytes = dc_rtp_map_apply(map, data, size_bytes, packet, DC_WEBRTC_MAX_RTP_BYTES);
    if (!mapped_bytes || !dc_rtp_unpack(packet, mapped_bytes, &rtp) || !dc_rtp_unpack(data, size_bytes, &original))
        return;
    dc_sender_reports_count(&link->reports, stream, rtp.payload_bytes);
    if (stream != DC_SENDER_VIDEO) {
        dc_webrtc_peer_send_rtp(link->peer, packet, mapped_bytes);
        return;
    }
    if (!link->is_profile_checked)
        check_profile(link, &rtp);
    pace_video(link, &original, packet, mapped_bytes);
}

/* A client that wants longer packets gets them under numbers of their own. */
static void
send_audio(struct dc_peer_link *link, const uint8_t *data, size_t size_bytes, const struct dc_rtp_packet *rtp)
{
    uint8_t payload[DC_OPUS_BUNDLE_MAX_BYTES], packet[DC_RTP_MAX_PACKET_BYTES];
    struct dc_rtp_packet bundle = *rtp;
    if (!link->bundle.duration || dc_opus_duration(rtp->payload, rtp->payload_bytes) >= link->bundle.duration) {
        send_mapped(link, &link->audio, DC_SENDER_AUDIO, data, size_bytes);
        return;
    }
    bundle.payload_bytes = dc_opus_bundle_push(&link->bundle, rtp->payload, rtp->payload_bytes, rtp->timestamp, rtp->marker,
                                               payload, sizeof(payload));
    if (!bundle.payload_bytes)
        return;
    bundle.payload = payload;
    bundle.timestamp = link->bundle.timestamp;
    bundle.marker = link->bundle.marker;
    bundle.sequence = link->audio_sequence++;
    size_bytes = dc_rtp_pack(&bundle, packet, sizeof(packet));
    if (size_bytes)
        send_mapped(link, &link->audio, DC_SENDER_AUDIO, packet, size_bytes);
}

static void
send_rtp(struct dc_peer_link *link, const uint8_t *data, size_t size_bytes)
{
    struct dc_rtp_packet rtp;
    if (!link->is_connected || !dc_rtp_unpack(data, size_bytes, &rtp))
        return;
    if (link->has_video && rtp.ssrc == link->video.ssrc)
        send_mapped(link, &link->video, DC_SENDER_VIDEO, data, size_bytes);
    else if (link->has_audio && rtp.ssrc == link->audio.ssrc)
        send_audio(link, data, size_bytes, &rtp);
}

static bool
is_blocked(const struct dc_peer_link *link)
{
    const struct dc_webrtc_path *path = dc_webrtc_peer_get_path(link->peer);
    return path && link->owner->is_blocked(link->user, path);
}

static int
link_send(struct dc_transport *transport, const struct dc_datagram *datagrams, unsigned count)
{
    struct dc_peer_link *link = link_of(transport);
    if (link->is_closed)
        return -EPIPE;
    for (unsigned i = 0; i < count; i++) {
        bool is_message = datagrams[i].data[0] < DC_CHANNEL_RTP_FIRST;
        if (is_blocked(link) || (is_message && !send_message(link, datagrams[i].data, datagrams[i].size_bytes)))
            return (int)i;
        if (!is_message)
            send_rtp(link, datagrams[i].data, datagrams[i].size_bytes);
    }
    return (int)count;
}

static bool
link_is_pending(const struct dc_transport *transport)
{
    const struct dc_peer_link *link = link_of(transport);
    return !link->is_closed && (dc_webrtc_peer_unsent_bytes(link->peer) > 0 || is_blocked(link));
}

static int
link_receive(struct dc_transport *transport, dc_transport_handle_datagram handle, void *user)
{
    struct dc_peer_link *link = link_of(transport);
    size_t at = 0;
    bool goes_on = true;
    while (goes_on && at < link->inbox_bytes) {
        uint32_t length;
        memcpy(&length, link->inbox + at, LENGTH_BYTES);
        goes_on = handle(user, link->inbox + at + LENGTH_BYTES, length);
        at += LENGTH_BYTES + length;
    }
    link->inbox_bytes = 0;
    return link->is_closed ? -EPIPE : 0;
}

static void
link_shutdown(struct dc_transport *transport)
{
    link_of(transport)->is_shut = true; // the client closes when it has read the goodbye
}

static const struct dc_transport_impl link_impl = {
    .name = "webrtc",
    .destroy = link_destroy,
    .fd = link_fd,
    .send = link_send,
    .is_pending = link_is_pending,
    .receive = link_receive,
    .shutdown = link_shutdown,
};

/* Both ends know these without asking (session.proto); motion that is lost is not worth repeating. */
static bool
add_channels(struct dc_webrtc_peer *peer)
{
    return dc_webrtc_peer_add_channel(peer, DC_CHANNEL_CONTROL, "control", true, -1) &&
           dc_webrtc_peer_add_channel(peer, DC_CHANNEL_INPUT_EDGES, "input", true, -1) &&
           dc_webrtc_peer_add_channel(peer, DC_CHANNEL_INPUT_MOTION, "motion", false, 0) &&
           dc_webrtc_peer_add_channel(peer, DC_CHANNEL_STATS, "stats", true, -1);
}

struct dc_peer_link *
dc_peer_link_create(const struct dc_peer_link_config *config, const struct dc_peer_link_owner *owner, void *user,
                    int64_t now_us)
{
    struct dc_peer_link *link = calloc(1, sizeof(*link));
    const struct dc_sdp_section *data = dc_sdp_offer_find(config->offer, DC_SDP_APPLICATION);
    if (!link)
        return NULL;
    struct dc_webrtc_peer_config peer = {
        .identity = config->identity,
        .local_ufrag = config->ufrag,
        .local_password = config->password,
        .remote_ufrag = config->offer->ice_ufrag,
        .remote_password = config->offer->ice_password,
        .sctp_max_message_bytes = data ? data->max_message_bytes : 0,
    };
    memcpy(peer.remote_fingerprint, config->offer->fingerprint, sizeof(peer.remote_fingerprint));
    link->base.impl = &link_impl;
    link->owner = owner;
    link->user = user;
    link->bitrate_kbps = config->bitrate_kbps ? config->bitrate_kbps : 10000;
    dc_ladder_init(&link->ladder, config->width, config->height, config->refresh_mhz);
    link->has_channels = data != NULL;
    link->reports.cname = config->cname;
    snprintf(link->id, sizeof(link->id), "%s", config->id);
    snprintf(link->ufrag, sizeof(link->ufrag), "%s", config->ufrag);
    link->peer = dc_webrtc_peer_create(&peer, &peer_listener, link, now_us);
    if (!link->peer || (data && !add_channels(link->peer))) {
        dc_webrtc_peer_destroy(link->peer);
        free(link);
        return NULL;
    }
    return link;
}

/* Parity is computed before a packet's send time is known, and whoever repairs looks for that at our own number. */
static bool
can_take_parity(const struct dc_peer_link *link, const struct dc_sdp_section *video)
{
    uint8_t send_time_id = link->video.extension_ids[DC_SDP_EXTENSION_SEND_TIME];
    return video->parity_payload_type > 0 && (!send_time_id || send_time_id == DC_FRAME_EXTENSION_SEND_TIME);
}

void
dc_peer_link_set_streams(struct dc_peer_link *link, const struct dc_sdp_offer *offer,
                         const struct dc_peer_link_ssrcs *ssrcs)
{
    const struct dc_sdp_section *video = dc_sdp_offer_find(offer, DC_SDP_VIDEO);
    const struct dc_sdp_section *audio = dc_sdp_offer_find(offer, DC_SDP_AUDIO);
    int64_t now_us = dc_clock_now_us();
    link->has_audio = audio != NULL;
    if (video) {
        dc_rtp_map_init(&link->video, video, ssrcs->video, offer->extmap_allow_mixed);
        link->reports.streams[DC_SENDER_VIDEO].ssrc = ssrcs->video;
        link->reports.streams[DC_SENDER_VIDEO].clock_hz = 90000;
        const struct dc_video_sender_config config = {
            .video_ssrc = ssrcs->video,
            .rtx_ssrc = ssrcs->rtx,
            .fec_ssrc = ssrcs->parity,
            .video_payload_type = (uint8_t)video->payload_type,
            .rtx_payload_type = video->rtx_payload_type > 0 ? (uint8_t)video->rtx_payload_type : 0,
            .fec_payload_type = can_take_parity(link, video) ? (uint8_t)video->parity_payload_type : 0,
            .transport_extension_id = video->transport_cc ? link->video.extension_ids[DC_SDP_EXTENSION_TRANSPORT_CC] : 0,
            .bitrate_kbps = link->bitrate_kbps,
        };
        link->has_video = dc_video_sender_init(&link->sender, &config, &sender_listener, link, now_us);
        link->sender.report_us = INT64_MAX; // sender_reports.h says them for both streams
        link->told.bitrate_kbps = link->bitrate_kbps;
        link->kept_frames = video->invalidation ? KEPT_FRAMES : 1;
        link->told.rate_divisor = 1;
    }
    if (audio) {
        link->bundle.duration = audio->ptime_ms * 48;
        dc_rtp_map_init(&link->audio, audio, ssrcs->audio, offer->extmap_allow_mixed);
        link->reports.streams[DC_SENDER_AUDIO].ssrc = ssrcs->audio;
        link->reports.streams[DC_SENDER_AUDIO].clock_hz = 48000;
    }
}

int64_t
dc_peer_link_deadline_us(const struct dc_peer_link *link)
{
    int64_t deadline_us = dc_webrtc_peer_deadline_us(link->peer);
    bool reports = link->is_connected && !link->is_closed;
    if (!reports)
        return deadline_us;
    if (link->has_video && dc_video_sender_deadline_us(&link->sender) < deadline_us)
        deadline_us = dc_video_sender_deadline_us(&link->sender);
    if (link->told.skip && link->told_us + SKIP_CHECK_US < deadline_us)
        deadline_us = link->told_us + SKIP_CHECK_US;
    return link->reports.next_us < deadline_us ? link->reports.next_us : deadline_us;
}

void
dc_peer_link_handle_timer(struct dc_peer_link *link, int64_t now_us)
{
    uint8_t packet[DC_SENDER_REPORTS_MAX_BYTES + DC_WEBRTC_SRTP_TRAILER_BYTES];
    if (link->is_closed)
        return;
    dc_webrtc_peer_handle_timer(link->peer, now_us);
    if (!link->is_connected || link->is_closed)
        return;
    if (link->has_video) {
        dc_video_sender_handle_timer(&link->sender, now_us);
        tell_owner(link, now_us);
    }
    size_t size_bytes = dc_sender_reports_pull(&link->reports, packet, DC_SENDER_REPORTS_MAX_BYTES, now_us);
    if (size_bytes)
        dc_webrtc_peer_send_rtcp(link->peer, packet, size_bytes);
}
