#include "holds.h"

#include <string.h>
#include <time.h>

#include <common/clock.h>

/* How long one round waits for images whose commands are submitted but not finished. Longer, and a slow application
 * would hold up the others' pictures. */
#define FENCE_BUDGET_US 8000
#define FENCE_SLICE_US 1000

static struct dc_executor *
find_executor_locked(struct dc_renderer *renderer, uint32_t ring_id)
{
    for (struct dc_executor *e = renderer->executors; e; e = e->next) {
        if (e->ring_id == ring_id)
            return e;
    }
    return NULL;
}

/* With renderer->lock held. What must be freed outside of it goes to *surface and *image. */
static void
hold_drop_locked(struct dc_hold *hold, struct dc_surface **surface, struct dc_image **image)
{
    if (hold->buffer)
        hold->buffer->users--;
    *surface = dc_surface_unref_locked(hold->surface);
    *image = dc_image_unref_locked(hold->image);
    *hold = (struct dc_hold){ 0 };
}

static void
hold_drop(struct dc_holds *holds, struct dc_hold *hold)
{
    struct dc_surface *surface;
    struct dc_image *image;
    pthread_mutex_lock(&holds->renderer->lock);
    hold_drop_locked(hold, &surface, &image);
    pthread_mutex_unlock(&holds->renderer->lock);
    dc_surface_free(surface);
    dc_image_free(image);
}

/* The holds of the new scene: those of surfaces that stay pass over, so that a late one keeps its image. */
void
dc_holds_move(struct dc_holds *holds, const struct dc_present *scene)
{
    struct dc_hold old[DC_PRESENT_MAX_LAYERS];
    uint32_t old_count = holds->count;
    memcpy(old, holds->items, sizeof old);
    for (uint32_t i = 0; i < scene->layer_count; i++) {
        const struct dc_image_name *name = &scene->layers[i].name;
        holds->items[i] = (struct dc_hold){ .ring_id = name->ring_id, .surface_id = name->surface_id };
        for (uint32_t j = 0; j < old_count; j++) {
            if (old[j].ring_id == name->ring_id && old[j].surface_id == name->surface_id) {
                holds->items[i] = old[j];
                old[j] = (struct dc_hold){ 0 };
                break;
            }
        }
    }
    holds->count = scene->layer_count;
    for (uint32_t j = 0; j < old_count; j++)
        hold_drop(holds, &old[j]);
}

static void
look_up_locked(struct dc_hold *hold, const struct dc_executor *executor)
{
    for (struct dc_surface *s = executor->surfaces; s && !hold->surface; s = s->next) {
        if (s->id == hold->surface_id) {
            s->refs++;
            hold->surface = s;
            return;
        }
    }
    for (struct dc_image *image = executor->images; image && !hold->image; image = image->next) {
        if (image->id == hold->surface_id) {
            image->refs++;
            hold->image = image;
            return;
        }
    }
}

static bool
is_gone(const struct dc_hold *hold)
{
    return (hold->surface && hold->surface->gone) || (hold->image && hold->image->gone);
}

/* With renderer->lock held: looks for the image that the layer names. */
static void
resolve_locked(struct dc_holds *holds, struct dc_hold *hold, uint64_t seq)
{
    const struct dc_executor *executor = find_executor_locked(holds->renderer, hold->ring_id);
    hold->late = false;
    hold->candidate = NULL;
    if (!executor)
        return; // its process is gone: what is on screen stays until the next present
    if (!hold->surface && !hold->image)
        look_up_locked(hold, executor);
    if (!hold->surface && !hold->image) {
        hold->late = true; // the present overtook the commands that make it
        return;
    }
    if (hold->image) {
        pthread_mutex_lock(&hold->image->lock);
        hold->image_seq = hold->image->seq;
        pthread_mutex_unlock(&hold->image->lock);
        hold->late = hold->image_seq < seq;
        return;
    }
    struct dc_surface_buffer *chosen = dc_surface_choose_locked(hold->surface, seq, &hold->late);
    if (chosen && chosen != hold->buffer) {
        chosen->users++;
        hold->candidate = chosen;
    }
}

/* Waits until `end_us`. With several applications in slices: up to Mesa 22.3 the wait holds the display's lock, and the
 * other executors would stand before it. */
static bool
is_finished(struct dc_holds *holds, const struct dc_surface_buffer *buffer, int64_t end_us, bool in_slices)
{
    static const struct timespec gap = { .tv_nsec = 50000 };
    if (buffer->finished)
        return true;
    for (;;) {
        int64_t wait_us = end_us - dc_clock_now_us();
        if (in_slices && wait_us > FENCE_SLICE_US)
            wait_us = FENCE_SLICE_US;
        EGLTime wait_ns = wait_us > 0 ? (EGLTime)wait_us * 1000 : 0;
        if (eglClientWaitSync(holds->renderer->display, buffer->fence, 0, wait_ns) != EGL_TIMEOUT_EXPIRED)
            return true;
        if (dc_clock_now_us() >= end_us)
            return false;
        nanosleep(&gap, NULL);
    }
}

/* An id that was destroyed and used again means the new object, as soon as that one has the image. */
static void
drop_gone(struct dc_holds *holds)
{
    for (uint32_t i = 0; i < holds->count; i++) {
        struct dc_hold *hold = &holds->items[i];
        bool gone;
        pthread_mutex_lock(&holds->renderer->lock);
        gone = is_gone(hold) && hold->late && find_executor_locked(holds->renderer, hold->ring_id);
        pthread_mutex_unlock(&holds->renderer->lock);
        if (gone) {
            uint32_t ring_id = hold->ring_id, surface_id = hold->surface_id;
            hold_drop(holds, hold);
            *hold = (struct dc_hold){ .ring_id = ring_id, .surface_id = surface_id, .late = true };
        }
    }
}

/* Every layer gets the newest image that it may show. Returns whether some layer is late; `*fence_pending`: because
 * its commands have not finished. */
bool
dc_holds_resolve(struct dc_holds *holds, const struct dc_present *scene, bool *fence_pending)
{
    bool late = false;
    *fence_pending = false;
    drop_gone(holds);
    pthread_mutex_lock(&holds->renderer->lock);
    for (uint32_t i = 0; i < holds->count; i++)
        resolve_locked(holds, &holds->items[i], scene->layers[i].name.seq);
    // One is the supervisor's own ring.
    bool in_slices = holds->renderer->executor_count > 2;
    pthread_mutex_unlock(&holds->renderer->lock);
    int64_t end_us = dc_clock_now_us() + FENCE_BUDGET_US;
    for (uint32_t i = 0; i < holds->count; i++) {
        struct dc_hold *hold = &holds->items[i];
        bool finished = !hold->candidate || is_finished(holds, hold->candidate, end_us, in_slices);
        pthread_mutex_lock(&holds->renderer->lock);
        if (hold->candidate && finished) {
            hold->candidate->finished = true;
            if (hold->buffer)
                hold->buffer->users--;
            hold->buffer = hold->candidate;
        } else if (hold->candidate) {
            hold->candidate->users--;
            hold->late = *fence_pending = true;
        }
        hold->candidate = NULL;
        pthread_mutex_unlock(&holds->renderer->lock);
        late |= hold->late;
    }
    return late;
}

void
dc_holds_finish(struct dc_holds *holds)
{
    for (uint32_t i = 0; i < holds->count; i++)
        hold_drop(holds, &holds->items[i]);
    holds->count = 0;
}
