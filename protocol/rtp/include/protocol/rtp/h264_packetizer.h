#ifndef DC_PROTOCOL_RTP_H264_PACKETIZER_H
#define DC_PROTOCOL_RTP_H264_PACKETIZER_H
/*
 * H.264 access units → RTP packets (RFC 6184, packetization-mode 1): parameter sets and SEI together as STAP-A, small
 * units alone, larger ones as FU-A; the marker ends the access unit. Frame metadata as frame_extension.h says.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <common/packet.h>

struct dc_h264_packetizer {
    uint32_t ssrc;
    uint8_t payload_type;
    uint16_t sequence;       // of the next packet
    size_t max_packet_bytes; // RTP header included; at most DC_RTP_MAX_PACKET_BYTES, at least 256
};

/* One RTP packet, in order. `send_time_offset`: where the 8 bytes of the send time lie in it, 0: it carries none. The
 * bytes are the callee's only during the call. */
typedef void (*dc_rtp_emit)(void *user, const uint8_t *packet, size_t size_bytes, size_t send_time_offset);

/* false: no NAL unit in the access unit, nothing was emitted. */
bool dc_h264_packetizer_push(struct dc_h264_packetizer *packetizer, const struct dc_packet *packet, dc_rtp_emit emit,
                             void *user);

#endif
