#ifndef DC_DISPLAY_BUFFER_H
#define DC_DISPLAY_BUFFER_H
/* wl_buffers that name an image on the GPU server (protocol/wayland/droidcloud-buffer-v1.xml). */
#include <stdbool.h>
#include <stdint.h>

#include <wayland-server-core.h>

struct dc_content;
struct dc_display;

struct dc_gpu_buffer {
    struct wl_resource *resource;
    struct wl_list link; // dc_display.gpu_buffers while the client waits for its release
    uint32_t ring_id, surface_id;
    uint64_t seq;
    uint32_t width, height;
    bool has_alpha;
    bool presented; // a present named it: the worker says when it is free again
    uint64_t input_id;
    int64_t first_command_us, swap_us;
};

struct dc_gpu_buffer *dc_gpu_buffer_from_resource(struct wl_resource *buffer); // NULL: not one of ours
/* The buffer becomes what a surface shows; input events and times join the next present. */
void dc_gpu_buffer_commit(struct dc_display *display, struct dc_gpu_buffer *buffer, struct dc_content *content);
/* A surface shows something else now: free at once if no present ever named it. */
void dc_gpu_buffer_superseded(struct dc_display *display, const struct dc_content *content);
void dc_gpu_buffer_mark_presented(struct dc_display *display, const struct dc_content *content);
/* The worker's word. */
/* Nobody will say any more which images it needs. */
void dc_gpu_buffer_release_all(struct dc_display *display);
void dc_gpu_buffer_release(struct dc_display *display, uint32_t ring_id, uint32_t surface_id, uint64_t seq);

#endif
