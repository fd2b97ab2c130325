/* Frames: where one begins, how it ends, what it waits for. */
#include <gles_encode.h>

#include <common/clock.h>
#include <protocol/gles/surface_age.h>

#include "config.h"
#include "context.h"
#include "entries.h"
#include "surface.h"
#include "thread.h"
#include "wayland.h"

#define DC_LOG_COMPONENT "frontend"
#include <common/log.h>

#define COMMAND_WORDS 16       // more than any command here takes
#define MAX_FRAMES_IN_FLIGHT 2 // submitted and not yet executed by the worker
#define MAX_FRAMES_ON_THE_WAY 6 // more, over a link on which credits come back later
#define FRAME_US 16667

bool
dc_surface_get_size(const struct dc_surface *surface, uint32_t *width, uint32_t *height)
{
    if (!surface)
        return false;
    *width = __atomic_load_n(&surface->width, __ATOMIC_RELAXED);
    *height = __atomic_load_n(&surface->height, __ATOMIC_RELAXED);
    return true;
}

uint32_t
dc_surface_get_id(const struct dc_surface *surface)
{
    return surface ? surface->id : 0;
}

/* Tells the worker the size of the frame that begins. */
static void
send_size(struct dc_surface *surface, struct dc_context *context)
{
    if (surface->sent_width == surface->width && surface->sent_height == surface->height)
        return;
    surface->sent_width = surface->width;
    surface->sent_height = surface->height;
    dc_debug("surface %u is %dx%d", surface->id, surface->sent_width, surface->sent_height);
    surface->keeps_since = surface->seq + 1; // larger or smaller ones are made anew
    dc_context_make_room(context, COMMAND_WORDS);
    dc_enc_dcSurfaceResize(&context->encoder, surface->id, surface->sent_width, surface->sent_height);
}

void
dc_surface_take_size(struct dc_surface *surface)
{
    EGLint width, height;
    bool mine = dc_current && dc_current->draw == surface;
    if (surface->frame_begun && (!mine || dc_context_has_drawn(dc_current)))
        return; // the next frame takes it
    if (!surface->window || !dc_window_get_size(surface->window, &width, &height) || width <= 0 || height <= 0)
        return;
    // The worker makes no larger ones.
    EGLint max_width = surface->config->max_pbuffer_width, max_height = surface->config->max_pbuffer_height;
    __atomic_store_n(&surface->width, width < max_width ? width : max_width, __ATOMIC_RELAXED);
    __atomic_store_n(&surface->height, height < max_height ? height : max_height, __ATOMIC_RELAXED);
    if (surface->frame_begun && !dc_process_is_lost(surface->process))
        send_size(surface, dc_current);
}

/* The frame shows every input event that the application had read before this moment. The id is read first: an event
 * that is written after it makes its bytes appear in the socket, and then the older id holds. */
static void
note_input(struct dc_surface *surface)
{
    uint64_t *last_read = dc_window_input_id(surface->window);
    uint64_t id = dc_process_input_id(surface->process);
    if (dc_window_all_read(surface->window))
        __atomic_store_n(last_read, id, __ATOMIC_RELAXED);
    surface->input_id = __atomic_load_n(last_read, __ATOMIC_RELAXED);
}

void
dc_surface_begin_frame(struct dc_context *context)
{
    struct dc_surface *surface = context->draw;
    if (!surface || surface->frame_begun)
        return;
    if (surface->window && !dc_process_is_lost(context->process)) {
        note_input(surface);
        dc_surface_take_size(surface);
        send_size(surface, context);
    }
    surface->first_command_us = dc_clock_now_us();
    surface->frame_begun = true;
    context->drawn = false;
}

/* The worker gives a window's buffers out in an order of its own until the application has once asked for their age: they
 * then come back after DC_SURFACE_AGE frames, and so nobody has to be asked. */
EGLint
dc_surface_get_age(struct dc_surface *surface)
{
    struct dc_context *context = dc_current;
    surface->age_asked = true;
    if (!surface->window || surface->config->samples > 1 || dc_process_is_lost(surface->process))
        return 0;
    dc_surface_take_size(surface);
    uint32_t epoch = dc_process_epoch(surface->process);
    if (surface->keeps_epoch != epoch) { // another worker has none of the old frames
        surface->keeps_epoch = epoch;
        surface->keeps_since = surface->seq + 1;
    }
    if (!surface->keeps_buffers) {
        surface->keeps_buffers = true;
        surface->keeps_since = surface->seq + 1;
        dc_context_make_room(context, COMMAND_WORDS);
        dc_enc_dcSurfaceKeep(&context->encoder, surface->id);
        if (!surface->frame_begun)
            dc_context_leave_no_room(context);
    }
    bool same_size = surface->sent_width == surface->width && surface->sent_height == surface->height;
    bool kept = surface->seq + 1 >= surface->keeps_since + DC_SURFACE_AGE;
    return same_size && kept ? (EGLint)DC_SURFACE_AGE : 0;
}

/* Ends the frame in the ring. */
static void
submit_frame(struct dc_surface *surface, struct dc_context *context)
{
    dc_surface_begin_frame(context); // a swap without any drawing is a frame, too
    surface->seq++;
    dc_context_make_room(context, COMMAND_WORDS);
    dc_enc_dcSwap(&context->encoder, surface->id, surface->seq);
    dc_context_flush(context);
    dc_process_count_frame(context->process);
    dc_gles_count_frame(context);
    surface->frame_begun = surface->age_asked = surface->damage_set = false;
    dc_context_leave_no_room(context);
}

/* The worker is to be at most two frames behind; those that are under way there, or their credits back, count extra. */
static uint64_t
max_frames_in_flight(const struct dc_process *process)
{
    uint32_t rtt_us = __atomic_load_n(&process->ring.shared->link_rtt_us, __ATOMIC_RELAXED);
    uint32_t on_the_way = rtt_us < 1000 ? 0 : rtt_us / FRAME_US + 1;
    return MAX_FRAMES_IN_FLIGHT + (on_the_way < MAX_FRAMES_ON_THE_WAY ? on_the_way : MAX_FRAMES_ON_THE_WAY);
}

/*
 * SDL and others set the swap interval to 0 and wait for frame callbacks of their own before they swap: input is read, the
 * frame drawn, and then it lies there until the callback comes. If swap N returns at N's callback instead, the
 * application reads its input then, and its wait for N's callback is over before it begins: frames are younger by a
 * period less the time it takes to draw. An application that takes most of a period to draw is left alone for a while,
 * and now and then one swap does not wait, so that the compositor sees whether the application still does.
 */
static bool
is_paced_here(struct dc_surface *surface, const struct dc_process *process, int64_t swap_us)
{
    if (!surface->window || surface->swap_interval != 0 ||
        !__atomic_load_n(&process->ring.shared->app_paced, __ATOMIC_RELAXED))
        return false;
    if (surface->own_pace_frames > 0) {
        surface->own_pace_frames--;
        return false;
    }
    if (surface->returned_us && swap_us - surface->returned_us > FRAME_US * 7 / 10) {
        surface->own_pace_frames = 30;
        return false;
    }
    return surface->seq % 64 != 0;
}

static EGLint
swap(struct dc_surface *surface, const EGLint *rects, EGLint rect_count)
{
    struct dc_context *context = dc_current;
    EGLint width, height;
    if (dc_process_is_lost(context->process) || context->lost)
        return EGL_CONTEXT_LOST;
    if (surface->window && !dc_window_get_size(surface->window, &width, &height))
        return EGL_BAD_NATIVE_WINDOW;
    int64_t swap_us = dc_clock_now_us();
    submit_frame(surface, context);
    bool paced = is_paced_here(surface, context->process, swap_us);
    if (surface->window) {
        // The worker is busy with the frame while we wait for our turn on the screen.
        EGLint error = dc_window_wait_frame(surface->window);
        if (error == EGL_SUCCESS)
            error = dc_window_commit(surface->window, rects, rect_count, swap_us, paced || surface->swap_interval > 0);
        if (error != EGL_SUCCESS)
            return error;
    }
    uint64_t in_flight = max_frames_in_flight(context->process);
    if (surface->seq > in_flight && !dc_credit_wait(context->process, &surface->credit, surface->seq - in_flight))
        return EGL_CONTEXT_LOST;
    if (paced) {
        EGLint error = dc_window_wait_frame(surface->window);
        if (error != EGL_SUCCESS)
            return error;
    }
    surface->returned_us = paced ? dc_clock_now_us() : 0;
    return EGL_SUCCESS;
}

/* The surface behind the handle if it is current here; error set when NULL. It stays while it is current. */
static struct dc_surface *
require_current(EGLDisplay handle, EGLSurface surface_handle)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    struct dc_surface *surface = display ? dc_surface_lookup(display, surface_handle) : NULL;
    pthread_mutex_unlock(&dc_egl_lock);
    if (display && (!surface || !dc_current || dc_current->draw != surface)) {
        dc_egl_fail(EGL_BAD_SURFACE);
        return NULL;
    }
    return surface;
}

EGLBoolean
dc_eglSwapBuffersWithDamage(EGLDisplay handle, EGLSurface surface_handle, const EGLint *rects, EGLint count)
{
    struct dc_surface *surface = require_current(handle, surface_handle);
    if (!surface)
        return EGL_FALSE;
    if (surface->type == EGL_WINDOW_BIT && (count < 0 || (count > 0 && !rects)))
        return dc_egl_fail(EGL_BAD_PARAMETER);
    EGLint error = swap(surface, rects, count);
    return error == EGL_SUCCESS ? dc_egl_succeed() : dc_egl_fail(error);
}

EGLBoolean
dc_eglSwapBuffers(EGLDisplay handle, EGLSurface surface)
{
    return dc_eglSwapBuffersWithDamage(handle, surface, NULL, 0);
}

/* A hint, which the worker has no use for: what it needs to know of a frame are its commands. */
EGLBoolean
dc_eglSetDamageRegionKHR(EGLDisplay handle, EGLSurface surface_handle, EGLint *rects, EGLint count)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    struct dc_surface *surface = display ? dc_surface_lookup(display, surface_handle) : NULL;
    pthread_mutex_unlock(&dc_egl_lock);
    if (!display)
        return EGL_FALSE;
    if (!surface)
        return dc_egl_fail(EGL_BAD_SURFACE);
    if (!dc_current || dc_current->draw != surface || surface->type != EGL_WINDOW_BIT)
        return dc_egl_fail(EGL_BAD_MATCH);
    if (!surface->age_asked || surface->damage_set)
        return dc_egl_fail(EGL_BAD_ACCESS);
    if (count < 0 || (count > 0 && !rects))
        return dc_egl_fail(EGL_BAD_PARAMETER);
    surface->damage_set = true;
    return dc_egl_succeed();
}

EGLBoolean
dc_eglSwapInterval(EGLDisplay handle, EGLint interval)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    pthread_mutex_unlock(&dc_egl_lock);
    if (!display)
        return EGL_FALSE;
    if (!dc_current || dc_egl_current()->display != display)
        return dc_egl_fail(EGL_BAD_CONTEXT);
    struct dc_surface *surface = dc_current->draw;
    if (!surface || !surface->linked)
        return dc_egl_fail(EGL_BAD_SURFACE);
    if (surface->type == EGL_WINDOW_BIT) {
        EGLint lowest = surface->config->min_swap_interval, highest = surface->config->max_swap_interval;
        surface->swap_interval = interval < lowest ? lowest : (interval > highest ? highest : interval);
    }
    return dc_egl_succeed();
}

EGLBoolean
dc_eglCopyBuffers(EGLDisplay handle, EGLSurface surface_handle, EGLNativePixmapType target)
{
    pthread_mutex_lock(&dc_egl_lock);
    struct dc_display *display = dc_display_require(handle);
    struct dc_surface *surface = display ? dc_surface_lookup(display, surface_handle) : NULL;
    pthread_mutex_unlock(&dc_egl_lock);
    if (!display)
        return EGL_FALSE;
    return dc_egl_fail(surface ? EGL_BAD_NATIVE_PIXMAP : EGL_BAD_SURFACE); // there are no pixmaps
}
