#include "scene.h"

#define DC_LOG_COMPONENT "display"
#include <common/log.h>

#include "buffer.h"
#include "compositor.h"
#include "cursor.h"
#include "subsurface.h"
#include "surface.h"
#include "xdg_popup.h"
#include "xdg_surface.h"
#include "xdg_toplevel.h"

typedef void (*visit_fn)(void *user, struct dc_surface *surface, int32_t x, int32_t y);

static void
visit_tree(struct dc_surface *surface, int32_t x, int32_t y, visit_fn visit, void *user)
{
    if (!dc_surface_has_content(surface))
        return;
    struct wl_list *at;
    for (at = surface->subsurfaces.next; at != &surface->subsurfaces; at = at->next) {
        if (at == &surface->self_marker) {
            visit(user, surface, x, y);
        } else {
            struct dc_subsurface *sub = wl_container_of(at, sub, link);
            visit_tree(sub->surface, x + sub->x, y + sub->y, visit, user);
        }
    }
}

static void
visit_windows(struct dc_display *display, visit_fn visit, void *user)
{
    struct dc_toplevel *toplevel;
    wl_list_for_each(toplevel, &display->toplevels, stack_link) {
        int32_t x, y;
        dc_toplevel_get_origin(toplevel, &x, &y);
        visit_tree(toplevel->xdg->surface, x, y, visit, user);
    }
    struct dc_popup *popup;
    wl_list_for_each(popup, &display->popups, stack_link) {
        int32_t x, y;
        if (dc_popup_get_origin(popup, &x, &y))
            visit_tree(popup->xdg->surface, x, y, visit, user);
    }
}

struct layers {
    struct dc_display *display;
    struct dc_display_layer *at;
    const struct dc_surface **surfaces;
    uint32_t count, max;
};

static void
push_layer(void *user, struct dc_surface *surface, int32_t x, int32_t y)
{
    struct layers *layers = user;
    const struct dc_content *content = &surface->content;
    struct dc_rect visible = { 0, 0, (int32_t)layers->display->width, (int32_t)layers->display->height };
    struct dc_rect rect = { x, y, surface->width, surface->height };
    if (!dc_rect_intersect(&visible, &rect))
        return;
    bool opaque = !content->has_alpha || dc_region_covers(&surface->current.opaque, surface->width, surface->height);
    if (opaque && visible.width == (int32_t)layers->display->width && visible.height == (int32_t)layers->display->height)
        layers->count = 0; // nothing shows through
    if (layers->count == layers->max) {
        dc_debug("more than %u layers: the topmost are not shown", layers->max);
        return;
    }
    const struct dc_viewport_source *source = &surface->current.source;
    bool cut = source->width > 0;
    layers->surfaces[layers->count] = surface;
    layers->at[layers->count++] = (struct dc_display_layer){
        .ring_id = content->ring_id,
        .surface_id = content->surface_id,
        .seq = content->seq,
        .x = x,
        .y = y,
        .width = (uint32_t)surface->width,
        .height = (uint32_t)surface->height,
        // The source is given after the buffer's scale; the worker counts in pixels.
        .src_x = cut ? source->x * surface->current.scale : 0,
        .src_y = cut ? source->y * surface->current.scale : 0,
        .src_width = cut ? (uint32_t)(source->width * surface->current.scale) : 0,
        .src_height = cut ? (uint32_t)(source->height * surface->current.scale) : 0,
        .opaque = opaque,
        .y_inverted = content->kind == DC_CONTENT_GPU,
    };
}

uint32_t
dc_scene_layers(struct dc_display *display, struct dc_display_layer *at, uint32_t max_layers)
{
    const struct dc_surface *surfaces[DC_DISPLAY_MAX_LAYERS];
    struct layers layers = {
        .display = display,
        .at = at,
        .surfaces = surfaces,
        .max = max_layers < DC_DISPLAY_MAX_LAYERS ? max_layers : DC_DISPLAY_MAX_LAYERS,
    };
    visit_windows(display, push_layer, &layers);
    int32_t x, y;
    struct dc_surface *cursor = dc_cursor_get(display, &x, &y);
    if (cursor)
        visit_tree(cursor, x, y, push_layer, &layers);
    for (uint32_t i = 0; i < layers.count; i++) {
        if (surfaces[i]->content.kind == DC_CONTENT_GPU)
            dc_gpu_buffer_mark_presented(display, &surfaces[i]->content);
    }
    return layers.count;
}

struct pick {
    int32_t x, y;
    const struct dc_surface *wanted; // dc_scene_find
    struct dc_surface *found;
    int32_t origin_x, origin_y;
};

static void
pick_at(void *user, struct dc_surface *surface, int32_t x, int32_t y)
{
    struct pick *pick = user;
    if (pick->wanted ? surface != pick->wanted : !dc_surface_takes_input(surface, pick->x - x, pick->y - y))
        return;
    pick->found = surface;
    pick->origin_x = x;
    pick->origin_y = y;
}

struct dc_surface *
dc_scene_pick(struct dc_display *display, int32_t x, int32_t y, int32_t *origin_x, int32_t *origin_y)
{
    struct pick pick = { .x = x, .y = y };
    visit_windows(display, pick_at, &pick);
    *origin_x = pick.origin_x;
    *origin_y = pick.origin_y;
    return pick.found;
}

bool
dc_scene_find(struct dc_display *display, const struct dc_surface *surface, int32_t *origin_x, int32_t *origin_y)
{
    struct pick pick = { .wanted = surface };
    visit_windows(display, pick_at, &pick);
    *origin_x = pick.origin_x;
    *origin_y = pick.origin_y;
    return pick.found != NULL;
}
