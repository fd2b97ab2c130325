#ifndef DC_DISPLAY_DATA_DEVICE_H
#define DC_DISPLAY_DATA_DEVICE_H
/* wl_data_device: the clipboard between the instance's own programs. Drag and drop is answered with "cancelled". */
#include <wayland-server-core.h>

struct dc_data_source;
struct dc_display;

struct dc_selection {
    struct wl_list devices;         // wl_data_device resources
    struct dc_data_source *source;  // NULL: empty
    struct wl_listener source_destroyed;
};

void dc_selection_init(struct dc_selection *selection);
/* This client has the keyboard now: it hears what is on the clipboard. */
void dc_data_device_focus(struct dc_display *display, struct wl_client *client);

#endif
