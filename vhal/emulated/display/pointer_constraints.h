#ifndef DC_DISPLAY_POINTER_CONSTRAINTS_H
#define DC_DISPLAY_POINTER_CONSTRAINTS_H
/* zwp_pointer_constraints_v1 and zwp_relative_pointer_v1: what first-person games look around with. */
#include <stdbool.h>

#include <wayland-server-core.h>

#include "focus.h"

struct dc_input_event;
struct dc_pointer;
struct dc_surface;

struct dc_pointer_constraint {
    struct wl_resource *resource;
    struct wl_list link; // dc_pointer.constraints
    struct dc_pointer *pointer;
    struct dc_focus focus; // the surface it is for
    bool lock;             // else confine
    bool persistent, active, spent;
};

/* The pointer's surface changed: constraints come into force or end. */
void dc_pointer_constraints_update(struct dc_pointer *pointer);
bool dc_pointer_is_locked(const struct dc_pointer *pointer);
struct dc_surface *dc_pointer_confined_to(const struct dc_pointer *pointer); // NULL: free
/* Sends the relative part to the focused client. false: it did not ask for it. */
bool dc_relative_pointer_send(struct dc_pointer *pointer, const struct dc_input_event *event);

#endif
