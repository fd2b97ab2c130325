#include "subsurface.h"

#include <stdlib.h>

#include <wayland-server-protocol.h>

#include "compositor.h"
#include "surface.h"

static void handle_surface_destroyed(struct dc_surface *surface);

static const struct dc_surface_role role = { .name = "wl_subsurface", .surface_destroyed = handle_surface_destroyed };

struct dc_subsurface *
dc_subsurface_from_surface(const struct dc_surface *surface)
{
    return surface->role == &role ? surface->role_data : NULL;
}

static void
leave_parent(struct dc_subsurface *sub)
{
    if (!sub->parent)
        return;
    wl_list_remove(&sub->link);
    wl_list_remove(&sub->pending_link);
    sub->parent = NULL;
    dc_presenter_damage(&sub->surface->display->presenter);
}

static void
detach(struct dc_subsurface *sub)
{
    if (!sub->surface)
        return;
    leave_parent(sub);
    dc_surface_state_finish(&sub->cache);
    sub->surface->role_data = NULL;
    sub->surface = NULL;
}

static void
handle_surface_destroyed(struct dc_surface *surface)
{
    detach(surface->role_data);
}

static bool
is_synchronised(const struct dc_subsurface *sub)
{
    for (; sub && sub->parent; sub = dc_subsurface_from_surface(sub->parent)) {
        if (sub->sync)
            return true;
    }
    return false;
}

static void
apply_cache(struct dc_subsurface *sub)
{
    if (!sub->has_cache)
        return;
    sub->has_cache = false;
    dc_surface_apply(sub->surface, &sub->cache);
}

bool
dc_subsurface_cache_commit(struct dc_surface *surface)
{
    struct dc_subsurface *sub = dc_subsurface_from_surface(surface);
    if (!sub || !is_synchronised(sub))
        return false;
    dc_surface_state_move(&sub->cache, &surface->pending);
    sub->has_cache = true;
    return true;
}

static void
apply_order(struct dc_surface *parent)
{
    struct wl_list *at;
    wl_list_init(&parent->subsurfaces);
    for (at = parent->pending_subsurfaces.next; at != &parent->pending_subsurfaces; at = at->next) {
        if (at == &parent->pending_self_marker) {
            wl_list_insert(parent->subsurfaces.prev, &parent->self_marker);
        } else {
            struct dc_subsurface *sub = wl_container_of(at, sub, pending_link);
            wl_list_insert(parent->subsurfaces.prev, &sub->link);
        }
    }
}

void
dc_subsurface_parent_committed(struct dc_surface *parent)
{
    struct dc_subsurface *sub, *next;
    apply_order(parent);
    wl_list_for_each_safe(sub, next, &parent->pending_subsurfaces, pending_link) {
        if (&sub->pending_link == &parent->pending_self_marker)
            continue;
        if (sub->moved)
            dc_presenter_damage(&parent->display->presenter);
        sub->moved = false;
        sub->x = sub->pending_x;
        sub->y = sub->pending_y;
        if (is_synchronised(sub))
            apply_cache(sub);
    }
}

void
dc_subsurface_parent_destroyed(struct dc_surface *parent)
{
    struct dc_subsurface *sub, *next;
    wl_list_for_each_safe(sub, next, &parent->pending_subsurfaces, pending_link) {
        if (&sub->pending_link != &parent->pending_self_marker)
            leave_parent(sub);
    }
}

static void
handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
    wl_resource_destroy(resource);
}

static void
handle_set_position(struct wl_client *client, struct wl_resource *resource, int32_t x, int32_t y)
{
    struct dc_subsurface *sub = wl_resource_get_user_data(resource);
    sub->pending_x = x;
    sub->pending_y = y;
    sub->moved = true;
}

static void
restack(struct wl_resource *resource, struct wl_resource *sibling_resource, bool above)
{
    struct dc_subsurface *sub = wl_resource_get_user_data(resource);
    struct dc_surface *sibling = dc_surface_from_resource(sibling_resource);
    if (!sub->parent)
        return;
    struct dc_subsurface *other = dc_subsurface_from_surface(sibling);
    struct wl_list *at = NULL;
    if (sibling == sub->parent)
        at = &sub->parent->pending_self_marker;
    else if (other && other != sub && other->parent == sub->parent)
        at = &other->pending_link;
    if (!at) {
        wl_resource_post_error(resource, WL_SUBSURFACE_ERROR_BAD_SURFACE, "not a sibling or the parent");
        return;
    }
    wl_list_remove(&sub->pending_link);
    wl_list_insert(above ? at : at->prev, &sub->pending_link);
    sub->moved = true;
}

static void
handle_place_above(struct wl_client *client, struct wl_resource *resource, struct wl_resource *sibling)
{
    restack(resource, sibling, true);
}

static void
handle_place_below(struct wl_client *client, struct wl_resource *resource, struct wl_resource *sibling)
{
    restack(resource, sibling, false);
}

static void
handle_set_sync(struct wl_client *client, struct wl_resource *resource)
{
    ((struct dc_subsurface *)wl_resource_get_user_data(resource))->sync = true;
}

static void
handle_set_desync(struct wl_client *client, struct wl_resource *resource)
{
    struct dc_subsurface *sub = wl_resource_get_user_data(resource);
    sub->sync = false;
    if (sub->surface && !is_synchronised(sub))
        apply_cache(sub);
}

static const struct wl_subsurface_interface subsurface_impl = {
    .destroy = handle_destroy,
    .set_position = handle_set_position,
    .place_above = handle_place_above,
    .place_below = handle_place_below,
    .set_sync = handle_set_sync,
    .set_desync = handle_set_desync,
};

static void
free_subsurface(struct wl_resource *resource)
{
    struct dc_subsurface *sub = wl_resource_get_user_data(resource);
    detach(sub);
    free(sub);
}

static bool
is_ancestor(const struct dc_surface *surface, const struct dc_surface *of)
{
    while (of && of != surface) {
        struct dc_subsurface *sub = dc_subsurface_from_surface(of);
        of = sub ? sub->parent : NULL;
    }
    return of == surface;
}

static void
handle_get_subsurface(struct wl_client *client, struct wl_resource *resource, uint32_t id,
                      struct wl_resource *surface_resource, struct wl_resource *parent_resource)
{
    struct dc_surface *surface = dc_surface_from_resource(surface_resource);
    struct dc_surface *parent = dc_surface_from_resource(parent_resource);
    if (is_ancestor(surface, parent)) {
        wl_resource_post_error(resource, WL_SUBCOMPOSITOR_ERROR_BAD_SURFACE, "a surface cannot be its own ancestor");
        return;
    }
    if (!dc_surface_set_role(surface, &role, resource, WL_SUBCOMPOSITOR_ERROR_BAD_SURFACE))
        return;
    struct dc_subsurface *sub = calloc(1, sizeof(*sub));
    if (sub)
        sub->resource = wl_resource_create(client, &wl_subsurface_interface, wl_resource_get_version(resource), id);
    if (!sub || !sub->resource) {
        free(sub);
        wl_client_post_no_memory(client);
        return;
    }
    dc_surface_state_init(&sub->cache);
    sub->surface = surface;
    sub->parent = parent;
    sub->sync = true;
    surface->role_data = sub;
    wl_list_init(&sub->link); // shown from the parent's next commit on
    wl_list_insert(parent->pending_subsurfaces.prev, &sub->pending_link);
    wl_resource_set_implementation(sub->resource, &subsurface_impl, sub, free_subsurface);
}

static const struct wl_subcompositor_interface subcompositor_impl = {
    .destroy = handle_destroy,
    .get_subsurface = handle_get_subsurface,
};

static void
bind_subcompositor(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct wl_resource *resource = wl_resource_create(client, &wl_subcompositor_interface, (int)version, id);
    if (resource)
        wl_resource_set_implementation(resource, &subcompositor_impl, data, NULL);
    else
        wl_client_post_no_memory(client);
}

bool
dc_subcompositor_global_create(struct dc_display *display)
{
    return wl_global_create(display->wl, &wl_subcompositor_interface, 1, display, bind_subcompositor);
}
