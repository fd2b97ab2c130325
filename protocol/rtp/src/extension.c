#include "extension.h"

bool
dc_extension_find(const uint8_t *packet, size_t size_bytes, struct dc_extension *extension)
{
    *extension = (struct dc_extension){ .known = true };
    if (size_bytes < 12 || packet[0] >> 6 != 2)
        return false;
    extension->offset = 12 + 4u * (packet[0] & 0x0f);
    if (extension->offset > size_bytes)
        return false;
    if (!(packet[0] & 0x10))
        return true;
    if (extension->offset + 4 > size_bytes)
        return false;
    uint16_t profile = dc_get_u16(packet + extension->offset);
    extension->present = true;
    extension->two_byte = (profile & 0xfff0) == DC_EXTENSION_TWO_BYTE;
    extension->known = extension->two_byte || profile == DC_EXTENSION_ONE_BYTE;
    extension->size_bytes = 4u * dc_get_u16(packet + extension->offset + 2);
    extension->offset += 4;
    return extension->offset + extension->size_bytes <= size_bytes;
}

bool
dc_extension_next(const uint8_t *data, const struct dc_extension *extension, size_t *offset,
                  struct dc_extension_element *element)
{
    const uint8_t *p = data + extension->offset;
    size_t end = extension->size_bytes, at = *offset;
    while (at < end && p[at] == 0) // padding
        at++;
    if (at >= end)
        return false;
    element->id = extension->two_byte ? p[at] : p[at] >> 4;
    element->size_bytes = (p[at] & 0x0fu) + 1;
    if (extension->two_byte) {
        if (++at >= end)
            return false;
        element->size_bytes = p[at];
    } else if (element->id == 15) { // RFC 8285 §4.2: stop here
        return false;
    }
    at++;
    if (element->size_bytes > end - at)
        return false;
    element->offset = extension->offset + at;
    *offset = at + element->size_bytes;
    return true;
}
