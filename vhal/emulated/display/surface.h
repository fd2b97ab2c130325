#ifndef DC_DISPLAY_SURFACE_H
#define DC_DISPLAY_SURFACE_H
/* wl_surface: its committed state, what it shows, and its place in a tree of subsurfaces. */
#include <stdbool.h>
#include <stdint.h>

#include <vhal/display.h>

#include "surface_state.h"

struct dc_display;
struct dc_surface;

/* What a surface is used for; given once and for life. */
struct dc_surface_role {
    const char *name;
    uint32_t error_code; // of wl_display-level "role" protocol errors, per interface
    /* Optional. After the state was applied. */
    void (*commit)(struct dc_surface *surface);
    /* Optional. The wl_surface is going away before the role object. */
    void (*surface_destroyed)(struct dc_surface *surface);
};

#define DC_SURFACE_MAX_SCALE 16

enum dc_content_kind { DC_CONTENT_NONE, DC_CONTENT_GPU, DC_CONTENT_SHM };

struct dc_content {
    enum dc_content_kind kind;
    uint32_t ring_id, surface_id; // shm: the images' ring and the image
    uint64_t seq;
    uint32_t width, height; // pixels
    bool has_alpha;
};

struct dc_surface {
    struct dc_display *display;
    struct wl_resource *resource;
    struct wl_list link; // dc_display.surfaces
    const struct dc_surface_role *role;
    void *role_data; // the role object while it exists
    struct dc_surface_state pending, current;
    struct dc_content content;
    int32_t width, height;          // surface coordinates; 0 without content
    struct wl_list subsurfaces;     // dc_subsurface.link, back to front, and among them …
    struct wl_list self_marker;     // … our own place
    struct wl_list pending_subsurfaces, pending_self_marker; // dc_subsurface.pending_link: order after the next commit
    struct wl_resource *viewport;   // wp_viewport or NULL
    bool output_entered;
    struct wl_signal destroyed; // data: the surface
};

struct dc_surface *dc_surface_from_resource(struct wl_resource *resource); // NULL for NULL
/* false: the surface already has another role (a protocol error was posted to `error_resource`). */
bool dc_surface_set_role(struct dc_surface *surface, const struct dc_surface_role *role,
                         struct wl_resource *error_resource, uint32_t error_code);
/* Applies `state` (pending, or a subsurface's cache) as one commit. */
void dc_surface_apply(struct dc_surface *surface, struct dc_surface_state *state);
bool dc_surface_has_content(const struct dc_surface *surface);
/* Does the surface take input at this point (surface coordinates)? */
bool dc_surface_takes_input(const struct dc_surface *surface, int32_t x, int32_t y);
/* The surface at the root of the tree of subsurfaces. */
struct dc_surface *dc_surface_root(struct dc_surface *surface);
/* vsync: every frame callback that waits. */
void dc_surface_send_frames(struct dc_display *display, int64_t time_us);
bool dc_surface_wants_frames(struct dc_display *display);

#endif
