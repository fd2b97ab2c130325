#ifndef DC_FRONTEND_EGL_WAYLAND_PRIV_H
#define DC_FRONTEND_EGL_WAYLAND_PRIV_H
/* Shared by wayland.c (the connection) and window.c. */
#include <stdbool.h>
#include <stdint.h>

#include <wayland-client.h>

#include <droidcloud-buffer-v1-client-protocol.h>

struct dc_wayland {
    int refs; // protected by dc_egl_lock: the display and every window
    struct wl_display *display;
    struct wl_display *own_display; // owned; NULL when the application connected
    struct wl_event_queue *queue;   // owned
    struct wl_display *wrapper;     // owned
    struct wl_registry *registry;   // owned
    struct dc_buffer_manager_v1 *manager; // owned
    uint64_t input_id; // __atomic: last input event that the application is known to have read
};

#endif
