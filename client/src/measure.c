#include "measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_FRAMES 1024   // without a report: enough for an overlay's last seconds
#define INPUTS 8192        // input events that may be under way
#define CARRIED_MAX (sizeof(((struct dc_measure *)0)->carried.ids) / sizeof(uint64_t))

const char *const dc_stage_names[DC_STAGE_COUNT] = {
    "swap", "queue", "render", "convert", "encode", "send", "network", "decode", "present",
};

bool
dc_measure_init(struct dc_measure *measure, bool keeps_all)
{
    *measure = (struct dc_measure){ .keeps_all = keeps_all };
    pthread_mutex_init(&measure->lock, NULL);
    measure->input_sent_us = calloc(INPUTS, sizeof(*measure->input_sent_us));
    measure->input_ids = calloc(INPUTS, sizeof(*measure->input_ids));
    return measure->input_sent_us && measure->input_ids;
}

void
dc_measure_finish(struct dc_measure *measure)
{
    free(measure->frames);
    free(measure->latencies);
    free(measure->input_sent_us);
    free(measure->input_ids);
    pthread_mutex_destroy(&measure->lock);
}

void
dc_measure_input_sent(struct dc_measure *measure, uint64_t id, int64_t sent_us)
{
    pthread_mutex_lock(&measure->lock);
    measure->input_ids[id % INPUTS] = id;
    measure->input_sent_us[id % INPUTS] = sent_us;
    pthread_mutex_unlock(&measure->lock);
}

/* Grows an array, or, where only the last ones are kept, makes room by forgetting the older half. */
static void *
make_room(void *array, size_t item_bytes, size_t *count, size_t *capacity, bool keeps_all)
{
    if (*count < *capacity)
        return array;
    if (!keeps_all && *capacity >= KEPT_FRAMES) {
        size_t half = *count / 2;
        memmove(array, (char *)array + half * item_bytes, (*count - half) * item_bytes);
        *count -= half;
        return array;
    }
    size_t grown = *capacity ? 2 * *capacity : 256;
    void *bigger = realloc(array, grown * item_bytes);
    if (!bigger) { // the numbers suffer, the session does not
        *count = *count ? *count - 1 : 0;
        return array;
    }
    *capacity = grown;
    return bigger;
}

static void
add_record(struct dc_measure *measure, const struct dc_frame_record *record)
{
    measure->frames = make_room(measure->frames, sizeof(*record), &measure->frame_count, &measure->frame_capacity,
                                measure->keeps_all);
    if (measure->frame_count < measure->frame_capacity)
        measure->frames[measure->frame_count++] = *record;
}

void
dc_measure_frame_skipped(struct dc_measure *measure, const struct dc_frame_record *record)
{
    pthread_mutex_lock(&measure->lock);
    measure->skipped++;
    for (uint32_t i = 0; i < record->input_id_count && measure->carried.count < CARRIED_MAX; i++)
        measure->carried.ids[measure->carried.count++] = record->input_ids[i];
    add_record(measure, record);
    pthread_mutex_unlock(&measure->lock);
}

/* An id counts once: for the first frame on screen that carries it. */
static void
answer_input(struct dc_measure *measure, uint64_t id, struct dc_frame_record *record)
{
    if (id == 0 || measure->input_ids[id % INPUTS] != id)
        return;
    measure->input_ids[id % INPUTS] = 0;
    int64_t latency_us = record->presented_us - measure->input_sent_us[id % INPUTS];
    if (latency_us > record->input_to_present_us)
        record->input_to_present_us = latency_us;
    measure->latencies = make_room(measure->latencies, sizeof(*measure->latencies), &measure->latency_count,
                                   &measure->latency_capacity, measure->keeps_all);
    if (measure->latency_count < measure->latency_capacity)
        measure->latencies[measure->latency_count++] = (struct input_latency){ record->presented_us, latency_us };
}

void
dc_measure_frame_presented(struct dc_measure *measure, const struct dc_frame_record *presented)
{
    struct dc_frame_record record = *presented;
    record.presented = true;
    record.input_to_present_us = -1;
    pthread_mutex_lock(&measure->lock);
    measure->presented++;
    for (uint32_t i = 0; i < measure->carried.count; i++)
        answer_input(measure, measure->carried.ids[i], &record);
    measure->carried.count = 0;
    for (uint32_t i = 0; i < record.input_id_count; i++)
        answer_input(measure, record.input_ids[i], &record);
    add_record(measure, &record);
    pthread_mutex_unlock(&measure->lock);
}

static double
difference_ms(int64_t from_us, int64_t to_us)
{
    return from_us && to_us ? (double)(to_us - from_us) / 1000 : NAN;
}

double
dc_frame_record_stage_ms(const struct dc_frame_record *record, enum dc_stage stage)
{
    const struct dc_frame_times *t = &record->times;
    // Parity does not bring a packet's send time back: what it waited before counts as the network's then.
    int64_t left_us = t->send_us ? t->send_us : t->encode_us;
    int64_t send_us = left_us ? left_us - record->clock_offset_us : 0;
    switch (stage) {
    case DC_STAGE_SWAP: return difference_ms(t->first_command_us, t->swap_us);
    case DC_STAGE_QUEUE: return difference_ms(t->swap_us, t->present_us);
    case DC_STAGE_RENDER: return difference_ms(t->present_us, t->execute_us);
    case DC_STAGE_CONVERT: return difference_ms(t->execute_us, t->convert_us);
    case DC_STAGE_ENCODE: return difference_ms(t->convert_us, t->encode_us);
    case DC_STAGE_SEND: return difference_ms(t->encode_us, t->send_us);
    case DC_STAGE_NETWORK: return difference_ms(send_us, record->last_packet_us);
    case DC_STAGE_DECODE: return difference_ms(record->last_packet_us, record->decoded_us);
    case DC_STAGE_PRESENT: return difference_ms(record->decoded_us, record->presented_us);
    default: return NAN;
    }
}

static void
summarise_frames(const struct dc_measure *measure, int64_t begin_us, int64_t end_us, struct dc_summary *summary)
{
    struct dc_series frame_times = { 0 };
    int64_t last_us = 0;
    for (size_t i = 0; i < measure->frame_count; i++) {
        const struct dc_frame_record *f = &measure->frames[i];
        int64_t at_us = f->presented ? f->presented_us : f->decoded_us;
        if (at_us >= begin_us && at_us < end_us) {
            summary->video_bytes += f->size_bytes;
            summary->frames_skipped += !f->presented;
            summary->frames_displayed += f->presented;
            if (f->presented && last_us)
                dc_series_add(&frame_times, (double)(f->presented_us - last_us) / 1000);
        }
        if (f->presented)
            last_us = f->presented_us;
    }
    summary->fps_mean = summary->seconds > 0 ? (double)summary->frames_displayed / summary->seconds : 0;
    summary->jank = dc_jank_count(frame_times.values, frame_times.count);
    dc_series_sort(&frame_times);
    summary->fps_1pct_low = dc_fps_1pct_low(&frame_times);
    summary->frame_time_p50_ms = dc_series_percentile(&frame_times, 50);
    summary->frame_time_p95_ms = dc_series_percentile(&frame_times, 95);
    summary->frame_time_p99_ms = dc_series_percentile(&frame_times, 99);
    summary->frame_time_max_ms = dc_series_percentile(&frame_times, 100);
    dc_series_finish(&frame_times);
}

static void
summarise_stages(const struct dc_measure *measure, int64_t begin_us, int64_t end_us, struct dc_summary *summary)
{
    for (int stage = 0; stage < DC_STAGE_COUNT; stage++) {
        struct dc_series series = { 0 };
        for (size_t i = 0; i < measure->frame_count; i++) {
            const struct dc_frame_record *f = &measure->frames[i];
            double ms = dc_frame_record_stage_ms(f, (enum dc_stage)stage);
            if (f->presented && f->presented_us >= begin_us && f->presented_us < end_us && !isnan(ms))
                dc_series_add(&series, ms);
        }
        dc_series_sort(&series);
        summary->stages[stage].p50_ms = dc_series_percentile(&series, 50);
        summary->stages[stage].p95_ms = dc_series_percentile(&series, 95);
        dc_series_finish(&series);
    }
}

static void
summarise_inputs(const struct dc_measure *measure, int64_t begin_us, int64_t end_us, struct dc_summary *summary)
{
    struct dc_series series = { 0 };
    for (size_t i = 0; i < measure->latency_count; i++) {
        const struct input_latency *l = &measure->latencies[i];
        if (l->presented_us >= begin_us && l->presented_us < end_us)
            dc_series_add(&series, (double)l->latency_us / 1000);
    }
    dc_series_sort(&series);
    summary->input_count = series.count;
    summary->input_p50_ms = dc_series_percentile(&series, 50);
    summary->input_p95_ms = dc_series_percentile(&series, 95);
    summary->input_p99_ms = dc_series_percentile(&series, 99);
    dc_series_finish(&series);
}

void
dc_measure_summarise(struct dc_measure *measure, int64_t begin_us, int64_t end_us, struct dc_summary *summary)
{
    *summary = (struct dc_summary){ .seconds = (double)(end_us - begin_us) / 1e6 };
    pthread_mutex_lock(&measure->lock);
    summarise_frames(measure, begin_us, end_us, summary);
    summarise_stages(measure, begin_us, end_us, summary);
    summarise_inputs(measure, begin_us, end_us, summary);
    pthread_mutex_unlock(&measure->lock);
}
