#include "sender_reports.h"

#include <protocol/rtp/rtcp.h>

void
dc_sender_reports_count(struct dc_sender_reports *reports, int stream, size_t payload_bytes)
{
    reports->streams[stream].packets++;
    reports->streams[stream].octets += (uint32_t)payload_bytes;
}

size_t
dc_sender_reports_pull(struct dc_sender_reports *reports, uint8_t *out, size_t capacity, int64_t now_us)
{
    struct dc_rtcp_writer writer;
    if (now_us < reports->next_us)
        return 0;
    reports->next_us = now_us + DC_SENDER_REPORT_INTERVAL_US;
    dc_rtcp_writer_init(&writer, out, capacity);
    for (int i = 0; i < 2; i++) {
        if (!reports->streams[i].packets)
            continue;
        struct dc_rtcp_report report = {
            .is_sender = true,
            .ssrc = reports->streams[i].ssrc,
            .ntp_time = dc_ntp_from_us(now_us),
            .rtp_timestamp = (uint32_t)((uint64_t)now_us * (reports->streams[i].clock_hz / 1000) / 1000),
            .packet_count = reports->streams[i].packets,
            .octet_count = reports->streams[i].octets,
        };
        dc_rtcp_put_report(&writer, &report);
        dc_rtcp_put_cname(&writer, report.ssrc, reports->cname);
    }
    return writer.failed ? 0 : writer.size_bytes;
}
