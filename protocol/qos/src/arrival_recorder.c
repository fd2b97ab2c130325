#include <protocol/qos/arrival_recorder.h>

#include <string.h>

#include <protocol/rtp/transport_feedback.h>

void
dc_arrival_recorder_init(struct dc_arrival_recorder *recorder)
{
    memset(recorder, 0, sizeof(*recorder));
    recorder->due_us = INT64_MAX;
}

void
dc_arrival_recorder_push(struct dc_arrival_recorder *recorder, uint16_t sequence, int64_t now_us)
{
    int64_t number = dc_sequence_unwrap(&recorder->unwrapper, sequence);
    unsigned slot = (unsigned)number & (DC_ARRIVAL_PACKETS - 1);
    if (number <= 0 || number <= recorder->unwrapper.newest - DC_ARRIVAL_PACKETS || recorder->arrivals[slot].sequence == number)
        return; // ancient, or a duplicate: the first arrival counts
    recorder->arrivals[slot].sequence = number;
    recorder->arrivals[slot].arrival_us = now_us;
    if (!recorder->first_unreported || number < recorder->first_unreported)
        recorder->first_unreported = number;
    recorder->has_news = true;
    if (recorder->due_us == INT64_MAX)
        recorder->due_us = now_us + DC_ARRIVAL_INTERVAL_US;
}

int64_t
dc_arrival_recorder_deadline_us(const struct dc_arrival_recorder *recorder)
{
    return recorder->due_us;
}

void
dc_arrival_recorder_report(struct dc_arrival_recorder *recorder, struct dc_rtcp_writer *writer, uint32_t sender_ssrc,
                           uint32_t media_ssrc, int64_t now_us)
{
    struct dc_transport_arrival arrivals[DC_ARRIVAL_PACKETS];
    unsigned count = 0, done = 0;
    int64_t newest = recorder->unwrapper.newest, base = recorder->first_unreported;
    if (base <= newest - DC_ARRIVAL_PACKETS)
        base = newest - DC_ARRIVAL_PACKETS + 1;
    for (int64_t number = base; recorder->has_news && number <= newest; number++) {
        unsigned slot = (unsigned)number & (DC_ARRIVAL_PACKETS - 1);
        if (recorder->arrivals[slot].sequence == number)
            arrivals[count++] = (struct dc_transport_arrival){ (uint16_t)number, recorder->arrivals[slot].arrival_us };
    }
    while (done < count) {
        unsigned n = dc_rtcp_put_transport_feedback(writer, sender_ssrc, media_ssrc, recorder->feedback_count,
                                                    (uint16_t)base, arrivals + done, count - done);
        if (!n)
            break;
        recorder->feedback_count++;
        done += n;
        base = dc_sequence_peek(&recorder->unwrapper, arrivals[done - 1].sequence) + 1;
    }
    recorder->first_unreported = base;
    recorder->has_news = done < count; // the buffer was full
    recorder->due_us = recorder->has_news ? now_us : INT64_MAX;
}
