#ifndef DC_PROTOCOL_RTP_H264_DEPACKETIZER_H
#define DC_PROTOCOL_RTP_H264_DEPACKETIZER_H
/*
 * RTP packets → H.264 access units in Annex B (RFC 6184, packetization-mode 1: single units, STAP-A, FU-A). Packets come
 * in sequence (a reordering buffer sits below where the transport needs one). An access unit with a missing or malformed
 * packet is dropped whole and counted; what follows is still delivered, and the caller asks for a key frame.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <common/frame.h>
#include <common/wire.h>
#include <protocol/rtp/rtp.h>

/* More than any encoder of ours makes of one frame; a peer cannot make the receiver hold more than this. */
#define DC_H264_MAX_ACCESS_UNIT_BYTES (8u << 20)

struct dc_access_unit {
    const uint8_t *data; // Annex B; valid until the next push()
    size_t size_bytes;
    uint32_t timestamp; // RTP, 90 kHz
    bool keyframe;      // it has an IDR slice (what the bytes say, not the extension)
    bool has_meta;
    struct dc_frame_meta meta;
    int64_t first_packet_us, last_packet_us; // as given to push()
};

struct dc_h264_depacketizer {
    struct dc_writer unit; // the access unit so far
    struct dc_access_unit current;
    uint16_t next_sequence;
    bool started;     // next_sequence is known
    bool in_unit;     // current is being filled
    bool in_fragment; // an FU-A has started
    bool broken;      // drop what follows up to the marker
    uint64_t lost_packets, dropped_units, malformed_packets;
};

void dc_h264_depacketizer_init(struct dc_h264_depacketizer *d);
void dc_h264_depacketizer_finish(struct dc_h264_depacketizer *d);
/* true: `unit` is a complete access unit. */
bool dc_h264_depacketizer_push(struct dc_h264_depacketizer *d, const struct dc_rtp_packet *packet, int64_t now_us,
                               struct dc_access_unit *unit);

#endif
