#include <protocol/qos/pacer.h>

#include <stdlib.h>
#include <string.h>

#define BURST_US 1000 // a timer's worth: a packet may leave this much early

void
dc_pacer_init(struct dc_pacer *pacer)
{
    *pacer = (struct dc_pacer){ .bps = 50000000 };
    for (unsigned i = 0; i < DC_PACER_LANES; i++)
        pacer->lanes[i].end = &pacer->lanes[i].first;
}

static struct dc_paced_packet *
take_first(struct dc_pacer *pacer, unsigned lane)
{
    struct dc_paced_packet *packet = pacer->lanes[lane].first;
    pacer->lanes[lane].first = packet->next;
    if (!packet->next)
        pacer->lanes[lane].end = &pacer->lanes[lane].first;
    pacer->queued_bytes -= packet->size_bytes;
    return packet;
}

void
dc_pacer_finish(struct dc_pacer *pacer)
{
    for (unsigned i = 0; i < DC_PACER_LANES; i++)
        while (pacer->lanes[i].first)
            free(take_first(pacer, i));
}

struct dc_paced_packet *
dc_pacer_push(struct dc_pacer *pacer, enum dc_pacer_lane lane, const uint8_t *data, size_t size_bytes, int64_t now_us)
{
    if (size_bytes > DC_RTP_MAX_PACKET_BYTES || pacer->queued_bytes + size_bytes > DC_PACER_MAX_BYTES)
        return NULL;
    struct dc_paced_packet *packet = malloc(sizeof(*packet));
    if (!packet)
        return NULL;
    packet->next = NULL;
    packet->queued_us = now_us;
    packet->size_bytes = size_bytes;
    packet->send_time_offset = 0;
    packet->is_media = false;
    memcpy(packet->data, data, size_bytes);
    *pacer->lanes[lane].end = packet;
    pacer->lanes[lane].end = &packet->next;
    pacer->queued_bytes += size_bytes;
    return packet;
}

static const struct dc_paced_packet *
first(const struct dc_pacer *pacer, unsigned *lane)
{
    for (*lane = 0; *lane < DC_PACER_LANES; ++*lane)
        if (pacer->lanes[*lane].first)
            return pacer->lanes[*lane].first;
    return NULL;
}

struct dc_paced_packet *
dc_pacer_pop(struct dc_pacer *pacer, int64_t now_us)
{
    unsigned lane;
    const struct dc_paced_packet *next = first(pacer, &lane);
    if (!next || now_us < dc_pacer_deadline_us(pacer))
        return NULL;
    if (pacer->next_us < now_us)
        pacer->next_us = now_us;
    pacer->next_us += (int64_t)next->size_bytes * 8000000 / (pacer->bps ? pacer->bps : 1);
    return take_first(pacer, lane);
}

int64_t
dc_pacer_deadline_us(const struct dc_pacer *pacer)
{
    unsigned lane;
    const struct dc_paced_packet *next = first(pacer, &lane);
    if (!next)
        return INT64_MAX;
    return pacer->next_us - BURST_US > next->queued_us ? pacer->next_us - BURST_US : next->queued_us;
}

int64_t
dc_pacer_backlog_us(const struct dc_pacer *pacer)
{
    return (int64_t)pacer->queued_bytes * 8000000 / (pacer->bps ? pacer->bps : 1);
}
