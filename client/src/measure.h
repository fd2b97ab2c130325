#ifndef DC_CLIENT_MEASURE_H
#define DC_CLIENT_MEASURE_H
/*
 * What happened to each frame and to each input event. Fed by the decoder's and the main thread; every function is
 * thread-safe.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <common/frame.h>

#include "statistics.h"

/* The way of a frame, in order; each stage is the time between two neighbouring stamps. */
enum dc_stage {
    DC_STAGE_SWAP,    // app: first GL command → eglSwapBuffers
    DC_STAGE_QUEUE,   // → the compositor's present
    DC_STAGE_RENDER,  // → commands executed, picture complete
    DC_STAGE_CONVERT, // → YUV
    DC_STAGE_ENCODE,  // → packet
    DC_STAGE_SEND,    // → last byte handed to the client's socket
    DC_STAGE_NETWORK, // → last byte here (the clocks meet here: offset by exchange)
    DC_STAGE_DECODE,  // → picture
    DC_STAGE_PRESENT, // → on screen
    DC_STAGE_COUNT,
};
extern const char *const dc_stage_names[DC_STAGE_COUNT];

struct dc_frame_record {
    uint64_t frame_id; // 0: the frame said nothing about itself
    size_t size_bytes;
    bool keyframe;
    bool presented; // false: a newer one came first
    bool hidden;    // it refers to something lost: decoded, and not to be shown
    struct dc_frame_times times;                                // the instance's clock
    int64_t clock_offset_us;                                    // instance − client, when it came
    int64_t first_packet_us, last_packet_us, decoded_us, presented_us; // ours
    uint32_t input_id_count;
    uint64_t input_ids[DC_FRAME_MAX_INPUT_IDS];
    int64_t input_to_present_us; // of the oldest input that it shows; -1: it shows none
};

struct dc_measure {
    pthread_mutex_t lock;
    bool keeps_all;
    struct dc_frame_record *frames; // owned; protected by lock, as all below
    size_t frame_count, frame_capacity;
    uint64_t skipped, presented; // since the start, whatever is kept
    int64_t *input_sent_us;      // owned; ring by id
    uint64_t *input_ids;         // owned; which id lies in which place, 0: none or answered
    struct {                     // inputs of frames that were skipped: the next one presented shows their effect
        uint32_t count;
        uint64_t ids[64];
    } carried;
    struct input_latency {
        int64_t presented_us, latency_us;
    } *latencies; // owned
    size_t latency_count, latency_capacity;
};

/* `keeps_all`: for a report; otherwise only the last seconds are kept, for the overlay. */
bool dc_measure_init(struct dc_measure *measure, bool keeps_all);
void dc_measure_finish(struct dc_measure *measure);
void dc_measure_input_sent(struct dc_measure *measure, uint64_t id, int64_t sent_us);
/* A decoded frame that nobody will see. */
void dc_measure_frame_skipped(struct dc_measure *measure, const struct dc_frame_record *record);
/* `record->presented_us` is set. */
void dc_measure_frame_presented(struct dc_measure *measure, const struct dc_frame_record *record);

/* Stage of a frame in ms, NaN where a stamp is missing. */
double dc_frame_record_stage_ms(const struct dc_frame_record *record, enum dc_stage stage);

struct dc_summary {
    double seconds, fps_mean, fps_1pct_low;
    uint64_t frames_displayed, frames_skipped;
    double frame_time_p50_ms, frame_time_p95_ms, frame_time_p99_ms, frame_time_max_ms; // NaN: none
    struct dc_jank jank;
    struct { double p50_ms, p95_ms; } stages[DC_STAGE_COUNT];
    double input_p50_ms, input_p95_ms, input_p99_ms;
    uint64_t input_count;
    uint64_t video_bytes;
};
/* Of what was presented in [begin_us, end_us). */
void dc_measure_summarise(struct dc_measure *measure, int64_t begin_us, int64_t end_us, struct dc_summary *summary);

#endif
