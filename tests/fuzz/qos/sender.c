/*
 * Hostile RTCP for a video sender: records of { u16 length, u8 time step in ms, bytes }, a frame after each. Rates stay
 * within their bounds, key frames are asked for at most four times a second, and what is sent again has a limit.
 */
#include <stdlib.h>
#include <string.h>

#include <common/wire.h>
#include <protocol/qos/video_sender.h>
#include <protocol/rtp/rtp.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static void
check_packet(void *user, uint8_t *packet, size_t size_bytes)
{
    struct dc_rtp_packet rtp;
    if (size_bytes > DC_RTP_MAX_PACKET_BYTES || !dc_rtp_unpack(packet, size_bytes, &rtp))
        abort();
    *(size_t *)user += rtp.payload_type == 98 ? size_bytes : 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    static const struct dc_video_sender_listener listener = { .send = check_packet };
    const struct dc_video_sender_config config = {
        .video_ssrc = 0x01010101, .rtx_ssrc = 2, .fec_ssrc = 3, .video_payload_type = 96, .rtx_payload_type = 98,
        .fec_payload_type = 99, .transport_extension_id = 5, .bitrate_kbps = 10000, .cname = "s",
    };
    uint8_t unit[3000] = { 0, 0, 0, 1, 0x41, 1 };
    struct dc_video_sender sender;
    struct dc_video_request request;
    struct dc_reader r;
    int64_t now_us = 1000000;
    size_t resent_bytes = 0;
    unsigned keyframes = 0;
    if (!dc_video_sender_init(&sender, &config, &listener, &resent_bytes, now_us))
        abort();
    dc_reader_init(&r, data, size_bytes);
    for (uint64_t id = 1; dc_reader_left(&r) >= 3; id++) {
        struct dc_packet frame = { .kind = DC_PACKET_VIDEO_H264, .data = unit, .size_bytes = sizeof(unit),
                                   .timestamp = (uint64_t)now_us * 9 / 100, .meta.frame_id = id };
        size_t message_bytes = dc_reader_u16be(&r);
        int64_t step_us = dc_reader_u8(&r) * 1000;
        if (message_bytes > dc_reader_left(&r))
            message_bytes = dc_reader_left(&r);
        if (dc_video_sender_may_encode(&sender, now_us))
            dc_video_sender_push(&sender, &frame, now_us);
        now_us += step_us;
        dc_video_sender_handle_timer(&sender, now_us);
        dc_video_sender_handle_rtcp(&sender, dc_reader_bytes(&r, message_bytes), message_bytes, now_us);
        dc_video_sender_handle_timer(&sender, now_us + 1000);
        uint32_t kbps = dc_video_sender_encoder_kbps(&sender);
        if (kbps < 300 || kbps > 10000)
            abort();
        if (dc_video_sender_take_request(&sender, now_us, &request) && request.first_lost_id > id)
            abort();
        keyframes += request.keyframe;
    }
    int64_t passed_us = now_us - 1000000;
    if (keyframes > passed_us / 250000 + 1 || resent_bytes > (size_t)(22e6 / 8 / 4 * (passed_us / 1e6 + 0.5)) + 1200)
        abort();
    dc_video_sender_finish(&sender);
    return 0;
}
