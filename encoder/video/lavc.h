#ifndef DC_ENCODER_VIDEO_LAVC_H
#define DC_ENCODER_VIDEO_LAVC_H
/* Encoders of libavcodec, one description each. Private to encoder/video and its tests. */
#include <encoder/video/encoder.h>

#include <libavutil/hwcontext.h>
#include <libavutil/pixfmt.h>

#define DC_LAVC_MAX_OPTIONS 8

struct dc_lavc_codec {
    const char *name;               // of libavcodec
    enum AVHWDeviceType device;     // AV_HWDEVICE_TYPE_NONE: takes NV12 from memory
    enum AVPixelFormat format;      // what the codec is opened with
    bool can_change_rate;           // while it runs; otherwise a new one begins, with a key frame
    struct { const char *name, *value; } options[DC_LAVC_MAX_OPTIONS]; // one that this version does not know is skipped
};

/* Loads what the codec needs, opens its device, and encodes a picture. Needs the file system: for the time before a sandbox.
 * `drm_node`: of the GPU, empty where it has none. false: `why` says it. */
bool dc_lavc_prepare(const struct dc_lavc_codec *codec, const char *drm_node, char *why, size_t why_bytes);
/* As dc_video_encoder_impl.create. */
struct dc_video_encoder *dc_lavc_create(const struct dc_lavc_codec *codec, const struct dc_video_encoder_config *config,
                                        const struct dc_video_encoder_listener *listener, void *user);
void dc_lavc_destroy(struct dc_video_encoder *encoder);
bool dc_lavc_encode(struct dc_video_encoder *encoder, struct dc_frame *frame, bool keyframe);
bool dc_lavc_set_bitrate(struct dc_video_encoder *encoder, uint32_t bitrate_kbps);

#endif
