#define DC_LOG_COMPONENT "encoder"
#include <encoder/video/choice.h>

#include <stdio.h>
#include <string.h>

#include <common/log.h>

#include "lavc.h"

/* Settings: notes on low latency. One picture in the encoder at a time, constant bit rate, key frames when asked. */
static const struct dc_lavc_codec nvenc = {
    .name = "h264_nvenc", .device = AV_HWDEVICE_TYPE_NONE, .format = AV_PIX_FMT_NV12, .can_change_rate = true,
    .options = { { "preset", "p2" }, { "tune", "ull" }, { "rc", "cbr" }, { "delay", "0" }, { "zerolatency", "1" },
                 { "forced-idr", "1" }, { "profile", "high" } },
};
static const struct dc_lavc_codec vaapi = {
    .name = "h264_vaapi", .device = AV_HWDEVICE_TYPE_VAAPI, .format = AV_PIX_FMT_VAAPI,
    .options = { { "rc_mode", "CBR" }, { "async_depth", "1" }, { "idr_interval", "2147483647" }, { "profile", "high" } },
};
static const struct dc_lavc_codec v4l2 = {
    .name = "h264_v4l2m2m", .device = AV_HWDEVICE_TYPE_NONE, .format = AV_PIX_FMT_NV12,
};
/* No GPU in it: so that all of this can be run anywhere. */
static const struct dc_lavc_codec stand_in = {
    .name = "libx264", .device = AV_HWDEVICE_TYPE_NONE, .format = AV_PIX_FMT_NV12, .can_change_rate = true,
    .options = { { "preset", "ultrafast" }, { "tune", "zerolatency" }, { "forced-idr", "1" } },
};

#define DEFINE_IMPL(id)                                                                                                \
    static struct dc_video_encoder *id##_create(const struct dc_video_encoder_config *config,                          \
                                                const struct dc_video_encoder_listener *listener, void *user)         \
    {                                                                                                                  \
        return dc_lavc_create(&id, config, listener, user);                                                            \
    }                                                                                                                  \
    static const struct dc_video_encoder_impl id##_impl = { .create = id##_create, .destroy = dc_lavc_destroy,        \
                                                            .encode = dc_lavc_encode,                                  \
                                                            .set_bitrate = dc_lavc_set_bitrate, .name = #id };
DEFINE_IMPL(nvenc)
DEFINE_IMPL(vaapi)
DEFINE_IMPL(v4l2)
DEFINE_IMPL(stand_in)

static const struct {
    const char *name;
    const struct dc_video_encoder_impl *impl;
    const struct dc_lavc_codec *codec; // NULL: libx264 itself
    bool is_automatic;
} encoders[] = {
    { "nvenc", &nvenc_impl, &nvenc, true },
    { "vaapi", &vaapi_impl, &vaapi, true },
    { "v4l2", &v4l2_impl, &v4l2, true },
    { "x264", &dc_video_encoder_x264, NULL, false },
    { "avcodec-x264", &stand_in_impl, &stand_in, false },
};
#define ENCODER_COUNT (sizeof encoders / sizeof encoders[0])

const char *
dc_video_encoder_name(unsigned index)
{
    return index < ENCODER_COUNT ? encoders[index].name : NULL;
}

static unsigned
find(const char *name)
{
    unsigned i = 0;
    while (i < ENCODER_COUNT && strcmp(encoders[i].name, name) != 0)
        i++;
    return i;
}

bool
dc_video_encoder_try(const char *name, const struct dc_video_encoder_place *place, char *why, size_t why_bytes)
{
    unsigned i = find(name);
    if (i == ENCODER_COUNT) {
        snprintf(why, why_bytes, "there is no encoder of this name");
        return false;
    }
    if (!encoders[i].codec)
        return true;
    if (encoders[i].is_automatic && !place->has_gpu) {
        snprintf(why, why_bytes, "there is no GPU");
        return false;
    }
    return dc_lavc_prepare(encoders[i].codec, place->drm_node, why, why_bytes);
}

static const struct dc_video_encoder_impl *
choose_automatically(const struct dc_video_encoder_place *place)
{
    char why[160] = "", reasons[600] = "";
    size_t length = 0;
    for (unsigned i = 0; i < ENCODER_COUNT && place->has_gpu; i++) {
        if (!encoders[i].is_automatic)
            continue;
        if (dc_video_encoder_try(encoders[i].name, place, why, sizeof why)) {
            dc_info("video encoder: %s", encoders[i].name);
            return encoders[i].impl;
        }
        dc_debug("video encoder %s does not work here: %s", encoders[i].name, why);
        snprintf(reasons + length, sizeof reasons - length, "%s%s: %s", length ? "; " : "", encoders[i].name, why);
        length = strlen(reasons);
    }
    if (place->has_gpu)
        dc_warn("the GPU has no video encoder that works (%s): libx264 on the CPU instead", reasons);
    return &dc_video_encoder_x264;
}

const struct dc_video_encoder_impl *
dc_video_encoder_choose(const char *name, const struct dc_video_encoder_place *place)
{
    char why[160] = "";
    if (!name || strcmp(name, "auto") == 0)
        return choose_automatically(place);
    if (dc_video_encoder_try(name, place, why, sizeof why)) {
        dc_info("video encoder: %s", name);
        return encoders[find(name)].impl;
    }
    dc_warn("video encoder %s does not work here: %s; libx264 on the CPU instead", name, why);
    return &dc_video_encoder_x264;
}
