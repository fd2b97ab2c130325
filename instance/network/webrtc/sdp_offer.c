#include "sdp_offer.h"

#include <stdlib.h>
#include <string.h>

#include "sdp_codec.h"
#include "sdp_text.h"

#define MIN_UFRAG_BYTES 4 // RFC 8839 §5.4
#define MIN_PASSWORD_BYTES 22
#define MAX_BUNDLE_BYTES 512
#define MAX_PTIME_MS 60

const char *const dc_sdp_extension_uris[DC_SDP_EXTENSION_COUNT] = {
    [DC_SDP_EXTENSION_TRANSPORT_CC] = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    [DC_SDP_EXTENSION_PLAYOUT_DELAY] = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
    [DC_SDP_EXTENSION_FRAME] = "urn:x-droidcloud:rtp-hdrext:frame",
    [DC_SDP_EXTENSION_INPUT_IDS] = "urn:x-droidcloud:rtp-hdrext:inputs",
    [DC_SDP_EXTENSION_TIMES] = "urn:x-droidcloud:rtp-hdrext:times",
    [DC_SDP_EXTENSION_SEND_TIME] = "urn:x-droidcloud:rtp-hdrext:send-time",
    [DC_SDP_EXTENSION_REFERENCE] = "urn:x-droidcloud:rtp-hdrext:reference",
};

struct transport { // of one section, or of the session for all of them
    char ufrag[DC_ICE_MAX_BYTES + 1], password[DC_ICE_MAX_BYTES + 1];
    uint8_t fingerprint[DC_WEBRTC_FINGERPRINT_BYTES];
    bool has_fingerprint, is_passive;
};

struct parser {
    struct dc_sdp_offer *offer;
    struct dc_sdp_section *section; // NULL: still in the session's part
    struct transport session, transports[DC_SDP_MAX_SECTIONS];
    struct dc_sdp_codecs codecs; // of the section
    char bundle[MAX_BUNDLE_BYTES];
    bool receiving[DC_SDP_MAX_SECTIONS], mux[DC_SDP_MAX_SECTIONS];
    const char *reason;
};

static bool
fail(struct parser *parser, const char *reason)
{
    parser->reason = reason;
    return false;
}

static bool
parse_fingerprint(struct transport *transport, struct dc_span value)
{
    char text[DC_WEBRTC_FINGERPRINT_TEXT_BYTES];
    struct dc_span algorithm = dc_span_split(&value, ' ');
    if (!dc_span_equals_ignoring_case(algorithm, "sha-256")) // another one of several may be it (RFC 8122 §5)
        return true;
    transport->has_fingerprint =
        dc_span_copy(value, text, sizeof(text)) && dc_webrtc_fingerprint_parse(text, transport->fingerprint);
    return transport->has_fingerprint;
}

static void
parse_extmap(struct dc_sdp_section *section, struct dc_span value)
{
    struct dc_span entry = dc_span_split(&value, ' ');
    struct dc_span uri = dc_span_split(&value, ' ');
    uint32_t id;
    if (!dc_span_number(dc_span_split(&entry, '/'), 14, &id) || id == 0)
        return;
    for (int i = 0; i < DC_SDP_EXTENSION_COUNT; i++) {
        if (dc_span_equals(uri, dc_sdp_extension_uris[i]))
            section->extension_ids[i] = (uint8_t)id;
    }
}

static bool
parse_transport_attribute(struct parser *parser, struct dc_span name, struct dc_span value)
{
    struct transport *transport =
        parser->section ? &parser->transports[parser->offer->section_count - 1] : &parser->session;
    if (dc_span_equals(name, "ice-ufrag"))
        return dc_span_copy(value, transport->ufrag, sizeof(transport->ufrag)) ||
               fail(parser, "the ICE user name fragment is malformed");
    if (dc_span_equals(name, "ice-pwd"))
        return dc_span_copy(value, transport->password, sizeof(transport->password)) ||
               fail(parser, "the ICE password is malformed");
    if (dc_span_equals(name, "fingerprint"))
        return parse_fingerprint(transport, value) || fail(parser, "the fingerprint is malformed");
    if (dc_span_equals(name, "setup"))
        transport->is_passive = dc_span_equals(value, "passive");
    return true;
}

static bool
parse_session_attribute(struct parser *parser, struct dc_span name, struct dc_span value)
{
    if (dc_span_equals(name, "extmap-allow-mixed")) {
        parser->offer->extmap_allow_mixed = true;
    } else if (dc_span_equals(name, "group") && dc_span_skip(&value, "BUNDLE ")) {
        if (value.size_bytes + 1 >= sizeof(parser->bundle))
            return fail(parser, "the bundle is too long");
        memcpy(parser->bundle, value.data, value.size_bytes);
        parser->bundle[value.size_bytes] = '\0';
    }
    return true;
}

static bool
parse_section_attribute(struct parser *parser, struct dc_span name, struct dc_span value)
{
    struct dc_sdp_section *section = parser->section;
    uint32_t number;
    if (dc_span_equals(name, "mid"))
        return dc_span_copy(value, section->mid, sizeof(section->mid)) || fail(parser, "a mid is malformed");
    if (dc_span_equals(name, "sendonly") || dc_span_equals(name, "inactive"))
        parser->receiving[parser->offer->section_count - 1] = false;
    else if (dc_span_equals(name, "rtcp-mux"))
        parser->mux[parser->offer->section_count - 1] = true;
    else if (dc_span_equals(name, "ptime") && dc_span_number(value, MAX_PTIME_MS, &number))
        section->ptime_ms = number;
    else if (dc_span_equals(name, "extmap"))
        parse_extmap(section, value);
    else if (dc_span_equals(name, "extmap-allow-mixed"))
        parser->offer->extmap_allow_mixed = true;
    else if (dc_span_equals(name, "max-message-size") && dc_span_number(value, UINT32_MAX, &number))
        section->max_message_bytes = number;
    else if (dc_span_equals(name, "sctp-port") && dc_span_number(value, 65535, &number))
        section->sctp_port = (uint16_t)number;
    else if (dc_span_equals(name, "sctpmap")) {
        section->has_sctpmap = true;
        if (dc_span_number(dc_span_split(&value, ' '), 65535, &number))
            section->sctp_port = (uint16_t)number;
    } else {
        dc_sdp_codecs_parse(&parser->codecs, name, value);
    }
    return true;
}

static enum dc_sdp_kind
kind_of(const char *media)
{
    if (strcmp(media, "video") == 0)
        return DC_SDP_VIDEO;
    if (strcmp(media, "audio") == 0)
        return DC_SDP_AUDIO;
    return strcmp(media, "application") == 0 ? DC_SDP_APPLICATION : DC_SDP_OTHER;
}

static void
finish_section(struct parser *parser)
{
    if (parser->section)
        dc_sdp_codecs_choose(&parser->codecs, parser->section);
}

static bool
begin_section(struct parser *parser, struct dc_span value)
{
    struct dc_sdp_offer *offer = parser->offer;
    finish_section(parser);
    if (offer->section_count == DC_SDP_MAX_SECTIONS)
        return fail(parser, "too many sections");
    unsigned index = offer->section_count++;
    struct dc_sdp_section *section = &offer->sections[index];
    struct dc_span media = dc_span_split(&value, ' ');
    dc_span_split(&value, ' '); // the port: everything is bundled, and the candidates say it
    struct dc_span protocol = dc_span_split(&value, ' ');
    struct dc_span formats = value;
    *section = (struct dc_sdp_section){ .payload_type = -1, .rtx_payload_type = -1, .parity_payload_type = -1 };
    if (!dc_span_copy(media, section->media, sizeof(section->media)) ||
        !dc_span_copy(protocol, section->protocol, sizeof(section->protocol)) ||
        !dc_span_copy(dc_span_split(&value, ' '), section->format, sizeof(section->format)))
        return fail(parser, "an m= line is malformed");
    section->kind = kind_of(section->media);
    parser->section = section;
    parser->transports[index] = parser->session;
    parser->receiving[index] = true;
    dc_sdp_codecs_init(&parser->codecs, formats);
    return true;
}

static bool
parse_line(struct parser *parser, struct dc_span line)
{
    if (line.size_bytes < 2 || line.data[1] != '=')
        return fail(parser, "a line is not type=value");
    char type = line.data[0];
    struct dc_span value = { line.data + 2, line.size_bytes - 2 };
    if (type == 'm')
        return begin_section(parser, value);
    if (type != 'a')
        return true;
    struct dc_span name = dc_span_split(&value, ':');
    if (!parse_transport_attribute(parser, name, value))
        return false;
    return parser->section ? parse_section_attribute(parser, name, value)
                           : parse_session_attribute(parser, name, value);
}

static bool
is_bundled(const struct parser *parser, const char *mid)
{
    struct dc_span rest = { parser->bundle, strlen(parser->bundle) };
    while (rest.size_bytes) {
        struct dc_span item = dc_span_split(&rest, ' ');
        if (dc_span_equals(item, mid))
            return true;
    }
    return false;
}

static void
judge_section(struct parser *parser, unsigned index, bool is_alone)
{
    struct dc_sdp_section *section = &parser->offer->sections[index];
    bool is_media = section->kind == DC_SDP_VIDEO || section->kind == DC_SDP_AUDIO;
    if (!is_alone && (!section->mid[0] || !is_bundled(parser, section->mid)))
        return;
    if (is_media)
        section->is_usable = section->payload_type >= 0 && parser->receiving[index] && parser->mux[index] &&
                             strstr(section->protocol, "TLS/RTP/SAVP") != NULL;
    else if (section->kind == DC_SDP_APPLICATION)
        section->is_usable = section->sctp_port != 0 && strstr(section->protocol, "DTLS/SCTP") != NULL;
    for (unsigned i = 0; i < index; i++) { // one picture, one sound, one association
        if (parser->offer->sections[i].kind == section->kind && parser->offer->sections[i].is_usable)
            section->is_usable = false;
    }
}

/* The bundle's first section carries all of it. */
static bool
take_transport(struct parser *parser)
{
    struct dc_sdp_offer *offer = parser->offer;
    struct dc_span rest = { parser->bundle, strlen(parser->bundle) };
    struct dc_span first = dc_span_split(&rest, ' ');
    unsigned index = 0;
    for (unsigned i = 0; first.size_bytes && i < offer->section_count; i++) {
        if (dc_span_equals(first, offer->sections[i].mid))
            index = i;
    }
    const struct transport *transport = &parser->transports[index];
    if (strlen(transport->ufrag) < MIN_UFRAG_BYTES || strlen(transport->password) < MIN_PASSWORD_BYTES)
        return fail(parser, "no ICE user name fragment and password");
    if (!transport->has_fingerprint)
        return fail(parser, "no SHA-256 fingerprint");
    if (transport->is_passive)
        return fail(parser, "setup:passive: the client has to begin DTLS");
    memcpy(offer->ice_ufrag, transport->ufrag, sizeof(offer->ice_ufrag));
    memcpy(offer->ice_password, transport->password, sizeof(offer->ice_password));
    memcpy(offer->fingerprint, transport->fingerprint, sizeof(offer->fingerprint));
    return true;
}

static bool
judge(struct parser *parser)
{
    struct dc_sdp_offer *offer = parser->offer;
    bool is_any_media = false;
    if (offer->section_count == 0)
        return fail(parser, "no media section");
    for (unsigned i = 0; i < offer->section_count; i++) {
        judge_section(parser, i, offer->section_count == 1);
        is_any_media |= offer->sections[i].is_usable && offer->sections[i].kind == DC_SDP_VIDEO;
    }
    if (!is_any_media)
        return fail(parser, "no bundled video section that receives H.264 with packetization-mode=1, rtcp-mux and "
                            "a profile that constrained baseline belongs to");
    return take_transport(parser);
}

bool
dc_sdp_offer_parse(const char *text, size_t size_bytes, struct dc_sdp_offer *offer, const char **reason)
{
    struct parser *parser = calloc(1, sizeof(*parser));
    struct dc_span rest = { text, size_bytes };
    bool good = parser != NULL;
    *offer = (struct dc_sdp_offer){ .section_count = 0 };
    *reason = "out of memory";
    if (!parser)
        return false;
    parser->offer = offer;
    if (size_bytes > DC_SDP_MAX_BYTES || !dc_span_skip(&rest, "v=0"))
        good = fail(parser, "not a session description: it does not begin with v=0");
    else
        dc_span_split(&rest, '\n');
    while (good && rest.size_bytes) {
        struct dc_span line = dc_span_split(&rest, '\n');
        if (line.size_bytes && line.data[line.size_bytes - 1] == '\r')
            line.size_bytes--;
        good = line.size_bytes == 0 || parse_line(parser, line);
    }
    if (good) {
        finish_section(parser);
        good = judge(parser);
    }
    *reason = parser->reason;
    free(parser);
    return good;
}

const struct dc_sdp_section *
dc_sdp_offer_find(const struct dc_sdp_offer *offer, enum dc_sdp_kind kind)
{
    for (unsigned i = 0; i < offer->section_count; i++) {
        if (offer->sections[i].kind == kind && offer->sections[i].is_usable)
            return &offer->sections[i];
    }
    return NULL;
}
