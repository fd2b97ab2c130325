#ifndef DC_CLIENT_VIDEO_REPAIR_H
#define DC_CLIENT_VIDEO_REPAIR_H
/*
 * The video's packets on a carrier that loses and overtakes: in order again, retransmissions and what parity brings back put
 * in their places, and the instance told
 * what came and when (NACK, transport-wide feedback, receiver reports). Over TCP nothing is lost and nothing of this is there.
 * Network thread.
 */
#include <protocol/qos/video_receiver.h>

#include "carrier.h"

struct dc_video_repair {
    struct dc_carrier *carrier; // borrowed; NULL: this carrier needs none
    struct dc_video_receiver receiver;
};

/* A packet of the video in order; borrowed bytes, and when it came. */
typedef void (*dc_video_repair_handle_packet)(void *user, const uint8_t *packet, size_t size_bytes, int64_t arrival_us);

/* On a carrier without RTCP: nothing, and true. false: out of memory. */
bool dc_video_repair_init(struct dc_video_repair *repair, struct dc_carrier *carrier, uint32_t video_ssrc,
                          int64_t now_us);
void dc_video_repair_finish(struct dc_video_repair *repair);
bool dc_video_repair_is_on(const struct dc_video_repair *repair);
/* RTP or RTCP. false: it is none of the video's business. */
bool dc_video_repair_push(struct dc_video_repair *repair, const uint8_t *packet, size_t size_bytes, int64_t now_us);
/* After packets came, and at the deadline: hands out what is in order or is waited for no longer, says what is to be said. */
void dc_video_repair_work(struct dc_video_repair *repair, int64_t round_trip_us, dc_video_repair_handle_packet handle,
                          void *user, int64_t now_us);
/* Only where it is on: the instance's next frame is to refer to nothing from the frame `first_lost_id` on. */
void dc_video_repair_invalidate(struct dc_video_repair *repair, uint64_t first_lost_id, uint64_t newest_id);

struct dc_video_repair_counts { // packets; recovered: by parity
    uint64_t received, resent, parity, recovered;
};
void dc_video_repair_get_counts(const struct dc_video_repair *repair, struct dc_video_repair_counts *counts);
int64_t dc_video_repair_deadline_us(const struct dc_video_repair *repair); // INT64_MAX: never

#endif
