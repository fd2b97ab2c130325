#define DC_LOG_COMPONENT "client"
#include "screenshot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libavcodec/avcodec.h>

#include <common/log.h>

static uint8_t
clamp(int32_t v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* ITU-R BT.709, Y 16 … 235, C 16 … 240, in 16.16 fixed point. */
static void
convert_pixel(int32_t y, int32_t cb, int32_t cr, uint8_t *rgb)
{
    int32_t luma = 76309 * (y - 16) + 32768; // 255 / 219
    cb -= 128;
    cr -= 128;
    rgb[0] = clamp((luma + 117489 * cr) >> 16);
    rgb[1] = clamp((luma - 13975 * cb - 34925 * cr) >> 16);
    rgb[2] = clamp((luma + 138438 * cb) >> 16);
}

void
dc_picture_to_rgb(const AVFrame *frame, uint8_t *rgb)
{
    for (int y = 0; y < frame->height; y++) {
        const uint8_t *luma = frame->data[0] + (ptrdiff_t)y * frame->linesize[0];
        const uint8_t *cb = frame->data[1] + (ptrdiff_t)(y / 2) * frame->linesize[1];
        const uint8_t *cr = frame->data[2] + (ptrdiff_t)(y / 2) * frame->linesize[2];
        uint8_t *row = rgb + (size_t)y * (size_t)frame->width * 3;
        for (int x = 0; x < frame->width; x++)
            convert_pixel(luma[x], cb[x / 2], cr[x / 2], row + 3 * x);
    }
}

static int
encode_png(const AVFrame *picture, AVPacket *packet)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_PNG);
    AVCodecContext *context = codec ? avcodec_alloc_context3(codec) : NULL;
    AVFrame *rgb = av_frame_alloc();
    int error = AVERROR(ENOMEM);
    if (!context || !rgb)
        goto out;
    rgb->width = context->width = picture->width;
    rgb->height = context->height = picture->height;
    rgb->format = context->pix_fmt = AV_PIX_FMT_RGB24;
    context->time_base = (AVRational){ 1, 1 };
    error = av_frame_get_buffer(rgb, 1); // rows without padding, as dc_picture_to_rgb() writes them
    if (error < 0)
        goto out;
    if (rgb->linesize[0] != 3 * rgb->width) {
        error = AVERROR_BUG;
        goto out;
    }
    dc_picture_to_rgb(picture, rgb->data[0]);
    error = avcodec_open2(context, codec, NULL);
    if (error >= 0)
        error = avcodec_send_frame(context, rgb);
    if (error >= 0)
        error = avcodec_receive_packet(context, packet);
out:
    av_frame_free(&rgb);
    avcodec_free_context(&context);
    return error;
}

static bool
write_file(const char *path, const uint8_t *data, size_t size_bytes)
{
    FILE *file = fopen(path, "wb");
    bool written = file && fwrite(data, 1, size_bytes, file) == size_bytes;
    int error = errno;
    if (file && fclose(file) && written) {
        error = errno;
        written = false;
    }
    if (!written)
        dc_error("cannot write %s: %s", path, strerror(error));
    return written;
}

bool
dc_screenshot_write(const char *path, const AVFrame *frame)
{
    AVPacket *packet = av_packet_alloc();
    int error = packet ? encode_png(frame, packet) : AVERROR(ENOMEM);
    bool written = false;
    if (error < 0)
        dc_error("cannot encode %s: %s", path, av_err2str(error));
    else
        written = write_file(path, packet->data, (size_t)packet->size);
    av_packet_free(&packet);
    return written;
}
