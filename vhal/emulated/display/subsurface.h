#ifndef DC_DISPLAY_SUBSURFACE_H
#define DC_DISPLAY_SUBSURFACE_H
#include <stdbool.h>
#include <stdint.h>

#include "surface_state.h"

struct dc_surface;

struct dc_subsurface {
    struct wl_resource *resource;
    struct dc_surface *surface, *parent; // parent NULL: destroyed before us
    struct wl_list link;                 // dc_surface.subsurfaces of the parent: the order that is shown
    struct wl_list pending_link;         // dc_surface.pending_subsurfaces: the order after the parent's commit
    int32_t x, y, pending_x, pending_y;
    bool sync;
    bool moved; // position or order change with the parent's next commit
    bool has_cache;
    struct dc_surface_state cache;
};

/* The subsurface object whose surface this is, or NULL. */
struct dc_subsurface *dc_subsurface_from_surface(const struct dc_surface *surface);
/* true: the surface is a synchronised subsurface, its pending state waits for the parent now. */
bool dc_subsurface_cache_commit(struct dc_surface *surface);
void dc_subsurface_parent_committed(struct dc_surface *parent);
void dc_subsurface_parent_destroyed(struct dc_surface *parent);

#endif
