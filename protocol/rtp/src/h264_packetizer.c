#include <protocol/rtp/h264_packetizer.h>

#include <string.h>

#include <protocol/rtp/channel.h>
#include <protocol/rtp/frame_extension.h>
#include <protocol/rtp/rtp.h>

#include "annexb.h"

/* Extension header, element header, send time, padding: kept free in every packet, so that any may be the last. */
#define SEND_TIME_RESERVE_BYTES (4 + 2 + 8 + 2)

struct emission {
    struct dc_h264_packetizer *packetizer;
    const struct dc_packet *packet;
    dc_rtp_emit emit;
    void *user;
    bool first; // the next packet is the frame's first
};

static size_t
capacity(const struct emission *e)
{
    size_t bytes = e->packetizer->max_packet_bytes - DC_RTP_HEADER_BYTES - SEND_TIME_RESERVE_BYTES;
    if (e->first)
        bytes -= DC_FRAME_EXTENSION_MAX_BYTES;
    return bytes;
}

static void
emit_payload(struct emission *e, const uint8_t *payload, size_t payload_bytes, bool last)
{
    struct dc_h264_packetizer *p = e->packetizer;
    struct dc_frame_extension extension = {
        .has_frame = e->first,
        .keyframe = e->packet->keyframe,
        .has_send_time = last,
        .meta = e->packet->meta,
    };
    uint8_t extension_bytes[DC_FRAME_EXTENSION_MAX_BYTES];
    uint8_t out[DC_RTP_MAX_PACKET_BYTES];
    size_t send_time_offset;
    struct dc_rtp_packet rtp = {
        .marker = last,
        .payload_type = p->payload_type,
        .sequence = p->sequence++,
        .timestamp = (uint32_t)e->packet->timestamp,
        .ssrc = p->ssrc,
        .has_extension = e->first || last,
        .extension_profile = DC_FRAME_EXTENSION_PROFILE,
        .extension = extension_bytes,
        .extension_bytes = dc_frame_extension_pack(&extension, extension_bytes, &send_time_offset),
        .payload = payload,
        .payload_bytes = payload_bytes,
    };
    size_t size_bytes = dc_rtp_pack(&rtp, out, sizeof(out));
    if (send_time_offset)
        send_time_offset += DC_RTP_HEADER_BYTES + 4;
    e->emit(e->user, out, size_bytes, send_time_offset);
    e->first = false;
}

/*
 * FU-A (RFC 6184 §5.8): | F NRI 28 | S E R type | fragment |, the unit's own first byte is split over both.
 */
static void
emit_fragments(struct emission *e, const struct dc_nal *nal, bool last_unit)
{
    uint8_t payload[DC_RTP_MAX_PACKET_BYTES];
    size_t offset = 1;
    payload[0] = (nal->data[0] & 0xe0) | DC_NAL_FU_A;
    while (offset < nal->size_bytes) {
        size_t chunk = nal->size_bytes - offset;
        if (chunk > capacity(e) - 2)
            chunk = capacity(e) - 2;
        bool end = offset + chunk == nal->size_bytes;
        payload[1] = (nal->data[0] & 0x1f) | (offset == 1 ? 0x80 : 0) | (end ? 0x40 : 0);
        memcpy(payload + 2, nal->data + offset, chunk);
        offset += chunk;
        emit_payload(e, payload, 2 + chunk, last_unit && end);
    }
}

struct aggregate { // STAP-A (RFC 6184 §5.7.1): | F NRI 24 | then u16 size, unit; …
    uint8_t payload[DC_RTP_MAX_PACKET_BYTES];
    size_t size_bytes; // 0: empty
    unsigned count;
};

static bool
aggregate_add(struct aggregate *a, const struct dc_nal *nal, size_t limit)
{
    size_t size_bytes = a->size_bytes ? a->size_bytes : 1;
    if (size_bytes + 2 + nal->size_bytes > limit)
        return false;
    if (!a->size_bytes)
        a->payload[0] = DC_NAL_STAP_A;
    uint8_t nri = nal->data[0] & 0x60; // the aggregate's NRI is the highest of its units
    if (nri > (a->payload[0] & 0x60))
        a->payload[0] = (uint8_t)(nri | DC_NAL_STAP_A);
    a->payload[size_bytes] = (uint8_t)(nal->size_bytes >> 8);
    a->payload[size_bytes + 1] = (uint8_t)nal->size_bytes;
    memcpy(a->payload + size_bytes + 2, nal->data, nal->size_bytes);
    a->size_bytes = size_bytes + 2 + nal->size_bytes;
    a->count++;
    return true;
}

static void
aggregate_flush(struct aggregate *a, struct emission *e, bool last)
{
    if (a->count == 1)
        emit_payload(e, a->payload + 3, a->size_bytes - 3, last);
    else if (a->count)
        emit_payload(e, a->payload, a->size_bytes, last);
    a->size_bytes = 0;
    a->count = 0;
}

static bool
is_small_kind(const struct dc_nal *nal)
{
    uint8_t type = nal->data[0] & 0x1f;
    return type >= DC_NAL_SEI && type <= DC_NAL_AUD;
}

/* The next unit that RFC 6184 can carry: the types beyond are its own. */
static bool
next_unit(const struct dc_packet *packet, size_t *offset, struct dc_nal *nal)
{
    while (dc_annexb_next(packet->data, packet->size_bytes, offset, nal)) {
        if ((nal->data[0] & 0x1f) >= 1 && (nal->data[0] & 0x1f) <= 23)
            return true;
    }
    return false;
}

bool
dc_h264_packetizer_push(struct dc_h264_packetizer *packetizer, const struct dc_packet *packet, dc_rtp_emit emit,
                        void *user)
{
    struct emission e = { packetizer, packet, emit, user, .first = true };
    struct aggregate aggregate = { .size_bytes = 0 };
    struct dc_nal nal, next;
    size_t offset = 0;
    bool more = next_unit(packet, &offset, &nal);
    if (!more)
        return false;
    for (; more; nal = next) {
        more = next_unit(packet, &offset, &next);
        if (is_small_kind(&nal)) {
            if (aggregate_add(&aggregate, &nal, capacity(&e)))
                continue;
            aggregate_flush(&aggregate, &e, false);
            if (aggregate_add(&aggregate, &nal, capacity(&e)))
                continue;
        }
        aggregate_flush(&aggregate, &e, false);
        if (nal.size_bytes <= capacity(&e))
            emit_payload(&e, nal.data, nal.size_bytes, !more);
        else
            emit_fragments(&e, &nal, !more);
    }
    aggregate_flush(&aggregate, &e, true);
    return true;
}
