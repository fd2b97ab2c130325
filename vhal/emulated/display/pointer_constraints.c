#include "pointer_constraints.h"

#include <stdlib.h>

#include <pointer-constraints-unstable-v1-server-protocol.h>
#include <wayland-server-protocol.h>

#include "compositor.h"
#include "surface.h"

static struct dc_pointer_constraint *
find_active(const struct dc_pointer *pointer)
{
    struct dc_pointer_constraint *constraint;
    wl_list_for_each(constraint, &pointer->constraints, link) {
        if (constraint->active)
            return constraint;
    }
    return NULL;
}

bool
dc_pointer_is_locked(const struct dc_pointer *pointer)
{
    const struct dc_pointer_constraint *constraint = find_active(pointer);
    return constraint && constraint->lock;
}

struct dc_surface *
dc_pointer_confined_to(const struct dc_pointer *pointer)
{
    const struct dc_pointer_constraint *constraint = find_active(pointer);
    return constraint && !constraint->lock ? constraint->focus.surface : NULL;
}

static void
set_active(struct dc_pointer_constraint *constraint, bool active)
{
    if (constraint->active == active || (active && constraint->spent))
        return;
    constraint->active = active;
    if (!active && !constraint->persistent)
        constraint->spent = true;
    if (constraint->lock && active)
        zwp_locked_pointer_v1_send_locked(constraint->resource);
    else if (constraint->lock)
        zwp_locked_pointer_v1_send_unlocked(constraint->resource);
    else if (active)
        zwp_confined_pointer_v1_send_confined(constraint->resource);
    else
        zwp_confined_pointer_v1_send_unconfined(constraint->resource);
    dc_presenter_damage_pointer(&constraint->pointer->seat->display->presenter); // a locked pointer is not drawn
}

void
dc_pointer_constraints_update(struct dc_pointer *pointer)
{
    struct dc_pointer_constraint *constraint;
    wl_list_for_each(constraint, &pointer->constraints, link)
        set_active(constraint, constraint->focus.surface && constraint->focus.surface == pointer->focus.surface);
}

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static void
handle_set_cursor_position_hint(struct wl_client *client, struct wl_resource *resource, wl_fixed_t x, wl_fixed_t y)
{
    // The client's pointer is where the player's hand is; it is not warped.
}

static void
handle_set_region(struct wl_client *client, struct wl_resource *resource, struct wl_resource *region)
{
    // The whole surface is the region: what clients confine to in practice.
}

static const struct zwp_locked_pointer_v1_interface locked_impl = {
    .destroy = handle_destroy,
    .set_cursor_position_hint = handle_set_cursor_position_hint,
    .set_region = handle_set_region,
};

static const struct zwp_confined_pointer_v1_interface confined_impl = {
    .destroy = handle_destroy,
    .set_region = handle_set_region,
};

static void
free_constraint(struct wl_resource *resource)
{
    struct dc_pointer_constraint *constraint = wl_resource_get_user_data(resource);
    if (constraint->active)
        dc_presenter_damage_pointer(&constraint->pointer->seat->display->presenter);
    wl_list_remove(&constraint->link);
    dc_focus_set(&constraint->focus, NULL);
    free(constraint);
}

static void
create(struct wl_client *client, struct wl_resource *manager, uint32_t id, struct wl_resource *surface_resource,
       uint32_t lifetime, bool lock)
{
    struct dc_pointer *pointer = wl_resource_get_user_data(manager);
    struct dc_surface *surface = dc_surface_from_resource(surface_resource);
    struct dc_pointer_constraint *other;
    wl_list_for_each(other, &pointer->constraints, link) {
        if (other->focus.surface == surface && !other->spent) {
            wl_resource_post_error(manager, ZWP_POINTER_CONSTRAINTS_V1_ERROR_ALREADY_CONSTRAINED,
                                   "the surface has a constraint");
            return;
        }
    }
    struct dc_pointer_constraint *constraint = calloc(1, sizeof(*constraint));
    if (constraint)
        constraint->resource =
            wl_resource_create(client, lock ? &zwp_locked_pointer_v1_interface : &zwp_confined_pointer_v1_interface,
                               wl_resource_get_version(manager), id);
    if (!constraint || !constraint->resource) {
        free(constraint);
        wl_client_post_no_memory(client);
        return;
    }
    constraint->pointer = pointer;
    constraint->lock = lock;
    constraint->persistent = lifetime == ZWP_POINTER_CONSTRAINTS_V1_LIFETIME_PERSISTENT;
    dc_focus_init(&constraint->focus);
    dc_focus_set(&constraint->focus, surface);
    wl_list_insert(&pointer->constraints, &constraint->link);
    wl_resource_set_implementation(constraint->resource, lock ? (const void *)&locked_impl : &confined_impl,
                                   constraint, free_constraint);
    dc_pointer_constraints_update(pointer);
}

static void
handle_lock_pointer(struct wl_client *client, struct wl_resource *manager, uint32_t id, struct wl_resource *surface,
                    struct wl_resource *pointer, struct wl_resource *region, uint32_t lifetime)
{
    create(client, manager, id, surface, lifetime, true);
}

static void
handle_confine_pointer(struct wl_client *client, struct wl_resource *manager, uint32_t id,
                       struct wl_resource *surface, struct wl_resource *pointer, struct wl_resource *region,
                       uint32_t lifetime)
{
    create(client, manager, id, surface, lifetime, false);
}

static const struct zwp_pointer_constraints_v1_interface constraints_impl = {
    .destroy = handle_destroy,
    .lock_pointer = handle_lock_pointer,
    .confine_pointer = handle_confine_pointer,
};

static void
bind_constraints(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct wl_resource *resource =
        wl_resource_create(client, &zwp_pointer_constraints_v1_interface, (int)version, id);
    if (resource)
        wl_resource_set_implementation(resource, &constraints_impl, data, NULL);
    else
        wl_client_post_no_memory(client);
}

bool
dc_pointer_constraints_global_create(struct dc_display *display)
{
    return wl_global_create(display->wl, &zwp_pointer_constraints_v1_interface, 1, &display->seat.pointer,
                            bind_constraints);
}
