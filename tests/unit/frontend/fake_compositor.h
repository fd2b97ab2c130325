#ifndef DC_TEST_FAKE_COMPOSITOR_H
#define DC_TEST_FAKE_COMPOSITOR_H
/* A Wayland compositor of wl_compositor and dc_buffer_manager_v1 alone, on a thread; it shows nothing and notes what
 * arrives. */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <wayland-server.h>

struct fake_buffer {
    uint32_t ring_id, surface_id, format;
    uint64_t seq, input_id, first_us, swap_us;
    int32_t width, height;
};

struct fake_compositor {
    struct wl_display *display;
    pthread_t thread;
    pthread_mutex_t lock;
    // protected by lock
    struct fake_buffer attached; // by the last commit
    uint32_t commits, frames_asked, buffers_alive;
    int32_t damage[4]; // the last buffer damage, or zeros
    bool answer_frames, stop;
    struct wl_list frames; // callbacks waiting
    struct wl_resource *pending, *shown; // buffers
};

/* `client_fd` receives the client's end of a connection. */
void fake_compositor_start(struct fake_compositor *fake, int *client_fd);
void fake_compositor_stop(struct fake_compositor *fake);
/* false: callbacks wait until it is true again. */
void fake_compositor_answer_frames(struct fake_compositor *fake, bool answer);

#endif
