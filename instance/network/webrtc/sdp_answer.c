#include "sdp_answer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text {
    char *out;
    size_t capacity, size_bytes;
    bool failed; // sticky
};

static void __attribute__((format(printf, 2, 3)))
put(struct text *text, const char *format, ...)
{
    va_list args;
    if (text->failed)
        return;
    size_t room = text->capacity - text->size_bytes;
    va_start(args, format);
    int length = vsnprintf(text->out + text->size_bytes, room, format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= room)
        text->failed = true;
    else
        text->size_bytes += (size_t)length;
}

static void
put_session(struct text *text, const struct dc_sdp_offer *offer, const struct dc_sdp_answer *answer)
{
    put(text, "v=0\r\no=- %" PRIu64 " 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", answer->session_id >> 1);
    put(text, "a=ice-lite\r\na=group:BUNDLE");
    for (unsigned i = 0; i < offer->section_count; i++) {
        if (offer->sections[i].is_usable && offer->sections[i].mid[0])
            put(text, " %s", offer->sections[i].mid);
    }
    put(text, "\r\na=msid-semantic: WMS *\r\n");
    if (offer->extmap_allow_mixed)
        put(text, "a=extmap-allow-mixed\r\n");
}

/* RFC 8445 §5.1.2.1: host candidates, UDP before TCP; RFC 6544 §4.2: passive ones have 4 as direction preference. */
static void
put_candidate(struct text *text, const struct dc_sdp_candidate *candidate, unsigned index)
{
    uint32_t local_preference = candidate->is_tcp ? (4u << 13) + 8191 - index : 65535 - index;
    uint32_t type_preference = candidate->is_tcp ? 90 : 126;
    uint32_t priority = type_preference << 24 | local_preference << 8 | 255;
    put(text, "a=candidate:%u 1 %s %" PRIu32 " %s %u typ host%s\r\n", index + 1, candidate->is_tcp ? "tcp" : "udp",
        priority, candidate->address, candidate->port, candidate->is_tcp ? " tcptype passive" : "");
}

static void
put_transport(struct text *text, const struct dc_sdp_answer *answer)
{
    char fingerprint[DC_WEBRTC_FINGERPRINT_TEXT_BYTES];
    dc_webrtc_fingerprint_format(answer->fingerprint, fingerprint);
    put(text, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:sha-256 %s\r\na=setup:passive\r\n", answer->ice_ufrag,
        answer->ice_password, fingerprint);
    for (unsigned i = 0; i < answer->candidate_count; i++)
        put_candidate(text, &answer->candidates[i], i);
    put(text, "a=end-of-candidates\r\n");
}

static void
put_feedback(struct text *text, const struct dc_sdp_section *section)
{
    int type = section->payload_type;
    if (section->nack)
        put(text, "a=rtcp-fb:%d nack\r\n", type);
    if (section->nack_pli)
        put(text, "a=rtcp-fb:%d nack pli\r\n", type);
    if (section->ccm_fir)
        put(text, "a=rtcp-fb:%d ccm fir\r\n", type);
    if (section->transport_cc)
        put(text, "a=rtcp-fb:%d transport-cc\r\n", type);
    if (section->invalidation)
        put(text, "a=rtcp-fb:%d " DC_SDP_INVALIDATION_FEEDBACK "\r\n", type);
}

static void
put_extensions(struct text *text, const struct dc_sdp_section *section)
{
    for (int i = 0; i < DC_SDP_EXTENSION_COUNT; i++) {
        if (section->extension_ids[i])
            put(text, "a=extmap:%u %s\r\n", section->extension_ids[i], dc_sdp_extension_uris[i]);
    }
}

static void
put_source(struct text *text, uint32_t ssrc, const char *cname, const char *track)
{
    put(text, "a=ssrc:%" PRIu32 " cname:%s\r\na=ssrc:%" PRIu32 " msid:%s %s\r\n", ssrc, cname, ssrc, cname, track);
}

static void
put_video(struct text *text, const struct dc_sdp_section *section, const struct dc_sdp_answer *answer)
{
    int type = section->payload_type, rtx = section->rtx_payload_type, parity = section->parity_payload_type;
    put(text, "a=rtpmap:%d H264/90000\r\n", type);
    put(text, "a=fmtp:%d level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=%06" PRIx32 "\r\n", type,
        section->profile_level_id);
    put_feedback(text, section);
    if (rtx >= 0)
        put(text, "a=rtpmap:%d rtx/90000\r\na=fmtp:%d apt=%d\r\n", rtx, rtx, type);
    if (parity >= 0)
        put(text, "a=rtpmap:%d " DC_SDP_PARITY_ENCODING "\r\na=fmtp:%d apt=%d\r\n", parity, parity, type);
    put_extensions(text, section);
    put(text, "a=msid:%s video\r\n", answer->cname);
    if (rtx >= 0)
        put(text, "a=ssrc-group:FID %" PRIu32 " %" PRIu32 "\r\n", answer->video_ssrc, answer->rtx_ssrc);
    put_source(text, answer->video_ssrc, answer->cname, "video");
    if (rtx >= 0)
        put_source(text, answer->rtx_ssrc, answer->cname, "video");
    if (parity >= 0)
        put_source(text, answer->parity_ssrc, answer->cname, "video");
}

static void
put_audio(struct text *text, const struct dc_sdp_section *section, const struct dc_sdp_answer *answer)
{
    int type = section->payload_type;
    put(text, "a=rtpmap:%d opus/48000/2\r\na=fmtp:%d stereo=1;sprop-stereo=1\r\n", type, type);
    if (section->ptime_ms)
        put(text, "a=ptime:%" PRIu32 "\r\n", section->ptime_ms);
    put_feedback(text, section);
    put_extensions(text, section);
    put(text, "a=msid:%s audio\r\n", answer->cname);
    put_source(text, answer->audio_ssrc, answer->cname, "audio");
}

static void
put_media(struct text *text, const struct dc_sdp_section *section, const struct dc_sdp_answer *answer)
{
    bool is_video = section->kind == DC_SDP_VIDEO;
    put(text, "m=%s 9 %s %d", section->media, section->protocol, section->payload_type);
    if (is_video && section->rtx_payload_type >= 0)
        put(text, " %d", section->rtx_payload_type);
    if (is_video && section->parity_payload_type >= 0)
        put(text, " %d", section->parity_payload_type);
    put(text, "\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n");
    put_transport(text, answer);
    if (section->mid[0])
        put(text, "a=mid:%s\r\n", section->mid);
    put(text, "a=sendonly\r\na=rtcp-mux\r\na=rtcp-rsize\r\n");
    if (is_video)
        put_video(text, section, answer);
    else
        put_audio(text, section, answer);
}

static void
put_data(struct text *text, const struct dc_sdp_section *section, const struct dc_sdp_answer *answer)
{
    if (section->has_sctpmap)
        put(text, "m=%s 9 %s 5000\r\nc=IN IP4 0.0.0.0\r\n", section->media, section->protocol);
    else
        put(text, "m=%s 9 %s webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n", section->media, section->protocol);
    put_transport(text, answer);
    if (section->mid[0])
        put(text, "a=mid:%s\r\n", section->mid);
    if (section->has_sctpmap)
        put(text, "a=sctpmap:5000 webrtc-datachannel 1024\r\n");
    else
        put(text, "a=sctp-port:5000\r\n");
    put(text, "a=max-message-size:%" PRIu32 "\r\n", answer->max_message_bytes);
}

static void
put_rejected(struct text *text, const struct dc_sdp_section *section)
{
    put(text, "m=%s 0 %s %s\r\nc=IN IP4 0.0.0.0\r\n", section->media, section->protocol, section->format);
    if (section->mid[0])
        put(text, "a=mid:%s\r\n", section->mid);
    put(text, "a=inactive\r\n");
}

size_t
dc_sdp_answer_build(const struct dc_sdp_offer *offer, const struct dc_sdp_answer *answer, char *out, size_t capacity)
{
    struct text text = { .out = out, .capacity = capacity };
    put_session(&text, offer, answer);
    for (unsigned i = 0; i < offer->section_count; i++) {
        const struct dc_sdp_section *section = &offer->sections[i];
        if (!section->is_usable)
            put_rejected(&text, section);
        else if (section->kind == DC_SDP_APPLICATION)
            put_data(&text, section, answer);
        else
            put_media(&text, section, answer);
    }
    return text.failed ? 0 : text.size_bytes;
}
