#ifndef DC_DISPLAY_FOCUS_H
#define DC_DISPLAY_FOCUS_H
/* A surface that is remembered until it is destroyed. */
#include <wayland-server-core.h>

struct dc_surface;

struct dc_focus {
    struct dc_surface *surface; // NULL: none
    struct wl_listener destroyed;
    void (*handle_lost)(struct dc_focus *focus); // optional; the surface is being destroyed, `surface` is still set
};

void dc_focus_init(struct dc_focus *focus);
void dc_focus_set(struct dc_focus *focus, struct dc_surface *surface);
/* The client of the surface, NULL for none. */
struct wl_client *dc_focus_client(const struct dc_focus *focus);

#endif
