#ifndef DC_CLIENT_DECODER_H
#define DC_CLIENT_DECODER_H
/*
 * H.264 → pictures on a thread of its own (libavcodec; slice threads and low delay, so that every access unit gives its
 * picture at once), by hardware where there is some (hardware.h).
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>

#include "hardware.h"
#include "picture.h"

struct dc_decoder_listener {
    void (*handle_picture)(void *user, struct dc_picture *picture); // required; takes ownership; decoder thread
    void (*handle_error)(void *user); // required; decoder thread: no picture, a key frame is needed
};

/* Frames that may wait for the decoder before it gives up and starts anew with a key frame. */
#define DC_DECODER_QUEUE 64

struct dc_decoder_item {
    AVPacket *packet; // owned
    struct dc_frame_record record;
};

struct dc_decoder {
    const struct dc_decoder_listener *listener;
    void *user;
    AVCodecContext *codec; // decoder thread only, once started, as all up to the thread
    _Atomic(const char *) decodes_with; // "software", "vaapi", …; any thread
    struct dc_hardware hardware;
    unsigned hardware_errors; // since its last picture
    pthread_t thread;
    bool thread_runs;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct dc_decoder_item queue[DC_DECODER_QUEUE]; // protected by lock, as all below
    unsigned head, count;
    bool stop, awaits_keyframe;
    uint64_t delayed; // access units that gave no picture at once: 0, or the stream is not low delay
};

/* `kind`: what is tried first; the processor decodes where that is not there, or fails. */
bool dc_decoder_start(struct dc_decoder *decoder, enum dc_decoder_kind kind, const struct dc_decoder_listener *listener,
                      void *user);
void dc_decoder_stop(struct dc_decoder *decoder); // joins
/* Keeps a reference on `packet` (padded, Annex B). false: dropped, a key frame is needed. Any thread. */
bool dc_decoder_push(struct dc_decoder *decoder, const AVPacket *packet, const struct dc_frame_record *record);

#endif
