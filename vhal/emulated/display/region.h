#ifndef DC_DISPLAY_REGION_H
#define DC_DISPLAY_REGION_H
/*
 * Two kinds of areas, both bounded. A region (wl_region) is the list of what the client added and subtracted, replayed
 * when a point is looked up. Damage is a short list of rectangles that collapses into its bounding box when it gets long.
 */
#include <stdbool.h>
#include <stdint.h>

#include <wayland-server-core.h>

#define DC_REGION_MAX_OPS 64
#define DC_DAMAGE_MAX_RECTS 16

struct dc_rect {
    int32_t x, y, width, height;
};

struct dc_region_op {
    struct dc_rect rect;
    bool subtract;
};

struct dc_region {
    bool everything; // the start before the first operation
    uint32_t count;
    struct dc_region_op ops[DC_REGION_MAX_OPS];
};

struct dc_damage {
    uint32_t count;
    struct dc_rect rects[DC_DAMAGE_MAX_RECTS];
};

bool dc_rect_intersect(struct dc_rect *rect, const struct dc_rect *other); // false: empty
bool dc_rect_contains(const struct dc_rect *rect, int32_t x, int32_t y);
/* Too many operations: the region becomes everything, which errs towards taking input. */
void dc_region_push(struct dc_region *region, const struct dc_rect *rect, bool subtract);
bool dc_region_contains(const struct dc_region *region, int32_t x, int32_t y);
/* Does one addition, with no later subtraction, cover 0,0 … width,height? (false negatives are harmless) */
bool dc_region_covers(const struct dc_region *region, int32_t width, int32_t height);
void dc_damage_add(struct dc_damage *damage, const struct dc_rect *rect);

/* wl_compositor.create_region */
void dc_region_create(struct wl_client *client, uint32_t id);
const struct dc_region *dc_region_from_resource(struct wl_resource *resource);

#endif
