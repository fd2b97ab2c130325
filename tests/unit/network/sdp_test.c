/* SDP: real offers are understood, answers say what the other side needs, malformed ones are refused with the reason. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sdp_answer.h"
#include "sdp_codec.h"
#include "sdp_offers.h"

static struct dc_sdp_offer
parse(const char *text)
{
    struct dc_sdp_offer offer;
    const char *reason = "?";
    if (!dc_sdp_offer_parse(text, strlen(text), &offer, &reason))
        fail_msg("refused: %s", reason);
    return offer;
}

/* `text` with `from` replaced, in a copy of exactly its size: an overrun is found by the sanitizers. */
static char *
replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    size_t before = (size_t)(at - text), length = strlen(text) - strlen(from) + strlen(to);
    char *copy = malloc(length + 1);
    memcpy(copy, text, before);
    strcpy(copy + before, to);
    strcpy(copy + before + strlen(to), at + strlen(from));
    return copy;
}

static const char *
refusal(const char *text, const char *from, const char *to)
{
    struct dc_sdp_offer offer;
    const char *reason = NULL;
    char *changed = replaced(text, from, to);
    assert_false(dc_sdp_offer_parse(changed, strlen(changed), &offer, &reason));
    free(changed);
    assert_non_null(reason);
    return reason;
}

static void
test_chromium(void **state)
{
    struct dc_sdp_offer offer = parse(chromium_offer);
    const struct dc_sdp_section *video = dc_sdp_offer_find(&offer, DC_SDP_VIDEO);
    const struct dc_sdp_section *audio = dc_sdp_offer_find(&offer, DC_SDP_AUDIO);
    const struct dc_sdp_section *data = dc_sdp_offer_find(&offer, DC_SDP_APPLICATION);
    assert_int_equal(offer.section_count, 3);
    assert_string_equal(offer.ice_ufrag, "zK1k");
    assert_string_equal(offer.ice_password, "9FNqibaYjPpqeZ6qCGJSvFk7");
    assert_int_equal(offer.fingerprint[0], 0xab);
    assert_int_equal(offer.fingerprint[31], 0xe1);
    assert_true(offer.extmap_allow_mixed);
    assert_int_equal(video->payload_type, 108); // constrained baseline, mode 1: not 102, 104 or 116
    assert_int_equal(video->rtx_payload_type, 109);
    assert_int_equal(video->profile_level_id, 0x42e01f);
    assert_true(video->nack && video->nack_pli && video->ccm_fir && video->transport_cc);
    assert_int_equal(video->extension_ids[DC_SDP_EXTENSION_TRANSPORT_CC], 4);
    assert_int_equal(video->extension_ids[DC_SDP_EXTENSION_FRAME], 0);
    assert_int_equal(audio->payload_type, 111);
    assert_false(audio->nack);
    assert_int_equal(data->sctp_port, 5000);
    assert_int_equal(data->max_message_bytes, 262144);
    assert_false(data->has_sctpmap);
}

static void
test_aiortc(void **state)
{
    struct dc_sdp_offer offer = parse(aiortc_offer);
    const struct dc_sdp_section *video = dc_sdp_offer_find(&offer, DC_SDP_VIDEO);
    const struct dc_sdp_section *data = dc_sdp_offer_find(&offer, DC_SDP_APPLICATION);
    assert_string_equal(offer.ice_ufrag, "MMs5"); // of the bundle's first section
    assert_int_equal(video->payload_type, 101);
    assert_int_equal(video->rtx_payload_type, 102);
    assert_true(video->nack && video->nack_pli);
    assert_false(video->transport_cc);
    assert_int_equal(dc_sdp_offer_find(&offer, DC_SDP_AUDIO)->payload_type, 96);
    assert_true(data->has_sctpmap);
    assert_int_equal(data->sctp_port, 5000);
    assert_int_equal(data->max_message_bytes, 65536);
}

static void
build(const struct dc_sdp_offer *offer, char out[DC_SDP_ANSWER_MAX_BYTES])
{
    uint8_t fingerprint[32] = { 0x01, 0xfe };
    struct dc_sdp_answer answer = {
        .session_id = 42, .ice_ufrag = "abcd", .ice_password = "0123456789012345678901", .fingerprint = fingerprint,
        .video_ssrc = 1111, .rtx_ssrc = 2222, .parity_ssrc = 4444, .audio_ssrc = 3333, .cname = "game", .max_message_bytes = 4096,
        .candidate_count = 2,
        .candidates = { { "192.0.2.1", 4000, false }, { "192.0.2.1", 4001, true } },
    };
    size_t length = dc_sdp_answer_build(offer, &answer, out, DC_SDP_ANSWER_MAX_BYTES);
    assert_int_equal(length, strlen(out));
    assert_true(length > 0);
    char small[200];
    assert_int_equal(dc_sdp_answer_build(offer, &answer, small, sizeof(small)), 0);
}

static void
assert_says(const char *text, const char *line)
{
    if (!strstr(text, line))
        fail_msg("no \"%s\" in:\n%s", line, text);
}

/* What dc-client offers beside H.264: it is answered, and no other client gets any of it. */
static void
test_own_client(void **state)
{
    static const char text[] =
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=ice-ufrag:abcd\r\n"
        "a=ice-pwd:0123456789012345678901\r\na=setup:actpass\r\n"
        "a=fingerprint:sha-256 AB:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:E1\r\n"
        "m=video 9 UDP/TLS/RTP/SAVPF 96 98 99\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\n"
        "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id=42e033\r\n"
        "a=rtcp-fb:96 nack\r\na=rtcp-fb:96 x-droidcloud-invalidate\r\n"
        "a=rtpmap:98 rtx/90000\r\na=fmtp:98 apt=96\r\n"
        "a=rtpmap:99 x-droidcloud-parity/90000\r\na=fmtp:99 apt=96\r\n";
    char out[DC_SDP_ANSWER_MAX_BYTES];
    struct dc_sdp_offer offer = parse(text);
    const struct dc_sdp_section *video = dc_sdp_offer_find(&offer, DC_SDP_VIDEO);
    assert_non_null(video);
    assert_int_equal(video->rtx_payload_type, 98);
    assert_int_equal(video->parity_payload_type, 99);
    assert_true(video->invalidation);
    build(&offer, out);
    assert_says(out, "\r\nm=video 9 UDP/TLS/RTP/SAVPF 96 98 99\r\n");
    assert_says(out, "\r\na=rtcp-fb:96 x-droidcloud-invalidate\r\n");
    assert_says(out, "\r\na=rtpmap:99 x-droidcloud-parity/90000\r\na=fmtp:99 apt=96\r\n");
    assert_says(out, "\r\na=ssrc:4444 cname:game\r\n");
    offer = parse(chromium_offer);
    build(&offer, out);
    assert_null(strstr(out, "x-droidcloud"));
    assert_null(strstr(out, "4444"));
}

static void
test_answer(void **state)
{
    char out[DC_SDP_ANSWER_MAX_BYTES];
    struct dc_sdp_offer offer = parse(chromium_offer);
    build(&offer, out);
    assert_says(out, "\r\na=ice-lite\r\na=group:BUNDLE 0 1 2\r\n");
    assert_says(out, "\r\nm=video 9 UDP/TLS/RTP/SAVPF 108 109\r\n");
    assert_says(out, "\r\na=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n");
    assert_says(out, "\r\na=fmtp:109 apt=108\r\n");
    assert_says(out, "\r\na=rtcp-fb:108 nack pli\r\n");
    assert_says(out, "\r\na=ssrc-group:FID 1111 2222\r\n");
    assert_says(out, "\r\na=ssrc:3333 cname:game\r\n");
    assert_says(out, "\r\na=setup:passive\r\n");
    assert_says(out, "\r\na=fingerprint:sha-256 01:FE:00:");
    assert_says(out, "\r\na=candidate:1 1 udp 2130706431 192.0.2.1 4000 typ host\r\n");
    assert_says(out, " tcp 1520434943 192.0.2.1 4001 typ host tcptype passive\r\n");
    assert_says(out, "\r\na=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n");
    assert_says(out, "\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n");
    assert_says(out, "\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n");
    assert_says(out, "\r\na=sctp-port:5000\r\na=max-message-size:4096\r\n");
    assert_null(strstr(out, "urn:x-droidcloud"));
    offer = parse(aiortc_offer);
    build(&offer, out);
    assert_says(out, "\r\nm=application 9 DTLS/SCTP 5000\r\n");
    assert_says(out, "\r\na=sctpmap:5000 webrtc-datachannel ");
    assert_null(strstr(out, "transport-cc"));
}

static void
test_rejected_sections(void **state)
{
    char out[DC_SDP_ANSWER_MAX_BYTES];
    char *text = replaced(chromium_offer, "a=group:BUNDLE 0 1 2", "a=group:BUNDLE 0 2");
    struct dc_sdp_offer offer = parse(text);
    assert_null(dc_sdp_offer_find(&offer, DC_SDP_AUDIO));
    build(&offer, out);
    assert_says(out, "\r\na=group:BUNDLE 0 2\r\n");
    assert_says(out, "\r\nm=audio 0 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=inactive\r\n");
    free(text);
    text = replaced(chromium_offer, "opus/48000/2", "PCMA/8000");
    offer = parse(text);
    assert_null(dc_sdp_offer_find(&offer, DC_SDP_AUDIO));
    free(text);
}

static void
test_profiles(void **state)
{
    assert_true(dc_h264_profile_fitness(0x42e01f) > dc_h264_profile_fitness(0x42001f));
    assert_true(dc_h264_profile_fitness(0x42001f) > dc_h264_profile_fitness(0x4d001f));
    assert_true(dc_h264_profile_fitness(0x4d001f) > dc_h264_profile_fitness(0x640c1f));
    assert_int_equal(dc_h264_profile_fitness(0xf4001f), 0);
    char *text = replaced(aiortc_offer, "profile-level-id=42e01f", "profile-level-id=f4001f");
    struct dc_sdp_offer offer = parse(text);
    assert_int_equal(dc_sdp_offer_find(&offer, DC_SDP_VIDEO)->payload_type, 99);
    free(text);
}

static void
test_refusals(void **state)
{
    assert_non_null(strstr(refusal(aiortc_offer, "v=0", "v=1"), "v=0"));
    assert_non_null(strstr(refusal(aiortc_offer, "a=ice-pwd:OIJzKgRIckAE7I5fUPIFHE", "a=ice-pwd:short"), "ICE"));
    assert_non_null(strstr(refusal(aiortc_offer, "a=ice-ufrag:MMs5", "a=ice-ufrag:a b"), "ICE"));
    assert_non_null(strstr(refusal(aiortc_offer, "sha-256 AB", "sha-256 XY"), "fingerprint"));
    assert_non_null(strstr(refusal(aiortc_offer, "fingerprint:sha-256", "fingerprint:sha-1"), "fingerprint"));
    assert_non_null(strstr(refusal(aiortc_offer, "a=setup:actpass", "a=setup:passive"), "passive"));
    assert_non_null(strstr(refusal(aiortc_offer, "\r\nt=0 0", "\r\nnonsense"), "type=value"));
    assert_non_null(strstr(refusal(aiortc_offer, "m=video 38034", "m=vid"), "video"));
    assert_non_null(strstr(refusal(aiortc_offer, "a=mid:0\r\na=rtcp-mux", "a=mid:0"), "H.264"));
    assert_non_null(strstr(refusal(aiortc_offer, "a=recvonly", "a=sendonly"), "H.264"));
    struct dc_sdp_offer offer;
    const char *reason;
    assert_false(dc_sdp_offer_parse("v=0\r\n", 5, &offer, &reason));
    assert_false(dc_sdp_offer_parse("", 0, &offer, &reason));
}

static void
test_too_many_sections(void **state)
{
    char text[4096] = "v=0\r\n";
    struct dc_sdp_offer offer;
    const char *reason;
    for (int i = 0; i <= DC_SDP_MAX_SECTIONS; i++)
        strcat(text, "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n");
    assert_false(dc_sdp_offer_parse(text, strlen(text), &offer, &reason));
    assert_string_equal(reason, "too many sections");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chromium),          cmocka_unit_test(test_aiortc),
        cmocka_unit_test(test_answer),            cmocka_unit_test(test_rejected_sections),
        cmocka_unit_test(test_profiles),          cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_too_many_sections), cmocka_unit_test(test_own_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
