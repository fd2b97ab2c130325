#include <protocol/rtp/fec_payload.h>

#include <string.h>

#include <protocol/rtp/frame_extension.h>
#include <protocol/rtp/transport_sequence.h>

#include "extension.h"

bool
dc_fec_payload_unpack(const uint8_t *payload, size_t size_bytes, struct dc_fec_payload *fec)
{
    if (size_bytes < DC_FEC_HEADER_BYTES)
        return false;
    *fec = (struct dc_fec_payload){
        .base_sequence = dc_get_u16(payload), .data_count = payload[2], .parity_count = payload[3], .row = payload[4],
        .shard = payload + DC_FEC_HEADER_BYTES, .shard_bytes = dc_get_u16(payload + 6),
    };
    return fec->data_count >= 1 && fec->data_count <= DC_FEC_MAX_DATA && fec->parity_count >= 1 &&
           fec->parity_count <= DC_FEC_MAX_PARITY && fec->row < fec->parity_count &&
           fec->shard_bytes == size_bytes - DC_FEC_HEADER_BYTES && fec->shard_bytes > DC_FEC_LENGTH_BYTES;
}

void
dc_fec_payload_pack_header(const struct dc_fec_payload *fec, uint8_t out[DC_FEC_HEADER_BYTES])
{
    out = dc_put_u16(out, fec->base_sequence);
    out = dc_put_u8(dc_put_u8(out, fec->data_count), fec->parity_count);
    out = dc_put_u8(dc_put_u8(out, fec->row), 0);
    dc_put_u16(out, (uint16_t)fec->shard_bytes);
}

size_t
dc_fec_canonical(uint8_t *packet, size_t size_bytes, uint8_t transport_extension_id)
{
    struct dc_extension extension;
    struct dc_extension_element element;
    if (transport_extension_id)
        size_bytes = dc_transport_sequence_strip(packet, size_bytes, transport_extension_id);
    if (!dc_extension_find(packet, size_bytes, &extension))
        return 0;
    for (size_t offset = 0; extension.present && extension.two_byte &&
                            dc_extension_next(packet, &extension, &offset, &element);)
        if (element.id == DC_FRAME_EXTENSION_SEND_TIME)
            memset(packet + element.offset, 0, element.size_bytes);
    return size_bytes;
}
