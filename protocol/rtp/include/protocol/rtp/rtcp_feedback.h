#ifndef DC_PROTOCOL_RTP_RTCP_FEEDBACK_H
#define DC_PROTOCOL_RTP_RTCP_FEEDBACK_H
/*
 * What a receiver asks of a sender: generic NACK and PLI (RFC 4585 §6), FIR (RFC 5104 §4.3.1), REMB
 * (draft-alvestrand-rmcat-remb, tolerated), and reference invalidation, which is ours.
 *
 * Reference invalidation: an APP packet (RFC 3550 §6.7), subtype 0, name "DCRI". The receiver lost the frame
 * `first_lost` (frame ids of the frame extension) and has decoded everything that it got before it. The sender's next
 * frame refers to nothing from there on. `newest` is the newest frame that the receiver has seen a packet of: a request
 * that an already sent frame answers needs no second answer.
 *
 *  +---+-+---------+---------------+-------------------------------+
 *  | 2 |0|    0    |   APP = 204   |              7                |
 *  +---+-+---------+---------------+-------------------------------+
 *  |  SSRC of the receiver                                         |
 *  |  'D' 'C' 'R' 'I'                                              |
 *  |  SSRC of the video                                            |
 *  |  first lost frame (8 bytes)                                   |
 *  |  newest frame (8 bytes)                                       |
 *  +---------------------------------------------------------------+
 */
#include <protocol/rtp/rtcp.h>

enum dc_rtcp_feedback_format {
    DC_RTPFB_NACK = 1,
    DC_RTPFB_TRANSPORT_CC = 15,
    DC_PSFB_PLI = 1,
    DC_PSFB_FIR = 4,
    DC_PSFB_APPLICATION = 15, // REMB
};

enum dc_rtcp_feedback_kind {
    DC_FEEDBACK_NONE, // nothing that we know; no error
    DC_FEEDBACK_NACK,
    DC_FEEDBACK_PLI,
    DC_FEEDBACK_FIR,
    DC_FEEDBACK_REMB,
    DC_FEEDBACK_TRANSPORT_CC, // unpack it with transport_feedback.h
    DC_FEEDBACK_INVALIDATE,
};

/* More than any frame has packets; the rest of a longer list is left out (a NACK can be sent again). */
#define DC_NACK_MAX_SEQUENCES 512

struct dc_rtcp_feedback {
    enum dc_rtcp_feedback_kind kind;
    uint32_t sender_ssrc; // who asks
    uint32_t media_ssrc;  // of whom; FIR: of the first entry
    unsigned sequence_count;
    uint16_t sequences[DC_NACK_MAX_SEQUENCES]; // NACK: in the order of the message
    uint8_t fir_sequence;                      // FIR: the same number again is the same request
    uint64_t remb_bitrate;                     // bits per second
    uint64_t first_lost_id, newest_id;         // INVALIDATE
};

/* false: malformed. What is not feedback gives DC_FEEDBACK_NONE. */
bool dc_rtcp_unpack_feedback(const struct dc_rtcp_packet *packet, struct dc_rtcp_feedback *feedback);

/* Numbers ascending (modulo 2^16); neighbours share an entry. */
void dc_rtcp_put_nack(struct dc_rtcp_writer *writer, uint32_t sender_ssrc, uint32_t media_ssrc,
                      const uint16_t *sequences, unsigned count);
void dc_rtcp_put_pli(struct dc_rtcp_writer *writer, uint32_t sender_ssrc, uint32_t media_ssrc);
void dc_rtcp_put_fir(struct dc_rtcp_writer *writer, uint32_t sender_ssrc, uint32_t media_ssrc, uint8_t fir_sequence);
void dc_rtcp_put_invalidate(struct dc_rtcp_writer *writer, uint32_t sender_ssrc, uint32_t media_ssrc,
                            uint64_t first_lost_id, uint64_t newest_id);

#endif
