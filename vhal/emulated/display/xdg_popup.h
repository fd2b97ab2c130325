#ifndef DC_DISPLAY_XDG_POPUP_H
#define DC_DISPLAY_XDG_POPUP_H
/* Menus, tooltips, combo boxes: above all windows, placed relative to their parent. */
#include <stdbool.h>
#include <stdint.h>

#include <wayland-server-core.h>

#include "xdg_positioner.h"

struct dc_display;
struct dc_surface;
struct dc_xdg_surface;

struct dc_popup {
    struct wl_resource *resource;
    struct dc_xdg_surface *xdg;    // NULL once destroyed
    struct dc_xdg_surface *parent; // NULL: gone
    struct dc_display *display;
    struct wl_list parent_link;    // dc_xdg_surface.popups of the parent
    struct wl_list stack_link;     // dc_display.popups while mapped
    struct dc_positioner positioner;
    struct dc_rect geometry; // relative to the parent's window geometry
    bool mapped, grab;
};

void dc_popup_create(struct dc_xdg_surface *xdg, struct wl_client *client, uint32_t id, struct dc_xdg_surface *parent,
                     struct wl_resource *positioner);
void dc_popup_handle_commit(struct dc_popup *popup);
void dc_popup_unmap(struct dc_popup *popup);
bool dc_popup_get_origin(const struct dc_popup *popup, int32_t *x, int32_t *y);
/* The parent is going away: its popups are dismissed. */
void dc_popups_orphan(struct dc_xdg_surface *parent);
/* The topmost popup with a grab, or NULL. */
struct dc_popup *dc_popup_grabbing(struct dc_display *display);
/* popup_done for every grabbing popup (a click elsewhere). */
void dc_popup_dismiss_all(struct dc_display *display);

#endif
