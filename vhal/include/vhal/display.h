#ifndef DC_VHAL_DISPLAY_H
#define DC_VHAL_DISPLAY_H
/*
 * The display HAL: a Wayland compositor that composes nothing itself. It decides what is on screen and tells the worker
 * (a present); pixels stay on the GPU server. Shared-memory clients' damage is uploaded through `upload`.
 * Everything runs on one thread, that of the wl_event_loop.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <vhal/input.h>

struct dc_display;
struct wl_event_loop;

struct dc_display_layer { // back to front
    uint32_t ring_id, surface_id; // ring 0 is not valid; shm images are on the supervisor's own ring
    uint64_t seq;
    int32_t x, y;
    uint32_t width, height;
    int32_t src_x, src_y;           // 24.8
    uint32_t src_width, src_height; // 24.8, 0: whole image
    bool opaque, y_inverted;
};

struct dc_display_present {
    uint64_t present_id;
    const struct dc_display_layer *layers;
    uint32_t layer_count;
    const uint64_t *input_ids;
    uint32_t input_id_count;
    int64_t first_command_us, swap_us, present_us;
};

struct dc_display_listener {
    /* Required. What is on screen changed. */
    void (*handle_present)(void *user, const struct dc_display_present *present);
    /* Required: does this ring belong to the process `pid`? (dc_buffer_manager_v1) */
    bool (*check_ring)(void *user, uint32_t ring_id, pid_t pid);
    /* Required. Shared-memory images on the supervisor's ring. `pixels` is BGRA/BGRX little-endian memory order
     * (wl_shm argb8888/xrgb8888), borrowed. */
    uint32_t (*image_create)(void *user, uint32_t width, uint32_t height, bool alpha); // image id, 0: none
    void (*image_upload)(void *user, uint32_t image, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
                         const void *pixels, uint32_t stride_bytes);
    void (*image_commit)(void *user, uint32_t image, uint64_t seq);
    void (*image_destroy)(void *user, uint32_t image);
    uint32_t (*image_ring)(void *user); // ring id of the images
    /* Required. An input event was written to the socket of this process (its ring's input_id is set from it), after
     * the flush. */
    void (*handle_input_sent)(void *user, pid_t pid, uint64_t input_id);
    /* Optional. The process waits for frame callbacks of its own between its swaps (SDL), or does so no more. */
    void (*handle_paced)(void *user, pid_t pid, bool paced);
    /* Optional. First mapped toplevel / last one gone. */
    void (*handle_mapped)(void *user, bool any);
};

struct dc_display_config {
    uint32_t width, height, refresh_mhz;
    const char *socket_name; // in XDG_RUNTIME_DIR, e.g. "wayland-dc-0"; NULL: first free
};

struct dc_display *dc_display_create(const struct dc_display_config *config, const struct dc_display_listener *listener,
                                     void *user);
void dc_display_destroy(struct dc_display *display);
const char *dc_display_socket_name(const struct dc_display *display);
/* For the caller's poll loop: readable → dispatch. flush after anything that may have sent events. */
int dc_display_fd(const struct dc_display *display);
void dc_display_dispatch(struct dc_display *display);
void dc_display_handle_input(struct dc_display *display, const struct dc_input_event *event);
/* The worker says that an image may be rendered to again → wl_buffer.release. */
void dc_display_handle_release(struct dc_display *display, uint32_t ring_id, uint32_t surface_id, uint64_t seq);
/* The worker executed a present (presentation feedback). */
void dc_display_handle_present_done(struct dc_display *display, uint64_t present_id, int64_t time_us);
/* The worker is gone and answers nothing of what it owes; the picture is to be sent again when another one is there. */
void dc_display_handle_worker_lost(struct dc_display *display);
/* How long an answer of the worker is under way: that much later is not late. 0 until said. */
void dc_display_set_link_rtt(struct dc_display *display, int64_t rtt_us);
/* Emulated vsync until a client's phase is known. */
void dc_display_set_refresh(struct dc_display *display, uint32_t refresh_mhz);
/* Moves the emulated vsync by this much (positive: later), smoothly, so that frames reach the client's display in time. */
void dc_display_shift_phase(struct dc_display *display, int64_t shift_us);
/* Sends the current picture again (a new client or a restarted encoder needs one). */
void dc_display_repaint(struct dc_display *display);

#endif
