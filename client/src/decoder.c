#define DC_LOG_COMPONENT "client"
#include "decoder.h"

#include <unistd.h>

#include <common/clock.h>
#include <common/log.h>

#define MAX_THREADS 4
#define MAX_HARDWARE_ERRORS 3 // one may be the stream's fault, and a key frame mends it

/* The device's pictures, unless it does not do this stream. */
static enum AVPixelFormat
choose_format(AVCodecContext *codec, const enum AVPixelFormat *formats)
{
    struct dc_decoder *decoder = codec->opaque;
    enum AVPixelFormat ours = AV_PIX_FMT_NONE;
    for (const enum AVPixelFormat *f = formats; *f != AV_PIX_FMT_NONE; f++) {
        if (decoder->hardware.name && *f == decoder->hardware.format)
            return *f;
        if (*f == AV_PIX_FMT_YUV420P || *f == AV_PIX_FMT_YUVJ420P)
            ours = *f;
    }
    if (decoder->hardware.name)
        dc_warn("%s does not decode this stream: the processor does", decoder->hardware.name);
    decoder->decodes_with = "software";
    return ours;
}

static bool
open_codec(struct dc_decoder *decoder)
{
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    decoder->codec = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!decoder->codec) {
        dc_error("libavcodec has no H.264 decoder");
        return false;
    }
    decoder->codec->thread_type = FF_THREAD_SLICE; // frame threads would delay each picture by their number
    decoder->codec->thread_count = cores < 1 ? 1 : cores > MAX_THREADS ? MAX_THREADS : (int)cores;
    decoder->codec->flags |= AV_CODEC_FLAG_LOW_DELAY;
    decoder->codec->opaque = decoder;
    decoder->codec->get_format = choose_format;
    if (decoder->hardware.name) {
        decoder->codec->hw_device_ctx = av_buffer_ref(decoder->hardware.device);
        decoder->codec->thread_count = 1; // the device does the work
    }
    decoder->decodes_with = decoder->hardware.name ? decoder->hardware.name : "software";
    if (avcodec_open2(decoder->codec, codec, NULL) < 0) {
        dc_error("the H.264 decoder cannot be opened");
        return false;
    }
    return true;
}

/* Hardware that fails is not asked again. */
static void
handle_hardware_error(struct dc_decoder *decoder)
{
    if (!decoder->hardware.name || ++decoder->hardware_errors < MAX_HARDWARE_ERRORS)
        return;
    dc_warn("%s failed %u times: the processor decodes from here on", decoder->hardware.name, decoder->hardware_errors);
    avcodec_free_context(&decoder->codec);
    dc_hardware_close(&decoder->hardware);
    open_codec(decoder);
}

/* Every picture must come out with its own access unit; `record` is that unit's. */
static bool
decode(struct dc_decoder *decoder, struct dc_decoder_item *item)
{
    struct dc_picture *picture = dc_picture_create();
    if (!picture)
        return false;
    int error = decoder->codec ? avcodec_send_packet(decoder->codec, item->packet) : AVERROR(ENOMEM);
    if (error >= 0)
        error = avcodec_receive_frame(decoder->codec, picture->frame);
    if (error >= 0 && !dc_hardware_download(&decoder->hardware, picture->frame))
        error = AVERROR_EXTERNAL;
    if (error < 0) {
        dc_picture_destroy(picture);
        if (item->record.hidden) // what it refers to is lost: no wonder
            return true;
        if (error != AVERROR(EAGAIN))
            return false;
        // Its frame numbers do not go on where a lost one was, or the stream is not low delay.
        if (decoder->delayed++ == 0)
            dc_debug("frame %llu gave no picture at once", (unsigned long long)item->record.frame_id);
        decoder->listener->handle_error(decoder->user);
        return true;
    }
    if (picture->frame->format != AV_PIX_FMT_YUV420P && picture->frame->format != AV_PIX_FMT_YUVJ420P) {
        dc_error("the picture's format %d is not I420", picture->frame->format);
        dc_picture_destroy(picture);
        return false;
    }
    decoder->hardware_errors = 0;
    picture->record = item->record;
    picture->record.decoded_us = dc_clock_now_us();
    decoder->listener->handle_picture(decoder->user, picture);
    return true;
}

/* false: stop. */
static bool
pull(struct dc_decoder *decoder, struct dc_decoder_item *item)
{
    pthread_mutex_lock(&decoder->lock);
    while (!decoder->count && !decoder->stop)
        pthread_cond_wait(&decoder->changed, &decoder->lock);
    bool pulled = !decoder->stop;
    if (pulled) {
        *item = decoder->queue[decoder->head];
        decoder->head = (decoder->head + 1) % DC_DECODER_QUEUE;
        decoder->count--;
    }
    pthread_mutex_unlock(&decoder->lock);
    return pulled;
}

static void *
run(void *user)
{
    struct dc_decoder *decoder = user;
    struct dc_decoder_item item;
    while (pull(decoder, &item)) {
        bool decoded = decode(decoder, &item);
        av_packet_free(&item.packet);
        if (!decoded) {
            handle_hardware_error(decoder);
            pthread_mutex_lock(&decoder->lock);
            decoder->awaits_keyframe = true;
            pthread_mutex_unlock(&decoder->lock);
            decoder->listener->handle_error(decoder->user);
        }
    }
    return NULL;
}

bool
dc_decoder_start(struct dc_decoder *decoder, enum dc_decoder_kind kind, const struct dc_decoder_listener *listener,
                 void *user)
{
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);
    *decoder = (struct dc_decoder){ .listener = listener, .user = user, .awaits_keyframe = true };
    pthread_mutex_init(&decoder->lock, NULL);
    pthread_cond_init(&decoder->changed, NULL);
    dc_hardware_open(&decoder->hardware, codec, codec ? kind : DC_DECODER_SOFTWARE);
    if (!open_codec(decoder))
        return false;
    decoder->thread_runs = pthread_create(&decoder->thread, NULL, run, decoder) == 0;
    if (!decoder->thread_runs)
        dc_error("cannot start the decoder thread");
    return decoder->thread_runs;
}

static void
clear(struct dc_decoder *decoder)
{
    for (; decoder->count; decoder->count--) {
        av_packet_free(&decoder->queue[decoder->head].packet);
        decoder->head = (decoder->head + 1) % DC_DECODER_QUEUE;
    }
}

void
dc_decoder_stop(struct dc_decoder *decoder)
{
    pthread_mutex_lock(&decoder->lock);
    decoder->stop = true;
    pthread_cond_signal(&decoder->changed);
    pthread_mutex_unlock(&decoder->lock);
    if (decoder->thread_runs)
        pthread_join(decoder->thread, NULL);
    clear(decoder);
    avcodec_free_context(&decoder->codec);
    dc_hardware_close(&decoder->hardware);
    pthread_cond_destroy(&decoder->changed);
    pthread_mutex_destroy(&decoder->lock);
}

bool
dc_decoder_push(struct dc_decoder *decoder, const AVPacket *packet, const struct dc_frame_record *record)
{
    bool pushed = false;
    pthread_mutex_lock(&decoder->lock);
    if (decoder->count == DC_DECODER_QUEUE) { // a second behind: what waits is worth nothing any more
        clear(decoder);
        decoder->awaits_keyframe = true;
    }
    if (record->keyframe)
        decoder->awaits_keyframe = false;
    if (!decoder->awaits_keyframe) {
        struct dc_decoder_item *item = &decoder->queue[(decoder->head + decoder->count) % DC_DECODER_QUEUE];
        *item = (struct dc_decoder_item){ .packet = av_packet_clone(packet), .record = *record };
        pushed = item->packet != NULL;
        decoder->count += pushed;
        pthread_cond_signal(&decoder->changed);
    }
    pthread_mutex_unlock(&decoder->lock);
    return pushed;
}
