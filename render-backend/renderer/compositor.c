#include "compositor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include <common/clock.h>
#include <render.pb-c.h>

#define DC_LOG_COMPONENT "renderer"
#include <common/log.h>
#include "compose.h"

/* How long one round waits for images whose commands are submitted but not finished. Longer, and a slow application
 * would hold up the others' pictures. */
#define FENCE_BUDGET_US 8000
#define RELEASES_AT_ONCE 32

/* What a layer of the current scene shows. */
struct hold {
    uint32_t ring_id, surface_id;
    struct dc_surface *surface; // reference
    struct dc_surface_buffer *buffer, *candidate; // users counted
    struct dc_image *image; // reference
    uint64_t image_seq;
    bool late;
};

/* What the last frame showed, to tell whether a new one is needed. Compared bytewise: filled through memset. */
struct signature {
    struct dc_present_layer layer;
    uint64_t serial, version;
};

struct dc_compositor {
    struct dc_renderer *renderer;
    pthread_t thread;
    bool thread_started;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    // protected by lock
    struct dc_presents presents; // `current` and what belongs to it: compositor thread only
    uint32_t width, height;
    bool stop, repaint, paused, look_again;
    uint64_t present_count, frame_count;
    int64_t received_us; // when the newest present came
    atomic_bool waiting; // some layer is late
    // compositor thread only
    struct dc_compose compose;
    struct dc_frame_pool pool;
    struct hold holds[DC_PRESENT_MAX_LAYERS];
    uint32_t hold_count;
    struct signature shown[DC_PRESENT_MAX_LAYERS];
    uint32_t shown_count, shown_width, shown_height;
    bool shown_any, any_present;
};

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
hold_drop_locked(struct hold *hold, struct dc_surface **surface, struct dc_image **image)
{
    if (hold->buffer)
        hold->buffer->users--;
    *surface = dc_surface_unref_locked(hold->surface);
    *image = dc_image_unref_locked(hold->image);
    *hold = (struct hold){ 0 };
}

static void
hold_drop(struct dc_compositor *c, struct hold *hold)
{
    struct dc_surface *surface;
    struct dc_image *image;
    pthread_mutex_lock(&c->renderer->lock);
    hold_drop_locked(hold, &surface, &image);
    pthread_mutex_unlock(&c->renderer->lock);
    dc_surface_free(surface);
    dc_image_free(image);
}

/* The holds of the new scene: those of surfaces that stay pass over, so that a late one keeps its image. */
static void
move_holds(struct dc_compositor *c)
{
    const struct dc_present *scene = &c->presents.current;
    struct hold old[DC_PRESENT_MAX_LAYERS];
    uint32_t old_count = c->hold_count;
    memcpy(old, c->holds, sizeof old);
    for (uint32_t i = 0; i < scene->layer_count; i++) {
        const struct dc_image_name *name = &scene->layers[i].name;
        c->holds[i] = (struct hold){ .ring_id = name->ring_id, .surface_id = name->surface_id };
        for (uint32_t j = 0; j < old_count; j++) {
            if (old[j].ring_id == name->ring_id && old[j].surface_id == name->surface_id) {
                c->holds[i] = old[j];
                old[j] = (struct hold){ 0 };
                break;
            }
        }
    }
    c->hold_count = scene->layer_count;
    for (uint32_t j = 0; j < old_count; j++)
        hold_drop(c, &old[j]);
}

static void
look_up_locked(struct hold *hold, const struct dc_executor *executor)
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
is_gone(const struct hold *hold)
{
    return (hold->surface && hold->surface->gone) || (hold->image && hold->image->gone);
}

/* With renderer->lock held: looks for the image that the layer names. */
static void
resolve_locked(struct dc_compositor *c, struct hold *hold, uint64_t seq)
{
    const struct dc_executor *executor = find_executor_locked(c->renderer, hold->ring_id);
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

static bool
is_finished(struct dc_compositor *c, struct dc_surface_buffer *buffer, int64_t end_us)
{
    int64_t left_us = end_us - dc_clock_now_us();
    return buffer->finished || eglClientWaitSync(c->renderer->display, buffer->fence, 0,
                                                 left_us > 0 ? (EGLTime)left_us * 1000 : 0) != EGL_TIMEOUT_EXPIRED;
}

/* An id that was destroyed and used again means the new object, as soon as that one has the image. */
static void
drop_gone(struct dc_compositor *c)
{
    for (uint32_t i = 0; i < c->hold_count; i++) {
        struct hold *hold = &c->holds[i];
        bool gone;
        pthread_mutex_lock(&c->renderer->lock);
        gone = is_gone(hold) && hold->late && find_executor_locked(c->renderer, hold->ring_id);
        pthread_mutex_unlock(&c->renderer->lock);
        if (gone) {
            uint32_t ring_id = hold->ring_id, surface_id = hold->surface_id;
            hold_drop(c, hold);
            *hold = (struct hold){ .ring_id = ring_id, .surface_id = surface_id, .late = true };
        }
    }
}

/* Every layer gets the newest image that it may show. Returns whether some layer is late; `*fence_pending`: because
 * its commands have not finished. */
static bool
resolve(struct dc_compositor *c, bool *fence_pending)
{
    const struct dc_present *scene = &c->presents.current;
    bool late = false;
    *fence_pending = false;
    atomic_store(&c->waiting, true); // before the look: a swap after it is not missed
    drop_gone(c);
    pthread_mutex_lock(&c->renderer->lock);
    for (uint32_t i = 0; i < c->hold_count; i++)
        resolve_locked(c, &c->holds[i], scene->layers[i].name.seq);
    pthread_mutex_unlock(&c->renderer->lock);
    int64_t end_us = dc_clock_now_us() + FENCE_BUDGET_US;
    for (uint32_t i = 0; i < c->hold_count; i++) {
        struct hold *hold = &c->holds[i];
        bool finished = !hold->candidate || is_finished(c, hold->candidate, end_us);
        pthread_mutex_lock(&c->renderer->lock);
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
        pthread_mutex_unlock(&c->renderer->lock);
        late |= hold->late;
    }
    atomic_store(&c->waiting, late);
    return late;
}

static bool
is_late(void *user, uint32_t ring_id, uint32_t surface_id)
{
    const struct dc_compositor *c = user;
    for (uint32_t i = 0; i < c->hold_count; i++) {
        if (c->holds[i].ring_id == ring_id && c->holds[i].surface_id == surface_id && c->holds[i].late)
            return true;
    }
    return false;
}

static void
send_releases(struct dc_compositor *c)
{
    const struct dc_renderer *renderer = c->renderer;
    struct dc_image_name names[RELEASES_AT_ONCE];
    size_t count;
    do {
        pthread_mutex_lock(&c->lock);
        count = dc_presents_collect_releases(&c->presents, is_late, c, names, RELEASES_AT_ONCE);
        pthread_mutex_unlock(&c->lock);
        for (size_t i = 0; i < count; i++)
            renderer->listener->handle_release(renderer->user, names[i].ring_id, names[i].surface_id, names[i].seq);
    } while (count == RELEASES_AT_ONCE);
}

static void
send_superseded(struct dc_compositor *c)
{
    uint64_t ids[DC_PRESENTS_MAX_SUPERSEDED];
    pthread_mutex_lock(&c->lock);
    uint32_t count = c->presents.superseded_count;
    memcpy(ids, c->presents.superseded, count * sizeof ids[0]);
    c->presents.superseded_count = 0;
    pthread_mutex_unlock(&c->lock);
    for (uint32_t i = 0; i < count; i++)
        c->renderer->listener->handle_present_done(c->renderer->user, ids[i], 0, dc_clock_now_us());
}

/* Notes what the scene shows now; returns whether that is something else than the last frame. */
static bool
note_changes(struct dc_compositor *c, uint32_t width, uint32_t height)
{
    const struct dc_present *scene = &c->presents.current;
    struct signature now[DC_PRESENT_MAX_LAYERS];
    memset(now, 0, sizeof now);
    for (uint32_t i = 0; i < c->hold_count; i++) {
        const struct hold *hold = &c->holds[i];
        memcpy(&now[i].layer, &scene->layers[i], sizeof now[i].layer);
        now[i].layer.name.seq = 0;
        now[i].serial = hold->surface ? hold->surface->serial : hold->image ? hold->image->serial : 0;
        now[i].version = hold->buffer ? hold->buffer->seq : hold->image ? hold->image_seq : 0;
    }
    bool changed = !c->shown_any || width != c->shown_width || height != c->shown_height ||
                   c->hold_count != c->shown_count || memcmp(now, c->shown, sizeof now) != 0;
    memcpy(c->shown, now, sizeof now);
    c->shown_count = c->hold_count;
    c->shown_width = width;
    c->shown_height = height;
    c->shown_any = true;
    return changed;
}

static uint64_t
make_frame(struct dc_compositor *c, uint32_t width, uint32_t height, bool complete, int64_t execute_us)
{
    const struct dc_present *scene = &c->presents.current;
    struct dc_compose_layer layers[DC_PRESENT_MAX_LAYERS];
    struct dc_pool_frame *pooled = dc_frame_pool_get(&c->pool, width, height);
    if (!pooled)
        return 0;
    for (uint32_t i = 0; i < c->hold_count; i++)
        layers[i] = (struct dc_compose_layer){
            .layer = &scene->layers[i],
            .surface = c->holds[i].buffer ? c->holds[i].surface : NULL,
            .buffer = c->holds[i].buffer,
            .image = c->holds[i].image,
        };
    if (!dc_compose_scene(&c->compose, layers, c->hold_count, pooled)) {
        pooled->frame.release(&pooled->frame);
        return 0;
    }
    pthread_mutex_lock(&c->lock);
    bool fresh = complete && c->presents.current_is_fresh;
    pooled->frame.meta = dc_presents_take_meta(&c->presents, complete);
    if (fresh)
        c->presents.current_is_fresh = false;
    else // shown again, or in part: its own time, on the supervisor's clock
        pooled->frame.meta.times.present_us += dc_clock_now_us() - c->received_us;
    c->frame_count++;
    pthread_mutex_unlock(&c->lock);
    pooled->frame.meta.times.execute_us = execute_us;
    return c->renderer->listener->handle_frame(c->renderer->user, &pooled->frame);
}

/* A scene of which nothing has arrived yet leaves the last picture standing. */
static bool
has_content(const struct dc_compositor *c)
{
    for (uint32_t i = 0; i < c->hold_count; i++) {
        if (c->holds[i].buffer || c->holds[i].image)
            return true;
    }
    return false;
}

struct round {
    uint32_t width, height;
    bool repaint, paused;
};

/* Returns whether it must look again soon of itself. */
static bool
run_round(struct dc_compositor *c, const struct round *round)
{
    bool fence_pending;
    bool late = resolve(c, &fence_pending);
    int64_t execute_us = dc_clock_now_us();
    uint64_t frame_id = 0;
    if (!round->paused && c->any_present && (!late || has_content(c)) &&
        (note_changes(c, round->width, round->height) || round->repaint))
        frame_id = make_frame(c, round->width, round->height, !late, execute_us);
    send_superseded(c);
    if (!late && !c->presents.current_answered) {
        c->presents.current_answered = true;
        c->renderer->listener->handle_present_done(c->renderer->user, c->presents.current.present_id, frame_id,
                                                   execute_us);
    }
    send_releases(c);
    return fence_pending;
}

/* Waits for something to do. false: stop. */
static bool
wait_for_work(struct dc_compositor *c, bool again, struct round *round)
{
    pthread_mutex_lock(&c->lock);
    while (!c->stop && !again && !c->presents.has_next && !c->repaint && !c->look_again)
        pthread_cond_wait(&c->wake, &c->lock);
    bool taken = dc_presents_take(&c->presents);
    c->any_present |= taken;
    *round = (struct round){ .width = c->width, .height = c->height, .repaint = c->repaint, .paused = c->paused };
    bool go_on = !c->stop;
    c->repaint = c->look_again = false;
    pthread_mutex_unlock(&c->lock);
    if (taken)
        move_holds(c);
    return go_on;
}

static void *
run(void *user)
{
    struct dc_compositor *c = user;
    struct round round;
    bool again = false;
    prctl(PR_SET_NAME, "dc-compositor", 0, 0, 0);
    bool ok = dc_compose_init(&c->compose, c->renderer);
    while (wait_for_work(c, again, &round)) {
        if (!ok)
            round.paused = true; // no pictures, but everything is answered
        again = run_round(c, &round);
    }
    for (uint32_t i = 0; i < c->hold_count; i++)
        hold_drop(c, &c->holds[i]);
    dc_compose_finish(&c->compose);
    return NULL;
}

struct dc_compositor *
dc_compositor_create(struct dc_renderer *renderer, uint32_t width, uint32_t height)
{
    struct dc_compositor *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->renderer = renderer;
    c->width = width;
    c->height = height;
    dc_presents_init(&c->presents);
    dc_frame_pool_init(&c->pool);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->wake, NULL);
    if (pthread_create(&c->thread, NULL, run, c) != 0) {
        dc_error("compositor: no thread");
        free(c);
        return NULL;
    }
    return c;
}

void
dc_compositor_destroy(struct dc_compositor *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->stop = true;
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    dc_frame_pool_finish(&c->pool);
    pthread_cond_destroy(&c->wake);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

void
dc_compositor_present(struct dc_compositor *c, const struct Dc__Render__Present *present)
{
    pthread_mutex_lock(&c->lock);
    dc_presents_push(&c->presents, present);
    c->received_us = dc_clock_now_us();
    c->present_count++;
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->lock);
}

void
dc_compositor_resize(struct dc_compositor *c, uint32_t width, uint32_t height)
{
    pthread_mutex_lock(&c->lock);
    c->width = width;
    c->height = height;
    c->repaint = true;
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->lock);
}

void
dc_compositor_repaint(struct dc_compositor *c)
{
    pthread_mutex_lock(&c->lock);
    c->repaint = true;
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->lock);
}

void
dc_compositor_set_paused(struct dc_compositor *c, bool paused)
{
    pthread_mutex_lock(&c->lock);
    c->repaint |= c->paused && !paused;
    c->paused = paused;
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->lock);
}

void
dc_compositor_get_stats(struct dc_compositor *c, uint64_t *presents, uint64_t *frames)
{
    pthread_mutex_lock(&c->lock);
    *presents = c->present_count;
    *frames = c->frame_count;
    pthread_mutex_unlock(&c->lock);
}

void
dc_compositor_handle_swap(struct dc_compositor *c)
{
    if (!atomic_load(&c->waiting))
        return;
    pthread_mutex_lock(&c->lock);
    c->look_again = true;
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->lock);
}
