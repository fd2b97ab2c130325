#ifndef DC_INSTANCE_NETWORK_WEBRTC_OPUS_BUNDLE_H
#define DC_INSTANCE_NETWORK_WEBRTC_OPUS_BUNDLE_H
/*
 * Opus packets of 5 or 10 ms → longer ones, for a client whose offer says a=ptime (RFC 7587 §6.1): the same frames side by
 * side in one packet (RFC 6716 §3.2), nothing is encoded again.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DC_OPUS_BUNDLE_MAX_FRAMES 12
#define DC_OPUS_BUNDLE_MAX_BYTES 1100 // beside the RTP header in a packet

struct dc_opus_bundle {
    uint32_t duration; // asked for, in samples of 48 kHz; 0: packets pass as they are
    uint32_t held, timestamp; // samples held, RTP time of the first
    bool marker;              // of the first
    unsigned frame_count;
    size_t frame_bytes[DC_OPUS_BUNDLE_MAX_FRAMES]; // packets with their TOC byte, one after the other in `data`
    size_t size_bytes;
    uint8_t data[DC_OPUS_BUNDLE_MAX_BYTES];
};

/*
 * Takes a packet of one frame. Returns the size of a bundle that is complete with it, 0: it waits for more. What is held at
 * a pause is dropped: a rest of a few ms, after which there is silence.
 */
size_t dc_opus_bundle_push(struct dc_opus_bundle *bundle, const uint8_t *packet, size_t size_bytes, uint32_t timestamp,
                           bool marker, uint8_t *out, size_t capacity);

#endif
