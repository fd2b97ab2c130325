#include <protocol/rtp/rtx.h>

#include <string.h>

#include "extension.h"

size_t
dc_rtx_pack(const uint8_t *packet, size_t size_bytes, uint32_t ssrc, uint8_t payload_type, uint16_t sequence,
            uint8_t *out, size_t capacity)
{
    struct dc_extension extension;
    if (size_bytes + DC_RTX_OVERHEAD_BYTES > capacity || !dc_extension_find(packet, size_bytes, &extension))
        return 0;
    size_t payload_offset = extension.offset + extension.size_bytes;
    memcpy(out, packet, payload_offset);
    memcpy(out + payload_offset, packet + 2, 2); // the original sequence number
    memcpy(out + payload_offset + 2, packet + payload_offset, size_bytes - payload_offset);
    out[1] = (uint8_t)((packet[1] & 0x80) | payload_type);
    dc_put_u16(out + 2, sequence);
    dc_put_u32(out + 8, ssrc);
    return size_bytes + DC_RTX_OVERHEAD_BYTES;
}

size_t
dc_rtx_unpack(const struct dc_rtp_packet *rtx, uint32_t media_ssrc, uint8_t media_payload_type, uint8_t *out,
              size_t capacity)
{
    struct dc_rtp_packet packet = *rtx;
    if (rtx->payload_bytes <= DC_RTX_OVERHEAD_BYTES)
        return 0;
    packet.sequence = dc_get_u16(rtx->payload);
    packet.ssrc = media_ssrc;
    packet.payload_type = media_payload_type;
    packet.payload += DC_RTX_OVERHEAD_BYTES;
    packet.payload_bytes -= DC_RTX_OVERHEAD_BYTES;
    return dc_rtp_pack(&packet, out, capacity);
}
