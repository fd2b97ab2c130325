#include "focus.h"

#include "surface.h"

static void
handle_destroyed(struct wl_listener *listener, void *data)
{
    struct dc_focus *focus = wl_container_of(listener, focus, destroyed);
    if (focus->handle_lost)
        focus->handle_lost(focus);
    dc_focus_set(focus, NULL);
}

void
dc_focus_init(struct dc_focus *focus)
{
    focus->surface = NULL;
    focus->destroyed.notify = handle_destroyed;
    wl_list_init(&focus->destroyed.link);
}

void
dc_focus_set(struct dc_focus *focus, struct dc_surface *surface)
{
    wl_list_remove(&focus->destroyed.link);
    wl_list_init(&focus->destroyed.link);
    focus->surface = surface;
    if (surface)
        wl_signal_add(&surface->destroyed, &focus->destroyed);
}

struct wl_client *
dc_focus_client(const struct dc_focus *focus)
{
    return focus->surface ? wl_resource_get_client(focus->surface->resource) : NULL;
}
