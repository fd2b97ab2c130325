#include <string.h>

#include <protocol/webrtc/identity.h>

void
dc_webrtc_fingerprint_format(const uint8_t *fingerprint, char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < DC_WEBRTC_FINGERPRINT_BYTES; i++) {
        *text++ = digits[fingerprint[i] >> 4];
        *text++ = digits[fingerprint[i] & 15];
        *text++ = i + 1 < DC_WEBRTC_FINGERPRINT_BYTES ? ':' : '\0';
    }
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
dc_webrtc_fingerprint_parse(const char *text, uint8_t *fingerprint)
{
    for (size_t i = 0; i < DC_WEBRTC_FINGERPRINT_BYTES; i++) {
        if (i && *text == ':')
            text++;
        int high = hex_digit(text[0]);
        int low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0)
            return false;
        fingerprint[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    return *text == '\0';
}
