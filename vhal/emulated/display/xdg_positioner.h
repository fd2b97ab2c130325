#ifndef DC_DISPLAY_XDG_POSITIONER_H
#define DC_DISPLAY_XDG_POSITIONER_H
/* xdg_positioner: the rules by which a popup finds its place. */
#include <stdint.h>

#include <wayland-server-core.h>

#include "region.h"

struct dc_positioner {
    int32_t width, height;
    struct dc_rect anchor_rect;
    uint32_t anchor, gravity, adjustment; // enums of xdg_positioner
    int32_t offset_x, offset_y;
};

void dc_positioner_create(struct wl_client *client, uint32_t version, uint32_t id);
const struct dc_positioner *dc_positioner_from_resource(struct wl_resource *resource);
/* Geometry of the popup relative to its parent's window geometry. `bounds` is the output in the same coordinates. */
void dc_positioner_place(const struct dc_positioner *positioner, const struct dc_rect *bounds, struct dc_rect *result);

#endif
