#include "xdg_toplevel.h"

#include <stdlib.h>

#define DC_LOG_COMPONENT "display"
#include <common/log.h>
#include <xdg-shell-server-protocol.h>

#include "compositor.h"
#include "decoration.h"
#include "surface.h"
#include "xdg_surface.h"
#include "xdg_toplevel.h"
#include "xdg_toplevel_requests.h"

/* Who gets the keyboard when `gone` leaves: its parent, else the topmost window. */
static struct dc_toplevel *
next_focus(struct dc_display *display, const struct dc_toplevel *gone)
{
    if (gone->parent && gone->parent->mapped)
        return gone->parent;
    if (wl_list_empty(&display->toplevels))
        return NULL;
    struct dc_toplevel *toplevel = wl_container_of(display->toplevels.prev, toplevel, stack_link);
    return toplevel;
}

static void
set_focus(struct dc_display *display, struct dc_toplevel *toplevel)
{
    if (display->focus && display->focus != toplevel)
        dc_toplevel_set_activated(display->focus, false);
    display->focus = toplevel;
    if (toplevel)
        dc_toplevel_set_activated(toplevel, true);
    dc_seat_refocus(&display->seat);
}

void
dc_toplevel_get_origin(const struct dc_toplevel *toplevel, int32_t *x, int32_t *y)
{
    struct dc_rect geometry;
    dc_xdg_surface_get_geometry(toplevel->xdg, &geometry);
    int32_t left = ((int32_t)toplevel->display->width - geometry.width) / 2;
    int32_t top = ((int32_t)toplevel->display->height - geometry.height) / 2;
    // Larger than the output: what matters starts at the top left.
    *x = (left > 0 ? left : 0) - geometry.x;
    *y = (top > 0 ? top : 0) - geometry.y;
}

static void
push_state(struct wl_array *states, uint32_t state)
{
    uint32_t *slot = wl_array_add(states, sizeof(state));
    if (slot)
        *slot = state;
}

void
dc_toplevel_configure(struct dc_toplevel *toplevel)
{
    struct wl_array states;
    bool fill = toplevel->fullscreen || toplevel->maximized;
    wl_array_init(&states);
    if (toplevel->activated)
        push_state(&states, XDG_TOPLEVEL_STATE_ACTIVATED);
    if (toplevel->fullscreen)
        push_state(&states, XDG_TOPLEVEL_STATE_FULLSCREEN);
    else if (toplevel->maximized)
        push_state(&states, XDG_TOPLEVEL_STATE_MAXIMIZED);
    dc_decoration_send_mode(toplevel);
    xdg_toplevel_send_configure(toplevel->resource, fill ? (int32_t)toplevel->display->width : 0,
                                fill ? (int32_t)toplevel->display->height : 0, &states);
    wl_array_release(&states);
    dc_xdg_surface_send_configure(toplevel->xdg);
}

void
dc_toplevel_set_activated(struct dc_toplevel *toplevel, bool activated)
{
    if (toplevel->activated == activated)
        return;
    toplevel->activated = activated;
    if (toplevel->xdg && toplevel->xdg->configure_sent)
        dc_toplevel_configure(toplevel);
}

static bool
is_resizable(const struct dc_toplevel *toplevel)
{
    if (toplevel->max_width > 0 && toplevel->max_width < (int32_t)toplevel->display->width)
        return false;
    return toplevel->max_height <= 0 || toplevel->max_height >= (int32_t)toplevel->display->height;
}

static void
choose_size(struct dc_toplevel *toplevel)
{
    toplevel->size_chosen = true;
    bool is_alone = wl_list_empty(&toplevel->display->toplevels) && !toplevel->parent;
    if (!is_alone || !is_resizable(toplevel) || toplevel->maximized || toplevel->fullscreen)
        return;
    toplevel->maximized = true;
    dc_toplevel_configure(toplevel);
}

void
dc_toplevel_raise(struct dc_toplevel *toplevel)
{
    struct dc_display *display = toplevel->display;
    wl_list_remove(&toplevel->stack_link);
    wl_list_insert(display->toplevels.prev, &toplevel->stack_link);
    // Its dialogs stay above it, in the order that they have. One level at a time: a dialog's dialog follows it.
    struct dc_toplevel *other, *next, *last = toplevel;
    wl_list_for_each_safe(other, next, &display->toplevels, stack_link) {
        if (other == toplevel)
            break;
        if (other->parent == toplevel) {
            wl_list_remove(&other->stack_link);
            wl_list_insert(&last->stack_link, &other->stack_link);
            last = other;
        }
    }
    dc_presenter_damage(&display->presenter);
    set_focus(display, toplevel);
}

static void
map(struct dc_toplevel *toplevel)
{
    struct dc_display *display = toplevel->display;
    toplevel->mapped = true;
    wl_list_insert(display->toplevels.prev, &toplevel->stack_link);
    dc_debug("window of %d×%d is on screen", toplevel->xdg->surface->width, toplevel->xdg->surface->height);
    if (!display->mapped && display->listener.handle_mapped)
        display->listener.handle_mapped(display->user, true);
    display->mapped = true;
    set_focus(display, toplevel);
}

void
dc_toplevel_unmap(struct dc_toplevel *toplevel)
{
    struct dc_display *display = toplevel->display;
    if (!toplevel->mapped)
        return;
    toplevel->mapped = false;
    wl_list_remove(&toplevel->stack_link);
    dc_presenter_damage(&display->presenter);
    if (display->focus == toplevel) {
        display->focus = NULL;
        set_focus(display, next_focus(display, toplevel));
    }
    if (!wl_list_empty(&display->toplevels))
        return;
    display->mapped = false;
    if (display->listener.handle_mapped)
        display->listener.handle_mapped(display->user, false);
}

void
dc_toplevel_handle_commit(struct dc_toplevel *toplevel)
{
    bool has_content = dc_surface_has_content(toplevel->xdg->surface);
    if (!has_content && toplevel->mapped) {
        dc_toplevel_unmap(toplevel);
        toplevel->maximized = toplevel->fullscreen = toplevel->activated = toplevel->size_chosen = false;
        dc_xdg_surface_reset(toplevel->xdg);
    } else if (!has_content && !toplevel->xdg->configure_sent) {
        toplevel->activated = true;
        dc_toplevel_configure(toplevel);
        return;
    }
    if (toplevel->xdg->configured && !toplevel->size_chosen)
        choose_size(toplevel);
    if (has_content && !toplevel->mapped) {
        map(toplevel);
    } else if (has_content) {
        dc_seat_handle_geometry(&toplevel->display->seat);
    }
}

static void
free_toplevel(struct wl_resource *resource)
{
    struct dc_toplevel *toplevel = wl_resource_get_user_data(resource);
    dc_toplevel_unmap(toplevel);
    struct dc_toplevel *other;
    wl_list_remove(&toplevel->link);
    wl_list_for_each(other, &toplevel->display->all_toplevels, link) {
        if (other->parent == toplevel)
            other->parent = toplevel->parent;
    }
    dc_decoration_toplevel_destroyed(toplevel);
    if (toplevel->xdg)
        toplevel->xdg->toplevel = NULL;
    free(toplevel);
}

void
dc_toplevel_create(struct dc_xdg_surface *xdg, struct wl_client *client, uint32_t id)
{
    struct dc_toplevel *toplevel = calloc(1, sizeof(*toplevel));
    if (toplevel)
        toplevel->resource =
            wl_resource_create(client, &xdg_toplevel_interface, wl_resource_get_version(xdg->resource), id);
    if (!toplevel || !toplevel->resource) {
        free(toplevel);
        wl_client_post_no_memory(client);
        return;
    }
    toplevel->xdg = xdg;
    toplevel->display = xdg->display;
    xdg->toplevel = toplevel;
    wl_list_insert(&xdg->display->all_toplevels, &toplevel->link);
    wl_resource_set_implementation(toplevel->resource, &dc_toplevel_requests, toplevel, free_toplevel);
}
