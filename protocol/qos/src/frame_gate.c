#include <protocol/qos/frame_gate.h>

#define ANSWER_US 40000 // beside the round trip: the next frame has to come and be encoded

void
dc_frame_gate_init(struct dc_frame_gate *gate)
{
    *gate = (struct dc_frame_gate){ .broken = true };
}

bool
dc_frame_gate_push(struct dc_frame_gate *gate, uint64_t frame_id, uint64_t reference_id, bool keyframe)
{
    uint64_t reference = reference_id ? reference_id : frame_id ? frame_id - 1 : 0;
    bool good = keyframe;
    if (!keyframe && frame_id && gate->last_good) // everything up to last_good was decoded, or is referred to by nobody
        good = reference <= gate->last_good && frame_id > gate->last_good;
    else if (!keyframe && !frame_id)
        good = !gate->broken;
    if (frame_id > gate->newest)
        gate->newest = frame_id;
    if (!good) {
        if (!gate->broken)
            gate->asked_us = 0;
        gate->broken = true;
        gate->refused++;
        return false;
    }
    gate->broken = false;
    gate->asked_us = 0;
    gate->last_good = frame_id ? frame_id : gate->last_good;
    return true;
}

void
dc_frame_gate_handle_loss(struct dc_frame_gate *gate)
{
    if (!gate->broken)
        gate->asked_us = 0;
    gate->broken = true;
}

void
dc_frame_gate_handle_decoder_failure(struct dc_frame_gate *gate)
{
    gate->last_good = 0;
    gate->broken = true;
    gate->asked_us = 0;
}

enum dc_gate_request
dc_frame_gate_request(struct dc_frame_gate *gate, int64_t now_us, int64_t round_trip_us)
{
    if (!gate->newest && !gate->asked_us) { // a stream begins with a key frame by itself
        gate->asked_us = now_us;
        return DC_GATE_NOTHING;
    }
    if (!gate->broken || (gate->asked_us && now_us - gate->asked_us < round_trip_us + ANSWER_US))
        return DC_GATE_NOTHING;
    gate->asked_us = now_us;
    gate->asked++;
    return gate->last_good ? DC_GATE_INVALIDATE : DC_GATE_KEYFRAME;
}
