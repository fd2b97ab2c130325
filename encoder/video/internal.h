#ifndef DC_ENCODER_VIDEO_INTERNAL_H
#define DC_ENCODER_VIDEO_INTERNAL_H
/* What every video encoder does around its codec. */
#include <encoder/video/encoder.h>

struct dc_video_encoder {
    struct dc_video_encoder_config config; // preset is not kept
    const struct dc_video_encoder_listener *listener;
    void *user;
};

/* Fills the base; the configuration is completed: even size, a refresh rate, the least bit rate. */
void dc_video_encoder_init(struct dc_video_encoder *encoder, const struct dc_video_encoder_config *config,
                           const struct dc_video_encoder_listener *listener, void *user);
/* The packet's fields that follow from the frame: clocks, meta with convert_us and encode_us as in `meta`. */
void dc_video_packet_init(struct dc_packet *packet, const struct dc_video_encoder *encoder,
                          const struct dc_frame_meta *meta);
/* Waits for the frame's acquire fence; false: it did not signal within a second. */
bool dc_video_frame_wait(const struct dc_frame *frame);
/* Calls release, once. */
void dc_video_frame_release(struct dc_frame *frame);

#endif
