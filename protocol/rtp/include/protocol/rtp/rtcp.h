#ifndef DC_PROTOCOL_RTP_RTCP_H
#define DC_PROTOCOL_RTP_RTCP_H
/*
 * RTCP, compound (RFC 3550 §6) and reduced-size (RFC 5506): a reader that walks the packets of a datagram, parsers for
 * what we understand, and a writer that appends packets to a buffer. What is not understood is walked over. Feedback
 * messages (RFC 4585, 5104) and our own are in rtcp_feedback.h, transport-wide congestion feedback is in
 * transport_feedback.h. SRTCP is the transport's.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---+-+---------+---------------+-------------------------------+
 * |V=2|P|  count  |     type      |  length in words, less one    |
 * +---+-+---------+---------------+-------------------------------+
 * |  body …                                                       |
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DC_RTCP_MAX_BLOCKS 31
#define DC_RTCP_MAX_TEXT_BYTES 255

enum dc_rtcp_type {
    DC_RTCP_SENDER_REPORT = 200,
    DC_RTCP_RECEIVER_REPORT = 201,
    DC_RTCP_DESCRIPTION = 202,
    DC_RTCP_BYE = 203,
    DC_RTCP_APPLICATION = 204,
    DC_RTCP_TRANSPORT_FEEDBACK = 205, // RFC 4585 RTPFB: generic NACK, transport-cc
    DC_RTCP_PAYLOAD_FEEDBACK = 206,   // RFC 4585 PSFB: PLI, FIR, REMB
};

struct dc_rtcp_packet {
    uint8_t type;        // enum dc_rtcp_type, or something unknown
    uint8_t count;       // reports, sources, feedback format or APP subtype
    const uint8_t *body; // borrowed; behind the four bytes of the header, padding cut off
    size_t body_bytes;
};

struct dc_rtcp_reader {
    const uint8_t *data; // borrowed
    size_t size_bytes;
    size_t offset;
    bool failed; // a header was malformed; sticky. Packets before it were good
};

void dc_rtcp_reader_init(struct dc_rtcp_reader *reader, const void *data, size_t size_bytes);
/* false: the end, or `failed`. */
bool dc_rtcp_reader_next(struct dc_rtcp_reader *reader, struct dc_rtcp_packet *packet);

struct dc_rtcp_block { // a report block: what `ssrc`'s packets looked like to the reporter
    uint32_t ssrc;
    uint8_t fraction_lost;   // of 256, since the last report
    int32_t cumulative_lost; // 24 bits, signed
    uint32_t highest_sequence; // cycles in the upper half
    uint32_t jitter;           // units of the RTP clock
    uint32_t last_report;      // middle 32 bits of the NTP time of the last SR, 0: none came
    uint32_t delay_since_report; // 1/65536 s since it came
};

struct dc_rtcp_report {
    bool is_sender;    // SR, otherwise RR
    uint32_t ssrc;     // who reports
    uint64_t ntp_time; // SR only, as the rest of this group: 32.32 fixed point
    uint32_t rtp_timestamp, packet_count, octet_count;
    unsigned block_count; // ≤ DC_RTCP_MAX_BLOCKS
    struct dc_rtcp_block blocks[DC_RTCP_MAX_BLOCKS];
};

/* SR and RR; a profile's extension behind the blocks is skipped. false: another type, or malformed. */
bool dc_rtcp_unpack_report(const struct dc_rtcp_packet *packet, struct dc_rtcp_report *report);

/* The CNAME of the first chunk that has one (RFC 3550 §6.5.1), not terminated. false: none, or malformed. */
bool dc_rtcp_unpack_cname(const struct dc_rtcp_packet *packet, uint32_t *ssrc, const char **text, size_t *size_bytes);

struct dc_rtcp_bye {
    unsigned ssrc_count; // ≤ 31
    uint32_t ssrcs[31];
    const char *reason; // borrowed, not terminated; NULL: none
    size_t reason_bytes;
};
bool dc_rtcp_unpack_bye(const struct dc_rtcp_packet *packet, struct dc_rtcp_bye *bye);

struct dc_rtcp_writer { // appends whole packets to a caller's buffer
    uint8_t *data;      // borrowed
    size_t capacity;
    size_t size_bytes;
    bool failed; // a packet did not fit and was left out; sticky
};

void dc_rtcp_writer_init(struct dc_rtcp_writer *writer, void *data, size_t capacity);
/* A packet of `body_bytes` (a multiple of 4): its body, to be filled at once, or NULL (and `failed`). */
uint8_t *dc_rtcp_writer_begin(struct dc_rtcp_writer *writer, uint8_t type, uint8_t count, size_t body_bytes);
void dc_rtcp_put_report(struct dc_rtcp_writer *writer, const struct dc_rtcp_report *report);
void dc_rtcp_put_cname(struct dc_rtcp_writer *writer, uint32_t ssrc, const char *cname); // cut at 255 bytes
void dc_rtcp_put_bye(struct dc_rtcp_writer *writer, uint32_t ssrc, const char *reason);  // reason: NULL for none

/* What LSR carries of an NTP time; round trip = now − LSR − DLSR, all in 1/65536 s. */
static inline uint32_t
dc_ntp_middle(uint64_t ntp_time)
{
    return (uint32_t)(ntp_time >> 16);
}

/* Any clock in µs → 32.32 fixed point. Only differences matter to us (RFC 3550 §6.4.1 allows a clock since start). */
static inline uint64_t
dc_ntp_from_us(int64_t us)
{
    return ((uint64_t)(us / 1000000) << 32) + (((uint64_t)(us % 1000000) << 32) / 1000000);
}

/* Round trip in µs by a block about us; < 0: it says nothing (no SR came yet, or the clock says nonsense). */
int64_t dc_rtcp_round_trip_us(const struct dc_rtcp_block *block, int64_t now_us);

#endif
