#ifndef DC_RENDERER_PAINT_H
#define DC_RENDERER_PAINT_H
/* Pixels over pixels on the CPU: cursors, menus and other small layers over a picture that is read back anyway. */
#include <stdbool.h>
#include <stdint.h>

#include <common/frame.h>

struct dc_paint_source {
    const uint8_t *pixels; // BGRA, premultiplied, tight rows
    uint32_t width, height;
    bool bottom_up; // the first row is the lowest
    bool opaque;    // alpha is ignored
};

/* Puts the source with its top left corner at x, y of a DC_FRAME_CPU_BGRX frame (whose planes are its own memory),
 * clipped. */
void dc_paint(struct dc_frame *frame, int32_t x, int32_t y, const struct dc_paint_source *source);

#endif
