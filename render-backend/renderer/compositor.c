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
#include "holds.h"

#define RELEASES_AT_ONCE 32

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
    struct dc_holds holds;
    struct signature shown[DC_PRESENT_MAX_LAYERS];
    uint32_t shown_count, shown_width, shown_height;
    bool shown_any, any_present;
};

static bool
is_late(void *user, uint32_t ring_id, uint32_t surface_id)
{
    const struct dc_compositor *c = user;
    for (uint32_t i = 0; i < c->holds.count; i++) {
        if (c->holds.items[i].ring_id == ring_id && c->holds.items[i].surface_id == surface_id && c->holds.items[i].late)
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

/* Of a surface that is late, older images may be there nevertheless; of any other, nothing is waited for. */
static bool
is_there(void *user, const struct dc_image_name *name)
{
    const struct dc_compositor *c = user;
    for (uint32_t i = 0; i < c->holds.count; i++) {
        const struct dc_hold *hold = &c->holds.items[i];
        if (hold->late && hold->ring_id == name->ring_id && hold->surface_id == name->surface_id)
            return (hold->buffer ? hold->buffer->seq : hold->image ? hold->image_seq : 0) >= name->seq;
    }
    return true;
}

static void
send_superseded(struct dc_compositor *c)
{
    uint64_t ids[DC_PRESENTS_MAX_SUPERSEDED];
    pthread_mutex_lock(&c->lock);
    size_t count = dc_presents_collect_superseded(&c->presents, is_there, c, ids, DC_PRESENTS_MAX_SUPERSEDED);
    pthread_mutex_unlock(&c->lock);
    for (size_t i = 0; i < count; i++)
        c->renderer->listener->handle_present_done(c->renderer->user, ids[i], 0, dc_clock_now_us());
}

/* Notes what the scene shows now; returns whether that is something else than the last frame. */
static bool
note_changes(struct dc_compositor *c, uint32_t width, uint32_t height)
{
    const struct dc_present *scene = &c->presents.current;
    struct signature now[DC_PRESENT_MAX_LAYERS];
    memset(now, 0, sizeof now);
    for (uint32_t i = 0; i < c->holds.count; i++) {
        const struct dc_hold *hold = &c->holds.items[i];
        memcpy(&now[i].layer, &scene->layers[i], sizeof now[i].layer);
        now[i].layer.name.seq = 0;
        now[i].serial = hold->surface ? hold->surface->serial : hold->image ? hold->image->serial : 0;
        now[i].version = hold->buffer ? hold->buffer->seq : hold->image ? hold->image_seq : 0;
    }
    bool changed = !c->shown_any || width != c->shown_width || height != c->shown_height ||
                   c->holds.count != c->shown_count || memcmp(now, c->shown, sizeof now) != 0;
    memcpy(c->shown, now, sizeof now);
    c->shown_count = c->holds.count;
    c->shown_width = width;
    c->shown_height = height;
    c->shown_any = true;
    return changed;
}

static bool
is_shown(void *user, const struct dc_image_name *name)
{
    const struct dc_compositor *c = user;
    for (uint32_t i = 0; i < c->holds.count; i++) {
        const struct dc_hold *hold = &c->holds.items[i];
        if (hold->ring_id == name->ring_id && hold->surface_id == name->surface_id)
            return (hold->buffer ? hold->buffer->seq : hold->image ? hold->image_seq : 0) >= name->seq;
    }
    return true;
}

static uint64_t
make_frame(struct dc_compositor *c, uint32_t width, uint32_t height, int64_t execute_us)
{
    const struct dc_present *scene = &c->presents.current;
    struct dc_compose_layer layers[DC_PRESENT_MAX_LAYERS];
    struct dc_pool_frame *pooled = dc_frame_pool_get(&c->pool, width, height);
    if (!pooled)
        return 0;
    for (uint32_t i = 0; i < c->holds.count; i++)
        layers[i] = (struct dc_compose_layer){
            .layer = &scene->layers[i],
            .surface = c->holds.items[i].buffer ? c->holds.items[i].surface : NULL,
            .buffer = c->holds.items[i].buffer,
            .image = c->holds.items[i].image,
        };
    if (!dc_compose_scene(&c->compose, layers, c->holds.count, pooled)) {
        pooled->frame.release(&pooled->frame);
        return 0;
    }
    pthread_mutex_lock(&c->lock);
    bool fresh;
    pooled->frame.meta = dc_presents_take_meta(&c->presents, is_shown, c, &fresh);
    if (!fresh) // shown again, or in part: its own time, on the supervisor's clock
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
    for (uint32_t i = 0; i < c->holds.count; i++) {
        if (c->holds.items[i].buffer || c->holds.items[i].image)
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
    atomic_store(&c->waiting, true); // before the look: a swap after it is not missed
    bool late = dc_holds_resolve(&c->holds, &c->presents.current, &fence_pending);
    atomic_store(&c->waiting, late);
    int64_t execute_us = dc_clock_now_us();
    uint64_t frame_id = 0;
    if (!round->paused && c->any_present && (!late || has_content(c)) &&
        (note_changes(c, round->width, round->height) || round->repaint))
        frame_id = make_frame(c, round->width, round->height, execute_us);
    send_superseded(c);
    if (!late && !c->presents.current_answered) {
        c->presents.current_answered = true;
        c->renderer->listener->handle_present_done(c->renderer->user, c->presents.current.present_id, frame_id,
                                                   execute_us);
    }
    send_releases(c);
    dc_compose_let_go(&c->compose);
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
        dc_holds_move(&c->holds, &c->presents.current);
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
    dc_holds_finish(&c->holds);
    dc_compose_finish(&c->compose);
    return NULL;
}

struct dc_compositor *
dc_compositor_create(struct dc_renderer *renderer, uint32_t width, uint32_t height)
{
    struct dc_compositor *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->renderer = c->holds.renderer = renderer;
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
