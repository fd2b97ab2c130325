/* The end of a session: files, a summary for a person, memory. */
#define DC_LOG_COMPONENT "client"
#include "client.h"

#include <math.h>
#include <stdio.h>

#include <common/clock.h>

#include "exit_code.h"
#include "screenshot.h"

static void
set_output_failed(struct dc_client *client)
{
    if (!client->exit_code)
        client->exit_code = DC_EXIT_OUTPUT;
}

static void
write_screenshot(struct dc_client *client)
{
    const AVFrame *frame = client->screenshot ? client->screenshot : client->shown ? client->shown->frame : NULL;
    const char *path = client->options->screenshot;
    if (!path)
        return;
    if (!frame)
        fprintf(stderr, "dc-client: no screenshot: no picture came\n");
    if (frame && dc_screenshot_write(path, frame))
        client->report.screenshot = path;
    else
        set_output_failed(client);
}

static void
write_recording(struct dc_client *client)
{
    if (!client->records)
        return;
    if (dc_recorder_stop(&client->recorder))
        client->report.video = client->options->record;
    else
        set_output_failed(client);
}

static void
print_summary(const struct dc_client *client)
{
    const struct dc_summary *s = &client->report.summary;
    printf("%llu frames in %.1f s: %.1f FPS, 1 %% low %.1f", (unsigned long long)s->frames_displayed, s->seconds,
           s->fps_mean, s->fps_1pct_low);
    if (s->input_count)
        printf("; input to present p50 %.1f ms, p95 %.1f ms over %llu", s->input_p50_ms, s->input_p95_ms,
               (unsigned long long)s->input_count);
    printf("\n");
}

static void
write_report(struct dc_client *client)
{
    struct dc_report *report = &client->report;
    if (!client->first_frame_us)
        return;
    if (!report->begin.at_us) // ended before the warm-up was over: everything counts
        report->begin.at_us = client->first_frame_us;
    if (!report->end.at_us) {
        report->end.at_us = dc_clock_now_us();
        report->end.client_cpu_us = dc_clock_process_cpu_us();
        report->end.received_bytes = client->player.received_bytes;
        dc_audio_get_stats(&client->audio, &report->end.audio);
    }
    report->welcome = &client->player.welcome;
    report->round_trip_us = client->player.round_trip_us;
    report->clock_offset_us = client->player.clock_offset_us;
    report->reconnects = client->player.reconnects;
    report->longest_outage_us = client->player.longest_outage_us;
    report->lost_packets = client->player.lost_packets;
    report->has_repair = dc_video_repair_is_on(&client->player.repair);
    if (report->has_repair)
        dc_video_repair_get_counts(&client->player.repair, &report->repair);
    report->frames_refused = client->player.gate.refused;
    report->frames_asked = client->player.gate.asked;
    dc_measure_summarise(&client->measure, report->begin.at_us, report->end.at_us, &report->summary);
    print_summary(client);
    if (client->options->report && !dc_report_write(report, client->options->report))
        set_output_failed(client);
    if (client->options->csv && !dc_report_write_csv(&client->measure, client->options->csv))
        set_output_failed(client);
}

int
dc_client_finish(struct dc_client *client)
{
    // The connection is drained after the numbers were taken and before slow files are written: the game need not wait.
    if (client->player_opened)
        dc_player_stop(&client->player);
    if (client->decoder_runs)
        dc_decoder_stop(&client->decoder);
    write_recording(client);
    if (client->dump.failed)
        set_output_failed(client);
    dc_y4m_close(&client->dump);
    write_screenshot(client);
    write_report(client);
    if (client->player_opened)
        dc_player_finish(&client->player);
    dc_script_finish(&client->script);
    dc_picture_destroy(client->shown);
    av_frame_free(&client->screenshot);
    dc_picture_slot_finish(&client->slot);
    dc_audio_finish(&client->audio);
    dc_measure_finish(&client->measure);
    return client->exit_code;
}
