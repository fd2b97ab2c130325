#include "sdp_codec.h"

#include <string.h>

#define H264_DEFAULT_PROFILE 0x42000a // RFC 6184 §8.1: baseline, level 1, when nothing is said

void
dc_sdp_codecs_init(struct dc_sdp_codecs *codecs, struct dc_span formats)
{
    memset(codecs, 0, sizeof(*codecs));
    for (int i = 0; i < 128; i++)
        codecs->by_type[i] = (struct dc_sdp_codec){ .apt = -1, .profile_level_id = H264_DEFAULT_PROFILE };
    while (formats.size_bytes && codecs->count < 128) {
        uint32_t type;
        if (dc_span_number(dc_span_split(&formats, ' '), 127, &type))
            codecs->order[codecs->count++] = (uint8_t)type;
    }
}

static struct dc_sdp_codec *
find(struct dc_sdp_codecs *codecs, struct dc_span *value)
{
    uint32_t type;
    struct dc_span first = dc_span_split(value, ' ');
    if (dc_span_equals(first, "*"))
        return &codecs->for_all;
    return dc_span_number(first, 127, &type) ? &codecs->by_type[type] : NULL;
}

static void
parse_rtpmap(struct dc_sdp_codec *codec, struct dc_span value)
{
    if (dc_span_equals_ignoring_case(value, "H264/90000"))
        codec->name = DC_SDP_CODEC_H264;
    else if (dc_span_equals_ignoring_case(value, "opus/48000/2"))
        codec->name = DC_SDP_CODEC_OPUS;
    else if (dc_span_equals_ignoring_case(value, "rtx/90000"))
        codec->name = DC_SDP_CODEC_RTX;
    else if (dc_span_equals_ignoring_case(value, DC_SDP_PARITY_ENCODING))
        codec->name = DC_SDP_CODEC_PARITY;
}

static bool
parse_hexadecimal(struct dc_span text, uint32_t *number)
{
    *number = 0;
    for (size_t i = 0; i < text.size_bytes; i++) {
        char c = text.data[i] | 0x20;
        int digit = c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= '0' && c <= '9' ? c - '0' : -1;
        if (digit < 0)
            return false;
        *number = *number << 4 | (uint32_t)digit;
    }
    return text.size_bytes == 6;
}

static void
parse_fmtp(struct dc_sdp_codec *codec, struct dc_span value)
{
    uint32_t number;
    while (value.size_bytes) {
        struct dc_span item = dc_span_split(&value, ';');
        while (dc_span_skip(&item, " "))
            ;
        struct dc_span name = dc_span_split(&item, '=');
        if (dc_span_equals_ignoring_case(name, "apt") && dc_span_number(item, 127, &number))
            codec->apt = (int)number;
        else if (dc_span_equals_ignoring_case(name, "packetization-mode") && dc_span_number(item, 2, &number))
            codec->packetization_mode = number;
        else if (dc_span_equals_ignoring_case(name, "profile-level-id") && parse_hexadecimal(item, &number))
            codec->profile_level_id = number;
    }
}

static void
parse_feedback(struct dc_sdp_codec *codec, struct dc_span value)
{
    codec->nack |= dc_span_equals(value, "nack");
    codec->nack_pli |= dc_span_equals(value, "nack pli");
    codec->ccm_fir |= dc_span_equals(value, "ccm fir");
    codec->transport_cc |= dc_span_equals(value, "transport-cc");
    codec->invalidation |= dc_span_equals(value, DC_SDP_INVALIDATION_FEEDBACK);
}

void
dc_sdp_codecs_parse(struct dc_sdp_codecs *codecs, struct dc_span name, struct dc_span value)
{
    bool is_map = dc_span_equals(name, "rtpmap"), is_parameters = dc_span_equals(name, "fmtp");
    if (!is_map && !is_parameters && !dc_span_equals(name, "rtcp-fb"))
        return;
    struct dc_sdp_codec *codec = find(codecs, &value);
    if (!codec)
        return;
    if (is_map)
        parse_rtpmap(codec, value);
    else if (is_parameters)
        parse_fmtp(codec, value);
    else
        parse_feedback(codec, value);
}

/* What a constrained baseline stream can be sent to: its own profile best, whose name browsers compare; plain baseline,
 * extended, main and high decoders take it as well (H.264 A.2). */
int
dc_h264_profile_fitness(uint32_t profile_level_id)
{
    uint8_t profile = (uint8_t)(profile_level_id >> 16), constraints = (uint8_t)(profile_level_id >> 8);
    switch (profile) {
    case 0x42: return constraints & 0x40 ? 5 : 4;
    case 0x4d: return constraints & 0x80 ? 5 : 3;
    case 0x58: return (constraints & 0xc0) == 0xc0 ? 5 : 2;
    case 0x64: return 1;
    default: return 0;
    }
}

static int
fitness(const struct dc_sdp_codec *codec, enum dc_sdp_kind kind)
{
    if (kind == DC_SDP_AUDIO)
        return codec->name == DC_SDP_CODEC_OPUS;
    if (kind != DC_SDP_VIDEO || codec->name != DC_SDP_CODEC_H264 || codec->packetization_mode != 1)
        return 0;
    return dc_h264_profile_fitness(codec->profile_level_id);
}

void
dc_sdp_codecs_choose(const struct dc_sdp_codecs *codecs, struct dc_sdp_section *section)
{
    int best = 0;
    for (unsigned i = 0; i < codecs->count; i++) {
        const struct dc_sdp_codec *codec = &codecs->by_type[codecs->order[i]];
        if (fitness(codec, section->kind) <= best)
            continue;
        best = fitness(codec, section->kind);
        section->payload_type = codecs->order[i];
        section->profile_level_id = codec->profile_level_id;
        section->nack = codec->nack || codecs->for_all.nack;
        section->nack_pli = codec->nack_pli || codecs->for_all.nack_pli;
        section->ccm_fir = codec->ccm_fir || codecs->for_all.ccm_fir;
        section->transport_cc = codec->transport_cc || codecs->for_all.transport_cc;
        section->invalidation = codec->invalidation || codecs->for_all.invalidation;
    }
    for (unsigned i = 0; best && i < codecs->count; i++) {
        const struct dc_sdp_codec *codec = &codecs->by_type[codecs->order[i]];
        if (codec->apt != section->payload_type)
            continue;
        if (codec->name == DC_SDP_CODEC_RTX)
            section->rtx_payload_type = codecs->order[i];
        else if (codec->name == DC_SDP_CODEC_PARITY && section->kind == DC_SDP_VIDEO)
            section->parity_payload_type = codecs->order[i];
    }
}
