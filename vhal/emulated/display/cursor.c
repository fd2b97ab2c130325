#include "cursor.h"

#include <wayland-server-protocol.h>

#include "compositor.h"
#include "pointer_constraints.h"
#include "surface.h"

static void
handle_commit(struct dc_surface *surface)
{
    struct dc_pointer *pointer = &surface->display->seat.pointer;
    if (pointer->cursor.surface != surface)
        return;
    pointer->hotspot_x -= surface->current.dx;
    pointer->hotspot_y -= surface->current.dy;
}

static const struct dc_surface_role role = { .name = "wl_pointer cursor", .commit = handle_commit };

bool
dc_cursor_take_role(struct dc_surface *surface, struct wl_resource *error_resource)
{
    return dc_surface_set_role(surface, &role, error_resource, WL_POINTER_ERROR_ROLE);
}

void
dc_cursor_set(struct dc_pointer *pointer, struct dc_surface *surface, int32_t hotspot_x, int32_t hotspot_y)
{
    struct dc_display *display = pointer->seat->display;
    if (!surface && !pointer->cursor.surface)
        return;
    dc_focus_set(&pointer->cursor, surface);
    pointer->hotspot_x = hotspot_x;
    pointer->hotspot_y = hotspot_y;
    dc_presenter_damage_pointer(&display->presenter);
}

struct dc_surface *
dc_cursor_get(struct dc_display *display, int32_t *x, int32_t *y)
{
    struct dc_pointer *pointer = &display->seat.pointer;
    if (!pointer->cursor.surface || !pointer->present || dc_pointer_is_locked(pointer))
        return NULL;
    *x = (pointer->x >> 8) - pointer->hotspot_x;
    *y = (pointer->y >> 8) - pointer->hotspot_y;
    return pointer->cursor.surface;
}
