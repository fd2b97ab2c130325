#ifndef DC_SUPERVISOR_STEADY_H
#define DC_SUPERVISOR_STEADY_H
/*
 * What the link carried once the application had loaded: totals are noted at times while --report is given, and the report
 * tells the difference between the middle of the instance's life and its end. At most 64 notes, ever further apart.
 */
#include <stdbool.h>
#include <stdint.h>

#define DC_STEADY_NOTES 64u

struct dc_steady_note {
    int64_t time_us;
    uint64_t frames, round_trips, app_waits, command_bytes, wire_bytes;
};

struct dc_steady {
    struct dc_steady_note notes[DC_STEADY_NOTES]; // oldest first
    uint32_t count;
    uint32_t skip, skipped; // of those that are offered
};

/* Zeroed is empty. */
void dc_steady_add(struct dc_steady *steady, const struct dc_steady_note *note);
/* From the first note in the later half of [start, end] to `end`; without one, from the start. */
struct dc_steady_note dc_steady_since_middle(const struct dc_steady *steady, int64_t start_us,
                                             const struct dc_steady_note *end);

#endif
