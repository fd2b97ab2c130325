#ifndef DC_ENCODER_VIDEO_CONVERT_H
#define DC_ENCODER_VIDEO_CONVERT_H
/*
 * RGB → NV12, BT.709 limited range.
 *
 * Why not libyuv: its ARGBToI420, ARGBToNV12 and their rows are BT.601 (limited) or JPEG (full range) only, and the
 * functions that take a matrix (…Matrix, kYuvH709Constants) go from YUV to RGB. Encoding 601 while the VUI says 709
 * tints every picture. tests/unit/encoder decodes what we make with libyuv's 709 matrix instead.
 * NV12 rather than I420 because it is what libx264 keeps internally and what hardware encoders take: one copy less.
 */
#include <stdint.h>

#include <common/frame.h>

struct dc_nv12 {
    uint8_t *y, *uv; // borrowed
    int32_t y_stride, uv_stride;
    uint32_t width, height; // even; of the destination
};

/* `frame` is CPU_BGRX or CPU_RGBX of the destination's size, or one less where that is odd (its last column and row are
 * repeated). Rows may run bottom-up. Chroma is the mean of 2×2 pixels (H.264 chroma sample location type 1). */
void dc_convert_to_nv12(const struct dc_frame *frame, const struct dc_nv12 *out);
/* The same in plain C, pixel by pixel: what the fast one must equal bit by bit. */
void dc_convert_to_nv12_reference(const struct dc_frame *frame, const struct dc_nv12 *out);

#endif
