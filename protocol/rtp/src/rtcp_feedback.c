#include <protocol/rtp/rtcp_feedback.h>

#include <string.h>

#include <common/wire.h>

#include "put.h"

#define NAME_INVALIDATE 0x44435249 // "DCRI"
#define NAME_REMB 0x52454d42       // "REMB"
#define INVALIDATE_BODY_BYTES 28

/* Entries of { packet id, bit mask of the 16 that follow it }. */
static bool
read_nack(struct dc_reader *r, struct dc_rtcp_feedback *feedback)
{
    feedback->kind = DC_FEEDBACK_NACK;
    if (!dc_reader_left(r))
        return false;
    while (dc_reader_left(r)) {
        uint16_t first = dc_reader_u16be(r);
        uint32_t mask = (uint32_t)dc_reader_u16be(r) << 1 | 1;
        for (unsigned bit = 0; bit <= 16 && !r->failed; bit++)
            if (mask >> bit & 1 && feedback->sequence_count < DC_NACK_MAX_SEQUENCES)
                feedback->sequences[feedback->sequence_count++] = (uint16_t)(first + bit);
    }
    return !r->failed;
}

/* Entries of { SSRC, sequence, 24 reserved bits }; the media SSRC of the header is unused (RFC 5104 §4.3.1.2). */
static bool
read_fir(struct dc_reader *r, struct dc_rtcp_feedback *feedback)
{
    feedback->kind = DC_FEEDBACK_FIR;
    feedback->media_ssrc = dc_reader_u32be(r);
    feedback->fir_sequence = (uint8_t)(dc_reader_u32be(r) >> 24);
    return !r->failed && dc_reader_left(r) % 8 == 0;
}

/* "REMB", count, 6-bit exponent and 18-bit mantissa, SSRCs. Other application feedback is nobody's error. */
static bool
read_remb(struct dc_reader *r, struct dc_rtcp_feedback *feedback)
{
    if (dc_reader_u32be(r) != NAME_REMB)
        return !r->failed;
    uint32_t value = dc_reader_u32be(r);
    unsigned exponent = value >> 18 & 0x3f;
    uint64_t mantissa = value & 0x3ffff;
    if (r->failed || (mantissa << exponent) >> exponent != mantissa)
        return false;
    feedback->kind = DC_FEEDBACK_REMB;
    feedback->remb_bitrate = mantissa << exponent;
    feedback->media_ssrc = value >> 24 ? dc_reader_u32be(r) : 0;
    return !r->failed;
}

static bool
read_invalidate(struct dc_reader *r, const struct dc_rtcp_packet *packet, struct dc_rtcp_feedback *feedback)
{
    feedback->sender_ssrc = dc_reader_u32be(r);
    uint32_t name = dc_reader_u32be(r);
    if (r->failed || name != NAME_INVALIDATE || packet->count != 0)
        return !r->failed;
    feedback->kind = DC_FEEDBACK_INVALIDATE;
    feedback->media_ssrc = dc_reader_u32be(r);
    feedback->first_lost_id = dc_reader_u64be(r);
    feedback->newest_id = dc_reader_u64be(r);
    return !r->failed && feedback->first_lost_id <= feedback->newest_id;
}

bool
dc_rtcp_unpack_feedback(const struct dc_rtcp_packet *packet, struct dc_rtcp_feedback *feedback)
{
    struct dc_reader r;
    feedback->kind = DC_FEEDBACK_NONE; // the list of numbers is not worth clearing
    feedback->sequence_count = 0;
    feedback->sender_ssrc = feedback->media_ssrc = 0;
    dc_reader_init(&r, packet->body, packet->body_bytes);
    if (packet->type == DC_RTCP_APPLICATION)
        return read_invalidate(&r, packet, feedback);
    if (packet->type != DC_RTCP_TRANSPORT_FEEDBACK && packet->type != DC_RTCP_PAYLOAD_FEEDBACK)
        return true;
    feedback->sender_ssrc = dc_reader_u32be(&r);
    feedback->media_ssrc = dc_reader_u32be(&r);
    if (r.failed)
        return false;
    if (packet->type == DC_RTCP_TRANSPORT_FEEDBACK) {
        if (packet->count == DC_RTPFB_NACK)
            return read_nack(&r, feedback);
        if (packet->count == DC_RTPFB_TRANSPORT_CC)
            feedback->kind = DC_FEEDBACK_TRANSPORT_CC;
        return true;
    }
    switch (packet->count) {
    case DC_PSFB_PLI: feedback->kind = DC_FEEDBACK_PLI; return true;
    case DC_PSFB_FIR: return read_fir(&r, feedback);
    case DC_PSFB_APPLICATION: return read_remb(&r, feedback);
    default: return true;
    }
}

static uint8_t *
begin_feedback(struct dc_rtcp_writer *writer, uint8_t type, uint8_t format, uint32_t sender_ssrc, uint32_t media_ssrc,
               size_t body_bytes)
{
    uint8_t *p = dc_rtcp_writer_begin(writer, type, format, 8 + body_bytes);
    return p ? dc_put_u32(dc_put_u32(p, sender_ssrc), media_ssrc) : NULL;
}

/* The numbers that fit one entry with the first of them. */
static unsigned
entry_length(const uint16_t *sequences, unsigned count)
{
    unsigned n = 1;
    while (n < count && (uint16_t)(sequences[n] - sequences[0]) <= 16)
        n++;
    return n;
}

void
dc_rtcp_put_nack(struct dc_rtcp_writer *writer, uint32_t sender_ssrc, uint32_t media_ssrc, const uint16_t *sequences,
                 unsigned count)
{
    unsigned entries = 0;
    for (unsigned i = 0; i < count; i += entry_length(sequences + i, count - i))
        entries++;
    if (!entries)
        return;
    uint8_t *p = begin_feedback(writer, DC_RTCP_TRANSPORT_FEEDBACK, DC_RTPFB_NACK, sender_ssrc, media_ssrc, 4 * entries);
    for (unsigned i = 0; p && i < count;) {
        unsigned n = entry_length(sequences + i, count - i);
        uint16_t mask = 0;
        for (unsigned j = 1; j < n; j++) {
            uint16_t distance = (uint16_t)(sequences[i + j] - sequences[i]);
            mask = (uint16_t)(mask | (distance ? 1u << (distance - 1) : 0));
        }
        p = dc_put_u16(dc_put_u16(p, sequences[i]), mask);
        i += n;
    }
}

void
dc_rtcp_put_pli(struct dc_rtcp_writer *writer, uint32_t sender_ssrc, uint32_t media_ssrc)
{
    begin_feedback(writer, DC_RTCP_PAYLOAD_FEEDBACK, DC_PSFB_PLI, sender_ssrc, media_ssrc, 0);
}

void
dc_rtcp_put_fir(struct dc_rtcp_writer *writer, uint32_t sender_ssrc, uint32_t media_ssrc, uint8_t fir_sequence)
{
    uint8_t *p = begin_feedback(writer, DC_RTCP_PAYLOAD_FEEDBACK, DC_PSFB_FIR, sender_ssrc, 0, 8);
    if (p)
        dc_put_u32(dc_put_u32(p, media_ssrc), (uint32_t)fir_sequence << 24);
}

void
dc_rtcp_put_invalidate(struct dc_rtcp_writer *writer, uint32_t sender_ssrc, uint32_t media_ssrc, uint64_t first_lost_id,
                       uint64_t newest_id)
{
    uint8_t *p = dc_rtcp_writer_begin(writer, DC_RTCP_APPLICATION, 0, INVALIDATE_BODY_BYTES);
    if (!p)
        return;
    p = dc_put_u32(dc_put_u32(dc_put_u32(p, sender_ssrc), NAME_INVALIDATE), media_ssrc);
    dc_put_u64(dc_put_u64(p, first_lost_id), newest_id);
}
