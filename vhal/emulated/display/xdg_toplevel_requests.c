#include "xdg_toplevel_requests.h"

#define DC_LOG_COMPONENT "display"
#include <common/log.h>

#include "xdg_surface.h"
#include "xdg_toplevel.h"

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static void
handle_set_parent(struct wl_client *client, struct wl_resource *resource, struct wl_resource *parent_resource)
{
    struct dc_toplevel *toplevel = wl_resource_get_user_data(resource);
    struct dc_toplevel *parent = parent_resource ? wl_resource_get_user_data(parent_resource) : NULL;
    for (const struct dc_toplevel *at = parent; at; at = at->parent) {
        if (at == toplevel)
            return; // a ring of parents helps nobody
    }
    toplevel->parent = parent && parent->mapped ? parent : NULL;
}

static void
handle_set_title(struct wl_client *client, struct wl_resource *resource, const char *title)
{
    dc_debug("window title: %s", title);
}

static void
handle_set_app_id(struct wl_client *client, struct wl_resource *resource, const char *app_id)
{
}

static void
handle_show_window_menu(struct wl_client *client, struct wl_resource *resource, struct wl_resource *seat,
                        uint32_t serial, int32_t x, int32_t y)
{
}

static void
handle_move(struct wl_client *client, struct wl_resource *resource, struct wl_resource *seat, uint32_t serial)
{
}

static void
handle_resize(struct wl_client *client, struct wl_resource *resource, struct wl_resource *seat, uint32_t serial,
              uint32_t edges)
{
}

static bool
set_limits(struct wl_resource *resource, int32_t width, int32_t height)
{
    if (width >= 0 && height >= 0)
        return true;
    wl_resource_post_error(resource, XDG_TOPLEVEL_ERROR_INVALID_SIZE, "%d×%d", width, height);
    return false;
}

static void
handle_set_max_size(struct wl_client *client, struct wl_resource *resource, int32_t width, int32_t height)
{
    struct dc_toplevel *toplevel = wl_resource_get_user_data(resource);
    if (!set_limits(resource, width, height))
        return;
    toplevel->max_width = width;
    toplevel->max_height = height;
}

static void
handle_set_min_size(struct wl_client *client, struct wl_resource *resource, int32_t width, int32_t height)
{
    struct dc_toplevel *toplevel = wl_resource_get_user_data(resource);
    if (!set_limits(resource, width, height))
        return;
    toplevel->min_width = width;
    toplevel->min_height = height;
}

static void
change_state(struct wl_resource *resource, bool maximized, bool fullscreen)
{
    struct dc_toplevel *toplevel = wl_resource_get_user_data(resource);
    if (!toplevel->xdg)
        return;
    toplevel->maximized = maximized;
    toplevel->fullscreen = fullscreen;
    // Before the first commit the first configure will say it.
    if (toplevel->xdg->configure_sent)
        dc_toplevel_configure(toplevel);
}

static void
handle_set_maximized(struct wl_client *client, struct wl_resource *resource)
{
    struct dc_toplevel *toplevel = wl_resource_get_user_data(resource);
    change_state(resource, true, toplevel->fullscreen);
}

static void
handle_unset_maximized(struct wl_client *client, struct wl_resource *resource)
{
    struct dc_toplevel *toplevel = wl_resource_get_user_data(resource);
    change_state(resource, false, toplevel->fullscreen);
}

static void
handle_set_fullscreen(struct wl_client *client, struct wl_resource *resource, struct wl_resource *output)
{
    struct dc_toplevel *toplevel = wl_resource_get_user_data(resource);
    change_state(resource, toplevel->maximized, true);
}

static void
handle_unset_fullscreen(struct wl_client *client, struct wl_resource *resource)
{
    struct dc_toplevel *toplevel = wl_resource_get_user_data(resource);
    change_state(resource, toplevel->maximized, false);
}

static void
handle_set_minimized(struct wl_client *client, struct wl_resource *resource)
{
}

const struct xdg_toplevel_interface dc_toplevel_requests = {
    .destroy = handle_destroy,
    .set_parent = handle_set_parent,
    .set_title = handle_set_title,
    .set_app_id = handle_set_app_id,
    .show_window_menu = handle_show_window_menu,
    .move = handle_move,
    .resize = handle_resize,
    .set_max_size = handle_set_max_size,
    .set_min_size = handle_set_min_size,
    .set_maximized = handle_set_maximized,
    .unset_maximized = handle_unset_maximized,
    .set_fullscreen = handle_set_fullscreen,
    .unset_fullscreen = handle_unset_fullscreen,
    .set_minimized = handle_set_minimized,
};
