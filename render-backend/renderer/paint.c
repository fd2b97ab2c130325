#include "paint.h"

#include <stddef.h>
#include <string.h>

static void
blend_row(uint8_t *restrict to, const uint8_t *restrict from, uint32_t pixels)
{
    for (uint32_t i = 0; i < pixels * 4; i += 4) {
        uint32_t keep = 255u - from[i + 3];
        for (uint32_t c = 0; c < 3; c++) {
            uint32_t v = to[i + c] * keep + 127;
            v = from[i + c] + (v + (v >> 8) + 1) / 256; // rounded division by 255
            to[i + c] = v > 255 ? 255 : (uint8_t)v;
        }
    }
}

void
dc_paint(struct dc_frame *frame, int32_t x, int32_t y, const struct dc_paint_source *source)
{
    int64_t left = x < 0 ? 0 : x, right = (int64_t)x + source->width;
    int64_t top = y < 0 ? 0 : y, bottom = (int64_t)y + source->height;
    if (right > frame->width)
        right = frame->width;
    if (bottom > frame->height)
        bottom = frame->height;
    if (left >= right)
        return;
    size_t row_bytes = (size_t)source->width * 4;
    for (int64_t row = top; row < bottom; row++) {
        int64_t source_row = source->bottom_up ? (int64_t)source->height - 1 - (row - y) : row - y;
        const uint8_t *from = source->pixels + (size_t)source_row * row_bytes + (size_t)(left - x) * 4;
        uint8_t *to = (uint8_t *)frame->planes[0] + (ptrdiff_t)frame->strides[0] * (ptrdiff_t)row + left * 4;
        if (source->opaque)
            memcpy(to, from, (size_t)(right - left) * 4);
        else
            blend_row(to, from, (uint32_t)(right - left));
    }
}
