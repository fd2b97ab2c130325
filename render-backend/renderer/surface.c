#include "surface.h"

#include <stdlib.h>

#include <EGL/eglext.h>
#include <gles_decode.h>

#define DC_LOG_COMPONENT "renderer"
#include <common/log.h>
#include "compositor.h"

#define MAX_SURFACES 256u

struct dc_surface *
dc_surface_find(struct dc_executor *executor, uint32_t id)
{
    for (struct dc_surface *s = executor->surfaces; s; s = s->next) {
        if (s->id == id)
            return s;
    }
    return NULL;
}

static void
buffer_init(struct dc_surface_buffer *buffer)
{
    *buffer = (struct dc_surface_buffer){ .egl = EGL_NO_SURFACE, .fence = EGL_NO_SYNC };
    pthread_mutex_init(&buffer->reading, NULL);
}

static void
buffer_finish(struct dc_renderer *renderer, struct dc_surface_buffer *buffer)
{
    if (buffer->fence != EGL_NO_SYNC)
        eglDestroySync(renderer->display, buffer->fence);
    if (buffer->egl != EGL_NO_SURFACE)
        eglDestroySurface(renderer->display, buffer->egl);
    dc_ledger_give(&renderer->ledger, buffer->bytes);
    pthread_mutex_destroy(&buffer->reading);
}

void
dc_surface_free(struct dc_surface *surface)
{
    if (!surface)
        return;
    for (int i = 0; i < DC_SURFACE_BUFFERS; i++)
        buffer_finish(surface->renderer, &surface->buffers[i]);
    free(surface);
}

struct dc_surface *
dc_surface_unref_locked(struct dc_surface *surface)
{
    return surface && --surface->refs == 0 ? surface : NULL;
}

void
dc_surface_unref(struct dc_surface *surface)
{
    if (!surface)
        return;
    struct dc_renderer *renderer = surface->renderer;
    pthread_mutex_lock(&renderer->lock);
    surface = dc_surface_unref_locked(surface);
    pthread_mutex_unlock(&renderer->lock);
    dc_surface_free(surface);
}

void
dc_surface_ref(struct dc_surface *surface)
{
    if (!surface)
        return;
    pthread_mutex_lock(&surface->renderer->lock);
    surface->refs++;
    pthread_mutex_unlock(&surface->renderer->lock);
}

struct dc_surface_buffer *
dc_surface_choose_locked(struct dc_surface *surface, uint64_t seq, bool *late)
{
    struct dc_surface_buffer *newer = NULL, *older = NULL;
    for (int i = 0; i < DC_SURFACE_BUFFERS; i++) {
        struct dc_surface_buffer *b = &surface->buffers[i];
        if (b->state != DC_BUFFER_READY)
            continue;
        if (b->seq >= seq && (!newer || b->seq < newer->seq))
            newer = b;
        if (b->seq < seq && (!older || b->seq > older->seq))
            older = b;
    }
    *late = !newer;
    return newer ? newer : older;
}

/* Colour, depth and stencil of every sample. */
static bool
take_bytes(struct dc_surface *surface, struct dc_surface_buffer *buffer)
{
    struct dc_ledger *ledger = &surface->renderer->ledger;
    uint32_t samples = surface->renderer->profile.configs[surface->config - 1].samples;
    uint64_t bytes = (uint64_t)surface->width * surface->height * 8 * (samples > 1 ? samples + 1 : 1);
    dc_ledger_give(ledger, buffer->bytes);
    bool ok = dc_ledger_take(ledger, bytes);
    buffer->bytes = ok ? bytes : 0;
    return ok;
}

/* The buffer's pbuffer in the surface's size. */
static bool
ensure_pbuffer(struct dc_executor *executor, struct dc_surface *surface, struct dc_surface_buffer *buffer)
{
    struct dc_renderer *renderer = surface->renderer;
    if (buffer->egl != EGL_NO_SURFACE && buffer->width == surface->width && buffer->height == surface->height)
        return true;
    if (buffer->egl != EGL_NO_SURFACE)
        eglDestroySurface(renderer->display, buffer->egl); // one still current lives on until it is not
    buffer->egl = EGL_NO_SURFACE;
    if (!take_bytes(surface, buffer))
        return false;
    const EGLint attributes[] = {
        EGL_WIDTH, (EGLint)surface->width, EGL_HEIGHT, (EGLint)surface->height,
        surface->srgb ? EGL_GL_COLORSPACE : EGL_NONE, EGL_GL_COLORSPACE_SRGB, EGL_NONE,
    };
    buffer->egl = eglCreatePbufferSurface(renderer->display, renderer->configs[surface->config - 1], attributes);
    buffer->width = surface->width;
    buffer->height = surface->height;
    return buffer->egl != EGL_NO_SURFACE && dc_eraser_clear(executor, buffer->egl);
}

static bool
check_size(struct dc_exec *x, uint32_t width, uint32_t height)
{
    const struct dc_renderer_config *config = &dc_executor_of(x)->renderer->config;
    if (width >= 1 && height >= 1 && width <= config->max_width && height <= config->max_height)
        return true;
    dc_exec_fail(x, 0, "surface size is outside the quota");
    return false;
}

void
dc_exec_dcSurfaceCreate(struct dc_exec *x, const struct dc_cmd_dcSurfaceCreate *c)
{
    struct dc_executor *executor = dc_executor_of(x);
    struct dc_renderer *renderer = executor->renderer;
    if (!c->surface || dc_surface_find(executor, c->surface)) {
        dc_exec_fail(x, 0, "surface id is taken");
        return;
    }
    if (!c->config || c->config > renderer->profile.config_count || c->kind > DC_SURFACE_PBUFFER) {
        dc_exec_fail(x, 0, "unknown config or kind of surface");
        return;
    }
    if (executor->surface_count >= MAX_SURFACES) {
        dc_exec_fail(x, 0, "too many surfaces");
        return;
    }
    struct dc_surface *surface = check_size(x, c->width, c->height) ? calloc(1, sizeof *surface) : NULL;
    if (!surface) {
        dc_exec_fail(x, 0, "out of memory");
        return;
    }
    *surface = (struct dc_surface){
        .renderer = renderer,
        .serial = atomic_fetch_add(&renderer->next_serial, 1),
        .id = c->surface,
        .config = c->config,
        .kind = (enum dc_surface_kind)c->kind,
        .srgb = c->flags & 1,
        .multisampled = renderer->profile.configs[c->config - 1].samples > 1,
        .alpha = renderer->profile.configs[c->config - 1].alpha > 0,
        .width = c->width,
        .height = c->height,
        .refs = 1,
    };
    for (int i = 0; i < DC_SURFACE_BUFFERS; i++)
        buffer_init(&surface->buffers[i]);
    surface->back = &surface->buffers[0];
    surface->back->state = DC_BUFFER_BACK;
    if (!ensure_pbuffer(dc_executor_of(x), surface, surface->back)) {
        dc_surface_free(surface);
        dc_exec_fail(x, 0, "the driver makes no such surface");
        return;
    }
    pthread_mutex_lock(&renderer->lock);
    surface->next = executor->surfaces;
    executor->surfaces = surface;
    executor->surface_count++;
    pthread_mutex_unlock(&renderer->lock);
}

/* Binds the current context again when the surface is bound: its pbuffer is another one now. */
static void
rebind(struct dc_exec *x, const struct dc_surface *surface)
{
    const struct dc_render_context *context = x->context ? x->context->backend : NULL;
    if (context && (context->draw == surface || context->read == surface) &&
        !dc_context_bind(dc_executor_of(x), x->context))
        dc_exec_fail(x, 0, "the driver cannot bind the surface");
}

void
dc_exec_dcSurfaceResize(struct dc_exec *x, const struct dc_cmd_dcSurfaceResize *c)
{
    struct dc_surface *surface = dc_surface_find(dc_executor_of(x), c->surface);
    if (!surface) {
        dc_exec_fail(x, 0, "unknown surface");
        return;
    }
    if (!check_size(x, c->width, c->height))
        return;
    surface->width = c->width;
    surface->height = c->height;
    if (!ensure_pbuffer(dc_executor_of(x), surface, surface->back))
        dc_exec_fail(x, 0, "the driver makes no surface of this size");
    else
        rebind(x, surface);
}

static void
unlist(struct dc_executor *executor, struct dc_surface *surface)
{
    pthread_mutex_lock(&executor->renderer->lock);
    for (struct dc_surface **at = &executor->surfaces; *at; at = &(*at)->next) {
        if (*at == surface) {
            *at = surface->next;
            break;
        }
    }
    executor->surface_count--;
    surface->gone = true;
    surface = dc_surface_unref_locked(surface);
    pthread_mutex_unlock(&executor->renderer->lock);
    dc_surface_free(surface);
}

void
dc_exec_dcSurfaceDestroy(struct dc_exec *x, const struct dc_cmd_dcSurfaceDestroy *c)
{
    // A context that has it bound keeps it, as EGL demands.
    struct dc_surface *surface = dc_surface_find(dc_executor_of(x), c->surface);
    if (surface)
        unlist(dc_executor_of(x), surface);
    else
        dc_exec_fail(x, 0, "unknown surface");
}

void
dc_surface_destroy_all(struct dc_executor *executor)
{
    while (executor->surfaces)
        unlist(executor, executor->surfaces);
}

/* With the lock held. Whether the image must stay: someone looks at it, or it is to come back by its age. */
static bool
is_needed_locked(const struct dc_surface *surface, const struct dc_surface_buffer *buffer, uint64_t newest_seq)
{
    bool recent = buffer->seq + (surface->keeps ? DC_SURFACE_AGE - 1 : 1) > newest_seq;
    return buffer->users > 0 || recent;
}

/* With the lock held. What no one needs becomes free; the newest finished image stays. NULL: none is free. */
static struct dc_surface_buffer *
next_back_locked(struct dc_surface *surface, uint64_t newest_seq)
{
    struct dc_surface_buffer *free_buffer = NULL;
    for (int i = 0; i < DC_SURFACE_BUFFERS; i++) {
        struct dc_surface_buffer *b = &surface->buffers[i];
        if (b->state == DC_BUFFER_READY && !is_needed_locked(surface, b, newest_seq))
            b->state = DC_BUFFER_FREE;
        // One that exists already before a fresh one.
        if (b->state == DC_BUFFER_FREE && (!free_buffer || (free_buffer->egl == EGL_NO_SURFACE && b->egl)))
            free_buffer = b;
    }
    return free_buffer;
}

/* With the lock held: the image that the next frame is to find in its buffer, in the surface's size. NULL: none. */
static struct dc_surface_buffer *
find_aged_locked(struct dc_surface *surface, uint64_t newest_seq)
{
    for (int i = 0; surface->keeps && i < DC_SURFACE_BUFFERS; i++) {
        struct dc_surface_buffer *b = &surface->buffers[i];
        if (b->state == DC_BUFFER_READY && b->seq + DC_SURFACE_AGE - 1 == newest_seq && b->width == surface->width &&
            b->height == surface->height)
            return b;
    }
    return NULL;
}

/* The buffer that the frame after `newest_seq` is drawn to. `*aged`: a held image that has to be copied there. */
static struct dc_surface_buffer *
take_back_locked(struct dc_surface *surface, uint64_t newest_seq, struct dc_surface_buffer **aged)
{
    *aged = find_aged_locked(surface, newest_seq);
    struct dc_surface_buffer *back = *aged;
    if (back && back->users == 0) {
        *aged = NULL;
        return back;
    }
    if (*aged)
        (*aged)->users++;
    return next_back_locked(surface, newest_seq);
}

/* Brings the image on time's way into the buffer that is drawn to, and lets go of it. */
static bool
copy_aged(struct dc_executor *executor, struct dc_surface_buffer *aged, const struct dc_surface_buffer *back)
{
    pthread_mutex_lock(&aged->reading);
    bool ok = dc_eraser_copy(executor, aged->egl, back->egl, aged->width, aged->height);
    pthread_mutex_unlock(&aged->reading);
    pthread_mutex_lock(&executor->renderer->lock);
    aged->users--;
    pthread_mutex_unlock(&executor->renderer->lock);
    return ok;
}

void
dc_exec_dcSurfaceKeep(struct dc_exec *x, const struct dc_cmd_dcSurfaceKeep *c)
{
    struct dc_surface *surface = dc_surface_find(dc_executor_of(x), c->surface);
    if (surface)
        surface->keeps = surface->kind == DC_SURFACE_WINDOW && !surface->multisampled;
    else
        dc_exec_fail(x, 0, "unknown surface");
}

/* With done->reading held: whoever wants to look at the finished buffer waits until it is no longer bound here. */
static void
finish_frame(struct dc_exec *x, struct dc_surface *surface, struct dc_surface_buffer *done, uint64_t seq)
{
    struct dc_renderer *renderer = surface->renderer;
    const struct dc_render_context *context = x->context ? x->context->backend : NULL;
    EGLSync fence = EGL_NO_SYNC;
    if (context && context->draw == surface) {
        fence = eglCreateSync(renderer->display, EGL_SYNC_FENCE, NULL);
        renderer->gl.Flush();
    }
    pthread_mutex_lock(&renderer->lock);
    done->state = DC_BUFFER_READY;
    done->seq = seq;
    done->fence = fence;
    done->finished = fence == EGL_NO_SYNC;
    struct dc_surface_buffer *aged, *back = take_back_locked(surface, seq, &aged);
    EGLSync stale = back ? back->fence : EGL_NO_SYNC;
    if (back) {
        back->state = DC_BUFFER_BACK;
        back->fence = EGL_NO_SYNC;
    }
    pthread_mutex_unlock(&renderer->lock);
    if (!back) {
        dc_exec_fail(x, 0, "every image of the surface is in use");
        return;
    }
    if (stale != EGL_NO_SYNC)
        eglDestroySync(renderer->display, stale);
    surface->back = back;
    bool ok = ensure_pbuffer(dc_executor_of(x), surface, back);
    if (aged)
        ok &= copy_aged(dc_executor_of(x), aged, back);
    if (!ok) {
        dc_exec_fail(x, 0, "the driver makes no further surface");
        return;
    }
    rebind(x, surface);
}

static void
swap_window(struct dc_exec *x, struct dc_surface *surface, uint64_t seq)
{
    struct dc_surface_buffer *done = surface->back;
    pthread_mutex_lock(&done->reading);
    finish_frame(x, surface, done, seq);
    pthread_mutex_unlock(&done->reading);
    if (!x->failed)
        dc_compositor_handle_swap(surface->renderer->compositor);
}

void
dc_exec_dcSwap(struct dc_exec *x, const struct dc_cmd_dcSwap *c)
{
    struct dc_surface *surface = dc_surface_find(dc_executor_of(x), c->surface);
    if (!surface) {
        dc_exec_fail(x, 0, "swap of an unknown surface");
        return;
    }
    dc_exec_check_errors(x);
    if (surface->kind == DC_SURFACE_WINDOW)
        swap_window(x, surface, c->seq);
    else
        surface->renderer->gl.Flush();
    uint32_t id = c->surface;
    dc_exec_reply(x, DC_REPLY_SWAP, c->seq, &id, sizeof id);
}
