#ifndef DC_CLIENT_PLACEMENT_H
#define DC_CLIENT_PLACEMENT_H
/* Where in a window a picture is drawn. No SDL, no state. */
#include <stdint.h>

enum dc_scale {
    DC_SCALE_FIT,     // as large as fits, with its aspect
    DC_SCALE_INTEGER, // the largest whole multiple; as FIT in a window that is smaller than the picture
    DC_SCALE_STRETCH, // the whole window
};

struct dc_aspect {
    uint32_t width, height; // 0: the picture's own
};

struct dc_place {
    int x, y, width, height;
};

/* In the middle of an area of this size; all of it zero when there is no picture or no area. */
struct dc_place dc_placement_compute(enum dc_scale scale, struct dc_aspect aspect, int picture_width, int picture_height,
                                     int area_width, int area_height);

#endif
