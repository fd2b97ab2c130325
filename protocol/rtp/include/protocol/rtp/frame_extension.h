#ifndef DC_PROTOCOL_RTP_FRAME_EXTENSION_H
#define DC_PROTOCOL_RTP_FRAME_EXTENSION_H
/*
 * What a video frame says about itself beside its pixels: RFC 8285 elements with the two-byte header (profile 0x1000),
 * drawn in docs/protocol.md. The first packet of a frame carries FRAME, INPUT_IDS, TIMES and
 * REFERENCE; the last one carries
 * SEND_TIME, which the sender writes into the packet just before the system call that hands the packet over (as
 * WebRTC's abs-send-time), because only then it is known. A receiver skips elements that it does not know.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <common/frame.h>

#define DC_FRAME_EXTENSION_PROFILE 0x1000
#define DC_FRAME_EXTENSION_MAX_BYTES 204 // every element, padded to words

enum dc_frame_extension_id {
    DC_FRAME_EXTENSION_FRAME = 1,
    DC_FRAME_EXTENSION_INPUT_IDS = 2,
    DC_FRAME_EXTENSION_TIMES = 3,
    DC_FRAME_EXTENSION_SEND_TIME = 4,
    // 5 is the transport-wide sequence number (transport_sequence.h)
    DC_FRAME_EXTENSION_REFERENCE = 6,
};

struct dc_frame_extension {
    bool has_frame; // meta (without send_us) and keyframe are filled
    bool keyframe;
    bool has_send_time; // meta.times.send_us is filled
    struct dc_frame_meta meta;
};

/* Returns the bytes written (a multiple of 4, at most DC_FRAME_EXTENSION_MAX_BYTES). `send_time_offset` receives where
 * the 8 bytes of the send time lie, 0 when there are none. */
size_t dc_frame_extension_pack(const struct dc_frame_extension *extension, uint8_t *out, size_t *send_time_offset);
/* Overwrites the 8 bytes of a send time. */
void dc_frame_extension_put_send_time(uint8_t *at, int64_t send_us);
/* Where the 8 bytes of the send time lie in a packet whose element for it has this id; 0: nowhere. */
size_t dc_frame_extension_find_send_time(const uint8_t *packet, size_t size_bytes, uint8_t id);
/* Another profile is an extension without elements of ours: true and nothing filled. false: malformed. */
bool dc_frame_extension_unpack(uint16_t profile, const uint8_t *data, size_t size_bytes,
                               struct dc_frame_extension *extension);

#endif
