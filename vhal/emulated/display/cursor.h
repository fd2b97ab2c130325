#ifndef DC_DISPLAY_CURSOR_H
#define DC_DISPLAY_CURSOR_H
/* The cursor is the application's own surface, or none: the compositor has no picture of its own. */
#include <stdbool.h>
#include <stdint.h>

struct dc_display;
struct dc_pointer;
struct dc_surface;
struct wl_resource;

bool dc_cursor_take_role(struct dc_surface *surface, struct wl_resource *error_resource);
/* surface NULL: hidden. */
void dc_cursor_set(struct dc_pointer *pointer, struct dc_surface *surface, int32_t hotspot_x, int32_t hotspot_y);
/* What to draw and where its 0,0 is; NULL: nothing. */
struct dc_surface *dc_cursor_get(struct dc_display *display, int32_t *x, int32_t *y);

#endif
