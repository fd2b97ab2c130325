#ifndef DC_FRONTEND_EGL_WAYLAND_H
#define DC_FRONTEND_EGL_WAYLAND_H
/*
 * The Wayland platform: the display's globals and the windows. Everything runs on event queues of our own through proxy
 * wrappers, so that the application's dispatching and ours never meet.
 */
#include <stdbool.h>
#include <stdint.h>

#include <EGL/egl.h>

struct dc_surface;
struct dc_wayland;
struct dc_window;
struct wl_display;

/* Connects (native NULL: a connection of our own) and finds our compositor's globals: one round trip, at eglInitialize.
 * NULL: no compositor, or not ours; logged. */
struct dc_wayland *dc_wayland_create(struct wl_display *native);
struct dc_wayland *dc_wayland_ref(struct dc_wayland *wayland);
void dc_wayland_unref(struct dc_wayland *wayland);

/* Makes surface->window and its first size from a wl_egl_window. EGL error or EGL_SUCCESS. */
EGLint dc_window_create(struct dc_surface *surface, struct dc_wayland *wayland, void *native);
void dc_window_destroy(struct dc_window *window); // accepts NULL
/* The wl_egl_window is no longer ours. Accepts NULL. */
void dc_window_release_native(struct dc_window *window);
/* false: the application destroyed the wl_egl_window. */
bool dc_window_get_size(const struct dc_window *window, EGLint *width, EGLint *height);
/* True if the application has read every byte that the compositor sent. */
bool dc_window_all_read(const struct dc_window *window);
/* The last input event that was known read at the last look; kept per connection. */
uint64_t *dc_window_input_id(struct dc_window *window);

/* Waits for the frame callback of the previous swap, if one was asked for. EGL error or EGL_SUCCESS. */
EGLint dc_window_wait_frame(struct dc_window *window);
/* Attaches frame `surface->seq`, damages, commits, flushes. `rects`: x, y, width, height from the bottom left, or NULL
 * for everything. `want_frame`: with a frame callback to wait for. EGL error or EGL_SUCCESS. */
EGLint dc_window_commit(struct dc_window *window, const EGLint *rects, EGLint rect_count, int64_t swap_us,
                        bool want_frame);

#endif
