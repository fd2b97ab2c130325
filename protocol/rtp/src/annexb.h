#ifndef DC_PROTOCOL_RTP_ANNEXB_H
#define DC_PROTOCOL_RTP_ANNEXB_H
/* Walks the NAL units of an Annex B byte stream (H.264 annex B: start codes 00 00 01, any zero bytes before them). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum dc_nal_type {
    DC_NAL_IDR = 5,
    DC_NAL_SEI = 6,
    DC_NAL_SPS = 7,
    DC_NAL_PPS = 8,
    DC_NAL_AUD = 9,
    DC_NAL_STAP_A = 24,
    DC_NAL_FU_A = 28,
};

struct dc_nal {
    const uint8_t *data; // without start code
    size_t size_bytes;
};

/* Position of the next 00 00 01 at or after `at`, `size_bytes` when there is none. memchr, because a frame is tens of
 * kilobytes and this runs on the way of every one. */
static inline size_t
dc_annexb_find(const uint8_t *data, size_t size_bytes, size_t at)
{
    for (size_t i = at + 2; i < size_bytes; i++) {
        const uint8_t *one = memchr(data + i, 1, size_bytes - i);
        if (!one)
            break;
        i = (size_t)(one - data);
        if (data[i - 1] == 0 && data[i - 2] == 0)
            return i - 2;
    }
    return size_bytes;
}

/* `offset` starts as 0. false: no further unit. Empty units are skipped. */
static inline bool
dc_annexb_next(const uint8_t *data, size_t size_bytes, size_t *offset, struct dc_nal *nal)
{
    size_t start = dc_annexb_find(data, size_bytes, *offset);
    while (start < size_bytes) {
        start += 3;
        size_t next = dc_annexb_find(data, size_bytes, start);
        size_t end = next;
        while (end > start && data[end - 1] == 0) // trailing_zero_8bits and the long start code's first byte
            end--;
        *offset = next;
        *nal = (struct dc_nal){ .data = data + start, .size_bytes = end - start };
        if (nal->size_bytes)
            return true;
        start = next;
    }
    return false;
}

#endif
