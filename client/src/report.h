#ifndef DC_CLIENT_REPORT_H
#define DC_CLIENT_REPORT_H
/* The JSON report and the CSV of one session. */
#include <stdbool.h>

#include "audio.h"
#include "measure.h"
#include "player.h"

/* What was known at one end of the measured time. */
struct dc_report_moment {
    int64_t at_us;
    int64_t client_cpu_us;
    uint64_t received_bytes;
    struct dc_audio_stats audio;
    struct dc_instance_stats instance; // id 0: it did not answer
};

struct dc_report {
    const struct dc_player_welcome *welcome;
    struct dc_report_moment begin, end;
    struct dc_summary summary;
    int64_t round_trip_us, clock_offset_us;
    uint64_t lost_packets, reconnects;
    int64_t longest_outage_us;
    bool has_repair; // a carrier that loses packets; since the session began:
    struct dc_video_repair_counts repair;
    uint64_t frames_refused, frames_asked; // that referred to something lost; requests for others
    const char *screenshot, *video; // paths, NULL: none was written
};

/* false: logged. */
bool dc_report_write(const struct dc_report *report, const char *path);
bool dc_report_write_csv(struct dc_measure *measure, const char *path);

#endif
