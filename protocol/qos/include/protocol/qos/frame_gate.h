#ifndef DC_PROTOCOL_QOS_FRAME_GATE_H
#define DC_PROTOCOL_QOS_FRAME_GATE_H
/*
 * Which complete frames may be shown. All of them go to the decoder, because its frame numbers must go on; the pictures of
 * those that depend on a lost one are thrown away. A frame refers to the one before it unless it says otherwise
 * (dc_frame_meta.reference_id), so that after a lost frame nothing is good before a key frame, or before one that refers to
 * something older than the loss. Until it comes, the sender is asked for it.
 */
#include <stdbool.h>
#include <stdint.h>

struct dc_frame_gate {
    uint64_t last_good; // 0: none yet
    uint64_t newest;    // seen, good or not
    bool broken;        // what comes is not good
    int64_t asked_us;   // 0: not asked yet
    uint64_t refused;   // frames that must not be shown
    uint64_t asked;
};

enum dc_gate_request { DC_GATE_NOTHING, DC_GATE_INVALIDATE, DC_GATE_KEYFRAME };

void dc_frame_gate_init(struct dc_frame_gate *gate);
/* true: show it. `frame_id` 0 (a sender without metadata): only the key frame after a loss is known to be good. */
bool dc_frame_gate_push(struct dc_frame_gate *gate, uint64_t frame_id, uint64_t reference_id, bool keyframe);
/* Frames were lost of which nothing is known (the depacketiser dropped one). */
void dc_frame_gate_handle_loss(struct dc_frame_gate *gate);
/* The decoder gave no picture of a frame that was to be shown: only a key frame helps. */
void dc_frame_gate_handle_decoder_failure(struct dc_frame_gate *gate);
/* What to ask for now; once per round trip. INVALIDATE: from last_good + 1 on. */
enum dc_gate_request dc_frame_gate_request(struct dc_frame_gate *gate, int64_t now_us, int64_t round_trip_us);

#endif
