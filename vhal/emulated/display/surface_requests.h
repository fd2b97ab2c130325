#ifndef DC_DISPLAY_SURFACE_REQUESTS_H
#define DC_DISPLAY_SURFACE_REQUESTS_H
#include <stdint.h>

#include <wayland-server-protocol.h>

struct dc_display;

extern const struct wl_surface_interface dc_surface_requests;
/* wl_compositor.create_surface */
void dc_surface_create(struct dc_display *display, struct wl_client *wl, uint32_t version, uint32_t id);

#endif
