#ifndef DC_PROTOCOL_QOS_ARRIVAL_RECORDER_H
#define DC_PROTOCOL_QOS_ARRIVAL_RECORDER_H
/*
 * When packets with transport-wide numbers arrived, and the feedback about them. What comes late is reported late; what
 * was reported before it is then said once more.
 */
#include <stdbool.h>
#include <stdint.h>

#include <protocol/rtp/rtcp.h>
#include <protocol/rtp/sequence.h>

#define DC_ARRIVAL_PACKETS 1024 // a power of two
#define DC_ARRIVAL_INTERVAL_US 16000

struct dc_arrival_recorder {
    struct dc_sequence_unwrapper unwrapper;
    struct { int64_t sequence, arrival_us; } arrivals[DC_ARRIVAL_PACKETS]; // by sequence; sequence 0: empty
    int64_t first_unreported; // the next message begins here, so that losses at a message's end are reported, too
    bool has_news;
    int64_t due_us;
    uint8_t feedback_count;
};

void dc_arrival_recorder_init(struct dc_arrival_recorder *recorder);
void dc_arrival_recorder_push(struct dc_arrival_recorder *recorder, uint16_t sequence, int64_t now_us);
/* When feedback is due; INT64_MAX: never. */
int64_t dc_arrival_recorder_deadline_us(const struct dc_arrival_recorder *recorder);
/* Appends what is to be said; what does not fit is said with the next one. */
void dc_arrival_recorder_report(struct dc_arrival_recorder *recorder, struct dc_rtcp_writer *writer, uint32_t sender_ssrc,
                                uint32_t media_ssrc, int64_t now_us);

#endif
