/*
 * libx264, called directly: libavcodec offers neither x264_encoder_invalidate_reference nor a way to ask for exactly
 * these settings. Every encode() returns its own packet: zero latency means that no frame waits inside.
 */
#define DC_LOG_COMPONENT "encoder"
#include "convert.h"
#include "internal.h"
#include "references.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <x264.h>

#include <common/clock.h>
#include <common/log.h>

#define MAX_SIZE 4096      // pixels a side: level 5.2
#define MIN_BITRATE_KBPS 100
#define DEFAULT_PRESET "superfast" // ultrafast has no deblocking and no adaptive quantisation: 0.01 to 0.02 less SSIM

struct encoder_x264 {
    struct dc_video_encoder base;
    x264_param_t param;
    x264_t *codec;
    x264_picture_t staging; // NV12 (or padded I420) of the encoder's size; img.plane NULL: not allocated
    int staging_csp;
    int64_t next_pts;
    struct dc_references references;
};

static struct encoder_x264 *
encoder_x264(struct dc_video_encoder *encoder)
{
    return (struct encoder_x264 *)encoder;
}

static void
log_line(void *user, int level, const char *format, va_list args)
{
    static const enum dc_log_level levels[] = {DC_LOG_ERROR, DC_LOG_WARN, DC_LOG_DEBUG, DC_LOG_TRACE};
    char text[512];
    size_t length;

    if (level < X264_LOG_ERROR || level > X264_LOG_DEBUG || !dc_log_enabled(levels[level], DC_LOG_COMPONENT))
        return;
    vsnprintf(text, sizeof(text), format, args);
    length = strlen(text);
    while (length && text[length - 1] == '\n')
        text[--length] = 0;
    dc_log_write(levels[level], DC_LOG_COMPONENT, "libx264: %s", text);
}

#define USEFUL_KEPT_FRAMES 8 // 130 ms at 60 Hz: a loss is known by then

/* The smallest level (H.264 table A-1) for the picture size, the rate, the bit rate and the frames to be kept (more than a
 * few are no reason for a higher one). Fixed at creation, because a decoder sized by it must also take what set_bitrate
 * asks for later: hence twice the bit rate. `kept_frames` becomes what the level allows. */
static int
level_for(const struct dc_video_encoder_config *config, uint32_t *kept_frames)
{
    static const struct {
        int idc;
        uint32_t macroblocks_per_s, macroblocks, bitrate_kbps, kept_macroblocks;
    } levels[] = {
        {30, 40500, 1620, 10000, 8100},      {31, 108000, 3600, 14000, 18000},   {32, 216000, 5120, 20000, 20480},
        {40, 245760, 8192, 20000, 32768},    {42, 522240, 8704, 50000, 34816},   {50, 589824, 22080, 135000, 110400},
        {51, 983040, 36864, 240000, 184320},
    };
    const uint32_t macroblocks = ((config->width + 15) / 16) * ((config->height + 15) / 16);
    const uint64_t per_s = (uint64_t)macroblocks * config->refresh_mhz / 1000;
    const uint32_t wanted = !*kept_frames ? 1 : *kept_frames > DC_REFERENCES_MAX ? DC_REFERENCES_MAX : *kept_frames;
    const uint32_t least = wanted < USEFUL_KEPT_FRAMES ? wanted : USEFUL_KEPT_FRAMES;

    *kept_frames = wanted;
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        const uint32_t room = levels[i].kept_macroblocks / macroblocks;

        if (macroblocks <= levels[i].macroblocks && per_s <= levels[i].macroblocks_per_s &&
            2ull * config->bitrate_kbps <= levels[i].bitrate_kbps && least <= room) {
            *kept_frames = wanted < room ? wanted : room;
            return levels[i].idc;
        }
    }
    return 52;
}

/* Target = maximum; the buffer holds 3 frames. With 1.5, x264 leaves a quarter of the rate unused for fear of a frame that does
 * not fit (docs/performance.md, Picture quality); with 3, the largest frame is still below twice the mean. */
static void
set_rate(x264_param_t *param, const struct dc_video_encoder_config *config)
{
    const uint64_t buffer_kbit = (uint64_t)config->bitrate_kbps * 3000 / config->refresh_mhz;

    param->rc.i_rc_method = X264_RC_ABR;
    param->rc.i_bitrate = (int)config->bitrate_kbps;
    param->rc.i_vbv_max_bitrate = (int)config->bitrate_kbps;
    param->rc.i_vbv_buffer_size = buffer_kbit ? (int)buffer_kbit : 1;
}

static uint32_t
default_threads(void)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > 4 ? 4 : (uint32_t)cores;
}

static bool
set_params(x264_param_t *param, const struct dc_video_encoder_config *config)
{
    const char *preset = config->preset ? config->preset : DEFAULT_PRESET;
    uint32_t kept_frames = config->kept_frames;

    if (x264_param_default_preset(param, preset, "zerolatency") < 0) {
        dc_error("libx264: no preset \"%s\"", preset);
        return false;
    }
    param->i_width = (int)config->width;
    param->i_height = (int)config->height;
    param->i_csp = X264_CSP_NV12;
    param->i_threads = (int)(config->threads ? config->threads : default_threads());
    param->b_sliced_threads = 1;
    param->i_fps_num = config->refresh_mhz;
    param->i_fps_den = 1000;
    param->i_timebase_num = 1000;
    param->i_timebase_den = config->refresh_mhz;
    param->b_vfr_input = 0; // a still second must not save up bits for one huge frame
    param->i_keyint_max = X264_KEYINT_MAX_INFINITE;
    param->i_scenecut_threshold = 0;
    param->i_frame_reference = 1;
    param->i_bframe = 0;
    param->b_repeat_headers = 1;
    param->b_annexb = 1;
    param->b_aud = 0;
    if (config->intra_refresh) { // not together with references that are given up (x264.h)
        param->b_intra_refresh = 1;
        param->i_keyint_max = (int)(config->refresh_mhz / 1000);
        kept_frames = 1;
    }
    param->i_level_idc = level_for(config, &kept_frames);
    param->i_dpb_size = (int)kept_frames;
    param->vui.b_fullrange = 0;
    param->vui.i_colorprim = 1; // BT.709
    param->vui.i_transfer = 1;
    param->vui.i_colmatrix = 1;
    param->vui.i_chroma_loc = 1; // what convert.c's 2×2 mean is
    param->pf_log = log_line;
    param->i_log_level = X264_LOG_INFO;
    set_rate(param, config);
    // What a WebRTC client was promised; who names a preset knows what its clients decode.
    const bool baseline = !config->preset || strcmp(preset, "ultrafast") == 0;
    return x264_param_apply_profile(param, baseline ? "baseline" : "high") == 0;
}

static void
x264_destroy(struct dc_video_encoder *encoder)
{
    struct encoder_x264 *e = encoder_x264(encoder);

    if (!e)
        return;
    if (e->codec)
        x264_encoder_close(e->codec);
    if (e->staging.img.plane[0])
        x264_picture_clean(&e->staging);
    free(e);
}

static struct dc_video_encoder *
x264_create(const struct dc_video_encoder_config *config, const struct dc_video_encoder_listener *listener, void *user)
{
    struct encoder_x264 *e;

    if (config->width < 16 || config->height < 16 || config->width > MAX_SIZE || config->height > MAX_SIZE) {
        dc_error("libx264: %ux%u is outside 16x16 to %ux%u", config->width, config->height, MAX_SIZE, MAX_SIZE);
        return NULL;
    }
    e = calloc(1, sizeof(*e));
    if (!e)
        return NULL;
    dc_video_encoder_init(&e->base, config, listener, user);

    struct dc_video_encoder_config wanted = e->base.config;
    wanted.preset = config->preset;
    if (!set_params(&e->param, &wanted))
        goto fail;
    dc_references_init(&e->references, (unsigned)e->param.i_dpb_size);
    e->codec = x264_encoder_open(&e->param);
    if (!e->codec) {
        dc_error("libx264: cannot open an encoder for %ux%u at %u kb/s", wanted.width, wanted.height,
                 wanted.bitrate_kbps);
        goto fail;
    }
    dc_debug("libx264: %ux%u, %u kb/s, %d threads, level %d, %d frames kept%s", wanted.width, wanted.height,
             wanted.bitrate_kbps, e->param.i_threads, e->param.i_level_idc, e->param.i_dpb_size,
             wanted.intra_refresh ? ", intra refresh" : "");
    return &e->base;
fail:
    x264_destroy(&e->base);
    return NULL;
}

/* A picture of ours in the codec's size, kept between frames. */
static bool
ensure_staging(struct encoder_x264 *e, int csp)
{
    if (e->staging.img.plane[0] && e->staging_csp == csp)
        return true;
    if (e->staging.img.plane[0])
        x264_picture_clean(&e->staging);
    memset(&e->staging, 0, sizeof(e->staging));
    if (x264_picture_alloc(&e->staging, csp, e->param.i_width, e->param.i_height) < 0) {
        memset(&e->staging, 0, sizeof(e->staging));
        dc_error("libx264: no memory for a picture");
        return false;
    }
    e->staging_csp = csp;
    return true;
}

/* Rows of `width` bytes; the last byte and row are repeated up to the destination's size. */
static void
copy_padded(const uint8_t *src, int32_t src_stride, uint32_t width, uint32_t height, uint8_t *dst, int dst_stride,
            uint32_t dst_width, uint32_t dst_height)
{
    for (uint32_t y = 0; y < dst_height; y++) {
        const uint8_t *from = src + (ptrdiff_t)(y < height ? y : height - 1) * src_stride;
        uint8_t *to = dst + (ptrdiff_t)y * dst_stride;

        memcpy(to, from, width);
        memset(to + width, from[width - 1], dst_width - width);
    }
}

static bool
fill_picture(struct encoder_x264 *e, const struct dc_frame *frame)
{
    const uint32_t width = e->base.config.width, height = e->base.config.height;
    x264_image_t *image = &e->staging.img;

    if (((frame->width + 1) & ~1u) != width || ((frame->height + 1) & ~1u) != height) {
        dc_error("frame %" PRIu64 ": %ux%u does not fit an encoder of %ux%u", frame->meta.frame_id, frame->width,
                 frame->height, width, height);
        return false;
    }
    switch (frame->kind) {
    case DC_FRAME_CPU_BGRX:
    case DC_FRAME_CPU_RGBX:
        if (!ensure_staging(e, X264_CSP_NV12))
            return false;
        dc_convert_to_nv12(frame, &(struct dc_nv12){.y = image->plane[0], .uv = image->plane[1],
                                                    .y_stride = image->i_stride[0], .uv_stride = image->i_stride[1],
                                                    .width = width, .height = height});
        return true;
    case DC_FRAME_CPU_I420:
        if (!ensure_staging(e, X264_CSP_I420))
            return false;
        copy_padded(frame->planes[0], frame->strides[0], frame->width, frame->height, image->plane[0],
                    image->i_stride[0], width, height);
        for (int i = 1; i < 3; i++)
            copy_padded(frame->planes[i], frame->strides[i], width / 2, height / 2, image->plane[i],
                        image->i_stride[i], width / 2, height / 2);
        return true;
    default:
        dc_error("frame %" PRIu64 ": libx264 takes no frames of kind %d", frame->meta.frame_id, frame->kind);
        return false;
    }
}

static bool
x264_encode(struct dc_video_encoder *encoder, struct dc_frame *frame, bool keyframe)
{
    struct encoder_x264 *e = encoder_x264(encoder);
    struct dc_frame_meta meta = frame->meta;
    const bool filled = dc_video_frame_wait(frame) && fill_picture(e, frame);
    struct dc_packet packet;
    x264_picture_t out;
    x264_nal_t *nals;
    int nal_count, size_bytes;

    // The pixels are ours now: the renderer may draw into its buffer while the codec works.
    dc_video_frame_release(frame);
    if (!filled)
        return false;
    meta.times.convert_us = dc_clock_now_us();
    e->staging.i_type = keyframe ? X264_TYPE_IDR : X264_TYPE_AUTO;
    e->staging.i_pts = e->next_pts++;
    size_bytes = x264_encoder_encode(e->codec, &nals, &nal_count, &e->staging, &out);
    if (size_bytes <= 0) {
        dc_error("frame %" PRIu64 ": libx264 returned %d", meta.frame_id, size_bytes);
        return false;
    }
    meta.times.encode_us = dc_clock_now_us();
    const uint64_t reference_id = dc_references_newest(&e->references);
    const bool is_keyframe = out.i_type == X264_TYPE_IDR; // b_keyframe is also where a refresh begins

    meta.reference_id = is_keyframe || reference_id + 1 == meta.frame_id ? 0 : reference_id;
    dc_references_add(&e->references, meta.frame_id, e->staging.i_pts, is_keyframe);
    dc_video_packet_init(&packet, encoder, &meta);
    packet.keyframe = is_keyframe;
    packet.data = nals[0].p_payload; // the NAL units of a picture lie one after the other (x264.h)
    packet.size_bytes = (size_t)size_bytes;
    encoder->listener->handle_packet(encoder->user, &packet);
    return true;
}

static bool
x264_set_bitrate(struct dc_video_encoder *encoder, uint32_t bitrate_kbps)
{
    struct encoder_x264 *e = encoder_x264(encoder);

    encoder->config.bitrate_kbps = bitrate_kbps < MIN_BITRATE_KBPS ? MIN_BITRATE_KBPS : bitrate_kbps;
    set_rate(&e->param, &encoder->config);
    if (x264_encoder_reconfig(e->codec, &e->param) < 0) {
        dc_error("libx264: refused %u kb/s", encoder->config.bitrate_kbps);
        return false;
    }
    return true;
}

static bool
x264_invalidate(struct dc_video_encoder *encoder, uint64_t first_lost_id)
{
    struct encoder_x264 *e = encoder_x264(encoder);
    int64_t pts;

    switch (dc_references_lose(&e->references, first_lost_id, &pts)) {
    case DC_REFERENCES_UNCHANGED:
        return true;
    case DC_REFERENCES_INVALIDATE:
        if (!x264_encoder_invalidate_reference(e->codec, pts))
            return true;
        dc_error("libx264: cannot give up references");
        return false;
    case DC_REFERENCES_NONE_LEFT:
        break;
    }
    return false;
}

const struct dc_video_encoder_impl dc_video_encoder_x264 = {
    .name = "libx264",
    .create = x264_create,
    .destroy = x264_destroy,
    .encode = x264_encode,
    .set_bitrate = x264_set_bitrate,
    .invalidate = x264_invalidate,
};
