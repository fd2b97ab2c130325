#ifndef DC_PROTOCOL_GLES_PIXELS_H
#define DC_PROTOCOL_GLES_PIXELS_H
/*
 * Byte sizes of pixels in client memory. The frontend repacks with them, the worker checks with them.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of one pixel of format and type, 0 for a combination that GLES (and the extensions that we carry) lacks. */
uint32_t dc_pixels_bytes_per_pixel(uint32_t format, uint32_t type);
/* Bytes of a tight image; 0 for an unknown combination or negative or overflowing sizes. Any zero size is 0 too: ask
 * dc_pixels_bytes_per_pixel() to tell them apart. */
uint64_t dc_pixels_size(uint32_t format, uint32_t type, int32_t width, int32_t height, int32_t depth);

/* One side of glPixelStorei. Zero image_height and row_length mean the image's own. */
struct dc_pixel_store {
    int32_t alignment; // 1, 2, 4, 8
    int32_t row_length, image_height, skip_pixels, skip_rows, skip_images;
};
#define DC_PIXEL_STORE_INIT { .alignment = 4 }
#define DC_PIXEL_STORE_TIGHT { .alignment = 1 }

/* Where the rows are in the app's memory under a pixel store. */
struct dc_pixels_layout {
    uint64_t offset;       // of the first pixel
    uint64_t row_stride;   // bytes
    uint64_t image_stride; // bytes
    uint64_t row_bytes;    // bytes of pixels in a row
    uint64_t end;          // one past the last byte touched
};
/* false: unknown combination, negative sizes or overflow. */
bool dc_pixels_layout(struct dc_pixels_layout *layout, const struct dc_pixel_store *store, uint32_t format,
                      uint32_t type, int32_t width, int32_t height, int32_t depth);
/* True if the app's memory already is tight, i.e. can be sent as it is (from `offset`). */
bool dc_pixels_is_tight(const struct dc_pixels_layout *layout, int32_t height, int32_t depth);
/* App memory → tight, and tight → app memory. */
void dc_pixels_pack(void *tight, const void *app, const struct dc_pixels_layout *layout, int32_t height, int32_t depth);
void dc_pixels_unpack(void *app, const void *tight, const struct dc_pixels_layout *layout, int32_t height,
                      int32_t depth);

#endif
