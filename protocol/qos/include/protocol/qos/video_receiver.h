#ifndef DC_PROTOCOL_QOS_VIDEO_RECEIVER_H
#define DC_PROTOCOL_QOS_VIDEO_RECEIVER_H
/*
 * One video stream's receiving end, between the transport (decrypted RTP and RTCP in, RTCP out) and the depacketiser:
 * retransmissions and parity are put back into the stream, packets go out in order, and what the sender needs to know
 * (transport-wide feedback, NACK, reports, requests) is said. No clock, no socket, no thread: times come in.
 *
 *     if (dc_video_receiver_push(r, packet, size, now)) while ((slot = dc_video_receiver_next(r, now))) depacketise(slot);
 *     at deadline: the same loop, and dc_video_receiver_handle_timer()
 */
#include <protocol/qos/arrival_recorder.h>
#include <protocol/qos/fec_decoder.h>
#include <protocol/qos/jitter_buffer.h>
#include <protocol/qos/nack_list.h>
#include <protocol/qos/receive_statistics.h>

struct dc_video_receiver_config {
    uint32_t own_ssrc; // of our RTCP
    uint32_t video_ssrc, rtx_ssrc, fec_ssrc;
    uint8_t video_payload_type, rtx_payload_type, fec_payload_type; // rtx, fec: 0 where there is none
    uint8_t transport_extension_id;                                 // 0: none
    bool wants_nack;
    char cname[32];
};

struct dc_video_receiver {
    struct dc_video_receiver_config config;
    struct dc_jitter_buffer buffer;
    struct dc_nack_list missing;
    struct dc_fec_decoder fec;
    struct dc_arrival_recorder arrivals;
    struct dc_receive_statistics statistics;
    int64_t end;           // one behind the newest known packet of the video
    int64_t round_trip_us;
    int64_t report_us;     // next receiver report
    int64_t now_us;        // scratch of one push
    uint64_t received, resent, parity; // packets of each kind
};

bool dc_video_receiver_init(struct dc_video_receiver *receiver, const struct dc_video_receiver_config *config,
                            int64_t now_us);
void dc_video_receiver_finish(struct dc_video_receiver *receiver);
/* Measured by whoever can (ping, DLRR); decides how long a gap is waited for and how often is asked. */
void dc_video_receiver_set_round_trip(struct dc_video_receiver *receiver, int64_t round_trip_us);
/* false: not a packet of this stream. */
bool dc_video_receiver_push(struct dc_video_receiver *receiver, const uint8_t *packet, size_t size_bytes, int64_t now_us);
/* A packet for the depacketiser, in order; NULL: none now. Valid until the next push(). */
const struct dc_jitter_slot *dc_video_receiver_next(struct dc_video_receiver *receiver, int64_t now_us);
/* A sender report about this stream. */
void dc_video_receiver_handle_report(struct dc_video_receiver *receiver, const struct dc_rtcp_report *report,
                                     int64_t now_us);
int64_t dc_video_receiver_deadline_us(const struct dc_video_receiver *receiver);
/* Appends what is to be said now (a whole compound packet, or nothing). */
void dc_video_receiver_write_rtcp(struct dc_video_receiver *receiver, struct dc_rtcp_writer *writer, int64_t now_us);

#endif
