#include "xdg_popup.h"

#include <stdlib.h>

#include <xdg-shell-server-protocol.h>

#include "compositor.h"
#include "surface.h"
#include "xdg_surface.h"

bool
dc_popup_get_origin(const struct dc_popup *popup, int32_t *x, int32_t *y)
{
    if (!popup->parent || !popup->parent->surface || !dc_xdg_surface_get_origin(popup->parent, x, y))
        return false;
    struct dc_rect parent, own;
    dc_xdg_surface_get_geometry(popup->parent, &parent);
    dc_xdg_surface_get_geometry(popup->xdg, &own);
    *x += parent.x + popup->geometry.x - own.x;
    *y += parent.y + popup->geometry.y - own.y;
    return true;
}

struct dc_popup *
dc_popup_grabbing(struct dc_display *display)
{
    struct dc_popup *popup;
    wl_list_for_each_reverse(popup, &display->popups, stack_link) {
        if (popup->grab)
            return popup;
    }
    return NULL;
}

void
dc_popup_dismiss_all(struct dc_display *display)
{
    struct dc_popup *popup;
    wl_list_for_each_reverse(popup, &display->popups, stack_link) {
        if (popup->grab)
            xdg_popup_send_popup_done(popup->resource);
    }
}

static void
place(struct dc_popup *popup)
{
    struct dc_rect bounds = { 0, 0, (int32_t)popup->display->width, (int32_t)popup->display->height };
    int32_t x, y;
    if (popup->parent && popup->parent->surface && dc_xdg_surface_get_origin(popup->parent, &x, &y)) {
        struct dc_rect parent;
        dc_xdg_surface_get_geometry(popup->parent, &parent);
        bounds.x -= x + parent.x;
        bounds.y -= y + parent.y;
    }
    dc_positioner_place(&popup->positioner, &bounds, &popup->geometry);
}

static void
configure(struct dc_popup *popup)
{
    xdg_popup_send_configure(popup->resource, popup->geometry.x, popup->geometry.y, popup->geometry.width,
                             popup->geometry.height);
    dc_xdg_surface_send_configure(popup->xdg);
}

void
dc_popup_unmap(struct dc_popup *popup)
{
    if (!popup->mapped)
        return;
    popup->mapped = false;
    wl_list_remove(&popup->stack_link);
    dc_presenter_damage(&popup->display->presenter);
    dc_seat_refocus(&popup->display->seat);
}

void
dc_popup_handle_commit(struct dc_popup *popup)
{
    bool has_content = dc_surface_has_content(popup->xdg->surface);
    if (!has_content && popup->mapped) {
        dc_popup_unmap(popup);
        dc_xdg_surface_reset(popup->xdg);
    } else if (!has_content && !popup->xdg->configure_sent) {
        configure(popup);
    } else if (has_content && !popup->mapped) {
        popup->mapped = true;
        wl_list_insert(popup->display->popups.prev, &popup->stack_link);
        dc_seat_refocus(&popup->display->seat);
    }
}

void
dc_popups_orphan(struct dc_xdg_surface *parent)
{
    struct dc_popup *popup, *next;
    wl_list_for_each_safe(popup, next, &parent->popups, parent_link) {
        wl_list_remove(&popup->parent_link);
        wl_list_init(&popup->parent_link);
        popup->parent = NULL;
        dc_popup_unmap(popup);
        xdg_popup_send_popup_done(popup->resource);
    }
}

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static void
handle_grab(struct wl_client *client, struct wl_resource *resource, struct wl_resource *seat, uint32_t serial)
{
    struct dc_popup *popup = wl_resource_get_user_data(resource);
    if (popup->mapped) {
        wl_resource_post_error(resource, XDG_POPUP_ERROR_INVALID_GRAB, "the popup is on screen already");
        return;
    }
    popup->grab = true;
}

static void
handle_reposition(struct wl_client *client, struct wl_resource *resource, struct wl_resource *positioner,
                  uint32_t token)
{
    struct dc_popup *popup = wl_resource_get_user_data(resource);
    if (!popup->xdg)
        return;
    popup->positioner = *dc_positioner_from_resource(positioner);
    place(popup);
    xdg_popup_send_repositioned(resource, token);
    configure(popup);
    dc_presenter_damage(&popup->display->presenter);
}

static const struct xdg_popup_interface popup_impl = {
    .destroy = handle_destroy,
    .grab = handle_grab,
    .reposition = handle_reposition,
};

static void
free_popup(struct wl_resource *resource)
{
    struct dc_popup *popup = wl_resource_get_user_data(resource);
    dc_popup_unmap(popup);
    wl_list_remove(&popup->parent_link);
    if (popup->xdg)
        popup->xdg->popup = NULL;
    free(popup);
}

void
dc_popup_create(struct dc_xdg_surface *xdg, struct wl_client *client, uint32_t id, struct dc_xdg_surface *parent,
                struct wl_resource *positioner)
{
    const struct dc_positioner *rules = dc_positioner_from_resource(positioner);
    if (rules->width < 1) {
        wl_resource_post_error(xdg->resource, XDG_WM_BASE_ERROR_INVALID_POSITIONER, "the positioner has no size");
        return;
    }
    // No ring of popups: each parent must be mapped, or at least older than its child.
    for (const struct dc_xdg_surface *at = parent; at; at = at->popup ? at->popup->parent : NULL) {
        if (at == xdg) {
            wl_resource_post_error(xdg->resource, XDG_WM_BASE_ERROR_INVALID_POPUP_PARENT, "a popup is its own parent");
            return;
        }
    }
    struct dc_popup *popup = calloc(1, sizeof(*popup));
    if (popup)
        popup->resource = wl_resource_create(client, &xdg_popup_interface, wl_resource_get_version(xdg->resource), id);
    if (!popup || !popup->resource) {
        free(popup);
        wl_client_post_no_memory(client);
        return;
    }
    popup->xdg = xdg;
    popup->display = xdg->display;
    popup->parent = parent;
    popup->positioner = *rules;
    wl_list_init(&popup->parent_link);
    if (parent)
        wl_list_insert(&parent->popups, &popup->parent_link);
    xdg->popup = popup;
    place(popup);
    wl_resource_set_implementation(popup->resource, &popup_impl, popup, free_popup);
}
