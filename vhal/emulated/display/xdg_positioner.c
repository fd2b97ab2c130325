#include "xdg_positioner.h"

#include <stdlib.h>

#include <xdg-shell-server-protocol.h>

#include "compositor.h"

/* Which edges an anchor or gravity names: -1 left or top, 1 right or bottom, 0 the middle. The two enums are equal. */
static int
direction_x(uint32_t edge)
{
    switch (edge) {
    case XDG_POSITIONER_ANCHOR_LEFT:
    case XDG_POSITIONER_ANCHOR_TOP_LEFT:
    case XDG_POSITIONER_ANCHOR_BOTTOM_LEFT:
        return -1;
    case XDG_POSITIONER_ANCHOR_RIGHT:
    case XDG_POSITIONER_ANCHOR_TOP_RIGHT:
    case XDG_POSITIONER_ANCHOR_BOTTOM_RIGHT:
        return 1;
    default:
        return 0;
    }
}

static int
direction_y(uint32_t edge)
{
    switch (edge) {
    case XDG_POSITIONER_ANCHOR_TOP:
    case XDG_POSITIONER_ANCHOR_TOP_LEFT:
    case XDG_POSITIONER_ANCHOR_TOP_RIGHT:
        return -1;
    case XDG_POSITIONER_ANCHOR_BOTTOM:
    case XDG_POSITIONER_ANCHOR_BOTTOM_LEFT:
    case XDG_POSITIONER_ANCHOR_BOTTOM_RIGHT:
        return 1;
    default:
        return 0;
    }
}

/* One axis at a time: both axes follow the same rules. */
struct axis {
    int32_t anchor_start, anchor_size, size, offset, anchor, gravity, bound_start, bound_size;
};

static int32_t
axis_position(const struct axis *a, int32_t anchor, int32_t gravity, int32_t offset)
{
    int32_t at = a->anchor_start + (anchor < 0 ? 0 : anchor > 0 ? a->anchor_size : a->anchor_size / 2);
    return at + offset - (gravity < 0 ? a->size : gravity > 0 ? 0 : a->size / 2);
}

static bool
axis_fits(const struct axis *a, int32_t at)
{
    return at >= a->bound_start && at + a->size <= a->bound_start + a->bound_size;
}

static void
axis_place(const struct axis *a, bool flip, bool slide, bool resize, int32_t *start, int32_t *size)
{
    int32_t at = axis_position(a, a->anchor, a->gravity, a->offset);
    int32_t end = a->bound_start + a->bound_size;
    *size = a->size;
    if (flip && !axis_fits(a, at)) {
        int32_t flipped = axis_position(a, -a->anchor, -a->gravity, -a->offset);
        if (axis_fits(a, flipped))
            at = flipped;
    }
    if (slide && !axis_fits(a, at)) {
        if (at + a->size > end)
            at = end - a->size;
        if (at < a->bound_start)
            at = a->bound_start;
    }
    if (resize && !axis_fits(a, at)) {
        int32_t first = at > a->bound_start ? at : a->bound_start;
        int32_t last = at + a->size < end ? at + a->size : end;
        if (last - first > 0) {
            at = first;
            *size = last - first;
        }
    }
    *start = at;
}

void
dc_positioner_place(const struct dc_positioner *p, const struct dc_rect *bounds, struct dc_rect *result)
{
    struct axis x = { p->anchor_rect.x, p->anchor_rect.width, p->width, p->offset_x, direction_x(p->anchor),
                      direction_x(p->gravity), bounds->x, bounds->width };
    struct axis y = { p->anchor_rect.y, p->anchor_rect.height, p->height, p->offset_y, direction_y(p->anchor),
                      direction_y(p->gravity), bounds->y, bounds->height };
    axis_place(&x, p->adjustment & XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_FLIP_X,
               p->adjustment & XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_SLIDE_X,
               p->adjustment & XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_RESIZE_X, &result->x, &result->width);
    axis_place(&y, p->adjustment & XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_FLIP_Y,
               p->adjustment & XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_SLIDE_Y,
               p->adjustment & XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_RESIZE_Y, &result->y, &result->height);
}

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

/* Keeps the arithmetic above inside 32 bits. */
static bool
is_sane(int32_t value)
{
    return value > -65536 && value < 65536;
}

static void
handle_set_size(struct wl_client *client, struct wl_resource *resource, int32_t width, int32_t height)
{
    struct dc_positioner *positioner = wl_resource_get_user_data(resource);
    if (width < 1 || height < 1 || !is_sane(width) || !is_sane(height)) {
        wl_resource_post_error(resource, XDG_POSITIONER_ERROR_INVALID_INPUT, "size %d×%d", width, height);
        return;
    }
    positioner->width = width;
    positioner->height = height;
}

static void
handle_set_anchor_rect(struct wl_client *client, struct wl_resource *resource, int32_t x, int32_t y, int32_t width,
                       int32_t height)
{
    struct dc_positioner *positioner = wl_resource_get_user_data(resource);
    if (width < 0 || height < 0 || !is_sane(x) || !is_sane(y) || !is_sane(width) || !is_sane(height)) {
        wl_resource_post_error(resource, XDG_POSITIONER_ERROR_INVALID_INPUT, "impossible anchor rectangle");
        return;
    }
    positioner->anchor_rect = (struct dc_rect){ x, y, width, height };
}

static void
handle_set_anchor(struct wl_client *client, struct wl_resource *resource, uint32_t anchor)
{
    ((struct dc_positioner *)wl_resource_get_user_data(resource))->anchor = anchor;
}

static void
handle_set_gravity(struct wl_client *client, struct wl_resource *resource, uint32_t gravity)
{
    ((struct dc_positioner *)wl_resource_get_user_data(resource))->gravity = gravity;
}

static void
handle_set_constraint_adjustment(struct wl_client *client, struct wl_resource *resource, uint32_t adjustment)
{
    ((struct dc_positioner *)wl_resource_get_user_data(resource))->adjustment = adjustment;
}

static void
handle_set_offset(struct wl_client *client, struct wl_resource *resource, int32_t x, int32_t y)
{
    struct dc_positioner *positioner = wl_resource_get_user_data(resource);
    positioner->offset_x = is_sane(x) ? x : 0;
    positioner->offset_y = is_sane(y) ? y : 0;
}

static void
handle_set_reactive(struct wl_client *client, struct wl_resource *resource)
{
    // Windows do not move here, so there is nothing to react to.
}

static void
handle_set_parent_size(struct wl_client *client, struct wl_resource *resource, int32_t width, int32_t height)
{
}

static void
handle_set_parent_configure(struct wl_client *client, struct wl_resource *resource, uint32_t serial)
{
}

static const struct xdg_positioner_interface positioner_impl = {
    .destroy = handle_destroy,
    .set_size = handle_set_size,
    .set_anchor_rect = handle_set_anchor_rect,
    .set_anchor = handle_set_anchor,
    .set_gravity = handle_set_gravity,
    .set_constraint_adjustment = handle_set_constraint_adjustment,
    .set_offset = handle_set_offset,
    .set_reactive = handle_set_reactive,
    .set_parent_size = handle_set_parent_size,
    .set_parent_configure = handle_set_parent_configure,
};

static void
free_positioner(struct wl_resource *resource)
{
    free(wl_resource_get_user_data(resource));
}

const struct dc_positioner *
dc_positioner_from_resource(struct wl_resource *resource)
{
    return wl_resource_get_user_data(resource);
}

void
dc_positioner_create(struct wl_client *client, uint32_t version, uint32_t id)
{
    struct dc_positioner *positioner = calloc(1, sizeof(*positioner));
    struct wl_resource *resource =
        positioner ? wl_resource_create(client, &xdg_positioner_interface, (int)version, id) : NULL;
    if (!resource) {
        free(positioner);
        wl_client_post_no_memory(client);
        return;
    }
    wl_resource_set_implementation(resource, &positioner_impl, positioner, free_positioner);
}
