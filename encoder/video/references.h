#ifndef DC_ENCODER_VIDEO_REFERENCES_H
#define DC_ENCODER_VIDEO_REFERENCES_H
/* Which frames a decoder still keeps, and which of them it is known to be without. By it an encoder knows what it may
 * still refer to after a loss. */
#include <stdbool.h>
#include <stdint.h>

#define DC_REFERENCES_MAX 16 // H.264's own limit

struct dc_kept_frame {
    uint64_t id;
    int64_t pts; // the codec's name for it
    bool lost;
};

struct dc_references {
    struct dc_kept_frame frames[DC_REFERENCES_MAX]; // oldest first
    unsigned count, limit;
};

enum dc_references_answer {
    DC_REFERENCES_UNCHANGED, // nothing of it was encoded, or it is known already
    DC_REFERENCES_INVALIDATE, // from `pts` on
    DC_REFERENCES_NONE_LEFT,  // only a key frame helps
};

void dc_references_init(struct dc_references *references, unsigned limit);
void dc_references_add(struct dc_references *references, uint64_t id, int64_t pts, bool keyframe);
enum dc_references_answer dc_references_lose(struct dc_references *references, uint64_t first_lost_id, int64_t *pts);
/* The newest frame that the next one may refer to; 0: there is none. */
uint64_t dc_references_newest(const struct dc_references *references);

#endif
