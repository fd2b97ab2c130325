#include "internal.h"

#include <stdlib.h>

#include <common/clock.h>

static struct dc_video_encoder *
null_create(const struct dc_video_encoder_config *config, const struct dc_video_encoder_listener *listener, void *user)
{
    struct dc_video_encoder *encoder = calloc(1, sizeof(*encoder));

    if (!encoder)
        return NULL;
    *encoder = (struct dc_video_encoder){.config = *config, .listener = listener, .user = user};
    return encoder;
}

static void
null_destroy(struct dc_video_encoder *encoder)
{
    free(encoder);
}

static bool
null_encode(struct dc_video_encoder *encoder, struct dc_frame *frame, bool keyframe)
{
    static const uint8_t byte = 0;
    struct dc_frame_meta meta = frame->meta;
    struct dc_packet packet;

    meta.times.convert_us = meta.times.encode_us = dc_clock_now_us();
    dc_video_packet_init(&packet, encoder, &meta);
    packet.keyframe = keyframe;
    packet.data = &byte;
    packet.size_bytes = 1;
    dc_video_frame_release(frame);
    encoder->listener->handle_packet(encoder->user, &packet);
    return true;
}

static bool
null_set_bitrate(struct dc_video_encoder *encoder, uint32_t bitrate_kbps)
{
    encoder->config.bitrate_kbps = bitrate_kbps;
    return true;
}

const struct dc_video_encoder_impl dc_video_encoder_null = {
    .name = "null",
    .create = null_create,
    .destroy = null_destroy,
    .encode = null_encode,
    .set_bitrate = null_set_bitrate,
};
