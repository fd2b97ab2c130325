#ifndef DC_FRONTEND_EGL_WAYLAND_SERVER_H
#define DC_FRONTEND_EGL_WAYLAND_SERVER_H
/*
 * EGL_WL_bind_wayland_display: the application is a compositor itself. Its clients find dc_buffer_manager_v1 there, as
 * they would at the instance's own compositor, and their buffers are names of pictures on the worker.
 */
#include <stdbool.h>
#include <stdint.h>

struct wl_resource;

struct dc_server_buffer {
    uint32_t ring_id, surface_id;
    uint64_t seq;
    int32_t width, height;
    bool has_alpha;
};

/* NULL: no buffer of ours. */
const struct dc_server_buffer *dc_server_buffer_from_resource(struct wl_resource *resource);

#endif
