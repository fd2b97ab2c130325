#ifndef DC_DISPLAY_XDG_SURFACE_H
#define DC_DISPLAY_XDG_SURFACE_H
/* xdg_surface: what toplevels and popups have in common: window geometry and the configure handshake. */
#include <stdbool.h>
#include <stdint.h>

#include <wayland-server-core.h>

#include "region.h"

struct dc_display;
struct dc_surface;
struct dc_toplevel;
struct dc_popup;

struct dc_xdg_surface {
    struct dc_display *display;
    struct wl_resource *resource;
    struct dc_surface *surface; // NULL once destroyed
    struct dc_toplevel *toplevel;
    struct dc_popup *popup; // at most one of the two
    struct dc_rect geometry, pending_geometry; // width 0: the whole surface
    bool configure_sent, configured;
    struct wl_list popups; // dc_popup.parent_link
};

struct dc_xdg_surface *dc_xdg_surface_from_resource(struct wl_resource *resource);
/* NULL: the surface has no xdg role. */
struct dc_xdg_surface *dc_xdg_surface_from_surface(const struct dc_surface *surface);
/* xdg_wm_base.get_xdg_surface */
void dc_xdg_surface_create(struct dc_display *display, struct wl_client *client, struct wl_resource *wm_base,
                           uint32_t id, struct wl_resource *surface);
void dc_xdg_surface_send_configure(struct dc_xdg_surface *xdg); // after the role's own configure
void dc_xdg_surface_get_geometry(const struct dc_xdg_surface *xdg, struct dc_rect *geometry);
/* Where the surface's 0,0 is on the output. false: a popup without parent. */
bool dc_xdg_surface_get_origin(const struct dc_xdg_surface *xdg, int32_t *x, int32_t *y);
/* After an unmap: the next commit is an initial one again. */
void dc_xdg_surface_reset(struct dc_xdg_surface *xdg);

#endif
