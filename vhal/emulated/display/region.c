#include "region.h"

#include <stdlib.h>

#include <wayland-server-protocol.h>

bool
dc_rect_intersect(struct dc_rect *rect, const struct dc_rect *other)
{
    // Ends in 64 bits: clients may say INT32_MAX for "all of it".
    int64_t x1 = rect->x > other->x ? rect->x : other->x;
    int64_t y1 = rect->y > other->y ? rect->y : other->y;
    int64_t x2 = (int64_t)rect->x + rect->width, other_x2 = (int64_t)other->x + other->width;
    int64_t y2 = (int64_t)rect->y + rect->height, other_y2 = (int64_t)other->y + other->height;
    x2 = x2 < other_x2 ? x2 : other_x2;
    y2 = y2 < other_y2 ? y2 : other_y2;
    if (x1 >= x2 || y1 >= y2)
        return false;
    *rect = (struct dc_rect){ (int32_t)x1, (int32_t)y1, (int32_t)(x2 - x1), (int32_t)(y2 - y1) };
    return true;
}

bool
dc_rect_contains(const struct dc_rect *rect, int32_t x, int32_t y)
{
    return x >= rect->x && y >= rect->y && x < (int64_t)rect->x + rect->width && y < (int64_t)rect->y + rect->height;
}

void
dc_region_push(struct dc_region *region, const struct dc_rect *rect, bool subtract)
{
    if (rect->width <= 0 || rect->height <= 0)
        return;
    if (region->count == DC_REGION_MAX_OPS) {
        region->everything = true;
        region->count = 0;
        return;
    }
    region->ops[region->count++] = (struct dc_region_op){ .rect = *rect, .subtract = subtract };
}

bool
dc_region_contains(const struct dc_region *region, int32_t x, int32_t y)
{
    for (uint32_t i = region->count; i-- > 0;) {
        if (dc_rect_contains(&region->ops[i].rect, x, y))
            return !region->ops[i].subtract;
    }
    return region->everything;
}

bool
dc_region_covers(const struct dc_region *region, int32_t width, int32_t height)
{
    for (uint32_t i = region->count; i-- > 0;) {
        const struct dc_region_op *op = &region->ops[i];
        if (op->subtract)
            return false;
        if (op->rect.x <= 0 && op->rect.y <= 0 && (int64_t)op->rect.x + op->rect.width >= width &&
            (int64_t)op->rect.y + op->rect.height >= height)
            return true;
    }
    return region->everything;
}

static struct dc_rect
bounding_box(const struct dc_rect *a, const struct dc_rect *b)
{
    int64_t x1 = a->x < b->x ? a->x : b->x, y1 = a->y < b->y ? a->y : b->y;
    int64_t ax2 = (int64_t)a->x + a->width, ay2 = (int64_t)a->y + a->height;
    int64_t bx2 = (int64_t)b->x + b->width, by2 = (int64_t)b->y + b->height;
    int64_t width = (ax2 > bx2 ? ax2 : bx2) - x1, height = (ay2 > by2 ? ay2 : by2) - y1;
    return (struct dc_rect){ (int32_t)x1, (int32_t)y1, width > INT32_MAX ? INT32_MAX : (int32_t)width,
                             height > INT32_MAX ? INT32_MAX : (int32_t)height };
}

void
dc_damage_add(struct dc_damage *damage, const struct dc_rect *rect)
{
    if (rect->width <= 0 || rect->height <= 0)
        return;
    if (damage->count < DC_DAMAGE_MAX_RECTS) {
        damage->rects[damage->count++] = *rect;
        return;
    }
    struct dc_rect box = *rect;
    for (uint32_t i = 0; i < damage->count; i++)
        box = bounding_box(&box, &damage->rects[i]);
    damage->rects[0] = box;
    damage->count = 1;
}

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static void
handle_add(struct wl_client *client, struct wl_resource *resource, int32_t x, int32_t y, int32_t width, int32_t height)
{
    dc_region_push(wl_resource_get_user_data(resource), &(struct dc_rect){ x, y, width, height }, false);
}

static void
handle_subtract(struct wl_client *client, struct wl_resource *resource, int32_t x, int32_t y, int32_t width,
                int32_t height)
{
    dc_region_push(wl_resource_get_user_data(resource), &(struct dc_rect){ x, y, width, height }, true);
}

static const struct wl_region_interface region_impl = {
    .destroy = handle_destroy,
    .add = handle_add,
    .subtract = handle_subtract,
};

static void
free_region(struct wl_resource *resource)
{
    free(wl_resource_get_user_data(resource));
}

void
dc_region_create(struct wl_client *client, uint32_t id)
{
    struct dc_region *region = calloc(1, sizeof(*region));
    struct wl_resource *resource = region ? wl_resource_create(client, &wl_region_interface, 1, id) : NULL;
    if (!resource) {
        free(region);
        wl_client_post_no_memory(client);
        return;
    }
    wl_resource_set_implementation(resource, &region_impl, region, free_region);
}

const struct dc_region *
dc_region_from_resource(struct wl_resource *resource)
{
    return wl_resource_get_user_data(resource);
}
