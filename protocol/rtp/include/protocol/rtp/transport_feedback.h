#ifndef DC_PROTOCOL_RTP_TRANSPORT_FEEDBACK_H
#define DC_PROTOCOL_RTP_TRANSPORT_FEEDBACK_H
/*
 * Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01): which of the packets
 * with transport-wide sequence numbers arrived, and when (steps of 250 µs of the receiver's clock). RTPFB, format 15.
 *
 *  +-------------------------------+-------------------------------+
 *  |  SSRC of the receiver                                         |
 *  |  SSRC of the media                                            |
 *  |  base sequence number         |  packet status count          |
 *  |  reference time (24 bits, 64 ms)              | feedback count|
 *  |  status chunk                 |  status chunk … (16 bits each)
 *  |  receive deltas: 8 bits unsigned, or 16 bits signed
 *  +---------------------------------------------------------------
 *  chunks:  0 ss lllllllllllll      the same status l times (run length)
 *           1 0 s×14                one bit each: not received, received with a small delta
 *           1 1 ss×7                two bits each
 */
#include <protocol/rtp/rtcp.h>

#define DC_TRANSPORT_REFERENCE_US 64000
#define DC_TRANSPORT_DELTA_US 250

struct dc_transport_feedback { // and an iterator over it
    uint32_t sender_ssrc, media_ssrc;
    uint16_t base_sequence;
    uint16_t status_count;
    int32_t reference_time; // 24 bits, signed, steps of 64 ms
    uint8_t feedback_count; // counts feedback packets
    // the iterator
    const uint8_t *chunks, *deltas, *end; // borrowed
    uint16_t chunk;                       // being read
    unsigned chunk_left;                  // statuses left in it
    uint16_t index;                       // of the next status
    int64_t time_us;                      // arrival of the last received packet: the 24-bit clock, in µs
};

struct dc_transport_status {
    uint16_t sequence;
    bool received;
    int64_t arrival_us; // since the reference clock's zero, which wraps after 2^24 × 64 ms
};

/* Checks everything, so that next() cannot fail. false: not this message, or malformed. */
bool dc_transport_feedback_unpack(const struct dc_rtcp_packet *packet, struct dc_transport_feedback *feedback);
/* In order of the sequence numbers. false: the end. */
bool dc_transport_feedback_next(struct dc_transport_feedback *feedback, struct dc_transport_status *status);

struct dc_transport_arrival {
    uint16_t sequence;
    int64_t arrival_us; // any clock; ≥ 0
};
/*
 * Appends one message about the numbers from `base` on and `arrivals` (ascending sequence numbers modulo 2^16 that do not
 * lie before the base, each once; what lies between them was not received). Returns how many of them it holds: fewer than
 * `count` when the rest is too far away in time or number, or does not fit; the caller sends another message then, which
 * begins behind the last one. 0: nothing was written.
 */
unsigned dc_rtcp_put_transport_feedback(struct dc_rtcp_writer *writer, uint32_t sender_ssrc, uint32_t media_ssrc,
                                        uint8_t feedback_count, uint16_t base,
                                        const struct dc_transport_arrival *arrivals, unsigned count);

#endif
