#include "references.h"

#include <string.h>

void
dc_references_init(struct dc_references *references, unsigned limit)
{
    *references = (struct dc_references){.limit = limit < 1                   ? 1
                                                  : limit > DC_REFERENCES_MAX ? DC_REFERENCES_MAX
                                                                              : limit};
}

void
dc_references_add(struct dc_references *references, uint64_t id, int64_t pts, bool keyframe)
{
    if (keyframe) // the decoder drops everything before it
        references->count = 0;
    if (references->count == references->limit) {
        references->count--;
        memmove(&references->frames[0], &references->frames[1], references->count * sizeof(references->frames[0]));
    }
    references->frames[references->count++] = (struct dc_kept_frame){.id = id, .pts = pts};
}

enum dc_references_answer
dc_references_lose(struct dc_references *references, uint64_t first_lost_id, int64_t *pts)
{
    bool news = false, left = false;

    for (unsigned i = references->count; i-- > 0;) {
        struct dc_kept_frame *frame = &references->frames[i];

        if (frame->id < first_lost_id) {
            left |= !frame->lost;
            continue;
        }
        news |= !frame->lost;
        frame->lost = true;
        *pts = frame->pts;
    }
    if (!news)
        return DC_REFERENCES_UNCHANGED;
    return left ? DC_REFERENCES_INVALIDATE : DC_REFERENCES_NONE_LEFT;
}

uint64_t
dc_references_newest(const struct dc_references *references)
{
    for (unsigned i = references->count; i-- > 0;)
        if (!references->frames[i].lost)
            return references->frames[i].id;
    return 0;
}
