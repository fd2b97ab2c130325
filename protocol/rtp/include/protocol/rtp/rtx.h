#ifndef DC_PROTOCOL_RTP_RTX_H
#define DC_PROTOCOL_RTP_RTX_H
/*
 * Retransmission (RFC 4588, SSRC-multiplexed): the packet under another SSRC, payload type and sequence, its payload
 * preceded by the original sequence number. Extensions, marker and timestamp stay.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protocol/rtp/rtp.h>

#define DC_RTX_OVERHEAD_BYTES 2

/* Returns the bytes written, 0: `packet` is no RTP packet or does not fit. */
size_t dc_rtx_pack(const uint8_t *packet, size_t size_bytes, uint32_t ssrc, uint8_t payload_type, uint16_t sequence,
                   uint8_t *out, size_t capacity);
/* The original packet. 0: no room, or empty (padding that a sender probes with). */
size_t dc_rtx_unpack(const struct dc_rtp_packet *rtx, uint32_t media_ssrc, uint8_t media_payload_type, uint8_t *out,
                     size_t capacity);

#endif
