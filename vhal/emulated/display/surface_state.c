#include "surface_state.h"

#include "presentation.h"

static void
handle_buffer_destroyed(struct wl_listener *listener, void *data)
{
    struct dc_surface_state *state = wl_container_of(listener, state, buffer_destroyed);
    dc_surface_state_set_buffer(state, NULL);
}

void
dc_surface_state_init(struct dc_surface_state *state)
{
    *state = (struct dc_surface_state){ .scale = 1 };
    state->buffer_destroyed.notify = handle_buffer_destroyed;
    wl_list_init(&state->buffer_destroyed.link);
    wl_list_init(&state->frame_callbacks);
    wl_list_init(&state->feedbacks);
}

void
dc_surface_state_finish(struct dc_surface_state *state)
{
    struct wl_resource *callback, *next;
    wl_resource_for_each_safe(callback, next, &state->frame_callbacks)
        wl_resource_destroy(callback);
    dc_feedback_list_discard(&state->feedbacks);
    wl_list_remove(&state->buffer_destroyed.link);
    wl_list_init(&state->buffer_destroyed.link);
}

void
dc_surface_state_set_buffer(struct dc_surface_state *state, struct wl_resource *buffer)
{
    wl_list_remove(&state->buffer_destroyed.link);
    wl_list_init(&state->buffer_destroyed.link);
    state->buffer = buffer;
    if (buffer)
        wl_resource_add_destroy_listener(buffer, &state->buffer_destroyed);
}

static void
move_damage(struct dc_damage *to, struct dc_damage *from)
{
    for (uint32_t i = 0; i < from->count; i++)
        dc_damage_add(to, &from->rects[i]);
    from->count = 0;
}

void
dc_surface_state_move(struct dc_surface_state *to, struct dc_surface_state *from)
{
    if (from->changes & DC_CHANGE_BUFFER) {
        dc_surface_state_set_buffer(to, from->buffer);
        dc_surface_state_set_buffer(from, NULL);
        // The frame that these waited for will not be shown.
        dc_feedback_list_discard(&to->feedbacks);
    }
    if (from->changes & DC_CHANGE_OPAQUE)
        to->opaque = from->opaque;
    if (from->changes & DC_CHANGE_INPUT)
        to->input = from->input;
    if (from->changes & DC_CHANGE_SCALE)
        to->scale = from->scale;
    if (from->changes & DC_CHANGE_VIEWPORT_SOURCE)
        to->source = from->source;
    if (from->changes & DC_CHANGE_VIEWPORT_SIZE) {
        to->viewport_width = from->viewport_width;
        to->viewport_height = from->viewport_height;
    }
    to->dx += from->dx;
    to->dy += from->dy;
    from->dx = from->dy = 0;
    move_damage(&to->damage, &from->damage);
    move_damage(&to->buffer_damage, &from->buffer_damage);
    wl_list_insert_list(to->frame_callbacks.prev, &from->frame_callbacks);
    wl_list_init(&from->frame_callbacks);
    wl_list_insert_list(to->feedbacks.prev, &from->feedbacks);
    wl_list_init(&from->feedbacks);
    to->changes |= from->changes;
    from->changes = 0;
}
