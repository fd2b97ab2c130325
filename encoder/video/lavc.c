/*
 * Encoders of GPUs, through libavcodec. Zero latency as with libx264: every frame's packet is back before encode() returns,
 * no B-frames, an infinite GOP, a buffer of 1.5 frames.
 */
#define DC_LOG_COMPONENT "encoder"
#include "lavc.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <common/clock.h>
#include <common/log.h>

#include "convert.h"
#include "internal.h"
#include "lavc_library.h"

#define MAX_SIZE 4096u // pixels a side: level 5.2
#define MIN_BITRATE_KBPS 100
#define TRIAL_WIDTH 320 // encoders of GPUs refuse much smaller ones
#define TRIAL_HEIGHT 192

struct encoder_lavc {
    struct dc_video_encoder base;
    const struct dc_lavc_codec *codec;
    const struct dc_lavc_library *library;
    AVCodecContext *context;
    AVFrame *picture, *uploaded; // in memory, and on the device where that is another place
    AVPacket *packet;
    int64_t next_pts;
};

/* What the process has opened before it locked itself in: a GPU's device, by type. */
static AVBufferRef *devices[AV_HWDEVICE_TYPE_VULKAN + 1];

static struct encoder_lavc *
encoder_lavc(struct dc_video_encoder *encoder)
{
    return (struct encoder_lavc *)encoder;
}

static void
set_rate(AVCodecContext *context, const struct dc_video_encoder_config *config)
{
    context->bit_rate = context->rc_max_rate = (int64_t)config->bitrate_kbps * 1000;
    context->rc_buffer_size = (int)((uint64_t)config->bitrate_kbps * 1500000 / config->refresh_mhz);
}

static bool
set_device(struct encoder_lavc *e)
{
    const struct dc_lavc_library *l = e->library;
    AVBufferRef *device = devices[e->codec->device], *frames = device ? l->av_hwframe_ctx_alloc(device) : NULL;
    if (!frames)
        return false;
    AVHWFramesContext *pool = (AVHWFramesContext *)frames->data;
    pool->format = e->codec->format;
    pool->sw_format = AV_PIX_FMT_NV12;
    pool->width = e->context->width;
    pool->height = e->context->height;
    pool->initial_pool_size = 4;
    if (l->av_hwframe_ctx_init(frames) < 0) {
        l->av_buffer_unref(&frames);
        return false;
    }
    e->context->hw_frames_ctx = frames;
    return true;
}

static void
set_parameters(struct encoder_lavc *e)
{
    const struct dc_video_encoder_config *config = &e->base.config;
    AVCodecContext *context = e->context;
    context->width = (int)config->width;
    context->height = (int)config->height;
    context->time_base = (AVRational){ 1000, (int)config->refresh_mhz };
    context->framerate = (AVRational){ (int)config->refresh_mhz, 1000 };
    context->pix_fmt = e->codec->format;
    context->gop_size = INT_MAX;
    context->max_b_frames = 0;
    context->refs = 1;
    context->thread_count = (int)config->threads;
    context->color_range = AVCOL_RANGE_MPEG;
    context->color_primaries = AVCOL_PRI_BT709;
    context->color_trc = AVCOL_TRC_BT709;
    context->colorspace = AVCOL_SPC_BT709;
    context->chroma_sample_location = AVCHROMA_LOC_CENTER; // what convert.c's 2×2 mean is
    set_rate(context, config);
    for (size_t i = 0; i < DC_LAVC_MAX_OPTIONS && e->codec->options[i].name; i++) {
        if (e->library->av_opt_set(context->priv_data, e->codec->options[i].name, e->codec->options[i].value, 0) < 0)
            dc_debug("%s: this version has no %s=%s", e->codec->name, e->codec->options[i].name, e->codec->options[i].value);
    }
}

/* A codec of the present configuration in the place of the one that may be there. */
static bool
open_codec(struct encoder_lavc *e, char *why, size_t why_bytes)
{
    const struct dc_lavc_library *l = e->library;
    const AVCodec *codec = l->avcodec_find_encoder_by_name(e->codec->name);
    l->avcodec_free_context(&e->context);
    if (!codec || !(e->context = l->avcodec_alloc_context3(codec))) {
        snprintf(why, why_bytes, "this libavcodec was built without it");
        return false;
    }
    set_parameters(e);
    if (e->codec->device != AV_HWDEVICE_TYPE_NONE && !set_device(e)) {
        snprintf(why, why_bytes, "the device has no pictures of %ux%u", e->base.config.width, e->base.config.height);
        return false;
    }
    int error = l->avcodec_open2(e->context, codec, NULL);
    if (error < 0)
        l->av_strerror(error, why, why_bytes);
    return error >= 0;
}

static bool
alloc_pictures(struct encoder_lavc *e)
{
    const struct dc_lavc_library *l = e->library;
    e->packet = l->av_packet_alloc();
    e->picture = l->av_frame_alloc();
    e->uploaded = l->av_frame_alloc();
    if (!e->packet || !e->picture || !e->uploaded)
        return false;
    e->picture->format = AV_PIX_FMT_NV12;
    e->picture->width = (int)e->base.config.width;
    e->picture->height = (int)e->base.config.height;
    return l->av_frame_get_buffer(e->picture, 0) >= 0;
}

void
dc_lavc_destroy(struct dc_video_encoder *encoder)
{
    struct encoder_lavc *e = encoder_lavc(encoder);
    if (!e)
        return;
    e->library->avcodec_free_context(&e->context);
    e->library->av_frame_free(&e->picture);
    e->library->av_frame_free(&e->uploaded);
    e->library->av_packet_free(&e->packet);
    free(e);
}

static struct encoder_lavc *
create(const struct dc_lavc_codec *codec, const struct dc_video_encoder_config *config,
       const struct dc_video_encoder_listener *listener, void *user, char *why, size_t why_bytes)
{
    if (config->width < 16 || config->height < 16 || config->width > MAX_SIZE || config->height > MAX_SIZE) {
        snprintf(why, why_bytes, "it is outside 16x16 to %ux%u", MAX_SIZE, MAX_SIZE);
        return NULL;
    }
    const struct dc_lavc_library *library = dc_lavc_library_get(why, why_bytes);
    struct encoder_lavc *e = library ? calloc(1, sizeof *e) : NULL;
    if (!e)
        return NULL;
    dc_video_encoder_init(&e->base, config, listener, user);
    e->codec = codec;
    e->library = library;
    snprintf(why, why_bytes, "no memory for a picture");
    if (alloc_pictures(e) && open_codec(e, why, why_bytes))
        return e;
    dc_lavc_destroy(&e->base);
    return NULL;
}

struct dc_video_encoder *
dc_lavc_create(const struct dc_lavc_codec *codec, const struct dc_video_encoder_config *config,
               const struct dc_video_encoder_listener *listener, void *user)
{
    char why[160] = "no memory";
    struct encoder_lavc *e = create(codec, config, listener, user, why, sizeof why);
    if (!e) {
        dc_error("%s: %ux%u at %u kb/s does not open: %s", codec->name, config->width, config->height,
                 config->bitrate_kbps, why);
        return NULL;
    }
    dc_debug("%s: %ux%u, %u kb/s", codec->name, e->base.config.width, e->base.config.height, e->base.config.bitrate_kbps);
    return &e->base;
}

static bool
fill_picture(struct encoder_lavc *e, const struct dc_frame *frame)
{
    const uint32_t width = e->base.config.width, height = e->base.config.height;
    AVFrame *picture = e->picture;
    if (frame->kind != DC_FRAME_CPU_BGRX && frame->kind != DC_FRAME_CPU_RGBX) {
        dc_error("frame %" PRIu64 ": %s takes no frames of kind %d", frame->meta.frame_id, e->codec->name, frame->kind);
        return false;
    }
    if (((frame->width + 1) & ~1u) != width || ((frame->height + 1) & ~1u) != height) {
        dc_error("frame %" PRIu64 ": %ux%u does not fit an encoder of %ux%u", frame->meta.frame_id, frame->width,
                 frame->height, width, height);
        return false;
    }
    if (e->library->av_frame_make_writable(picture) < 0)
        return false;
    dc_convert_to_nv12(frame, &(struct dc_nv12){ .y = picture->data[0], .uv = picture->data[1],
                                                 .y_stride = picture->linesize[0], .uv_stride = picture->linesize[1],
                                                 .width = width, .height = height });
    return true;
}

static int
upload(struct encoder_lavc *e)
{
    e->library->av_frame_unref(e->uploaded);
    int error = e->library->av_hwframe_get_buffer(e->context->hw_frames_ctx, e->uploaded, 0);
    return error < 0 ? error : e->library->av_hwframe_transfer_data(e->uploaded, e->picture, 0);
}

/* The picture in, its packet out. AVERROR(EAGAIN): the codec keeps pictures back. */
static int
code(struct encoder_lavc *e, bool keyframe)
{
    AVFrame *picture = e->picture;
    if (e->codec->device != AV_HWDEVICE_TYPE_NONE) {
        int error = upload(e);
        if (error < 0)
            return error;
        picture = e->uploaded;
    }
    picture->pts = e->next_pts++;
    picture->pict_type = keyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    int error = e->library->avcodec_send_frame(e->context, picture);
    return error < 0 ? error : e->library->avcodec_receive_packet(e->context, e->packet);
}

bool
dc_lavc_encode(struct dc_video_encoder *encoder, struct dc_frame *frame, bool keyframe)
{
    struct encoder_lavc *e = encoder_lavc(encoder);
    struct dc_frame_meta meta = frame->meta;
    bool filled = dc_video_frame_wait(frame) && fill_picture(e, frame);
    struct dc_packet packet;

    dc_video_frame_release(frame); // the pixels are ours now
    if (!filled)
        return false;
    meta.times.convert_us = dc_clock_now_us();
    int error = code(e, keyframe);
    if (error < 0) {
        char why[80] = "?";
        e->library->av_strerror(error, why, sizeof why);
        dc_error("frame %" PRIu64 ": %s: %s", meta.frame_id, e->codec->name,
                 error == AVERROR(EAGAIN) ? "it keeps pictures back" : why);
        return false;
    }
    meta.times.encode_us = dc_clock_now_us();
    meta.reference_id = 0;
    dc_video_packet_init(&packet, encoder, &meta);
    packet.keyframe = e->packet->flags & AV_PKT_FLAG_KEY;
    packet.data = e->packet->data;
    packet.size_bytes = (size_t)e->packet->size;
    encoder->listener->handle_packet(encoder->user, &packet);
    e->library->av_packet_unref(e->packet);
    return true;
}

bool
dc_lavc_set_bitrate(struct dc_video_encoder *encoder, uint32_t bitrate_kbps)
{
    struct encoder_lavc *e = encoder_lavc(encoder);
    char why[160] = "";
    encoder->config.bitrate_kbps = bitrate_kbps < MIN_BITRATE_KBPS ? MIN_BITRATE_KBPS : bitrate_kbps;
    if (e->codec->can_change_rate) {
        set_rate(e->context, &encoder->config);
        return true;
    }
    if (open_codec(e, why, sizeof why))
        return true;
    dc_error("%s: refused %u kb/s: %s", e->codec->name, encoder->config.bitrate_kbps, why);
    return false;
}

static void
ignore_packet(void *user, const struct dc_packet *packet)
{
}

/* Drivers say that they can and fail at the first picture. */
static bool
try_picture(const struct dc_lavc_codec *codec, char *why, size_t why_bytes)
{
    static const struct dc_video_encoder_listener listener = { .handle_packet = ignore_packet };
    const struct dc_video_encoder_config config = { .width = TRIAL_WIDTH, .height = TRIAL_HEIGHT, .refresh_mhz = 60000,
                                                    .bitrate_kbps = 1000, .threads = 1 };
    struct encoder_lavc *e = create(codec, &config, &listener, NULL, why, why_bytes);
    if (!e)
        return false;
    memset(e->picture->data[0], 16, (size_t)e->picture->linesize[0] * TRIAL_HEIGHT);
    memset(e->picture->data[1], 128, (size_t)e->picture->linesize[1] * TRIAL_HEIGHT / 2);
    int error = code(e, true);
    if (error == AVERROR(EAGAIN))
        snprintf(why, why_bytes, "it keeps pictures back");
    else if (error < 0)
        e->library->av_strerror(error, why, why_bytes);
    dc_lavc_destroy(&e->base);
    return error >= 0;
}

static bool
open_device(const struct dc_lavc_codec *codec, const struct dc_lavc_library *library, const char *drm_node, char *why,
            size_t why_bytes)
{
    if (codec->device == AV_HWDEVICE_TYPE_NONE || devices[codec->device])
        return true;
    if (!drm_node[0]) {
        snprintf(why, why_bytes, "the GPU has no DRM node");
        return false;
    }
    int error = library->av_hwdevice_ctx_create(&devices[codec->device], codec->device, drm_node, NULL, 0);
    if (error < 0)
        library->av_strerror(error, why, why_bytes);
    return error >= 0;
}

bool
dc_lavc_prepare(const struct dc_lavc_codec *codec, const char *drm_node, char *why, size_t why_bytes)
{
    const struct dc_lavc_library *library = dc_lavc_library_get(why, why_bytes);
    char earlier[8];
    if (!library)
        return false;
    dc_lavc_library_take_error(earlier, sizeof earlier);
    if (open_device(codec, library, drm_node, why, why_bytes) && try_picture(codec, why, why_bytes))
        return true;
    dc_lavc_library_take_error(why, why_bytes);
    return false;
}
