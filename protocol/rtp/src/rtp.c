#include <protocol/rtp/rtp.h>

#include <string.h>

#include <common/wire.h>

/*
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---+-+-+-------+-+-------------+-------------------------------+
 * |V=2|P|X|  CC   |M|     PT      |            sequence           |
 * +---+-+-+-------+-+-------------+-------------------------------+
 * |                           timestamp                           |
 * +---------------------------------------------------------------+
 * |                             SSRC                              |
 * +---------------------------------------------------------------+
 * |                       CSRC × CC (skipped)                     |
 * +-------------------------------+-------------------------------+
 * |  X: extension profile         |  length in words              |
 * +-------------------------------+-------------------------------+
 * |  extension …                                                  |
 */

static bool
unpack_extension(struct dc_reader *r, struct dc_rtp_packet *packet)
{
    packet->has_extension = true;
    packet->extension_profile = dc_reader_u16be(r);
    packet->extension_bytes = 4u * dc_reader_u16be(r);
    packet->extension = dc_reader_bytes(r, packet->extension_bytes);
    return !r->failed;
}

bool
dc_rtp_unpack(const void *data, size_t size_bytes, struct dc_rtp_packet *packet)
{
    struct dc_reader r;
    *packet = (struct dc_rtp_packet){ 0 };
    dc_reader_init(&r, data, size_bytes);
    uint8_t first = dc_reader_u8(&r);
    uint8_t second = dc_reader_u8(&r);
    packet->marker = second >> 7;
    packet->payload_type = second & 0x7f;
    packet->sequence = dc_reader_u16be(&r);
    packet->timestamp = dc_reader_u32be(&r);
    packet->ssrc = dc_reader_u32be(&r);
    dc_reader_bytes(&r, 4u * (first & 0x0f));
    if (r.failed || first >> 6 != 2)
        return false;
    if ((first & 0x10) && !unpack_extension(&r, packet))
        return false;
    packet->payload_bytes = dc_reader_left(&r);
    packet->payload = dc_reader_bytes(&r, packet->payload_bytes);
    if (first & 0x20) { // padding: its length is the last byte and counts itself
        uint8_t padding = packet->payload_bytes ? packet->payload[packet->payload_bytes - 1] : 0;
        if (padding == 0 || padding > packet->payload_bytes)
            return false;
        packet->payload_bytes -= padding;
    }
    return true;
}

static uint8_t *
put(uint8_t *p, uint32_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        p[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
    return p + bytes;
}

size_t
dc_rtp_pack(const struct dc_rtp_packet *packet, uint8_t *out, size_t capacity)
{
    size_t extension_bytes = packet->has_extension ? 4 + packet->extension_bytes : 0;
    size_t size_bytes = DC_RTP_HEADER_BYTES + extension_bytes + packet->payload_bytes;
    if (size_bytes > capacity || packet->extension_bytes % 4 || packet->extension_bytes / 4 > UINT16_MAX)
        return 0;
    uint8_t *p = out;
    p = put(p, 0x80u | (packet->has_extension ? 0x10u : 0), 1);
    p = put(p, (packet->marker ? 0x80u : 0) | (packet->payload_type & 0x7fu), 1);
    p = put(p, packet->sequence, 2);
    p = put(p, packet->timestamp, 4);
    p = put(p, packet->ssrc, 4);
    if (packet->has_extension) {
        p = put(p, packet->extension_profile, 2);
        p = put(p, (uint32_t)(packet->extension_bytes / 4), 2);
        if (packet->extension_bytes)
            memcpy(p, packet->extension, packet->extension_bytes);
        p += packet->extension_bytes;
    }
    if (packet->payload_bytes)
        memcpy(p, packet->payload, packet->payload_bytes);
    return size_bytes;
}
