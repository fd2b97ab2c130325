#ifndef DC_ENCODER_AUDIO_ENCODER_H
#define DC_ENCODER_AUDIO_ENCODER_H
/* Opus encoding (RFC 6716) of 48 kHz stereo s16. One thread at a time. */
#include <stdbool.h>
#include <stdint.h>

#include <common/packet.h>

struct dc_audio_encoder;

struct dc_audio_encoder_config {
    uint32_t frame_ms;     // 5 or 10
    uint32_t bitrate_kbps; // 0: 128
    bool dtx;              // silence costs (almost) nothing
};

struct dc_audio_encoder_listener {
    void (*handle_packet)(void *user, const struct dc_packet *packet); // required; inside push()
};

struct dc_audio_encoder *dc_audio_encoder_create(const struct dc_audio_encoder_config *config,
                                                 const struct dc_audio_encoder_listener *listener, void *user);
void dc_audio_encoder_destroy(struct dc_audio_encoder *encoder);
/* Any number of frames (one frame = 2 samples); packets come out whenever frame_ms are complete. `time_us` of the first
 * sample; a gap against the previous push is silence of that length (RTP time goes on, nothing is sent). */
bool dc_audio_encoder_push(struct dc_audio_encoder *encoder, int64_t time_us, const int16_t *samples,
                           uint32_t frame_count);

#endif
