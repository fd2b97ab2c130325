#ifndef DC_COMMON_PACKET_H
#define DC_COMMON_PACKET_H
/* Encoded media on its way from an encoder to the network. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <common/frame.h>

enum dc_packet_kind {
    DC_PACKET_VIDEO_H264 = 1, // one access unit, Annex B start codes; SPS and PPS before every IDR
    DC_PACKET_AUDIO_OPUS = 2, // one Opus packet (RFC 6716), 48 kHz
};

struct dc_packet {
    enum dc_packet_kind kind;
    bool keyframe;
    uint32_t duration;     // in units of the RTP clock: 90 kHz video, 48 kHz audio
    uint64_t timestamp;    // same units, monotonic per kind; video: 90 kHz of meta.times.present_us
    const uint8_t *data;   // borrowed for the duration of the call that hands the packet over
    size_t size_bytes;
    struct dc_frame_meta meta; // video only
};

#endif
