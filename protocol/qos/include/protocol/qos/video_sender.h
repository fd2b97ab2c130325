#ifndef DC_PROTOCOL_QOS_VIDEO_SENDER_H
#define DC_PROTOCOL_QOS_VIDEO_SENDER_H
/*
 * One video stream's sending end, between the encoder and the transport: frames are cut into packets and given parity,
 * paced, numbered and remembered; NACKs are answered; feedback becomes a bit rate, and requests for the encoder. No
 * clock, no socket, no thread: times come in, packets go out through the listener.
 */
#include <protocol/qos/congestion.h>
#include <protocol/qos/fec_encoder.h>
#include <protocol/qos/packet_history.h>
#include <protocol/qos/pacer.h>
#include <protocol/rtp/h264_packetizer.h>

struct dc_video_sender_config {
    uint32_t video_ssrc, rtx_ssrc, fec_ssrc;
    uint8_t video_payload_type, rtx_payload_type, fec_payload_type; // rtx: 0: the packet itself is sent again; fec: 0: none
    uint8_t transport_extension_id; // 0: no feedback, hence a fixed rate
    uint32_t bitrate_kbps;          // most of the encoder's, and where it starts
    char cname[32];
};

struct dc_video_sender_listener {
    /* required; the bytes are the callee's during the call, with room for SRTP's trailer (32 bytes) behind them */
    void (*send)(void *user, uint8_t *packet, size_t size_bytes);
};

struct dc_video_request { // for the encoder, with the next frame
    bool keyframe;
    uint64_t first_lost_id; // ≠ 0: refer to nothing from this frame on
};

struct dc_video_sender {
    struct dc_video_sender_config config;
    const struct dc_video_sender_listener *listener;
    void *user;
    struct dc_h264_packetizer packetizer;
    struct dc_packet_history history;
    struct dc_fec_encoder fec;
    struct dc_pacer pacer;
    struct dc_congestion congestion;
    struct { uint8_t *data; unsigned count; size_t sizes[DC_FEC_MAX_DATA]; } block; // data owned; packets that await parity
    double loss, burst;            // of the frame being pushed
    uint16_t rtx_sequence;
    int64_t round_trip_us;         // by reports, otherwise feedback's
    int64_t push_us;               // scratch of one frame, as the next three
    bool push_failed;
    uint64_t frame_payload_bytes, frame_began_bytes;
    int64_t resent_budget_bytes;   // what may be sent again; grows with time
    int64_t budget_us;
    struct dc_video_request request;
    int64_t keyframe_us;           // when the last one was asked of the encoder
    bool awaits_keyframe;          // asked for, and due when the limit allows
    uint64_t answered_from, answered_id; // the last invalidation, and the first frame encoded after it
    uint64_t last_frame_id, keyframe_id;
    uint32_t last_timestamp;
    int64_t report_us;             // next sender report
    uint32_t packet_count, octet_count; // of the video, for the reports
    uint64_t media_bytes, parity_bytes, resent_bytes, parity_packets, nacked; // totals
    double overhead;               // (everything) ÷ (encoder's bytes), smoothed
};

bool dc_video_sender_init(struct dc_video_sender *sender, const struct dc_video_sender_config *config,
                          const struct dc_video_sender_listener *listener, void *user, int64_t now_us);
void dc_video_sender_finish(struct dc_video_sender *sender);
/* false: too much waits or no NAL unit in it; a key frame will be asked for. */
bool dc_video_sender_push(struct dc_video_sender *sender, const struct dc_packet *frame, int64_t now_us);
/* The same in pieces, for a frame that was cut and mapped elsewhere. Packets in order; `send_time_offset` as for
 * dc_rtp_emit. With transport-wide numbers and retransmission a packet grows by up to 10 bytes. */
void dc_video_sender_begin_frame(struct dc_video_sender *sender, uint64_t frame_id, bool keyframe, uint32_t timestamp,
                                 int64_t now_us);
void dc_video_sender_add_packet(struct dc_video_sender *sender, const uint8_t *packet, size_t size_bytes,
                                size_t send_time_offset);
bool dc_video_sender_end_frame(struct dc_video_sender *sender, int64_t now_us); // false: too much waits
void dc_video_sender_handle_rtcp(struct dc_video_sender *sender, const uint8_t *data, size_t size_bytes, int64_t now_us);
/* Sends what is due. */
void dc_video_sender_handle_timer(struct dc_video_sender *sender, int64_t now_us);
int64_t dc_video_sender_deadline_us(const struct dc_video_sender *sender);
/* A sender report and CNAME, when due; to be called with handle_timer(). */
void dc_video_sender_write_rtcp(struct dc_video_sender *sender, struct dc_rtcp_writer *writer, int64_t now_us);

/* Before each frame: is it worth encoding, at what rate, and what must it do without? */
bool dc_video_sender_may_encode(struct dc_video_sender *sender, int64_t now_us);
uint32_t dc_video_sender_encoder_kbps(const struct dc_video_sender *sender);
/* true: `request` is filled, and taken. At most four key frames a second are asked for. */
bool dc_video_sender_take_request(struct dc_video_sender *sender, int64_t now_us, struct dc_video_request *request);

#endif
