#ifndef DC_CLIENT_SCREENSHOT_H
#define DC_CLIENT_SCREENSHOT_H
#include <stdbool.h>
#include <stdint.h>

#include <libavutil/frame.h>

/* BT.709 limited I420 → RGB, 8 bit; chroma is repeated, not interpolated. `rgb` rows are 3 × width bytes. */
void dc_picture_to_rgb(const AVFrame *frame, uint8_t *rgb);
/* Writes a PNG. false: logged. */
bool dc_screenshot_write(const char *path, const AVFrame *frame);

#endif
