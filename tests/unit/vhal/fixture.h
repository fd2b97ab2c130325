#ifndef DC_TEST_VHAL_FIXTURE_H
#define DC_TEST_VHAL_FIXTURE_H
/*
 * A display and a Wayland client in one process and thread: pump() lets each speak until both are silent. The listener
 * writes down what the display asks for.
 */
#include <stdbool.h>
#include <stdint.h>

#include <vhal/display.h>
#include <wayland-client.h>

#include <droidcloud-buffer-v1-client-protocol.h>
#include <xdg-shell-client-protocol.h>

#define MAX_RECORDS 256

struct recorded_present {
    uint64_t present_id;
    struct dc_display_layer layers[16];
    uint32_t layer_count;
    uint64_t input_ids[16];
    uint32_t input_id_count;
    int64_t first_command_us, swap_us;
};

struct recorded_upload {
    uint32_t image, x, y, width, height;
    uint32_t first_pixel;
};

struct fixture {
    char dir[32];
    struct dc_display *display;
    // what the display asked for
    struct recorded_present presents[MAX_RECORDS];
    uint32_t present_count;
    struct recorded_upload uploads[MAX_RECORDS];
    uint32_t upload_count, images_created, images_alive, commits;
    uint64_t input_sent; // last id
    uint32_t input_sent_count;
    bool mapped, allow_ring, paced;
    uint32_t paced_calls;
    // the client
    struct wl_display *client;
    struct wl_registry *registry;
    struct wl_compositor *compositor;
    struct wl_subcompositor *subcompositor;
    struct wl_shm *shm;
    struct wl_seat *seat;
    struct wl_output *output;
    struct xdg_wm_base *wm_base;
    struct wl_data_device_manager *data_devices;
    struct dc_buffer_manager_v1 *buffers;
    uint32_t global_count;
};

int fixture_setup(void **state);
int fixture_teardown(void **state);
void pump(struct fixture *f);
void pump_for(struct fixture *f, int milliseconds);
const struct recorded_present *last_present(const struct fixture *f);

/* A toplevel that acknowledges every configure. */
struct window {
    struct fixture *f;
    struct wl_surface *surface;
    struct xdg_surface *xdg;
    struct xdg_toplevel *toplevel;
    int32_t width, height; // of the last configure
    uint32_t configures;
    bool activated, maximized;
};

void window_init(struct window *w, struct fixture *f); // ends after the first commit and its configure
void window_finish(struct window *w);
/* A shm buffer filled with `pixel`. */
struct wl_buffer *make_shm_buffer(struct fixture *f, int32_t width, int32_t height, uint32_t pixel, uint32_t format);
void window_show(struct window *w, struct wl_buffer *buffer, int32_t width, int32_t height); // attach, damage, commit
void window_show_shm(struct window *w, int32_t width, int32_t height, uint32_t pixel);

#endif
