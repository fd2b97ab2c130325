#include <protocol/rtp/h264_depacketizer.h>

#include <protocol/rtp/frame_extension.h>

#include "annexb.h"

void
dc_h264_depacketizer_init(struct dc_h264_depacketizer *d)
{
    *d = (struct dc_h264_depacketizer){ 0 };
    dc_writer_init(&d->unit);
}

void
dc_h264_depacketizer_finish(struct dc_h264_depacketizer *d)
{
    dc_writer_finish(&d->unit);
}

static bool
has_room(const struct dc_h264_depacketizer *d, size_t size_bytes)
{
    return size_bytes + 4 <= DC_H264_MAX_ACCESS_UNIT_BYTES - d->unit.size_bytes;
}

static bool
begin_nal(struct dc_h264_depacketizer *d, uint8_t header, size_t size_bytes)
{
    if (!has_room(d, size_bytes))
        return false;
    if ((header & 0x1f) == DC_NAL_IDR)
        d->current.keyframe = true;
    dc_writer_u32be(&d->unit, 1);
    return true;
}

static bool
add_nal(struct dc_h264_depacketizer *d, const uint8_t *nal, size_t size_bytes)
{
    uint8_t type = size_bytes ? nal[0] & 0x1f : 0;
    if (type < 1 || type > 23 || !begin_nal(d, nal[0], size_bytes))
        return false;
    dc_writer_bytes(&d->unit, nal, size_bytes);
    return true;
}

static bool
add_aggregate(struct dc_h264_depacketizer *d, const uint8_t *payload, size_t size_bytes)
{
    struct dc_reader r;
    dc_reader_init(&r, payload, size_bytes);
    dc_reader_u8(&r);
    while (dc_reader_left(&r)) {
        size_t nal_bytes = dc_reader_u16be(&r);
        const uint8_t *nal = dc_reader_bytes(&r, nal_bytes);
        if (r.failed || !add_nal(d, nal, nal_bytes))
            return false;
    }
    return size_bytes > 1;
}

static bool
add_fragment(struct dc_h264_depacketizer *d, const uint8_t *payload, size_t size_bytes)
{
    if (size_bytes < 3)
        return false;
    bool start = payload[1] & 0x80, end = payload[1] & 0x40;
    uint8_t header = (payload[0] & 0xe0) | (payload[1] & 0x1f);
    uint8_t type = header & 0x1f;
    if (start == d->in_fragment || (start && end) || type < 1 || type > 23)
        return false;
    if (start) {
        if (!begin_nal(d, header, 1))
            return false;
        dc_writer_u8(&d->unit, header);
    }
    if (!has_room(d, size_bytes))
        return false;
    dc_writer_bytes(&d->unit, payload + 2, size_bytes - 2);
    d->in_fragment = !end;
    return true;
}

static bool
add_payload(struct dc_h264_depacketizer *d, const uint8_t *payload, size_t size_bytes)
{
    uint8_t type = size_bytes ? payload[0] & 0x1f : 0;
    if (type == DC_NAL_FU_A)
        return add_fragment(d, payload, size_bytes);
    if (d->in_fragment)
        return false;
    if (type == DC_NAL_STAP_A)
        return add_aggregate(d, payload, size_bytes);
    return add_nal(d, payload, size_bytes);
}

static bool
read_extension(struct dc_h264_depacketizer *d, const struct dc_rtp_packet *packet)
{
    struct dc_frame_extension extension;
    if (!packet->has_extension)
        return true;
    if (!dc_frame_extension_unpack(packet->extension_profile, packet->extension, packet->extension_bytes, &extension))
        return false;
    if (extension.has_frame) {
        d->current.has_meta = true;
        d->current.meta = extension.meta;
    }
    if (extension.has_send_time)
        d->current.meta.times.send_us = extension.meta.times.send_us;
    return true;
}

static void
begin_unit(struct dc_h264_depacketizer *d, const struct dc_rtp_packet *packet, int64_t now_us)
{
    dc_writer_reset(&d->unit);
    d->current = (struct dc_access_unit){ .timestamp = packet->timestamp, .first_packet_us = now_us };
    d->in_unit = true;
    d->in_fragment = false;
    d->broken = false;
}

static void
check_sequence(struct dc_h264_depacketizer *d, const struct dc_rtp_packet *packet)
{
    uint16_t gap = (uint16_t)(packet->sequence - d->next_sequence);
    bool lost = d->started && gap;
    d->next_sequence = (uint16_t)(packet->sequence + 1);
    d->started = true;
    if (!lost)
        return;
    d->lost_packets += gap;
    if (d->in_unit && packet->timestamp != d->current.timestamp) { // its end is among the lost
        d->dropped_units++;
        d->in_unit = false;
    } else if (d->in_unit) {
        d->broken = true;
    }
}

bool
dc_h264_depacketizer_push(struct dc_h264_depacketizer *d, const struct dc_rtp_packet *packet, int64_t now_us,
                          struct dc_access_unit *unit)
{
    uint64_t lost_before = d->lost_packets;
    check_sequence(d, packet);
    if (d->in_unit && packet->timestamp != d->current.timestamp) { // the sender forgot its marker
        d->dropped_units++;
        d->in_unit = false;
    }
    if (!d->in_unit) {
        begin_unit(d, packet, now_us);
        // The first packets of this very unit may be among the lost: ours always carry the extension.
        d->broken = d->lost_packets != lost_before && !packet->has_extension;
    }
    if (!d->broken && (!read_extension(d, packet) || !add_payload(d, packet->payload, packet->payload_bytes))) {
        d->malformed_packets++;
        d->broken = true;
    }
    if (!packet->marker)
        return false;
    d->in_unit = false;
    if (d->broken || d->in_fragment || d->unit.failed) {
        d->dropped_units++;
        return false;
    }
    *unit = d->current;
    unit->data = d->unit.data;
    unit->size_bytes = d->unit.size_bytes;
    unit->last_packet_us = now_us;
    return true;
}
