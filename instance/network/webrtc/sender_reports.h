#ifndef DC_INSTANCE_NETWORK_WEBRTC_SENDER_REPORTS_H
#define DC_INSTANCE_NETWORK_WEBRTC_SENDER_REPORTS_H
/*
 * Sender reports (RFC 3550 §6.4.1), one compound packet a second: what a receiver plays picture and sound in step by. RTP
 * times of both kinds are CLOCK_MONOTONIC in their clock rate (packet.h), so that one moment has a time in each.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DC_SENDER_REPORT_INTERVAL_US 1000000
#define DC_SENDER_REPORTS_MAX_BYTES 256

struct dc_sender_reports {
    struct {
        uint32_t ssrc, clock_hz; // ssrc 0: the stream does not exist
        uint32_t packets, octets;
    } streams[2];
    const char *cname;
    int64_t next_us;
};

enum { DC_SENDER_VIDEO, DC_SENDER_AUDIO };

void dc_sender_reports_count(struct dc_sender_reports *reports, int stream, size_t payload_bytes);
/* Returns the bytes written when a report is due, 0: it is not, or nothing was sent yet. */
size_t dc_sender_reports_pull(struct dc_sender_reports *reports, uint8_t *out, size_t capacity, int64_t now_us);

#endif
