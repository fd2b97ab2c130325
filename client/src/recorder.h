#ifndef DC_CLIENT_RECORDER_H
#define DC_CLIENT_RECORDER_H
/*
 * Picture and sound as they arrived, into an MP4, not encoded again, on a thread of its own: a slow disk delays
 * nothing, a full one ends the recording and nothing else. Fragments of a second each, so that a file whose disk ran
 * full can be played up to there.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

struct dc_recorder_item {
    struct dc_recorder_item *next;
    AVPacket *packet; // owned
    bool video, keyframe;
    uint32_t rtp_timestamp, duration; // 90 kHz or 48 kHz
    int64_t arrived_us;
};

struct dc_recorder {
    const char *path; // borrowed
    pthread_t thread;
    bool thread_runs;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct dc_recorder_item *head, *tail; // protected by lock, as all up to the next comment
    size_t queued_bytes;
    bool stop, failed;
    AVFormatContext *format; // recorder thread only, as all below
    bool header_written;
    struct dc_recorder_track {
        AVStream *stream;
        bool started;
        uint32_t last_rtp_timestamp;
        int64_t rtp_elapsed, offset; // in the RTP clock, since the track's first packet; where that lies
        int64_t last_dts;
    } video, audio;
    int64_t began_us; // arrival of the first key frame
    uint64_t written_frames;
};

/* false: logged. `with_audio`: the session has sound. */
bool dc_recorder_start(struct dc_recorder *recorder, const char *path, bool with_audio);
/* Writes what is queued, closes the file; false: something could not be written (logged when it happened). */
bool dc_recorder_stop(struct dc_recorder *recorder);
/* Keep a reference on the packet. Network thread. */
void dc_recorder_push_video(struct dc_recorder *recorder, const AVPacket *packet, bool keyframe, uint32_t rtp_timestamp,
                            int64_t now_us);
void dc_recorder_push_audio(struct dc_recorder *recorder, const uint8_t *data, size_t size_bytes, uint32_t duration,
                            uint32_t rtp_timestamp, int64_t now_us);

#endif
