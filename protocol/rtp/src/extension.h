#ifndef DC_PROTOCOL_RTP_EXTENSION_H
#define DC_PROTOCOL_RTP_EXTENSION_H
/* Where the header extension of a packet lies, and its elements (RFC 8285). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "put.h"

#define DC_EXTENSION_ONE_BYTE 0xbede
#define DC_EXTENSION_TWO_BYTE 0x1000

struct dc_extension {
    bool present;
    bool known, two_byte; // a form of RFC 8285
    size_t offset;        // of the first element; where none is present: of the payload
    size_t size_bytes;
};

struct dc_extension_element {
    uint8_t id;
    size_t offset; // of its data
    size_t size_bytes;
};

/* false: no RTP packet. */
bool dc_extension_find(const uint8_t *packet, size_t size_bytes, struct dc_extension *extension);
/* `data`: what extension->offset counts from; `offset` starts at 0. false: the end, or malformed. */
bool dc_extension_next(const uint8_t *data, const struct dc_extension *extension, size_t *offset,
                       struct dc_extension_element *element);

#endif
