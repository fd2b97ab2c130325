#define DC_LOG_COMPONENT "client"
#include "hardware.h"

#include <libavutil/hwcontext.h>
#include <libavutil/imgutils.h>

#include <common/log.h>

const char *const dc_decoder_kind_names[] = { "auto", "software", "vaapi", "vdpau", "cuda", NULL };

/* NONE: libavcodec was built without it. */
static enum AVPixelFormat
find_format(const AVCodec *codec, enum AVHWDeviceType type)
{
    const AVCodecHWConfig *config;
    for (int i = 0; (config = avcodec_get_hw_config(codec, i)); i++) {
        if (config->device_type == type && config->methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX)
            return config->pix_fmt;
    }
    return AV_PIX_FMT_NONE;
}

static bool
try(struct dc_hardware *hardware, const AVCodec *codec, enum dc_decoder_kind kind)
{
    const char *name = dc_decoder_kind_names[kind];
    enum AVHWDeviceType type = av_hwdevice_find_type_by_name(name);
    int level = av_log_get_level();
    if (type == AV_HWDEVICE_TYPE_NONE)
        return false;
    hardware->format = find_format(codec, type);
    if (hardware->format == AV_PIX_FMT_NONE)
        return false;
    av_log_set_level(AV_LOG_QUIET); // that there is no device is not an error, and we say it ourselves
    int error = av_hwdevice_ctx_create(&hardware->device, type, NULL, NULL, 0);
    av_log_set_level(level);
    hardware->name = error < 0 ? NULL : name;
    return error >= 0;
}

void
dc_hardware_open(struct dc_hardware *hardware, const AVCodec *codec, enum dc_decoder_kind kind)
{
    *hardware = (struct dc_hardware){ .format = AV_PIX_FMT_NONE };
    if (kind == DC_DECODER_SOFTWARE)
        return;
    for (int candidate = DC_DECODER_VAAPI; candidate <= DC_DECODER_CUDA; candidate++) {
        // libvdpau complains on stderr by itself, and who has it has one of the others.
        if (kind == DC_DECODER_AUTO ? candidate == DC_DECODER_VDPAU : (int)kind != candidate)
            continue;
        if (try(hardware, codec, (enum dc_decoder_kind)candidate)) {
            dc_info("H.264 is decoded by %s", hardware->name);
            return;
        }
    }
    if (kind == DC_DECODER_AUTO)
        dc_debug("no hardware here decodes H.264: the processor does");
    else
        dc_warn("decoder %s: there is no such device (dc-client --list-devices): the processor decodes",
                dc_decoder_kind_names[kind]);
}

void
dc_hardware_close(struct dc_hardware *hardware)
{
    av_buffer_unref(&hardware->device);
    *hardware = (struct dc_hardware){ .format = AV_PIX_FMT_NONE };
}

static void
split_rows(const AVFrame *from, AVFrame *to)
{
    int width = (from->width + 1) / 2, height = (from->height + 1) / 2;
    for (int y = 0; y < height; y++) {
        const uint8_t *uv = from->data[1] + (ptrdiff_t)y * from->linesize[1];
        uint8_t *u = to->data[1] + (ptrdiff_t)y * to->linesize[1];
        uint8_t *v = to->data[2] + (ptrdiff_t)y * to->linesize[2];
        for (int x = 0; x < width; x++) {
            u[x] = uv[2 * x];
            v[x] = uv[2 * x + 1];
        }
    }
}

bool
dc_hardware_split_chroma(AVFrame *frame)
{
    AVFrame *split = av_frame_alloc();
    if (!split)
        return false;
    split->format = AV_PIX_FMT_YUV420P;
    split->width = frame->width;
    split->height = frame->height;
    bool done = av_frame_get_buffer(split, 0) >= 0 && av_frame_copy_props(split, frame) >= 0;
    if (done) {
        av_image_copy_plane(split->data[0], split->linesize[0], frame->data[0], frame->linesize[0], frame->width,
                            frame->height);
        split_rows(frame, split);
        av_frame_unref(frame);
        av_frame_move_ref(frame, split);
    }
    av_frame_free(&split);
    return done;
}

/* I420 where the device gives it, NV12 otherwise: all of these give one of them. */
static enum AVPixelFormat
choose_download(const AVFrame *frame)
{
    enum AVPixelFormat *formats, chosen = AV_PIX_FMT_NONE;
    if (av_hwframe_transfer_get_formats(frame->hw_frames_ctx, AV_HWFRAME_TRANSFER_DIRECTION_FROM, &formats, 0) < 0)
        return AV_PIX_FMT_NONE;
    for (const enum AVPixelFormat *f = formats; *f != AV_PIX_FMT_NONE; f++) {
        if (*f == AV_PIX_FMT_YUV420P || (*f == AV_PIX_FMT_NV12 && chosen == AV_PIX_FMT_NONE))
            chosen = *f;
    }
    av_free(formats);
    return chosen;
}

bool
dc_hardware_download(const struct dc_hardware *hardware, AVFrame *frame)
{
    if (!hardware->name || frame->format != hardware->format)
        return true;
    AVFrame *ours = av_frame_alloc();
    if (!ours)
        return false;
    ours->format = choose_download(frame);
    bool done = ours->format != AV_PIX_FMT_NONE && av_hwframe_transfer_data(ours, frame, 0) >= 0 &&
                av_frame_copy_props(ours, frame) >= 0;
    if (done) {
        av_frame_unref(frame);
        av_frame_move_ref(frame, ours);
        done = frame->format != AV_PIX_FMT_NV12 || dc_hardware_split_chroma(frame);
    }
    if (!done)
        dc_error("%s gives no picture that can be shown", hardware->name);
    av_frame_free(&ours);
    return done;
}
