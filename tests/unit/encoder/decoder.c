#include "decoder.h"

#include <stdlib.h>
#include <string.h>

#include <libyuv.h>

void
decoder_init(struct decoder *d)
{
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);

    *d = (struct decoder){.context = avcodec_alloc_context3(codec), .packet = av_packet_alloc(),
                          .frame = av_frame_alloc()};
    if (!codec || !d->context || !d->packet || !d->frame)
        abort();
    d->context->flags |= AV_CODEC_FLAG_LOW_DELAY;
    d->context->thread_count = 1;
    d->context->err_recognition = AV_EF_EXPLODE;
    if (avcodec_open2(d->context, codec, NULL) < 0)
        abort();
}

void
decoder_finish(struct decoder *d)
{
    avcodec_free_context(&d->context);
    av_packet_free(&d->packet);
    av_frame_free(&d->frame);
}

bool
decoder_decode(struct decoder *d, const uint8_t *data, size_t size_bytes, struct picture *out)
{
    if (av_new_packet(d->packet, (int)size_bytes) < 0)
        abort();
    memcpy(d->packet->data, data, size_bytes);
    const int sent = avcodec_send_packet(d->context, d->packet);
    av_packet_unref(d->packet);
    if (sent < 0 || avcodec_receive_frame(d->context, d->frame) < 0)
        return false;
    if (out) {
        picture_init(out, (uint32_t)d->frame->width, (uint32_t)d->frame->height);
        I420ToARGBMatrix(d->frame->data[0], d->frame->linesize[0], d->frame->data[1], d->frame->linesize[1],
                         d->frame->data[2], d->frame->linesize[2], out->pixels, d->frame->width * 4,
                         &kYuvH709Constants, d->frame->width, d->frame->height);
    }
    return true;
}
