#ifndef DC_DISPLAY_COMPOSITOR_H
#define DC_DISPLAY_COMPOSITOR_H
/*
 * What the compositor's files share. Everything runs on the thread of the wl_event_loop; wl_resource user data is the
 * object it stands for, or NULL once that object is gone (a resource may outlive it).
 */
#include <vhal/display.h>

#include <wayland-server-core.h>

#include "data_device.h"
#include "presenter.h"
#include "seat.h"
#include "vsync.h"

#define DC_DISPLAY_MAX_SURFACES_PER_CLIENT 512
#define DC_DISPLAY_MAX_SIZE 8192 // pixels; also the GL limit that every driver has
#define DC_DISPLAY_MAX_LAYERS 64

struct dc_display {
    struct wl_display *wl;       // owned
    struct wl_event_loop *loop;  // the wl_display's
    struct dc_display_listener listener;
    void *user;
    uint32_t width, height, refresh_mhz;
    char *socket_name; // owned; as clients name it in WAYLAND_DISPLAY
    struct wl_listener client_created;
    struct wl_list clients;          // dc_client.link
    struct wl_list surfaces;         // dc_surface.link, every one
    struct wl_list toplevels;        // dc_toplevel.stack_link, mapped ones back to front
    struct wl_list all_toplevels;    // dc_toplevel.link
    struct dc_toplevel *focus;       // has the keyboard; NULL: no window
    struct wl_list popups;           // dc_popup.stack_link, mapped ones back to front
    struct wl_list gpu_buffers;      // dc_gpu_buffer.link, committed and not released by the worker
    struct wl_list output_resources; // wl_output
    struct dc_vsync vsync;
    bool frames_due; // a tick has come, but the worker is not ready for another frame
    struct dc_presenter presenter;
    struct dc_seat seat;
    struct dc_selection selection;
    bool mapped; // handle_mapped(true) was said
};

/* Presents if something is due, then flushes every client: at the end of each entry from outside. */
void dc_display_settle(struct dc_display *display);

/* Globals, each in its own file. false: out of memory. */
bool dc_compositor_global_create(struct dc_display *display);
bool dc_subcompositor_global_create(struct dc_display *display);
bool dc_buffer_manager_global_create(struct dc_display *display);
bool dc_output_global_create(struct dc_display *display);
bool dc_xdg_output_global_create(struct dc_display *display);
bool dc_xdg_wm_base_global_create(struct dc_display *display);
bool dc_decoration_global_create(struct dc_display *display);
bool dc_data_device_global_create(struct dc_display *display);
bool dc_presentation_global_create(struct dc_display *display);
bool dc_viewporter_global_create(struct dc_display *display);
bool dc_pointer_constraints_global_create(struct dc_display *display);
bool dc_relative_pointer_global_create(struct dc_display *display);

/* wl_output: tells the resources of this surface's client where it is. */
void dc_output_send_enter(struct dc_display *display, struct wl_resource *surface);

#endif
