#define DC_LOG_COMPONENT "encoder"
#include "internal.h"

#include <errno.h>
#include <poll.h>

#include <common/log.h>

#define MIN_BITRATE_KBPS 100

void
dc_video_encoder_init(struct dc_video_encoder *encoder, const struct dc_video_encoder_config *config,
                      const struct dc_video_encoder_listener *listener, void *user)
{
    *encoder = (struct dc_video_encoder){.config = *config, .listener = listener, .user = user};
    encoder->config.preset = NULL;
    encoder->config.width = (config->width + 1) & ~1u;
    encoder->config.height = (config->height + 1) & ~1u;
    if (!encoder->config.refresh_mhz)
        encoder->config.refresh_mhz = 60000;
    if (encoder->config.bitrate_kbps < MIN_BITRATE_KBPS)
        encoder->config.bitrate_kbps = MIN_BITRATE_KBPS;
}

void
dc_video_packet_init(struct dc_packet *packet, const struct dc_video_encoder *encoder,
                     const struct dc_frame_meta *meta)
{
    const uint32_t refresh_mhz = encoder->config.refresh_mhz ? encoder->config.refresh_mhz : 60000;

    *packet = (struct dc_packet){
        .kind = DC_PACKET_VIDEO_H264,
        .duration = (uint32_t)(90000ull * 1000 / refresh_mhz),
        .timestamp = (uint64_t)meta->times.present_us * 9 / 100,
        .meta = *meta,
    };
}

bool
dc_video_frame_wait(const struct dc_frame *frame)
{
    struct pollfd fence = {.fd = frame->acquire_fence_fd, .events = POLLIN};
    int n;

    if (fence.fd < 0)
        return true;
    do
        n = poll(&fence, 1, 1000);
    while (n < 0 && errno == EINTR);
    if (n == 1 && (fence.revents & POLLIN))
        return true;
    dc_error("frame %llu: its fence did not signal within 1 s", (unsigned long long)frame->meta.frame_id);
    return false;
}

void
dc_video_frame_release(struct dc_frame *frame)
{
    void (*release)(struct dc_frame *) = frame->release;

    frame->release = NULL;
    if (release)
        release(frame);
}
