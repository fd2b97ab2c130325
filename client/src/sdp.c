#include "sdp.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <protocol/rtp/channel.h>
#include <protocol/webrtc/peer.h>


struct text {
    char *data;
    size_t size_bytes, capacity;
};

static void __attribute__((format(printf, 2, 3)))
put(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text->data + text->size_bytes, text->capacity - text->size_bytes, format, arguments);
    va_end(arguments);
    text->size_bytes += (size_t)n;
    if (text->size_bytes >= text->capacity)
        text->size_bytes = text->capacity - 1; // full: one byte is missing for good
}

static void
put_transport(struct text *text, const struct dc_sdp_offer_values *values, unsigned mid)
{
    char fingerprint[DC_WEBRTC_FINGERPRINT_TEXT_BYTES];
    dc_webrtc_fingerprint_format(values->fingerprint, fingerprint);
    put(text, "c=IN IP4 0.0.0.0\r\na=mid:%u\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:sha-256 %s\r\n"
        "a=setup:actpass\r\n", mid, values->ufrag, values->password, fingerprint);
}

static void
put_extensions(struct text *text)
{
    put(text, "a=extmap:1 urn:x-droidcloud:rtp-hdrext:frame\r\na=extmap:2 urn:x-droidcloud:rtp-hdrext:inputs\r\n"
        "a=extmap:3 urn:x-droidcloud:rtp-hdrext:times\r\na=extmap:4 urn:x-droidcloud:rtp-hdrext:send-time\r\n"
        "a=extmap:5 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
        "a=extmap:6 urn:x-droidcloud:rtp-hdrext:reference\r\n");
}

static void
put_video(struct text *text, const struct dc_sdp_offer_values *values)
{
    unsigned type = DC_RTP_VIDEO_PAYLOAD_TYPE;
    put(text, "m=video 9 UDP/TLS/RTP/SAVPF %u %u %u\r\n", type, DC_SDP_RTX_PAYLOAD_TYPE, DC_SDP_PARITY_PAYLOAD_TYPE);
    put_transport(text, values, 0);
    put(text, "a=recvonly\r\na=rtcp-mux\r\na=rtcp-rsize\r\n");
    put_extensions(text);
    put(text, "a=rtpmap:%u H264/90000\r\n"
        "a=fmtp:%u level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e033\r\n", type, type);
    put(text, "a=rtcp-fb:%u nack\r\na=rtcp-fb:%u nack pli\r\na=rtcp-fb:%u transport-cc\r\n", type, type, type);
    put(text, "a=rtcp-fb:%u x-droidcloud-invalidate\r\n", type);
    put(text, "a=rtpmap:%u rtx/90000\r\na=fmtp:%u apt=%u\r\n", DC_SDP_RTX_PAYLOAD_TYPE, DC_SDP_RTX_PAYLOAD_TYPE, type);
    put(text, "a=rtpmap:%u x-droidcloud-parity/90000\r\na=fmtp:%u apt=%u\r\n", DC_SDP_PARITY_PAYLOAD_TYPE,
        DC_SDP_PARITY_PAYLOAD_TYPE, type);
}

static void
put_audio(struct text *text, const struct dc_sdp_offer_values *values)
{
    unsigned type = DC_RTP_AUDIO_PAYLOAD_TYPE;
    put(text, "m=audio 9 UDP/TLS/RTP/SAVPF %u\r\n", type);
    put_transport(text, values, 1);
    put(text, "a=recvonly\r\na=rtcp-mux\r\n");
    put(text, "a=extmap:5 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n");
    put(text, "a=rtpmap:%u opus/48000/2\r\na=fmtp:%u minptime=5;stereo=1\r\na=rtcp-fb:%u transport-cc\r\n", type, type,
        type);
}

bool
dc_sdp_write_offer(const struct dc_sdp_offer_values *values, char *data, size_t capacity)
{
    struct text text = { .data = data, .capacity = capacity };
    put(&text, "v=0\r\no=- %" PRIu64 " 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\n"
        "a=extmap-allow-mixed\r\n", values->session_id);
    put_video(&text, values);
    put_audio(&text, values);
    put(&text, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n");
    put_transport(&text, values, 2);
    put(&text, "a=sctp-port:5000\r\na=max-message-size:%u\r\n", DC_WEBRTC_MAX_MESSAGE_BYTES);
    return text.size_bytes + 1 < capacity;
}

/* What follows the prefix, NULL: another line. */
static const char *
after(const char *line, const char *prefix)
{
    return strncmp(line, prefix, strlen(prefix)) ? NULL : line + strlen(prefix);
}

static void
copy_word(char *out, size_t capacity, const char *word)
{
    size_t length = strcspn(word, " \t");
    if (!*out && length < capacity) { // of a bundle all say the same
        memcpy(out, word, length);
        out[length] = '\0';
    }
}

/* foundation component transport priority address port "typ" type …; a component of RTCP alone is not bundled. */
static void
read_candidate(struct dc_sdp_answer_values *answer, const char *line)
{
    struct dc_sdp_address address = { .port = 0 };
    char transport[8], type[8];
    unsigned component, port;
    if (answer->address_count == DC_SDP_MAX_ADDRESSES ||
        sscanf(line, "%*32s %u %7s %*u %63s %u typ %7s", &component, transport, address.host, &port, type) != 5 ||
        component != 1 || port == 0 || port > UINT16_MAX)
        return;
    for (char *c = transport; *c; c++)
        *c |= 0x20;
    address.port = (uint16_t)port;
    address.is_tcp = strcmp(transport, "tcp") == 0;
    if (!address.is_tcp && strcmp(transport, "udp"))
        return;
    for (unsigned i = 0; i < answer->address_count; i++) { // each section may repeat them
        const struct dc_sdp_address *known = &answer->addresses[i];
        if (known->port == port && known->is_tcp == address.is_tcp && !strcmp(known->host, address.host))
            return;
    }
    answer->addresses[answer->address_count++] = address;
}

static void
read_line(struct dc_sdp_answer_values *answer, const char *line, bool *has_fingerprint, bool *is_active)
{
    const char *value;
    if ((value = after(line, "a=ice-ufrag:")))
        copy_word(answer->ufrag, sizeof(answer->ufrag), value);
    else if ((value = after(line, "a=ice-pwd:")))
        copy_word(answer->password, sizeof(answer->password), value);
    else if ((value = after(line, "a=fingerprint:sha-256 ")) || (value = after(line, "a=fingerprint:SHA-256 ")))
        *has_fingerprint |= dc_webrtc_fingerprint_parse(value, answer->fingerprint);
    else if ((value = after(line, "a=candidate:")))
        read_candidate(answer, value);
    else if ((value = after(line, "a=setup:")))
        *is_active |= strcmp(value, "passive") != 0;
    else if ((value = after(line, "a=max-message-size:")))
        answer->max_message_bytes = (uint32_t)strtoul(value, NULL, 10);
}

bool
dc_sdp_read_answer(const char *text, size_t size_bytes, struct dc_sdp_answer_values *answer, const char **error)
{
    bool has_fingerprint = false, is_active = false;
    *answer = (struct dc_sdp_answer_values){ .ufrag = "" };
    if (size_bytes < 4 || size_bytes > DC_SDP_MAX_ANSWER_BYTES || memcmp(text, "v=0", 3)) {
        *error = "it is not SDP";
        return false;
    }
    for (size_t i = 0; i < size_bytes;) {
        char line[600]; // longer ones are none that we read
        const char *end = memchr(text + i, '\n', size_bytes - i);
        size_t length = end ? (size_t)(end - text) - i : size_bytes - i;
        if (length < sizeof(line)) {
            memcpy(line, text + i, length);
            line[length && line[length - 1] == '\r' ? length - 1 : length] = '\0';
            read_line(answer, line, &has_fingerprint, &is_active);
        }
        i += length + 1;
    }
    *error = !*answer->ufrag || !*answer->password ? "no ICE credentials in it"
             : !has_fingerprint ? "no SHA-256 fingerprint in it"
             : is_active ? "the instance wants to begin the handshake" : NULL;
    return !*error;
}
