/* A window: wl_egl_window on the application's side, one wl_buffer per swap on the compositor's. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include <wayland-client.h>
#include <wayland-egl-backend.h>

#include "config.h"
#include "surface.h"
#include "wayland.h"
#include "wayland_priv.h"

#define POLL_SLICE_MS 500 // how long a wait for the compositor sleeps before it looks whether the worker is there

struct buffer {
    struct dc_window *window;
    struct buffer *next;
    struct wl_buffer *proxy; // owned
};

struct dc_window {
    struct dc_surface *surface;
    struct dc_wayland *wayland;   // one reference
    struct wl_egl_window *native; // the application's; NULL when it is gone
    struct wl_event_queue *queue; // owned, like the rest
    struct wl_surface *surface_wrapper;
    struct dc_buffer_manager_v1 *manager_wrapper;
    struct wl_callback *frame;  // of the last swap, until the compositor wants another one
    struct buffer *buffers;     // attached and not yet released
};

static void
handle_frame(void *data, struct wl_callback *callback, uint32_t time_ms)
{
    struct dc_window *window = data;
    wl_callback_destroy(callback);
    window->frame = NULL;
}

static const struct wl_callback_listener frame_listener = { .done = handle_frame };

static void
buffer_destroy(struct buffer *buffer)
{
    struct buffer **at = &buffer->window->buffers;
    while (*at && *at != buffer)
        at = &(*at)->next;
    if (*at)
        *at = buffer->next;
    wl_buffer_destroy(buffer->proxy);
    free(buffer);
}

static void
handle_release(void *data, struct wl_buffer *proxy)
{
    buffer_destroy(data);
}

static const struct wl_buffer_listener buffer_listener = { .release = handle_release };

/* wl_egl_window_resize(). Before the frame's first drawing the new size counts at once, as with Mesa; later it is the
 * next frame's. */
static void
handle_resize(struct wl_egl_window *native, void *data)
{
    struct dc_window *window = data;
    dc_surface_take_size(window->surface);
}

static void
handle_native_destroyed(void *data)
{
    struct dc_window *window = data;
    window->native = NULL;
}

/* The surface of a wl_egl_window. Libraries before version 3 of its ABI had it in the first field. */
static struct wl_surface *
native_surface(struct wl_egl_window *native)
{
    return native->version > 0 && native->version < 4096 ? native->surface : (struct wl_surface *)native->version;
}

static bool
make_proxies(struct dc_window *window, struct wl_surface *wl_surface)
{
    struct dc_wayland *wayland = window->wayland;
    window->queue = wl_display_create_queue(wayland->display);
    window->surface_wrapper = wl_proxy_create_wrapper(wl_surface);
    window->manager_wrapper = wl_proxy_create_wrapper(wayland->manager);
    if (!window->queue || !window->surface_wrapper || !window->manager_wrapper)
        return false;
    wl_proxy_set_queue((struct wl_proxy *)window->surface_wrapper, window->queue);
    wl_proxy_set_queue((struct wl_proxy *)window->manager_wrapper, window->queue);
    return true;
}

EGLint
dc_window_create(struct dc_surface *surface, struct dc_wayland *wayland, void *native_handle)
{
    struct wl_egl_window *native = native_handle;
    if (native->driver_private)
        return EGL_BAD_ALLOC; // it has a surface already
    struct dc_window *window = calloc(1, sizeof(*window));
    if (!window)
        return EGL_BAD_ALLOC;
    window->surface = surface;
    window->wayland = dc_wayland_ref(wayland);
    if (!make_proxies(window, native_surface(native))) {
        dc_window_destroy(window);
        return EGL_BAD_ALLOC;
    }
    window->native = native;
    native->driver_private = window;
    native->resize_callback = handle_resize;
    native->destroy_window_callback = handle_native_destroyed;
    surface->window = window;
    surface->width = native->width;
    surface->height = native->height;
    return EGL_SUCCESS;
}

void
dc_window_release_native(struct dc_window *window)
{
    if (!window || !window->native)
        return;
    window->native->driver_private = NULL;
    window->native->resize_callback = NULL;
    window->native->destroy_window_callback = NULL;
    window->native = NULL;
}

void
dc_window_destroy(struct dc_window *window)
{
    if (!window)
        return;
    dc_window_release_native(window);
    while (window->buffers)
        buffer_destroy(window->buffers);
    if (window->frame)
        wl_callback_destroy(window->frame);
    if (window->manager_wrapper)
        wl_proxy_wrapper_destroy(window->manager_wrapper);
    if (window->surface_wrapper)
        wl_proxy_wrapper_destroy(window->surface_wrapper);
    if (window->queue)
        wl_event_queue_destroy(window->queue);
    dc_wayland_unref(window->wayland);
    free(window);
}

bool
dc_window_get_size(const struct dc_window *window, EGLint *width, EGLint *height)
{
    if (!window->native)
        return false;
    *width = window->native->width;
    *height = window->native->height;
    return true;
}

bool
dc_window_all_read(const struct dc_window *window)
{
    int unread_bytes = 0;
    return ioctl(wl_display_get_fd(window->wayland->display), FIONREAD, &unread_bytes) == 0 && unread_bytes == 0;
}

uint64_t *
dc_window_input_id(struct dc_window *window)
{
    return &window->wayland->input_id;
}

/* Dispatches our queue once, sleeping at most a slice. false: the connection is broken. */
static bool
dispatch(struct dc_window *window, int timeout_ms)
{
    struct wl_display *display = window->wayland->display;
    if (wl_display_prepare_read_queue(display, window->queue) != 0)
        return wl_display_dispatch_queue_pending(display, window->queue) >= 0;
    if (wl_display_flush(display) < 0 && errno != EAGAIN) {
        wl_display_cancel_read(display);
        return false;
    }
    struct pollfd pollfd = { .fd = wl_display_get_fd(display), .events = POLLIN };
    if (poll(&pollfd, 1, timeout_ms) <= 0) {
        wl_display_cancel_read(display);
        return true;
    }
    return wl_display_read_events(display) >= 0 && wl_display_dispatch_queue_pending(display, window->queue) >= 0;
}

EGLint
dc_window_wait_frame(struct dc_window *window)
{
    // Releases of older buffers lie in the queue even when there is nothing to wait for.
    if (wl_display_dispatch_queue_pending(window->wayland->display, window->queue) < 0)
        return EGL_BAD_NATIVE_WINDOW;
    while (window->frame) {
        if (!dispatch(window, POLL_SLICE_MS))
            return EGL_BAD_NATIVE_WINDOW;
        if (window->frame && dc_process_is_lost(window->surface->process))
            return EGL_CONTEXT_LOST;
    }
    return EGL_SUCCESS;
}

static struct buffer *
buffer_create(struct dc_window *window, int64_t swap_us)
{
    const struct dc_surface *surface = window->surface;
    struct buffer *buffer = calloc(1, sizeof(*buffer));
    if (!buffer)
        return NULL;
    bool opaque = surface->present_opaque || surface->config->alpha_size == 0;
    uint64_t first_us = surface->first_command_us, swap = swap_us;
    buffer->window = window;
    buffer->proxy = dc_buffer_manager_v1_create_buffer(
        window->manager_wrapper, surface->process->ring_id, surface->id, surface->seq >> 32, (uint32_t)surface->seq,
        surface->sent_width, surface->sent_height,
        opaque ? DC_BUFFER_MANAGER_V1_FORMAT_XRGB : DC_BUFFER_MANAGER_V1_FORMAT_ARGB, surface->input_id >> 32,
        (uint32_t)surface->input_id, first_us >> 32, (uint32_t)first_us, swap >> 32, (uint32_t)swap);
    if (!buffer->proxy) {
        free(buffer);
        return NULL;
    }
    wl_buffer_add_listener(buffer->proxy, &buffer_listener, buffer);
    buffer->next = window->buffers;
    window->buffers = buffer;
    return buffer;
}

/* EGL's rectangles count from the bottom, Wayland's from the top. */
static void
damage(struct dc_window *window, const EGLint *rects, EGLint rect_count)
{
    struct wl_surface *wl_surface = window->surface_wrapper;
    bool has_buffer_damage = wl_proxy_get_version((struct wl_proxy *)wl_surface) >= 4;
    if (!has_buffer_damage || rect_count == 0) {
        wl_surface_damage(wl_surface, 0, 0, INT32_MAX, INT32_MAX);
        return;
    }
    for (const EGLint *r = rects; r < rects + 4 * rect_count; r += 4)
        wl_surface_damage_buffer(wl_surface, r[0], window->surface->sent_height - r[1] - r[3], r[2], r[3]);
}

static void
attach(struct wl_surface *wl_surface, struct wl_buffer *buffer, int dx, int dy)
{
    if (wl_proxy_get_version((struct wl_proxy *)wl_surface) >= WL_SURFACE_OFFSET_SINCE_VERSION) {
        wl_surface_attach(wl_surface, buffer, 0, 0); // an offset here is an error since version 5
        if (dx || dy)
            wl_surface_offset(wl_surface, dx, dy);
    } else {
        wl_surface_attach(wl_surface, buffer, dx, dy);
    }
}

EGLint
dc_window_commit(struct dc_window *window, const EGLint *rects, EGLint rect_count, int64_t swap_us,
                 bool want_frame)
{
    struct dc_surface *surface = window->surface;
    struct buffer *buffer = buffer_create(window, swap_us);
    if (!buffer)
        return EGL_BAD_ALLOC;
    if (want_frame) {
        window->frame = wl_surface_frame(window->surface_wrapper);
        if (window->frame)
            wl_callback_add_listener(window->frame, &frame_listener, window);
    }
    int dx = 0, dy = 0;
    if (window->native) {
        dx = window->native->dx;
        dy = window->native->dy;
        window->native->dx = window->native->dy = 0;
        window->native->attached_width = surface->sent_width;
        window->native->attached_height = surface->sent_height;
    }
    attach(window->surface_wrapper, buffer->proxy, dx, dy);
    damage(window, rects, rect_count);
    wl_surface_commit(window->surface_wrapper);
    wl_display_flush(window->wayland->display);
    return EGL_SUCCESS;
}
