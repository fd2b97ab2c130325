#define DC_LOG_COMPONENT "client"
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include <common/log.h>

#define SILENCE_DBFS -120.0

/* Three digits after the point are what the clocks are worth. NaN: null. */
static json_t *
number(double value)
{
    return isfinite(value) ? json_real(round(value * 1000) / 1000) : json_null();
}

static void
set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static json_t *
text_or_null(const char *text)
{
    return text && *text ? json_string(text) : json_null();
}

static json_t *
stages(const struct dc_summary *summary)
{
    json_t *all = json_object();
    for (int i = 0; i < DC_STAGE_COUNT; i++) {
        json_t *stage = json_object();
        set(stage, "p50", number(summary->stages[i].p50_ms));
        set(stage, "p95", number(summary->stages[i].p95_ms));
        set(all, dc_stage_names[i], stage);
    }
    return all;
}

static json_t *
input_to_present(const struct dc_summary *summary)
{
    json_t *input = json_object();
    set(input, "p50", number(summary->input_p50_ms));
    set(input, "p95", number(summary->input_p95_ms));
    set(input, "p99", number(summary->input_p99_ms));
    set(input, "n", json_integer((json_int_t)summary->input_count));
    return input;
}

static json_t *
frame_times(const struct dc_summary *summary)
{
    json_t *times = json_object();
    set(times, "p50", number(summary->frame_time_p50_ms));
    set(times, "p95", number(summary->frame_time_p95_ms));
    set(times, "p99", number(summary->frame_time_p99_ms));
    set(times, "max", number(summary->frame_time_max_ms));
    return times;
}

static json_t *
jank(const struct dc_summary *summary)
{
    json_t *object = json_object();
    set(object, "jank", json_integer(summary->jank.jank));
    set(object, "big_jank", json_integer(summary->jank.big_jank));
    set(object, "stutter", number(summary->jank.stutter));
    return object;
}

static json_t *
audio(const struct dc_report *report)
{
    const struct dc_audio_stats *a = &report->begin.audio, *b = &report->end.audio;
    double samples = (double)(b->samples - a->samples);
    double mean = samples > 0 ? (b->energy - a->energy) / samples : 0;
    double rms_dbfs = mean > 0 ? 10 * log10(mean) : SILENCE_DBFS;
    json_t *object = json_object();
    set(object, "packets", json_integer((json_int_t)(b->packets - a->packets)));
    set(object, "lost", json_integer((json_int_t)(b->lost - a->lost)));
    set(object, "underruns", json_integer((json_int_t)(b->underruns - a->underruns)));
    set(object, "rms_dbfs", number(rms_dbfs > SILENCE_DBFS ? rms_dbfs : SILENCE_DBFS));
    return object;
}

static bool
has_instance_stats(const struct dc_report *report)
{
    return report->begin.instance.id && report->end.instance.id > report->begin.instance.id;
}

static json_t *
per_frame(const struct dc_report *report, uint64_t before, uint64_t after)
{
    uint64_t frames = report->end.instance.frames - report->begin.instance.frames;
    if (!has_instance_stats(report) || !frames)
        return json_null();
    return number((double)(int64_t)(after - before) / (double)frames);
}

static json_t *
link_numbers(const struct dc_report *report)
{
    const struct dc_instance_stats *a = &report->begin.instance, *b = &report->end.instance;
    json_t *object = json_object();
    set(object, "kind", text_or_null(b->link_kind));
    set(object, "bytes_per_frame", per_frame(report, a->link_bytes, b->link_bytes));
    set(object, "bytes_per_frame_raw", per_frame(report, a->link_bytes, b->link_bytes));
    set(object, "bytes_per_frame_wire", per_frame(report, a->link_wire_bytes, b->link_wire_bytes));
    set(object, "round_trips_per_frame", per_frame(report, a->round_trips, b->round_trips));
    set(object, "app_waits_per_frame", per_frame(report, a->app_waits, b->app_waits));
    return object;
}

static json_t *
percent(int64_t cpu_us, int64_t wall_us)
{
    return wall_us > 0 ? number(100.0 * (double)cpu_us / (double)wall_us) : json_null();
}

static json_t *
cpu(const struct dc_report *report)
{
    const struct dc_instance_stats *a = &report->begin.instance, *b = &report->end.instance;
    int64_t wall_us = has_instance_stats(report) ? b->time_us - a->time_us : 0;
    json_t *object = json_object();
    set(object, "app", percent(b->app_cpu_us - a->app_cpu_us, wall_us));
    set(object, "instance", percent(b->instance_cpu_us - a->instance_cpu_us, wall_us));
    set(object, "worker", percent(b->worker_cpu_us - a->worker_cpu_us, wall_us));
    set(object, "client", percent(report->end.client_cpu_us - report->begin.client_cpu_us,
                                  report->end.at_us - report->begin.at_us));
    return object;
}

static json_t *
recovery(const struct dc_report *report)
{
    json_t *object = json_object();
    if (!report->has_repair) {
        json_decref(object);
        return json_null();
    }
    set(object, "packets", json_integer((json_int_t)report->repair.received));
    set(object, "packets_resent", json_integer((json_int_t)report->repair.resent));
    set(object, "parity_packets", json_integer((json_int_t)report->repair.parity));
    set(object, "packets_recovered", json_integer((json_int_t)report->repair.recovered));
    set(object, "frames_refused", json_integer((json_int_t)report->frames_refused));
    set(object, "frames_asked", json_integer((json_int_t)report->frames_asked));
    return object;
}

static double
bitrate_kbps(const struct dc_report *report)
{
    uint64_t bytes = report->end.received_bytes - report->begin.received_bytes;
    return report->summary.seconds > 0 ? (double)bytes * 8 / 1000 / report->summary.seconds : 0;
}

static json_t *
build(const struct dc_report *report)
{
    const struct dc_summary *s = &report->summary;
    json_t *root = json_object();
    set(root, "instance", json_string(report->welcome->instance));
    set(root, "app", text_or_null(report->end.instance.app));
    set(root, "renderer", text_or_null(report->end.instance.renderer));
    set(root, "runtime", text_or_null(report->end.instance.runtime));
    set(root, "width", json_integer(report->welcome->width));
    set(root, "height", json_integer(report->welcome->height));
    set(root, "seconds", number(s->seconds));
    set(root, "fps_mean", number(s->fps_mean));
    set(root, "fps_1pct_low", number(s->fps_1pct_low));
    set(root, "frames_displayed", json_integer((json_int_t)s->frames_displayed));
    set(root, "frames_skipped", json_integer((json_int_t)s->frames_skipped));
    set(root, "frame_time_ms", frame_times(s));
    set(root, "jank", jank(s));
    set(root, "input_to_present_ms", input_to_present(s));
    set(root, "stages_ms", stages(s));
    set(root, "bitrate_kbps", number(bitrate_kbps(report)));
    set(root, "packets_lost", json_integer((json_int_t)report->lost_packets));
    set(root, "recovery", recovery(report));
    set(root, "reconnects", json_integer((json_int_t)report->reconnects));
    set(root, "longest_outage_ms", number((double)report->longest_outage_us / 1000));
    set(root, "round_trip_ms", number((double)report->round_trip_us / 1000));
    set(root, "clock_offset_ms", number((double)report->clock_offset_us / 1000));
    set(root, "audio", audio(report));
    set(root, "link", link_numbers(report));
    set(root, "cpu_percent", cpu(report));
    set(root, "screenshot", text_or_null(report->screenshot));
    set(root, "video", text_or_null(report->video));
    return root;
}

static bool
close_file(FILE *file, const char *path, bool written)
{
    int error = errno;
    if (file && fclose(file) && written) {
        error = errno;
        written = false;
    }
    if (!written)
        dc_error("cannot write %s: %s", path, strerror(error ? error : EIO));
    return written;
}

bool
dc_report_write(const struct dc_report *report, const char *path)
{
    json_t *root = build(report);
    errno = 0;
    FILE *file = fopen(path, "w");
    bool written = file && json_dumpf(root, file, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) == 0 &&
                   fputc('\n', file) != EOF && fflush(file) == 0;
    json_decref(root);
    return close_file(file, path, written);
}

static void
write_ms(FILE *file, double ms)
{
    if (isnan(ms))
        fputc(',', file);
    else
        fprintf(file, ",%.3f", ms);
}

static void
write_line(FILE *file, const struct dc_frame_record *f, int64_t start_us, int64_t last_us)
{
    int64_t at_us = f->presented ? f->presented_us : f->decoded_us;
    fprintf(file, "%" PRIu64 ",%.6f,%d,%d,%zu", f->frame_id, (double)(at_us - start_us) / 1e6, f->presented, f->keyframe,
            f->size_bytes);
    write_ms(file, f->presented && last_us ? (double)(f->presented_us - last_us) / 1000 : NAN);
    for (int stage = 0; stage < DC_STAGE_COUNT; stage++)
        write_ms(file, dc_frame_record_stage_ms(f, (enum dc_stage)stage));
    write_ms(file, f->presented && f->input_to_present_us >= 0 ? (double)f->input_to_present_us / 1000 : NAN);
    fputc('\n', file);
}

bool
dc_report_write_csv(struct dc_measure *measure, const char *path)
{
    errno = 0;
    FILE *file = fopen(path, "w");
    if (!file)
        return close_file(file, path, false);
    fputs("frame_id,time_s,presented,keyframe,size_bytes,frame_time_ms", file);
    for (int stage = 0; stage < DC_STAGE_COUNT; stage++)
        fprintf(file, ",%s_ms", dc_stage_names[stage]);
    fputs(",input_to_present_ms\n", file);
    pthread_mutex_lock(&measure->lock);
    int64_t start_us = measure->frame_count ? measure->frames[0].decoded_us : 0, last_us = 0;
    for (size_t i = 0; i < measure->frame_count; i++) {
        write_line(file, &measure->frames[i], start_us, last_us);
        if (measure->frames[i].presented)
            last_us = measure->frames[i].presented_us;
    }
    pthread_mutex_unlock(&measure->lock);
    return close_file(file, path, !ferror(file) && fflush(file) == 0);
}
