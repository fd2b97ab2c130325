#include "xdg_surface.h"

#include <stdlib.h>

#define DC_LOG_COMPONENT "display"
#include <common/log.h>
#include <xdg-shell-server-protocol.h>

#include "compositor.h"
#include "surface.h"
#include "xdg_popup.h"
#include "xdg_toplevel.h"

static void handle_commit(struct dc_surface *surface);
static void handle_surface_destroyed(struct dc_surface *surface);

static const struct dc_surface_role role = {
    .name = "xdg_surface",
    .commit = handle_commit,
    .surface_destroyed = handle_surface_destroyed,
};

struct dc_xdg_surface *
dc_xdg_surface_from_resource(struct wl_resource *resource)
{
    return resource ? wl_resource_get_user_data(resource) : NULL;
}

struct dc_xdg_surface *
dc_xdg_surface_from_surface(const struct dc_surface *surface)
{
    return surface && surface->role == &role ? surface->role_data : NULL;
}

void
dc_xdg_surface_send_configure(struct dc_xdg_surface *xdg)
{
    xdg->configure_sent = true;
    xdg_surface_send_configure(xdg->resource, wl_display_next_serial(xdg->display->wl));
}

void
dc_xdg_surface_get_geometry(const struct dc_xdg_surface *xdg, struct dc_rect *geometry)
{
    struct dc_rect all = { 0, 0, xdg->surface ? xdg->surface->width : 0, xdg->surface ? xdg->surface->height : 0 };
    *geometry = xdg->geometry;
    if (geometry->width <= 0 || !dc_rect_intersect(geometry, &all))
        *geometry = all;
}

bool
dc_xdg_surface_get_origin(const struct dc_xdg_surface *xdg, int32_t *x, int32_t *y)
{
    if (xdg->popup)
        return dc_popup_get_origin(xdg->popup, x, y);
    if (!xdg->toplevel)
        return false;
    dc_toplevel_get_origin(xdg->toplevel, x, y);
    return true;
}

void
dc_xdg_surface_reset(struct dc_xdg_surface *xdg)
{
    xdg->configure_sent = xdg->configured = false;
    xdg->geometry = xdg->pending_geometry = (struct dc_rect){ 0 };
}

static void
handle_commit(struct dc_surface *surface)
{
    struct dc_xdg_surface *xdg = surface->role_data;
    if (!xdg)
        return;
    if (dc_surface_has_content(surface) && !xdg->configured) {
        wl_resource_post_error(xdg->resource, XDG_SURFACE_ERROR_UNCONFIGURED_BUFFER,
                               "a buffer before the first configure was acknowledged");
        return;
    }
    xdg->geometry = xdg->pending_geometry;
    if (xdg->toplevel)
        dc_toplevel_handle_commit(xdg->toplevel);
    else if (xdg->popup)
        dc_popup_handle_commit(xdg->popup);
}

static void
detach(struct dc_xdg_surface *xdg)
{
    if (xdg->toplevel)
        dc_toplevel_unmap(xdg->toplevel);
    if (xdg->popup)
        dc_popup_unmap(xdg->popup);
    dc_popups_orphan(xdg);
    if (xdg->surface)
        xdg->surface->role_data = NULL;
    xdg->surface = NULL;
}

static void
handle_surface_destroyed(struct dc_surface *surface)
{
    detach(surface->role_data);
}

static void
free_xdg_surface(struct wl_resource *resource)
{
    struct dc_xdg_surface *xdg = wl_resource_get_user_data(resource);
    detach(xdg);
    if (xdg->toplevel)
        xdg->toplevel->xdg = NULL;
    if (xdg->popup)
        xdg->popup->xdg = NULL;
    free(xdg);
}

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    struct dc_xdg_surface *xdg = dc_xdg_surface_from_resource(resource);
    if (xdg->toplevel || xdg->popup)
        dc_debug("xdg_surface@%u is destroyed before its role object", wl_resource_get_id(resource));
    wl_resource_destroy(resource);
}

static bool
has_no_role_yet(struct dc_xdg_surface *xdg)
{
    if (!xdg->toplevel && !xdg->popup && xdg->surface)
        return true;
    wl_resource_post_error(xdg->resource, XDG_SURFACE_ERROR_ALREADY_CONSTRUCTED, "the surface has its role already");
    return false;
}

static void
handle_get_toplevel(struct wl_client *client, struct wl_resource *resource, uint32_t id)
{
    struct dc_xdg_surface *xdg = dc_xdg_surface_from_resource(resource);
    if (has_no_role_yet(xdg))
        dc_toplevel_create(xdg, client, id);
}

static void
handle_get_popup(struct wl_client *client, struct wl_resource *resource, uint32_t id, struct wl_resource *parent,
                 struct wl_resource *positioner)
{
    struct dc_xdg_surface *xdg = dc_xdg_surface_from_resource(resource);
    if (has_no_role_yet(xdg))
        dc_popup_create(xdg, client, id, dc_xdg_surface_from_resource(parent), positioner);
}

static void
handle_set_window_geometry(struct wl_client *client, struct wl_resource *resource, int32_t x, int32_t y,
                           int32_t width, int32_t height)
{
    struct dc_xdg_surface *xdg = dc_xdg_surface_from_resource(resource);
    if (width <= 0 || height <= 0) {
        wl_resource_post_error(resource, XDG_SURFACE_ERROR_NOT_CONSTRUCTED, "window geometry of %d×%d", width, height);
        return;
    }
    xdg->pending_geometry = (struct dc_rect){ x, y, width, height };
}

static void
handle_ack_configure(struct wl_client *client, struct wl_resource *resource, uint32_t serial)
{
    struct dc_xdg_surface *xdg = dc_xdg_surface_from_resource(resource);
    if (xdg->configure_sent)
        xdg->configured = true;
}

static const struct xdg_surface_interface xdg_surface_impl = {
    .destroy = handle_destroy,
    .get_toplevel = handle_get_toplevel,
    .get_popup = handle_get_popup,
    .set_window_geometry = handle_set_window_geometry,
    .ack_configure = handle_ack_configure,
};

void
dc_xdg_surface_create(struct dc_display *display, struct wl_client *client, struct wl_resource *wm_base, uint32_t id,
                      struct wl_resource *surface_resource)
{
    struct dc_surface *surface = dc_surface_from_resource(surface_resource);
    if (!dc_surface_set_role(surface, &role, wm_base, XDG_WM_BASE_ERROR_ROLE))
        return;
    if (dc_surface_has_content(surface)) {
        wl_resource_post_error(wm_base, XDG_WM_BASE_ERROR_INVALID_SURFACE_STATE, "the surface has a buffer already");
        return;
    }
    struct dc_xdg_surface *xdg = calloc(1, sizeof(*xdg));
    if (xdg)
        xdg->resource = wl_resource_create(client, &xdg_surface_interface, wl_resource_get_version(wm_base), id);
    if (!xdg || !xdg->resource) {
        free(xdg);
        wl_client_post_no_memory(client);
        return;
    }
    xdg->display = display;
    xdg->surface = surface;
    wl_list_init(&xdg->popups);
    surface->role_data = xdg;
    wl_resource_set_implementation(xdg->resource, &xdg_surface_impl, xdg, free_xdg_surface);
}
