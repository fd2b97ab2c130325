#define DC_LOG_COMPONENT "client"
#include "recorder.h"

#include <stdlib.h>
#include <string.h>

#include <common/log.h>

#define MAX_QUEUED_BYTES (64u << 20)

/* The first reason is said once; the session goes on without recording. */
static void
fail(struct dc_recorder *recorder, int error)
{
    pthread_mutex_lock(&recorder->lock);
    bool first = !recorder->failed;
    recorder->failed = true;
    pthread_mutex_unlock(&recorder->lock);
    if (first)
        dc_error("recording to %s stops: %s (the session goes on)", recorder->path, av_err2str(error));
}

static bool
open_file(struct dc_recorder *recorder, bool with_audio)
{
    int error = avformat_alloc_output_context2(&recorder->format, NULL, "mp4", recorder->path);
    if (error >= 0)
        error = avio_open(&recorder->format->pb, recorder->path, AVIO_FLAG_WRITE);
    if (error < 0) {
        dc_error("cannot record to %s: %s", recorder->path, av_err2str(error));
        return false;
    }
    recorder->format->flags |= AVFMT_FLAG_FLUSH_PACKETS;
    recorder->video.stream = avformat_new_stream(recorder->format, NULL);
    recorder->audio.stream = with_audio ? avformat_new_stream(recorder->format, NULL) : NULL;
    return recorder->video.stream && (recorder->audio.stream || !with_audio);
}

/* OpusHead, RFC 7845 §5.1: magic, version, channels, pre-skip u16le, rate u32le, gain u16le, mapping family. */
static bool
describe_audio(AVStream *stream)
{
    static const uint8_t head[19] = { 'O', 'p', 'u', 's', 'H', 'e', 'a', 'd', 1, 2, 0x38, 0x01, 0x80, 0xbb, 0, 0, 0, 0, 0 };
    AVCodecParameters *codec = stream->codecpar;
    codec->codec_type = AVMEDIA_TYPE_AUDIO;
    codec->codec_id = AV_CODEC_ID_OPUS;
    codec->sample_rate = 48000;
    codec->frame_size = 480;
    av_channel_layout_default(&codec->ch_layout, 2);
    stream->time_base = (AVRational){ 1, 48000 };
    codec->extradata = av_mallocz(sizeof(head) + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!codec->extradata)
        return false;
    memcpy(codec->extradata, head, sizeof(head));
    codec->extradata_size = sizeof(head);
    return true;
}

/* Width, height and parameter sets come from the first key frame itself. */
static bool
describe_video(AVStream *stream, const AVPacket *keyframe)
{
    AVCodecParameters *codec = stream->codecpar;
    AVCodecParserContext *parser = av_parser_init(AV_CODEC_ID_H264);
    AVCodecContext *context = avcodec_alloc_context3(NULL);
    uint8_t *data;
    int size_bytes;
    if (parser && context) {
        parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
        context->codec_id = AV_CODEC_ID_H264;
        av_parser_parse2(parser, context, &data, &size_bytes, keyframe->data, keyframe->size, 0, 0, 0);
        codec->width = parser->width;
        codec->height = parser->height;
    }
    av_parser_close(parser);
    avcodec_free_context(&context);
    codec->codec_type = AVMEDIA_TYPE_VIDEO;
    codec->codec_id = AV_CODEC_ID_H264;
    codec->format = AV_PIX_FMT_YUV420P;
    codec->color_range = AVCOL_RANGE_MPEG;
    codec->color_primaries = AVCOL_PRI_BT709;
    codec->color_trc = AVCOL_TRC_BT709;
    codec->color_space = AVCOL_SPC_BT709;
    stream->time_base = (AVRational){ 1, 90000 };
    codec->extradata = av_mallocz((size_t)keyframe->size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!codec->extradata || !codec->width)
        return false;
    memcpy(codec->extradata, keyframe->data, (size_t)keyframe->size); // the muxer picks SPS and PPS out of it
    codec->extradata_size = keyframe->size;
    return true;
}

static void
write_header(struct dc_recorder *recorder, const struct dc_recorder_item *keyframe)
{
    AVDictionary *options = NULL;
    if (!describe_video(recorder->video.stream, keyframe->packet) ||
        (recorder->audio.stream && !describe_audio(recorder->audio.stream))) {
        fail(recorder, AVERROR_INVALIDDATA);
        return;
    }
    av_dict_set(&options, "movflags", "empty_moov+default_base_moof", 0);
    av_dict_set(&options, "frag_duration", "1000000", 0);
    int error = avformat_write_header(recorder->format, &options);
    av_dict_free(&options);
    if (error < 0) {
        fail(recorder, error);
        return;
    }
    recorder->header_written = true;
    recorder->began_us = keyframe->arrived_us;
}

/* Time within the track: RTP time since its first packet, whose place is when it arrived. */
static int64_t
track_time(struct dc_recorder *recorder, struct dc_recorder_track *track, const struct dc_recorder_item *item)
{
    int rate_hz = item->video ? 90000 : 48000;
    if (!track->started) {
        track->started = true;
        track->last_rtp_timestamp = item->rtp_timestamp;
        track->offset = av_rescale(item->arrived_us - recorder->began_us, rate_hz, 1000000);
        track->last_dts = -1;
    }
    track->rtp_elapsed += (int32_t)(item->rtp_timestamp - track->last_rtp_timestamp);
    track->last_rtp_timestamp = item->rtp_timestamp;
    int64_t dts = track->offset + track->rtp_elapsed;
    if (dts <= track->last_dts) // MP4 wants rising times
        dts = track->last_dts + 1;
    track->last_dts = dts;
    return dts;
}

static void
write_item(struct dc_recorder *recorder, struct dc_recorder_item *item)
{
    struct dc_recorder_track *track = item->video ? &recorder->video : &recorder->audio;
    AVRational rtp_clock = { 1, item->video ? 90000 : 48000 };
    if (!recorder->header_written && item->video && item->keyframe)
        write_header(recorder, item);
    if (!recorder->header_written || !track->stream)
        return;
    AVPacket *packet = item->packet;
    packet->dts = packet->pts = track_time(recorder, track, item);
    packet->duration = item->duration;
    packet->stream_index = track->stream->index;
    packet->flags = item->keyframe || !item->video ? AV_PKT_FLAG_KEY : 0;
    av_packet_rescale_ts(packet, rtp_clock, track->stream->time_base);
    int error = av_interleaved_write_frame(recorder->format, packet);
    if (error >= 0 && recorder->format->pb->error < 0)
        error = recorder->format->pb->error;
    if (error < 0)
        fail(recorder, error);
    else
        recorder->written_frames += item->video;
}

static void
free_item(struct dc_recorder_item *item)
{
    av_packet_free(&item->packet);
    free(item);
}

static struct dc_recorder_item *
pull(struct dc_recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    while (!recorder->head && !recorder->stop)
        pthread_cond_wait(&recorder->changed, &recorder->lock);
    struct dc_recorder_item *item = recorder->head;
    if (item) {
        recorder->head = item->next;
        recorder->tail = recorder->head ? recorder->tail : NULL;
        recorder->queued_bytes -= (size_t)item->packet->size;
    }
    pthread_mutex_unlock(&recorder->lock);
    return item;
}

static bool
has_failed(struct dc_recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    bool failed = recorder->failed;
    pthread_mutex_unlock(&recorder->lock);
    return failed;
}

static void *
run(void *user)
{
    struct dc_recorder *recorder = user;
    struct dc_recorder_item *item;
    while ((item = pull(recorder))) {
        if (!has_failed(recorder))
            write_item(recorder, item);
        free_item(item);
    }
    return NULL;
}

bool
dc_recorder_start(struct dc_recorder *recorder, const char *path, bool with_audio)
{
    *recorder = (struct dc_recorder){ .path = path };
    av_log_set_level(AV_LOG_FATAL); // the reasons are ours to tell
    if (!open_file(recorder, with_audio)) {
        if (recorder->format)
            avio_closep(&recorder->format->pb);
        avformat_free_context(recorder->format);
        return false;
    }
    pthread_mutex_init(&recorder->lock, NULL);
    pthread_cond_init(&recorder->changed, NULL);
    recorder->thread_runs = pthread_create(&recorder->thread, NULL, run, recorder) == 0;
    return recorder->thread_runs;
}

static void
close_file(struct dc_recorder *recorder)
{
    if (!recorder->header_written && !recorder->failed) {
        dc_error("nothing was recorded to %s: no key frame came", recorder->path);
        recorder->failed = true;
    }
    if (recorder->header_written) {
        int error = av_write_trailer(recorder->format);
        if (error < 0)
            fail(recorder, error);
    }
    int error = avio_closep(&recorder->format->pb);
    if (error < 0)
        fail(recorder, error);
    avformat_free_context(recorder->format);
}

bool
dc_recorder_stop(struct dc_recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    recorder->stop = true;
    pthread_cond_signal(&recorder->changed);
    pthread_mutex_unlock(&recorder->lock);
    if (recorder->thread_runs)
        pthread_join(recorder->thread, NULL);
    close_file(recorder);
    pthread_cond_destroy(&recorder->changed);
    pthread_mutex_destroy(&recorder->lock);
    return !recorder->failed;
}

static void
push(struct dc_recorder *recorder, const struct dc_recorder_item *template, AVPacket *packet)
{
    struct dc_recorder_item *item = packet ? malloc(sizeof(*item)) : NULL;
    if (!item) {
        av_packet_free(&packet);
        fail(recorder, AVERROR(ENOMEM));
        return;
    }
    *item = *template;
    item->packet = packet;
    pthread_mutex_lock(&recorder->lock);
    bool too_slow = recorder->queued_bytes + (size_t)packet->size > MAX_QUEUED_BYTES;
    bool taken = !recorder->failed && !too_slow;
    if (taken) {
        if (recorder->tail)
            recorder->tail->next = item;
        else
            recorder->head = item;
        recorder->tail = item;
        recorder->queued_bytes += (size_t)packet->size;
        pthread_cond_signal(&recorder->changed);
    }
    pthread_mutex_unlock(&recorder->lock);
    if (!taken)
        free_item(item);
    if (too_slow)
        fail(recorder, AVERROR(ETIMEDOUT));
}

void
dc_recorder_push_video(struct dc_recorder *recorder, const AVPacket *packet, bool keyframe, uint32_t rtp_timestamp,
                       int64_t now_us)
{
    struct dc_recorder_item item = { .video = true, .keyframe = keyframe, .rtp_timestamp = rtp_timestamp,
                                     .duration = 0, .arrived_us = now_us };
    push(recorder, &item, av_packet_clone(packet));
}

void
dc_recorder_push_audio(struct dc_recorder *recorder, const uint8_t *data, size_t size_bytes, uint32_t duration,
                       uint32_t rtp_timestamp, int64_t now_us)
{
    struct dc_recorder_item item = { .rtp_timestamp = rtp_timestamp, .duration = duration, .arrived_us = now_us };
    AVPacket *packet = av_packet_alloc();
    if (packet && av_new_packet(packet, (int)size_bytes) == 0)
        memcpy(packet->data, data, size_bytes);
    else
        av_packet_free(&packet);
    push(recorder, &item, packet);
}
