#include <protocol/rtp/rtcp.h>

#include <string.h>

#include <common/wire.h>

#include "put.h"

#define HEADER_BYTES 4
#define ITEM_CNAME 1

void
dc_rtcp_reader_init(struct dc_rtcp_reader *reader, const void *data, size_t size_bytes)
{
    *reader = (struct dc_rtcp_reader){ .data = data, .size_bytes = size_bytes };
}

bool
dc_rtcp_reader_next(struct dc_rtcp_reader *reader, struct dc_rtcp_packet *packet)
{
    size_t left = reader->size_bytes - reader->offset;
    if (reader->failed || !left)
        return false;
    const uint8_t *p = reader->data + reader->offset;
    size_t size_bytes = left < HEADER_BYTES ? 0 : 4 * (1 + ((size_t)p[2] << 8 | p[3]));
    if (!size_bytes || p[0] >> 6 != 2 || size_bytes > left)
        goto fail;
    *packet = (struct dc_rtcp_packet){ .type = p[1], .count = p[0] & 0x1f, .body = p + HEADER_BYTES,
                                       .body_bytes = size_bytes - HEADER_BYTES };
    reader->offset += size_bytes;
    if (p[0] & 0x20) { // padding: only the last packet may have it (RFC 3550 §6.4.1)
        uint8_t padding = packet->body_bytes ? p[size_bytes - 1] : 0;
        if (!padding || padding % 4 || padding > packet->body_bytes || reader->offset != reader->size_bytes)
            goto fail;
        packet->body_bytes -= padding;
    }
    return true;
fail:
    reader->failed = true;
    return false;
}

static void
read_block(struct dc_reader *r, struct dc_rtcp_block *block)
{
    block->ssrc = dc_reader_u32be(r);
    uint32_t lost = dc_reader_u32be(r);
    block->fraction_lost = (uint8_t)(lost >> 24);
    block->cumulative_lost = (int32_t)(lost << 8) >> 8;
    block->highest_sequence = dc_reader_u32be(r);
    block->jitter = dc_reader_u32be(r);
    block->last_report = dc_reader_u32be(r);
    block->delay_since_report = dc_reader_u32be(r);
}

bool
dc_rtcp_unpack_report(const struct dc_rtcp_packet *packet, struct dc_rtcp_report *report)
{
    struct dc_reader r;
    *report = (struct dc_rtcp_report){ .is_sender = packet->type == DC_RTCP_SENDER_REPORT };
    if (!report->is_sender && packet->type != DC_RTCP_RECEIVER_REPORT)
        return false;
    dc_reader_init(&r, packet->body, packet->body_bytes);
    report->ssrc = dc_reader_u32be(&r);
    if (report->is_sender) {
        report->ntp_time = dc_reader_u64be(&r);
        report->rtp_timestamp = dc_reader_u32be(&r);
        report->packet_count = dc_reader_u32be(&r);
        report->octet_count = dc_reader_u32be(&r);
    }
    report->block_count = packet->count; // five bits: at most 31
    for (unsigned i = 0; i < report->block_count; i++)
        read_block(&r, &report->blocks[i]);
    return !r.failed;
}

/* One chunk: SSRC, items { type, length, text }, a zero item, padding to a word. */
static bool
read_chunk(struct dc_reader *r, uint32_t *ssrc, const char **text, size_t *size_bytes)
{
    *ssrc = dc_reader_u32be(r);
    *text = NULL;
    while (!r->failed) {
        uint8_t item = dc_reader_u8(r);
        if (item == 0)
            break;
        uint8_t length = dc_reader_u8(r);
        const char *value = dc_reader_bytes(r, length);
        if (item == ITEM_CNAME && value && !*text) {
            *text = value;
            *size_bytes = length;
        }
    }
    while (!r->failed && r->offset % 4) // the body begins on a word
        dc_reader_u8(r);
    return !r->failed;
}

bool
dc_rtcp_unpack_cname(const struct dc_rtcp_packet *packet, uint32_t *ssrc, const char **text, size_t *size_bytes)
{
    struct dc_reader r;
    if (packet->type != DC_RTCP_DESCRIPTION)
        return false;
    dc_reader_init(&r, packet->body, packet->body_bytes);
    for (unsigned i = 0; i < packet->count; i++) {
        if (!read_chunk(&r, ssrc, text, size_bytes))
            return false;
        if (*text)
            return true;
    }
    return false;
}

bool
dc_rtcp_unpack_bye(const struct dc_rtcp_packet *packet, struct dc_rtcp_bye *bye)
{
    struct dc_reader r;
    *bye = (struct dc_rtcp_bye){ .ssrc_count = packet->count };
    if (packet->type != DC_RTCP_BYE)
        return false;
    dc_reader_init(&r, packet->body, packet->body_bytes);
    for (unsigned i = 0; i < bye->ssrc_count; i++)
        bye->ssrcs[i] = dc_reader_u32be(&r);
    if (!r.failed && dc_reader_left(&r)) {
        bye->reason_bytes = dc_reader_u8(&r);
        bye->reason = dc_reader_bytes(&r, bye->reason_bytes);
    }
    return !r.failed;
}

void
dc_rtcp_writer_init(struct dc_rtcp_writer *writer, void *data, size_t capacity)
{
    *writer = (struct dc_rtcp_writer){ .data = data, .capacity = capacity };
}

uint8_t *
dc_rtcp_writer_begin(struct dc_rtcp_writer *writer, uint8_t type, uint8_t count, size_t body_bytes)
{
    if (HEADER_BYTES + body_bytes > writer->capacity - writer->size_bytes || body_bytes / 4 > UINT16_MAX) {
        writer->failed = true;
        return NULL;
    }
    uint8_t *p = writer->data + writer->size_bytes;
    p = dc_put_u8(p, 0x80 | (count & 0x1f));
    p = dc_put_u8(p, type);
    p = dc_put_u16(p, (uint16_t)(body_bytes / 4));
    writer->size_bytes += HEADER_BYTES + body_bytes;
    return p;
}

static uint8_t *
put_block(uint8_t *p, const struct dc_rtcp_block *block)
{
    p = dc_put_u32(p, block->ssrc);
    p = dc_put_u32(p, (uint32_t)block->fraction_lost << 24 | ((uint32_t)block->cumulative_lost & 0xffffff));
    p = dc_put_u32(p, block->highest_sequence);
    p = dc_put_u32(p, block->jitter);
    p = dc_put_u32(p, block->last_report);
    return dc_put_u32(p, block->delay_since_report);
}

void
dc_rtcp_put_report(struct dc_rtcp_writer *writer, const struct dc_rtcp_report *report)
{
    unsigned count = report->block_count <= DC_RTCP_MAX_BLOCKS ? report->block_count : DC_RTCP_MAX_BLOCKS;
    uint8_t type = report->is_sender ? DC_RTCP_SENDER_REPORT : DC_RTCP_RECEIVER_REPORT;
    uint8_t *p = dc_rtcp_writer_begin(writer, type, (uint8_t)count, (report->is_sender ? 24 : 4) + 24 * count);
    if (!p)
        return;
    p = dc_put_u32(p, report->ssrc);
    if (report->is_sender) {
        p = dc_put_u64(p, report->ntp_time);
        p = dc_put_u32(p, report->rtp_timestamp);
        p = dc_put_u32(p, report->packet_count);
        p = dc_put_u32(p, report->octet_count);
    }
    for (unsigned i = 0; i < count; i++)
        p = put_block(p, &report->blocks[i]);
}

static size_t
text_bytes(const char *text)
{
    return strnlen(text, DC_RTCP_MAX_TEXT_BYTES);
}

void
dc_rtcp_put_cname(struct dc_rtcp_writer *writer, uint32_t ssrc, const char *cname)
{
    size_t length = text_bytes(cname);
    size_t body_bytes = (4 + 2 + length + 1 + 3) & ~(size_t)3; // at least one zero ends the items
    uint8_t *p = dc_rtcp_writer_begin(writer, DC_RTCP_DESCRIPTION, 1, body_bytes);
    if (!p)
        return;
    memset(p, 0, body_bytes);
    p = dc_put_u32(p, ssrc);
    p = dc_put_u8(p, ITEM_CNAME);
    p = dc_put_u8(p, (uint8_t)length);
    memcpy(p, cname, length);
}

void
dc_rtcp_put_bye(struct dc_rtcp_writer *writer, uint32_t ssrc, const char *reason)
{
    size_t length = reason ? text_bytes(reason) : 0;
    size_t body_bytes = reason ? (4 + 1 + length + 3) & ~(size_t)3 : 4;
    uint8_t *p = dc_rtcp_writer_begin(writer, DC_RTCP_BYE, 1, body_bytes);
    if (!p)
        return;
    memset(p, 0, body_bytes);
    p = dc_put_u32(p, ssrc);
    if (reason) {
        p = dc_put_u8(p, (uint8_t)length);
        memcpy(p, reason, length);
    }
}

int64_t
dc_rtcp_round_trip_us(const struct dc_rtcp_block *block, int64_t now_us)
{
    if (!block->last_report)
        return -1;
    uint32_t units = dc_ntp_middle(dc_ntp_from_us(now_us)) - block->last_report - block->delay_since_report;
    if (units & 0x80000000) // negative: rounding on a fast link, or nonsense
        return units >= 0xfffffff0 ? 0 : -1;
    return (int64_t)units * 1000000 / 65536;
}
