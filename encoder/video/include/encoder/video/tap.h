#ifndef DC_ENCODER_VIDEO_TAP_H
#define DC_ENCODER_VIDEO_TAP_H
/*
 * Writes what encoders are given into a file (common/y4m.h), converted as they convert it: the picture that a client's
 * decoded one is compared with. Encoder thread only; it costs that thread a copy of every frame.
 */
#include <common/frame.h>

struct dc_video_tap;

/* NULL: logged. */
struct dc_video_tap *dc_video_tap_create(const char *path);
void dc_video_tap_destroy(struct dc_video_tap *tap); // accepts NULL
/* Before the frame is encoded, which releases it. Waits for its fence. Frames that are not CPU_BGRX or CPU_RGBX are left out. */
void dc_video_tap_write(struct dc_video_tap *tap, const struct dc_frame *frame);

#endif
