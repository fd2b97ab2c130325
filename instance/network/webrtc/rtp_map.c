#include "rtp_map.h"

#include <string.h>

#include <protocol/rtp/frame_extension.h>
#include <protocol/rtp/rtp.h>

#define ONE_BYTE_PROFILE 0xbede // RFC 8285 §4.2

void
dc_rtp_map_init(struct dc_rtp_map *map, const struct dc_sdp_section *section, uint32_t ssrc, bool mixed_allowed)
{
    *map = (struct dc_rtp_map){ .ssrc = ssrc, .payload_type = (uint8_t)section->payload_type };
    memcpy(map->extension_ids, section->extension_ids, sizeof(map->extension_ids));
    for (int i = DC_SDP_EXTENSION_FRAME; i <= DC_SDP_EXTENSION_REFERENCE && !mixed_allowed; i++)
        map->extension_ids[i] = 0; // ours need the two-byte form
}

static uint8_t
mapped_id(const struct dc_rtp_map *map, uint8_t id)
{
    switch (id) {
    case DC_FRAME_EXTENSION_FRAME: return map->extension_ids[DC_SDP_EXTENSION_FRAME];
    case DC_FRAME_EXTENSION_INPUT_IDS: return map->extension_ids[DC_SDP_EXTENSION_INPUT_IDS];
    case DC_FRAME_EXTENSION_TIMES: return map->extension_ids[DC_SDP_EXTENSION_TIMES];
    case DC_FRAME_EXTENSION_SEND_TIME: return map->extension_ids[DC_SDP_EXTENSION_SEND_TIME];
    case DC_FRAME_EXTENSION_REFERENCE: return map->extension_ids[DC_SDP_EXTENSION_REFERENCE];
    default: return 0;
    }
}

/* Elements that are wanted, under their new ids, padded to words. */
static size_t
map_elements(const struct dc_rtp_map *map, const struct dc_rtp_packet *rtp, uint8_t out[DC_FRAME_EXTENSION_MAX_BYTES])
{
    size_t size_bytes = 0, at = 0;
    while (at + 2 <= rtp->extension_bytes && size_bytes + 2 <= DC_FRAME_EXTENSION_MAX_BYTES) {
        uint8_t id = rtp->extension[at], length = rtp->extension[at + 1];
        if (id == 0) { // padding
            at++;
            continue;
        }
        if (at + 2u + length > rtp->extension_bytes)
            break;
        uint8_t new_id = mapped_id(map, id);
        if (new_id && size_bytes + 2u + length <= DC_FRAME_EXTENSION_MAX_BYTES) {
            memcpy(out + size_bytes, rtp->extension + at, 2u + length);
            out[size_bytes] = new_id;
            size_bytes += 2u + length;
        }
        at += 2u + length;
    }
    while (size_bytes % 4)
        out[size_bytes++] = 0;
    return size_bytes;
}

size_t
dc_rtp_map_apply(const struct dc_rtp_map *map, const uint8_t *packet, size_t size_bytes, uint8_t *out, size_t capacity)
{
    struct dc_rtp_packet rtp;
    uint8_t elements[DC_FRAME_EXTENSION_MAX_BYTES + 3];
    uint8_t playout_id = map->extension_ids[DC_SDP_EXTENSION_PLAYOUT_DELAY];
    if (!dc_rtp_unpack(packet, size_bytes, &rtp))
        return 0;
    size_t element_bytes = 0;
    if (rtp.has_extension && rtp.extension_profile == DC_FRAME_EXTENSION_PROFILE)
        element_bytes = map_elements(map, &rtp, elements);
    rtp.extension_profile = DC_FRAME_EXTENSION_PROFILE;
    if (element_bytes == 0 && playout_id) { // least and most: 0 ms, 12 bits each
        rtp.extension_profile = ONE_BYTE_PROFILE;
        memcpy(elements, (uint8_t[]){ (uint8_t)(playout_id << 4 | 2), 0, 0, 0 }, 4);
        element_bytes = 4;
    }
    rtp.has_extension = element_bytes > 0;
    rtp.extension = elements;
    rtp.extension_bytes = element_bytes;
    rtp.payload_type = map->payload_type;
    return dc_rtp_pack(&rtp, out, capacity);
}
