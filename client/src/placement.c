#include "placement.h"

/* The largest width × height of an aspect in an area. */
static struct dc_place
fit(int64_t width, int64_t height, int area_width, int area_height)
{
    struct dc_place place = { .width = area_width, .height = area_height };
    if (area_width * height <= area_height * width)
        place.height = (int)(area_width * height / width);
    else
        place.width = (int)(area_height * width / height);
    return place;
}

struct dc_place
dc_placement_compute(enum dc_scale scale, struct dc_aspect aspect, int picture_width, int picture_height, int area_width,
                     int area_height)
{
    struct dc_place place = { 0 };
    if (picture_width <= 0 || picture_height <= 0 || area_width <= 0 || area_height <= 0)
        return place;
    // Shown with another aspect a picture keeps its height and gets wider or narrower.
    int64_t width = aspect.width ? (int64_t)picture_height * aspect.width / aspect.height : picture_width;
    if (width < 1)
        width = 1;
    int64_t across = area_width / width, down = area_height / picture_height;
    int64_t factor = across < down ? across : down;
    if (scale == DC_SCALE_STRETCH)
        place = (struct dc_place){ .width = area_width, .height = area_height };
    else if (scale == DC_SCALE_INTEGER && factor >= 1)
        place = (struct dc_place){ .width = (int)(width * factor), .height = (int)(picture_height * factor) };
    else
        place = fit(width, picture_height, area_width, area_height);
    place.x = (area_width - place.width) / 2;
    place.y = (area_height - place.height) / 2;
    return place;
}
