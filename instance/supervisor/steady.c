#include "steady.h"

void
dc_steady_add(struct dc_steady *steady, const struct dc_steady_note *note)
{
    if (steady->skipped++ < steady->skip)
        return;
    steady->skipped = 0;
    if (steady->count == DC_STEADY_NOTES) {
        for (uint32_t i = 0; i < DC_STEADY_NOTES / 2; i++)
            steady->notes[i] = steady->notes[2 * i + 1];
        steady->count = DC_STEADY_NOTES / 2;
        steady->skip = 2 * steady->skip + 1;
    }
    steady->notes[steady->count++] = *note;
}

struct dc_steady_note
dc_steady_since_middle(const struct dc_steady *steady, int64_t start_us, const struct dc_steady_note *end)
{
    struct dc_steady_note from = { .time_us = start_us };
    for (uint32_t i = 0; i < steady->count; i++) {
        if (steady->notes[i].time_us - start_us >= end->time_us - steady->notes[i].time_us) {
            from = steady->notes[i];
            break;
        }
    }
    return (struct dc_steady_note){ end->time_us - from.time_us,         end->frames - from.frames,
                                    end->round_trips - from.round_trips, end->app_waits - from.app_waits,
                                    end->command_bytes - from.command_bytes, end->wire_bytes - from.wire_bytes };
}
