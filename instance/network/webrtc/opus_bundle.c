#include "opus_bundle.h"

#include <string.h>

#include <protocol/rtp/opus_payload.h>

#define TOC_COUNT_MASK 3 // RFC 6716 §3.1: how the frames are laid out
#define CODE_ONE 0
#define CODE_ANY 3
#define VARIABLE_BITRATE 0x80

static size_t
put_length(uint8_t *out, size_t length)
{
    if (length < 252) { // RFC 6716 §3.2.1
        out[0] = (uint8_t)length;
        return 1;
    }
    out[0] = (uint8_t)(252 + length % 4);
    out[1] = (uint8_t)((length - out[0]) / 4);
    return 2;
}

/* Code 3: TOC, count, the length of each frame but the last one, the frames. */
static size_t
pack(const struct dc_opus_bundle *bundle, uint8_t *out, size_t capacity)
{
    size_t at = 2, from = 0;
    if (bundle->size_bytes + 2 + 2 * bundle->frame_count > capacity)
        return 0;
    out[0] = (uint8_t)(bundle->data[0] | CODE_ANY);
    out[1] = (uint8_t)(VARIABLE_BITRATE | bundle->frame_count);
    for (unsigned i = 0; i + 1 < bundle->frame_count; i++)
        at += put_length(out + at, bundle->frame_bytes[i] - 1);
    for (unsigned i = 0; i < bundle->frame_count; i++) {
        memcpy(out + at, bundle->data + from + 1, bundle->frame_bytes[i] - 1);
        at += bundle->frame_bytes[i] - 1;
        from += bundle->frame_bytes[i];
    }
    return at;
}

static void
reset(struct dc_opus_bundle *bundle)
{
    bundle->held = 0;
    bundle->frame_count = 0;
    bundle->size_bytes = 0;
}

size_t
dc_opus_bundle_push(struct dc_opus_bundle *bundle, const uint8_t *packet, size_t size_bytes, uint32_t timestamp,
                    bool marker, uint8_t *out, size_t capacity)
{
    uint32_t duration = dc_opus_duration(packet, size_bytes);
    if (!duration || (packet[0] & TOC_COUNT_MASK) != CODE_ONE)
        return 0;
    bool continues = bundle->frame_count && timestamp == bundle->timestamp + bundle->held &&
                     packet[0] == bundle->data[0];
    if (!continues || bundle->frame_count == DC_OPUS_BUNDLE_MAX_FRAMES ||
        bundle->size_bytes + size_bytes > sizeof(bundle->data))
        reset(bundle);
    if (size_bytes > sizeof(bundle->data))
        return 0;
    if (!bundle->frame_count) {
        bundle->timestamp = timestamp;
        bundle->marker = marker;
    }
    memcpy(bundle->data + bundle->size_bytes, packet, size_bytes);
    bundle->frame_bytes[bundle->frame_count++] = size_bytes;
    bundle->size_bytes += size_bytes;
    bundle->held += duration;
    if (bundle->held < bundle->duration)
        return 0;
    size_t packed_bytes = pack(bundle, out, capacity);
    reset(bundle);
    return packed_bytes;
}
