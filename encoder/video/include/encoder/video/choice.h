#ifndef DC_ENCODER_VIDEO_CHOICE_H
#define DC_ENCODER_VIDEO_CHOICE_H
/*
 * Which encoder a worker uses: the GPU's where it has one that works, libx264 otherwise.
 */
#include <stdbool.h>
#include <stddef.h>

#include <encoder/video/encoder.h>

struct dc_video_encoder_place {
    bool has_gpu;         // false: pictures are made by the CPU, and there is no encoder beside it
    const char *drm_node; // of the GPU; empty: none
};

/* Names that dc_video_encoder_choose takes, beside "auto"; NULL behind the last one. */
const char *dc_video_encoder_name(unsigned index);
/* Whether the encoder called `name` works here; it is ready for use then. Needs the file system (drivers are loaded, devices are
 * opened): for the time before a sandbox. false: `why` says it. */
bool dc_video_encoder_try(const char *name, const struct dc_video_encoder_place *place, char *why, size_t why_bytes);
/* "auto" (or NULL): the GPU's first that works, libx264 without a GPU. A name: that one, or libx264 with a warning why. Never
 * NULL. As dc_video_encoder_try. */
const struct dc_video_encoder_impl *dc_video_encoder_choose(const char *name, const struct dc_video_encoder_place *place);

#endif
