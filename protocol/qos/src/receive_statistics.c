#include <protocol/qos/receive_statistics.h>

#include <stdlib.h>

void
dc_receive_statistics_init(struct dc_receive_statistics *statistics, uint32_t ssrc, uint32_t clock_hz)
{
    *statistics = (struct dc_receive_statistics){ .ssrc = ssrc, .clock_hz = clock_hz };
}

void
dc_receive_statistics_push(struct dc_receive_statistics *statistics, uint16_t sequence, uint32_t timestamp, int64_t now_us)
{
    bool first = !statistics->unwrapper.started;
    int64_t number = dc_sequence_unwrap(&statistics->unwrapper, sequence);
    if (first)
        statistics->base = number;
    statistics->received++;
    uint32_t arrival = (uint32_t)((uint64_t)now_us * (statistics->clock_hz / 1000) / 1000);
    uint32_t transit = arrival - timestamp;
    if (statistics->has_transit) {
        int32_t d = (int32_t)(transit - statistics->transit);
        uint32_t distance = d < 0 ? 0u - (uint32_t)d : (uint32_t)d;
        statistics->jitter += distance - ((statistics->jitter + 8) >> 4);
    }
    statistics->has_transit = true;
    statistics->transit = transit;
}

void
dc_receive_statistics_handle_sender_report(struct dc_receive_statistics *statistics,
                                           const struct dc_rtcp_report *report, int64_t now_us)
{
    if (!report->is_sender || report->ssrc != statistics->ssrc)
        return;
    statistics->last_report = dc_ntp_middle(report->ntp_time);
    statistics->last_report_us = now_us;
}

static int32_t
clamp_24(int64_t v)
{
    return v > 0x7fffff ? 0x7fffff : v < -0x800000 ? -0x800000 : (int32_t)v;
}

bool
dc_receive_statistics_report(struct dc_receive_statistics *statistics, int64_t now_us, struct dc_rtcp_block *block)
{
    if (!statistics->unwrapper.started)
        return false;
    uint64_t expected = (uint64_t)(statistics->unwrapper.newest - statistics->base + 1);
    int64_t expected_now = (int64_t)(expected - statistics->expected_before);
    int64_t lost_now = expected_now - (int64_t)(statistics->received - statistics->received_before);
    *block = (struct dc_rtcp_block){
        .ssrc = statistics->ssrc,
        .cumulative_lost = clamp_24((int64_t)(expected - statistics->received)),
        .highest_sequence = (uint32_t)(statistics->unwrapper.newest - 0x10000), // the unwrapper starts one cycle up
        .jitter = statistics->jitter >> 4,
        .last_report = statistics->last_report,
    };
    if (expected_now > 0 && lost_now > 0)
        block->fraction_lost = (uint8_t)(lost_now >= expected_now ? 255 : lost_now * 256 / expected_now);
    if (statistics->last_report)
        block->delay_since_report = (uint32_t)((now_us - statistics->last_report_us) * 65536 / 1000000);
    statistics->expected_before = expected;
    statistics->received_before = statistics->received;
    return true;
}
