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
    double frames = counters.frames ? (double)counters.frames : 1;
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
    fprintf(file,
            "  \"link\": {\"kind\": \"%s\", \"command_bytes\": %llu, \"wire_bytes_out\": %llu, \"wire_bytes_in\": %llu, "
            "\"bytes_per_frame\": %.1f, \"round_trips\": %llu, \"app_waits\": %llu, \"round_trips_per_frame\": %.4f, "
            "\"app_waits_per_frame\": %.4f, \"image_bytes\": %llu},\n",
            link.kind, (unsigned long long)link.command_bytes, (unsigned long long)link.wire_bytes_out,
            (unsigned long long)link.wire_bytes_in, (double)link.command_bytes / frames,
            (unsigned long long)counters.round_trips, (unsigned long long)counters.app_waits,
            (double)counters.round_trips / frames, (double)counters.app_waits / frames,
            (unsigned long long)instance->images.uploaded_bytes);
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
