#include <protocol/rtp/transport_feedback.h>

#include <string.h>

#include <common/wire.h>
#include <protocol/rtp/rtcp_feedback.h>

#include "put.h"

#define FIXED_BYTES 16
#define RUN_MAX 8191
#define DELTA_MAX 32767

enum symbol { NOT_RECEIVED = 0, SMALL_DELTA = 1, LARGE_DELTA = 2, RESERVED = 3 };

static unsigned
chunk_length(uint16_t chunk)
{
    if (!(chunk & 0x8000))
        return chunk & 0x1fff;
    return chunk & 0x4000 ? 7 : 14;
}

/* The symbol that comes when `left` symbols of the chunk are left. */
static enum symbol
chunk_symbol(uint16_t chunk, unsigned left)
{
    if (!(chunk & 0x8000))
        return chunk >> 13 & 3;
    if (chunk & 0x4000)
        return chunk >> (2 * (left - 1)) & 3;
    return chunk >> (left - 1) & 1;
}

/* Walks the chunks once: how many bytes of deltas they announce. */
static bool
measure(const uint8_t *p, const uint8_t *end, unsigned status_count, const uint8_t **deltas, size_t *delta_bytes)
{
    *delta_bytes = 0;
    for (unsigned done = 0; done < status_count; p += 2) {
        if (end - p < 2)
            return false;
        uint16_t chunk = dc_get_u16(p);
        unsigned length = chunk_length(chunk);
        if (!length) // would never end
            return false;
        unsigned taken = length < status_count - done ? length : status_count - done;
        for (unsigned i = 0; i < taken; i++) {
            enum symbol symbol = chunk_symbol(chunk, length - i);
            if (symbol == RESERVED)
                return false;
            *delta_bytes += symbol;
        }
        done += taken;
    }
    *deltas = p;
    return true;
}

bool
dc_transport_feedback_unpack(const struct dc_rtcp_packet *packet, struct dc_transport_feedback *feedback)
{
    struct dc_reader r;
    size_t delta_bytes;
    *feedback = (struct dc_transport_feedback){ 0 };
    if (packet->type != DC_RTCP_TRANSPORT_FEEDBACK || packet->count != DC_RTPFB_TRANSPORT_CC)
        return false;
    dc_reader_init(&r, packet->body, packet->body_bytes);
    feedback->sender_ssrc = dc_reader_u32be(&r);
    feedback->media_ssrc = dc_reader_u32be(&r);
    feedback->base_sequence = dc_reader_u16be(&r);
    feedback->status_count = dc_reader_u16be(&r);
    uint32_t time = dc_reader_u32be(&r);
    feedback->reference_time = (int32_t)time >> 8;
    feedback->feedback_count = (uint8_t)time;
    if (r.failed || !feedback->status_count)
        return false;
    feedback->chunks = packet->body + FIXED_BYTES;
    feedback->end = packet->body + packet->body_bytes;
    feedback->time_us = (int64_t)feedback->reference_time * DC_TRANSPORT_REFERENCE_US;
    return measure(feedback->chunks, feedback->end, feedback->status_count, &feedback->deltas, &delta_bytes) &&
           delta_bytes <= (size_t)(feedback->end - feedback->deltas);
}

bool
dc_transport_feedback_next(struct dc_transport_feedback *feedback, struct dc_transport_status *status)
{
    if (feedback->index == feedback->status_count)
        return false;
    if (!feedback->chunk_left) {
        feedback->chunk = dc_get_u16(feedback->chunks);
        feedback->chunks += 2;
        feedback->chunk_left = chunk_length(feedback->chunk);
    }
    enum symbol symbol = chunk_symbol(feedback->chunk, feedback->chunk_left--);
    *status = (struct dc_transport_status){ .sequence = (uint16_t)(feedback->base_sequence + feedback->index++),
                                            .received = symbol != NOT_RECEIVED };
    if (symbol == SMALL_DELTA)
        feedback->time_us += *feedback->deltas * DC_TRANSPORT_DELTA_US;
    else if (symbol == LARGE_DELTA)
        feedback->time_us += (int16_t)dc_get_u16(feedback->deltas) * DC_TRANSPORT_DELTA_US;
    feedback->deltas += symbol;
    status->arrival_us = feedback->time_us;
    return true;
}

/* What is being written: symbols are made on the fly from arrivals, so a long gap costs no memory. */
struct draft {
    const struct dc_transport_arrival *arrivals;
    uint16_t base;
    unsigned count;        // arrivals that it holds
    unsigned status_count; // from the base to the last of them
    int64_t reference;     // steps of 64 ms
    size_t delta_bytes;
};

static int64_t
arrival_steps(const struct dc_transport_arrival *arrival)
{
    return arrival->arrival_us / DC_TRANSPORT_DELTA_US;
}

/* Delta of arrival i in steps of 250 µs, to the one before it or to the reference. Steps are absolute, so that rounding
 * does not add up. */
static int64_t
delta_of(const struct draft *draft, unsigned i)
{
    int64_t before = i ? arrival_steps(&draft->arrivals[i - 1])
                       : draft->reference * (DC_TRANSPORT_REFERENCE_US / DC_TRANSPORT_DELTA_US);
    return arrival_steps(&draft->arrivals[i]) - before;
}

static enum symbol
symbol_of(const struct draft *draft, unsigned i)
{
    int64_t delta = delta_of(draft, i);
    return delta >= 0 && delta <= 255 ? SMALL_DELTA : LARGE_DELTA;
}

struct cursor { // over the statuses of a draft
    unsigned status, arrival;
};

static enum symbol
symbol_at(const struct draft *draft, struct cursor *cursor)
{
    uint16_t sequence = (uint16_t)(draft->base + cursor->status++);
    if (draft->arrivals[cursor->arrival].sequence != sequence)
        return NOT_RECEIVED;
    return symbol_of(draft, cursor->arrival++);
}

/* How many statuses from the cursor on are the same (which is the first one's). The cursor moves behind them. */
static unsigned
run_length(const struct draft *draft, struct cursor *cursor, enum symbol *symbol)
{
    unsigned left = draft->status_count - cursor->status, run = 1;
    *symbol = symbol_at(draft, cursor);
    for (struct cursor ahead = *cursor; run < left && run < RUN_MAX; run++) {
        if (symbol_at(draft, &ahead) != *symbol)
            break;
        *cursor = ahead;
    }
    return run;
}

/* The chunk that holds most of what follows; the cursor moves behind it. */
static uint16_t
next_chunk(const struct draft *draft, struct cursor *cursor)
{
    struct cursor run_end = *cursor, ahead = *cursor;
    unsigned left = draft->status_count - cursor->status;
    enum symbol first;
    bool two_bits = false;
    for (unsigned i = 0; i < 14 && i < left; i++)
        two_bits |= symbol_at(draft, &ahead) == LARGE_DELTA;
    unsigned limit = two_bits ? 7 : 14;
    unsigned run = run_length(draft, &run_end, &first);
    if (run >= limit || run == left) {
        *cursor = run_end;
        return (uint16_t)(first << 13 | run);
    }
    uint16_t chunk = two_bits ? 0xc000 : 0x8000;
    for (unsigned i = 0; i < limit && i < left; i++)
        chunk = (uint16_t)(chunk | symbol_at(draft, cursor) << (two_bits ? 2 * (6 - i) : 13 - i));
    return chunk;
}

static size_t
chunk_bytes(const struct draft *draft)
{
    struct cursor cursor = { 0 };
    size_t bytes = 0;
    while (cursor.status < draft->status_count) {
        next_chunk(draft, &cursor);
        bytes += 2;
    }
    return bytes;
}

static size_t
padded(size_t bytes)
{
    return (bytes + 3) & ~(size_t)3;
}

/* As many arrivals as one message can say. */
static void
extend(struct draft *draft, unsigned count, size_t room_bytes)
{
    while (draft->count < count) {
        unsigned i = draft->count;
        unsigned distance = (uint16_t)(draft->arrivals[i].sequence - draft->base);
        int64_t delta = delta_of(draft, i);
        size_t delta_bytes = draft->delta_bytes + symbol_of(draft, i);
        // Chunks, pessimistically: two bits each, or one run per gap.
        size_t worst_bytes = FIXED_BYTES + delta_bytes + 2 * ((size_t)(i + 1) * 2 + 2 + distance / RUN_MAX);
        if (delta < -DELTA_MAX || delta > DELTA_MAX || (i && distance + 1 <= draft->status_count) || distance >= 0x8000 ||
            padded(worst_bytes) > room_bytes)
            return;
        draft->count++;
        draft->status_count = distance + 1;
        draft->delta_bytes = delta_bytes;
    }
}

unsigned
dc_rtcp_put_transport_feedback(struct dc_rtcp_writer *writer, uint32_t sender_ssrc, uint32_t media_ssrc,
                               uint8_t feedback_count, uint16_t base, const struct dc_transport_arrival *arrivals,
                               unsigned count)
{
    struct draft draft = { .arrivals = arrivals, .base = base };
    struct cursor cursor = { 0 };
    size_t room_bytes = writer->capacity - writer->size_bytes;
    if (!count || arrivals[0].arrival_us < 0 || room_bytes < 4)
        return 0;
    draft.reference = arrivals[0].arrival_us / DC_TRANSPORT_REFERENCE_US;
    extend(&draft, count, room_bytes - 4);
    if (!draft.count)
        return 0;
    size_t used_bytes = FIXED_BYTES + chunk_bytes(&draft) + draft.delta_bytes;
    size_t body_bytes = padded(used_bytes);
    uint8_t *p = dc_rtcp_writer_begin(writer, DC_RTCP_TRANSPORT_FEEDBACK, DC_RTPFB_TRANSPORT_CC, body_bytes);
    if (!p)
        return 0;
    memset(p + used_bytes, 0, body_bytes - used_bytes);
    p = dc_put_u32(dc_put_u32(p, sender_ssrc), media_ssrc);
    p = dc_put_u16(dc_put_u16(p, base), (uint16_t)draft.status_count);
    p = dc_put_u32(p, (uint32_t)draft.reference << 8 | feedback_count);
    while (cursor.status < draft.status_count)
        p = dc_put_u16(p, next_chunk(&draft, &cursor));
    for (unsigned i = 0; i < draft.count; i++) {
        int64_t delta = delta_of(&draft, i);
        p = symbol_of(&draft, i) == SMALL_DELTA ? dc_put_u8(p, (uint8_t)delta) : dc_put_u16(p, (uint16_t)delta);
    }
    return draft.count;
}
