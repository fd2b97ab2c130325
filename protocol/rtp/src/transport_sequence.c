#include <protocol/rtp/transport_sequence.h>

#include <string.h>

#include "extension.h"

static void
write_element(uint8_t *p, bool two_byte, uint8_t id, uint16_t number)
{
    p[0] = two_byte ? id : (uint8_t)(id << 4 | 1);
    p[1] = two_byte ? 2 : (uint8_t)(number >> 8);
    p[2] = two_byte ? (uint8_t)(number >> 8) : (uint8_t)number;
    p[3] = two_byte ? (uint8_t)number : 0;
}

bool
dc_transport_sequence_put(uint8_t *packet, size_t *size_bytes, size_t capacity, uint8_t id, uint16_t number)
{
    struct dc_extension extension;
    struct dc_extension_element element;
    if (!dc_extension_find(packet, *size_bytes, &extension))
        return false;
    if (!extension.present) {
        if (*size_bytes + 8 > capacity)
            return false;
        uint8_t *at = packet + extension.offset;
        memmove(at + 8, at, *size_bytes - extension.offset);
        dc_put_u16(dc_put_u16(at, DC_EXTENSION_ONE_BYTE), 1);
        write_element(at + 4, false, id, number);
        packet[0] |= 0x10;
        *size_bytes += 8;
        return true;
    }
    if (!extension.known)
        return false;
    size_t offset = 0;
    while (dc_extension_next(packet, &extension, &offset, &element)) {
        if (element.id == id && element.size_bytes == 2) {
            dc_put_u16(packet + element.offset, number);
            return true;
        }
    }
    if (*size_bytes + 4 > capacity || extension.size_bytes / 4 == UINT16_MAX)
        return false;
    uint8_t *end = packet + extension.offset + extension.size_bytes;
    memmove(end + 4, end, *size_bytes - (size_t)(end - packet));
    write_element(end, extension.two_byte, id, number);
    dc_put_u16(packet + extension.offset - 2, (uint16_t)(extension.size_bytes / 4 + 1));
    *size_bytes += 4;
    return true;
}

bool
dc_transport_sequence_get(const struct dc_rtp_packet *packet, uint8_t id, uint16_t *number)
{
    struct dc_extension extension = {
        .present = packet->has_extension, .size_bytes = packet->extension_bytes,
        .two_byte = (packet->extension_profile & 0xfff0) == DC_EXTENSION_TWO_BYTE,
    };
    struct dc_extension_element element;
    size_t offset = 0;
    if (!packet->has_extension || (!extension.two_byte && packet->extension_profile != DC_EXTENSION_ONE_BYTE))
        return false;
    while (dc_extension_next(packet->extension, &extension, &offset, &element)) {
        if (element.id == id && element.size_bytes == 2) {
            *number = dc_get_u16(packet->extension + element.offset);
            return true;
        }
    }
    return false;
}

size_t
dc_transport_sequence_strip(uint8_t *packet, size_t size_bytes, uint8_t id)
{
    struct dc_extension extension;
    if (!dc_extension_find(packet, size_bytes, &extension) || !extension.present || !extension.known ||
        extension.size_bytes < 4)
        return size_bytes;
    uint8_t *end = packet + extension.offset + extension.size_bytes, *element = end - 4;
    bool is_ours = extension.two_byte ? element[0] == id && element[1] == 2 : element[0] == (id << 4 | 1);
    if (!is_ours)
        return size_bytes;
    size_t cut = 4;
    if (extension.size_bytes == 4) { // it was alone: the extension goes, too
        element -= 4;
        cut = 8;
        packet[0] &= 0xef;
    } else {
        dc_put_u16(packet + extension.offset - 2, (uint16_t)(extension.size_bytes / 4 - 1));
    }
    memmove(element, end, size_bytes - (size_t)(end - packet));
    return size_bytes - cut;
}
