/* Figures of the instance's whole life: --report, and the application's processor time. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define DC_LOG_COMPONENT "instance"
#include <common/clock.h>
#include <common/log.h>
#include <instance/link/link.h>
#include <vhal/audio.h>

#include "instance.h"
#include "process_tree.h"

#define STEADY_NOTE_MS 250

int64_t
dc_stats_app_cpu_us(const struct dc_instance *instance)
{
    struct rusage reaped = { 0 };
    getrusage(RUSAGE_CHILDREN, &reaped);
    int64_t reaped_us = (int64_t)(reaped.ru_utime.tv_sec + reaped.ru_stime.tv_sec) * 1000000 + reaped.ru_utime.tv_usec +
                        reaped.ru_stime.tv_usec;
    return reaped_us + dc_process_tree_cpu_us(instance->render.pid);
}

static void
write_string(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(file, "\\%c", c);
        else if (c < 0x20)
            fprintf(file, "\\u%04x", c);
        else
            fputc(c, file);
    }
    fputc('"', file);
}

uint64_t
dc_stats_wire_bytes(const struct dc_link_stats *link)
{
    return link->wire_bytes_out ? link->wire_bytes_out : link->command_bytes;
}

static struct dc_steady_note
note_now(const struct dc_instance *instance)
{
    struct dc_frontend_counters counters;
    struct dc_link_stats link = { .kind = "none" };
    dc_frontend_server_get_counters(&instance->frontends, &counters);
    if (instance->link)
        dc_link_get_stats(instance->link, &link);
    return (struct dc_steady_note){ dc_clock_now_us(),   counters.frames,    counters.round_trips,
                                    counters.app_waits,  link.command_bytes, dc_stats_wire_bytes(&link) };
}

static void
handle_steady_timer(uv_timer_t *timer)
{
    struct dc_instance *instance = timer->data;
    struct dc_steady_note note = note_now(instance);
    dc_steady_add(&instance->steady, &note);
}

void
dc_report_start(struct dc_instance *instance)
{
    if (instance->options->report)
        uv_timer_start(&instance->steady_timer, handle_steady_timer, STEADY_NOTE_MS, STEADY_NOTE_MS);
}

static void
write_link(FILE *file, const struct dc_link_stats *link, const struct dc_frontend_counters *counters,
           uint64_t image_bytes)
{
    double frames = counters->frames ? (double)counters->frames : 1;
    fprintf(file,
            "  \"link\": {\"kind\": \"%s\", \"command_bytes\": %llu, \"wire_bytes_out\": %llu, "
            "\"wire_bytes_in\": %llu, \"bulk_bytes\": %llu, \"bulk_wire_bytes\": %llu, ",
            link->kind, (unsigned long long)link->command_bytes, (unsigned long long)link->wire_bytes_out,
            (unsigned long long)link->wire_bytes_in, (unsigned long long)link->bulk_bytes,
            (unsigned long long)link->bulk_wire_bytes);
    fprintf(file,
            "\"bytes_per_frame\": %.1f, \"bytes_per_frame_raw\": %.1f, \"bytes_per_frame_wire\": %.1f, "
            "\"round_trips\": %llu, \"app_waits\": %llu, \"round_trips_per_frame\": %.4f, "
            "\"app_waits_per_frame\": %.4f, \"image_bytes\": %llu},\n",
            (double)link->command_bytes / frames, (double)link->command_bytes / frames,
            (double)dc_stats_wire_bytes(link) / frames, (unsigned long long)counters->round_trips,
            (unsigned long long)counters->app_waits, (double)counters->round_trips / frames,
            (double)counters->app_waits / frames, (unsigned long long)image_bytes);
}

static void
write_steady(FILE *file, const struct dc_instance *instance)
{
    struct dc_steady_note end = note_now(instance);
    struct dc_steady_note s = dc_steady_since_middle(&instance->steady, instance->start_us, &end);
    fprintf(file,
            "  \"steady\": {\"seconds\": %.3f, \"frames\": %llu, \"round_trips\": %llu, \"app_waits\": %llu, "
            "\"command_bytes\": %llu, \"wire_bytes\": %llu},\n",
            (double)s.time_us / 1e6, (unsigned long long)s.frames, (unsigned long long)s.round_trips,
            (unsigned long long)s.app_waits, (unsigned long long)s.command_bytes, (unsigned long long)s.wire_bytes);
}

static void
write_body(FILE *file, const struct dc_instance *instance)
{
    struct dc_frontend_counters counters;
    struct dc_link_stats link = { .kind = "none" };
    struct dc_audio_hal_stats audio = { 0 };
    dc_frontend_server_get_counters(&instance->frontends, &counters);
    if (instance->link)
        dc_link_get_stats(instance->link, &link);
    if (instance->audio)
        dc_audio_hal_get_stats(instance->audio, &audio);
    int64_t wall_us = dc_clock_now_us() - instance->start_us;
    double per_cent = wall_us > 0 ? 100.0 / (double)wall_us : 0;
    fputs("{\n  \"instance\": ", file);
    write_string(file, instance->options->name);
    fputs(",\n  \"app\": ", file);
    write_string(file, instance->options->app[0]);
    fputs(",\n  \"renderer\": ", file);
    write_string(file, instance->gpu);
    fputs(",\n  \"reason\": ", file);
    write_string(file, instance->reason);
    fprintf(file, ",\n  \"exit_status\": %d,\n  \"seconds\": %.3f,\n", instance->exit_status, (double)wall_us / 1e6);
    fprintf(file, "  \"frames\": %llu,\n  \"presents\": %llu,\n  \"frames_encoded\": %llu,\n  \"clients\": %llu,\n",
            (unsigned long long)counters.frames, (unsigned long long)instance->presents,
            (unsigned long long)instance->worker.frames_encoded, (unsigned long long)instance->clients);
    write_link(file, &link, &counters, instance->images.uploaded_bytes);
    write_steady(file, instance);
    fprintf(file, "  \"audio\": {\"periods\": %llu, \"underruns\": %llu, \"streams\": %llu},\n",
            (unsigned long long)audio.periods, (unsigned long long)audio.underruns,
            (unsigned long long)audio.streams_opened);
    fprintf(file, "  \"input\": {\"events\": %llu, \"dropped\": %llu},\n",
            (unsigned long long)instance->hub.stats.events, (unsigned long long)instance->hub.stats.dropped);
    fprintf(file, "  \"cpu_percent\": {\"app\": %.2f, \"instance\": %.2f, \"worker\": %.2f}\n}\n",
            (double)dc_stats_app_cpu_us(instance) * per_cent, (double)dc_clock_process_cpu_us() * per_cent,
            (double)instance->worker.cpu_us * per_cent);
}

void
dc_report_write(const struct dc_instance *instance)
{
    const char *path = instance->options->report;
    if (!path)
        return;
    FILE *file = fopen(path, "we");
    if (!file) {
        dc_error("report %s: %s", path, strerror(errno));
        return;
    }
    write_body(file, instance);
    bool failed = ferror(file);
    if (fclose(file) != 0 || failed)
        dc_error("report %s: %s", path, strerror(errno));
}
