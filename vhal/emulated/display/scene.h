#ifndef DC_DISPLAY_SCENE_H
#define DC_DISPLAY_SCENE_H
/* What is on screen, from the window stack: layers for the worker, and which surface is under a point. */
#include <stdbool.h>
#include <stdint.h>

struct dc_display;
struct dc_display_layer;
struct dc_surface;

/* Back to front; what an opaque full-screen layer hides is left out. Returns how many. */
uint32_t dc_scene_layers(struct dc_display *display, struct dc_display_layer *layers, uint32_t max_layers);
/* The topmost surface that takes input at output position x, y, and where on the output its own 0,0 is. NULL: none. */
struct dc_surface *dc_scene_pick(struct dc_display *display, int32_t x, int32_t y, int32_t *origin_x,
                                 int32_t *origin_y);
/* Where a surface's 0,0 is on the output. false: not shown. */
bool dc_scene_find(struct dc_display *display, const struct dc_surface *surface, int32_t *origin_x, int32_t *origin_y);

#endif
