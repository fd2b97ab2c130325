#ifndef DC_DISPLAY_SURFACE_STATE_H
#define DC_DISPLAY_SURFACE_STATE_H
/*
 * What a commit carries: gathered as pending state, perhaps cached (synchronised subsurfaces), then applied.
 */
#include <stdbool.h>
#include <stdint.h>

#include <wayland-server-core.h>

#include "region.h"

enum dc_surface_change {
    DC_CHANGE_BUFFER = 1 << 0,
    DC_CHANGE_OPAQUE = 1 << 1,
    DC_CHANGE_INPUT = 1 << 2,
    DC_CHANGE_SCALE = 1 << 3,
    DC_CHANGE_VIEWPORT_SOURCE = 1 << 4,
    DC_CHANGE_VIEWPORT_SIZE = 1 << 5,
};

struct dc_viewport_source {
    wl_fixed_t x, y, width, height; // buffer pixels; width 0: unset
};

struct dc_surface_state {
    uint32_t changes;           // enum dc_surface_change
    struct wl_resource *buffer; // NULL: none
    struct wl_listener buffer_destroyed;
    int32_t dx, dy;                  // attach or offset, summed up
    struct dc_damage damage;         // surface coordinates
    struct dc_damage buffer_damage;  // buffer pixels
    struct dc_region opaque, input;
    int32_t scale;
    struct dc_viewport_source source;
    int32_t viewport_width, viewport_height; // 0: unset
    struct wl_list frame_callbacks;          // wl_resource links
    struct wl_list feedbacks;                // dc_feedback.link
};

void dc_surface_state_init(struct dc_surface_state *state);
void dc_surface_state_finish(struct dc_surface_state *state);
void dc_surface_state_set_buffer(struct dc_surface_state *state, struct wl_resource *buffer);
/* Adds `from` to `to` as if both had been one commit, and empties `from`. */
void dc_surface_state_move(struct dc_surface_state *to, struct dc_surface_state *from);

#endif
